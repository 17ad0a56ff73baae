"""The unit, run for real by a systemd, in the sandbox that it asks for, installed as docs/deployment.md says."""

import json
import re
import time

from harness import get
from installed import ENV, UNIT, documented, ready, snapshot, until, wait_until_ready


def test_installed_as_documented(installed):
    """The documented commands install and start the service, and it keeps rates in its folder."""
    assert installed.show(UNIT, "ActiveState", "SubState", "NRestarts") == ["active", "running", "0"]
    health = json.loads(get(installed.port, "/health")[2])
    assert (health["status"], health["store"]) == ("healthy", {"kind": "file", "degraded": False}), health
    assert json.loads(get(installed.port, "/api/rates")[2])["data_source"] == "coingecko"
    assert get(installed.port, "/")[0] == 200
    assert installed.bash("ls /var/lib/crypto-rates/").split() == ["rates.redb"]
    # Nobody but root reads the file with the key.
    assert installed.bash(f"stat --format='%a %U' {ENV}").strip() == "600 root"


def test_sandbox(installed):
    """The process has no privilege, a filter of system calls, and its limits; the sandbox hides no metric."""
    status = dict(re.findall(r"(\w+):\t(.*)", installed.bash(f"cat /proc/{installed.main_pid(UNIT)}/status")))
    # A transient user of systemd's own range.
    assert all(61184 <= int(uid) <= 65519 for uid in status["Uid"].split()), status["Uid"]
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    assert installed.show(UNIT, "MemoryMax", "TasksMax") == [str(256 * 1024 * 1024), "512"]
    metrics = dict(re.findall(r"(?m)^process_(\w+) ([\d.]+)$", get(installed.port, "/metrics")[2].decode()))
    measured = {"start_time_seconds", "resident_memory_bytes", "cpu_seconds_total", "open_fds", "threads"}
    assert measured <= metrics.keys() and metrics["max_fds"] == "10240", metrics


def test_nothing_else_can_be_written(installed):
    """Where the service runs, not even root could write elsewhere than to its folder."""
    pid = installed.main_pid(UNIT)
    # In its view of the files, by a process without its other bounds.
    for path in ("/usr/x", "/etc/x", "/var/x", "/var/lib/x", "/root/x", "/home/x", "/dev/shm/x/y"):
        assert installed.run("touch", path, inside=pid).returncode != 0, f"{path} was written to"
    for command in ("touch", "rm"):
        assert installed.run(command, "/var/lib/crypto-rates/proof", inside=pid).returncode == 0


def test_killed(installed):
    """Killed, it is back within ten seconds with the same rates, and without a call to the upstream."""
    before, calls, pid = snapshot(installed), len(installed.calls), installed.main_pid(UNIT)
    installed.run("systemctl", "kill", "--signal=KILL", UNIT)
    again = lambda: installed.show(UNIT, "NRestarts") != ["0"] and ready(installed.port)  # noqa: E731
    until(again, 10, lambda: installed.journal(UNIT))
    assert installed.main_pid(UNIT) != pid
    assert (snapshot(installed), len(installed.calls)) == (before, calls)
    assert "the last good rates are there" in installed.journal(UNIT)


def test_changed_as_documented(installed):
    """The documented commands check the file of variables, restart the service, and show how it is."""
    said = installed.bash(documented("systemd-check"))
    assert "the configuration is valid" in said and "Active: active (running)" in said
    wait_until_ready(installed.port)


def test_a_wrong_variable(installed):
    """A wrong value is named in the journal, and the service comes back by itself once it is right."""
    installed.bash(f"cp -p {ENV} {ENV}.right; echo CACHE_DURATION=5m >>{ENV}; systemctl restart {UNIT}")
    until(lambda: "CACHE_DURATION=5m is not valid" in installed.journal(UNIT), 10)
    assert installed.show(UNIT, "ActiveState") != ["active"]
    installed.bash(f"mv {ENV}.right {ENV}")
    wait_until_ready(installed.port, seconds=10)


def test_stop(installed):
    """Stopped, it serves for its three seconds of notice, ends by itself, and counts as ended well."""
    begun = time.monotonic()
    installed.run("systemctl", "stop", "--no-block", UNIT)
    time.sleep(1)
    assert [get(installed.port, path)[0] for path in ("/health/ready", "/api/rates")] == [503, 200]
    until(lambda: installed.show(UNIT, "ActiveState") == ["inactive"], 15, lambda: installed.journal(UNIT))
    assert 3 <= time.monotonic() - begun < 13
    assert installed.show(UNIT, "Result", "ExecMainCode", "ExecMainStatus") == ["success", "1", "0"]
    assert re.search(r"INFO .*: stopped$", installed.journal(UNIT), re.MULTILINE)
