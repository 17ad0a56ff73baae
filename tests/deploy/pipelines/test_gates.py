"""The gates, which are commands of the Makefile: the same before whatever is merged, published or deployed."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import jenkinsfile  # noqa: E402
import workflows  # noqa: E402

#: Commands of the Makefile that are no gates: they make or measure something, or are part of another.
NO_GATES = {"bench", "build", "fuzz", "help", "load", "run"}


def targets(root: Path) -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*##", (root / "Makefile").read_text(), re.MULTILINE))


def made(commands: list[str]) -> set[str]:
    return {command.removeprefix("make ") for command in commands if command.startswith("make ")}


@pytest.fixture(scope="module")
def github() -> set[str]:
    return {gate for job in workflows.read("ci.yml")["jobs"].values() for gate in made(workflows.commands(job))}


def test_both_pipelines(jenkins, github):
    """Jenkins and GitHub have the very same gates: whatever one of them asks for, the other does, too."""
    ours = made(jenkinsfile.shells(jenkins))
    assert ours == github, f"in one of them only: {sorted(ours ^ github)}"
    assert len(ours) > 5


def test_no_command_is_left_out(root, github):
    """Each command of the Makefile that checks something is a gate, and each gate is such a command"""
    assert github == targets(root) - NO_GATES


def test_ci_run(root, github):
    """.ci/run, which judges each submission, asks for gates and nothing else"""
    lines = (root / ".ci/run").read_text().splitlines()
    asked = made(lines)
    assert {"lint", "test", "check-deploy"} <= asked <= github


def test_releases_pass_the_gates():
    """A tag becomes a release only after all gates, by the very workflow that judges each commit"""
    jobs = workflows.read("release.yml")["jobs"]
    assert jobs["gates"]["uses"] == "./.github/workflows/ci.yml"
    for name in set(jobs) - {"gates"}:
        needed = jobs[name]["needs"]
        while needed != "gates":
            needed = jobs[needed]["needs"]


def test_nothing_is_deployed_without_the_gates(jenkins):
    """In Jenkins the gates stand before image, publication and deployment, and a failed one ends it"""
    order = [stage["args"][0] for stage in jenkinsfile.section(jenkinsfile.pipeline(jenkins), "stages")["block"]]
    assert order == ["Parameters", "Gates", "Image", "Approval", "Deployment"]
    # Or a failure would be but a colour.
    assert not jenkinsfile.named(jenkinsfile.pipeline(jenkins), "catchError")
