"""Each configuration of nginx that a page shows, run by a real nginx before the real service."""

import contextlib
import json
import os
import shutil
import urllib.request
from pathlib import Path

import pytest
from harness import SAMPLE, free_port, get, process, upstream
from live import running, wait_for
from pages import pages

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
FOUND = [(page, fence) for page in pages() for fence in page.fences if fence.info[:1] == ["nginx"]]
BLOCKS = [pytest.param(fence, id=f"{page}:{fence.line}") for page, fence in FOUND]


@contextlib.contextmanager
def service(server, base: str = "/"):
    """The service, once it has rates; its port."""
    with upstream(lambda: json.loads(SAMPLE.read_text())) as source:
        with running(server, "memory:", source=source, interval=300, BASE_PATH=base) as port:
            wait_for(lambda: get(port, f"{base.rstrip('/')}/health/ready")[0] == 200)
            yield port


@contextlib.contextmanager
def nginx(text: str, folder: Path, behind: int):
    """nginx with this block, whose service is at another port here. Yields its port."""
    assert NGINX, "nginx is missing: scripts/setup.sh deploy brings it"
    port = free_port()
    text = text.replace("127.0.0.1:5000", f"127.0.0.1:{behind}").replace("/var/cache/nginx", str(folder))
    text = text if "server {" in text else f"server {{ listen 8080; {text} }}"
    text = text.replace("listen 8080", f"listen 127.0.0.1:{port}")
    own = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    text = " ".join(["access_log off;", *(f"{each}_temp_path {folder}/{each};" for each in own), text])
    # Of a user who is not root it does not ask for another one.
    (folder / "nginx.conf").write_text(f"daemon off; user root; pid {folder}/pid; events {{}} http {{ {text} }}")
    with process([NGINX, "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"], port):
        yield port


@pytest.mark.parametrize("fence", BLOCKS)
def test_it_passes_on_what_is_the_readers(server, tmp_path, fence):
    """nginx with the page's lines gives page, API and health to readers, and keeps the metrics to itself"""
    base = "/rates" if "/rates/" in fence.text else ""
    with service(server, base or "/") as behind, nginx(fence.text, tmp_path, behind) as port:
        for path in ("/", "/api/rates", "/health/ready"):
            assert get(port, base + path)[0] == 200, path
        assert get(port, f"{base}/metrics")[0] == 404
        assert not base or get(port, f"{base}?base=eur")[1]["location"].endswith("/rates/?base=eur")
        ids = {get(port, f"{base}/api/rates?symbols=usd,{code}")[1]["x-request-id"] for code in ("eur", "btc")}
        assert [len(each) for each in ids] == [32, 32], "nginx's own ids"


def test_the_cache(server, tmp_path):
    """nginx keeps page and API for each query and coding, never stream and health, and shows them after an end."""
    (text,) = (fence.text for _, fence in FOUND if fence.info == ["nginx", "cache"])
    assert "200 10s" in text
    kept = ["/", "/?base=eur", "/api/rates", "/api/rates?base=eur", "/api/rates.csv"]
    with contextlib.ExitStack() as origin:
        behind = origin.enter_context(service(server))
        with nginx(text.replace("200 10s", "200 1s"), tmp_path, behind) as port:
            ask = lambda path, **headers: get(port, path, headers=headers)  # noqa: E731
            page = ask("/")[2].decode()
            style = page[page.index("/pkg/"):].split('"')[0]
            for path in [*kept[1:], style]:
                assert ask(path)[1]["x-cache"] == "MISS" and ask(path)[1]["x-cache"] == "HIT", path
                assert ask(path, **{"Accept-Encoding": "br"})[1]["x-cache"] == "MISS", f"{path}: another coding"
            german = [ask("/?quote=direct", **{"Accept-Language": each}) for each in ("de", "de-CH, en;q=0.5")]
            assert [each[1]["x-cache"] for each in german] == ["MISS", "HIT"] and b'lang="de"' in german[1][2]
            assert ask("/?quote=direct")[1]["x-cache"] == "MISS", "another language"
            tag = ask("/api/rates")[1]["etag"]
            assert ask("/api/rates", **{"If-None-Match": tag})[0] == 304
            for path in ("/health", "/health/ready", "/worker.js"):
                assert [ask(path)[1]["x-cache"] for _ in range(2)] == [None, None], path
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/stream", timeout=5) as stream:
                assert stream.headers["x-cache"] is None and stream.readline()
            origin.close()
            for path in kept:
                wait_for(lambda path=path: ask(path)[1]["x-cache"] in ("STALE", "UPDATING"))
                assert ask(path)[0] == 200 and ask(path)[2], path
            assert ask(style)[1]["x-cache"] == "HIT" and ask("/health")[0] == 502
