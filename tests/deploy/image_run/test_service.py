"""What the image does in a hardened container, as a cluster would run it."""

import html.parser
import json
import math
import re
import subprocess
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


def test_health_check_can_fail(service):
    """The check fails, in one line, where nobody answers"""
    code, said = service.runs_health("http://127.0.0.1:1/health/ready")
    assert code == 1
    assert len(said.strip().splitlines()) == 1, said


def test_without_rates_not_healthy(run, upstream, until):
    """A container that can't reach its upstream is alive, and never healthy"""
    lonely = run("--env", "COINGECKO_URL=http://upstream:1", "--health-start-period=1s", "--health-retries=2")
    until("Docker finds it unhealthy", lambda: lonely.health() == "unhealthy")
    assert lonely.get("/health/live").status == 200
    assert lonely.runs_health()[0] == 1


def test_health(service):
    """Live, ready and healthy, with rates from the first source and a store that keeps them"""
    assert service.get("/health/live").status == 200
    assert service.get("/health/ready").status == 200
    assert service.runs_health()[0] == 0
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


def test_api(service):
    """The API has the stand-in's rates, converts by them and gives them as CSV"""
    rates = service.get("/api/rates?base=btc").json()
    assert rates["total_currencies"] == 5
    assert rates["rates"]["eur"]["value"] == 55000
    assert rates["data_source"] == "coingecko"
    converted = service.get("/api/convert?from=btc&to=eur&amount=2").json()
    assert math.isclose(converted["result"], 110000), converted
    assert service.get("/api/rates.csv").body.count(b"\n") == 6
    assert service.get("/api/openapi.json").json()["openapi"].startswith("3.1")
    assert service.get("/api/rates/nosuch").status == 404


def test_metrics(service):
    """The metrics are there, and count"""
    metrics = service.get("/metrics").body.decode()
    assert re.search(r'^coingecko_api_calls_total\{status="success"\} [1-9]', metrics, re.M)
    assert re.search(r'^rates_value\{code="eur",type="fiat"\} 55000', metrics, re.M)
    assert "\nrates_store_degraded 0" in metrics


def test_refresh(service, upstream, until):
    """New rates of the upstream are there by the next refresh, under another snapshot"""

    def usd() -> tuple[float, str]:
        rates = service.get("/api/rates?base=btc").json()
        return rates["rates"]["usd"]["value"], rates["snapshot_id"]

    old = usd()
    new = old[0] + 1234.5
    upstream.says(usd=new)
    until("the new rates", lambda: usd()[0] == new, seconds=10)
    assert usd()[1] != old[1]


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


def test_wrong_setting(image: str):
    """A wrong setting stops the start with one line that names it"""
    command = ["docker", "run", "--rm", "--network=none", "--env", "PORT=80a", image]
    run = subprocess.run(command, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (1, "")
    assert re.fullmatch(r"crypto-rates: PORT=80a is not valid: .*\n", run.stderr), run.stderr


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
