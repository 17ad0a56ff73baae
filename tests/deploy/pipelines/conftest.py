"""The Jenkinsfile, read once."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import jenkinsfile  # noqa: E402


@pytest.fixture(scope="session")
def java() -> None:
    if not shutil.which("java"):
        pytest.skip("there is no Java here, and Groovy needs it: apt-get install openjdk-17-jre-headless")


@pytest.fixture(scope="session")
def jenkins(root, java) -> dict:
    return jenkinsfile.read(root / "Jenkinsfile")
