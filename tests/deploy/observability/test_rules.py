"""The rules by themselves: well formed, each tested, each with what whoever is called needs."""

import re
import shutil
import subprocess

import pytest
import yaml
from monitoring_files import RULE_FILES, RULE_TESTS, alerts, named, rules, runbooks, selectors


def promtool(*arguments, **options):
    assert shutil.which("promtool"), "promtool is missing: scripts/setup.sh deploy brings it"
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_takes_the_rules():
    """Prometheus takes the rules as they lie there, and its linter has nothing to say."""
    promtool("check", "rules", "--lint=all", "--lint-fatal", *RULE_FILES)


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.stem)
def test_the_rules_do_what_they_say(path):
    """Each alert fires when it should, with its words, and neither before nor after; each recorded series is right."""
    promtool("test", "rules", path.name, cwd=path.parent)


def test_each_rule_is_tested():
    """Some test sees each alert silent, then firing, then silent again, and has a value for each recorded series."""
    tests = [test for path in RULE_TESTS for test in yaml.safe_load(path.read_text())["tests"]]
    for rule in alerts():
        firing = {"severity": rule["labels"]["severity"]}.items()
        # For each test whether it fires, time after time.
        lives = [
            "".join(
                "01"[any(firing <= alert["exp_labels"].items() for alert in case.get("exp_alerts", []))]
                for case in test.get("alert_rule_test", []) if case["alertname"] == rule["alert"]
            )
            for test in tests
        ]
        assert any(re.fullmatch("0+1+0+", life) for life in lives), (named(rule), lives)
    cases = [case for test in tests for case in test.get("promql_expr_test", []) if case["exp_samples"]]
    recorded = {selector.name for case in cases for selector in selectors(case["expr"])}
    assert recorded == {rule["record"] for rule in rules() if "record" in rule}


@pytest.mark.parametrize("rule", rules(), ids=named)
def test_each_rule_looks_at_one_release(rule):
    """Every selector asks for the job, or the backup's schedule, that the chart replaces: releases do not mix."""
    found = selectors(rule["expr"])
    for selector in found:
        asked = {(each.name, each.value) for each in selector.matchers.matchers}
        assert len(asked & {("job", "crypto-rates"), ("schedule", "velero-nightly")}) == 1, selector.name
    literally = re.findall(r'\b(?:job="crypto-rates"|schedule="velero-nightly")', rule["expr"])
    assert found and len(literally) == len(found), "the chart replaces it to the letter"


@pytest.mark.parametrize("rule", alerts(), ids=named)
def test_each_alert_says_what_whoever_is_called_needs(rule):
    """Severity, summary, description with the place, and an address of a runbook are there."""
    assert rule["labels"] in [{"severity": severity} for severity in ("critical", "warning", "info")]
    annotations = rule["annotations"]
    assert annotations.keys() == {"summary", "description", "runbook_url"}
    assert re.search(r"\{\{ \$labels\.(job|schedule) \}\}", annotations["description"])
    assert annotations["runbook_url"] == f"docs/runbook.md#{rule['alert'].lower()}"


def test_each_alert_has_a_runbook_that_says_all():
    """Each alert, in order, has a runbook: meaning, what readers see, how to check, what to do, when to leave it."""
    assert list(runbooks()) == list(dict.fromkeys(rule["alert"] for rule in alerts()))
    for name, text in runbooks().items():
        parts = re.findall(r"^\*\*(.+?):\*\*", text, re.MULTILINE)
        assert parts == ["Means", "Readers see", "Check", "Do", "Leave it"], name
