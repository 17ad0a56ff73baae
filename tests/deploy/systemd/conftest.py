"""One systemd for all tests of the unit."""

import contextlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from booted import Unavailable  # noqa: E402
from installed import UNIT, install, system, wait_until_ready  # noqa: E402


@pytest.fixture(scope="session")
def container(server):
    """A systemd with the service installed, or a skip that says why there is none."""
    with contextlib.ExitStack() as running:
        try:
            container = running.enter_context(system(server))
        except Unavailable as reason:
            pytest.skip(str(reason))
        install(container)
        yield container


@pytest.fixture
def installed(container):
    """The service, running."""
    container.run("systemctl", "start", UNIT)
    wait_until_ready(container.port)
    return container
