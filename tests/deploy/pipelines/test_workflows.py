"""The workflows of GitHub, and Dependabot: what can be told of them without GitHub."""

import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

import workflows  # noqa: E402


#: Which files pin something, and who proposes newer versions; of Terraform's those that name a version.
PINNING = {
    "cargo": r"(^|/)Cargo\.lock$",
    "npm": r"(^|/)package-lock\.json$",
    "pip": r"(^|/)requirements\.txt$",
    "docker": r"(^|/)Dockerfile$",
    "docker-compose": r"^compose\.yaml$",
    "github-actions": r"^\.github/workflows/[^/]+\.yml$",
    "terraform": r"\.tf$",
    "helm": r"(^|/)Chart\.yaml$",
}
LINTERS = ["jactionlint --strict-exit --no-online", "zizmor --offline --persona=auditor .github"]


@pytest.mark.parametrize("command", LINTERS)
def test_linters(root, tools, command):
    """Nothing is wrong in syntax, expressions, bounds and scripts, and nothing to attack; nor in Dependabot's file"""
    program, *options = command.split()
    done = subprocess.run([tools / program, *options], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rights():
    """Only what publishes, signs or deploys may write; actions are of who runs the machines, each with a version"""
    for file in workflows.FILES:
        workflow = workflows.read(file.name)
        assert workflow["permissions"] == {}
        for job in workflow["jobs"].values():
            writes = {name for name, right in job["permissions"].items() if right != "read"}
            deployed = job.get("uses", "").endswith("/deploy.yml") or "secrets.KUBECONFIG" in str(job)
            assert not writes or "scripts/publish.sh" in str(job) or (deployed and writes == {"id-token"}), job
        for action in re.findall(r"uses: (.*)", file.read_text()):
            ours = r"\./\.github/workflows/\w+\.yml .*"
            assert re.fullmatch(rf"(actions|aws-actions|sigstore)/[\w-]+@\w+ # v\d+\.\d+\.\d+|{ours}", action), action


def test_one_at_a_time():
    """Of a pull request the newest state counts; what is published, and what is deployed somewhere, ends first"""
    for file in workflows.FILES:
        concurrency = workflows.read(file.name).get("concurrency", {}).get("cancel-in-progress", False)
        assert concurrency == (file.stem in ("ci", "registry", "setup") and "${{ github.event_name == 'pull_request' }}"), file
    deploy = workflows.read("deploy.yml")["jobs"]["deploy"]["concurrency"]
    assert deploy == {"group": "deploy-${{ inputs.environment }}", "cancel-in-progress": False}


def test_bounds():
    """A job that hangs ends within two hours, and what a gate keeps is of the versions that the checkout pins"""
    for file in workflows.FILES:
        for job in workflows.read(file.name)["jobs"].values():
            assert job.get("uses") or job["timeout-minutes"] <= 120, (file.name, job)
    (key,) = re.findall(r"^ +key: (.*)", (workflows.ROOT / ".github/workflows/ci.yml").read_text(), re.MULTILINE)
    assert all(f"'**/{pins}'" in key for pins in ("Cargo.lock", "package-lock.json", "requirements.txt")), key


def test_what_is_published():
    """A tag brings image, signatures and files for amd64 and arm64, each built on its kind of machine; main an image"""
    release, main = workflows.read("release.yml"), workflows.read("main.yml")
    # YAML's true is `on`.
    assert release[True] == {"push": {"tags": ["v*"]}} and release["env"]["RELEASE"] == "${{ github.ref_name }}"
    machines = {one["processor"]: one["machine"] for one in workflows.variants(release["jobs"]["image"])}
    assert machines == {"amd64": "ubuntu-24.04", "arm64": "ubuntu-24.04-arm"}
    built = ["make image", "make check-image", "make scan-image"]
    assert workflows.commands(release["jobs"]["image"])[:4] == [*built, "scripts/publish.sh processor"]
    assert workflows.commands(release["jobs"]["publish"])[0] == "scripts/publish.sh index chart files"
    assert workflows.commands(main["jobs"]["image"]) == [*built, "scripts/publish.sh image"]
    # What is shipped is built from no cache; of a release zizmor sees to that.
    assert "actions/cache" not in str(main)


def test_where_it_is_deployed():
    """main goes into development; a release into staging, then into production, as what was published and not else"""
    ways = {}
    for name in ("main.yml", "release.yml"):
        jobs = workflows.read(name)["jobs"]
        ways |= {job["with"]["environment"]: (name, job["needs"], job["with"]["image"])
                 for job in jobs.values() if job.get("uses") == "./.github/workflows/deploy.yml"}
        assert jobs["tell"]["needs"] == [job for job in jobs if job != "tell"]
    assert ways == {
        "development": ("main.yml", "image", "${{ needs.image.outputs.image }}"),
        "staging": ("release.yml", "publish", "${{ needs.publish.outputs.image }}"),
        "production": ("release.yml", ["publish", "staging"], "${{ needs.publish.outputs.image }}"),
    }
    # GitHub asks the environment's reviewers, and AWS believes in this environment alone.
    deploy = workflows.read("deploy.yml")
    assert deploy["jobs"]["deploy"]["environment"] == "${{ inputs.environment }}"
    assert list(deploy[True]) == ["workflow_call"]


def test_here(root, tools):
    """scripts/run-workflow.sh gives act an event by which the gates start"""
    (event,) = re.findall(r'^"\$ACT" (\w+) ', (root / "scripts/run-workflow.sh").read_text(), re.MULTILINE)
    options = ["--list", "--workflows", ".github/workflows/ci.yml", "--container-daemon-socket", "-"]
    done = subprocess.run([tools / "act", event, *options], cwd=root, capture_output=True, text=True)
    assert re.search(r"^0 +gate ", done.stdout, re.MULTILINE), done.stdout + done.stderr


def test_every_pin(root):
    """Dependabot looks at each folder with a file that pins versions, and at no other"""
    updates = yaml.safe_load((root / ".github/dependabot.yml").read_text())["updates"]
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    tree = subprocess.run(listed, cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()
    for ecosystem, pattern in PINNING.items():
        pinning = [path for path in tree if re.search(pattern, path) and (root / path).is_file()]
        named = [path for path in pinning if ecosystem != "terraform" or
                 re.search(r"^\s*version\s*=", (root / path).read_text(), re.MULTILINE)]
        ours = [update for update in updates if update["package-ecosystem"] == ecosystem]
        wanted = [folder for update in ours for folder in update.get("directories", [update.get("directory")])]

        def folder(path: str) -> PurePosixPath:
            # Workflows are found from the top.
            return PurePosixPath("/" if ecosystem == "github-actions" else f"/{Path(path).parent}".removesuffix("."))

        assert named
        for path in named:
            assert any(folder(path).match(one) for one in wanted), f"{path} is pinned for ever"
        for one in wanted:
            assert any(folder(path).match(one) for path in pinning), f"{ecosystem}: nothing in {one}"
    assert {update["package-ecosystem"] for update in updates} == set(PINNING)
