"""The unit, run for real by a systemd, in the sandbox that it asks for, installed as docs/deployment.md says."""

import json
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "benches")]

from harness import get  # noqa: E402
from installed import ENV, UNIT, documented, ready, until, wait_until_ready  # noqa: E402


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
    """The process has no privilege, a filter of system calls, and its limits; the sandbox hides no metric."""
    pid = installed.main_pid(UNIT)
    lines = installed.run("cat", f"/proc/{pid}/status").stdout.splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    # A transient user of systemd's own range.
    assert all(61184 <= int(uid) <= 65519 for uid in status["Uid"].split()), status["Uid"]
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    shown = installed.show(UNIT, "MemoryMax", "TasksMax")
    assert shown == {"MemoryMax": str(256 * 1024 * 1024), "TasksMax": "512"}
    metrics = get(installed.port, "/metrics")[2].decode()
    whole = ("start_time_seconds", "resident_memory_bytes", "cpu_seconds_total", "open_fds", "threads")
    for name in (*whole, "max_fds 10240"):
        assert re.search(rf"^process_{name}( [\d.]+)?$", metrics, re.MULTILINE), name


def test_nothing_else_can_be_written(installed):
    """Where the service runs, not even root could write elsewhere than to its folder."""
    pid = installed.main_pid(UNIT)
    # In its view of the files, by a process without its other bounds.
    for path in ("/usr/x", "/etc/x", "/var/x", "/var/lib/x", "/root/x", "/home/x", "/dev/shm/x/y"):
        assert installed.run("touch", path, inside=pid).returncode != 0, f"{path} was written to"
    assert installed.run("touch", "/var/lib/crypto-rates/proof", inside=pid).returncode == 0
    installed.run("rm", "/var/lib/crypto-rates/proof", inside=pid)


def test_killed(installed):
    """Killed, it is back within ten seconds with the same rates, and without a call to the upstream."""
    before = json.loads(get(installed.port, "/api/rates")[2])
    calls = len(installed.calls)
    pid = installed.main_pid(UNIT)
    installed.run("systemctl", "kill", "--signal=KILL", UNIT)
    again = lambda: installed.show(UNIT, "NRestarts")["NRestarts"] != "0" and ready(installed.port)  # noqa: E731
    until(again, 10, lambda: installed.journal(UNIT))
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
    until(lambda: "CACHE_DURATION=5m is not valid" in installed.journal(UNIT), 10)
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
    until(lambda: installed.show(UNIT, "ActiveState")["ActiveState"] == "inactive", 15, lambda: installed.journal(UNIT))
    assert 3 <= time.monotonic() - begun < 13
    shown = installed.show(UNIT, "Result", "ExecMainCode", "ExecMainStatus")
    assert shown == {"Result": "success", "ExecMainCode": "1", "ExecMainStatus": "0"}
    assert re.search(r"INFO .*: stopped$", installed.journal(UNIT), re.MULTILINE)
