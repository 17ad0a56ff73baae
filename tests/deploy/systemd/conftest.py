"""One systemd for all tests of the unit."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[3] / "benches")]

from installed import UNIT, install, system, wait_until_ready  # noqa: E402


@pytest.fixture(scope="session")
def container(server):
    """A systemd with the service installed."""
    with system(server) as container:
        install(container)
        yield container


@pytest.fixture
def installed(container):
    """The service, running."""
    container.run("systemctl", "start", UNIT)
    wait_until_ready(container.port)
    return container
