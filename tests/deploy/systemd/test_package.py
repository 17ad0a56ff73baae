"""The files of a release: how they are made, and the .deb's whole life under a systemd, by a real apt and dpkg."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from harness import get
from installed import ENV, UNIT, checkout, documented, packed, snapshot, system, wait_until_ready
from test_unit import EXPOSURE


def test_made_again(files, server, tmp_path):
    """Elsewhere, by somebody else, the same server is packed into the same bytes, whose checksums lie beside them"""
    again = packed(checkout(tmp_path / "elsewhere"), server, umask=0o077, TZ="Asia/Tokyo")
    assert len(list(files.iterdir())) == 3
    for file in files.iterdir():
        assert file.read_bytes() == (again / file.name).read_bytes(), file.name
    done = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=again, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.count(": OK") == 2, done.stdout + done.stderr


def test_lintian(files):
    """Debian's own checks find nothing in the package, neither error nor warning"""
    (package,) = files.glob("*.deb")
    done = subprocess.run(["lintian", "--fail-on=error,warning", package], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def newer(server, tmp_path_factory) -> Path:
    """A later version's package, with another file of variables."""
    later = checkout(tmp_path_factory.mktemp("later"))
    cargo, variables = later / "Cargo.toml", later / "packaging/systemd/crypto-rates.env"
    cargo.write_text(re.sub(r'(?m)^version = ".*"', 'version = "99.0.0"', cargo.read_text(), count=1))
    variables.write_text(variables.read_text() + "# of a later version\n")
    (package,) = packed(later, server).glob("*.deb")
    return package


@pytest.fixture(scope="module")
def machine(files, newer):
    """A Debian with a systemd: this machine's packages, and a copy of what dpkg knows of them."""
    (files / newer.name).write_bytes(newer.read_bytes())
    with system(files, ["/usr"], {"/dpkg": Path("/var/lib/dpkg")}) as machine:
        # Containers are told to start no service.
        machine.bash("cp -r /dpkg /var/lib; : >/var/lib/dpkg/statoverride; rm -f /usr/sbin/policy-rc.d; mkdir /downloads")
        yield machine


def as_in_readme(marker: str) -> str:
    """README's commands, which take the files from where they lie here."""
    url, commands = "https://github.com/OWNER/REPOSITORY/releases/download/v0.1.0", documented(marker, "README.md")
    assert url in commands
    return "cd /downloads\n" + commands.replace(url, "file:///src").rstrip()


def version(machine) -> str:
    return machine.bash("dpkg-query --show --showformat='${Version}' crypto-rates").strip()


def test_tarball(machine):
    """README's commands unpack the server and start it; without certificates it says at once what it lacks"""
    commands = as_in_readme("release-tarball")
    assert "the configuration is valid" in machine.bash(commands + " --check-config")
    none = machine.run("bash", "-c", "export SSL_CERT_FILE=/none SSL_CERT_DIR=/none STORE_URL=memory:\n" + commands)
    assert none.returncode == 1 and "No CA certificates were loaded from the system" in none.stderr, none.stderr


def test_a_packages_life(machine, newer):
    """README's commands install and start it, hardened; another version keeps variables and rates; purged, it is gone"""
    machine.bash(as_in_readme("release"))
    assert machine.show(UNIT, "UnitFileState") == ["enabled"]
    assert machine.bash(f"stat --format='%a %U' {ENV}").strip() == "600 root"
    machine.bash(f"systemd-analyze security --no-pager --threshold={EXPOSURE * 10:.0f} {UNIT}")

    machine.bash(f"echo 'PORT={machine.port}\nCOINGECKO_URL={machine.upstream}' >>{ENV}; systemctl restart {UNIT}")
    wait_until_ready(machine.port, why=lambda: machine.journal(UNIT))
    assert json.loads(get(machine.port, "/health")[2])["status"] == "healthy"
    first, kept, calls = version(machine), snapshot(machine), len(machine.calls)

    # Up, and back.
    for package in (newer.name, newer.name.replace("99.0.0", first.partition("-")[0])):
        before = machine.main_pid(UNIT)
        machine.bash(f"cd /src; package={package}\n" + documented("deb-upgrade"))
        wait_until_ready(machine.port, why=lambda: machine.journal(UNIT))
        assert machine.main_pid(UNIT) != before and version(machine) in package.replace("-linux", "-1-linux")
        assert (snapshot(machine), len(machine.calls)) == (kept, calls)

    machine.bash("apt-get remove --yes crypto-rates")
    assert machine.show(UNIT, "ActiveState") == ["inactive"]
    machine.bash(f"ls {ENV} /var/lib/crypto-rates/rates.redb")
    machine.bash("apt-get purge --yes crypto-rates")
    assert machine.bash("find /etc /usr /var -name '*crypto-rates*'") == ""
