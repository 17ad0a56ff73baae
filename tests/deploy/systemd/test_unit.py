"""The unit and its file of variables, as far as they can be judged without being run."""

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

    def run(*arguments):
        done = subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    return run


def test_verify(analyze, tmp_path, server):
    """systemd knows every setting of the unit, and every value."""
    # Without a running systemd, and with the program where the unit expects it.
    system, programs = tmp_path / "etc/systemd/system", tmp_path / "usr/local/bin"
    system.mkdir(parents=True)
    programs.mkdir(parents=True)
    shutil.copy(server, programs / "crypto-rates")
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    verify = ("verify", f"--root={tmp_path}", "--man=no", UNIT.name)
    (system / UNIT.name).write_text(UNIT.read_text())
    # It ends with 0 after "Unknown key" too: it has to say nothing at all.
    assert analyze(*verify) == (0, "")
    (system / UNIT.name).write_text(UNIT.read_text().replace("ProtectClock=", "ProtectClocks="))
    assert "ProtectClocks" in analyze(*verify)[1]


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

    def check_config(variables: dict[str, str]) -> tuple[int, str]:
        done = subprocess.run([server, "--check-config"], env=variables, capture_output=True, text=True, timeout=10)
        return done.returncode, done.stderr

    lines = [line for line in VARIABLES.read_text().splitlines() if line.strip()]
    assert all(line.startswith("#") for line in lines), "the example sets something"
    offered = re.findall(r"^#([A-Z_]+)=(.*)$", VARIABLES.read_text(), re.MULTILINE)
    assert len(offered) >= 8
    known = subprocess.run([server, "--help"], capture_output=True, text=True, check=True).stdout
    set_by_unit = [pair.split("=", 1) for pair in settings("Environment")]
    for name, value in [*offered, *set_by_unit]:
        assert f"[env: {name}]" in known, name
        assert check_config({name: value}) == (0, ""), name
    assert check_config(dict(offered)) == check_config(dict(set_by_unit)) == (0, "")
    assert check_config({"LOG_FORMAT": "jsn"})[0] != 0


def test_limits():
    """The unit's time to stop covers the program's own, and its open files every connection that the program takes."""

    def number(file: str, name: str) -> int:
        return int(re.search(rf"{name}: \w+ = (?:Duration::from_secs\()?([\d_]+)", (ROOT / file).read_text())[1].replace("_", ""))

    (stop,), (files,) = settings("TimeoutStopSec"), settings("LimitNOFILE")
    needed = number("src/server.rs", "NOTICE") + number("src/server.rs", "DRAIN_DEADLINE")
    assert needed < int(stop) <= needed + 5
    connections = "src/http/connections.rs"
    assert int(files) >= number(connections, "MOST_CONNECTIONS") + number(connections, "RESERVED")
