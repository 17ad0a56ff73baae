"""Updates of what is pinned: whatever has a pin is known to Dependabot."""

import re
import subprocess
from pathlib import Path, PurePosixPath

import yaml

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
            return PurePosixPath("/" if ecosystem == "github-actions" else "/" + str(Path(path).parent).removeprefix("."))

        assert named
        for path in named:
            assert any(folder(path).match(one) for one in wanted), f"{path} is pinned for ever"
        for one in wanted:
            assert any(folder(path).match(one) for path in pinning), f"{ecosystem}: nothing in {one}"
    assert {update["package-ecosystem"] for update in updates} == set(PINNING)
