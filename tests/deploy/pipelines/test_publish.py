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
from dataclasses import dataclass
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
COSIGN = """
import hashlib
if sys.argv[1] in ("sign-blob", "verify-blob"):
    bundle = sys.argv[sys.argv.index("--bundle") + 1]
    signature = hashlib.sha256(open(sys.argv[-1], "rb").read()).hexdigest()
    if sys.argv[1] == "sign-blob":
        open(bundle, "w").write(signature)
    else:
        assert open(bundle).read() == signature
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

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess:
        self.log.write_text("")
        environment = self.environment | variables
        return subprocess.run(command, cwd=self.tree, env=environment, capture_output=True, text=True, timeout=60)

    def publish(self, *parts: str, **variables: str) -> subprocess.CompletedProcess:
        return self.run("scripts/publish.sh", *parts, **variables)

    def told(self, *program: str) -> list[list[str]]:
        """What programs were told by the last run."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if line[: len(program)] == list(program)]

    def raw(self, reference: str) -> dict:
        """A manifest in the registry."""
        login = f"{registries.USER}:{registries.PASSWORD}"
        options = ["--cert-dir", self.folder / "trusted", "--creds", login, "--raw"]
        done = subprocess.run(["skopeo", "inspect", *options, f"docker://{reference}"], capture_output=True, text=True)
        ok(done)
        return json.loads(done.stdout)


def ok(done: subprocess.CompletedProcess) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def site(root, tmp_path_factory) -> Site:
    folder = tmp_path_factory.mktemp("publish")
    found = {name: shutil.which(name) for name in ("docker-registry", "skopeo", "helm", "openssl")}
    if missing := [name for name, path in found.items() if not path]:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    tree, log, programs = folder / "tree", folder / "log.jsonl", folder / "tools/bin"
    for path in (programs, folder / "trusted", tree / "target/supply-chain"):
        path.mkdir(parents=True)
    for path in ("scripts", "charts", "packaging"):
        shutil.copytree(root / path, tree / path)
    for path in ("Cargo.toml", "LICENSE", "README.md", "CHANGELOG.md"):
        shutil.copy(root / path, tree)
    (tree / "target/supply-chain/image.cdx.json").write_text("{}")
    (folder / "cosign.key").touch()
    stand_ins = {
        "aws": AWS.format(password=registries.PASSWORD),
        "cosign": COSIGN,
        "docker": DOCKER.format(version=VERSION, folder=folder, real=shutil.which("docker")),
        **{name: f'os.execv("{found[name]}", sys.argv)' for name in ("helm", "skopeo")},
    }
    for name, then in stand_ins.items():
        (programs / name).write_text(NOTING.format(log=log, then=then))
        (programs / name).chmod(0o755)
    for processor in ("amd64", "arm64"):
        contents = {"crypto-rates": processor.encode()}
        registries.image(folder / f"{processor}.tar", f"crypto-rates:{VERSION}", contents, processor)
    program = found["docker-registry"]
    with registries.registry(program, folder) as address, registries.registry(program, folder, False) as plain:
        shutil.copy(folder / "ca.crt", folder / "trusted")
        environment = os.environ | {
            "CRYPTO_RATES_TOOLS": str(folder / "tools"), "DOCKER_ENGINE_ANSWERS": "1", "HOME": str(folder),
            "REGISTRY": address, "REGISTRY_CA": str(folder / "ca.crt"), "REGISTRY_USER": registries.USER,
            "REGISTRY_PASSWORD": registries.PASSWORD, "PLAIN": plain, "COSIGN_KEY": str(folder / "cosign.key"),
        }
        environment.pop("XDG_CONFIG_HOME", None)
        yield Site(tree, address, environment, log, folder)


def test_image_and_chart(site):
    """Image and chart are signed by their digests in the registry; the image has a bill, and GitHub's next jobs know it

    No program is told the password by its command line, where everybody on the machine could read it.
    """
    output, tag = site.folder / "output", f"{VERSION}-rc.1"
    ok(site.publish("image", "chart", TAG=tag, GITHUB_OUTPUT=str(output)))
    assert output.read_text() == f"image={(site.tree / 'target/pushed-image').read_text()}"
    (image, chart), (attest,) = site.told("cosign", "sign"), site.told("cosign", "attest")
    assert image[2:5] == ["--yes", "--key", str(site.folder / "cosign.key")]
    assert attest[-1] == image[-1]
    assert attest[5:9] == ["--type", "cyclonedx", "--predicate", "target/supply-chain/image.cdx.json"]
    for name, signed in (("crypto-rates", image[-1]), ("charts/crypto-rates", chart[-1])):
        assert re.fullmatch(rf"{site.address}/{name}@sha256:[0-9a-f]{{64}}", signed)
        assert site.raw(signed) == site.raw(f"{site.address}/{name}:{tag}")
    assert site.raw(chart[-1])["config"]["mediaType"] == "application/vnd.cncf.helm.config.v1+json"
    assert {line[0] for line in site.told()} == {"cosign", "docker", "helm", "skopeo"}
    login = base64.b64encode(f"{registries.USER}:{registries.PASSWORD}".encode()).decode()
    assert not [word for line in site.told() for word in line if registries.PASSWORD in word or login in word]


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
    for one in index["manifests"]:
        name = f"crypto-rates-{VERSION}-linux-{one['platform']['architecture']}"
        server = f"{site.address}/crypto-rates@{one['digest']}:/crypto-rates"
        for unpack in (["tar", "-xOf", f"{name}.tar.gz", f"{name}/crypto-rates"], ["dpkg-deb", "--fsys-tarfile", f"{name}.deb"]):
            assert server.encode() in subprocess.run(unpack, cwd=files, check=True, capture_output=True).stdout
    sums = (files / "SHA256SUMS").read_text()
    assert len(sums.splitlines()) == 4 and len(list(files.iterdir())) == 6
    (sign,) = site.told("cosign", "sign-blob")
    assert sign[2:] == ["--yes", "--bundle", "target/release-files/SHA256SUMS.sigstore.json", "target/release-files/SHA256SUMS"]


@pytest.mark.parametrize(
    ("code", "variables", "words"),
    [
        (1, {"TAG": "latest"}, f"TAG must be {VERSION}, or that with a suffix"),
        (1, {"TAG": f"{VERSION}; reboot"}, "TAG must be"),
        (1, {"RELEASE": "v99.0.0"}, f"so the tag must be v{VERSION}, not v99.0.0"),
        (1, {"COSIGN_KEY": "nowhere.key"}, "there is no file nowhere.key"),
        (1, {"REGISTRY_PASSWORD": ""}, "no password to push with"),
        (1, {"REGISTRY": ""}, "scripts/01-setup-secure-docker-registry.sh, or REGISTRY=host:port"),
        (0, {"TAG": ""}, f"crypto-rates:{VERSION} to"),
        (0, {"TAG": VERSION}, f"crypto-rates:{VERSION} to"),
        (0, {"TAG": f"{VERSION}-rc.1"}, f"crypto-rates:{VERSION}-rc.1 to"),
        # A suffix alone makes a version of that of Cargo.toml.
        (0, {"TAG": "-main.57"}, f"crypto-rates:{VERSION}-main.57 to"),
    ],
    ids=lambda value: " ".join(map("=".join, value.items())) if isinstance(value, dict) else "",
)
def test_check(site, code, variables, words):
    """What can't be published is refused in words before anything is built or pushed; `check` touches nothing"""
    done = site.publish("check", **variables)
    assert done.returncode == code and words in done.stderr and not site.told(), done.stderr


def test_wrong_password(site):
    """A registry that refuses ends it, and nothing is signed"""
    assert site.publish("image", "chart", REGISTRY_PASSWORD="wrong").returncode != 0
    assert not site.told("cosign")


def test_copied_for_the_cluster(site):
    """What was published is copied to the ECR that EKS pulls from, by the same digest, and the way to EKS is noted"""
    ok(site.publish("image"))
    pushed, told = site.tree / "target/pushed-image", site.folder / "env"
    published = pushed.read_text().strip()
    ok(site.run(
        "scripts/deployment-target.sh", published, EKS_CLUSTER="rates", AWS_REGION="eu-central-1", HELM_VALUES="a: b",
        IMAGE_REPOSITORY=f"{site.address}/mirror", SSL_CERT_FILE=str(site.folder / "ca.crt"), GITHUB_ENV=str(told),
    ))
    copied = pushed.read_text().strip()
    assert copied == published.replace("/crypto-rates:", "/mirror:")
    assert site.raw(re.sub(":[^:@/]+@", "@", copied)) == site.raw(f"{site.address}/crypto-rates:{VERSION}")
    kubeconfig = site.tree / "target/deployment/kubeconfig"
    assert kubeconfig.read_text() == "a way to EKS" and kubeconfig.stat().st_mode & 0o077 == 0
    assert told.read_text() == f"KUBECONFIG={kubeconfig}\n"
    assert not [word for line in site.told() for word in line if registries.PASSWORD in word]


def test_tell(site):
    """The team is told by Slack, whose address is on no command line; without one, or with Slack away, nothing fails"""
    heard = []

    class Slack(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

    def tell(webhook: str) -> str:
        done = site.run("scripts/tell.sh", 'main: "failed"', SLACK_WEBHOOK=webhook)
        ok(done)
        return done.stderr

    with http.server.HTTPServer(("127.0.0.1", 0), Slack) as slack:
        webhook = f"http://127.0.0.1:{slack.server_port}/hook"
        threading.Thread(target=slack.handle_request, daemon=True).start()
        tell(webhook)
    assert heard == [("/hook", {"text": 'main: "failed"'})]
    assert "nobody is told" in tell("") and "no message was sent" in tell(webhook)
