"""The gates, which are commands of the Makefile: the same before whatever is merged, published or deployed."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import jenkins  # noqa: E402
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


def test_both_pipelines(github):
    """Jenkins and GitHub have the very same gates: whatever one of them asks for, the other does, too."""
    ours = made(jenkins.did(timer=True))
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


def test_when_a_registry_is_set_up(root):
    """The gate of half an hour runs when what it checks has changed, in both pipelines the same files, and weekly"""
    when = workflows.read("registry.yml")[True]
    changes = set(re.findall("changeset '(.*)'", (root / "Jenkinsfile").read_text()))
    assert changes | {".github/workflows/registry.yml"} == set(when["push"]["paths"])
    assert when["pull_request"]["paths"] == when["push"]["paths"] and when["schedule"]
