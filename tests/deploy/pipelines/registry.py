"""A registry with TLS and a password on 127.0.0.1, and a small image to push: for test_publish.py."""

import contextlib
import hashlib
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import bcrypt

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benches"))
from harness import free_port, process  # noqa: E402

USER, PASSWORD = "publisher", "not-a-secret-of-anybody"


@contextlib.contextmanager
def registry(program: str, folder: Path, closed: bool = True) -> Iterator[str]:
    """Runs a registry on the storage of the folder, whose ca.crt is its CA; or an open one. Yields its address."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    storage = {"filesystem": {"rootdirectory": str(folder / "storage")}}
    config = {"version": 0.1, "storage": storage, "http": {"addr": address}}
    if closed:
        names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", folder / "key", "-out", folder / "ca.crt"]
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *names, *files]
        subprocess.run(make, check=True, capture_output=True)
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
        # Whom ECR's password is for, too.
        (folder / "users").write_text(f"{USER}:{hashed}\nAWS:{hashed}\n")
        config["http"]["tls"] = {"certificate": str(folder / "ca.crt"), "key": str(folder / "key")}
        config["auth"] = {"htpasswd": {"realm": "test", "path": str(folder / "users")}}
    file = folder / f"registry-{port}.yml"
    file.write_text(json.dumps(config))
    with process([program, "serve", file], port):
        yield address


def packed(files: dict[str, bytes]) -> bytes:
    packing = io.BytesIO()
    with tarfile.open(fileobj=packing, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content))
    return packing.getvalue()


def image(file: Path, name: str, contents: dict[str, bytes], processor: str = "amd64") -> None:
    """Writes what `docker save` would of an image with these files."""
    layer = packed(contents)
    config = {
        "architecture": processor, "os": "linux", "config": {"Entrypoint": ["/crypto-rates"], "User": "1000:1000"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        "history": [{"created_by": "test"}],
    }
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    texts = {"config.json": config, "manifest.json": manifest}
    file.write_bytes(packed({"layer.tar": layer} | {path: json.dumps(text).encode() for path, text in texts.items()}))
