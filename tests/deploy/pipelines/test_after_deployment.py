"""What the pipeline does once something is deployed: trying it with k6, and going back.

The service is the release build; kubectl and helm are stand-ins, as there is no cluster.
"""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "benches"))

from harness import SAMPLE, free_port, process, upstream, wait_until_ready  # noqa: E402

#: Port-forwarding as kubectl tells of it: it goes on until it is ended.
KUBECTL = """#!/bin/sh
echo "$@" >>"$LOG"
echo "Forwarding from 127.0.0.1:$PORT -> 5000"
exec sleep 60
"""
HELM = """#!/bin/sh
echo "$@" >>"$LOG"
[ "$1" != history ] || printf "$HISTORY"
"""
HEAD = "REVISION\tUPDATED                 \tSTATUS    \tCHART             \tAPP VERSION\tDESCRIPTION\n"


def line(revision: int, status: str) -> str:
    return f"{revision}       \tMon Nov 23 10:0{revision}:00 2026\t{status:10}\tcrypto-rates-0.1.0\t0.1.0      \tUpgrade\n"


@pytest.fixture
def script(tmp_path):
    """Runs a script beside stand-ins, whose calls are in log."""
    programs = tmp_path / "tools/bin"
    programs.mkdir(parents=True)
    for name, text in ("kubectl", KUBECTL), ("helm", HELM):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
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


@contextlib.contextmanager
def serving(server, tmp_path_factory, **variables):
    port, answer = free_port(), json.loads(SAMPLE.read_text())
    with contextlib.ExitStack() as running:
        env = {
            **os.environ, "HOST": "127.0.0.1", "PORT": str(port), "METRICS_ADDR": "",
            "STORE_URL": f"file://{tmp_path_factory.mktemp('store')}",
            "COINGECKO_URL": running.enter_context(upstream(lambda: answer)), **variables,
        }
        running.enter_context(process([server], port, env=env))
        if "BASE_PATH" not in variables:
            wait_until_ready(port)
        yield port


def test_through_the_cluster(script, port):
    """A release is tried by k6 through kubectl's own forwarding, which ends with the try"""
    done = script("try-release.sh", "staging", "smoke", PORT=str(port))
    assert done.returncode == 0, done.stderr
    assert script.log.read_text() == "--namespace staging port-forward --address 127.0.0.1 service/crypto-rates :80\n"
    assert f"smoke against http://127.0.0.1:{port}" in done.stderr


def test_below_a_path(script, server, tmp_path_factory):
    """A release below a path is tried there, through kubectl and by its own address"""
    with serving(server, tmp_path_factory, BASE_PATH="/rates") as port:
        # Not about how fast it is.
        where = {"PORT": str(port), "BASE_PATH": "/rates/", "NETWORK_MS": "1000"}
        done = script("try-release.sh", "staging", "smoke", **where)
        assert done.returncode == 0, done.stderr
        assert f"smoke against http://127.0.0.1:{port}/rates" in done.stderr
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


@pytest.mark.parametrize(
    ("history", "revision"),
    [
        (line(1, "superseded") + line(2, "deployed"), "1"),
        # 2 never got ready, and was rolled back by helm.
        (line(1, "superseded") + line(2, "failed") + line(3, "superseded") + line(4, "deployed"), "3"),
        (line(1, "superseded") + line(2, "failed") + line(3, "deployed"), "1"),
    ],
    ids=["two-releases", "a-failed-one-before", "a-failed-one-between"],
)
def test_rollback(script, history, revision):
    """The way back leads to the last release that was good, past those that failed"""
    done = script("roll-back.sh", "production", HISTORY=HEAD + history)
    assert done.returncode == 0, done.stderr
    asked, back = script.log.read_text().splitlines()
    assert asked == "history crypto-rates --namespace production"
    assert back.startswith(f"rollback crypto-rates {revision} --namespace production --wait")


def test_nothing_to_go_back_to(script):
    """A first release stays, and that is a failure that says so"""
    done = script("roll-back.sh", "staging", HISTORY=HEAD + line(1, "deployed"))
    assert done.returncode == 1 and "no release before this one" in done.stderr
    assert "rollback" not in script.log.read_text()
