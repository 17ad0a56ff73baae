"""Terraform itself takes the configuration, and the tests beside the roots pass."""

import re
import subprocess

import pytest


@pytest.fixture(params=["stand-ins", "the registry's own"])
def either(request):
    """Terraform with stand-ins for providers and modules, and with those of the registry where it can be reached."""
    return request.getfixturevalue("terraform" if request.param == "stand-ins" else "real_terraform")


def test_format(program, terraform_source):
    """Everything is written as terraform fmt writes it."""
    command = [program, f"-chdir={terraform_source}", "fmt", "-check", "-diff", "-recursive"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", ("state", "cluster", "platform"))
def test_valid(either, name):
    """Every argument, block, type and reference is one that providers and modules have."""
    either.must(name, "validate")


@pytest.mark.parametrize("name", ("cluster", "platform"))
def test_tests(either, name):
    """terraform test passes, with the providers mocked."""
    said = either.must(name, "test", "-no-color")
    passed, failed = map(int, re.search(r"(\d+) passed, (\d+) failed", said).groups())
    assert passed > 15 and not failed and "skipped" not in said, said
