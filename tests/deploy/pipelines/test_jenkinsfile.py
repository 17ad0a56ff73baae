"""The Jenkinsfile: what it does, without a Jenkins; and that its linter has nothing to say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import jenkins  # noqa: E402

HERE = Path(__file__).parent
GATES = ["make lint", "make test", "make coverage", "make check-deploy", "make supply-chain"]
IMAGE = ["make image", "make check-image", "make scan-image"]
DEPLOY = 'scripts/05-deploy-crypto-rates-to-k8s.sh "$ENVIRONMENT" --values "$VALUES"'
TRY, BACK = 'scripts/try-release.sh "$ENVIRONMENT" "$LOAD"', 'scripts/roll-back.sh "$ENVIRONMENT"'
PUBLISHED = ["scripts/publish.sh check", *GATES, *IMAGE, "scripts/publish.sh image chart files"]


def test_lint(root):
    """npm-groovy-lint finds no mistake, no warning and nothing to remark in the Jenkinsfile"""
    program = HERE / "node_modules/.bin/npm-groovy-lint"
    done = subprocess.run(
        [program, "--noserver", "--config", HERE / "groovylint.js", "--failon", "info", "Jenkinsfile"],
        # A third of the time is Java's, compiling what it runs once.
        cwd=root, env=os.environ | {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"},
        capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"npm-groovy-lint results in \D*1\D* linted files", re.sub(r"\x1b\[\d+m", "", done.stdout))


@pytest.mark.parametrize(
    ("right", "slip", "words"),
    [
        ("\n    triggers {", "\n    trigger {", "pipeline has no trigger"),
        ("            when { expression", "            whenever { expression", "stage has no whenever"),
        ("beforeInput true", "beforeinput true", "when has no beforeinput"),
        ("allowEmptyResults: true", "allowEmpty: true", "junit has no allowEmpty"),
        ("steps {\n                        sh 'make lint'\n                    }\n", "", "a stage needs exactly one"),
    ],
    ids=["section", "part", "condition", "argument", "nothing-to-do"],
)
def test_slips(root, tmp_path, right, slip, words):
    """What is valid Groovy to its linter, and what Jenkins would refuse or pass over, is refused here, too"""
    text = (root / "Jenkinsfile").read_text()
    assert right in text
    (tmp_path / "Jenkinsfile").write_text(text.replace(right, slip))
    told = jenkins.run(tmp_path / "Jenkinsfile", environment="production", tag=True)
    assert words in told.get("refused", ""), told


@pytest.mark.parametrize(
    ("scenario", "wanted"),
    [
        # By itself it publishes nothing. The gates that take long run when what they check has changed, and weekly.
        ({}, [*GATES, *IMAGE]),
        ({"changed": "scripts/setup-build.sh"}, [*GATES, "make check-setup", *IMAGE]),
        ({"changed": "scripts/ship.sh"}, [*GATES, *IMAGE, "make check-registry"]),
        ({"changed": "playbooks/nodes.yml"}, [*GATES, *IMAGE, "make check-registry"]),
        ({"timer": True}, [*GATES, "make check-setup", *IMAGE, "make check-registry"]),
        ({"fixed": True}, [*GATES, *IMAGE]),
        ({"environment": "development", "branch": "feature"}, [*PUBLISHED, DEPLOY, TRY]),
        ({"environment": "staging", "branch": "main"}, [*PUBLISHED, DEPLOY, TRY]),
        ({"environment": "production", "branch": "main"}, [*PUBLISHED, DEPLOY, TRY]),
        ({"environment": "production", "tag": True}, [*PUBLISHED, DEPLOY, TRY]),
        # Refused before anything is built; so it is where no branch is known.
        ({"environment": "production", "branch": "feature"}, []),
        ({"environment": "production"}, []),
        # What is tried and fails goes back; what fails before was never deployed, or is taken back by the script.
        ({"environment": "staging", "fails": "scripts/try-release.sh"}, [*PUBLISHED, DEPLOY, TRY, BACK]),
        ({"environment": "staging", "fails": "scripts/05"}, [*PUBLISHED, DEPLOY]),
        ({"environment": "staging", "fails": "make check-image"}, [*PUBLISHED[:-2]]),
        ({"environment": "staging", "fails": "scripts/publish.sh check"}, ["scripts/publish.sh check"]),
    ],
    ids=lambda value: " ".join(map(str, value.values())) or "alone" if isinstance(value, dict) else "",
)
def test_build(scenario, wanted):
    """Gates come before image, publication and deployment; production takes main and tags alone, and an approval"""
    assert jenkins.did(**scenario) == wanted
    steps = jenkins.run(**scenario)["done"]
    # Each gate has a workspace of its own, and no agent waits for the approval.
    assert {step["agent"] for step in steps if step["what"] in GATES} <= {"debian-12"}
    approval = {"message": "Deploy this to production?", "ok": "Deploy", "submitter": "release-managers",
                "submitterParameter": "APPROVED_BY"}
    inputs = [(step["what"], step["agent"]) for step in steps if step["kind"] == "input"]
    assert inputs == ([(approval, "none")] if scenario.get("environment") == "production" and wanted else [])
    # The team is told by mail and chat, and where these are away nothing fails.
    news = [mail["subject"] for mail in jenkins.did("mail", **scenario)]
    failed = jenkins.run(**scenario)["failed"]
    assert news == ["rates #1 failed"] * failed + ["rates #1 works again"] * scenario.get("fixed", False)
    assert len(jenkins.did("slackSend", **scenario)) == len(news)


def test_what_a_deployment_is_given():
    """Cluster, registry, and the environment's own values where Jenkins has them; no secret is on a command line"""
    steps = jenkins.run(environment="staging", values=True, fails="scripts/try-release.sh")["done"]
    (deploy,) = [step for step in steps if step["what"] == DEPLOY]
    assert {"KUBECONFIG", "REGISTRY_PASSWORD", "VALUES"} <= set(deploy["credentials"])
    assert "env" not in {step["kind"] for step in steps}
    assert jenkins.did("env", environment="staging", branch="main") == ["VALUES=/dev/null"]
    # What the shell would put in, everybody could read in the list of processes; VALUES is a file's name.
    for step in steps:
        assert not [name for name in step["credentials"] if name in str(step["what"]) and name != "VALUES"], step


def test_reports():
    """Each report that a stage asks for is collected, also if its tests fail; the image that was built is checked"""
    steps = jenkins.run(timer=True, fails="make check-image")["done"]
    settings = [text for step in steps if step["kind"] == "set" for text in step["what"].values()]
    asked = {text.removeprefix("--junitxml=") for text in settings if text.endswith(".xml")}
    collected = {step["what"]["testResults"] for step in steps if step["kind"] == "junit"}
    assert asked == collected and "target/reports/check-image.xml" in asked
    # Whatever name the parameters give it.
    assert {"CHECKED_IMAGE": "crypto-rates:latest"} in jenkins.did("set")


def test_parameters(root):
    """Where to deploy is one of the chart's environments or none, and how to load is one of k6's scenarios"""
    given = {parameter["name"]: parameter for parameter in jenkins.run()["parameters"]}
    environments = {file.stem.removeprefix("values-") for file in (root / "charts/crypto-rates").glob("values-*.yaml")}
    # The first is the default: nothing is deployed unless it is asked for.
    default, *others = given["ENVIRONMENT"]["choices"]
    assert default == "none" and set(others) == environments
    assert given["PUBLISH"]["defaultValue"] is False
    assert set(given["LOAD"]["choices"]) - {"none"} <= {file.stem for file in (root / "scripts/load").glob("*.js")}
    # Free text: scripts/publish.sh looks at it, before anything else is done. Passwords are Jenkins' own.
    assert {name for name, parameter in given.items() if parameter["kind"] not in ("choice", "booleanParam")} == {"TAG"}
