"""What the pages say of backups and restores, and of what an older version does with a newer one's store."""

import contextlib
import filecmp
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from harness import SAMPLE, free_port, get, process, upstream, wait_until_ready
from live import PASSWORD, charts_valkey, connected, running, wait_for
from pages import ROOT, Page
from valkey import Valkey

LATEST, RECORDS, LEASE = (f"{{crypto-rates:1}}:{name}" for name in ("latest", "records", "lease"))


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


def documented(marker: str, page: str = "operations") -> str:
    (block,) = [fence.text for fence in Page(ROOT / f"docs/{page}.md").fences if fence.info == ["sh", marker]]
    return block


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
            assert get(port, "/api/rates")[0] == 200 and points(port), number
        assert "the last good rates are there" in log.read_text()
        assert "damaged" not in log.read_text() and os.listdir(folder) == ["rates.redb"], number


def test_a_file_of_a_later_format(server, source, copies, tmp_path):
    """A file in a later format of the database is set aside whole, and is there for the version that reads it."""
    later = bytearray(copies[-1])
    # redb has its format's number at the beginning of both commit slots.
    for slot in (64, 192):
        assert later[slot] == 3
        later[slot] = 4
    (tmp_path / "rates.redb").write_bytes(later)
    log = tmp_path / "log"
    with running(server, f"file://{tmp_path}", source=source, log=log) as port:
        wait_until_ready(port)
        assert json.loads(get(port, "/health")[2])["store"] == {"kind": "file", "degraded": False}
    (aside,) = tmp_path.glob("rates.redb.set-aside-*")
    assert aside.read_bytes() == later
    assert re.search(r"the store was damaged: begun anew.*format version", log.read_text())


def records(client: Valkey) -> set[tuple[bytes, float]]:
    """Each record with its time."""
    return set(client.zrangebyscore(RECORDS, "-inf", "+inf", withscores=True))


@contextlib.contextmanager
def redis_server(folder: Path, *options: str):
    """A real Redis whose files are in this folder."""
    assert shutil.which("redis-server"), "redis-server is missing: scripts/setup.sh deploy brings it"
    port = free_port()
    own = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", ""]
    with process(["redis-server", *own, *options], port):
        yield connected(port)


@pytest.fixture
def redis(tmp_path):
    with redis_server(tmp_path) as redis:
        yield redis


def in_bash(script: str, redis: Valkey, folder: Path, env: dict[str, str] | None = None) -> str:
    """Runs documented commands against this Redis."""
    script = re.sub(r"^REDIS_URL=.*$", f"REDIS_URL={redis.url}", script, flags=re.MULTILINE)
    script = script.replace("redis-cli --user", f"redis-cli -p {redis.port} --user")
    command = ["bash", "-eo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search("ERR|NOAUTH|WRONGPASS|NOPERM", done.stdout + done.stderr), done.stdout + done.stderr
    return done.stdout


def test_the_lease_in_the_charts_valkey(server, source, cluster, helm4, kubectl, tmp_path):
    """Two servers may do all they want of the chart's Valkey; the runbook's commands show the lease and its time left."""
    env, password = cluster.env(helm4), f"--from-literal=password={PASSWORD}"
    create = ["--namespace", "rates", "create", "secret", "generic", "crypto-rates-valkey", password]
    subprocess.run([kubectl, *create], env=env, check=True, capture_output=True)
    with charts_valkey(tmp_path) as valkey, contextlib.ExitStack() as servers:
        both = [servers.enter_context(running(server, valkey.url, source=source)) for _ in range(2)]

        def settled():
            answers = [get(port, "/health") for port in both]
            first, second = (json.loads(body) for _, _, body in answers)
            roles = {first["store"].get("role"), second["store"].get("role")}
            assert not first["store"]["degraded"] and not second["store"]["degraded"]
            same = first["snapshot"] and second["snapshot"] and first["snapshot"]["id"] == second["snapshot"]["id"]
            return roles == {"in_charge", "waiting"} and same and {code for code, _, _ in answers} == {200}

        wait_for(settled)
        assert valkey.refused() == []
        holder, left = in_bash(documented("valkey-lease", "runbook"), valkey, tmp_path, env).split()
        assert holder == valkey.get(LEASE).decode() and 0 < int(left) <= 10_000


def test_the_charts_valkey_on_a_volume_that_is_put_back(server, source, tmp_path):
    """The volume of the chart's Valkey as it was at a moment, without an orderly end, brings the history back."""
    with charts_valkey(tmp_path) as valkey, running(server, valkey.url, source=source):
        wait_for(lambda: len(records(valkey)) >= 3)
        kept = records(valkey)
        # A snapshot of a volume is of one moment.
        valkey.child.send_signal(signal.SIGSTOP)
        shutil.copytree(tmp_path / "data", tmp_path / "put-back/data")
        valkey.child.send_signal(signal.SIGCONT)
    with charts_valkey(tmp_path / "put-back") as valkey, running(server, valkey.url, interval=300) as port:
        assert kept <= records(valkey)
        assert get(port, "/api/rates")[0] == 200 and points(port)


def test_redis_history_as_documented(server, source, redis, tmp_path):
    """The documented commands save the history from Redis and put it together with what came since, while in use."""
    with running(server, redis.url, source=source) as port:
        wait_until_ready(port)
        wait_for(lambda: len(records(redis)) >= 3)
        saved, oldest = records(redis), points(port)[0]["low"]
        in_bash(documented("redis-backup"), redis, tmp_path)
        # A server that comes back empty, with some new records.
        redis.flushall()
        wait_for(lambda: redis.zcard(RECORDS) >= 2)
        since = records(redis)
        assert not saved <= since
        in_bash(documented("redis-restore"), redis, tmp_path)
        # Each once, under its own time.
        together = records(redis)
        assert saved | since <= together
        assert len({score for score, _ in together}) == len(together)
        assert not redis.exists("{crypto-rates:1}:restored")
        wait_for(lambda: points(port)[0]["low"] == oldest)


@pytest.mark.parametrize(("options", "comes_back"), [(["--appendonly", "no"], True), (["--appendonly", "yes"], False)])
def test_redis_whole_as_documented(server, source, redis, tmp_path, options, comes_back):
    """A whole Redis is saved by the documented command, and comes back, lease and all, if its log of writes is off"""
    with running(server, redis.url, source=source):
        wait_for(lambda: len(records(redis)) >= 3 and redis.get(LEASE))
        kept = records(redis)
        in_bash(documented("redis-whole"), redis, tmp_path)
    again = tmp_path / "again"
    again.mkdir()
    shutil.copy(tmp_path / "dump.rdb", again)
    with redis_server(again, *options) as redis, running(server, redis.url, interval=300) as port:
        assert (kept <= records(redis)) is comes_back
        if comes_back:
            assert get(port, "/api/rates")[0] == 200 and points(port)
            wait_for(lambda: json.loads(get(port, "/health")[2])["store"]["role"] == "in_charge")
            # From then on with its log, as the page says.
            in_bash(documented("redis-log"), redis, tmp_path)
            assert redis.config_get("appendonly") == {"appendonly": "yes"}
            wait_for(lambda: list((again / "appendonlydir").glob("*.base.rdb")))


@pytest.mark.parametrize("readable", [True, False])
def test_a_later_version_on_redis(server, source, redis, tmp_path, readable):
    """A later version's last snapshot is read if it only says more; else there is a warning, and its records stay"""
    with running(server, redis.url, source=source):
        wait_for(lambda: records(redis))
    latest = json.loads(redis.get(LATEST))
    more = {"quality": "as never before", "rates": [{**rate, "volume": 1} for rate in latest["rates"]]}
    redis.set(LATEST, json.dumps(latest | (more if readable else {"source": "a later one"})))
    redis.zadd(RECORDS, {"a record of another version": int(time.time()) - 60})
    log = tmp_path / "log"
    with running(server, redis.url, log=log, interval=300) as port:
        assert get(port, "/api/rates")[0] == (200 if readable else 503)
    assert ("the last good rates are there" in log.read_text()) is readable
    assert ("what is kept can't be read" in log.read_text()) is not readable
    with running(server, redis.url, source=source) as port:
        wait_for(lambda: json.loads(redis.get(LATEST))["source"] == "coingecko")
        assert get(port, "/api/rates")[0] == 200 and points(port)
    assert b"a record of another version" in redis.zrange(RECORDS, 0, -1)
