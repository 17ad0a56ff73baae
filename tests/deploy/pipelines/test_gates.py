"""The gates, which are commands of the Makefile: the same before whatever is merged, published or deployed."""

import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import jenkins  # noqa: E402
import workflows  # noqa: E402

#: Commands of the Makefile that are no gates: they make or measure something, or are part of another.
NO_GATES = {"bench", "build", "fuzz", "help", "load", "package", "run"}
#: Where a step may do more than call make or a script: nothing of ours is on the machine yet, or it is GitHub's own.
OWN = ("apt-get update && apt-get install ", "git config --system --add safe.directory '*'", "gh release create ")


@pytest.fixture(scope="module")
def targets(root) -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*##", (root / "Makefile").read_text(), re.MULTILINE))


def made(commands: list[str]) -> set[str]:
    return {command.removeprefix("make ") for command in commands if command.startswith("make ")}


def test_gates(root, targets):
    """Jenkins and GitHub have the same gates, each command of the Makefile that checks something; .ci/run has some"""
    jobs = [job for name in ("ci.yml", "registry.yml", "setup.yml") for job in workflows.read(name)["jobs"].values()]
    github = {gate for job in jobs for gate in made(workflows.commands(job))}
    assert made(jenkins.did(timer=True)) == github == targets - NO_GATES
    assert {"lint", "test", "check-deploy"} <= made((root / ".ci/run").read_text().splitlines()) <= github


def test_no_logic(root, targets):
    """Each command of both pipelines is a target of the Makefile or a script that is there, and nothing around it"""
    jobs = [job for file in workflows.FILES for job in workflows.read(file.name)["jobs"].values()]
    ours = [command for job in jobs for command in workflows.commands(job) if not command.startswith(OWN)]
    for command in ours + jenkins.did(environment="staging", fails="scripts/try-release.sh"):
        assert re.fullmatch(r'(make|scripts/[\w-]+\.sh)( [\w/.-]+| "\$[A-Z_]+")+', command), command
        tool, what = command.split()[:2]
        assert what in targets if tool == "make" else os.access(root / tool, os.X_OK), command


@pytest.mark.parametrize("workflow", ["main.yml", "release.yml"])
def test_gates_come_first(workflow):
    """Nothing is published or deployed before all gates, by the very workflow that judges each pull request"""
    jobs = workflows.read(workflow)["jobs"]
    assert jobs["gates"]["uses"] == "./.github/workflows/ci.yml"
    for name in set(jobs) - {"gates"}:
        needed = jobs[name]["needs"]
        while needed != "gates":
            needed = needed[0] if isinstance(needed, list) else jobs[needed]["needs"]


@pytest.mark.parametrize(("workflow", "stage"), [("registry.yml", "Registry"), ("setup.yml", "Set-up")])
def test_when_long_gates_run(root, workflow, stage):
    """A gate that takes long runs when what it checks has changed, in both pipelines the same files, and weekly"""
    when = workflows.read(workflow)[True]
    (text,) = re.findall(rf"stage\('{stage}'\).*?\bsteps\b", (root / "Jenkinsfile").read_text(), re.DOTALL)
    changes = set(re.findall("changeset '(.*)'", text))
    assert changes | {f".github/workflows/{workflow}"} == set(when["push"]["paths"])
    assert "triggeredBy 'TimerTrigger'" in text
    assert when["pull_request"]["paths"] == when["push"]["paths"] and when["schedule"]
