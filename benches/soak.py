"""Ten minutes of what years will bring: load of every kind, a refresh each second, listeners that come and
go; a store on disk. Ends with 1 if a request failed, an answer was old, or memory grew.

Usage: soak.py SERVER [--seconds 600]
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from harness import SAMPLE, Load, cpu_seconds, free_port, get, process, resident_mb, save, upstream, wait_until_ready

LISTENERS = 50
#: Seconds that an answer may be behind: a refresh each second, and a busy machine.
OLDEST = 5
#: What the memory of the last fifth of the time may be of that of the second. The store's cache fills, and
#: the answers of the history get longer, by less than that.
GROWTH = 1.1

KINDS = [
    ("/api/rates", []),
    ("/", ["Accept-Encoding: br"]),
    ("/api/rates.csv?base=eur", ["Accept-Encoding: zstd"]),
    ("/?base=usd&type=crypto&sort=name&dir=desc&q=bit", ["Accept-Encoding: gzip"]),
    ("/api/history?symbol=usd&base=eur", []),
]


def listen(port, until, received):
    """Hears the stream for a while, goes, and comes back."""
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/api/stream")
        stream = connection.getresponse()
        leave = time.monotonic() + random.uniform(5, 20)
        while time.monotonic() < min(leave, until):
            if stream.readline().startswith(b"id:"):
                received.append(1)
        connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("--seconds", type=int, default=600)
    arguments = parser.parse_args()
    binary = str(pathlib.Path(arguments.server).resolve())
    answer = json.loads(SAMPLE.read_text())

    def ever_new():
        answer["rates"]["usd"]["value"] *= random.uniform(0.9999, 1.0001)
        return answer

    with contextlib.ExitStack() as running:
        store, port = running.enter_context(tempfile.TemporaryDirectory()), free_port()
        server = running.enter_context(process([binary], port, env={
            **os.environ, "HOST": "127.0.0.1", "PORT": str(port), "STORE_URL": f"file://{store}",
            "COINGECKO_URL": running.enter_context(upstream(ever_new)), "CACHE_DURATION": "1",
        }))
        wait_until_ready(port)
        until, received, errors, requests = time.monotonic() + arguments.seconds, [], [], 0
        for _ in range(LISTENERS):
            threading.Thread(target=listen, args=(port, until, received), daemon=True).start()
        memory, oldest, begun = [], 0, time.monotonic()
        while time.monotonic() < until:
            # All kinds at once, five seconds each.
            loads = []
            for path, headers in KINDS:
                # Beyond four readers of the history at once the server says, rightly, that it is busy.
                connections = 2 if "history" in path else 8
                command = ["wrk", "-t1", f"-c{connections}", "-d5s", "--latency"]
                for header in headers:
                    command += ["-H", header]
                url = f"http://127.0.0.1:{port}{path}"
                loads.append(subprocess.Popen(command + [url], stdout=subprocess.PIPE, text=True))
            for load in loads:
                done = Load(load.communicate()[0])
                requests += done.requests
                if done.errors:
                    errors.append(done.errors)
            oldest = max(oldest, int(get(port, "/api/rates")[1]["age"]))
            memory.append(resident_mb(server))
            print(f"{time.monotonic() - begun:4.0f} s  {memory[-1]:6.1f} MB  {requests:>10,} requests  "
                  f"{len(received):>7,} events  {len(errors)} errors", flush=True)
        passed = time.monotonic() - begun
        cpu = cpu_seconds(server)
        metrics = get(port, "/metrics")[2].decode()
    refreshes = int(metrics.split('coingecko_api_calls_total{status="success"} ')[1].split()[0])
    # Single samples differ by a tenth, with the answers that happen to be under way.
    fifth = max(1, len(memory) // 5)
    settled = statistics.median(memory[fifth:2 * fifth] or memory)
    late = statistics.median(memory[-fifth:])
    save("soak", {
        "seconds": passed, "requests": requests, "refreshes": refreshes, "events": len(received),
        "errors": len(errors), "oldest_answer_s": oldest, "resident_settled_mb": settled,
        "resident_late_mb": late, "cpu_s": cpu,
    })
    faults = []
    if errors:
        faults.append(f"{len(errors)} runs with errors, the first: {errors[0]}")
    if oldest > OLDEST:
        faults.append(f"an answer {oldest} s old, with a refresh each second")
    if late > GROWTH * settled:
        faults.append(f"{settled:.1f} MB grew to {late:.1f}")
    if not received or refreshes < passed / 4:
        faults.append(f"{refreshes} refreshes and {len(received)} events in {passed:.0f} s")
    for fault in faults:
        print(f"soak: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
