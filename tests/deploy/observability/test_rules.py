"""The rules by themselves: well formed, each tested, each with what whoever is called needs."""

import re
import shutil
import subprocess

import promql_parser as promql
import pytest
import yaml
from monitoring_files import RULE_FILES, RULE_TESTS, alerts, alerts_section, named, rules, selectors


def promtool(*arguments, **options):
    assert shutil.which("promtool"), "promtool is missing: scripts/setup.sh deploy brings it"
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, **options)


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_promtool_takes_the_rules(path):
    """Prometheus takes the rules as they lie there, and its linter has nothing to say."""
    checked = promtool("check", "rules", "--lint=all", "--lint-fatal", path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.stem)
def test_the_rules_do_what_they_say(path):
    """Each alert fires when it should, with its words, and neither before nor after; each recorded series is right."""
    tested = promtool("test", "rules", path.name, cwd=path.parent)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def expectations():
    """For each alert and severity, the times at which some test wants it to fire and not to fire."""
    for path in RULE_TESTS:
        for test in yaml.safe_load(path.read_text())["tests"]:
            by_alert = {}
            for case in test.get("alert_rule_test", []):
                by_alert.setdefault(case["alertname"], []).append(case)
            for name, cases in by_alert.items():
                yield name, [{alert["exp_labels"]["severity"] for alert in case.get("exp_alerts", [])} for case in cases]


@pytest.mark.parametrize("rule", alerts(), ids=named)
def test_each_alert_is_tested(rule):
    """Some unit test sees the alert silent, then firing, then silent again."""
    severity = rule["labels"]["severity"]
    found = [[severity in fired for fired in times] for name, times in expectations() if name == rule["alert"]]
    silent_firing_silent = re.compile("0+1+0+")
    assert any(silent_firing_silent.fullmatch("".join("01"[fires] for fires in times)) for times in found), found


def test_each_recorded_series_is_tested():
    """A unit test has a value for each recorded series."""
    tests = [test for path in RULE_TESTS for test in yaml.safe_load(path.read_text())["tests"]]
    tested = {
        selector.name
        for test in tests
        for case in test.get("promql_expr_test", [])
        for selector in selectors(case["expr"])
        if case["exp_samples"]
    }
    assert tested == {rule["record"] for rule in rules() if "record" in rule}


@pytest.mark.parametrize("rule", rules(), ids=named)
def test_each_rule_looks_at_one_release(rule):
    """Every selector asks for the job that the chart replaces, so releases in one cluster do not mix."""
    found = selectors(rule["expr"])
    assert found
    for selector in found:
        jobs = [matcher.value for matcher in selector.matchers.matchers if matcher.name == "job"]
        assert jobs == ["crypto-rates"], selector.name
    assert rule["expr"].count('job="crypto-rates"') == len(found), "the chart replaces it to the letter"


@pytest.mark.parametrize("rule", alerts(), ids=named)
def test_each_alert_says_what_whoever_is_called_needs(rule):
    """Severity, summary, description with the place, and an address of a runbook are there."""
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    annotations = rule["annotations"]
    assert annotations.keys() == {"summary", "description", "runbook_url"}
    assert "{{ $labels.job }}" in annotations["description"]
    assert annotations["runbook_url"] == f"docs/operations.md#{rule['alert'].lower()}"


def test_each_alert_has_a_runbook_and_each_runbook_an_alert():
    """The headings of the runbooks are the names of the alerts, in the same order."""
    names = list(dict.fromkeys(rule["alert"] for rule in alerts()))
    assert re.findall(r"^### (CryptoRates\w+)$", alerts_section(), re.MULTILINE) == names


def test_each_runbook_says_all_that_a_runbook_must():
    """Meaning, what readers see, how to check, what to do and when to leave it stand in each runbook."""
    _, *runbooks = re.split(r"^### (?=CryptoRates)", alerts_section(), flags=re.MULTILINE)
    for runbook in runbooks:
        name = runbook.split("\n", 1)[0]
        assert re.findall(r"^\*\*(.+?):\*\*", runbook, re.MULTILINE) == [
            "Means",
            "Readers see",
            "Check",
            "Do",
            "Leave it",
        ], name


def test_the_expressions_of_the_runbooks_are_expressions():
    """Every PromQL block of the runbooks can be parsed."""
    blocks = re.findall(r"```promql\n(.*?)```", alerts_section(), re.DOTALL)
    assert blocks
    for block in blocks:
        for line in block.strip().splitlines():
            promql.parse(line)
