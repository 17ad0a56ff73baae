"""Terraform itself takes the configuration, and the tests beside the roots pass."""

import json
import subprocess

import pytest

ROOTS = ("state", "cluster", "platform")
TESTED = ("cluster", "platform")


def failures(output: str) -> list[str]:
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [
        f"{line['diagnostic']['summary']}: {line['diagnostic'].get('detail', '')}"
        for line in lines
        if line["type"] == "diagnostic" and line["diagnostic"]["severity"] == "error"
    ]


def passes(terraform, name: str) -> None:
    result = terraform.run(name, "test", "-json")
    summary = [json.loads(line) for line in result.stdout.splitlines() if '"test_summary"' in line]
    assert result.returncode == 0, "\n".join(failures(result.stdout)) or result.stderr
    counts = summary[-1]["test_summary"]
    assert counts["passed"] > 5 and counts["failed"] + counts["errored"] + counts["skipped"] == 0, counts


def test_format(program, terraform_source):
    """Everything is written as terraform fmt writes it."""
    result = subprocess.run(
        [program, f"-chdir={terraform_source}", "fmt", "-check", "-diff", "-recursive"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", ROOTS)
def test_valid(terraform, name):
    """Every argument, block, type and reference is one that the providers' schemas have."""
    terraform.must(name, "validate")


@pytest.mark.parametrize("name", TESTED)
def test_tests(terraform, name):
    """terraform test passes, with the providers mocked and the modules stubbed."""
    passes(terraform, name)


@pytest.mark.parametrize("name", ROOTS)
def test_valid_for_real(real_terraform, name):
    """The registry's own providers and modules take the configuration."""
    real_terraform.must(name, "validate")


@pytest.mark.parametrize("name", TESTED)
def test_tests_for_real(real_terraform, name):
    """terraform test passes, with the registry's own modules and mocks of its own providers."""
    passes(real_terraform, name)
