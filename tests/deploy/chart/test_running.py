"""What the chart describes, run for real: the bundled Valkey, the server with the chart's variables, `helm test`.

The programs are the release server and a whole Valkey; a stand-in answers for CoinGecko. Everything listens on
127.0.0.1 only. Two servers on the chart's Valkey, and its volume: docs/test_stores.py.
"""

import contextlib
import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from harness import SAMPLE, free_port, get, process, upstream
from live import PASSWORD, charts_valkey, connected, wait_for
from rendered import Manifests, at
from valkey import exceptions


@contextlib.contextmanager
def served(server: Path, manifests: Manifests, **own):
    """The server with the chart's variables, at ports of 127.0.0.1. Yields the page's and the metrics'."""
    page, metrics = free_port(), free_port()
    variables = {name: value for name, value in manifests.environment().items() if isinstance(value, str)}
    variables |= {"HOST": "127.0.0.1", "PORT": str(page), "METRICS_ADDR": f"127.0.0.1:{metrics}", **own}
    with process([server], page, env=variables):
        yield page, metrics


def test_the_bundled_valkey(tmp_path):
    """A real Valkey starts by the chart's files, lets in the server alone, is probed, and ends in order on SIGTERM."""
    with charts_valkey(tmp_path) as rates:
        for stranger in [{}, {"username": "crypto-rates", "password": "wrong"}]:
            with pytest.raises(exceptions.AuthenticationError):
                connected(rates.port, **stranger).ping()
        for command in ["FLUSHALL", "CONFIG GET *", "KEYS *", "SHUTDOWN", "ACL LIST", "GET other"]:
            with pytest.raises(exceptions.NoPermissionError):
                rates.execute_command(*command.split())
        assert rates.refused()
        assert rates.get("{crypto-rates:1}:latest") is None
        # Others on the node see how a process was called.
        assert PASSWORD not in Path(f"/proc/{rates.child.pid}/cmdline").read_text()

        client = shutil.which("valkey-cli") or shutil.which("redis-cli")
        assert client, "redis-cli is missing: run scripts/setup.sh deploy first"
        (tmp_path / "bin/valkey-cli").symlink_to(client)
        script = (rates.files / "ping.sh").read_text().replace("valkey-cli ", f"valkey-cli -p {rates.port} ")
        for password, code in {PASSWORD: 0, "wrong": 1}.items():
            own = {**rates.env, "VALKEY_PASSWORD": password}
            assert subprocess.run(["sh", "-c", script], env=own, capture_output=True, timeout=10).returncode == code

        # The shell has made way: the signal reaches Valkey, which writes its log to the end.
        rates.child.send_signal(signal.SIGTERM)
        assert rates.child.wait(20) == 0


@pytest.mark.parametrize("base", ["/", "/rates"])
def test_probes_and_helm_test(server, tmp_path, base):
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
            yield subprocess.run([server, flag, url], env={}, capture_output=True, timeout=20).returncode

    own = {"STORE_URL": f"file://{tmp_path}"}
    with upstream(lambda: json.loads(SAMPLE.read_text())) as coingecko:
        with served(server, manifests, COINGECKO_URL=coingecko, **own) as (page, metrics):
            ports = {"http": page, "metrics": metrics}
            for probe in ["startup", "liveness", "readiness"]:
                path, port = at(manifests.container(), f"{probe}Probe httpGet").values()
                wait_for(lambda port=ports[port], path=path: get(port, path)[0] == 200)
            assert get(page, "/metrics")[0] == get(page, "/rates/metrics")[0] == 404
            assert list(exit_codes(page, metrics)) == [0, 0, 0, 0]
    assert list(exit_codes(page, metrics)) == [1, 1, 1, 1]


def test_a_private_authority(server, tmp_path):
    """With privateCA the server trusts the ConfigMap's authority; without, it refuses what that has signed."""
    variables = Manifests({"privateCA.existingConfigMap": "our-ca"}).environment()
    assert Path(variables["SSL_CERT_FILE"]).is_file(), "ca-certificates is missing: run scripts/setup.sh deploy first"
    # As Kubernetes mounts a ConfigMap: the files are links into a hidden folder.
    mount, port = tmp_path / "ca", free_port()
    (mount / "..data").mkdir(parents=True)
    (mount / "ca.pem").symlink_to("..data/ca.pem")
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    authority = ["-CA", mount / "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE"]
    for command in [
        [*new, "-keyout", "ca.key", "-out", mount / "ca.pem", "-subj", "/CN=ours"],
        [*new, "-keyout", "key.pem", "-out", "signed.pem", "-subj", "/CN=store", *authority]
        + ["-addext", "subjectAltName=IP:127.0.0.1"],
    ]:
        subprocess.run(["openssl", *command], cwd=tmp_path, check=True, capture_output=True, timeout=20)
    options = ["-accept", f"127.0.0.1:{port}", "-cert", "signed.pem", "-key", "key.pem", "-www"]
    with process(["openssl", "s_server", *options], port, cwd=tmp_path):
        for trusted in [True, False]:
            own = {"COINGECKO_URL": f"https://127.0.0.1:{port}", "STORE_URL": "memory:"}
            own |= {"SSL_CERT_FILE": variables["SSL_CERT_FILE"], "SSL_CERT_DIR": str(mount)} if trusted else {}
            with served(server, Manifests(), **own) as (page, _):
                # It answers, and has no rates; whom the server does not trust it does not ask.
                failure = wait_for(lambda: json.loads(get(page, "/health")[2])["refresh"].get("last_failure"))
                assert failure == ("not_json" if trusted else "unreachable")
