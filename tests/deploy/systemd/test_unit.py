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


def setting(name: str) -> str:
    (value,) = settings(name)
    return value


@pytest.fixture
def analyze():
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is missing: apt-get install systemd")

    def run(*arguments):
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    return run


def verify(analyze, unit: str, folder: Path, server: Path):
    """Without a running systemd, and with the program where the unit expects it."""
    system, programs = folder / "etc/systemd/system", folder / "usr/local/bin"
    system.mkdir(parents=True)
    programs.mkdir(parents=True)
    (system / UNIT.name).write_text(unit)
    shutil.copy(server, programs / "crypto-rates")
    shutil.copytree("/usr/lib/systemd/system", folder / "usr/lib/systemd/system", symlinks=True)
    return analyze("verify", f"--root={folder}", "--man=no", UNIT.name)


def test_verify(analyze, tmp_path, server):
    """systemd knows every setting of the unit, and every value."""
    # It ends with 0 after "Unknown key" too: it has to say nothing at all.
    assert verify(analyze, UNIT.read_text(), tmp_path / "as it is", server) == (0, "")
    wrong = UNIT.read_text().replace("ProtectClock=", "ProtectClocks=")
    assert "ProtectClocks" in verify(analyze, wrong, tmp_path / "misspelt", server)[1]


def test_exposure(analyze):
    """systemd-analyze finds nothing to tighten in the unit but what comes with having a network."""
    code, report = analyze("security", "--offline=true", f"--threshold={EXPOSURE * 10:.0f}", UNIT)
    assert code == 0, report
    open_still = re.findall(r"^✗ (\S+)", report, re.MULTILINE)
    assert sorted(open_still) == sorted([
        "RootDirectory=/RootImage=",
        "PrivateMounts=",  # what PrivateTmp makes is its own already
        "RestrictAddressFamilies=~AF_UNIX",  # names are looked up by them
        "RestrictAddressFamilies=~AF_(INET|INET6)",
        "ProcSubset=",  # the metrics count the process's start from the machine's
        "PrivateNetwork=",
        "DeviceAllow=",  # PrivateDevices and ProtectClock bring it
        "IPAddressDeny=",  # the upstreams' addresses change
    ]), report
    code, report = analyze("security", "--offline=true", "--threshold=5", UNIT)
    assert code != 0, "a threshold that is missed goes unnoticed"


def check_config(server: Path, variables: dict[str, str]):
    done = subprocess.run([server, "--check-config"], env=variables, capture_output=True, text=True, timeout=10)
    return done.returncode, done.stderr


def test_variables_of_the_unit(server):
    """Every variable that the unit sets is one of the program's, and valid."""
    variables = dict(pair.split("=", 1) for pair in settings("Environment"))
    known = subprocess.run([server, "--help"], capture_output=True, text=True, check=True).stdout
    for name in variables:
        assert f"[env: {name}]" in known, name
    assert check_config(server, variables) == (0, "")
    assert variables["STORE_URL"] == f"file:///var/lib/{setting('StateDirectory')}"


def test_variables_of_the_file(server):
    """Every line of the example file is a variable of the program's with a value that it takes."""
    lines = [line for line in VARIABLES.read_text().splitlines() if line.strip()]
    assert all(line.startswith("#") for line in lines), "the example sets something"
    offered = re.findall(r"^#([A-Z_]+)=(.*)$", VARIABLES.read_text(), re.MULTILINE)
    assert len(offered) >= 8
    known = subprocess.run([server, "--help"], capture_output=True, text=True, check=True).stdout
    for name, value in offered:
        assert f"[env: {name}]" in known, name
        assert check_config(server, {name: value}) == (0, ""), name
    assert check_config(server, dict(offered)) == (0, "")
    # What is offered changes something, or shows the default.
    assert check_config(server, {"LOG_FORMAT": "jsn"})[0] != 0


def test_time_to_stop():
    """The unit's time to stop covers the program's own: the notice and the deadline for requests under way."""
    startup = (ROOT / "src/server.rs").read_text()
    notice, deadline = (
        int(re.search(rf"{name}: Duration = Duration::from_secs\((\d+)\)", startup)[1])
        for name in ("NOTICE", "DRAIN_DEADLINE")
    )
    assert notice + deadline < int(setting("TimeoutStopSec")) <= notice + deadline + 5


def test_room_for_connections():
    """The unit's limit of open files leaves room for every connection that the program takes."""
    source = (ROOT / "src/http/connections.rs").read_text()
    numbers = {
        name: int(value.replace("_", ""))
        for name, value in re.findall(r"const (\w+): \w+ = ([\d_]+);", source)
    }
    most, reserved = numbers["MOST_CONNECTIONS"], numbers["RESERVED"]
    assert int(setting("LimitNOFILE")) >= most + reserved
