"""The dashboards by themselves: Grafana's schema, and what makes a dashboard pleasant to read."""

import itertools
import json
import re
import subprocess
from pathlib import Path

import pytest
from monitoring_files import AROUND, DASHBOARDS, alerts, dashboard, panels, selectors

HERE = Path(__file__).parent
NAMES = sorted(DASHBOARDS)


def test_grafanas_schema(tmp_path):
    """Each is a dashboard by Grafana's own types, down to the options of each kind of panel."""
    source, compiler = tmp_path / "boards.ts", HERE / "node_modules/.bin/tsc"
    assert compiler.exists(), f"{compiler} is missing: scripts/setup.sh deploy brings it"
    boards = [f"export const {name}: Board = {path.read_text()};\n" for name, path in DASHBOARDS.items()]
    source.write_text(f"import type {{ Board }} from {json.dumps(str(HERE / 'dashboard'))};\n{''.join(boards)}")
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022", "--types", ""]
    done = subprocess.run([compiler, *options, source], capture_output=True, text=True, cwd=HERE)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_imported_anywhere(name):
    """It has a name that stays, no id of some database, no data source but the picked one, and uses what is picked."""
    board = dashboard(name)
    assert (board["uid"], board["title"]) == (f"crypto-rates-{name}", f"Crypto Rates: {name}")
    assert "id" not in board and board["editable"] and board["tags"] == ["crypto-rates"]
    datasource, *variables = (variable["name"] for variable in board["templating"]["list"])
    assert datasource == "datasource" and (name in AROUND or variables[:2] == ["namespace", "job"])
    queries = "".join(each["query"] for each in board["templating"]["list"])
    assert set(variables) <= set(re.findall(r"\$(\w+)", json.dumps(board["panels"]) + queries))
    asking = [each for each in board["templating"]["list"] if each["type"] == "query"] + panels(name)
    assert all(each["datasource"] == {"type": "prometheus", "uid": "${datasource}"} for each in asking)
    assert json.dumps(board).count('"uid"') == 2 + len(asking), "the board, its annotations, and those above"


@pytest.mark.parametrize("name", NAMES)
def test_each_panel_can_be_read(name):
    """Each panel has a title of its own, a description, a unit and a legend."""
    titled = {panel["title"]: panel for panel in panels(name)}
    assert len(titled) == len(panels(name))
    for title, panel in titled.items():
        assert len(panel["description"]) > 20, title
        defaults = panel["fieldConfig"]["defaults"]
        assert panel["type"] == "state-timeline" or defaults["unit"], title
        assert all(each.get("legendFormat") or each.get("format") == "table" for each in panel["targets"]), title
        assert panel["type"] != "stat" or defaults["thresholds"]["steps"][0]["value"] is None, title


@pytest.mark.parametrize("name", NAMES)
def test_panels_fill_the_grid(name):
    """Panels lie side by side without a gap or an overlap, in order; their numbers are their own."""
    board = dashboard(name)["panels"]
    assert len({panel["id"] for panel in board}) == len(board)
    taken = []
    for panel in board:
        x, y, width, height = (panel["gridPos"][key] for key in "xywh")
        # A panel that is repeated takes what it needs.
        width = 24 if panel.get("repeat") else width
        taken += itertools.product(range(x, x + width), range(y, y + height))
    assert sorted(taken) == list(itertools.product(range(24), range(max(y for _, y in taken) + 1)))


@pytest.mark.parametrize("name", NAMES)
def test_each_expression_looks_at_what_is_picked(name):
    """Every selector asks for the release that is picked, or for the namespace, node or store, where it has these."""
    picks = {variable["name"] for variable in dashboard(name)["templating"]["list"]}
    targets = [(panel["title"], target["expr"]) for panel in panels(name) for target in panel["targets"]]
    for title, expression in targets:
        for selector in selectors(re.sub(r"\$__(range|interval|rate_interval)", "1m", expression)):
            asked = {matcher.value for matcher in selector.matchers.matchers if matcher.value.startswith("$")}
            if name not in AROUND:
                assert {"$namespace", "$job"} <= asked, title
            # Nodes, and what all pods ask of them, are the cluster's.
            elif not re.match(r"kube_(node|pod_(info|container_resource_requests))", selector.name):
                assert asked and asked <= {f"${pick}" for pick in picks}, title


def test_the_currency_picker():
    """Currencies, base and type are picked on the dashboard of the rates, several currencies at once."""
    picks = {variable["name"]: variable for variable in dashboard("rates")["templating"]["list"]}
    assert picks["currency"]["multi"] and not picks["base"].get("multi") and picks["type"]["includeAll"]
    used = json.dumps(panels("rates"))
    assert all(f"${name}" in used for name in ("currency", "base", "type"))


def test_the_dashboards_name_alerts_that_exist():
    """An alert that a panel names is an alert of the rules."""
    named = set(re.findall(r"Alert: (\w+)", "".join(path.read_text() for path in DASHBOARDS.values())))
    assert named and named <= {rule["alert"] for rule in alerts()}
