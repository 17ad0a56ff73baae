"""Measures the server beside nginx, which sends the same bytes from files, and beside the shape of the
Python program that it replaces; all on this machine, by one client, in turn. Then its memory, its
start, and how it grows with the number of currencies.

Usage: compare.py SERVER GUNICORN [--seconds 3] [--rounds 3]

Ratios of medians count, since a machine that others share is noisy.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from harness import (  # noqa: E402
    SAMPLE, cpu_seconds, free_port, get, market, process, resident_mb, save, upstream, wait_until_ready, wrk,
)

# Not on the path of an ordinary user of Debian.
NGINX_BINARY = shutil.which("nginx") or "/usr/sbin/nginx"

NGINX = """
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    keepalive_requests 1000000000;
    open_file_cache max=100;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    types {{ application/json json; text/html html; }}
    server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""

# Every request another address: what is kept is of no use.
EVER_NEW_PAGE = """
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", "/?base=eur&type=fiat&sort=name&amount=" .. n)
end
"""

# Another choice of currencies each time; as many as three of 76.
EVER_NEW_ANSWER = """
local codes = {{{codes}}}
local n = 0
request = function()
  n = n + 1
  local a, b, c = n % 73 + 1, math.floor(n / 73) % 71 + 3, math.floor(n / 5183) % 70 + 5
  if a == b or b == c or a == c then a, b, c = 1, 2, 3 end
  return wrk.format("GET", "/api/rates?base=eur&symbols=" .. codes[a] .. "," .. codes[b] .. "," .. codes[c])
end
"""

REQUESTS_FOR_MEMORY = 2_000_000


class Comparison:
    def __init__(self, arguments, folder):
        self.arguments, self.folder, self.rows, self.figures = arguments, folder, [], []
        (folder / "files").mkdir()

    def figure(self, what, value, most):
        print(f"{what:58} {value:9.1f}  (at most {most})", flush=True)
        self.figures.append({"what": what, "is": value, "target": most})

    def turns(self, *sides):
        """Rounds of all sides in turn; for each the medians of rate and 99th percentile."""
        results = [[] for _ in sides]
        for side in sides:
            side(1)
        for _ in range(self.arguments.rounds):
            for side, kept in zip(sides, results):
                load = side(self.arguments.seconds)
                if load.errors:
                    raise SystemExit(load.errors)
                kept.append((load.per_second, load.p99_ms))
        return [tuple(statistics.median(column) for column in zip(*kept)) for kept in results]

    def row(self, work, target, beside, *sides):
        (rate, p99), (other, other_p99) = self.turns(*sides)
        ratio = rate / other
        self.rows.append({
            "work": work, "beside": beside, "ours": rate, "theirs": other, "ratio": ratio, "target": target,
            "p99_ours_ms": p99, "p99_theirs_ms": other_p99,
        })
        print(f"{work:58} {rate:>9,.0f}/s  {beside} {other:>9,.0f}/s  ratio {ratio:6.2f} "
              f"(target {target})  p99 {p99:.1f} / {other_p99:.1f} ms", flush=True)

    def run(self, ours, nginx, original):
        def side(port, path, headers=(), script=None):
            return lambda seconds: wrk(port, path, seconds, headers, script)

        def copied(path, name, headers=None):
            """The same bytes as a file for nginx."""
            status, _, body = get(ours, path, headers)
            assert status == 200, path
            (self.folder / "files" / name).write_bytes(body)
            return side(nginx, f"/{name}")

        def script(name, text):
            (self.folder / name).write_text(text)
            return self.folder / name

        rates, page = "/api/rates", "/"
        few, fiat = "/api/rates?base=eur&symbols=usd,gbp", "/?base=eur&type=fiat&sort=name"
        rates_copy, page_copy = copied(rates, "rates.json"), copied(page, "page.html")
        few_copy, fiat_copy = copied(few, "few.json"), copied(fiat, "fiat.html")
        self.row(f"GET {rates}", 0.9, "nginx", side(ours, rates), rates_copy)
        self.row(f"GET {page}", 0.8, "nginx", side(ours, page), page_copy)
        # As every browser asks; nginx sends the packed bytes as they are.
        packed = copied(page, "page.br", {"Accept-Encoding": "br"})
        self.row(f"GET {page}, brotli", 0.8, "nginx", side(ours, page, ["Accept-Encoding: br"]), packed)
        self.row(f"GET {fiat}, warm", 0.8, "nginx", side(ours, fiat), fiat_copy)
        self.row(f"GET {few}, warm", 0.8, "nginx", side(ours, few), few_copy)
        # What an open page refreshes itself with, as its browser asks.
        refresh, packed_json = "/fn/latest?base=eur", {"Accept-Encoding": "br"}
        refresh_copy = copied(refresh, "latest.br", packed_json)
        self.row(f"GET {refresh}, brotli", 0.8, "nginx", side(ours, refresh, ["Accept-Encoding: br"]), refresh_copy)
        new_page = script("page.lua", EVER_NEW_PAGE)
        self.row(f"ever new {fiat}&amount=…, cold", 0.05, "nginx", side(ours, "/", script=new_page), fiat_copy)
        codes = ",".join(f'"{code}"' for code in sorted(market(76)["rates"]))
        new_answer = script("answer.lua", EVER_NEW_ANSWER.format(codes=codes))
        self.row("ever new /api/rates?base=eur&symbols=…, cold", 0.15, "nginx",
                 side(ours, "/", script=new_answer), few_copy)
        tag = get(ours, rates)[1]["etag"]
        status, _, body = get(ours, rates, {"If-None-Match": tag})
        assert (status, body) == (304, b""), status
        self.row("a conditional request, beside the full answer", 1.0, "200",
                 side(ours, rates, [f"If-None-Match: {tag}"]), side(ours, rates))
        self.row(f"GET {rates}", 25, "Flask", side(ours, rates), side(original, rates))
        self.row(f"GET {page}", 40, "Flask", side(ours, page), side(original, page))
        self.row("nginx itself, the same answer", None, "Flask", rates_copy, side(original, rates))
        self.row("nginx itself, the same page", None, "Flask", page_copy, side(original, page))

    def weigh(self, server, port):
        """Page weight, and memory at rest, under many connections, and over many requests."""
        self.figure("resident, idle (MB)", resident_mb(server), 20)
        self.figure("GET /, HTML (KB)", len(get(port, "/")[2]) / 1000, 70)
        self.figure("GET /, brotli (KB)", len(get(port, "/", {"Accept-Encoding": "br"})[2]) / 1000, 14)
        load = threading.Thread(target=wrk, args=(port, "/api/rates", 3), kwargs={"connections": 256})
        load.start()
        time.sleep(2)
        self.figure("resident under 256 connections (MB)", resident_mb(server), 40)
        load.join()
        wrk(port, "/", 3)
        before, requests = resident_mb(server), 0
        while requests < REQUESTS_FOR_MEMORY:
            requests += wrk(port, "/api/rates", 5).requests
        self.figure("growth of that over 2 million requests (MB)", resident_mb(server) - before, 1)

    def start(self, binary, environment):
        """From exec to ready, with a stored snapshot."""
        with tempfile.TemporaryDirectory() as store:
            times = []
            for _ in range(6):
                port = free_port()
                variables = {**environment, "PORT": str(port), "STORE_URL": f"file://{store}"}
                begun = time.monotonic()
                with process([binary], port, env=variables):
                    wait_until_ready(port)
                    times.append((time.monotonic() - begun) * 1000)
                    while not json.loads(get(port, "/api/history?symbol=usd")[2])["points"]:
                        time.sleep(0.01)
            # The first one had nothing stored.
            self.figure("start with a stored snapshot, to ready (ms)", statistics.median(times[1:]), 100)


def growth(binary, environment, seconds):
    """What a read costs the server for ever more currencies, in processor time, and how many bytes it is."""
    lines = []
    for currencies in (76, 1_000, 10_000):
        port, line = free_port(), {"currencies": currencies}
        with upstream(lambda: market(currencies)) as address:
            variables = {**environment, "PORT": str(port), "COINGECKO_URL": address}
            with process([binary], port, env=variables) as server:
                wait_until_ready(port)
                for name, path, headers in [
                    ("rates", "/api/rates", ()), ("rates_brotli", "/api/rates", ["Accept-Encoding: br"]),
                    ("page", "/", ()), ("page_brotli", "/", ["Accept-Encoding: br"]),
                    ("unchanged", "/api/rates", ["If-None-Match: *"]),
                ]:
                    sent = get(port, path, dict(header.split(": ") for header in headers))[2]
                    before = cpu_seconds(server)
                    requests = wrk(port, path, seconds, headers).requests
                    cost = (cpu_seconds(server) - before) / requests * 1e6
                    line[name] = {"bytes": len(sent), "cpu_us": cost}
                line["resident_mb"] = resident_mb(server)
        print(line, flush=True)
        lines.append(line)
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("gunicorn")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    binary = str(pathlib.Path(arguments.server).resolve())
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as running:
        folder = pathlib.Path(scratch)
        # nginx's workers are another user's.
        folder.chmod(0o755)
        sample = json.loads(SAMPLE.read_text())
        ours, nginx, original = (free_port() for _ in range(3))
        environment = {
            **os.environ, "HOST": "127.0.0.1", "STORE_URL": "memory:", "CACHE_DURATION": "86400",
            "COINGECKO_URL": running.enter_context(upstream(lambda: sample)),
        }
        comparison = Comparison(arguments, folder)
        server = running.enter_context(process([binary], ours, env={**environment, "PORT": str(ours)}))
        wait_until_ready(ours)
        (folder / "nginx.conf").write_text(NGINX.format(workers=os.cpu_count(), folder=folder, port=nginx))
        running.enter_context(process([NGINX_BINARY, "-c", str(folder / "nginx.conf"), "-p", scratch], nginx))
        running.enter_context(process(
            [arguments.gunicorn, "-w", "4", "-b", f"127.0.0.1:{original}", "original:app"], original,
            cwd=pathlib.Path(__file__).parent, env={**os.environ, "RATES": str(SAMPLE)},
        ))
        comparison.weigh(server, ours)
        comparison.start(binary, environment)
        comparison.run(ours, nginx, original)
        lines = growth(binary, environment, arguments.seconds)
    save("side_by_side", {
        "rows": comparison.rows, "figures": comparison.figures, "growth": lines,
        "seconds": arguments.seconds, "rounds": arguments.rounds,
    })


if __name__ == "__main__":
    main()
