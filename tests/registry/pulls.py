"""Pulls on a node, as a kubelet, a person with ctr, and a person with Docker would do them.

Each returns what the runtime says where it refuses, and nothing where it has pulled.
"""

import subprocess
import time
from contextlib import contextmanager

import grpc
from cri_api.v1.api_pb2 import AuthConfig, ImageSpec, PullImageRequest, RemoveImageRequest
from cri_api.v1.api_pb2_grpc import ImageServiceStub

HOSTS_DIR = "/etc/containerd/certs.d"


@contextmanager
def _cri(site, host):
    """containerd's own socket, through SSH."""
    socket = site.home / f"{host.name}.sock"
    socket.unlink(missing_ok=True)
    host.inside("chmod 666 /run/containerd/containerd.sock")
    tunnel = subprocess.Popen(
        ["ssh", *site.ssh_options, "-N", "-L", f"{socket}:/run/containerd/containerd.sock", f"admin@{host.address}"]
    )
    try:
        for _ in range(100):
            if socket.exists():
                break
            time.sleep(0.1)
        with grpc.insecure_channel(f"unix:{socket}", [("grpc.default_authority", "localhost")]) as channel:
            yield ImageServiceStub(channel)
    finally:
        tunnel.terminate()
        tunnel.wait()


def by_kubelet(site, host, image: str, user: str = "", password: str = "") -> str | None:
    """By CRI, with the credentials that a kubelet takes from a pod's imagePullSecrets."""
    auth = AuthConfig(username=user, password=password) if user else None
    with _cri(site, host) as images:
        try:
            images.PullImage(PullImageRequest(image=ImageSpec(image=image), auth=auth), timeout=60)
            images.RemoveImage(RemoveImageRequest(image=ImageSpec(image=image)), timeout=60)
        except grpc.RpcError as error:
            return error.details()
    return None


def by_ctr(site, host, image: str, user: str = "", password: str = "") -> str | None:
    """By ctr, whose only way to take a password is its command line."""
    credentials = f"--user '{user}:{password}'" if user else ""
    done = site.ssh(host, f"ctr images pull --hosts-dir {HOSTS_DIR} {credentials} {image} 2>&1", ok=False)
    if done.returncode == 0:
        site.ssh(host, f"ctr images rm --sync {image}")
        return None
    return done.stdout


def by_docker(site, host, image: str, user: str = "", password: str = "") -> str | None:
    """By Docker, logged in or not."""
    registry = image.split("/")[0]
    command = f"docker pull --quiet {image} 2>&1 && docker image rm {image} >/dev/null 2>&1"
    if user:
        command = f"docker login --username {user} --password-stdin {registry} 2>&1 && {command}"
        command = f"{command}; code=$?; docker logout {registry} >/dev/null 2>&1; exit $code"
    done = subprocess.run(
        ["ssh", *site.ssh_options, f"admin@{host.address}", f"sudo bash -c '{command}'"],
        input=password,
        text=True,
        capture_output=True,
    )
    return None if done.returncode == 0 else done.stdout + done.stderr
