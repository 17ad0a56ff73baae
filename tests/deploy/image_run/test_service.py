"""What the image does in a hardened container, as a cluster would run it."""

import html.parser
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

KINDS = {
    "css": "text/css",
    "js": "text/javascript",
    "png": "image/png",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
    "webmanifest": "application/manifest+json",
}


@pytest.fixture(scope="module")
def service(run, upstream, until):
    service = run()
    until("Docker finds it healthy", lambda: service.health() == "healthy")
    return service


def test_alone(docker, containers, helpers, image, tmp_path, until):
    """In a folder with nothing but certificates, without a library or /dev, the binary of the image runs and serves"""
    container = docker("create", image).strip()
    for path in ("crypto-rates", "etc"):
        docker("cp", f"{container}:/{path}", str(tmp_path))
    docker("rm", container)
    options = ["--user=0", f"--volume={tmp_path}:/alone:ro", "--publish=127.0.0.1::5000"]
    enter = ["env", "--ignore-environment", "/usr/sbin/chroot", "/alone"]
    alone = containers(*options, helpers, *enter, "/crypto-rates", "--rates-sources=sample", "--store-url=memory:")
    until("it listens", lambda: "listening" in alone.logs())
    answer = alone.get("/health/live")
    # The id is a random one.
    assert answer.status == 200 and answer.headers["X-Request-Id"]


class Links(html.parser.HTMLParser):
    """The files that a page names: by its links, images and scripts, and in the scripts' own text."""

    def __init__(self, page: str):
        super().__init__()
        self.files = set(re.findall(r'"(/pkg/[^"]+)"', page))
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        name = attributes.get("href" if tag == "link" else "src")
        if tag in ("link", "img", "script") and name and not name.startswith("#"):
            self.files.add(name)


def test_without_rates_not_healthy(run, upstream, until):
    """A container that can't reach its upstream is alive, and never healthy"""
    lonely = run("--env", "COINGECKO_URL=http://upstream:1", "--health-start-period=1s", "--health-retries=2")
    until("Docker finds it unhealthy", lambda: lonely.health() == "unhealthy")
    assert lonely.get("/health/live").status == 200
    assert lonely.runs_health()[0] == 1


def test_health(service):
    """Live, ready and healthy, with rates of the first source and a store that keeps them; the check can fail"""
    for path in ("/health/live", "/health/ready", "/api/rates", "/metrics"):
        assert service.get(path).status == 200, path
    assert service.runs_health()[0] == 0
    code, said = service.runs_health("http://127.0.0.1:1/health/ready")
    assert code == 1 and len(said.strip().splitlines()) == 1, said
    health = service.get("/health").json()
    assert health["status"] == "healthy"
    assert health["snapshot"]["data_source"] == "coingecko"
    assert health["store"] == {"kind": "file", "degraded": False}


def test_page_and_its_files(service, figure):
    """The page comes whole, and every file that it names, of the right kind"""
    page = service.get("/")
    text = page.body.decode()
    assert page.status == 200 and text.rstrip().endswith("</html>")
    assert "US Dollar" in text and "Sample data" not in text
    files = Links(text).files
    kinds = {name.rsplit(".", 1)[1] for name in files}
    assert {"css", "js", "wasm"} <= kinds, files
    for name in files:
        answer = service.get(name)
        assert answer.status == 200 and answer.body, name
        assert answer.headers["Content-Type"].split(";")[0] == KINDS[name.rsplit(".", 1)[1]], name
    figure(f"{len(files)} files")


def test_memory(service, docker, figure):
    """It stays within 64 MB under 3000 requests, each sixth for a page that was not asked for before"""

    common = ("/", "/api/rates", "/api/rates?base=eur", "/api/rates.csv", "/health")

    def ask(number: int) -> int:
        round, step = divmod(number, 6)
        return service.get(common[step] if step < 5 else f"/?base=eur&amount={round}").status

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(ask, range(3000)))
    assert set(statuses) == {200}
    state = service.inspect()["State"]
    assert state["Running"] and not state["OOMKilled"]
    used = docker("stats", "--no-stream", "--format", "{{.MemUsage}}", service.id).split("/")[0].strip()
    figure(used)
    assert used.endswith("MiB") and float(used.removesuffix("MiB")) < 64


def test_stop(service, figure):
    """It stops within its grace with exit code 0, and says so; all it has logged is JSON"""
    service.stop()
    state = service.inspect()["State"]
    assert (state["ExitCode"], state["OOMKilled"]) == (0, False)
    lines = [json.loads(line) for line in service.logs().splitlines()]
    messages = [line["message"] for line in lines]
    assert messages[0] == "listening" and messages[-1] == "stopped", messages
    begin = next(line for line in lines if line["message"].startswith("stopping"))
    begin, end = (datetime.fromisoformat(line["timestamp"]) for line in (begin, lines[-1]))
    figure(f"{(end - begin).total_seconds():.1f} s after the signal")
