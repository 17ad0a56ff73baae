"""Stands in for a kubelet's health, where a node of a cluster would be used: well, unless /run/kubelet-is-ill is there."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        ill = Path("/run/kubelet-is-ill").exists()
        self.send_response(500 if ill else 200)
        self.end_headers()
        self.wfile.write(b"ill" if ill else b"ok")

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", 10248), Health).serve_forever()
