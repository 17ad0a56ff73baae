"""What a check takes from its surroundings: nothing that is meant for production."""

import json
import os
import re
import subprocess
import sys

import pytest

#: What scripts read that is the machine's, or a check's own.
OTHERS = set("""
    ACT BASE CARGO_PKG_NAME CHECKED_IMAGE CRYPTO_RATES_TOOLS DEPLOY_TOOLS DOCKER_ENGINE_ANSWERS DOCKER_HOST K6
    LEPTOS_BIN_TARGET_TRIPLE LOCAL_ACTIONS REQUIRE_DATABASES RUST_TEST_THREADS SERVER SOURCE_DATE_EPOCH SSL_CERT_FILE
    TMPDIR XDG_CACHE_HOME XDG_CONFIG_HOME
""".split())
#: Prints what a check would give to the programs that it starts.
SEEN = """
import json, os, pathlib, runpy, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
conftest = runpy.run_path(sys.argv[1])
print(json.dumps(dict(conftest["Site"](pathlib.Path("/nowhere")).environment if "Site" in conftest else os.environ)))
"""


@pytest.fixture(scope="module")
def production(root, server) -> set[str]:
    """Every variable that a script or the server reads, or that a pipeline sets, for production."""
    scripts = "".join(file.read_text() for file in root.glob("scripts/*.sh"))
    workflows = "".join(file.read_text() for file in root.glob(".github/workflows/*.yml"))
    settings = subprocess.run([server, "--help"], capture_output=True, text=True, check=True).stdout
    found = set("HOST PORT WORKERS KUBECONFIG AWS_PROFILE HELM_NAMESPACE ANSIBLE_CONFIG TF_VAR_region".split())
    found.update(
        re.findall(r"\$\{!?([A-Z][A-Z0-9_]+)(?::?[-+=?]|\})", scripts), re.findall(r"\b[A-Z]+_[A-Z_]+\b", settings),
        re.findall(r"\w*(?:[vV]ariable|name): '([A-Z_]+)'", (root / "Jenkinsfile").read_text()),
        re.findall(r"\b(?:vars|secrets)\.(\w+)", workflows),
    )
    return found - OTHERS


@pytest.mark.parametrize("checks", ["tests/deploy", "tests/registry"])
def test_nothing_of_production(root, production, checks):
    """Whatever is set around a check, such as Jenkins' REGISTRY, no program that it starts is told of it"""
    assert {"REGISTRY", "REGISTRY_CA", "REGISTRY_USER", "IMAGE", "TAG", "COINGECKO_API_KEY"} <= production
    command = [sys.executable, "-c", SEEN, root / checks / "conftest.py"]
    hostile = os.environ | dict.fromkeys(production, "production")
    done = subprocess.run(command, env=hostile, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert not [name for name in production if told.get(name) == "production"]


@pytest.mark.parametrize("script", ["check-image.sh", "scan-image.sh"])
def test_image_of_these_sources(root, script, tmp_path):
    """IMAGE and TAG name what is published; what is looked at is the image of these sources, or CHECKED_IMAGE"""
    calls, docker = tmp_path / "calls", tmp_path / "tools/bin/docker"
    docker.parent.mkdir(parents=True)
    # It ends each script where the image is first asked for.
    docker.write_text(f'#!/bin/sh\necho "$@" >>{calls}\n[ "$1" = build ] && exit 9\n[ "$1 $2" = "image inspect" ]\n')
    docker.chmod(0o755)
    environment = os.environ | {
        "CRYPTO_RATES_TOOLS": str(tmp_path / "tools"), "DEPLOY_TOOLS": str(tmp_path), "DOCKER_ENGINE_ANSWERS": "1",
        "IMAGE": "production", "TAG": "1.0",
    }
    done = subprocess.run([root / "scripts" / script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 9, done.stderr
    assert "--tag crypto-rates:latest" in calls.read_text() and "production" not in calls.read_text()
