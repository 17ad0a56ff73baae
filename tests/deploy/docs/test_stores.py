"""What docs/operations.md says of backups, and of what an older version does with a newer one's store."""

import contextlib
import filecmp
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "benches")]

from harness import SAMPLE, free_port, get, process, upstream, wait_until_ready  # noqa: E402
from pages import Page  # noqa: E402

LATEST, RECORDS = "{crypto-rates:1}:latest", "{crypto-rates:1}:records"
#: Nobody listens there: what is shown then comes from the store.
NOBODY = "http://127.0.0.1:9"


def environment(port: int, store: str, source: str = NOBODY, interval: int = 1) -> dict[str, str]:
    return {
        **os.environ, "HOST": "127.0.0.1", "PORT": str(port), "STORE_URL": store, "COINGECKO_URL": source,
        "CACHE_DURATION": str(interval), "RATES_SOURCES": "coingecko", "LOG_FORMAT": "text", "NO_COLOR": "1",
    }


@contextlib.contextmanager
def running(server, store, log=None, **settings):
    """A server on this store; its port, once it answers."""
    port = free_port()
    env = environment(port, store, **settings)
    with (log or Path(os.devnull)).open("w") as output:
        child = subprocess.Popen([server], env=env, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                get(port, "/health/live")
                break
            assert child.poll() is None and time.monotonic() < deadline, log and log.read_text()
            time.sleep(0.01)
        yield port
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(timeout=20)


@pytest.fixture(scope="module")
def source():
    """A stand-in for CoinGecko whose dollar goes up with each call."""
    answer, calls = json.loads(SAMPLE.read_text()), 0

    def next_answer():
        nonlocal calls
        calls += 1
        answer["rates"]["usd"]["value"] = 70_000 + calls
        return answer

    with upstream(next_answer) as address:
        yield address


def points(port: int) -> list[dict]:
    """The history of the dollar over the last hour."""
    status, _, body = get(port, "/api/history?symbol=usd&from=1h&step=5s")
    assert status == 200, body
    return json.loads(body)["points"]


def wait_for(what, seconds=20):
    """Waits until `what()` is true: a store is written to while nobody waits for it."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def documented(marker: str) -> str:
    blocks = [fence.text for fence in Page(ROOT / "docs/operations.md").fences if fence.info == ["sh", marker]]
    assert len(blocks) == 1, marker
    return blocks[0]


@pytest.fixture(scope="module")
def copies(server, source, tmp_path_factory):
    """Copies of the file under a process that writes to it each second, each equal to the file thereafter."""
    folder = tmp_path_factory.mktemp("copied")
    equal = []
    with running(server, f"file://{folder}", source=source) as port:
        wait_until_ready(port)
        wait_for(lambda: points(port))
        until = time.monotonic() + 6
        while time.monotonic() < until:
            copy = folder / "copy"
            shutil.copyfile(folder / "rates.redb", copy)
            if filecmp.cmp(folder / "rates.redb", copy, shallow=False):
                equal.append(copy.read_bytes())
            time.sleep(0.25)
    return equal


def test_copies_of_the_running_file(server, copies, tmp_path):
    """A copy of the file under a running process that is then equal to it opens whole, every time."""
    assert len(copies) > 5
    for number, copy in enumerate(copies):
        folder, log = tmp_path / str(number), tmp_path / "log"
        folder.mkdir()
        (folder / "rates.redb").write_bytes(copy)
        with running(server, f"file://{folder}", log=log, interval=300) as port:
            assert get(port, "/api/rates")[0] == 200, number
            assert points(port), number
        assert "the last good rates are there" in log.read_text()
        assert "damaged" not in log.read_text() and os.listdir(folder) == ["rates.redb"], number


def test_a_torn_copy(server, copies, tmp_path):
    """A copy with the beginning of one moment and the rest of a later one is set aside, and never shown."""
    early, late = copies[len(copies) // 2], copies[-1]
    folder, log = tmp_path / "torn", tmp_path / "log"
    folder.mkdir()
    (folder / "rates.redb").write_bytes(early[:4096] + late[4096:])
    with running(server, f"file://{folder}", log=log, interval=300) as port:
        assert get(port, "/api/rates")[0] == 503
    assert "the store was damaged: begun anew" in log.read_text()
    assert any("set-aside" in name for name in os.listdir(folder))


def test_a_file_of_a_later_format(server, source, tmp_path):
    """A file in a later format of the database is set aside whole, and is there for the version that reads it."""
    folder, log = tmp_path / "store", tmp_path / "log"
    with running(server, f"file://{folder}", source=source) as port:
        wait_until_ready(port)
        wait_for(lambda: points(port))
    file = folder / "rates.redb"
    later = bytearray(file.read_bytes())
    # redb has its format's number at the beginning of both commit slots.
    for slot in (64, 192):
        assert later[slot] == 3
        later[slot] = 4
    file.write_bytes(later)
    with running(server, f"file://{folder}", source=source, log=log) as port:
        wait_until_ready(port)
        assert json.loads(get(port, "/health")[2])["store"] == {"kind": "file", "degraded": False}
    (aside,) = folder.glob("rates.redb.set-aside-*")
    assert aside.read_bytes() == later
    assert re.search(r"the store was damaged: begun anew.*format version", log.read_text())


@pytest.fixture
def redis(tmp_path):
    """A Redis of this test's own; `redis(*command)` asks it."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is missing: apt-get install redis-server")
    port = free_port()
    arguments = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(tmp_path), "--save", ""]
    with process(arguments, port):

        def ask(*command, data=None):
            asked = ["redis-cli", "-p", str(port), *command]
            return subprocess.run(asked, input=data, capture_output=True, check=True).stdout

        ask.url = f"redis://127.0.0.1:{port}/0"
        yield ask


def in_bash(script: str, redis, folder: Path) -> None:
    """Runs documented commands against this Redis."""
    script, replaced = re.subn(r"^REDIS_URL=.*$", f"REDIS_URL={redis.url}", script, flags=re.MULTILINE)
    assert replaced == 1
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0 and "ERR" not in done.stdout, done.stdout + done.stderr


def records(redis) -> set[tuple[bytes, bytes]]:
    """Each record with its time. Their bytes are asked for as text: they have line breaks."""
    shown = redis("--no-raw", "zrange", RECORDS, "0", "-1", "withscores").splitlines()
    # "(empty array)" is no line of it.
    lines = [line.split(b") ", 1)[1] for line in shown if b") " in line]
    return {(score.strip(b'"'), record) for record, score in zip(lines[::2], lines[1::2], strict=True)}


def test_redis_as_documented(server, source, redis, tmp_path):
    """The documented commands save the history from Redis and put it together with what came since, while it is used."""
    with running(server, redis.url, source=source) as port:
        wait_until_ready(port)
        wait_for(lambda: len(records(redis)) >= 3)
        saved, oldest = records(redis), points(port)[0]["low"]
        in_bash(documented("redis-backup"), redis, tmp_path)
        # A server that comes back empty, with some new records.
        redis("flushall")
        wait_for(lambda: int(redis("zcard", RECORDS)) >= 2)
        since = records(redis)
        assert not saved <= since
        in_bash(documented("redis-restore"), redis, tmp_path)
        # Each once, under its own time.
        together = records(redis)
        assert saved | since <= together
        assert len({score for score, _ in together}) == len(together)
        assert redis("exists", "{crypto-rates:1}:restored") == b"0\n"
        wait_for(lambda: points(port)[0]["low"] == oldest)


def test_redis_whole(server, source, redis, tmp_path):
    """A whole Redis that is put back as it was, lease and all, is taken up by the next process."""
    with running(server, redis.url, source=source) as port:
        wait_for(lambda: records(redis))
        redis("save")
        assert redis("get", "{crypto-rates:1}:lease").strip()
    again = free_port()
    arguments = ["redis-server", "--bind", "127.0.0.1", "--port", str(again), "--dir", str(tmp_path), "--save", ""]
    with process(arguments, again), running(server, f"redis://127.0.0.1:{again}/0", interval=300) as port:
        assert get(port, "/api/rates")[0] == 200 and points(port)
        wait_for(lambda: json.loads(get(port, "/health")[2])["store"]["role"] == "in_charge")


def stored(redis, change) -> None:
    """Changes the last good snapshot, as another version might have written it."""
    latest = json.loads(redis("get", LATEST))
    change(latest)
    redis("-x", "set", LATEST, data=json.dumps(latest).encode())


def test_fields_of_a_later_version(server, source, redis, tmp_path):
    """A last snapshot with fields that this version does not know is read without a word."""
    with running(server, redis.url, source=source):
        wait_for(lambda: records(redis))

    def later(latest):
        latest["quality"] = "as never before"
        latest["rates"][0]["volume"] = 1

    stored(redis, later)
    log = tmp_path / "log"
    with running(server, redis.url, log=log, interval=300) as port:
        assert get(port, "/api/rates")[0] == 200
    assert "the last good rates are there" in log.read_text() and "can't be read" not in log.read_text()


def test_what_this_version_cannot_read(server, source, redis, tmp_path):
    """A last snapshot and records that can't be read cost a warning; the first refresh has rates, the records stay."""
    with running(server, redis.url, source=source):
        wait_for(lambda: records(redis))
    stored(redis, lambda latest: latest.update(source="kraken"))
    redis("zadd", RECORDS, str(int(time.time()) - 60), "a record of another version")
    log = tmp_path / "log"
    with running(server, redis.url, log=log, interval=300) as port:
        assert get(port, "/api/rates")[0] == 503
    assert "what is kept can't be read" in log.read_text()
    with running(server, redis.url, source=source) as port:
        wait_for(lambda: json.loads(redis("get", LATEST))["source"] == "coingecko")
        assert get(port, "/api/rates")[0] == 200 and points(port)
    assert b"a record of another version" in redis("zrange", RECORDS, "0", "-1")
