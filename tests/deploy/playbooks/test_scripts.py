"""The numbered scripts and setup-dev.sh: what they say of themselves, and of what they lack."""

import re
import shutil
import subprocess

import pytest

SCRIPTS = {
    "setup-dev.sh": ["make", "git"],
    "01-setup-secure-docker-registry.sh": ["ansible-playbook", "ssh", "inventory"],
    "02-build-crypto-rates-application.sh": ["make", "skopeo", "REGISTRY"],
    "03-test-local-docker.sh": ["make"],
    "04-distribute-registry-certificates.sh": ["ansible-playbook", "ssh", "inventory"],
    "05-deploy-crypto-rates-to-k8s.sh": ["helm", "kubectl", "an image"],
}
# What the scripts themselves are written in.
BASICS = ["bash", "env", "dirname", "basename", "sed", "awk", "cat", "find", "grep", "sort", "mktemp", "rm", "cp", "id"]


@pytest.fixture
def bare(root, tmp_path):
    """Runs a script on a machine with nothing but a shell and the basics."""
    (tmp_path / "bin").mkdir()
    for name in BASICS:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    # A copy: target/pushed-image may be there from a run of 02.
    for name in ("scripts", "charts"):
        shutil.copytree(root / name, tmp_path / name)
    folders = {"PATH": "bin", "HOME": "", "CRYPTO_RATES_TOOLS": "tools", "INVENTORY": "inventory"}
    options = {"env": {name: str(tmp_path / folder) for name, folder in folders.items()}, "timeout": 30}
    return lambda *command: subprocess.run(
        [tmp_path / "scripts" / command[0], *command[1:]], text=True, capture_output=True, **options
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_help(bare, root, script):
    """--help says what the script does and each option that it takes, on a machine that lacks everything else."""
    done = bare(script, "--help")
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert f"\nUsage: scripts/{script}" in done.stdout
    source = (root / "scripts" / script).read_text() + (root / "scripts/ship.sh").read_text() * script.startswith(("01", "04"))
    for option in re.findall(r"^ +(?:-\w \| )*(--[a-z-]+)(?: \| --[a-z-]+)*\)", source, re.MULTILINE):
        assert option == "--help" or option in done.stdout, option


@pytest.mark.parametrize("script", SCRIPTS)
def test_wrong_usage(bare, script):
    """An option that there is not is refused with the usage, before anything is done."""
    done = bare(script, "--no-such-option")
    assert done.returncode == 2 and done.stderr.startswith("Usage: ")


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_is_missing(bare, script):
    """On a machine that lacks everything, it names all that it needs, and how to get each, and does nothing."""
    done = bare(script)
    first, *lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, first) == (1, "", f"error: {script} needs what is not here:")
    # Each with how to get it.
    assert [re.match(r" *(an image|\S+) {2,}\S", line)[1] for line in lines] == SCRIPTS[script], lines
