"""A systemd of its own, in a container made of this machine's /usr: what the unit needs to be run for real.

systemd-nspawn --volatile=yes gives it this machine's programs, read-only, and an empty /etc and /var that
are gone with it. The network is this machine's, so that the service can be asked on 127.0.0.1.
"""

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

CGROUPS = Path("/sys/fs/cgroup")
#: Seconds within which it is up: here it takes less than one.
PATIENCE_S = 30
NUMBERS = itertools.count(1)


class Booted:
    """The container, while it runs."""

    def __init__(self, leader: int):
        self.leader = leader

    def run(self, *command, inside=None, timeout=60, **options):
        """Runs a command in the container, or there with what its process `inside` sees of the files."""
        enter = ["nsenter", "--target", str(self.leader), "--all", "--"]
        enter += ["nsenter", "--target", inside, "--mount", "--"] if inside else []
        return subprocess.run([*enter, *map(str, command)], capture_output=True, text=True, timeout=timeout, **options)

    def bash(self, script: str) -> str:
        """Runs commands as root does who reads them; what they said."""
        done = self.run("bash", "-ec", script)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def show(self, unit: str, *properties: str) -> list[str]:
        """Properties of a unit."""
        show = ("systemctl", "show", unit, "--value")
        return [self.run(*show, f"--property={name}").stdout.strip() for name in properties]

    def main_pid(self, unit: str) -> str:
        """The service's process, as the container numbers it."""
        return self.show(unit, "MainPID")[0]

    def journal(self, unit: str) -> str:
        """What the unit has logged."""
        return self.run("journalctl", "--no-pager", "--output=cat", "--unit", unit).stdout


@contextlib.contextmanager
def own_cgroups(name: str):
    """Where no systemd runs on this machine, the container's place among the control groups is made by hand."""
    if Path("/run/systemd/system").is_dir():
        yield []
        return
    # One tree, or in the hybrid form that older machines have, two.
    trees = [CGROUPS] if (CGROUPS / "cgroup.controllers").exists() else [CGROUPS / "unified", CGROUPS / "systemd"]
    places = [tree / name for tree in trees]
    try:
        for place in places:
            place.mkdir()
    except OSError as error:
        pytest.skip(f"no control groups for it: {error}")
    try:
        yield places
    finally:
        for place in places:
            for folder, _, _ in os.walk(place, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)


@contextlib.contextmanager
def booted(binds: dict[str, Path], overlays: list[str]):
    """A systemd with `binds` (where: what, read-only) and, at `overlays`, folders that can be written to.

    Skips, saying why, where none can be started.
    """
    if os.geteuid() != 0:
        pytest.skip("it takes root")
    if shutil.which("systemd-nspawn") is None:
        pytest.skip("systemd-nspawn is missing: apt-get install systemd-container")
    name = f"crypto-rates-{os.getpid()}-{next(NUMBERS)}"
    command = ["systemd-nspawn", "--quiet", "--directory=/", "--volatile=yes", "--register=no", "--console=pipe"]
    command += [f"--machine={name}", *(f"--bind-ro={what}:{where}" for where, what in binds.items())]
    command += [f"--overlay={where}::{where}" for where in overlays]
    with own_cgroups(name) as places, tempfile.NamedTemporaryFile("w", suffix=".preset") as presets:
        # Of this machine's services none is started there: they would take its ports.
        presets.write("enable crypto-rates.service\ndisable *\n")
        presets.flush()
        command += [f"--bind-ro={presets.name}:/etc/systemd/system-preset/00-none.preset"]

        def enter():
            for place in places:
                (place / "cgroup.procs").write_text(str(os.getpid()))

        command += [*(["--keep-unit"] if places else []), "--boot", "systemd.unit=basic.target"]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        child = subprocess.Popen(command, preexec_fn=enter, **streams)
        try:
            yield Booted(up(child))
        finally:
            # The second is taken for impatience: an orderly end is nobody's concern here.
            child.terminate()
            time.sleep(0.2)
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=15)
            child.kill()
            child.wait()
            with contextlib.suppress(OSError):
                os.rmdir(f"/run/systemd/nspawn/propagate/{name}")


def up(child: subprocess.Popen) -> int:
    """The first process of the container, once its systemd has started what it should."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            pytest.skip(f"systemd-nspawn does not work here: {child.stdout.read().decode().strip()}")
        with contextlib.suppress(OSError, ValueError, IndexError):
            leader = int(Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()[0])
            if Booted(leader).run("systemctl", "is-active", "basic.target").stdout.strip() == "active":
                return leader
        time.sleep(0.1)
    pytest.skip(f"its systemd was not up within {PATIENCE_S} s")
