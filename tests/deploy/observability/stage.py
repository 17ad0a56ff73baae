"""A real Prometheus beside real servers, each scene a release of the chart in a namespace of its own, and Debian's
exporters of this machine and of a Redis.

Rules and scrape configuration are those that the chart renders for that release; the labels of the targets are
those that the Prometheus operator gives. Only times are shorter: Prometheus scrapes and evaluates each second, and
no alert waits (`for: 0s`), so that what is true fires at once.
"""

import concurrent.futures
import contextlib
import glob
import json
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import yaml
from harness import free_port
from monitoring_files import CHART
from standin import Standin

JOB = "crypto-rates"
#: The release in which all is well. Each other scene is named after what is wrong in it.
WELL = "well"
#: Where on the stage each alert's condition is true.
SCENES = {
    f"CryptoRates{alert}": scene
    for scene, alerts in {
        "absent": ["Absent (critical)"],
        "empty": ["NoRates (critical)", "NoRates (warning)", "ErrorRatioHigh (critical)", "ErrorRatioHigh (warning)"],
        "restarts": ["Restarts (warning)"],
        "stale": ["Stale (warning)", "Stale (critical)"],
        "sample": ["SampleInUse (critical)"],
        "second-source": ["SecondSourceInUse (warning)", "SourceFailing (warning)"],
        "broken": ["EntriesDropped (info)", "StoreDegraded (warning)"],
        "lacking": ["Missing (warning)", "Missing (info)"],
        "deviating": ["Deviation (warning)"],
        "several": ["UpstreamRate (warning)", "SeveralInCharge (warning)"],
        "nobody": ["NobodyInCharge (warning)"],
        "slow": ["LatencyHigh (warning)"],
        "untold": ["AlertsUntold (warning)"],
    }.items()
    for alert in alerts
}


def get(url: str, timeout: float = 5, accept: str = "*/*") -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except (OSError, ValueError):
        return 0, ""


def wait_until(what: str, condition, seconds: float = 20):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return found


class Server:
    """One process of Crypto Rates; keeps its port when it is started again."""

    def __init__(self, binary: Path, log: Path, variables: dict[str, str]):
        self.binary, self.log, self.port = binary, log, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        own = {"HOST": "127.0.0.1", "PORT": str(self.port), "STORE_URL": "memory:"}
        self.environment = own | {"LOG_FORMAT": "json", "WORKERS": "2"} | variables
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        with self.log.open("ab") as log:
            own = {"env": self.environment, "cwd": self.log.parent, "stdout": log, "stderr": log}
            self.process = subprocess.Popen(self.binary, **own)
        wait_until(f"{self.log.stem} answers", lambda: get(f"{self.url}/health/live")[0] == 200)

    def wait_until_ready(self):
        wait_until(f"{self.log.stem} has rates", lambda: get(f"{self.url}/health/ready")[0] == 200)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Stage(contextlib.ExitStack):
    """All processes; they end with the block."""

    def __init__(self, binary: Path, folder: Path):
        super().__init__()
        self.binary, self.folder = binary, folder
        # One that is not there, for the alert on that.
        self.scenes: dict[str, list[Server]] = {"absent": []}
        self.standin = self.enter_context(contextlib.closing(Standin()))

    def spawn(self, *command: str) -> subprocess.Popen:
        assert shutil.which(command[0]), f"{command[0]} is missing: scripts/setup.sh deploy brings it"
        with (self.folder / f"{command[0]}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        # A process that was stopped takes no other signal.
        self.callback(lambda: (process.kill(), process.wait()))
        return process

    def redis(self) -> tuple[subprocess.Popen, int]:
        port = free_port()
        limit = ["--maxmemory", "64mb", "--save", "", "--appendonly", "no"]
        process = self.spawn("redis-server", "--port", str(port), "--bind", "127.0.0.1", *limit)
        wait_until("Redis answers", lambda: subprocess.run(["redis-cli", "-p", str(port), "PING"]).returncode == 0)
        return process, port

    def exporters(self, redis: int):
        """Debian's, of this machine and of that Redis; what a cluster would say is read out."""
        self.targets = {"standin": f"{self.standin.address}/cluster"}
        for name, more in (("node", []), ("redis", [f"--redis.addr=redis://127.0.0.1:{redis}"])):
            self.targets[name] = f"127.0.0.1:{free_port()}/metrics"
            address = self.targets[name].removesuffix("/metrics")
            self.spawn(f"prometheus-{name}-exporter", f"--web.listen-address={address}", *more)
            wait_until(f"{name}'s exporter answers", lambda address=address: get(f"http://{address}/metrics")[0] == 200)

    def server(self, scene: str, upstream: str = "good", **variables: str) -> Server:
        servers = self.scenes.setdefault(scene, [])
        sources = {"COINGECKO_URL": self.standin.url(upstream), "COINBASE_URL": self.standin.url("coinbase")}
        sources["KRAKEN_URL"] = self.standin.url("kraken")
        log = self.folder / f"{scene}-{len(servers)}.log"
        servers.append(self.enter_context(Server(self.binary, log, sources | variables)))
        return servers[-1]

    def play(self):
        """Sets all scenes up, has Prometheus watch them, and has readers ask."""
        redis, port = self.redis()
        self.exporters(port)
        shared = f"redis://127.0.0.1:{port}"
        well = [self.server(WELL, STORE_URL=f"{shared}/0", RATES_REFERENCES="kraken") for _ in range(2)]
        turning = self.server("second-source", "turning", RATES_SOURCES="coingecko,coinbase", CACHE_DURATION="1")
        self.server("sample", "down", RATES_SOURCES="coingecko,sample")
        (self.folder / "a-file").touch()
        self.server("broken", "broken", CACHE_DURATION="1", STORE_URL=f"file://{self.folder}/a-file/folder")
        rules = self.folder / "alerts.toml"
        rules.write_text('[[alert]]\nname = "a"\nbase = "btc"\nquote = "usd"\nabove = 1\n')
        self.server("untold", ALERT_RULES=str(rules), ALERT_WEBHOOK_URL="http://127.0.0.1:9/")
        lacking = self.server("lacking", "lacking", CACHE_DURATION="1")
        dear = self.standin.url("kraken-dear")
        deviating = self.server("deviating", CACHE_DURATION="1", RATES_REFERENCES="kraken", KRAKEN_URL=dear)
        empty = self.server("empty", "down")
        several = [self.server("several", CACHE_DURATION="1") for _ in range(2)]
        lease = ["SET", "{crypto-rates:1}:lease", "somebody else", "PX", "600000"]
        subprocess.run(["redis-cli", "-p", str(port), "-n", "1", *lease], check=True)
        self.server("nobody", STORE_URL=f"{shared}/1")
        self.old()
        restarted = self.server("restarts")
        second, port = self.redis()
        slow = self.server("slow", STORE_URL=f"redis://127.0.0.1:{port}")
        for server in [*well, turning, lacking, deviating, *several, restarted, slow]:
            server.wait_until_ready()
        self.prometheus()
        self.began = time.time()
        # A series begins with its first event; what is counted is what comes after it.
        get(f"{slow.url}/api/history?symbol=usd&from=1d")
        self.enter_context(urllib.request.urlopen(f"{well[0].url}/api/stream"))
        with concurrent.futures.ThreadPoolExecutor() as others:
            over = threading.Event()
            waiting = others.submit(self.stall, second, slow, over)
            try:
                self.readers(well, empty, restarted)
            finally:
                over.set()
            waiting.result()

    def readers(self, well: list[Server], empty: Server, restarted: Server):
        """Readers ask, until all that should fire does; how long that takes depends on the machine."""
        deadline = time.monotonic() + 45
        for round_ in range(1000):
            for server in well:
                convert = f"/api/convert?from=eur&to=usd&amount={round_}"
                for path in ["/", "/api/rates", convert, "/favicon.svg", "/none"]:
                    get(server.url + path)
            get(f"{empty.url}/api/rates")
            if round_ % 8 == 7:
                restarted.kill()
                restarted.start()
            if round_ == 10:
                self.standin.turned = True
            if self.firing() >= set(SCENES.items()) and round_ > 30 or time.monotonic() > deadline:
                return
            time.sleep(0.3)

    def firing(self) -> set[tuple[str, str]]:
        """What fires, and where."""
        fire = self.query(f'ALERTS{{alertstate="firing",job="{JOB}"}}')
        labels = [series["metric"] for series in fire]
        return {(f"{each['alertname']} ({each['severity']})", each["namespace"]) for each in labels}

    def stall(self, redis: subprocess.Popen, server: Server, over: threading.Event):
        """Time and again has readers ask for the history while its store does not answer."""
        urls = [f"{server.url}/api/history?symbol=usd&from={hours}h" for hours in range(1, 9)]
        while not over.wait(3):
            redis.send_signal(signal.SIGSTOP)
            # As many at once as the server reads.
            with concurrent.futures.ThreadPoolExecutor(4) as readers:
                list(readers.map(get, urls))
            redis.send_signal(signal.SIGCONT)

    def old(self):
        """Rates that were taken two hours ago, and no source since."""
        folder = self.folder / "old-store"
        store = f"file://{folder}"
        # Wherever this architecture has it.
        faketime = glob.glob("/usr/lib/*/faketime/libfaketimeMT*")
        assert faketime, "faketime is missing: scripts/setup.sh deploy brings it"
        before = {"LD_PRELOAD": faketime[0], "FAKETIME": "-2h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        server = self.server("stale", STORE_URL=store, **before)
        kept = f"{server.url}/api/history?symbol=usd&from=10m"
        wait_until("the rates are in the store", lambda: '"points":[{' in get(kept)[1].replace(" ", ""))
        server.kill()
        self.scenes["stale"].clear()
        self.server("stale", "down", STORE_URL=store)

    def rendered(self, namespace: str) -> dict[str, dict[str, Any]]:
        """What the chart gives the Prometheus operator for a release in `namespace`."""
        switches = "serviceMonitor.enabled=true,prometheusRule.enabled=true"
        command = ["helm", "template", JOB, CHART, "--namespace", namespace, "--set", switches]
        made = subprocess.run(command, capture_output=True, check=True).stdout
        return {each["kind"]: each["spec"] for each in yaml.safe_load_all(made) if each and "spec" in each}

    def scrape_config(self, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
        (endpoint,) = spec["endpoints"]
        snake = lambda name: re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)  # noqa: E731
        # As the operator labels a target, before the ServiceMonitor's own relabelings.
        service = {"job": f"{JOB}-metrics", "service": f"{JOB}-metrics", "container": "server"}
        service |= {"namespace": namespace, "endpoint": endpoint["port"]}
        pods = [(f"127.0.0.1:{server.port}", server.log.stem) for server in self.scenes[namespace]]
        return {
            "job_name": namespace,
            "honor_labels": endpoint.get("honorLabels", False),
            "metrics_path": endpoint["path"],
            "static_configs": [{"targets": [address], "labels": service | {"pod": pod}} for address, pod in pods],
            "relabel_configs": [{snake(k): v for k, v in each.items()} for each in endpoint.get("relabelings", [])],
        }

    def prometheus(self):
        scrapes = []
        for name, target in self.targets.items():
            address, _, path = target.partition("/")
            fixed = {"metrics_path": f"/{path}", "static_configs": [{"targets": [address]}]}
            scrapes.append({"job_name": name, "honor_labels": True, **fixed})
        for namespace in self.scenes:
            rendered = self.rendered(namespace)
            scrapes.append(self.scrape_config(namespace, rendered["ServiceMonitor"]))
            groups = rendered["PrometheusRule"]["groups"]
            # Prometheus wants the names to differ within a file only.
            for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
                rule["for"] = "0s"
            (self.folder / f"rules-{namespace}.yml").write_text(json.dumps({"groups": groups}))
        often = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        config = {"global": often, "rule_files": ["rules-*.yml"], "scrape_configs": scrapes}
        (self.folder / "prometheus.yml").write_text(json.dumps(config))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        options = ["--config.file=prometheus.yml", "--storage.tsdb.path=tsdb", "--log.level=warn"]
        self.spawn("prometheus", *options, f"--web.listen-address=127.0.0.1:{port}")
        wait_until("Prometheus is ready", lambda: get(f"{self.url}/-/ready")[0] == 200)

    def ask(self, path: str, **parameters: Any) -> Any:
        """Asks Prometheus' API; an error is one of the test."""
        status, body = get(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters, doseq=True)}", timeout=10)
        answer = json.loads(body) if body else {}
        assert answer.get("status") == "success", f"{parameters}: {status} {answer.get('error', body)}"
        return answer["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        return self.ask("query", query=expression)["result"]

    def query_range(self, expression: str) -> list[dict[str, Any]]:
        return self.ask("query_range", query=expression, start=self.began, end=time.time(), step=1)["result"]
