"""The chart by real clients, Helm 3 and 4 with their kubectls, against the API of clients/kube_api.py.

What never gets ready, and what is rolled back by itself: pipelines/test_deployment.py.
"""

import subprocess


def test_install_test_upgrade_rollback(helm, cluster, root):
    """Both Helms install the chart as for production, test it with its logs shown, upgrade it and roll it back."""

    def run(*words: str, code: int = 0) -> str:
        command, env = [*words, "--namespace", "rates"], cluster.env(helm)
        done = subprocess.run(command, cwd=root, env=env, text=True, capture_output=True, timeout=40)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def install(tag: str) -> None:
        production = ["charts/crypto-rates", "--values", "charts/crypto-rates/values-production.yaml"]
        options = ["--create-namespace", "--wait", "--set-string", f"image.tag={tag}"]
        run("helm", "upgrade", "--install", "crypto-rates", *production, *options)

    def tag() -> str:
        pod = cluster.get("Deployment", "crypto-rates", "rates")["spec"]["template"]["spec"]
        return pod["containers"][0]["image"].rpartition(":")[2]

    test = ["helm", "test", "crypto-rates", "--logs", "--timeout", "1m"]
    install("one")
    assert cluster.names("HTTPRoute") and cluster.names("Middleware") == ["crypto-rates-limit"]
    said = run(*test)
    for what in ("ready", "api", "page", "metrics"):
        assert f"log of crypto-rates-test-{what}" in said, said
    install("two")
    assert tag() == "two"
    # The pods of the test before make way, and one that fails still shows what it said.
    cluster.bad_tests = {"crypto-rates"}
    said = run(*test, code=1)
    assert "log of crypto-rates-test-" in said and "failed" in said.lower(), said
    run("helm", "rollback", "crypto-rates", "1", "--wait")
    assert tag() == "one"
    assert "deployed" in run("kubectl", "get", "secrets", "--output", "yaml")
    run("helm", "uninstall", "crypto-rates", "--wait")
    assert cluster.names("Deployment") == []
