"""What a Jenkinsfile says, and whether Jenkins would take it.

Jenkins' own check needs a Jenkins. Groovy's compiler, which comes with the linter, reads the file as that
would; here it is held against what declarative pipelines may have where, as the parser of the plugin
pipeline-model-definition has it (ModelParser.groovy, at the end of 2025), and against the steps in use.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
GROOVY = HERE / "node_modules/npm-groovy-lint/lib/java/groovy/lib"

SECTIONS = {
    "pipeline": {
        "agent", "environment", "libraries", "options", "parameters", "post", "stages", "tools", "triggers",
    },
    "stage": {
        "agent", "environment", "failFast", "input", "matrix", "options", "parallel", "post", "stages", "steps",
        "tools", "when",
    },
    "post": {
        "aborted", "always", "changed", "cleanup", "failure", "fixed", "notBuilt", "regression", "success",
        "unstable", "unsuccessful",
    },
    "input": {"id", "message", "ok", "parameters", "submitter", "submitterParameter"},
    "when": {
        "allOf", "anyOf", "beforeAgent", "beforeInput", "beforeOptions", "branch", "buildingTag", "changelog",
        "changeRequest", "changeset", "environment", "equals", "expression", "isRestartedRun", "not", "tag",
        "triggeredBy",
    },
    "options": {
        "buildDiscarder", "disableConcurrentBuilds", "disableRestartFromStage", "disableResume",
        "parallelsAlwaysFailFast", "preserveStashes", "quietPeriod", "retry", "skipDefaultCheckout",
        "skipStagesAfterUnstable", "timeout", "timestamps",
    },
    "parameters": {"booleanParam", "choice", "password", "string", "text"},
    "triggers": {"cron", "pollSCM", "upstream"},
}
SECTIONS |= {"not": SECTIONS["when"], "allOf": SECTIONS["when"], "anyOf": SECTIONS["when"]}
#: The steps that are used, and what each may be told by name.
STEPS = {
    "archiveArtifacts": {"allowEmptyArchive", "artifacts", "fingerprint"},
    "catchError": {"buildResult", "message", "stageResult"},
    "echo": set(),
    "junit": {"allowEmptyResults", "testResults"},
    "mail": {"body", "subject", "to"},
    "sh": set(),
    "slackSend": {"channel", "color", "message"},
    "stash": {"includes", "name"},
    "unstash": set(),
    "withCredentials": set(),
}
#: Of a stage's sections exactly one says what it does.
DOES = {"matrix", "parallel", "stages", "steps"}


def read(file: Path) -> dict:
    """The tree of a Jenkinsfile; see tree.groovy."""
    jars = ":".join(str(jar) for jar in GROOVY.glob("groovy-[4j]*.jar"))
    # It runs for a second: that pays no compiler.
    command = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", jars, "groovy.ui.GroovyMain"]
    done = subprocess.run([*command, HERE / "tree.groovy", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def pipeline(tree: dict) -> dict:
    (found,) = [node for node in tree["top"] if node.get("call") == "pipeline"]
    return found


def calls(node) -> Iterator[dict]:
    """All calls in a part of a tree, itself first."""
    if isinstance(node, dict):
        if "call" in node:
            yield node
        for part in node.values():
            yield from calls(part)
    elif isinstance(node, list):
        for part in node:
            yield from calls(part)


def named(node, name: str) -> list[dict]:
    return [call for call in calls(node) if call["call"] == name]


def section(node: dict, name: str) -> dict | None:
    """The section of a pipeline or a stage, if it has it."""
    return next((call for call in node.get("block", []) if call.get("call") == name), None)


def stages(node: dict) -> list[dict]:
    """Every stage, in the order in which they stand."""
    return named(node, "stage")


def shells(node) -> list:
    """What is given to the shell."""
    return [argument for call in named(node, "sh") for argument in call["args"]]


def wrong(tree: dict) -> list[str]:
    """What Jenkins would refuse, or take for something else."""
    found = list(_sections(pipeline(tree), "pipeline"))
    own = set(tree["methods"])
    bodies = [steps["block"] for steps in named(pipeline(tree), "steps")]
    bodies += [condition.get("block", []) for post in named(tree, "post") for condition in post.get("block", [])]
    for body in [*bodies, *tree["methods"].values()]:
        found += _steps(body, own)
    return found


def _sections(node: dict, kind: str) -> Iterator[str]:
    seen = []
    for part in node.get("block", []):
        name, line = part.get("call"), part.get("line")
        if name not in SECTIONS[kind]:
            yield f"line {line}: {kind} has no {name or part}"
            continue
        if name in seen and kind in ("pipeline", "stage"):
            yield f"line {line}: {kind} has {name} twice"
        seen.append(name)
        if name in SECTIONS:
            yield from _sections(part, name)
        elif name in ("stages", "parallel"):
            for stage in part["block"]:
                if stage.get("call") != "stage" or len(stage["args"]) != 1:
                    yield f"line {stage.get('line')}: {name} may have nothing but stages, each with a name"
                else:
                    yield from _sections(stage, "stage")
    if kind == "pipeline" and not {"agent", "stages"} <= set(seen):
        yield "a pipeline needs agent and stages"
    if kind == "stage" and len(DOES.intersection(seen)) != 1:
        yield f"line {node['line']}: a stage needs exactly one of {', '.join(sorted(DOES))}"
    if kind == "input" and "message" not in seen:
        yield f"line {node['line']}: an input needs a message"


def _steps(body: list, own: set[str]) -> Iterator[str]:
    for part in body:
        name = part.get("call")
        if name in own or name == "steps":
            yield from _steps(part.get("block", []), own)
        elif name in STEPS:
            if unknown := set(part["named"]) - STEPS[name]:
                yield f"line {part['line']}: {name} has no {', '.join(sorted(unknown))}"
            yield from _steps(part.get("block", []), own)
        elif "if" in part:
            yield from _steps(part["block"], own)
        elif "left" not in part:
            yield f"line {part.get('line')}: {name or part} is not among the steps that are known here"
