"""The workflows of GitHub: what can be told of them without GitHub."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import workflows  # noqa: E402

#: Where a step may do more than call make or a script: nothing of ours is on the machine yet, or it is GitHub's own.
OWN = ("apt-get update && apt-get install ", "git config --system --add safe.directory '*'", 'gh release create "$RELEASE" ')


def jobs() -> list:
    return [
        pytest.param(job, id=f"{file.stem}-{name}")
        for file in workflows.FILES
        for name, job in workflows.read(file.name)["jobs"].items()
    ]


def run(root: Path, *command) -> None:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_schema(root, tools):
    """The workflows and the configuration of Dependabot keep to GitHub's own schemas"""
    for schema, files in ("github-workflows", workflows.FILES), ("dependabot", [root / ".github/dependabot.yml"]):
        run(root, tools / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


def test_lint(root, tools):
    """jactionlint finds nothing wrong in expressions, contexts, events, permissions and scripts"""
    run(root, tools / "jactionlint", "--strict-exit", "--no-online")


def test_security(root, tools):
    """zizmor finds nothing to attack: no injection, no secret left behind, no loose pin, no permission too many"""
    run(root, tools / "zizmor", "--offline", "--persona=auditor", ".github")


def test_linters_notice(root, tools, tmp_path):
    """A title of a pull request put into a shell, a loose pin and a misspelt key are noticed by the linters"""
    text = (root / ".github/workflows/ci.yml").read_text()
    slips = {
        "jactionlint": ("timeout-minutes: 90", "timeout-minute: 90"),
        "zizmor": ('run: make "$GATE"', "run: make ${{ github.event.pull_request.title }}"),
        "check-jsonschema": ("runs-on: ubuntu-24.04\n    container", "runs_on: ubuntu-24.04\n    container"),
    }
    options = {
        "jactionlint": ["--no-online"],
        "zizmor": ["--offline"],
        "check-jsonschema": ["--builtin-schema", "vendor.github-workflows"],
    }
    for tool, (right, slip) in slips.items():
        assert right in text
        file = tmp_path / ".github/workflows" / f"{tool}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace(right, slip))
        assert subprocess.run([tools / tool, *options[tool], file], capture_output=True).returncode, tool


@pytest.mark.parametrize("job", jobs())
def test_no_logic(root, job):
    """Each command of a job is a target of the Makefile or a script that is there"""
    makefile = (root / "Makefile").read_text()
    for command in workflows.commands(job):
        if command.startswith(OWN):
            continue
        words = command.split()
        assert re.fullmatch(r"(make|scripts/[\w-]+\.sh)( [a-z-]+)+", command), command
        assert re.search(f"^{words[1]}:", makefile, re.MULTILINE) if words[0] == "make" else os.access(root / words[0], os.X_OK), command


@pytest.mark.parametrize("job", jobs())
def test_bounds(job):
    """A job has an end, and no more rights than it names: to read, unless it releases"""
    assert "uses" in job or job["timeout-minutes"] <= 120
    writes = {name for name, right in job["permissions"].items() if right != "read"}
    assert not writes or job.get("environment") == "release"


@pytest.mark.parametrize("file", workflows.FILES, ids=lambda file: file.stem)
def test_pins(file):
    """Each action is pinned by a whole commit, with its version beside it, and needs no password"""
    used = re.findall(r"uses: (.*)", file.read_text())
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/workflows/ci\.yml # .*", action), action
    # From those who run the machines anyway, and from those whose signatures these are.
    assert {action.split("/")[0] for action in used} <= {"actions", "sigstore", "."}
    assert workflows.read(file.name)["permissions"] == {}


def test_one_at_a_time():
    """A newer state of a pull request ends the older one's run; commits of main and releases run to their end"""
    assert workflows.read("ci.yml")["concurrency"]["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"
    assert workflows.read("release.yml")["concurrency"] == {"group": "release", "cancel-in-progress": False}


def test_cache():
    """Tools and crates are kept from run to run, by what pins them; nothing that is shipped is built from a cache"""
    steps = workflows.read("ci.yml")["jobs"]["gate"]["steps"]
    (cache,) = [step for step in steps if step.get("uses", "").startswith("actions/cache@")]
    assert "~/.cache/crypto-rates/tools" in cache["with"]["path"]
    assert all(pin in cache["with"]["key"] for pin in ("setup*.sh", "Cargo.lock", "package-lock.json", "requirements.txt"))
    assert "cache" not in str(workflows.read("release.yml"))


def test_history():
    """The gate that scans the history for secrets has all of it"""
    steps = workflows.read("ci.yml")["jobs"]["gate"]["steps"]
    (checkout,) = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["fetch-depth"] == 0


def test_release():
    """A tag brings image, signatures and files for amd64 and arm64, each built on a machine of its kind"""
    release = workflows.read("release.yml")
    # YAML's true is `on`.
    assert release[True] == {"push": {"tags": ["v*"]}}
    machines = {one["processor"]: one["machine"] for one in workflows.variants(release["jobs"]["image"])}
    assert machines == {"amd64": "ubuntu-24.04", "arm64": "ubuntu-24.04-arm"}
    assert workflows.commands(release["jobs"]["image"])[:4] == [
        "make image", "make check-image", "make scan-image", "scripts/publish.sh processor"
    ]
    assert workflows.commands(release["jobs"]["publish"])[0] == "scripts/publish.sh index chart files"
    assert release["env"]["RELEASE"] == "${{ github.ref_name }}"


def test_checkout_of_another_user(root, tmp_path):
    """In GitHub's container root reads a checkout that is another user's, since the workflow lets git; else git is quoted"""
    source, checkout = tmp_path / "source", tmp_path / "checkout"
    environment = os.environ | {
        "GIT_CONFIG_SYSTEM": str(tmp_path / "gitconfig"), "GIT_CONFIG_GLOBAL": os.devnull,
        "GITHUB_WORKSPACE": str(checkout), "DEPLOY_TOOLS": str(Path(sys.executable).parent),
    }

    def ok(*command, **options) -> str:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    shutil.copytree(root / "scripts", source / "scripts")
    ok("git", "init", "--quiet", source)
    ok("git", "-C", source, "add", "scripts")
    ok("git", "-C", source, "-c", "user.name=test", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "scripts")
    ok("git", "clone", "--quiet", f"file://{source}", checkout)
    if os.getuid() == 0:
        ok("chown", "--recursive", "65534:65534", checkout)
    else:
        # Git's own: it takes every checkout for another's.
        environment["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1"

    gate = [checkout / "scripts/supply-chain.sh", "secrets"]
    done = subprocess.run(gate, env=environment, capture_output=True, text=True)
    assert done.returncode != 0 and "dubious ownership" in done.stderr, done.stderr
    assert "unshallow" not in done.stderr, done.stderr

    job = workflows.read("ci.yml")["jobs"]["gate"]
    for command in workflows.commands(job)[: len(job["steps"])]:
        if not command.startswith(("make ", "apt-get ")):
            ok("bash", "-euo", "pipefail", "-c", command, cwd=checkout)
    assert "no leaks found" in subprocess.run(gate, env=environment, capture_output=True, text=True, check=True).stderr
    # What clones it asks git for more than what reads it.
    ok("git", "clone", "--quiet", f"file://{checkout}", tmp_path / "again")
