"""What the pipelines deploy by, scripts 05, try-release.sh and roll-back.sh: with real Helm 3 and 4 and their kubectls.

The API that they speak to is that of clients/kube_api.py, as there is no cluster here.
"""

import base64
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

import workflows  # noqa: E402
from harness import free_port  # noqa: E402

SCRIPT = "05-deploy-crypto-rates-to-k8s.sh"
REGISTRY, ECR = "registry.example.org:5000", "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
ENVIRONMENTS = ["development", "staging", "production"]
RESTRICTED = "pod-security.kubernetes.io/enforce"
#: For what does not depend on its version.
ONE_HELM = pytest.mark.parametrize("helm", ["4"], indirect=True)
#: Pods do not run here: port-forwarding leads to the release build on this machine, until it is ended.
KUBECTL = """#!/bin/sh
case "$*" in
  "--namespace staging port-forward --address 127.0.0.1 service/crypto-rates :80")
    echo "Forwarding from 127.0.0.1:$PORT -> 5000"; exec sleep 60 ;;
esac
exec {} "$@"
"""


def digest(of: str) -> str:
    return "sha256:" + of * 64


def image(of: str, registry: str = REGISTRY) -> str:
    """An image that differs from others by the digit that its digest is made of; `b` is for bad ones."""
    return f"{registry}/crypto-rates:1.2.{int(of, 16)}@{digest(of)}"


@dataclass
class Pipeline:
    """A copy of the scripts, with one Helm and its kubectl."""

    environment: dict[str, str]
    tree: Path
    cluster: object

    def run(self, name: str, *arguments: str, code: int = 0, **variables: str) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [self.tree / "scripts" / name, *arguments], cwd=self.tree, env=self.environment | variables,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def deploy(self, of: str, *arguments: str, code: int = 0, **variables: str) -> subprocess.CompletedProcess:
        return self.run(SCRIPT, "staging", "--image", image(of), "--timeout", "3s", *arguments, code=code, **variables)

    @property
    def runs(self) -> str:
        """Which image is deployed, by the digit of its digest."""
        pod = self.cluster.get("Deployment", "crypto-rates", "staging")["spec"]["template"]["spec"]
        return pod["containers"][0]["image"][-1]


@pytest.fixture
def pipeline(root, helm, cluster, tmp_path) -> Pipeline:
    for folder in ("scripts", "charts"):
        shutil.copytree(root / folder, tmp_path / "tree" / folder)
    tools = tmp_path / "tools/bin"
    tools.mkdir(parents=True)
    (tools / "helm").symlink_to(helm)
    (tools / "kubectl").write_text(KUBECTL.format(helm.parent / "kubectl"))
    (tools / "kubectl").chmod(0o755)
    variables = {
        "CRYPTO_RATES_TOOLS": str(tools.parent), "K6": str(Path(sys.prefix) / "bin/k6"),
        # The store of staging is the chart's own, with a password that somebody has made.
        "REGISTRY_PASSWORD": "not-a-secret-of-anybody",
        # Not about how fast it is.
        "NETWORK_MS": "1000",
    }
    return Pipeline(cluster.env(helm) | variables, tmp_path / "tree", cluster)


def test_rolled_back_twice(pipeline):
    """Used again, roll-back.sh goes further back, past what was rolled away from, and never forward"""
    for of in "1", "2", "3":
        pipeline.deploy(of)
    for expected in "2", "1":
        pipeline.run("roll-back.sh", "staging")
        assert pipeline.runs == expected
    done = pipeline.run("roll-back.sh", "staging", code=1)
    assert "no release before this one" in done.stderr and pipeline.runs == "1"


def test_bad_releases(pipeline, cluster):
    """A release that fails its tests or never gets ready makes way for the one before; nothing goes back to it later"""
    cluster.bad_tests, cluster.never_ready = {digest("b")}, {digest("c")}
    done = pipeline.deploy("b", code=1)
    # A first one has nothing to make way for.
    assert "no release before this one" in done.stderr and "is not good for staging" in done.stderr
    pipeline.deploy("1")
    assert "is not good for staging" in pipeline.deploy("b", code=1).stderr and pipeline.runs == "1"
    pipeline.deploy("c", code=1)
    assert pipeline.runs == "1"
    pipeline.deploy("2")
    pipeline.run("roll-back.sh", "staging")
    assert pipeline.runs == "1"


def test_what_it_makes(pipeline, cluster):
    """05 makes a restricted namespace and a secret to pull with; what is there already keeps its labels and password

    ECR needs no secret, nor does who says so, and nobody is asked for its password.
    """
    pipeline.deploy("1")
    assert cluster.get("Namespace", "staging")["metadata"]["labels"][RESTRICTED] == "restricted"
    login = json.loads(base64.b64decode(cluster.get("Secret", "registry", "staging")["data"][".dockerconfigjson"]))
    assert list(login["auths"]) == [REGISTRY]
    assert "secret registry" not in pipeline.deploy("2", REGISTRY_PASSWORD="").stderr
    kubectl = Path(pipeline.environment["CRYPTO_RATES_TOOLS"]) / "bin/kubectl"
    subprocess.run([kubectl, "create", "namespace", "shared"], env=pipeline.environment, check=True)
    before = cluster.get("Namespace", "shared")["metadata"].get("labels", {})
    for options in ("--image", image("3", ECR)), ("--pull-secret", "none"):
        pipeline.deploy("3", "--namespace", "shared", *options, REGISTRY_PASSWORD="")
    assert "set REGISTRY_PASSWORD" in pipeline.deploy("3", "-n", "shared", code=1, REGISTRY_PASSWORD="").stderr
    assert cluster.get("Namespace", "shared")["metadata"].get("labels", {}) == before
    assert cluster.get("Secret", "registry", "shared") is None


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_dry_run(pipeline, environment, tmp_path):
    """--dry-run prints all that it would apply: the image by its digest, each later file of values over those before"""
    files = [tmp_path / "first.yaml", tmp_path / "second.yaml"]
    files[0].write_text("config: {cacheDuration: 600}\npodAnnotations: {of: first}\n")
    files[1].write_text("podAnnotations: {of: second}\n")
    options = ["--dry-run", "--image", image("1"), *(word for file in files for word in ("--values", str(file)))]
    done = pipeline.run(SCRIPT, environment, *options, "--", "--set", "nameOverride=other")
    namespace, *rest = [document for document in yaml.safe_load_all(done.stdout) if document]
    assert (namespace["kind"], namespace["metadata"]["name"]) == ("Namespace", environment)
    assert namespace["metadata"]["labels"][RESTRICTED] == "restricted"
    assert {manifest["metadata"]["namespace"] for manifest in rest} == {environment}
    (deployment,) = [manifest for manifest in rest if manifest["kind"] == "Deployment"]
    assert deployment["metadata"]["labels"]["app.kubernetes.io/name"] == "other"
    template = deployment["spec"]["template"]
    assert template["metadata"]["annotations"]["of"] == "second" and '"600"' in done.stdout
    pods = [template["spec"], *(manifest["spec"] for manifest in rest if manifest["kind"] == "Pod")]
    for pod in pods:
        assert {container["image"] for container in pod["containers"]} == {image("1")}
        assert pod["imagePullSecrets"] == [{"name": "registry"}]
    assert len(pods) > 1


@ONE_HELM
def test_tried(pipeline, serving):
    """A release below a path is tried there, by kubectl and by its address; `none` only asks whether it is ready"""
    with serving(BASE_PATH="/rates") as port:
        done = pipeline.run("try-release.sh", "staging", "smoke", PORT=str(port), BASE_PATH="/rates/")
        assert f"smoke against http://127.0.0.1:{port}/rates" in done.stderr
        # By address kubectl is not needed.
        done = pipeline.run("try-release.sh", "production", "none", URL=f"http://127.0.0.1:{port}/rates")
        assert "load:" not in done.stderr
        done = pipeline.run("try-release.sh", "staging", "none", code=1, PORT=str(port))
        assert "is not ready" in done.stderr


@ONE_HELM
@pytest.mark.parametrize(
    ("script", "arguments", "code", "words"),
    [
        (SCRIPT, ("--dry-run", "--image", "registry.example.org/crypto-rates:latest"), 1, "must be HOST[:PORT]/NAME"),
        (SCRIPT, ("--dry-run", "--image", image("1"), "nowhere"), 1, "there are: values-development.yaml"),
        (SCRIPT, ("--image", image("1")), 1, "no cluster answers"),
        ("try-release.sh", ("nowhere",), 2, "Usage:"),
        ("try-release.sh", ("staging", "everything"), 2, "Usage:"),
        ("try-release.sh", ("production", "smoke"), 1, "no way to the release in production"),
    ],
    ids=["a-tag-alone", "no-environment", "no-cluster", "try-no-environment", "try-no-scenario", "try-no-cluster"],
)
def test_refusals(pipeline, script, arguments, code, words):
    """What can't be deployed or tried is refused in words, and nothing is done"""
    done = pipeline.run(script, *arguments, code=code, KUBECONFIG="/nowhere")
    assert words in done.stderr and not done.stdout, done.stderr


def github(pipeline: Pipeline, of: str, port: int) -> str | None:
    """Runs the steps of deploy.yml, as GitHub would, until one fails; gives that one's name."""
    context = {
        "inputs.environment": "staging", "inputs.image": image(of), "github.actor": "somebody",
        "secrets.KUBECONFIG": Path(pipeline.environment["KUBECONFIG"]).read_text(), "vars.PULL_SECRET": "none",
        "vars.HELM_VALUES": "podAnnotations: {of: github}",
    }
    told = pipeline.tree / "github-env"
    job = pipeline.environment | {"ENVIRONMENT": "staging", "GITHUB_ENV": str(told), "PORT": str(port)}
    for name in ("KUBECONFIG", "REGISTRY_PASSWORD"):
        del job[name]
    failed = None
    for step in workflows.read("deploy.yml")["jobs"]["deploy"]["steps"]:
        if "run" not in step or step["run"] == "scripts/setup.sh load" or bool(failed) != (step["name"] == "roll back"):
            continue
        variables = {name: workflows.filled(value, context) for name, value in step.get("env", {}).items()}
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", step["run"]], cwd=pipeline.tree, env=job | variables,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)
        if done.returncode:
            failed = step["name"]
        job |= dict(line.split("=", 1) for line in told.read_text().splitlines())
    return failed


def test_github_deploys(pipeline, cluster, serving):
    """deploy.yml deploys with the environment's values, tries it with k6, and takes back what fails that"""
    with serving() as port:
        assert github(pipeline, "1", port) is None
    pod = cluster.get("Deployment", "crypto-rates", "staging")["spec"]["template"]
    assert pipeline.runs == "1" and pod["metadata"]["annotations"]["of"] == "github"
    assert cluster.get("Secret", "registry", "staging") is None
    assert github(pipeline, "2", free_port()) == "try" and pipeline.runs == "1"
    steps = workflows.read("deploy.yml")["jobs"]["deploy"]["steps"]
    (back,) = [step for step in steps if step.get("name") == "roll back"]
    assert back["if"] == "${{ always() && (steps.try.outcome == 'failure' || steps.try.outcome == 'cancelled') }}"
