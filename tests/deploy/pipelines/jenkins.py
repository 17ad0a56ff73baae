"""What a Jenkinsfile does, as jenkins.groovy runs it: one pipeline with these parameters, on this branch, and so on."""

import functools
import json
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
FILE = HERE.parents[2] / "Jenkinsfile"
ENVIRONMENTS = ["development", "staging", "production"]
PARAMETERS = {"ENVIRONMENT": "none", "PUBLISH": False, "TAG": "", "LOAD": "smoke"}
CREDENTIALS = [
    "crypto-rates-registry", "crypto-rates-registry-ca", "crypto-rates-cosign-key", "crypto-rates-cosign-password",
    *(f"crypto-rates-kubeconfig-{environment}" for environment in ENVIRONMENTS),
]


#: All that the tests look at: so Java starts once.
SCENARIOS = [
    {}, {"timer": True}, {"fixed": True}, {"timer": True, "fails": "make check-image"},
    {"changed": "scripts/ship.sh"}, {"changed": "playbooks/nodes.yml"},
    {"environment": "development", "branch": "feature"}, {"environment": "staging", "branch": "main"},
    {"environment": "staging", "values": True}, {"environment": "production", "branch": "main"},
    {"environment": "production", "tag": True}, {"environment": "production", "branch": "feature"},
    {"environment": "production"},
    *({"environment": "staging", "fails": command} for command in
      ("scripts/try-release.sh", "scripts/05", "make check-image", "scripts/publish.sh check")),
]


def run(scenarios: list[dict], files: list[Path]) -> list[dict]:
    """For each scenario all that is done; or `refused`, with what Jenkins would say of the file."""
    given = []
    for scenario, file in zip(scenarios, files):
        environment = scenario.get("environment", "none")
        credentials = CREDENTIALS + [f"crypto-rates-values-{environment}"] * scenario.get("values", False)
        params = PARAMETERS | {"ENVIRONMENT": environment}
        given.append(scenario | {"file": str(file), "params": params, "credentials": credentials})
    jars = ":".join(map(str, HERE.glob("node_modules/npm-groovy-lint/lib/java/groovy/lib/groovy-[4j]*.jar")))
    # It runs for a second: that pays no compiler.
    java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", jars, "groovy.ui.GroovyMain"]
    done = subprocess.run([*java, HERE / "jenkins.groovy"], input=json.dumps(given), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@functools.cache
def builds() -> list[dict]:
    return run(SCENARIOS, [FILE] * len(SCENARIOS))


def build(**scenario) -> dict:
    found = builds()[SCENARIOS.index(scenario)]
    assert "refused" not in found, found["refused"]
    return found


def did(kind: str = "sh", **scenario) -> list:
    """What was given to a step of one kind; to the shell, unless another is named."""
    return [step["what"] for step in build(**scenario)["done"] if step["kind"] == kind]
