"""The service as the documented commands install it, in a systemd of its own."""

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "benches"), str(ROOT / "tests/deploy/docs")]

from booted import Booted, booted  # noqa: E402
from harness import SAMPLE, free_port, get, upstream  # noqa: E402
from pages import Page  # noqa: E402

UNIT = "crypto-rates.service"
ENV = Path("/etc/crypto-rates/crypto-rates.env")


def until(true, seconds: float, why=lambda: "not in time") -> None:
    """Waits until it is true, at most so long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


def ready(port: int) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return get(port, "/health/ready")[0] == 200


def wait_until_ready(port: int, seconds: float = 20, why=lambda: "not ready in time") -> None:
    until(lambda: ready(port), seconds, why)


def snapshot(container: Booted) -> str:
    """Which rates it has."""
    return json.loads(get(container.port, "/api/rates")[2])["snapshot_id"]


def documented(marker: str, page: str = "docs/deployment.md") -> str:
    """The commands of the page's blocks with this marker, in order."""
    blocks = [fence.text for fence in Page(ROOT / page).fences if fence.info == ["sh", marker]]
    assert blocks, f"{page} has no block “sh {marker}”"
    return "".join(blocks)


def checkout(folder: Path) -> Path:
    """A copy of what scripts/package.sh needs."""
    folder.mkdir(exist_ok=True)
    for name in ("scripts", "packaging"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("Cargo.toml", "LICENSE", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder)
    return folder


def packed(checkout: Path, server: Path, umask: int = 0o022, **variables: str) -> Path:
    """The folder of what it makes there of this server."""
    processor = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000"} | variables
    command = [checkout / "scripts/package.sh", f"{processor}={server.resolve()}"]
    done = subprocess.run(command, env=environment, umask=umask, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout / "target/release-files"


@contextlib.contextmanager
def system(folder: Path, overlays: list[str], more: dict[str, Path] | None = None):
    """A systemd with that folder at /src, and a stand-in for CoinGecko."""
    answer, calls = json.loads(SAMPLE.read_text()), []

    def count():
        calls.append(time.time())
        return answer

    binds = {
        "/src": folder,
        # Names are looked up as on this machine, and the same certificates are trusted.
        "/etc/hosts": Path("/etc/hosts"),
        "/etc/ssl": Path("/etc/ssl"),
        **(more or {}),
    }
    with upstream(count) as address, booted(binds, overlays) as container:
        container.calls = calls
        container.port = free_port()
        # By name: its lookup has to work in the sandbox, too.
        container.upstream = address.replace("127.0.0.1", "localhost")
        yield container


def install(container: Booted) -> None:
    """Runs the documented commands; the variables of this test are edited in before the start."""
    before, start, after = documented("systemd").partition("systemctl enable")
    assert start
    edit = f"echo 'PORT={container.port}\nCOINGECKO_URL={container.upstream}' >>{ENV}\n"
    container.bash(f"cd /src\n{before}{edit}{start}{after}")
    wait_until_ready(container.port, why=lambda: container.journal(UNIT))
