"""What a check takes from its surroundings: nothing that is meant for production."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
#: What scripts read that is the machine's, or a check's own.
OTHERS = {
    "ACT", "BASE", "CARGO_PKG_NAME", "CHECKED_IMAGE", "CRYPTO_RATES_TOOLS", "DEPLOY_TOOLS", "DOCKER_ENGINE_ANSWERS",
    "DOCKER_HOST", "K6", "LOCAL_ACTIONS", "REQUIRE_DATABASES", "RUST_TEST_THREADS", "SERVER", "SOURCE_DATE_EPOCH",
    "SSL_CERT_FILE", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
}
#: Prints what a check would give to the programs that it starts.
SEEN = """
import importlib.util, json, os, pathlib, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
spec = importlib.util.spec_from_file_location("conftest", sys.argv[1])
conftest = importlib.util.module_from_spec(spec)
spec.loader.exec_module(conftest)
print(json.dumps(dict(conftest.Site(pathlib.Path("/nowhere")).environment if hasattr(conftest, "Site") else os.environ)))
"""


def production() -> set[str]:
    """Every variable that a script or the server reads, or that a pipeline sets, for production."""
    scripts = "".join(file.read_text() for file in ROOT.glob("scripts/*.sh"))
    server = subprocess.run([ROOT / "target/release/crypto-rates", "--help"], capture_output=True, text=True, check=True)
    found = set(re.findall(r"\$\{!?([A-Z][A-Z0-9_]+)(?::?[-+=?]|\})", scripts))
    found |= set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", server.stdout)) | {"HOST", "PORT", "WORKERS"}
    found |= set(re.findall(r"\w*(?:[vV]ariable|name): '([A-Z_]+)'", (ROOT / "Jenkinsfile").read_text()))
    for workflow in ROOT.glob(".github/workflows/*.yml"):
        found |= set(re.findall(r"\b(?:vars|secrets)\.(\w+)", workflow.read_text()))
    return found - OTHERS - {""} | {"KUBECONFIG", "AWS_PROFILE", "HELM_NAMESPACE", "ANSIBLE_CONFIG", "TF_VAR_region"}


@pytest.mark.parametrize("checks", ["tests/deploy", "tests/registry"])
def test_nothing_of_production(checks):
    """Whatever is set around a check, such as Jenkins' REGISTRY, no program that it starts is told of it"""
    names = production()
    assert {"REGISTRY", "REGISTRY_CA", "REGISTRY_USER", "IMAGE", "TAG", "COINGECKO_API_KEY"} <= names
    hostile = os.environ | dict.fromkeys(names, "production")
    command = [sys.executable, "-c", SEEN, ROOT / checks / "conftest.py"]
    done = subprocess.run(command, env=hostile, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert not [name for name in names if told.get(name) == "production"]


@pytest.mark.parametrize("script", ["check-image.sh", "scan-image.sh"])
def test_image_of_these_sources(script, tmp_path):
    """IMAGE and TAG name what is published; what is looked at is the image of these sources, or CHECKED_IMAGE"""
    calls, docker = tmp_path / "calls", tmp_path / "tools/bin/docker"
    docker.parent.mkdir(parents=True)
    # It ends each script where the image is first asked for.
    docker.write_text(f'#!/bin/sh\necho "$@" >>{calls}\n[ "$1" = build ] && exit 9\n[ "$1 $2" = "image inspect" ]\n')
    docker.chmod(0o755)
    pytest_ = tmp_path / "tools/deploy/bin/pytest"
    environment = os.environ | {
        "CRYPTO_RATES_TOOLS": str(tmp_path / "tools"), "DOCKER_ENGINE_ANSWERS": "1", "DEPLOY_TOOLS": str(pytest_.parent),
        "IMAGE": "production", "TAG": "1.0",
    }
    done = subprocess.run([ROOT / "scripts" / script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 9, done.stderr
    assert "--tag crypto-rates:latest" in calls.read_text() and "production" not in calls.read_text()
