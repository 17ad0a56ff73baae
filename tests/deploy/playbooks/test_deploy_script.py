"""Script 05 with the real helm and kubectl, as far as it goes without a cluster."""

import os
import re
import shutil
import subprocess

import pytest
import yaml

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"registry.example.org:5000/crypto-rates:1.2.3@{DIGEST}"
ENVIRONMENTS = ["development", "staging", "production"]


@pytest.fixture
def deploy(root, tmp_path):
    """Runs the script; no cluster answers."""
    for program in ("helm", "kubectl"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not on this machine (the npm package that brings it is for amd64)")

    def run(*arguments: str) -> subprocess.CompletedProcess:
        environment = os.environ | {"KUBECONFIG": str(tmp_path / "none"), "HELM_CONFIG_HOME": str(tmp_path)}
        script = root / "scripts/05-deploy-crypto-rates-to-k8s.sh"
        return subprocess.run([str(script), *arguments], env=environment, text=True, capture_output=True, timeout=60)

    return run


def _manifests(done: subprocess.CompletedProcess) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_dry_run(deploy, environment):
    """--dry-run prints, by the real helm, what it would apply: a restricted namespace and everything in it."""
    namespace, *rest = _manifests(deploy(environment, "--dry-run", "--image", IMAGE))
    assert namespace["kind"] == "Namespace" and namespace["metadata"]["name"] == environment
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {manifest["metadata"]["namespace"] for manifest in rest} == {environment}
    assert "Deployment" in {manifest["kind"] for manifest in rest}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_image(deploy, environment):
    """Each of our containers runs the image by its digest, and pulls it with the secret that the script makes."""
    ours = 0
    for manifest in _manifests(deploy(environment, "--dry-run", "--image", IMAGE)):
        pod = manifest["spec"] if manifest["kind"] == "Pod" else manifest.get("spec", {}).get("template", {}).get("spec")
        for container in (pod or {}).get("containers", []):
            if container["image"].startswith("registry.example.org:5000/"):
                ours += 1
                assert container["image"].endswith(DIGEST)
                assert {"name": "registry"} in pod["imagePullSecrets"]
    assert ours > 1


def test_namespace_and_helms_own_arguments(deploy):
    """--namespace goes elsewhere, and what follows -- goes to helm."""
    arguments = ("--dry-run", "--image", IMAGE, "-n", "elsewhere", "--", "--set", "nameOverride=other")
    namespace, *rest = _manifests(deploy(*arguments))
    assert {manifest["metadata"].get("namespace", "elsewhere") for manifest in rest} == {"elsewhere"}
    assert {manifest["metadata"]["labels"]["app.kubernetes.io/name"] for manifest in rest} == {"other"}
    assert namespace["metadata"]["name"] == "elsewhere"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--dry-run", "--image", "registry.example.org/crypto-rates:latest"), "must be HOST:PORT/NAME"),
        (("--dry-run", "--image", IMAGE, "nowhere"), "there are: values-development.yaml"),
        (("--image", IMAGE), "no cluster answers"),
    ],
    ids=["a-tag-alone", "an-environment-that-there-is-not", "no-cluster"],
)
def test_refusals(deploy, arguments, words):
    """What can't be deployed is refused in words, and nothing is done."""
    done = deploy(*arguments)
    assert done.returncode == 1 and not done.stdout
    assert words in done.stderr and done.stderr.startswith("error: "), done.stderr


def test_known_options(deploy, root):
    """The real helm and kubectl have every command and option that the script gives them."""
    source = (root / "scripts/05-deploy-crypto-rates-to-k8s.sh").read_text()
    source = re.sub(r"\\\n\s*|#.*", " ", source.partition("has_all")[2])
    commands = set(re.findall(r"\b(helm|kubectl) (?:--namespace \S+ )?((?:[a-z]+ ?)+)", source))
    help_texts = [subprocess.run(["kubectl", "options"], text=True, capture_output=True, check=True).stdout]
    for program, words in commands:
        # `helm upgrade`, `kubectl create secret generic`: an unknown one has no help.
        done = subprocess.run([program, *words.split(), "--help"], text=True, capture_output=True)
        assert done.returncode == 0 and "Usage:" in done.stdout, (program, words)
        help_texts.append(done.stdout)
    assert len(commands) >= 7, commands
    options = set(re.findall(r"(?<=[ (])--[a-z][a-z-]+", source)) - {"--atomic", "--wrap", "--image"}
    known = "\n".join(help_texts)
    assert not [option for option in options if not re.search(rf"{option}\b", known)]
