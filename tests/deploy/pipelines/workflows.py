"""What the workflows of GitHub say."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))


def read(name: str) -> dict:
    # YAML takes `on` for true.
    return yaml.safe_load((ROOT / ".github/workflows" / name).read_text())


def variants(job: dict) -> list[dict]:
    """The values of a job's matrix, one for each time that it runs."""
    matrix = job.get("strategy", {}).get("matrix", {})
    if "include" in matrix:
        return matrix["include"]
    found = [{}]
    for name, values in matrix.items():
        found = [{**one, name: value} for one in found for value in values]
    return found


def commands(job: dict) -> list[str]:
    """What a job runs, with the values of its matrix put in."""
    found = []
    for variant in variants(job):
        for step in job.get("steps", []):
            command = step.get("run", "")
            for name, value in step.get("env", {}).items():
                if inner := re.fullmatch(r"\$\{\{ matrix\.(\w+) }}", str(value)):
                    command = command.replace(f'"${name}"', variant[inner[1]])
            found += [command] if command else []
    return found


def filled(text: object, context: dict[str, str]) -> str:
    """A text of a step with its expressions put in, such as `vars.LOAD || 'smoke'`; what is not known is empty."""
    return re.sub(
        r"\$\{\{ ([\w.]+)(?: \|\| '([^']*)')? }}", lambda found: context.get(found[1]) or found[2] or "", str(text)
    )
