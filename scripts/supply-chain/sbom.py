"""Writes the bill of materials (CycloneDX 1.6) of the server: all that is linked into the binary.

The lock files would not do: they have what other features, other systems, tests and tools need, too.
So cargo is asked for the crates of the server and of the page's wasm; besides there are Bootstrap's
style, Rust's standard library and, in the image, what Debian gives to it.

Usage: sbom.py FILE [--target TRIPLE] [--rust VERSION] [--debian FILE]
  --target  what it was compiled for (this machine)
  --rust    the version of Rust that compiled it (the one that compiles here)
  --debian  what of Debian is in the image: lines of NAME VERSION, first its release, then source packages

The same sources give the same file, byte by byte: its time is the commit's.
"""

import argparse
import base64
import json
import os
import re
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[2]
#: What the page's wasm is compiled for.
BROWSER = "wasm32-unknown-unknown"
LICENCES = LicenseFactory()
#: Of the crates that come from the registry. All others are ours, built into one another.
CHECKSUMS = {
    (package["name"], package["version"]): package["checksum"]
    for package in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    if "source" in package
}


def output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def component(name: str, version: str, licence: str | None, purl: PackageURL, **more) -> Component:
    # Cargo once took `MIT/Apache-2.0` for a choice of two.
    licences = [LICENCES.make_from_string(licence.replace("/", " OR "))] if licence else []
    more = {"type": ComponentType.LIBRARY, **more}
    return Component(name=name, version=version, licenses=licences, purl=purl, bom_ref=str(purl), **more)


def crate(name: str, version: str, licence: str) -> Component:
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=CHECKSUMS[name, version])]
    return component(name, version, licence, PackageURL("cargo", None, name, version), hashes=hashes)


def add_crates(bom: Bom, ours: Component, package: str, target: str, *features: str) -> None:
    """All crates that are linked into a package of ours, each below those that need it."""
    lines = output(
        "cargo", "tree", "--locked", "--package", package, "--target", target, *features,
        # Neither tests, nor build scripts, nor macros: these run elsewhere.
        "--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", "|{p}|{l}",
    ).splitlines()
    above: list[Component] = []
    for line in lines:
        depth, what, licence = line.removesuffix(" (*)").split("|")
        name, version = re.match(r"(\S+) v(\S+)", what).groups()
        here = crate(name, version, licence) if (name, version) in CHECKSUMS else ours
        del above[int(depth) :]
        if above and here is not above[-1]:
            bom.register_dependency(above[-1], [here])
        above.append(here)
        if here is not ours:
            bom.components.add(here)


def npm_package(scope: str | None, name: str) -> Component:
    place = f"node_modules/{scope}/{name}" if scope else f"node_modules/{name}"
    package = json.loads((ROOT / "package-lock.json").read_text())["packages"][place]
    digest = base64.b64decode(package["integrity"].removeprefix("sha512-")).hex()
    version = package["version"]
    return component(
        name, version, package["license"], PackageURL("npm", scope, name, version),
        group=scope, hashes=[HashType(alg=HashAlgorithm.SHA_512, content=digest)],
    )


def debian(lines: list[str]) -> list[Component]:
    """The release, by which scanners look the packages up, and the packages."""
    (name, release), *packages = [line.split() for line in lines]
    parts = [
        component(
            name, release, None, PackageURL("generic", None, name, release), type=ComponentType.OPERATING_SYSTEM
        )
    ]
    for package, version in packages:
        purl = PackageURL("deb", name, package, version, {"distro": f"{name}-{release}"})
        parts.append(component(package, version, None, purl))
    return parts


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--target", default=re.search(r"host: (\S+)", output("rustc", "-vV"))[1])
    parser.add_argument("--rust", default=re.search(r"rustc (\S+)", output("rustc", "--version"))[1])
    parser.add_argument("--debian", type=Path)
    asked = parser.parse_args()

    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]
    version, licence = workspace["version"], workspace["license"]
    bom = Bom()
    server = component(
        "crypto-rates", version, licence, PackageURL("generic", None, "crypto-rates", version),
        type=ComponentType.APPLICATION,
    )
    page = component(
        "frontend", version, licence, PackageURL("generic", None, "frontend", version),
        description="the page's half of crypto-rates, as wasm in the binary",
    )
    rust = component(
        "rust", asked.rust, "MIT OR Apache-2.0", PackageURL("generic", None, "rust", asked.rust),
        description="Rust's standard library", cpe=f"cpe:2.3:a:rust-lang:rust:{asked.rust}:*:*:*:*:*:*:*",
    )
    bom.metadata.component = server
    add_crates(bom, server, "crypto-rates", asked.target, "--no-default-features", "--features", "ssr")
    add_crates(bom, page, "frontend", BROWSER)
    bom.register_dependency(page, [rust])
    parts = [page, npm_package(None, "bootstrap"), npm_package("@fluent", "bundle"), rust]
    if asked.debian:
        parts += debian(asked.debian.read_text().splitlines())
    bom.components.update(parts)
    bom.register_dependency(server, parts)

    epoch = os.environ.get("SOURCE_DATE_EPOCH") or output("git", "log", "-1", "--format=%ct")
    bom.metadata.timestamp = datetime.fromtimestamp(int(epoch), UTC)
    content = sorted(str(part.bom_ref) for part in bom.components)
    bom.serial_number = uuid5(NAMESPACE_URL, "\n".join([str(server.bom_ref), asked.target, epoch.strip(), *content]))
    written = JsonV1Dot6(bom).output_as_string(indent=1)
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(written):
        raise SystemExit(f"not valid CycloneDX: {wrong}")
    asked.file.parent.mkdir(parents=True, exist_ok=True)
    asked.file.write_text(written + "\n")
    crates = sum(part.purl.type == "cargo" for part in bom.components)
    print(f"{asked.file}: {len(bom.components)} parts, of which {crates} crates")


if __name__ == "__main__":
    main()
