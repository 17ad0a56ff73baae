"""Lets the tests import the modules beside them, and sets the stage once for all that ask Prometheus."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[3] / "benches")]

from stage import Stage  # noqa: E402


@pytest.fixture(scope="session")
def stage(server, tmp_path_factory):
    """A real Prometheus that has scraped real servers in good and in bad times."""
    with Stage(server, tmp_path_factory.mktemp("stage")) as stage:
        stage.play()
        yield stage
