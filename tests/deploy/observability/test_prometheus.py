"""A real Prometheus, fed by the real binary and exporters under the chart's rules, has data for every expression."""

import math
import re
import subprocess

import promql_parser as promql
import pytest
from monitoring_files import AROUND, DASHBOARDS, ROOT, RULE_FILES, dashboard, named, panels, rules, runbooks
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from stage import JOB, SCENES, WELL, get

#: What the chart has in every cluster; that of backups is in one without Velero an alarm for ever.
ALWAYS = RULE_FILES[:2]
#: What can't be had within a minute: a day of calls, an hour of the same rates, and a fault of the program. The measure
#: that is compared with the threshold must have data all the same.
NOT_TO_BE_HAD = {"CryptoRatesUpstreamBudget (warning)", "CryptoRatesUnchanged (warning)", "CryptoRatesPanics (warning)"}
IN_A_RELEASE = f'namespace="{WELL}",job="{JOB}"'


def finite(result) -> bool:
    """Whether there is a sample that is a number."""
    samples = [sample for series in result for sample in series.get("values", [series.get("value")])]
    return any(math.isfinite(float(value)) for _, value in samples)


def test_every_rule_is_evaluated(stage):
    """Prometheus evaluates each rule of each release without an error or a warning."""
    found = [rule for group in stage.ask("rules")["groups"] for rule in group["rules"]]
    assert len(found) == len(rules(*ALWAYS)) * len(stage.scenes)
    assert not [(rule["name"], rule["health"], rule.get("lastError")) for rule in found if rule["health"] != "ok"]


@pytest.mark.parametrize("rule", rules(*ALWAYS), ids=named)
def test_each_rule_has_data(stage, rule):
    """Each alert fires where its condition is made true, or at least has data; each recorded series has a value."""
    if "record" in rule:
        assert finite(stage.query(f"{rule['record']}{{{IN_A_RELEASE}}}"))
    elif named(rule) in NOT_TO_BE_HAD:
        comparison = promql.parse(rule["expr"])
        measure = comparison.lhs.prettify().replace(f'job="{JOB}"', IN_A_RELEASE)
        assert str(comparison.op) == ">" and finite(stage.query(measure)), measure
    else:
        assert SCENES[named(rule)] in {where for alert, where in stage.firing() if alert == named(rule)}


def test_no_alert_fires_where_all_is_well(stage):
    """Two replicas with a shared store, readers and a 404 now and then: nobody is called."""
    assert not stage.query(f"ALERTS{{{IN_A_RELEASE}}}")


def test_the_programs_labels_survive(stage):
    """The program's label `endpoint` is the route, though the operator gives targets a label of that name."""
    found = stage.query(f"sum by (endpoint) (crypto_app_requests_total{{{IN_A_RELEASE}}})")
    assert {"/", "/api/rates", "unmatched"} <= {series["metric"].get("endpoint") for series in found}, found


def substituted(expression: str, **more: str) -> str:
    """An expression as Grafana would send it."""
    variables = {
        "namespace": WELL, "job": JOB, "base": "usd", "currency": "eur|xau", "type": ".+", "instance": ".+",
        "store": ".+", "__rate_interval": "10s", "__interval": "1s", "__range": "30s", **more,
    }
    return re.sub(r"\$(\w+)", lambda name: variables[name[1]], expression)


TARGETS = [
    # A repeated panel has one currency at a time.
    pytest.param(target, {"currency": "eur"} if "repeat" in panel else {}, id=f"{panel['title']} {target['refId']}")
    for name in DASHBOARDS for panel in panels(name) for target in panel["targets"]
]


@pytest.mark.parametrize(("target", "more"), TARGETS)
def test_each_panel_has_data(stage, target, more):
    """Each expression of each panel has data for a release that is well, its cluster and machine: no panel is empty."""
    expression = substituted(target["expr"], **more)
    result = stage.query(expression) if target.get("instant") else stage.query_range(expression)
    assert finite(result), expression


@pytest.mark.parametrize("scene", sorted(set(SCENES.values())))
def test_each_panel_stands_bad_times(stage, scene):
    """No expression of a panel is an error while the service is in trouble."""
    for panel in (panel for name in set(DASHBOARDS) - AROUND for panel in panels(name)):
        for target in panel["targets"]:
            stage.query(substituted(target["expr"], namespace=scene))


VARIABLES = [
    pytest.param(variable, id=f"{name}: {variable['name']}")
    for name in DASHBOARDS for variable in dashboard(name)["templating"]["list"] if variable["type"] == "query"
]


@pytest.mark.parametrize("variable", VARIABLES)
def test_each_variable_has_values(stage, variable):
    """Each variable of a dashboard has values to pick from, its default among them."""
    selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]).groups()
    values = stage.ask(f"label/{label}/values", **{"match[]": substituted(selector)})
    default = variable.get("current", {}).get("value", [])
    assert values and set([default] if isinstance(default, str) else default) - {"$__all"} <= set(values)


def test_the_runbooks_expressions_have_answers(stage):
    """Every PromQL line of the runbooks is answered without an error."""
    blocks = re.findall(r"```promql\n(.*?)```", "".join(runbooks().values()), re.DOTALL)
    for line in "".join(blocks).splitlines():
        stage.query(line)


@pytest.mark.parametrize("scene", [WELL, "second-source", "empty"])
def test_the_metrics_are_well_made(stage, scene):
    """The real /metrics is strict OpenMetrics, and of its older text promtool has nothing to say."""
    url = f"{stage.scenes[scene][0].url}/metrics"
    assert list(text_string_to_metric_families(get(url)[1]))
    text = get(url, accept="text/plain;version=0.0.4")[1]
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert text and (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def documented():
    """Name, type and labels of each metric in the table of docs/operations.md."""
    text = (ROOT / "docs/operations.md").read_text()
    row = r"(?m)^\| (`(?:crypto|coingecko|rates|process)_.*?) \| (\w+) \| (.*?) \|"
    for names, kind, labels in re.findall(row, text):
        found = frozenset(re.findall(r"`(\w+)`", labels.partition(":")[0]))
        yield from ((name, kind, found) for name in re.findall(r"`(\w+)`", names))


def test_the_table_of_metrics(stage):
    """The table of metrics in docs/operations.md names all that the binary has, each with its type and labels."""
    real = set()
    for scene in (WELL, "second-source", "broken", "untold", "deviating"):
        for family in text_string_to_metric_families(get(f"{stage.scenes[scene][0].url}/metrics")[1]):
            suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
            labels = frozenset(label for sample in family.samples for label in sample.labels) - {"le"}
            real.add((family.name + suffix, family.type, labels))
    # A counter without events has a family without series.
    real = {metric for metric in real if metric[2] or not any(metric[:2] == other[:2] and other[2] for other in real)}
    assert set(documented()) == real
