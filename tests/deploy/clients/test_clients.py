"""The chart by real clients, Helm 3 and 4 with their kubectls, against the API of clients/kube_api.py."""

import subprocess

import pytest

RELEASE = ["--namespace", "rates"]


@pytest.fixture
def run(helm, cluster, root):
    """Runs a command by one Helm and its kubectl, and gives all that it said."""

    def run(*command: str, code: int = 0) -> str:
        process = subprocess.run(
            command,
            cwd=root,
            env=cluster.env(helm),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=40,
        )
        assert process.returncode == code, process.stdout
        return process.stdout

    return run


def install(run, *more: str) -> str:
    chart = "charts/crypto-rates"
    return run("helm", "upgrade", "--install", "crypto-rates", chart, *RELEASE, "--create-namespace", "--wait", *more)


def test_install_test_upgrade_rollback(run, cluster):
    """Both Helms install the chart as for production, test it with its logs shown, upgrade it and roll it back."""
    production = ("--values", "charts/crypto-rates/values-production.yaml", "--set-string")
    install(run, *production, "image.tag=one")
    assert cluster.names("HTTPRoute") and cluster.names("Middleware") == ["crypto-rates-limit"]
    said = run("helm", "test", "crypto-rates", *RELEASE, "--logs", "--timeout", "1m")
    for what in ("ready", "api", "page", "metrics"):
        assert f"log of crypto-rates-test-{what}" in said, said
    install(run, *production, "image.tag=two")
    assert image(cluster).endswith(":two")
    # The pods of the test before make way.
    run("helm", "test", "crypto-rates", *RELEASE, "--logs", "--timeout", "1m")
    run("helm", "rollback", "crypto-rates", "1", *RELEASE, "--wait")
    assert image(cluster).endswith(":one")
    assert "deployed" in run("kubectl", "get", "secrets", *RELEASE, "--output", "yaml")
    run("helm", "uninstall", "crypto-rates", *RELEASE, "--wait")
    assert cluster.names("Deployment") == []


def image(cluster) -> str:
    return cluster.get("Deployment", "crypto-rates", "rates")["spec"]["template"]["spec"]["containers"][0]["image"]


def test_a_failing_test_is_told(run, cluster):
    """`helm test --logs` fails when a pod of it fails, and still shows what that said."""
    install(run)
    cluster.bad_tests = {"crypto-rates"}
    said = run("helm", "test", "crypto-rates", *RELEASE, "--logs", "--timeout", "1m", code=1)
    assert "log of crypto-rates-test-" in said and "failed" in said.lower(), said


def test_what_never_gets_ready_is_told(run, cluster):
    """An update whose pods never get ready fails once its time is over, and an earlier one is there again."""
    install(run, "--set-string", "image.tag=one")
    cluster.never_ready = {":two"}
    atomic = "--rollback-on-failure" if "--rollback-on-failure" in run("helm", "upgrade", "--help") else "--atomic"
    command = ("helm", "upgrade", "crypto-rates", "charts/crypto-rates", *RELEASE, "--wait", atomic)
    run(*command, "--set-string", "image.tag=two", "--timeout", "3s", code=1)
    assert image(cluster).endswith(":one")
