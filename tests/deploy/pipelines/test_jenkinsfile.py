"""The Jenkinsfile: what can be told of it without a Jenkins."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import jenkinsfile  # noqa: E402

HERE = Path(__file__).parent
#: One command, with nothing but plain words and parameters.
COMMAND = re.compile(r'(make [a-z-]+|scripts/[\w-]+\.sh( [\w-]+| "\$[A-Z]+")*)')
#: Slips that a linter of Groovy has nothing to say about, and the words in which they are told.
SLIPS = [
    ("\n    triggers {", "\n    trigger {", "pipeline has no trigger"),
    ("            when { expression", "            whenever { expression", "stage has no whenever"),
    ("unsuccessful { tell", "unsuccessfull { tell", "post has no unsuccessfull"),
    ("beforeInput true", "beforeinput true", "when has no beforeinput"),
    ("disableConcurrentBuilds()", "disableConcurrentBuild()", "options has no disableConcurrentBuild"),
    ("submitter '", "submiter '", "input has no submiter"),
    ("booleanParam(", "booleanParameter(", "parameters has no booleanParameter"),
    ("unstash 'pushed'", "unStash 'pushed'", "unStash is not among the steps"),
    ("allowEmptyResults: true", "allowEmpty: true", "junit has no allowEmpty"),
    ("    steps {\n                        sh 'make lint'\n                    }\n", "", "a stage needs exactly one of"),
    ("    agent none\n", "    agent none\n    agent any\n", "pipeline has agent twice"),
]


@pytest.fixture(scope="module")
def pipeline(jenkins) -> dict:
    return jenkinsfile.pipeline(jenkins)


@pytest.fixture(scope="module")
def stages(pipeline) -> dict[str, dict]:
    return {stage["args"][0]: stage for stage in jenkinsfile.stages(pipeline)}


def test_lint(root, java):
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


def test_declarative(jenkins):
    """Each section, option, condition and step stands where declarative pipelines may have it"""
    assert not jenkinsfile.wrong(jenkins)


def test_slips(root, java, tmp_path):
    """Slips that are valid Groovy, and that Jenkins would refuse or pass over, are noticed"""
    text = (root / "Jenkinsfile").read_text()
    for right, slip, _ in SLIPS:
        assert right in text, right
        text = text.replace(right, slip)
    slipped = tmp_path / "Jenkinsfile"
    slipped.write_text(text)
    told = "\n".join(jenkinsfile.wrong(jenkinsfile.read(slipped)))
    assert [words for _, _, words in SLIPS if words not in told] == [], told


def test_no_logic(root, pipeline):
    """The shell is given single commands, each a target of the Makefile or a script that is there"""
    makefile = (root / "Makefile").read_text()
    commands = jenkinsfile.shells(pipeline)
    assert len(commands) > 10
    for command in commands:
        # One with Groovy's variables in it is no plain text.
        assert isinstance(command, str) and COMMAND.fullmatch(command), command
        tool, what = command.split()[:2] if command.startswith("make") else (command.split()[0], "")
        assert re.search(f"^{what}:", makefile, re.MULTILINE) if what else os.access(root / tool, os.X_OK), command


def test_secrets(jenkins, pipeline):
    """Secrets come from Jenkins' store alone, by files and the environment, and stand on no command line"""
    secret = {"usernamePassword", "file", "string"}
    bindings = [call for call in jenkinsfile.named(list(jenkins["methods"].values()), "withCredentials")]
    bound = [one for call in bindings for one in call["args"][0]]
    assert {one["call"] for one in bound} <= secret
    assert all(one["named"]["credentialsId"] for one in bound)
    variables = {value for one in bound for key, value in one["named"].items() if key.lower().endswith("variable")}
    assert {"REGISTRY_PASSWORD", "COSIGN_PASSWORD", "COSIGN_KEY", "KUBECONFIG"} <= variables
    # What the shell would put in, everybody could read in the list of processes.
    assert not [command for command in jenkinsfile.shells(pipeline) for name in variables if name in command]
    parameters = jenkinsfile.section(pipeline, "parameters")["block"]
    assert "password" not in {parameter["call"] for parameter in parameters}


def test_parameters(root, pipeline):
    """Where to deploy is one of the chart's environments or none, and how to load is one of k6's scenarios"""
    given = {call["named"]["name"]: call for call in jenkinsfile.section(pipeline, "parameters")["block"]}
    environments = {file.stem.removeprefix("values-") for file in (root / "charts/crypto-rates").glob("values-*.yaml")}
    assert set(given["ENVIRONMENT"]["named"]["choices"]) == {"none"} | environments
    # The first is the default: nothing is deployed unless it is asked for.
    assert given["ENVIRONMENT"]["named"]["choices"][0] == "none"
    assert given["PUBLISH"]["named"]["defaultValue"] is False
    scenarios = {file.stem for file in (root / "scripts/load").glob("*.js")}
    assert set(given["LOAD"]["named"]["choices"]) - {"none"} <= scenarios
    # Free text: scripts/publish.sh looks at it, before anything else is done.
    assert {name for name, call in given.items() if call["call"] == "string"} == {"TAG"}


def test_first_of_all(stages):
    """What is published or deployed is looked at first, registry, programs and TAG included"""
    assert jenkinsfile.shells(stages["Parameters"]) == ["scripts/publish.sh check"]


def test_parallel_gates(stages):
    """Lint, tests, deployment checks and supply chain run side by side, each in a workspace of its own"""
    gates = jenkinsfile.section(stages["Gates"], "parallel")["block"]
    assert [jenkinsfile.shells(gate) for gate in gates] == [
        ["make lint"], ["make test"], ["make check-deploy"], ["make supply-chain"]
    ]
    assert all(jenkinsfile.section(gate, "agent") for gate in gates)


def test_reports(stages):
    """Each report that a stage asks its tests for is collected, whether they pass or not"""
    for name, stage in stages.items():
        environment = jenkinsfile.section(stage, "environment")
        for set_ in environment["block"] if environment else []:
            file = set_["right"].removeprefix("--junitxml=")
            always = jenkinsfile.named(jenkinsfile.section(stage, "post"), "always")
            assert [call["named"]["testResults"] for call in jenkinsfile.named(always, "junit")] == [file], name


def test_image(stages):
    """The image is built, tried and scanned before it is pushed and signed, all in one workspace"""
    assert jenkinsfile.shells(stages["Image"]) == [
        "make image", "make check-image", "make scan-image", "make check-registry", "scripts/publish.sh image chart",
    ]
    assert [name for name in ("Build", "Check", "Scan", "Publish") if jenkinsfile.section(stages[name], "agent")] == []


def test_approval(stages):
    """Production waits for a release manager, with no agent waiting along, and for nobody for ever"""
    approval = stages["Approval"]
    when = jenkinsfile.section(approval, "when")
    assert [call["call"] for call in when["block"]] == ["beforeInput", "equals"]
    assert when["block"][1]["named"]["expected"] == "production"
    submitter = jenkinsfile.named(jenkinsfile.section(approval, "input"), "submitter")
    assert submitter[0]["args"] == ["release-managers"]
    assert jenkinsfile.section(approval, "agent") is None
    assert jenkinsfile.named(jenkinsfile.section(approval, "options"), "timeout")


def test_rollback(stages):
    """A deployment is tried with k6, and whatever ends that badly leads back to the release before"""
    assert jenkinsfile.shells(stages["Deployment"]) == [
        'scripts/05-deploy-crypto-rates-to-k8s.sh "$ENVIRONMENT"',
        'scripts/try-release.sh "$ENVIRONMENT" "$LOAD"',
        'scripts/roll-back.sh "$ENVIRONMENT"',
    ]
    (back,) = jenkinsfile.named(jenkinsfile.section(stages["Try"], "post"), "unsuccessful")
    assert jenkinsfile.shells(back) == ['scripts/roll-back.sh "$ENVIRONMENT"']


def test_bounds(pipeline, stages):
    """Nothing runs for ever, and no two builds run at once"""
    options = jenkinsfile.section(pipeline, "options")
    assert {"disableConcurrentBuilds", "timeout"} <= {call["call"] for call in options["block"]}
    for name, stage in stages.items():
        if jenkinsfile.section(stage, "agent"):
            assert jenkinsfile.named(jenkinsfile.section(stage, "options"), "timeout"), name


def test_news(jenkins, pipeline):
    """Mail and chat are told of failure and recovery, and where they are away no build fails for it"""
    post = jenkinsfile.section(pipeline, "post")["block"]
    assert {call["call"] for call in post} == {"unsuccessful", "fixed"}
    assert all(call["block"][0]["call"] == "tell" for call in post)
    caught = jenkinsfile.named(jenkins["methods"]["tell"], "catchError")
    assert {step["call"] for call in caught for step in call["block"]} == {"mail", "slackSend"}
    assert all(call["named"]["buildResult"] is None and call["named"]["stageResult"] is None for call in caught)
