"""The role for nodes, run by Ansible against a real file, with Debian's containerd and a stand-in for systemctl.

Where Docker is there, make check-registry runs the whole role on nodes with a systemd instead.
"""

import base64
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

SECRET = "hidden-hidden-hidden"
CONFIG = f"""version = 2
[plugins."io.containerd.grpc.v1.cri".registry.configs."registry.example.org".auth]
  auth = "{SECRET}"
"""
# Nobody's on a usual node; as another user than root only our own can be kept.
OWNER = (1234, 2345) if os.geteuid() == 0 else (os.geteuid(), os.getegid())


PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: { name: registry_trust, tasks_from: containerd_facts }
    - ansible.builtin.include_role: { name: registry_trust, tasks_from: containerd }
"""


@dataclass
class Node:
    """What the role finds, in folders of its own."""

    folder: Path
    config: Path
    environment: dict[str, str]
    root: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """The role's part for containerd, as loud as Ansible can be asked to be in daily use."""
        variables = {
            "ansible_python_interpreter": sys.executable,
            "registry_trust_server": "registry.example.org:5000",
            "registry_trust_ca_certificate": str(self.folder / "ca.crt"),
            "registry_trust_containerd_config": str(self.config),
            "registry_trust_containerd_certs_dir": str(self.folder / "certs.d"),
            "registry_trust_health_retries": 1,
            "registry_trust_containerd": True,
            "registry_trust_docker": False,
        }
        (self.folder / "play.yml").write_text(PLAY)
        command = [Path(sys.prefix) / "bin/ansible-playbook", "-i", "localhost,", self.folder / "play.yml"]
        command += ["--extra-vars", json.dumps(variables), *arguments]
        options = {"cwd": self.root / "playbooks", "env": self.environment, "timeout": 120}
        return subprocess.run(command, text=True, capture_output=True, **options)

    def printed(self, done: subprocess.CompletedProcess) -> list[str]:
        """What of the configuration stands in Ansible's output, as it is or as the module slurp brings it."""
        wanted = (SECRET, "registry.configs", base64.b64encode(CONFIG.encode()).decode()[:60])
        return [text for text in wanted if text in done.stdout + done.stderr]

    def attributes(self) -> tuple[str, int, int]:
        status = self.config.stat()
        return oct(status.st_mode), status.st_uid, status.st_gid


@pytest.fixture
def node(root, tmp_path):
    """A node whose containerd has a password in its configuration, which nobody else may read."""
    config, programs = tmp_path / "config.toml", tmp_path / "bin"
    config.write_text(CONFIG)
    os.chown(config, *OWNER)
    config.chmod(0o640)
    (tmp_path / "ca.crt").write_text("a certificate\n")
    programs.mkdir()
    (programs / "systemctl").write_text("#!/bin/sh\nprintf 'LoadState=loaded\\nActiveState=active\\n'\n")
    (programs / "systemctl").chmod(0o755)
    own = {"PATH": f"{programs}:{os.environ['PATH']}", "CONTAINERD_ADDRESS": str(tmp_path / "containerd.sock")}
    own |= {"ANSIBLE_CONFIG": "ansible.cfg", "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"), "NO_COLOR": "1"}
    return Node(tmp_path, config, os.environ | own, root)


@pytest.fixture
def containerd(node):
    """The node's containerd, running."""
    own = node.folder / "daemon.toml"
    us = f"[grpc]\nuid = {os.geteuid()}\ngid = {os.getegid()}\n"
    own.write_text(f'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n{us}')
    places = {"config": own, "address": node.environment["CONTAINERD_ADDRESS"]}
    places |= {name: node.folder / name for name in ("root", "state")}
    command = ["containerd", *(f"--{name}={place}" for name, place in places.items())]
    daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while subprocess.run(["ctr", "version"], env=node.environment, capture_output=True).returncode:
            assert time.monotonic() < deadline and daemon.poll() is None, "containerd does not start"
            time.sleep(0.1)
        yield
    finally:
        daemon.terminate()
        daemon.wait()


@pytest.mark.parametrize("check", [[], ["--check"]], ids=["run", "check"])
def test_configuration_stays_private(node, containerd, check):
    """containerd's configuration keeps owner and mode, and neither --diff nor -vv prints what is in it."""
    before = node.attributes()
    done = node.run("--diff", "-vv", *check)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("config_path" in node.config.read_text()) == (not check)
    assert node.attributes() == before
    assert not node.printed(done)
    for backup in node.folder.glob("config.toml.*"):
        assert oct(backup.stat().st_mode) == before[0]


def test_rescue_stays_private(node):
    """Put back after a containerd that does not come back, it is what it was, owner and mode too, and unprinted."""
    before = node.attributes()
    done = node.run("--diff", "-vv")
    assert done.returncode != 0 and "its former configuration is in place again" in done.stdout, done.stdout
    assert node.config.read_text() == CONFIG
    assert node.attributes() == before
    assert not node.printed(done)


def test_refusal_says_why(node):
    """A configuration that can't take config_path is refused in words that say what to do, though unprinted."""
    node.config.write_text(CONFIG.replace("configs", "mirrors").replace("auth", "x"))
    done = node.run("--diff")
    assert done.returncode != 0 and "move them to" in done.stdout and not node.printed(done), done.stdout
