"""What open pages cost one server: memory for each stream, processor time for a refresh that all of them are told
of, and for the question that each then asks. Prints a line of JSON.

Usage: open_pages.py SERVER [--streams 5000]

The history is a day old, as faketime lets the server write it: a page's answer has a line for each currency.
"""

import argparse
import contextlib
import glob
import json
import os
import pathlib
import random
import re
import resource
import socket
import tempfile
import time

from harness import SAMPLE, cpu_seconds, free_port, get, process, resident_mb, upstream, wait_until_ready, wrk

#: Seconds between refreshes, of which some are measured; the clock of `cpu_seconds` has hundredths.
INTERVAL = 40
REFRESHES = 3
#: The server writes a comment into each stream so often.
HEARTBEAT = 15


def listen(port):
    """Opens a stream as a page does, and leaves what it sends in the socket."""
    stream = socket.create_connection(("127.0.0.1", port))
    stream.sendall(b"GET /api/stream?data=id HTTP/1.1\r\nHost: rates.example.org\r\n\r\n")
    return stream


def received(stream):
    """The bytes that have come since the last call."""
    stream.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        return len(stream.recv(1 << 20))
    return 0


def write_history(binary, environment):
    """Has the server ask once in each half-hour of the last day."""
    faketime = glob.glob("/usr/lib/*/faketime/libfaketimeMT*")[0]
    for minutes in range(24 * 60, 0, -30):
        port = free_port()
        before = {"LD_PRELOAD": faketime, "FAKETIME": f"-{minutes}m", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        with process([binary], port, env={**environment, **before, "PORT": str(port)}):
            wait_until_ready(port)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("--streams", type=int, default=5000)
    arguments = parser.parse_args()
    binary, wanted = str(pathlib.Path(arguments.server).resolve()), arguments.streams
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    answer = json.loads(SAMPLE.read_text())

    def ever_new():
        for rate in answer["rates"].values():
            rate["value"] *= random.uniform(0.9999, 1.0001)
        answer["rates"]["btc"]["value"] = 1
        return answer

    def refreshed(port, last):
        while (now := get(port, "/api/rates")[1]["etag"].split(".")[0]) == last:
            time.sleep(0.05)
        return now

    with contextlib.ExitStack() as running:
        port = free_port()
        environment = {
            **os.environ, "HOST": "127.0.0.1", "PORT": str(port), "HISTORY_BACKFILL": "0",
            "STORE_URL": "file://" + running.enter_context(tempfile.TemporaryDirectory()),
            "COINGECKO_URL": running.enter_context(upstream(ever_new)), "CACHE_DURATION": str(INTERVAL),
        }
        write_history(binary, {**environment, "CACHE_DURATION": "1"})
        server = running.enter_context(process([binary], port, env=environment))
        wait_until_ready(port)
        last = refreshed(port, None)

        def costs():
            """Milliseconds of processor time of a refresh, and of a heartbeat's time in which there is none."""
            nonlocal last
            refreshes = quiet = 0
            for round in range(1, REFRESHES + 1):
                begun = cpu_seconds(server)
                time.sleep(HEARTBEAT)
                quiet += cpu_seconds(server) - begun
                begun, at = cpu_seconds(server), time.monotonic()
                last = refreshed(port, last)
                time.sleep(2)
                beside = (time.monotonic() - at) / HEARTBEAT * quiet / round
                refreshes += cpu_seconds(server) - begun - beside
            return refreshes / REFRESHES * 1000, quiet / REFRESHES * 1000

        alone, memory = costs(), resident_mb(server)
        streams = [listen(port) for _ in range(wanted)]
        while f"\ncrypto_app_streams {wanted}\n" not in get(port, "/metrics")[2].decode():
            time.sleep(0.1)
        time.sleep(2)
        head = received(streams[0])
        with_streams = resident_mb(server)
        told = costs()
        told_bytes = received(streams[0])
        for stream in streams:
            stream.close()
        have = re.search(r'"([^".]+)', last)[1]
        path = f"/fn/latest?base=usd&quote=direct&have={have}"
        unchanged = len(get(port, path, {"Accept-Encoding": "br"})[2])
        refreshed(port, last)
        new = {coding: len(get(port, path, {"Accept-Encoding": coding})[2]) for coding in ["br", "identity"]}
        page = len(get(port, "/", {"Accept-Encoding": "br"})[2])
        begun = cpu_seconds(server)
        load = wrk(port, path, 10, ["Accept-Encoding: br"])
        print(json.dumps({
            "streams": wanted, "resident_mb": memory, "resident_with_streams_mb": with_streams,
            "kb_per_stream": (with_streams - memory) * 1000 / wanted, "head_bytes": head, "told_bytes": told_bytes,
            "refresh_cpu_ms": alone[0], "us_per_event": (told[0] - alone[0]) * 1000 / wanted,
            "us_per_heartbeat": (told[1] - alone[1]) * 1000 / wanted,
            "latest_br": new["br"], "latest": new["identity"], "latest_unchanged_br": unchanged, "page_br": page,
            "latest_per_s": load.per_second, "latest_cpu_us": (cpu_seconds(server) - begun) / load.requests * 1e6,
        }))


if __name__ == "__main__":
    main()
