"""What a Jenkinsfile does, as jenkins.groovy runs it: one pipeline with these parameters, on this branch, and so on."""

import functools
import json
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
FILE = HERE.parents[2] / "Jenkinsfile"
PARAMETERS = {"ENVIRONMENT": "none", "PUBLISH": False, "TAG": "", "LOAD": "smoke"}
CREDENTIALS = [f"crypto-rates-{name}" for name in (
    "registry", "registry-ca", "cosign-key", "cosign-password",
    "kubeconfig-development", "kubeconfig-staging", "kubeconfig-production",
)]


@functools.cache
def groovy() -> subprocess.Popen:
    """It runs until its input ends: Java starts once."""
    jars = ":".join(map(str, HERE.glob("node_modules/npm-groovy-lint/lib/java/groovy/lib/groovy-[4j]*.jar")))
    # It runs for a second: that pays no compiler.
    java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", jars, "groovy.ui.GroovyMain"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([*java, HERE / "jenkins.groovy"], **pipes)


@functools.cache
def run(file: Path = FILE, **scenario) -> dict:
    """All that is done; or `refused`, with what Jenkins would say of the file."""
    environment = scenario.get("environment", "none")
    credentials = CREDENTIALS + [f"crypto-rates-values-{environment}"] * scenario.get("values", False)
    params = PARAMETERS | {"ENVIRONMENT": environment}
    print(json.dumps(scenario | {"file": str(file), "params": params, "credentials": credentials}),
          file=groovy().stdin, flush=True)
    return json.loads(groovy().stdout.readline())


def did(kind: str = "sh", **scenario) -> list:
    """What was given to a step of one kind; to the shell, unless another is named."""
    return [step["what"] for step in run(**scenario)["done"] if step["kind"] == kind]
