"""What scripts/supply-chain.sh proves, part by part, and that each part notices what it is there for."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts/supply-chain"))

from npm_licences import allowed  # noqa: E402

TREES = ["Cargo.toml", "fuzz/Cargo.toml", "tools/Cargo.toml"]
TOOLS = Path(sys.prefix) / "bin"


def supply_chain(*parts: str, root: Path = ROOT, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [root / "scripts/supply-chain.sh", *parts], env={**os.environ, "DEPLOY_TOOLS": str(TOOLS), **variables},
        capture_output=True, text=True,
    )


def ok(done: subprocess.CompletedProcess) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_licences():
    """Every crate of server, fuzz targets and tools, and every npm package, may be used and is from its registry"""
    told = ok(supply_chain("licences"))
    assert told.count("bans ok, licenses ok, sources ok") == len(TREES)
    assert int(re.search(r"(\d+) npm packages", told)[1]) > 100


@pytest.mark.parametrize(
    ("right", "slip", "words"),
    [
        ('    "Unicode-3.0",\n', "", "license is not explicitly allowed"),
        ('crate = "openssl-sys"', 'crate = "serde_json"', "error[banned]"),
        ('unknown-git = "deny"\n', "allow-registry = []\n", "source-not-allowed"),
    ],
    ids=["a-licence", "a-crate", "a-source"],
)
def test_refusals(tmp_path, right, slip, words):
    """A licence that is not allowed, a banned crate and a source of another kind are refused"""
    text = (ROOT / "deny.toml").read_text()
    assert right in text
    (tmp_path / "deny.toml").write_text(text.replace(right, slip))
    options = ["--offline", "--locked", "--config", tmp_path / "deny.toml", "--manifest-path", ROOT / "Cargo.toml"]
    check = ["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]
    done = subprocess.run([TOOLS / "cargo-deny", *options, *check], capture_output=True, text=True)
    assert done.returncode != 0 and words in done.stderr, done.stdout + done.stderr


def test_prebuilt_programs(tmp_path):
    """No crate may bring a prebuilt program along with what runs while it is built; one that does is refused"""
    package = '[package]\nname = "{}"\nversion = "0.1.0"\nedition = "2021"\nlicense = "MIT"\npublish = false\n'
    for name in "carrier", "ours":
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / "src/lib.rs").touch()
        (tmp_path / name / "Cargo.toml").write_text(package.format(name))
    (tmp_path / "carrier/build.rs").write_text("fn main() {}\n")
    # Not a program, but it begins as one of Linux.
    (tmp_path / "carrier/helper").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(200))
    cargo = tmp_path / "ours/Cargo.toml"
    with cargo.open("a") as file:
        file.write('[dependencies]\ncarrier = { path = "../carrier" }\n[workspace]\n')
    options = ["--offline", "--config", ROOT / "deny.toml", "--manifest-path", cargo]
    done = subprocess.run([TOOLS / "cargo-deny", *options, "check", "bans"], capture_output=True, text=True)
    assert done.returncode != 0 and "detected-executable" in done.stderr, done.stdout + done.stderr


def test_npm_licences():
    """Of two licences to choose from one must be allowed, of two that both hold each"""
    names = {"MIT", "ISC"}
    assert allowed("MIT", names) and allowed("(MIT OR GPL-3.0-only)", names) and allowed("MIT AND ISC", names)
    assert not allowed("GPL-3.0-only", names) and not allowed("MIT AND GPL-3.0-only", names)


def test_secrets():
    """No secret is in any commit of the whole history, nor in what is not committed yet"""
    told = ok(supply_chain("secrets"))
    scanned = int(re.search(r"(\d+) commits scanned", told)[1])
    counted = subprocess.run(["git", "rev-list", "--count", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    # Those that only merge have nothing of their own.
    assert scanned > 0.8 * int(counted.stdout)
    assert told.count("no leaks found") == 2


@pytest.fixture
def git(tmp_path):
    """Runs git in a repository that has the scripts."""
    shutil.copytree(ROOT / "scripts", tmp_path / "ours/scripts")

    def run(*words: str) -> None:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *identity, *words], cwd=tmp_path / "ours", check=True, capture_output=True)

    for words in ("init", "--quiet"), ("add", "scripts"), ("commit", "--quiet", "--message", "scripts"):
        run(*words)
    return run


@pytest.mark.parametrize("where", ["history", "tree"])
def test_secrets_are_noticed(tmp_path, git, where):
    """A key that was committed and taken away again is noticed, and so is one that nobody has committed yet"""
    ok(supply_chain("secrets", root=tmp_path / "ours"))
    # Put together here, so that this file has none.
    (tmp_path / "ours/notes").write_text("aws_access_key_id = " + "AKIA" + "Z7QF4NB2XW6KD3RT" + "\n")
    if where == "history":
        git("add", "notes")
        git("commit", "--quiet", "--message", "notes")
        git("rm", "--quiet", "notes")
        git("commit", "--quiet", "--message", "no notes")
    done = supply_chain("secrets", root=tmp_path / "ours")
    assert done.returncode != 0 and "aws-access-token" in done.stdout + done.stderr
    assert "AKIAZ7QF" not in done.stdout + done.stderr, "it shows what it found"


def test_a_part_of_the_history_is_not_enough(tmp_path, git):
    """A checkout without its history is not taken for one without secrets"""
    git("commit", "--quiet", "--allow-empty", "--message", "more")
    git("clone", "--quiet", "--depth", "1", f"file://{tmp_path}/ours", tmp_path / "clone")
    done = supply_chain("secrets", root=tmp_path / "clone")
    assert done.returncode != 0 and "git fetch --unshallow" in done.stderr


def test_a_checkout_of_another_user(tmp_path, git):
    """In GitHub's container root reads a checkout of another user, since the workflow lets git; else git is quoted"""
    checkout = tmp_path / "ours"
    variables = {"GIT_CONFIG_SYSTEM": str(tmp_path / "gitconfig"), "GIT_CONFIG_GLOBAL": os.devnull}
    if os.getuid() == 0:
        subprocess.run(["chown", "--recursive", "65534:65534", checkout], check=True)
    else:
        # Git's own: it takes every checkout for another's.
        variables["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1"
    refused = supply_chain("secrets", root=checkout, **variables)
    assert refused.returncode != 0 and "dubious ownership" in refused.stderr, refused.stderr
    assert "unshallow" not in refused.stderr, refused.stderr
    (let,) = re.findall(r"run: (.*safe\.directory.*)", (ROOT / ".github/workflows/ci.yml").read_text())
    # What clones it asks git for more than what reads it.
    for command in let, f"git clone --quiet file://{checkout} {tmp_path / 'again'}":
        subprocess.run(["bash", "-euo", "pipefail", "-c", command], env=os.environ | variables, check=True)
    assert "no leaks found" in ok(supply_chain("secrets", root=checkout, **variables))


def test_advisories():
    """No dependency of any kind has a known vulnerability that there is a remedy for"""
    told = ok(supply_chain("advisories"))
    if "skipped:" in told:
        # Where a gate must not pass for want of a database, it does not.
        assert supply_chain("advisories", REQUIRE_DATABASES="1").returncode != 0
        pytest.skip("the databases can't be had here; with REQUIRE_DATABASES=1, as in the pipelines, that fails")


def test_exceptions_are_not_shipped():
    """What may have another licence, because it only builds and tests, is not in the server"""
    deny = tomllib.loads((ROOT / "deny.toml").read_text())
    ok(supply_chain("sbom"))
    materials = json.loads((ROOT / "target/supply-chain/crypto-rates.cdx.json").read_text())
    shipped = {part["name"] for part in materials["components"]}
    assert len(shipped) > 200
    assert shipped.isdisjoint(exception["crate"] for exception in deny["licenses"]["exceptions"])
