"""What the tests of the registry share: the hosts, the scripts, and a watch on where passwords go.

The tests run in the order of their files, as the scripts are meant to be run; each builds on those before.
"""

import importlib.util
import os
import re
import secrets
import shlex
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from hosts import Host, build, run

ROOT = Path(__file__).resolve().parents[2]

# The report that says what was proved is that of the deployment checks.
_spec = importlib.util.spec_from_file_location("deploy_conftest", ROOT / "tests/deploy/conftest.py")
_deploy = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_deploy)
pytest_collection_modifyitems = _deploy.pytest_collection_modifyitems
pytest_runtest_makereport = _deploy.pytest_runtest_makereport
pytest_report_teststatus = _deploy.pytest_report_teststatus


@dataclass
class Outcome:
    """What a script said, and what Ansible's last lines say of each host."""

    output: str

    @property
    def recap(self) -> str:
        return self.output.rpartition("PLAY RECAP")[2]

    def count(self, host: str, what: str) -> int:
        found = re.search(rf"^{host} .*\b{what}=(\d+)", self.recap, re.MULTILINE)
        assert found, self.output
        return int(found[1])


class Site:
    """A site with one registry and two nodes, and a folder for all that a person would have at home."""

    def __init__(self, home: Path):
        self.home = home
        self.name = f"crypto-rates-{secrets.token_hex(3)}"
        self.key = home / "ssh-key"
        self.hosts = {name: Host(name, self.name, self.key) for name in ("registry-1", "node-1", "node-2")}
        self.registry, self.node1, self.node2 = self.hosts.values()
        # All that there ever were: none may turn up anywhere.
        self.passwords: list[str] = []
        self.password = self.new_password()
        # ctr can take a password by its command line alone, so this one will be seen there.
        self.ctr_password = secrets.token_urlsafe(24)
        self.logs = home / "logs"
        # What 02 has pushed: HOST:PORT/NAME:TAG@DIGEST.
        self.pushed = ""
        # Where 02 notes it, also when nobody tests: it is put back.
        self.note = ROOT / "target/pushed-image"
        self.noted = self.note.read_text() if self.note.exists() else None
        self.has_containerd_2 = False

    def new_password(self) -> str:
        self.passwords.append(secrets.token_urlsafe(24))
        return self.passwords[-1]

    def up(self) -> None:
        self.logs.mkdir()
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        run("docker", "network", "create", "--internal", self.name)
        images = {name: build(target) for name, target in zip(self.hosts, ("registry", "node-1", "node-2"))}
        assert images["registry-1"] and images["node-1"], "the images of the hosts can't be built"
        self.has_containerd_2 = images["node-2"] is not None
        for name, host in self.hosts.items():
            host.start(images[name] or images["node-1"])
        (self.home / "known_hosts").write_text("".join(host.known() for host in self.hosts.values()))
        self._write_inventory()

    def down(self) -> None:
        for host in self.hosts.values():
            host.stop()
        run("docker", "network", "rm", self.name, ok=False)
        if self.noted is None:
            self.note.unlink(missing_ok=True)
        else:
            self.note.write_text(self.noted)

    @property
    def address(self) -> str:
        return f"{self.registry.address}:5000"

    @property
    def config(self) -> Path:
        """Where 01 leaves address and CA."""
        return self.home / "config/crypto-rates/registry"

    @property
    def environment(self) -> dict:
        name, _, tag = os.environ.get("CHECKED_IMAGE", "").partition(":")
        image = {"IMAGE": name, "TAG": tag or "latest"} if name else {}
        # A report is the outer check's.
        around = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
        return around | image | {
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "INVENTORY": str(self.home / "inventory"),
            "REGISTRY_PASSWORD": self.password,
            "CTR_PASSWORD": self.ctr_password,
            "NO_COLOR": "1",
            # As a person's own ansible.cfg may have it: everything goes to a file.
            "ANSIBLE_LOG_PATH": str(self.logs / "ansible.log"),
        }

    def script(self, name: str, *arguments: str, ok: bool = True, **variables: str) -> Outcome:
        """Runs a numbered script, which succeeds or, if so wanted, fails; and keeps what it said."""
        (path,) = ROOT.glob(f"scripts/{name}-*.sh")
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        done = subprocess.run([str(path), *arguments], env=self.environment | variables, **streams)
        with (self.logs / f"{name}.log").open("a") as log:
            log.write(done.stdout)
        assert (done.returncode == 0) == ok, done.stdout
        return Outcome(done.stdout)

    def ssh(self, host: Host, command: str, ok: bool = True) -> subprocess.CompletedProcess:
        """Runs a command on a host, as root."""
        return run("ssh", *self.ssh_options, f"admin@{host.address}", f"sudo bash -euc {shlex.quote(command)}", ok=ok)

    @property
    def ssh_options(self) -> list[str]:
        return ["-i", str(self.key), "-o", f"UserKnownHostsFile={self.home / 'known_hosts'}", "-o", "BatchMode=yes"]

    def _write_inventory(self) -> None:
        """That of the example, with these addresses."""
        inventory = self.home / "inventory"
        (inventory / "group_vars/all").mkdir(parents=True)
        example = ROOT / "playbooks/inventory/example"
        hosts = (example / "hosts.yml").read_text()
        for host, address in zip(self.hosts.values(), ("192.0.2.10", "192.0.2.21", "192.0.2.22")):
            hosts = hosts.replace(address, host.address)
        options = " ".join(self.ssh_options)
        (inventory / "hosts.yml").write_text(f"{hosts}    ansible_ssh_common_args: {options}\n")
        variables = (example / "group_vars/all/registry.yml").read_text()
        variables = variables.replace("registry.example.org", self.registry.address)
        (inventory / "group_vars/all/registry.yml").write_text(
            f"{variables}  - {{name: ctr, password: \"{{{{ lookup('env', 'CTR_PASSWORD') }}}}\"}}\n"
            f"registry_names: ['{self.registry.address}', registry.example.org]\n"
        )


class Watch(threading.Thread):
    """Looks at the command lines of all processes, those in the containers among them."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self.going = True

    def run(self) -> None:
        while self.going:
            for process in os.scandir("/proc"):
                if process.name.isdigit():
                    try:
                        with open(f"/proc/{process.name}/cmdline") as file:
                            self.seen.add(file.read().replace("\0", " "))
                    except OSError:
                        pass
            time.sleep(0.02)


@pytest.fixture(scope="session")
def watch():
    """Sees every command line from here to the end."""
    thread = Watch()
    thread.start()
    yield thread
    thread.going = False
    thread.join()


@pytest.fixture(scope="session")
def site(tmp_path_factory, watch):
    """The hosts, from nothing."""
    here = Site(tmp_path_factory.mktemp("site"))
    try:
        here.up()
        yield here
    finally:
        here.down()


@pytest.fixture(scope="session")
def built() -> bool:
    """Whether the caller has named an image that is there, as for make check-image."""
    return "CHECKED_IMAGE" in os.environ
