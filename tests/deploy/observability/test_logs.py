"""LOG_FORMAT=json on the real binary: what a cluster's collector reads, from the start to the end, and in a panic."""

import datetime
import json
import re
import subprocess
import sys
import urllib.request

import pytest
from standin import Standin
from stage import Server, get, wait_until

RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


def parsed(text: str) -> list[dict]:
    """Each line as the object that it must be; both outputs together, as a container's log has them."""
    lines = text.splitlines()
    assert lines
    entries = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            pytest.fail(f"not JSON: {line}")
        assert isinstance(entry, dict), line
        entries.append(entry)
    return entries


@pytest.fixture(scope="module")
def entries(server, tmp_path_factory):
    """The log of a life: start, requests, a source that fails and is well again, stop."""
    standin = Standin()
    log = tmp_path_factory.mktemp("logs") / "server.log"
    variables = {
        "COINGECKO_URL": standin.url("turning"),
        "CACHE_DURATION": "1",
        "RUST_LOG": "info,crypto_rates=debug",
    }
    process = Server(server, log, variables)
    try:
        process.wait_until_ready()
        request = urllib.request.Request(f"{process.url}/api/rates", headers={"X-Request-Id": "from-the-proxy"})
        urllib.request.urlopen(request).close()
        # What a caller sends must not break a line, nor make one of its own.
        get(f"{process.url}/none%0a%7b%22level%22:%22ERROR%22%7d")
        standin.turned = True
        wait_until("a refresh fails", lambda: "the refresh failed" in log.read_text())
        standin.turned = False
        wait_until("one works again", lambda: log.read_text().count("rates are fresh") == 2)
        process.process.terminate()
        assert process.process.wait(timeout=15) == 0
    finally:
        process.kill()
        standin.close()
    return parsed(log.read_text())


def test_each_line_is_an_object(entries):
    """From start to stop, failures included, each line is one JSON object with time, level, message and target."""
    for entry in entries:
        assert RFC_3339_UTC.fullmatch(entry["timestamp"]), entry
        datetime.datetime.fromisoformat(entry["timestamp"])
        assert entry["level"] in {"ERROR", "WARN", "INFO", "DEBUG", "TRACE"}
        assert isinstance(entry["message"], str) and entry["message"]
        assert entry["target"].startswith("crypto_rates")


def test_the_log_tells_the_whole_life(entries):
    """Start, the first rates, a failure with its cause, the recovery and the stop have lines of their own, in order."""
    told = [(entry["level"], entry["message"]) for entry in entries if entry["level"] != "DEBUG"]
    assert told == [
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


def test_requests_have_ids(entries):
    """Each line about a request has its id, method and path; an id that a proxy sent is kept."""
    answers = [entry for entry in entries if entry["message"] == "answered"]
    assert answers
    for entry in answers:
        span = entry["span"]
        assert span["method"] == "GET" and span["path"].startswith("/")
        assert re.fullmatch(r"from-the-proxy|[0-9a-f]{16}", span["id"])
        assert isinstance(entry["status"], int)
    assert ("/api/rates", "from-the-proxy") in {(entry["span"]["path"], entry["span"]["id"]) for entry in answers}


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
    panics = [entry for entry in parsed(ended.stdout + ended.stderr) if "panic" in entry]
    assert len(panics) == 1
    (entry,) = panics
    assert entry["level"] == "ERROR" and RFC_3339_UTC.fullmatch(entry["timestamp"])
    assert "spawn worker thread" in entry["panic"]
    assert re.fullmatch(r".+\.rs:\d+:\d+", entry["location"])
