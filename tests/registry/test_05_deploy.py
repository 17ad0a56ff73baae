"""05, as far as a machine without a cluster allows; all of it where TEST_KUBECONFIG names one."""

import os
import re

import pytest

from hosts import run

SCRIPT = "05"


def test_what_it_would_do(site, helm):
    """05 --dry-run prints a restricted namespace, and every container of ours by the digest that 02 has pushed."""
    outcome = site.script(SCRIPT, "--dry-run")
    assert outcome.code == 0, outcome.output
    assert "pod-security.kubernetes.io/enforce: restricted" in outcome.output
    registry, digest = site.pushed.split("/")[0], site.pushed.split("@")[1]
    images = set(re.findall(rf"image: \"?({registry}[^\s\"]+)", outcome.output))
    assert images and all(image.endswith(digest) for image in images), images
    assert re.search(r"imagePullSecrets:\s+- name: registry", outcome.output)


def test_a_cluster(site, helm, kubectl):
    """05 deploys to a cluster, twice; the pods run the digest that 02 has pushed, and the chart's tests pass."""
    kubeconfig = os.environ.get("TEST_KUBECONFIG")
    if not kubeconfig:
        pytest.skip("TEST_KUBECONFIG names no cluster; its nodes must reach and trust the registry of this check")
    for _ in range(2):
        outcome = site.script(SCRIPT, "--", "--set", "config.ratesSources={sample}", KUBECONFIG=kubeconfig)
        assert outcome.code == 0, outcome.output
    pods = run("kubectl", "--kubeconfig", kubeconfig, "--namespace", "development", "get", "pods", "--output", "yaml")
    assert site.pushed.split("@")[1] in pods.stdout
