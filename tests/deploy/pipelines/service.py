"""The release build as a service, with rates of a stand-in: CoinGecko would be asked by whoever runs it elsewhere."""

import contextlib
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benches"))

from harness import SAMPLE, free_port, process, upstream, wait_until_ready  # noqa: E402, F401


@contextlib.contextmanager
def serving(server, tmp_path_factory, **variables):
    port, answer = free_port(), json.loads(SAMPLE.read_text())
    with contextlib.ExitStack() as running:
        env = {
            **os.environ, "HOST": "127.0.0.1", "PORT": str(port), "METRICS_ADDR": "",
            "STORE_URL": f"file://{tmp_path_factory.mktemp('store')}",
            "COINGECKO_URL": running.enter_context(upstream(lambda: answer)), **variables,
        }
        running.enter_context(process([server], port, env=env))
        if "BASE_PATH" not in variables:
            wait_until_ready(port)
        yield port
