"""What the benches in Python share: a stand-in upstream, children that listen, and wrk."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "src/sources/sample.json"
#: What the parts leave for report.py.
RESULTS = ROOT / "target/bench"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def market(currencies):
    """An upstream's answer: the sample's 76 currencies and made-up ones, as in benches/lib.rs."""
    answer = json.loads(SAMPLE.read_text())
    for n in range(76, currencies):
        kind = ("fiat", "crypto", "commodity")[n % 3]
        answer["rates"][f"x{n}"] = {"name": f"Currency {n}", "unit": f"X{n}", "value": n + 0.25, "type": kind}
    return answer


@contextlib.contextmanager
def upstream(answer):
    """A stand-in for CoinGecko; `answer` makes the body of each call. Yields its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(answer()).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/v3"
    finally:
        server.shutdown()


def interruptible():
    """Has the signal that ends a child heeded, which one that a shell has started in the background ignores."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextlib.contextmanager
def process(arguments, port, **options):
    """A child that listens on `port`; ended with the block."""
    child = subprocess.Popen(
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=interruptible, **options
    )
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if child.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{arguments[0]} did not start")
                time.sleep(0.005)
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


def wait_until_ready(port):
    while get(port, "/health/ready")[0] != 200:
        time.sleep(0.001)


class Load:
    """What wrk tells of one run."""

    def __init__(self, output):
        number = lambda pattern: float((re.search(pattern, output) or [0, 0])[1])
        self.per_second = number(r"Requests/sec:\s+([\d.]+)")
        self.requests = int(number(r"(\d+) requests in"))
        value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
        self.p99_ms = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
        bad = re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", output)
        self.errors = bad and bad[0]


def wrk(port, path, seconds, headers=(), script=None, connections=32):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", str(script)]
    url = f"http://127.0.0.1:{port}{path}"
    return Load(subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout)


def resident_mb(child):
    status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024 / 1e6


def cpu_seconds(child):
    """User and system time of all threads."""
    fields = pathlib.Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def save(name, result):
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1))
