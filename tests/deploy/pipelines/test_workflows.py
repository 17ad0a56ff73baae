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


@pytest.mark.parametrize("job", jobs())
def test_no_logic(root, job):
    """Each command of a job is a target of the Makefile or a script that is there"""
    makefile = (root / "Makefile").read_text()
    for command in workflows.commands(job):
        if command.startswith(OWN):
            continue
        words = command.split()
        assert re.fullmatch(r"(make|scripts/[\w-]+\.sh)( [a-z/.-]+| \"\$[A-Z_]+\")+", command), command
        assert re.search(f"^{words[1]}:", makefile, re.MULTILINE) if words[0] == "make" else os.access(root / words[0], os.X_OK), command


@pytest.mark.parametrize("job", jobs())
def test_bounds(job):
    """A job has an end, and no more rights than it names: to read, unless it publishes, signs or deploys"""
    assert "uses" in job or job["timeout-minutes"] <= 120
    writes = {name for name, right in job["permissions"].items() if right != "read"}
    published = "scripts/publish.sh" in str(job)
    deployed = job.get("uses", "").endswith("/deploy.yml") or "secrets.KUBECONFIG" in str(job)
    assert not writes or published or (deployed and writes == {"id-token"})


def test_pins():
    """Each action is pinned by a whole commit, with its version beside it, and is from who runs the machines it is for"""
    used = [line for file in workflows.FILES for line in re.findall(r"uses: (.*)", file.read_text())]
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/workflows/\w+\.yml # .*", action), action
    assert {action.split("/")[0] for action in used} == {"actions", "aws-actions", "sigstore", "."}
    assert all(workflows.read(file.name)["permissions"] == {} for file in workflows.FILES)


def test_one_at_a_time():
    """Of a pull request the newest state counts; what is published, and what is deployed somewhere, ends first"""
    for file in workflows.FILES:
        concurrency = workflows.read(file.name).get("concurrency", {}).get("cancel-in-progress", False)
        assert concurrency == (file.stem in ("ci", "registry") and "${{ github.event_name == 'pull_request' }}"), file
    deploy = workflows.read("deploy.yml")["jobs"]["deploy"]["concurrency"]
    assert deploy == {"group": "deploy-${{ inputs.environment }}", "cancel-in-progress": False}


def test_cache_and_history():
    """Tools are kept by what pins them, what is shipped is built from no cache, and secrets are sought in all commits"""
    steps = workflows.read("ci.yml")["jobs"]["gate"]["steps"]
    (cache,) = [step["with"] for step in steps if step.get("uses", "").startswith("actions/cache@")]
    assert all(pin in cache["key"] for pin in ("setup*.sh", "Cargo.lock", "package-lock.json", "requirements.txt"))
    assert "cache" not in str(workflows.read("release.yml")) + str(workflows.read("main.yml"))
    (checkout,) = [step["with"] for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["fetch-depth"] == 0


def test_release():
    """A tag brings image, signatures and files for amd64 and arm64, each built on a machine of its kind"""
    release = workflows.read("release.yml")
    # YAML's true is `on`.
    assert release[True] == {"push": {"tags": ["v*"]}}
    machines = {one["processor"]: one["machine"] for one in workflows.variants(release["jobs"]["image"])}
    assert machines == {"amd64": "ubuntu-24.04", "arm64": "ubuntu-24.04-arm"}
    built = ["make image", "make check-image", "make scan-image"]
    assert workflows.commands(release["jobs"]["image"])[:4] == [*built, "scripts/publish.sh processor"]
    assert workflows.commands(release["jobs"]["publish"])[0] == "scripts/publish.sh index chart files"
    assert release["env"]["RELEASE"] == "${{ github.ref_name }}"
    assert workflows.commands(workflows.read("main.yml")["jobs"]["image"]) == [*built, "scripts/publish.sh image"]


def test_where_it_is_deployed():
    """main goes into development; a release into staging, then into production, as what was published and nothing else"""
    ways = {}
    for name in ("main.yml", "release.yml"):
        jobs = workflows.read(name)["jobs"]
        for job in jobs.values():
            if job.get("uses") == "./.github/workflows/deploy.yml":
                image = re.fullmatch(r"\$\{\{ needs\.(\w+)\.outputs\.image }}", job["with"]["image"])[1]
                assert "publish.sh" in str(jobs[image]["steps"][-1] if name == "main.yml" else jobs[image]["steps"])
                ways[job["with"]["environment"]] = (name, job["needs"])
        assert jobs["tell"]["needs"] == [job for job in jobs if job != "tell"]
    assert ways == {
        "development": ("main.yml", "image"),
        "staging": ("release.yml", "publish"),
        "production": ("release.yml", ["publish", "staging"]),
    }
    # GitHub asks the environment's reviewers, and AWS believes in this environment alone.
    deploy = workflows.read("deploy.yml")
    assert deploy["jobs"]["deploy"]["environment"] == "${{ inputs.environment }}"
    assert list(deploy[True]) == ["workflow_call"]


def test_here(root, tools):
    """scripts/run-workflow.sh gives act an event by which the gates start"""
    (event,) = re.findall(r'^"\$ACT" (\w+) ', (root / "scripts/run-workflow.sh").read_text(), re.MULTILINE)
    listed = [tools / "act", event, "--list", "--workflows", ".github/workflows/ci.yml", "--container-daemon-socket", "-"]
    done = subprocess.run(listed, cwd=root, capture_output=True, text=True)
    assert re.search(r"^0 +gate ", done.stdout, re.MULTILINE), done.stdout + done.stderr


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
