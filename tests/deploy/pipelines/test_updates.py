"""Updates of what is pinned: whatever has a pin is known to Dependabot."""

import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest
import yaml

#: Which files pin something, and who proposes newer versions.
PINNING = {
    "cargo": r"(^|/)Cargo\.lock$",
    "npm": r"(^|/)package-lock\.json$",
    "pip": r"(^|/)requirements\.txt$",
    "docker": r"(^|/)Dockerfile$",
    "github-actions": r"^\.github/workflows/[^/]+\.yml$",
    "terraform": r"\.tf$",
    "helm": r"(^|/)Chart\.yaml$",
}


@pytest.fixture(scope="module")
def tree(root) -> list[str]:
    """All that is, or is about to be, in the repository."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(listed, cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.fixture(scope="module")
def updates(root) -> list[dict]:
    return yaml.safe_load((root / ".github/dependabot.yml").read_text())["updates"]


def folders(update: dict) -> list[str]:
    return update.get("directories", [update.get("directory")])


@pytest.mark.parametrize("ecosystem", PINNING)
def test_every_pin(root, tree, updates, ecosystem):
    """Each file that pins versions lies in a folder that Dependabot looks at"""
    # Of Terraform's files only those that name a version.
    pinning = [
        path for path in tree
        if re.search(PINNING[ecosystem], path) and (root / path).is_file()
        and (ecosystem != "terraform" or re.search(r"^\s*version\s*=", (root / path).read_text(), re.MULTILINE))
    ]
    assert pinning
    looked_at = [folder for update in updates if update["package-ecosystem"] == ecosystem for folder in folders(update)]
    for path in pinning:
        # Workflows are found from the top.
        folder = "/" if ecosystem == "github-actions" else "/" + str(Path(path).parent).removeprefix(".")
        assert any(PurePosixPath(folder).match(wanted) for wanted in looked_at), f"{path} is pinned for ever"


def test_every_folder(tree, updates):
    """Dependabot looks at no folder that has nothing for it, and proposes nothing on its first day"""
    for update in updates:
        pattern = PINNING[update["package-ecosystem"]]
        there = {"/" + str(Path(path).parent).removeprefix(".") for path in tree if re.search(pattern, path)}
        if update["package-ecosystem"] == "github-actions":
            there = {"/"}
        for wanted in folders(update):
            assert any(PurePosixPath(folder).match(wanted) for folder in there), f"{update['package-ecosystem']}: nothing in {wanted}"
        assert update["cooldown"]["default-days"] >= 7
