"""The service as the documented commands install it, in a systemd of its own."""

import contextlib
import http.client
import json
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


def ask(port, path):
    """Status, headers and body; None while nobody listens."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return get(port, path)
    return None


def wait_until_ready(port, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (answer := ask(port, "/health/ready")) and answer[0] == 200:
            return
        time.sleep(0.05)
    raise AssertionError(f"not ready within {seconds} s")


def documented(marker: str, page: str = "docs/deployment.md") -> str:
    """The commands of the page's blocks with this marker, in order."""
    blocks = [fence.text for fence in Page(ROOT / page).fences if fence.info == ["sh", marker]]
    assert blocks, f"{page} has no block “sh {marker}”"
    return "".join(blocks)


@contextlib.contextmanager
def system(server: Path):
    """A systemd with what the commands install from a checkout at /src, and a stand-in for CoinGecko."""
    answer, calls = json.loads(SAMPLE.read_text()), []

    def count():
        calls.append(time.time())
        return answer

    binds = {
        "/src/packaging": ROOT / "packaging",
        "/src/target/release/crypto-rates": server,
        # Names are looked up as on this machine, and the same certificates are trusted.
        "/etc/hosts": Path("/etc/hosts"),
        "/etc/ssl": Path("/etc/ssl"),
    }
    with upstream(count) as address, booted(binds, ["/usr/local/bin"]) as container:
        container.calls = calls
        container.port = free_port()
        # By name: its lookup has to work in the sandbox, too.
        container.upstream = address.replace("127.0.0.1", "localhost")
        yield container


def install(container: Booted) -> None:
    """Runs the documented commands; the variables of this test are edited in before the start."""
    before, start, after = documented("systemd").partition("systemctl enable")
    assert start
    variables = f"PORT={container.port}\nCOINGECKO_URL={container.upstream}\n"
    edit = f"cat >>{ENV} <<'EOF'\n{variables}EOF\n"
    done = container.run("bash", "-ec", f"cd /src\n{before}{edit}{start}{after}")
    assert done.returncode == 0, done.stdout + done.stderr
    try:
        wait_until_ready(container.port)
    except AssertionError as error:
        raise AssertionError(f"{error}: {container.journal(UNIT)}") from error
