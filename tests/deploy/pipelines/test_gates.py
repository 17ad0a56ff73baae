"""The gates, which are commands of the Makefile: the same before whatever is merged, published or deployed."""

import re
import sys
from pathlib import Path, PurePosixPath

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
    jobs = [job for name in ("ci.yml", "registry.yml") for job in workflows.read(name)["jobs"].values()]
    return {gate for job in jobs for gate in made(workflows.commands(job))}


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


@pytest.mark.parametrize("workflow", ["main.yml", "release.yml"])
def test_gates_come_first(workflow):
    """Nothing is published or deployed before all gates, by the very workflow that judges each pull request"""
    jobs = workflows.read(workflow)["jobs"]
    assert jobs["gates"]["uses"] == "./.github/workflows/ci.yml"
    for name in set(jobs) - {"gates"}:
        needed = jobs[name]["needs"]
        while needed != "gates":
            needed = needed[0] if isinstance(needed, list) else jobs[needed]["needs"]


def test_when_a_registry_is_set_up():
    """The gate of half an hour runs when what it checks has changed, and weekly"""
    when = workflows.read("registry.yml")[True]
    assert when["pull_request"]["paths"] == when["push"]["paths"] and when["schedule"]
    for path in ("playbooks/roles/registry/tasks/main.yml", "scripts/05-deploy-crypto-rates-to-k8s.sh", "tests/registry/hosts.py"):
        assert any(PurePosixPath(path).match(wanted.replace("/**", "/**/*")) or path.startswith(wanted.removesuffix("**"))
                   for wanted in when["push"]["paths"]), path


def test_nothing_is_deployed_without_the_gates(jenkins):
    """In Jenkins the gates stand before image, publication and deployment, and a failed one ends it"""
    order = [stage["args"][0] for stage in jenkinsfile.section(jenkinsfile.pipeline(jenkins), "stages")["block"]]
    assert order == ["Parameters", "Gates", "Image", "Approval", "Deployment"]
    # Or a failure would be but a colour.
    assert not jenkinsfile.named(jenkinsfile.pipeline(jenkins), "catchError")
