"""The rules, dashboards and runbooks as they lie in the repository."""

import json
import re
from pathlib import Path
from typing import Any

import promql_parser as promql
import yaml

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "charts/crypto-rates"
RULE_FILES = [CHART / f"rules/{name}.yaml" for name in ("alerts", "recording", "backup")]
RULE_TESTS = sorted((CHART / "rules/tests").glob("*.yaml"))
DASHBOARDS = {path.stem: path for path in sorted((CHART / "dashboards").rglob("*.json"))}
#: Of what the service runs on; in the chart by a switch of their own.
AROUND = {path.stem for path in (CHART / "dashboards/cluster").glob("*.json")}


def rules(*files: Path) -> list[dict[str, Any]]:
    groups = [group for path in files or RULE_FILES for group in yaml.safe_load(path.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def alerts(*files: Path) -> list[dict[str, Any]]:
    return [rule for rule in rules(*files) if "alert" in rule]


def named(rule: dict[str, Any]) -> str:
    """What a test calls a rule."""
    return f"{rule['alert']} ({rule['labels']['severity']})" if "alert" in rule else rule["record"]


def dashboard(name: str) -> dict[str, Any]:
    return json.loads(DASHBOARDS[name].read_text())


def panels(name: str) -> list[dict[str, Any]]:
    return [panel for panel in dashboard(name)["panels"] if panel["type"] != "row"]


def runbooks() -> dict[str, str]:
    """Each alert's part of the runbook."""
    text = (ROOT / "docs/runbook.md").read_text().split("\n## Alerts\n")[1].split("\n## ")[0]
    return {part.split("\n", 1)[0]: part for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]}


def selectors(expression: Any) -> list[promql.VectorSelector]:
    """Every selector of series in an expression."""
    if isinstance(expression, str):
        expression = promql.parse(expression)
    match expression:
        case promql.VectorSelector():
            return [expression]
        case promql.MatrixSelector():
            return [expression.vector_selector]
        case promql.NumberLiteral() | promql.StringLiteral():
            return []
    parts = [getattr(expression, name) for name in ("lhs", "rhs", "expr") if hasattr(expression, name)]
    parts += getattr(expression, "args", [])
    # time() has none.
    assert parts or isinstance(expression, promql.Call), f"{type(expression)} is new to this test"
    return [selector for part in parts for selector in selectors(part)]
