"""scripts/publish.sh against a real registry, with the real helm and skopeo.

cosign is a stand-in that notes what it is told, and so is aws: where they can be had, with an account, they would be
used. So is the Docker engine, which there need not be; its client is asked for the index, which takes no engine.
"""

import base64
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import registry as registries  # noqa: E402

VERSION = re.search(r'version = "(.+?)"', (Path(__file__).resolve().parents[3] / "Cargo.toml").read_text())[1]
#: Each notes what it was told; those that are here do it, too.
NOTING = """#!/usr/bin/env python3
import json, os, sys
with open("{log}", "a") as log:
    log.write(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]) + "\\n")
{then}
"""
DOCKER = """
import shutil
words, processor = sys.argv[1:], os.environ.get("PROCESSOR", "amd64")
if words[:2] == ["image", "inspect"]:
    print(processor if "Architecture" in words[3] else "{version}")
elif words[0] == "save":
    shutil.copy("{folder}/" + processor + ".tar", words[2])
elif words[0] == "manifest":
    # Of what is on this machine Docker's client believes that it speaks plain HTTP.
    words = [word.replace(os.environ["REGISTRY"], os.environ["PLAIN"]) for word in words]
    os.execv("{real}", ["docker", *words[:2], "--insecure", *words[2:]])
elif words[0] == "create":
    print(words[-1])
elif words[0] == "cp":
    open(words[2], "w").write(words[1])
"""
AWS = """
if sys.argv[1] == "ecr":
    print("{password}")
else:
    open(sys.argv[sys.argv.index("--kubeconfig") + 1], "w").write("a way to EKS")
"""


@dataclass
class Site:
    """A copy of the scripts, and a registry for them."""

    tree: Path
    address: str
    environment: dict[str, str]
    log: Path
    folder: Path
    hidden: set[str] = field(default_factory=set)

    def publish(self, *parts: str, **variables: str) -> subprocess.CompletedProcess:
        self.log.write_text("")
        environment = self.environment | variables
        return subprocess.run(
            ["scripts/publish.sh", *parts], cwd=self.tree, env=environment, capture_output=True, text=True, timeout=60
        )

    def told(self, *program: str) -> list[list[str]]:
        """What programs were told by the last run."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if not program or line[: len(program)] == list(program)]

    def raw(self, reference: str) -> dict:
        """A manifest in the registry."""
        login = f"{registries.USER}:{registries.PASSWORD}"
        options = ["--cert-dir", self.folder / "trusted", "--creds", login, "--raw"]
        done = subprocess.run(
            ["skopeo", "inspect", *options, f"docker://{reference}"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def site(root, tmp_path_factory) -> Site:
    folder = tmp_path_factory.mktemp("publish")
    found = {name: shutil.which(name) for name in ("docker-registry", "skopeo", "helm", "openssl")}
    if missing := [name for name, path in found.items() if not path]:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    tree, log, programs = folder / "tree", folder / "log.jsonl", folder / "tools/bin"
    programs.mkdir(parents=True)
    shutil.copytree(root / "scripts", tree / "scripts")
    shutil.copytree(root / "charts", tree / "charts")
    shutil.copy(root / "Cargo.toml", tree)
    (tree / "target/supply-chain").mkdir(parents=True)
    (tree / "target/supply-chain/image.cdx.json").write_text("{}")
    (folder / "cosign.key").write_text("")
    stand_ins = {
        "aws": AWS.format(password=registries.PASSWORD),
        "cosign": "",
        "docker": DOCKER.format(version=VERSION, folder=folder, real=shutil.which("docker")),
        **{name: f'os.execv("{found[name]}", sys.argv)' for name in ("helm", "skopeo")},
    }
    for name, then in stand_ins.items():
        (programs / name).write_text(NOTING.format(log=log, then=then))
        (programs / name).chmod(0o755)
    for processor in ("amd64", "arm64"):
        server = {"crypto-rates": processor.encode()}
        registries.image(folder / f"{processor}.tar", f"crypto-rates:{VERSION}", server, processor)
    program = found["docker-registry"]
    with registries.registry(program, folder) as address, registries.registry(program, folder, False) as plain:
        (folder / "trusted").mkdir()
        shutil.copy(folder / "ca.crt", folder / "trusted")
        environment = os.environ | {
            "CRYPTO_RATES_TOOLS": str(folder / "tools"), "DOCKER_ENGINE_ANSWERS": "1", "HOME": str(folder),
            "REGISTRY": address, "REGISTRY_CA": str(folder / "ca.crt"), "REGISTRY_USER": registries.USER,
            "REGISTRY_PASSWORD": registries.PASSWORD, "PLAIN": plain, "COSIGN_KEY": str(folder / "cosign.key"),
        }
        environment.pop("XDG_CONFIG_HOME", None)
        yield Site(tree, address, environment, log, folder)


def ok(done: subprocess.CompletedProcess) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


def test_image(site):
    """The image is pushed, and what is signed, described and told to GitHub's next jobs is its digest in the registry"""
    output = site.folder / "output"
    ok(site.publish("image", GITHUB_OUTPUT=str(output)))
    assert output.read_text() == f"image={(site.tree / 'target/pushed-image').read_text()}"
    assert site.raw(f"{site.address}/crypto-rates:{VERSION}")["layers"]
    (sign,), (attest,) = site.told("cosign", "sign"), site.told("cosign", "attest")
    assert sign[2:5] == ["--yes", "--key", str(site.folder / "cosign.key")]
    assert re.fullmatch(rf"{site.address}/crypto-rates@sha256:[0-9a-f]{{64}}", sign[-1])
    assert site.raw(sign[-1]) == site.raw(f"{site.address}/crypto-rates:{VERSION}")
    assert attest[-1] == sign[-1]
    assert attest[5:9] == ["--type", "cyclonedx", "--predicate", "target/supply-chain/image.cdx.json"]


def test_chart(site):
    """The chart is packaged with the version, pushed as an OCI artifact, and signed by its digest"""
    ok(site.publish("chart", TAG=f"{VERSION}-rc.1"))
    name = f"{site.address}/charts/crypto-rates"
    manifest = site.raw(f"{name}:{VERSION}-rc.1")
    assert manifest["config"]["mediaType"] == "application/vnd.cncf.helm.config.v1+json"
    (sign,) = site.told("cosign", "sign")
    assert re.fullmatch(rf"{name}@sha256:[0-9a-f]{{64}}", sign[-1])
    assert site.raw(sign[-1]) == manifest


def test_two_processors(site):
    """Images of amd64 and arm64 become one name, signed, under which each machine finds its own"""
    if not shutil.which("docker"):
        pytest.skip("the client of Docker is not on this machine")
    for processor in ("amd64", "arm64"):
        ok(site.publish("processor", PROCESSOR=processor, COSIGN_KEY=""))
        # Without a key it is the machine's own identity that signs.
        assert site.told("cosign", "sign")[0][2:-1] == ["--yes"]
    ok(site.publish("index", "files", COSIGN_KEY=""))
    index = site.raw(f"{site.address}/crypto-rates:{VERSION}")
    assert [one["platform"]["architecture"] for one in index["manifests"]] == ["amd64", "arm64"]
    (sign,) = site.told("cosign", "sign")
    assert site.raw(sign[-1]) == index
    name, made = sign[-1].split("@sha256:")
    assert (site.tree / "target/pushed-image.sha256").read_text() == f"{made}  {name}\n"
    files = site.tree / "target/release-files"
    sums = (files / "SHA256SUMS").read_text()
    for one in index["manifests"]:
        file = f"crypto-rates-{VERSION}-linux-{one['platform']['architecture']}"
        assert (files / file).read_text() == f"{site.address}/crypto-rates@{one['digest']}:/crypto-rates"
        assert f"  {file}\n" in sums


def test_no_secret_on_a_command_line(site):
    """No program is told the password by its command line, where everybody on the machine could read it"""
    ok(site.publish("image", "chart"))
    assert {line[0] for line in site.told()} == {"cosign", "docker", "helm", "skopeo"}
    login = base64.b64encode(f"{registries.USER}:{registries.PASSWORD}".encode()).decode()
    words = [word for line in site.told() for word in line]
    assert not [word for word in words if registries.PASSWORD in word or login in word]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"TAG": "latest"}, f"TAG must be {VERSION}, or that with a suffix"),
        ({"TAG": f"{VERSION}; reboot"}, "TAG must be"),
        ({"RELEASE": "v99.0.0"}, f"so the tag must be v{VERSION}, not v99.0.0"),
        ({"COSIGN_KEY": "nowhere.key"}, "there is no file nowhere.key"),
        ({"REGISTRY_PASSWORD": ""}, "no password to push with"),
        ({"REGISTRY": ""}, "scripts/01-setup-secure-docker-registry.sh, or REGISTRY=host:port"),
    ],
    ids=["a-name-for-a-version", "a-command-in-it", "another-tag", "no-key", "no-password", "no-registry"],
)
def test_check(site, variables, words):
    """What can't be published is refused in words before anything is built or pushed"""
    done = site.publish("check", **variables)
    assert done.returncode != 0 and words in done.stderr, done.stderr
    assert not site.told()


def test_copied_for_the_cluster(site):
    """What was published is copied to the ECR that EKS pulls from, under the same digest, and the way to EKS is noted"""
    ok(site.publish("image"))
    published = (site.tree / "target/pushed-image").read_text().strip()
    variables = {
        "EKS_CLUSTER": "rates", "AWS_REGION": "eu-central-1", "IMAGE_REPOSITORY": f"{site.address}/mirror", "HELM_VALUES": "a: b",
        "SSL_CERT_FILE": str(site.folder / "ca.crt"), "GITHUB_ENV": str(site.folder / "env"),
    }
    done = subprocess.run(
        ["scripts/deployment-target.sh", published], cwd=site.tree, env=site.environment | variables,
        capture_output=True, text=True,
    )
    ok(done)
    copied = (site.tree / "target/pushed-image").read_text().strip()
    assert copied == published.replace("/crypto-rates:", "/mirror:")
    assert site.raw(re.sub(":[^:@/]+@", "@", copied)) == site.raw(f"{site.address}/crypto-rates:{VERSION}")
    kubeconfig = site.tree / "target/deployment/kubeconfig"
    assert kubeconfig.read_text() == "a way to EKS" and kubeconfig.stat().st_mode & 0o077 == 0
    assert (site.folder / "env").read_text() == f"KUBECONFIG={kubeconfig}\n"
    assert not [word for line in site.told() for word in line if registries.PASSWORD in word]


@pytest.mark.parametrize("tag", ["", VERSION, f"{VERSION}-rc.1", "-main.57"])
def test_check_passes(site, tag):
    """With all in place `check` says so, and touches nothing; a suffix alone makes a version of that of Cargo.toml"""
    done = site.publish("check", TAG=tag)
    ok(done)
    version = VERSION + tag if tag.startswith("-") else tag or VERSION
    assert f"crypto-rates:{version} to {site.address}" in done.stderr and not site.told()


def test_tell(site):
    """The team is told by Slack, whose address is on no command line; without one, or with Slack away, nothing fails"""
    heard = []

    class Slack(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    def tell(webhook: str) -> str:
        environment = site.environment | {"SLACK_WEBHOOK": webhook}
        command = ["scripts/tell.sh", 'main: "failed"']
        done = subprocess.run(command, cwd=site.tree, env=environment, capture_output=True, text=True, timeout=60)
        ok(done)
        return done.stderr

    slack = http.server.HTTPServer(("127.0.0.1", 0), Slack)
    threading.Thread(target=slack.handle_request, daemon=True).start()
    tell(f"http://127.0.0.1:{slack.server_port}/hook")
    assert heard == [("/hook", {"text": 'main: "failed"'})]
    slack.server_close()
    assert "nobody is told" in tell("")
    assert "no message was sent" in tell(f"http://127.0.0.1:{slack.server_port}/hook")


def test_wrong_password(site):
    """A registry that refuses ends it, and nothing is signed"""
    assert site.publish("image", "chart", REGISTRY_PASSWORD="wrong").returncode != 0
    assert not site.told("cosign")
