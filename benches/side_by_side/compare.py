"""Measures the server beside nginx, which sends the same bytes from files, and beside the shape of the
Python program that it replaces; all on this machine, by one client, in turn.

Usage: compare.py SERVER GUNICORN [--seconds 3] [--rounds 3] [--report docs/performance.md]

Ratios of medians count, since a machine that others share is noisy. Ends with 1 if a target is missed
by more than a tenth.
"""

import argparse
import contextlib
import datetime
import http.client
import http.server
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "src/source/sample.json"
CONNECTIONS = 32
# Not on the path of an ordinary user of Debian.
NGINX_BINARY = shutil.which("nginx") or "/usr/sbin/nginx"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Upstream(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = SAMPLE.read_bytes()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def process(arguments, port, **options):
    """A child that listens on `port`; ended with the block."""
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if child.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{arguments[0]} did not start")
                time.sleep(0.02)
        yield child
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(timeout=30)


def get(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def wrk(port, path, seconds, headers=(), script=None):
    """Requests per second, and the 99th percentile in milliseconds."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", str(script)]
    output = subprocess.run(
        command + [f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True
    ).stdout
    if bad := re.search(r"Non-2xx or 3xx responses: \d+", output):
        raise SystemExit(f"{path}: {bad.group(0)}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


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
COLD = """
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", string.format("{path}", n))
end
"""


class Comparison:
    def __init__(self, arguments, folder):
        self.arguments, self.folder, self.rows, self.figures = arguments, folder, [], []

    def turns(self, *sides):
        """Rounds of all sides in turn; for each the median of rates and of 99th percentiles."""
        results = [[] for _ in sides]
        for side in sides:
            side(1)
        for _ in range(self.arguments.rounds):
            for side, kept in zip(sides, results):
                kept.append(side(self.arguments.seconds))
        return [tuple(statistics.median(column) for column in zip(*kept)) for kept in results]

    def row(self, work, target, ours, theirs, beside):
        (rate, p99), (other, other_p99) = ours, theirs
        ratio = rate / other
        self.rows.append((work, beside, rate, other, ratio, target, p99, other_p99))
        print(f"{work:58} {rate:>9,.0f}/s  {beside} {other:>9,.0f}/s  ratio {ratio:6.2f} "
              f"(target {target})  p99 {p99:.1f} / {other_p99:.1f} ms", flush=True)

    def run(self, ours, nginx, original):
        files = self.folder / "files"
        files.mkdir()

        def same_bytes(path, name):
            status, _, body = get(ours, path)
            assert status == 200, path
            (files / name).write_bytes(body)
            return f"/{name}"

        def side(port, path, headers=(), script=None):
            return lambda seconds: wrk(port, path, seconds, headers, script)

        def beside_nginx(work, path, name, target):
            copy = same_bytes(path, name)
            self.row(work, target, *self.turns(side(ours, path), side(nginx, copy)), "nginx")
            return copy

        json_copy = beside_nginx("GET /api/rates", "/api/rates", "rates.json", 0.9)
        page_copy = beside_nginx("GET /", "/", "page.html", 0.8)
        page = "/?base=eur&type=fiat&sort=name"
        answer = "/api/rates?base=eur&symbols=usd,gbp"
        page_variant = same_bytes(page, "variant.html")
        answer_variant = same_bytes(answer, "variant.json")
        beside_nginx("GET /?base=eur&type=fiat&sort=name, warm", page, "variant.html", 0.8)
        beside_nginx("GET /api/rates?base=eur&symbols=usd,gbp, warm", answer, "variant.json", 0.8)
        for work, path, copy in [
            ("ever new /?base=eur&type=fiat&sort=name&amount=…, cold", page + "&amount=%d", page_variant),
            ("ever new /api/rates?base=eur&symbols=…, cold", None, answer_variant),
        ]:
            script = self.folder / "cold.lua"
            if path is None:
                # Another choice of currencies each time.
                codes = sorted(json.loads(SAMPLE.read_text())["rates"])
                script.write_text(
                    "local codes = {" + ",".join(f'"{code}"' for code in codes) + "}\n"
                    "local n = 0\nrequest = function()\n  n = n + 1\n"
                    "  local a, b, c = n % 73 + 1, math.floor(n / 73) % 71 + 3, math.floor(n / 5183) % 70 + 5\n"
                    "  if a == b or b == c or a == c then a, b, c = 1, 2, 3 end\n"
                    '  return wrk.format("GET", "/api/rates?base=eur&symbols=" .. codes[a] .. "," .. codes[b] .. "," .. codes[c])\n'
                    "end\n"
                )
            else:
                script.write_text(COLD.replace("{path}", path))
            results = self.turns(side(ours, "/", script=script), side(nginx, copy))
            self.row(work, 0.15, *results, "nginx")
        _, headers, _ = get(ours, "/api/rates")
        tag = headers["etag"]
        status, _, body = get(ours, "/api/rates", {"If-None-Match": tag})
        assert (status, body) == (304, b""), status
        conditional = side(ours, "/api/rates", [f"If-None-Match: {tag}"])
        self.row("a conditional request, beside the full answer", 1.0,
                 *self.turns(conditional, side(ours, "/api/rates")), "200")
        self.row("GET /api/rates", 25, *self.turns(side(ours, "/api/rates"), side(original, "/api/rates")), "Flask")
        self.row("GET /", 40, *self.turns(side(ours, "/"), side(original, "/")), "Flask")
        self.row("nginx itself, the same answer", 0,
                 *self.turns(side(nginx, json_copy), side(original, "/api/rates")), "Flask")
        self.row("nginx itself, the same page", 0,
                 *self.turns(side(nginx, page_copy), side(original, "/")), "Flask")

    def weigh(self, server, port):
        """Memory and page weight: targets are the most that they may be."""

        def resident():
            status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
            return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024 / 1e6

        self.figures.append(("resident, idle (MB)", resident(), 20))
        _, headers, page = get(port, "/")
        _, _, packed = get(port, "/", {"Accept-Encoding": "br"})
        self.figures.append(("GET /, HTML (KB)", len(page) / 1000, 45))
        self.figures.append(("GET /, brotli (KB)", len(packed) / 1000, 8))
        load = threading.Thread(target=lambda: subprocess.run(
            ["wrk", "-t1", "-c256", "-d3s", f"http://127.0.0.1:{port}/api/rates"], capture_output=True))
        load.start()
        time.sleep(2)
        self.figures.append(("resident under 256 connections (MB)", resident(), 40))
        load.join()

    def start(self, server, environment):
        """From exec to ready, with a stored snapshot."""
        with tempfile.TemporaryDirectory() as store:
            times = []
            for _ in range(6):
                port = free_port()
                variables = {**environment, "PORT": str(port), "STORE_URL": f"file://{store}"}
                begun = time.monotonic()
                with process([server], port, env=variables):
                    while get(port, "/health/ready")[0] != 200:
                        time.sleep(0.001)
                    times.append((time.monotonic() - begun) * 1000)
                    while not json.loads(get(port, "/api/history?symbol=usd")[2])["points"]:
                        time.sleep(0.01)
            # The first one had nothing stored.
            self.figures.append(("start with a stored snapshot, to ready (ms)", statistics.median(times[1:]), 100))

    def missed(self):
        ratios = [f"{row[0]}: {row[4]:.2f} of {row[5]}" for row in self.rows if row[4] < 0.9 * row[5]]
        return ratios + [f"{what}: {is_:.1f} of {most}" for what, is_, most in self.figures if is_ > 1.1 * most]

    def report(self):
        cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
        commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
                                capture_output=True, text=True).stdout.strip()
        lines = [
            "# Performance",
            "",
            "Written by `make bench`. The server and nginx take turns on the same machine, asked by the same",
            f"`wrk` over {CONNECTIONS} kept connections (one thread of it, which needs a share of the cores, too);",
            f"{self.arguments.rounds} rounds of {self.arguments.seconds} s each, medians. nginx sends the same bytes",
            "from files. Flask is the shape of the Python program that was replaced (gunicorn, four workers, a",
            "dictionary, `jsonify`, a Jinja page). Only ratios mean something elsewhere.",
            "",
            f"{datetime.date.today()}, {commit}, {os.cpu_count()} cores"
            + (f", {cpu.group(1)}" if cpu else "") + f", Linux {platform.release().split('-')[0]}.",
            "",
            "| work | beside | ours, per s | theirs, per s | ratio | target | p99 ours / theirs, ms |",
            "|---|---|---:|---:|---:|---:|---:|",
        ]
        for work, beside, rate, other, ratio, target, p99, other_p99 in self.rows:
            wanted = f"≥ {target}" if target else "–"
            lines.append(f"| {work} | {beside} | {rate:,.0f} | {other:,.0f} | {ratio:.2f} | {wanted} | {p99:.1f} / {other_p99:.1f} |")
        lines += ["", "| figure | is | target |", "|---|---:|---:|"]
        lines += [f"| {what} | {is_:.1f} | ≤ {most} |" for what, is_, most in self.figures]
        lines += ["", "Missed by more than a tenth: " + ("; ".join(self.missed()) or "nothing") + ".", ""]
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("gunicorn")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--report")
    arguments = parser.parse_args()
    workers = os.cpu_count()
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as running:
        folder = pathlib.Path(scratch)
        folder.chmod(0o755)
        upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        ports = [free_port() for _ in range(3)]
        environment = {
            **os.environ, "HOST": "127.0.0.1", "PORT": str(ports[0]), "STORE_URL": "memory:",
            "COINGECKO_URL": f"http://127.0.0.1:{upstream.server_address[1]}/api/v3",
            "CACHE_DURATION": "86400",
        }
        server = running.enter_context(process([arguments.server], ports[0], env=environment))
        while get(ports[0], "/health/ready")[0] != 200:
            time.sleep(0.02)
        (folder / "nginx.conf").write_text(NGINX.format(workers=workers, folder=folder, port=ports[1]))
        running.enter_context(process([NGINX_BINARY, "-c", str(folder / "nginx.conf"), "-p", str(folder)], ports[1]))
        running.enter_context(process(
            [arguments.gunicorn, "-w", "4", "-b", f"127.0.0.1:{ports[2]}", "original:app"], ports[2],
            cwd=pathlib.Path(__file__).parent, env={**os.environ, "RATES": str(SAMPLE)},
        ))
        comparison = Comparison(arguments, folder)
        comparison.weigh(server, ports[0])
        comparison.start(arguments.server, environment)
        for what, is_, most in comparison.figures:
            print(f"{what:58} {is_:9.1f}  (target {most})")
        comparison.run(*ports)
    if arguments.report:
        (ROOT / arguments.report).write_text(comparison.report())
    if missed := comparison.missed():
        print("missed by more than a tenth: " + "; ".join(missed), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
