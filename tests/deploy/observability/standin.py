"""A stand-in for CoinGecko, Coinbase and Kraken, who can't be asked to fail; and a cluster's metrics, read out.

The first part of the path says how it behaves: `good`, `broken` (two entries without a usable value), `down` (503),
`turning` (500 while `turned`, else good), `lacking` (without ten of its rates while `turned`), and `coinbase`, `kraken`
and `kraken-dear`, which have the others' shapes; at the last, euros are a tenth dearer. `cluster` are the samples of
cluster.prom.
"""

import http.server
import itertools
import json
import re
import threading
import time
from pathlib import Path

from monitoring_files import ROOT

SAMPLE = json.loads((ROOT / "src/sources/sample.json").read_text())["rates"]
CLUSTER = (Path(__file__).parent / "cluster.prom").read_text()


class Standin:
    def __init__(self):
        standin, self.turned, self.calls, self.began = self, False, itertools.count(1), time.time()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = standin.answer(self.path.split("/")[1])
                self.send_response_only(status)
                self.end_headers()
                self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self.server.server_port}"

    def url(self, behaviour: str) -> str:
        return f"http://{self.address}/{behaviour}"

    def answer(self, behaviour: str):
        # One moves by its last digit at each call, as markets do.
        rates = {**SAMPLE, "idr": {**SAMPLE["idr"], "value": SAMPLE["idr"]["value"] + 0.001 * next(self.calls)}}
        match behaviour:
            case "cluster":
                later = lambda line: f"{line[1]} {float(line[2]) + time.time() - self.began}"  # noqa: E731
                return 200, re.sub(r"^(\w+_total\{.*\}) (.+)$", later, CLUSTER, flags=re.MULTILINE)
            case "down":
                return 503, {}
            case "turning" if self.turned:
                return 500, {}
            case "lacking" if self.turned:
                rates = {code: rates[code] for code in sorted(rates)[:-10]}
            case "broken":
                rates |= {"eur": {**rates["eur"], "value": -1}, "xau": {**rates["xau"], "value": None}}
            case "coinbase":
                values = {code.upper(): str(rate["value"]) for code, rate in rates.items() if code != "xdr"}
                return 200, {"data": {"currency": "BTC", "rates": values}}
            case "kraken" | "kraken-dear":
                dear = {"eur": 1.1} if behaviour == "kraken-dear" else {}
                price = lambda code: str(rates[code]["value"] * dear.get(code, 1))  # noqa: E731
                pairs = {f"XXBTZ{code.upper()}": {"c": [price(code), "0.1"]} for code in ["usd", "eur", "gbp", "jpy"]}
                return 200, {"error": [], "result": pairs}
        return 200, {"rates": rates}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
