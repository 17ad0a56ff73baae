"""What is in the image, and what is not."""

import base64
import gzip
import io
import json
import os
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

BUDGET = 15_000_000
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"


@dataclass
class Contents:
    files: dict[str, tarfile.TarInfo]
    certificates: str
    # As a registry would keep the layers.
    compressed: int


@pytest.fixture(scope="module")
def settings(docker, image: str) -> dict:
    """The image's configuration."""
    return json.loads(docker("image", "inspect", image))[0]


@pytest.fixture(scope="module")
def contents(image: str) -> Contents:
    saved = subprocess.run(["docker", "save", image], check=True, capture_output=True).stdout
    contents = Contents({}, "", 0)
    with tarfile.open(fileobj=io.BytesIO(saved)) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))[0]
        for name in manifest["Layers"]:
            layer = archive.extractfile(name).read()
            packed = layer.startswith(b"\x1f\x8b")
            contents.compressed += len(layer) if packed else len(gzip.compress(layer, 6))
            with tarfile.open(fileobj=io.BytesIO(layer)) as files:
                for file in files:
                    path = file.name.removeprefix("./").rstrip("/")
                    contents.files[path] = file
                    if path == CERTIFICATES:
                        contents.certificates = files.extractfile(file).read().decode()
    return contents


def test_size(contents: Contents, figure):
    """The image is at most 15 MB compressed"""
    unpacked = contents.files["crypto-rates"].size
    figure(f"{contents.compressed / 1e6:.1f} MB; the binary is {unpacked / 1e6:.1f} MB")
    assert contents.compressed <= BUDGET


def test_nothing_else(contents: Contents):
    """In the image are one binary, the certificates and an empty folder for the store, and nothing else"""
    paths = {path for path in contents.files if path not in ("", ".")}
    assert paths == {"crypto-rates", "data", "etc", "etc/ssl", "etc/ssl/certs", CERTIFICATES}


def test_owners(contents: Contents):
    """User 1000 may write to the store's folder alone"""
    writable = {path for path, file in contents.files.items() if file.uid != 0 or file.mode & 0o022}
    assert writable == {"data"}
    data = contents.files["data"]
    assert (data.uid, data.gid, data.mode & 0o777) == (1000, 1000, 0o755)
    assert contents.files["crypto-rates"].mode & 0o7777 == 0o755


def test_no_shell(image: str):
    """There is no shell to be had in the image"""
    for shell in ("sh", "/bin/sh", "/bin/bash", "/busybox/sh"):
        command = ["docker", "run", "--rm", "--network=none", "--entrypoint", shell, image, "-c", "true"]
        run = subprocess.run(command, capture_output=True, text=True)
        # Docker's own: the command can't be found.
        assert run.returncode == 127, run.stderr


def test_certificates(contents: Contents, figure):
    """The image trusts Mozilla's certificates"""
    count = contents.certificates.count("BEGIN CERTIFICATE")
    figure(str(count))
    assert count > 100


def certificates(text: str) -> set[bytes]:
    parts = re.findall("-----BEGIN CERTIFICATE-----(.*?)-----END", text, re.S)
    return {base64.b64decode("".join(part.split())) for part in parts}


def test_no_certificate_of_this_machine(contents: Contents, figure):
    """The image trusts none of the certificates that only this machine does"""
    packaged = list(Path("/usr/share/ca-certificates/mozilla").glob("*.crt"))
    bundle = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
    if not packaged or not bundle.is_file():
        pytest.skip("can't tell which certificates are this machine's own")
    own = certificates(bundle.read_text()) - certificates("".join(file.read_text() for file in packaged))
    if not own:
        pytest.skip("this machine trusts none of its own")
    figure(f"{len(own)} looked for")
    assert not own & certificates(contents.certificates)


def test_settings(settings: dict):
    """The image says how it runs: one binary, user 1000, port 5000, a health check, a volume, SIGTERM"""
    config = settings["Config"]
    assert config["Entrypoint"] == ["/crypto-rates"]
    assert not config["Cmd"]
    assert config["User"] == "1000:1000"
    assert config["ExposedPorts"] == {"5000/tcp": {}}
    assert config["Healthcheck"]["Test"] == ["CMD", "/crypto-rates", "--health"]
    assert config["Volumes"] == {"/data": {}}
    assert config["StopSignal"] == "SIGTERM"


def test_no_setting_of_this_machine(settings: dict):
    """The image sets STORE_URL and nothing else: no sample, no proxy, no certificate of the builder's"""
    environment = dict(entry.split("=", 1) for entry in settings["Config"]["Env"] or [])
    # The path is set by Docker itself.
    environment.pop("PATH", None)
    assert environment == {"STORE_URL": "file:///data"}


def test_labels(settings: dict, root: Path, figure):
    """The labels name the version, the commit and its time, and the licence"""
    prefix = "org.opencontainers.image."
    labels = {name.removeprefix(prefix): value for name, value in settings["Config"]["Labels"].items()}
    version = re.search(r'^\[workspace.package\]\nversion = "(.+)"', (root / "Cargo.toml").read_text(), re.M)
    assert labels["title"] == "Crypto Rates"
    assert labels["version"] == version[1]
    assert labels["licenses"] == "MIT"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", labels["created"])
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True)
    if head.returncode == 0:
        assert labels["revision"].removesuffix("-dirty") == head.stdout.strip()
    figure(f"{labels['version']}, {labels['revision'][:12]}, {labels['created']}")
