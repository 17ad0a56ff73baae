"""A registry with TLS and a password on 127.0.0.1, and a small image to push: for test_publish.py."""

import contextlib
import hashlib
import io
import json
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import bcrypt

USER, PASSWORD = "publisher", "not-a-secret-of-anybody"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def registry(program: str, folder: Path, closed: bool = True) -> Iterator[str]:
    """Runs a registry on the storage of the folder, whose ca.crt is its CA; or an open one. Yields its address."""
    address = f"127.0.0.1:{free_port()}"
    config = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
        "http": {"addr": address},
    }
    if closed:
        subprocess.run(
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1",
                "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key", "-out", folder / "ca.crt",
            ],
            check=True, capture_output=True,
        )
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
        # Whom ECR's password is for, too.
        (folder / "users").write_text(f"{USER}:{hashed}\nAWS:{hashed}\n")
        config["http"]["tls"] = {"certificate": str(folder / "ca.crt"), "key": str(folder / "key")}
        config["auth"] = {"htpasswd": {"realm": "test", "path": str(folder / "users")}}
    file = folder / f"registry-{address}.yml"
    file.write_text(json.dumps(config))
    with file.with_suffix(".log").open("w") as log:
        child = subprocess.Popen([program, "serve", file], stdout=log, stderr=log)
    try:
        host, port = address.split(":")
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                break
            assert child.poll() is None and time.monotonic() < deadline, file.with_suffix(".log").read_text()
            time.sleep(0.05)
        yield address
    finally:
        child.terminate()
        child.wait(timeout=30)


def image(file: Path, name: str, contents: dict[str, bytes], processor: str = "amd64") -> None:
    """Writes what `docker save` would of an image with these files."""

    def packed(files: dict[str, bytes]) -> bytes:
        packing = io.BytesIO()
        with tarfile.open(fileobj=packing, mode="w") as tar:
            for path, content in files.items():
                entry = tarfile.TarInfo(path)
                entry.size, entry.mode = len(content), 0o755
                tar.addfile(entry, io.BytesIO(content))
        return packing.getvalue()

    layer = packed(contents)
    config = {
        "architecture": processor, "os": "linux", "config": {"Entrypoint": ["/crypto-rates"], "User": "1000:1000"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        "history": [{"created_by": "test"}],
    }
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    file.write_bytes(
        packed(
            {
                "config.json": json.dumps(config).encode(),
                "layer.tar": layer,
                "manifest.json": json.dumps(manifest).encode(),
            }
        )
    )
