"""The unit and its file of variables, as far as they can be judged without being run."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
UNIT = ROOT / "packaging/systemd/crypto-rates.service"
VARIABLES = ROOT / "packaging/systemd/crypto-rates.env"
#: Of 10, the less the better: what is left is that it has a network.
EXPOSURE = 1.3


def settings(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


@pytest.fixture
def analyze():
    """systemd-analyze: its code and what it says."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing: apt-get install systemd")
    return lambda *command: said(["systemd-analyze", *command], os.environ)


def said(command: list, variables: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_verify(analyze, tmp_path, server):
    """systemd knows every setting of the unit, and every value."""
    there = tmp_path / UNIT.name
    there.write_text(UNIT.read_text().replace("/usr/local/bin/crypto-rates", str(server.resolve())))
    # It ends with 0 after "Unknown key", too, when asked about what the unit wants as well.
    code, report = analyze("verify", "--man=no", "--recursive-errors=no", there)
    assert code == 0 and UNIT.name not in report, report


def test_exposure(analyze):
    """systemd-analyze finds nothing to tighten in the unit but what comes with having a network."""
    code, report = analyze("security", "--offline=true", f"--threshold={EXPOSURE * 10:.0f}", UNIT)
    assert code == 0, report
    assert set(re.findall(r"^✗ (\S+)", report, re.MULTILINE)) == {
        "RootDirectory=/RootImage=",
        "PrivateMounts=",  # what PrivateTmp makes is its own already
        "RestrictAddressFamilies=~AF_UNIX",  # names are looked up by them
        "RestrictAddressFamilies=~AF_(INET|INET6)",
        "ProcSubset=",  # the metrics count the process's start from the machine's
        "PrivateNetwork=",
        "DeviceAllow=",  # PrivateDevices and ProtectClock bring it
        "IPAddressDeny=",  # the upstreams' addresses change
    }, report


def test_variables(server):
    """Every variable that the unit sets, or its file offers, is one of the program's, with a value that it takes."""
    lines = [line for line in VARIABLES.read_text().splitlines() if line.strip()]
    assert all(line.startswith("#") for line in lines), "the example sets something"
    offered = dict(re.findall(r"^#([A-Z_]+)=(.*)$", VARIABLES.read_text(), re.MULTILINE))
    set_by_unit = dict(pair.split("=", 1) for pair in settings("Environment"))
    assert len(offered) >= 8
    known = re.findall(r"\[env: (\w+)\]", said([server, "--help"], {})[1])
    assert offered.keys() | set_by_unit.keys() <= set(known)
    for variables in (offered, set_by_unit):
        assert said([server, "--check-config"], variables) == (0, "the configuration is valid\n")


def test_limits():
    """The unit's time to stop covers the program's own, and its open files every connection that the program takes."""

    def number(file: str, name: str) -> int:
        return int(re.search(rf"{name}: \w+ = (?:Duration::from_secs\()?([\d_]+)", (ROOT / file).read_text())[1].replace("_", ""))

    (stop,), (files,) = settings("TimeoutStopSec"), settings("LimitNOFILE")
    needed = number("src/server.rs", "NOTICE") + number("src/server.rs", "DRAIN_DEADLINE")
    assert needed < int(stop) <= needed + 5
    connections = "src/http/connections.rs"
    assert int(files) >= number(connections, "MOST_CONNECTIONS") + number(connections, "RESERVED")
