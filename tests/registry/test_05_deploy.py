"""05, where TEST_KUBECONFIG names a cluster; without one tests/deploy/pipelines has what can be told of it."""

import os

import pytest

from hosts import run


def test_a_cluster(site):
    """05 deploys to a cluster, twice; the pods run the digest that 02 has pushed, and the chart's tests pass."""
    kubeconfig = os.environ.get("TEST_KUBECONFIG")
    if not kubeconfig:
        pytest.skip("TEST_KUBECONFIG names no cluster; its nodes must reach and trust the registry of this check")
    for _ in range(2):
        site.script("05", "--", "--set", "config.ratesSources={sample}", KUBECONFIG=kubeconfig)
    pods = run("kubectl", "--kubeconfig", kubeconfig, "--namespace", "development", "get", "pods", "--output", "yaml")
    assert site.pushed.split("@")[1] in pods.stdout
