"""One systemd for all tests of the unit."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[3] / "benches")]

from installed import UNIT, checkout, install, packed, system, wait_until_ready  # noqa: E402


@pytest.fixture(scope="session")
def files(server, tmp_path_factory) -> Path:
    """What a release has, made of the build at hand."""
    return packed(checkout(tmp_path_factory.mktemp("checkout")), server)


@pytest.fixture(scope="session")
def container(files):
    """A systemd with the service installed."""
    (tarball,) = files.glob("*.tar.gz")
    shutil.unpack_archive(tarball, files.parent)
    with system(files.parent / tarball.name.removesuffix(".tar.gz"), ["/usr/local/bin"]) as container:
        install(container)
        yield container


@pytest.fixture
def installed(container):
    """The service, running."""
    container.run("systemctl", "start", UNIT)
    wait_until_ready(container.port)
    return container
