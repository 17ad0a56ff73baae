"""Terraform itself takes the configuration, and the tests beside the roots pass."""

import copy
import re
import shutil
import subprocess

import pytest
from terraform_stubs import SOURCE


def test_format(program):
    """Everything is written as terraform fmt writes it."""
    command = [program, f"-chdir={SOURCE}", "fmt", "-check", "-diff", "-recursive"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("which", ("terraform", "real_terraform"), ids=("stand-ins", "the registry's own"))
@pytest.mark.parametrize("name", ("state", "cluster", "platform"))
def test_configuration(request, which, name):
    """Every argument, block, type and reference is one that providers and modules have, and terraform test passes."""
    terraform = request.getfixturevalue(which)
    terraform.must(name, "validate")
    if name != "state":
        said = terraform.must(name, "test", "-no-color")
        passed, failed = map(int, re.search(r"(\d+) passed, (\d+) failed", said).groups())
        assert passed > 15 and not failed and "skipped" not in said, said


def test_what_goes_first(terraform, tmp_path):
    """Destroyed, the release's namespace goes first, while those are there who take load balancer and name away."""
    apart = copy.copy(terraform)
    apart.folder = shutil.copytree(terraform.folder, tmp_path / "terraform")
    # Terraform draws nothing without a state, be it an empty one.
    (apart.folder / "platform/backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    apart.must("platform", "init", "-input=false")
    edges = set(re.findall(r'"(\S+)" -> "(\S+)"', apart.must("platform", "graph")))
    assert ("kubernetes_namespace_v1.crypto_rates", "time_sleep.names_are_gone") in edges
    for controller in ("aws_load_balancer_controller", "external_dns"):
        assert ("time_sleep.names_are_gone", f"helm_release.{controller}") in edges
    inside = ("kubernetes_secret_v1.store", "kubernetes_role_v1.deployer", "aws_eks_access_policy_association.deployer")
    assert {(name, "kubernetes_namespace_v1.crypto_rates") for name in inside} <= edges
