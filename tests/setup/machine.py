"""A Debian in a folder, with processes, mounts and a checkout of its own; its network is this machine's."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

#: Gives the folder what a machine has beside files, for as long as the command runs.
ENTER = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" /usr/bin/env -i "$@"'
#: Where scripts/env.sh keeps them, as root.
TOOLS = "root/.cache/crypto-rates/tools"
PATIENCE = 900


class Run:
    """A command that runs in there; it is all alone in its process group and its namespace of processes."""

    def __init__(self, command: list[str], log: Path):
        self.log = log
        with log.open("w") as file:
            streams = {"stdin": subprocess.DEVNULL, "stdout": file, "stderr": subprocess.STDOUT}
            self.process = subprocess.Popen(command, start_new_session=True, **streams)

    @property
    def output(self) -> str:
        return re.sub(r"\x1b\[\d*m", "", self.log.read_text(errors="replace"))

    def said(self, text: str) -> bool:
        return text in self.output

    def until(self, condition: Callable[[], object]) -> None:
        """Waits until something is so, while the command runs."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, f"it has ended before that:\n{self.output}"
            assert time.monotonic() < end, f"this takes too long:\n{self.output}"
            time.sleep(0.01)

    def kill(self) -> None:
        """The whole process group at once; with the first of a namespace of processes the kernel kills the rest."""
        os.killpg(self.process.pid, signal.SIGKILL)
        assert self.process.wait() == -signal.SIGKILL, "it ended before it was killed"

    def succeeds(self) -> str:
        """Waits for its end, and gives what it said."""
        assert self.process.wait(PATIENCE) == 0, self.output
        return self.output


class Machine:
    """A Debian without anything that is not essential."""

    def __init__(self, root: Path, variables: list[str]):
        self.root = root
        self.variables = ["HOME=/root", "LANG=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *variables]
        self.checkout = root / "root/crypto-rates"
        self.tools = root / TOOLS
        self.logs = 0
        shutil.copy("/etc/hosts", root / "etc/hosts")

    def check_out(self, sources: Path) -> None:
        """Copies what git knows, or would take, of a checkout."""
        listed = ["git", "-c", f"safe.directory={sources}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        files = subprocess.run(listed, cwd=sources, check=True, capture_output=True, text=True).stdout.split("\0")
        for file in filter(None, files):
            if (sources / file).is_file():
                (self.checkout / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(sources / file, self.checkout / file)

    def start(self, command: str) -> Run:
        """Starts a command of the shell in the checkout."""
        self.settle()
        self.logs += 1
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        shell = ["bash", "-euc", f"cd /root/crypto-rates; {command}"]
        inside = ["bash", "-euc", ENTER, str(self.root), *self.variables, *shell]
        return Run([*unshare, *inside], self.root.parent / f"{self.logs}.log")

    def run(self, command: str) -> str:
        return self.start(command).succeeds()

    def settle(self) -> None:
        """Waits until of what was killed nothing is left: the kernel takes a moment."""
        end = time.monotonic() + 30
        while list(self.processes()):
            assert time.monotonic() < end, "there are processes that nobody knows of"
            time.sleep(0.01)

    def processes(self):
        """The command lines of what runs in there."""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(process / "root") == str(self.root):
                    yield (process / "cmdline").read_text().replace("\0", " ")
            except OSError:
                pass

    def installed(self, package: str) -> bool:
        """Whether dpkg, asked by nobody else, calls a package installed."""
        return self.run(f"dpkg-query -W -f '${{db:Status-Abbrev}}' {package} || true").startswith("ii ")

    def found(self, pattern: str) -> list[Path]:
        """The files in there; where links lead only those in there can tell."""
        if "*" in pattern:
            return list(self.root.glob(pattern))
        return [self.root / pattern] if os.path.lexists(self.root / pattern) else []

    def has(self, pattern: str) -> bool:
        return bool(self.found(pattern))
