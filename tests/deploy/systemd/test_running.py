"""The unit, run for real by a systemd, in the sandbox that it asks for, installed as docs/deployment.md says."""

import json
import re
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "benches")]

from harness import get  # noqa: E402
from installed import ENV, UNIT, ask, documented, wait_until_ready  # noqa: E402


def test_installed_as_documented(installed):
    """The documented commands install and start the service, and it keeps rates in its folder."""
    state = installed.show(UNIT, "ActiveState", "SubState", "NRestarts", "UnitFileState")
    assert (state["ActiveState"], state["SubState"], state["NRestarts"]) == ("active", "running", "0")
    health = json.loads(get(installed.port, "/health")[2])
    assert health["status"] == "healthy", health
    assert health["store"] == {"kind": "file", "degraded": False}
    assert json.loads(get(installed.port, "/api/rates")[2])["data_source"] == "coingecko"
    assert get(installed.port, "/")[0] == 200
    listed = installed.run("ls", "/var/lib/crypto-rates/").stdout.split()
    assert listed == ["rates.redb"]
    # Nobody but root reads the file with the key.
    assert installed.run("stat", "--format=%a %U", ENV).stdout.strip() == "600 root"


def test_sandbox(installed):
    """The process has no privilege, a filter of system calls, and its limits."""
    pid = installed.main_pid(UNIT)
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
    )
    # A transient user of systemd's own range.
    assert all(61184 <= int(uid) <= 65519 for uid in status["Uid"].split()), status["Uid"]
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"^Max open files\s+10240\s+10240\s", limits, re.MULTILINE), limits
    shown = installed.show(UNIT, "MemoryMax", "TasksMax")
    assert shown == {"MemoryMax": str(256 * 1024 * 1024), "TasksMax": "512"}


@pytest.mark.parametrize("path", ["/usr/x", "/etc/x", "/var/x", "/var/lib/x", "/root/x", "/home/x", "/dev/shm/x/y"])
def test_nothing_else_can_be_written(installed, path):
    """Where the service runs, not even root could write to"""
    pid = installed.main_pid(UNIT)
    # In its view of the files, by a process without its other bounds.
    done = installed.run("touch", path, inside=pid)
    assert done.returncode != 0, f"{path} was written to"
    assert installed.run("touch", "/var/lib/crypto-rates/proof", inside=pid).returncode == 0
    installed.run("rm", "/var/lib/crypto-rates/proof", inside=pid)


def test_metrics_are_whole(installed):
    """The sandbox hides nothing of /proc that the metrics tell."""
    metrics = get(installed.port, "/metrics")[2].decode()
    for name in (
        "process_start_time_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total",
        "process_open_fds", "process_threads",
    ):
        assert re.search(rf"^{name} [\d.]+$", metrics, re.MULTILINE), name
    assert re.search(r"^process_max_fds 10240$", metrics, re.MULTILINE)


def test_killed(installed):
    """Killed, it is back within ten seconds with the same rates, and without a call to the upstream."""
    before = json.loads(get(installed.port, "/api/rates")[2])
    calls = len(installed.calls)
    pid = installed.main_pid(UNIT)
    installed.run("systemctl", "kill", "--signal=KILL", UNIT)
    deadline = time.monotonic() + 10
    while installed.show(UNIT, "NRestarts")["NRestarts"] == "0" or not ask(installed.port, "/health/ready"):
        assert time.monotonic() < deadline, installed.journal(UNIT)
        time.sleep(0.1)
    assert installed.main_pid(UNIT) != pid
    assert json.loads(get(installed.port, "/api/rates")[2])["snapshot_id"] == before["snapshot_id"]
    assert len(installed.calls) == calls
    assert "the last good rates are there" in installed.journal(UNIT)


def test_changed_as_documented(installed):
    """The documented commands check the file of variables, restart the service, and show how it is."""
    done = installed.run("bash", "-ec", documented("systemd-check"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the configuration is valid" in done.stdout and "Active: active (running)" in done.stdout
    wait_until_ready(installed.port)


def test_a_wrong_variable(installed):
    """A wrong value is named in the journal, and the service comes back by itself once it is right."""
    installed.run("bash", "-ec", f"cp -p {ENV} {ENV}.right; echo CACHE_DURATION=5m >>{ENV}")
    installed.run("systemctl", "restart", UNIT)
    deadline = time.monotonic() + 10
    while "CACHE_DURATION=5m is not valid" not in installed.journal(UNIT):
        assert time.monotonic() < deadline, installed.journal(UNIT)
        time.sleep(0.1)
    assert installed.show(UNIT, "ActiveState")["ActiveState"] != "active"
    installed.run("mv", f"{ENV}.right", ENV)
    wait_until_ready(installed.port, seconds=10)


def test_stop(installed):
    """Stopped, it serves for its three seconds of notice, ends by itself, and counts as ended well."""
    begun = time.monotonic()
    installed.run("systemctl", "stop", "--no-block", UNIT)
    time.sleep(1)
    assert get(installed.port, "/health/ready")[0] == 503
    assert get(installed.port, "/api/rates")[0] == 200
    while installed.show(UNIT, "ActiveState")["ActiveState"] != "inactive":
        assert time.monotonic() - begun < 15, installed.journal(UNIT)
        time.sleep(0.1)
    assert 3 <= time.monotonic() - begun < 13
    shown = installed.show(UNIT, "Result", "ExecMainCode", "ExecMainStatus")
    assert shown == {"Result": "success", "ExecMainCode": "1", "ExecMainStatus": "0"}
    assert re.search(r"INFO .*: stopped$", installed.journal(UNIT), re.MULTILINE)
