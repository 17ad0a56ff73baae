"""Containers of the image, hardened as in a cluster, beside a stand-in for the upstream and a Redis.

They need a Docker engine, so `make check-deploy` leaves them out: `make check-image` runs them.
All of them are in one network of their own, where they find each other by name. On the host only
127.0.0.1 listens.
"""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from pathlib import Path

import pytest

collect_ignore_glob = [] if "CHECKED_IMAGE" in os.environ else ["test_*.py"]

HARDENED = [
    *("--read-only", "--cap-drop=ALL", "--security-opt", "no-new-privileges"),
    *("--user", "1000", "--memory", "64m", "--publish", "127.0.0.1::5000"),
]


def call(*arguments: str, given: bytes | None = None) -> str:
    run = subprocess.run(["docker", *arguments], input=given, capture_output=True)
    assert run.returncode == 0, f"docker {' '.join(arguments)}: {run.stderr.decode()}"
    return run.stdout.decode()


def wait(what: str, seen, seconds: float = 30):
    """Waits until `seen` returns something true, and returns that."""
    end = time.monotonic() + seconds
    while not (it := seen()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return it


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class Container:
    id: str

    def inspect(self) -> dict:
        return json.loads(call("inspect", self.id))[0]

    def health(self) -> str:
        """What Docker has found by the image's HEALTHCHECK."""
        return self.inspect()["State"]["Health"]["Status"]

    @cached_property
    def address(self) -> str:
        """Where Docker has published its port."""
        return call("port", self.id, "5000").splitlines()[0].strip()

    def get(self, path: str) -> Answer:
        # Nothing in the environment is to lead a request to this machine away from it.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://{self.address}{path}", timeout=10) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def logs(self) -> str:
        return call("logs", self.id)

    def runs_health(self, *url: str) -> tuple[int, str]:
        """The binary's own question, and its answer: exit code and what it wrote."""
        command = ["docker", "exec", self.id, "/crypto-rates", "--health", *url]
        run = subprocess.run(command, capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr

    def stop(self) -> None:
        """With the 15 seconds of docs/operations.md; whom Docker must kill then, it gives exit code 137."""
        call("stop", "--time", "15", self.id)


@pytest.fixture(scope="session")
def docker():
    """The command, with its arguments; its output."""
    return call


@pytest.fixture(scope="session")
def until():
    """Waits for what it is given."""
    return wait


@pytest.fixture(scope="session")
def image() -> str:
    return os.environ["CHECKED_IMAGE"]


@pytest.fixture(scope="session")
def helpers() -> str:
    """The image of the stand-in and of Redis, on the same base as the builder's."""
    name = "crypto-rates-check-helpers"
    base = os.environ.get("BASE")
    options = ["--build-arg", f"BASE={base}"] if base else []
    call("build", "--quiet", *options, "--tag", name, str(Path(__file__).parent))
    return name


@pytest.fixture(scope="session")
def network():
    name = f"crypto-rates-check-{os.getpid()}"
    call("network", "create", name)
    yield name
    call("network", "rm", name)


@pytest.fixture(scope="session")
def volume():
    name = f"crypto-rates-check-{os.getpid()}"
    call("volume", "create", name)
    yield name
    call("volume", "rm", name)


@pytest.fixture(scope="session")
def containers(network: str, volume: str):
    """Starts containers, and removes them at the end, before what they use."""
    started: list[str] = []

    def start(*arguments: str) -> Container:
        container = Container(call("run", "--detach", *arguments).strip())
        started.append(container.id)
        return container

    yield start
    # Some a test has removed itself.
    subprocess.run(["docker", "rm", "--force", "--volumes", *started], capture_output=True)


@pytest.fixture(scope="session")
def upstream(containers, network: str, helpers: str) -> Container:
    """A file on a web server, at the place of CoinGecko's."""
    upstream = containers("--network", network, "--network-alias", "upstream", helpers)
    rates = {
        "btc": ("Bitcoin", "BTC", 1.0, "crypto"),
        "eth": ("Ether", "ETH", 29.5, "crypto"),
        "eur": ("Euro", "€", 55000.0, "fiat"),
        "usd": ("US Dollar", "$", 64000.0, "fiat"),
        "xau": ("Gold - Troy Ounce", "XAU", 25.1, "commodity"),
    }
    names = ("name", "unit", "value", "type")
    body = json.dumps({"rates": {code: dict(zip(names, rate)) for code, rate in rates.items()}})
    # Under another name first: nobody is to read half of it.
    write = "cat >/srv/rates/next && mv /srv/rates/next /srv/rates/exchange_rates"
    call("exec", "--interactive", upstream.id, "sh", "-c", write, given=body.encode())
    return upstream


@pytest.fixture(scope="session")
def run(containers, network: str, image: str):
    """Starts the image, hardened, with these options of `docker run`, asking the stand-in every two seconds."""
    settings = ["COINGECKO_URL=http://upstream:8080", "CACHE_DURATION=2", "LOG_FORMAT=json"]
    options = [*HARDENED, "--network", network, "--health-interval=1s"]
    options += [word for setting in settings for word in ("--env", setting)]
    return lambda *more: containers(*options, *more, image)


@pytest.fixture
def figure(request):
    """Adds what was measured to the line of the report."""

    def add(text: str) -> None:
        request.node.figure = text

    return add


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = (yield).get_result()
    if text := getattr(item, "figure", None):
        report.statement += f": {text}"
