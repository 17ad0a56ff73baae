"""What a documented `helm` command would install: its values, laid over those of the chart, and rendered."""

import re
from pathlib import Path

import yaml
from helm_python import Chart

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "charts/crypto-rates"


def options(words: list[str], *names: str) -> list[str]:
    """The values of an option, however it is written."""
    found = []
    for at, word in enumerate(words):
        for name in names:
            if word == name:
                found.append(words[at + 1])
            elif word.startswith(f"{name}="):
                found.append(word.partition("=")[2])
    return found


def merged(below, above):
    """As helm lays values over each other: maps are merged, all else is replaced."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: merged(below.get(key), value) for key, value in above.items()}


def assigned(assignment: str) -> dict:
    """What `--set a.b[0]=c` says, as values. Lists in braces and escapes are not among the examples."""
    path, _, text = assignment.partition("=")
    value = yaml.safe_load(text)
    for part in reversed(re.findall(r"[^.\[\]]+|\[\d+\]", path)):
        if part.startswith("["):
            assert part == "[0]", f"{assignment}: only one element is understood here"
            value = [value]
        else:
            value = {part: value}
    return value


def values_of(words: list[str], own: dict[str, str]) -> dict:
    """The values that a command gives; `own` are the reader's files, as the page shows them."""
    values = {}
    for file in options(words, "--values", "-f"):
        text = own[file] if file in own else (ROOT / file).read_text()
        values = merged(values, yaml.safe_load(text))
    for assignment in options(words, "--set"):
        values = merged(values, assigned(assignment))
    return values


def has(values, path: str) -> bool:
    """Whether the chart's values have a place for `path`; a list or an open map takes anything."""
    for part in re.sub(r"\[\d+\]", "", path).split("."):
        if isinstance(values, list) or values == {}:
            return True
        if not isinstance(values, dict) or part not in values:
            return False
        values = values[part]
    return True


def render(values: dict, namespace: str) -> str:
    """The manifests; an error if the chart refuses, by its schema or in words."""
    return "\n".join(Chart.load(str(CHART)).render(values, name="crypto-rates", namespace=namespace).values())
