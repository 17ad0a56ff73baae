"""The hosts of this check: a registry and two nodes, each a container with systemd and a real sshd.

They have a network of their own, without a way out, and are gone when the check ends.
"""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(*command, ok: bool = True, **options) -> subprocess.CompletedProcess:
    """Runs a command; its output is text, and shown if it fails."""
    done = subprocess.run([str(part) for part in command], text=True, capture_output=True, **options)
    assert not ok or done.returncode == 0, f"{command[:4]} ends with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done


@dataclass
class Host:
    """A container; commands go in by SSH, as Ansible's do."""

    name: str
    network: str
    key: Path
    address: str = ""

    def start(self, image: str) -> None:
        # What overlays are laid over can't be an overlay itself.
        volumes = [part for folder in ("containerd", "docker") for part in ("--volume", f"/var/lib/{folder}")]
        run(
            *("docker", "run", "--detach", "--name", self.container, "--hostname", self.name, "--network", self.network),
            *(*_powers(image), "--cgroupns", "private", "--tmpfs", "/run", "--tmpfs", "/tmp", *volumes, image),
        )
        found = json.loads(run("docker", "inspect", self.container).stdout)[0]
        self.address = found["NetworkSettings"]["Networks"][self.network]["IPAddress"]
        public = self.key.with_suffix(".pub").read_text()
        self.inside(
            "ssh-keygen -qA && install -d -m 700 -o admin -g admin ~admin/.ssh"
            f" && echo '{public.strip()}' >~admin/.ssh/authorized_keys && systemctl restart ssh"
            # The package lists are those of the image: Ansible shall not ask the network for new ones.
            " && touch /var/lib/apt/lists",
            patience=60,
        )

    @property
    def container(self) -> str:
        return f"{self.network}-{self.name}"

    def inside(self, script: str, patience: int = 0, stdin: str = "") -> str:
        """Runs a script as root, not by SSH; tries again while the host still starts."""
        for second in range(patience, -1, -1):
            done = run(
                *("docker", "exec", "--interactive", self.container, "bash", "-euc", script), ok=second == 0, input=stdin
            )
            if done.returncode == 0:
                return done.stdout
            time.sleep(1)
        raise AssertionError

    def known(self) -> str:
        """The host's keys, as known_hosts has them."""
        keys = self.inside("cat /etc/ssh/ssh_host_*_key.pub", patience=30)
        return "".join(f"{self.address} {line}\n" for line in keys.splitlines())

    def restart(self) -> None:
        run("docker", "restart", self.container)

    def stop(self) -> None:
        run("docker", "rm", "--force", "--volumes", self.container, ok=False)


def _powers(image: str) -> list[str]:
    """What lets systemd and containerd run in a container: all, or where that can't be had, all that can."""
    if run("docker", "run", "--rm", "--privileged", image, "true", ok=False).returncode == 0:
        return ["--privileged"]
    unconfined = [part for what in ("seccomp", "apparmor", "systempaths") for part in ("--security-opt", f"{what}=unconfined")]
    return ["--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE", *unconfined]


def build(target: str) -> str | None:
    """Builds the image of a host; none where its packages can't be had."""
    name = f"crypto-rates-test-{target}"
    done = run("docker", "build", "--network", "host", "--target", target, "--tag", name, HERE, ok=False)
    print(done.stderr[-4000:] if done.returncode else f"built {name}")
    return name if done.returncode == 0 else None
