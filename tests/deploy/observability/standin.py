"""A stand-in for CoinGecko and Coinbase on 127.0.0.1.

The first part of the path says how it behaves: `good`, `broken` (two entries without a usable value), `down` (503),
`turning` (500 while `turned`, else good), `lacking` (without ten of its rates while `turned`), and `coinbase`, which has the other's shape.
"""

import http.server
import itertools
import json
import threading

from monitoring_files import ROOT

SAMPLE = json.loads((ROOT / "src/sources/sample.json").read_text())


class Standin:
    def __init__(self):
        standin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, body = standin.answer(self.path.split("/")[1])
                body = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.turned = False
        self.calls = itertools.count(1)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{behaviour}"

    def answer(self, behaviour: str):
        # One moves by its last digit at each call, as markets do.
        moved = {**SAMPLE["rates"]["idr"], "value": SAMPLE["rates"]["idr"]["value"] + 0.001 * next(self.calls)}
        rates = {**SAMPLE["rates"], "idr": moved}
        match behaviour:
            case "down":
                return 503, {}
            case "turning" if self.turned:
                return 500, {}
            case "lacking" if self.turned:
                return 200, {"rates": {code: rate for code, rate in rates.items() if code not in sorted(rates)[-10:]}}
            case "broken":
                return 200, {"rates": {**rates, "eur": {**rates["eur"], "value": -1}, "xau": {**rates["xau"], "value": None}}}
            case "coinbase":
                values = {code.upper(): str(rate["value"]) for code, rate in rates.items() if code != "xdr"}
                return 200, {"data": {"currency": "BTC", "rates": values}}
            case _:
                return 200, {"rates": rates}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
