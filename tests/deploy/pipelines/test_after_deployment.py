"""What the pipelines do once something is deployed: trying it with k6.

The service is the release build; kubectl is a stand-in: a cluster that runs pods would be used instead.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(Path(__file__).parent))

from service import free_port, serving  # noqa: E402

#: Port-forwarding as kubectl tells of it: it goes on until it is ended.
KUBECTL = """#!/bin/sh
echo "$@" >>"$LOG"
echo "Forwarding from 127.0.0.1:$PORT -> 5000"
exec sleep 60
"""


@pytest.fixture
def script(tmp_path):
    """Runs a script beside the stand-in, whose calls are in log."""
    programs = tmp_path / "tools/bin"
    programs.mkdir(parents=True)
    (programs / "kubectl").write_text(KUBECTL)
    (programs / "kubectl").chmod(0o755)
    log = tmp_path / "log"
    log.touch()

    def run(name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        k6 = str(Path(sys.prefix) / "bin/k6")
        environment = {**os.environ, "CRYPTO_RATES_TOOLS": str(tmp_path / "tools"), "K6": k6, "LOG": str(log)}
        command = [ROOT / "scripts" / name, *arguments]
        return subprocess.run(command, env=environment | variables, capture_output=True, text=True, timeout=90)

    run.log = log
    return run


@pytest.fixture(scope="module")
def port(server, tmp_path_factory):
    """The release build with rates; its port."""
    with serving(server, tmp_path_factory) as port:
        yield port


def test_below_a_path(script, server, tmp_path_factory):
    """A release below a path is tried there, through kubectl and by its own address"""
    with serving(server, tmp_path_factory, BASE_PATH="/rates") as port:
        # Not about how fast it is.
        where = {"PORT": str(port), "BASE_PATH": "/rates/", "NETWORK_MS": "1000"}
        done = script("try-release.sh", "staging", "smoke", **where)
        assert done.returncode == 0, done.stderr
        assert f"smoke against http://127.0.0.1:{port}/rates" in done.stderr
        forwarded = "--namespace staging port-forward --address 127.0.0.1 service/crypto-rates :80\n"
        assert script.log.read_text() == forwarded
        done = script("try-release.sh", "production", "none", URL=f"http://127.0.0.1:{port}/rates")
        assert done.returncode == 0, done.stderr
        assert script("try-release.sh", "staging", "none", PORT=str(port)).returncode != 0


def test_only_readiness(script, port):
    """With `none` only readiness is asked for, and with URL kubectl is not needed"""
    done = script("try-release.sh", "production", "none", URL=f"http://127.0.0.1:{port}")
    assert done.returncode == 0, done.stderr
    assert "load:" not in done.stderr and not script.log.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("staging", "smoke"), "is not ready"), (("nowhere",), "Usage:"), (("staging", "everything"), "Usage:")],
    ids=["nobody-answers", "an-environment-that-there-is-not", "a-scenario-that-there-is-not"],
)
def test_refusals(script, arguments, words):
    """A release that is not ready fails the try, and so do an environment and a scenario that there are not"""
    done = script("try-release.sh", *arguments, PORT=str(free_port()))
    assert done.returncode != 0 and words in done.stderr, done.stderr
