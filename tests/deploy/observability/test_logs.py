"""LOG_FORMAT=json on the real binary: what a cluster's collector reads, from the start to the end, and in a panic."""

import contextlib
import datetime
import json
import re
import subprocess
import sys

from stage import Server, get, wait_until
from standin import Standin


def parsed(text: str) -> list[dict]:
    """Each line as the object that it must be; both outputs, as a container's log has them."""
    entries = [json.loads(line) for line in text.splitlines()]
    for entry in entries:
        assert datetime.datetime.strptime(entry["timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ")
        assert entry["level"] in {"ERROR", "WARN", "INFO", "DEBUG", "TRACE"} and entry["message"] and entry["target"]
    return entries


def test_the_log_of_a_life(server, tmp_path):
    """From start to stop each line is one object: first rates, a failure with its cause, recovery, requests."""
    standin, log = Standin(), tmp_path / "server.log"
    own = {"COINGECKO_URL": standin.url("turning"), "CACHE_DURATION": "1", "RUST_LOG": "info,crypto_rates=debug"}
    with contextlib.closing(standin), Server(server, log, own) as process:
        process.wait_until_ready()
        # What a caller sends must not break a line, nor make one of its own.
        get(f"{process.url}/none%0a%7b%22level%22:%22ERROR%22%7d")
        standin.turned = True
        wait_until("a refresh fails", lambda: "the refresh failed" in log.read_text())
        standin.turned = False
        wait_until("one works again", lambda: log.read_text().count("rates are fresh") == 2)
        process.process.terminate()
        assert process.process.wait(timeout=15) == 0
    entries = parsed(log.read_text())
    # What is asked between refreshes comes whenever there is time.
    told = [entry for entry in entries if entry["level"] != "DEBUG" and "side_calls" not in entry["target"]]
    assert [(entry["level"], entry["message"]) for entry in told] == [
        ("INFO", "listening"),
        ("INFO", "rates are fresh"),
        ("WARN", "the refresh failed"),
        ("INFO", "rates are fresh"),
        ("INFO", "stopping: readiness fails, requests are still taken"),
        ("INFO", "stopping: finishing what is under way"),
        ("INFO", "stopped"),
    ]
    failure = next(entry for entry in entries if entry["message"] == "the refresh failed")
    assert failure["error"] == "answered with status 500" and failure["last_good"]
    # Whose id it is: tests/process/main.rs.
    asked = [(entry["span"], entry["status"]) for entry in entries if entry["message"] == "answered"]
    forged = [(span["method"], status) for span, status in asked if span["path"].startswith("/none")]
    assert forged == [("GET", 404)], asked


#: Starts the binary where no thread can be made, as a user whom that limit holds: tokio panics.
WITHOUT_THREADS = """
import os, resource, sys
binary = os.open(sys.argv[1], os.O_RDONLY)
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
os.chdir("/")
os.execve(binary, ["crypto-rates"], {"HOST": "127.0.0.1", "PORT": "0", "STORE_URL": "memory:", "LOG_FORMAT": "json"})
"""


def test_a_panic_is_one_line(server):
    """A real panic, whose message would take several lines, is one JSON object at the level ERROR with its place."""
    command = [sys.executable, "-c", WITHOUT_THREADS, str(server)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 101, ended.stderr
    (entry,) = (entry for entry in parsed(ended.stdout + ended.stderr) if "panic" in entry)
    assert entry["level"] == "ERROR" and "spawn worker thread" in entry["panic"]
    assert re.fullmatch(r".+\.rs:\d+:\d+", entry["location"])
