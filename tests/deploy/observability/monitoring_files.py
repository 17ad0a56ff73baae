"""The rules, dashboards and runbooks as they lie in the repository."""

import json
import re
from pathlib import Path
from typing import Any

import promql_parser as promql
import yaml

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "charts/crypto-rates"
RULE_FILES = [CHART / "rules/alerts.yaml", CHART / "rules/recording.yaml"]
RULE_TESTS = sorted((CHART / "rules/tests").glob("*.yaml"))
DASHBOARDS = {path.stem: path for path in sorted((CHART / "dashboards").glob("*.json"))}


def rules() -> list[dict[str, Any]]:
    groups = [group for path in RULE_FILES for group in yaml.safe_load(path.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def named(rule: dict[str, Any]) -> str:
    """What a test calls a rule."""
    return f"{rule['alert']} ({rule['labels']['severity']})" if "alert" in rule else rule["record"]


def dashboard(name: str) -> dict[str, Any]:
    return json.loads(DASHBOARDS[name].read_text())


def panels(name: str) -> list[dict[str, Any]]:
    return [panel for panel in dashboard(name)["panels"] if panel["type"] != "row"]


def alerts_section() -> str:
    """The runbooks."""
    text = (ROOT / "docs/operations.md").read_text()
    return re.search(r"^## Alerts$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]


def selectors(expression: Any) -> list[promql.VectorSelector]:
    """Every selector of series in an expression."""
    if isinstance(expression, str):
        expression = promql.parse(expression)
    match expression:
        case promql.VectorSelector():
            return [expression]
        case promql.MatrixSelector():
            return [expression.vector_selector]
        case promql.BinaryExpr():
            return selectors(expression.lhs) + selectors(expression.rhs)
        case promql.Call():
            return [selector for argument in expression.args for selector in selectors(argument)]
        case promql.AggregateExpr() | promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            return selectors(expression.expr)
        case promql.NumberLiteral() | promql.StringLiteral():
            return []
    raise TypeError(f"{type(expression)} is new to this test")
