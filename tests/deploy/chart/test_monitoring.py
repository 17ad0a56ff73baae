"""What the Prometheus operator and Grafana get: ServiceMonitor, PrometheusRule, dashboards."""

import json

import pytest
import yaml
from rendered import CHART, Manifests, at

RULE = {"prometheusRule.enabled": True}


def rules(**values):
    manifests = Manifests({**RULE, **{f"prometheusRule.{name}": value for name, value in values.items()}})
    return [rule for group in at(manifests.get("PrometheusRule"), "spec groups") for rule in group["rules"]]


@pytest.mark.parametrize(("name", "namespace"), [("crypto-rates", "rates"), ("eu-crypto-rates", "europe")])
def test_rules_arrive_unchanged(name, namespace):
    """Every rule of rules/*.yaml is there, to the letter but for its release: the job of its monitor, and namespace."""
    files = [(CHART / f"rules/{each}.yaml").read_text() for each in ["recording", "alerts"]]
    # That every selector has the job is seen in observability/test_rules.py.
    expected = [group for text in files for group in yaml.safe_load(text)["groups"]]
    assert "{{ $" in json.dumps(expected), "which could be taken for templates"
    for rule in (rule for group in expected for rule in group["rules"]):
        rule["expr"] = rule["expr"].replace('job="crypto-rates"', f'namespace="{namespace}",job="{name}"')
    manifests = Manifests({**RULE, "serviceMonitor.enabled": True}, name=name, namespace=namespace)
    assert at(manifests.get("PrometheusRule"), "spec groups") == expected
    monitor = manifests.get("ServiceMonitor")["spec"]
    assert monitor["endpoints"][0]["relabelings"][1] == {"targetLabel": "job", "replacement": name}
    assert monitor["namespaceSelector"] == {"matchNames": [namespace]}


def test_what_alerts_say():
    """Each alert leads to its runbook, where the documentation is; labels are added to alerts, or replace their own."""
    labels, url = {"team": "rates", "severity": "info"}, "https://docs.example.org/operations"
    for before, rule in zip(rules(), rules(additionalAlertLabels=labels, runbookUrl=url), strict=True):
        if "alert" in rule:
            assert before["annotations"]["runbook_url"].startswith("docs/runbook.md#"), rule["alert"]
            assert rule["annotations"]["runbook_url"].startswith(f"{url}#"), rule["alert"]
            assert labels.items() <= rule["labels"].items(), rule["alert"]
        else:
            assert before == rule


def test_alerts_can_be_left_out():
    """Single alerts can be left out by name, and nothing else goes with them but a group of which all are."""

    def kept(names):
        values = {**RULE, "prometheusRule.disabledAlerts": names}
        groups = Manifests(values).get("PrometheusRule")["spec"]["groups"]
        return {group["name"]: group["rules"] for group in groups}

    *others, last = every = kept([])
    of_last = sorted({rule["alert"] for rule in every[last]})
    for names, groups in [(["CryptoRatesStale"], [*others, last]), (of_last, others)]:
        wanted = {group: [rule for rule in every[group] if rule.get("alert") not in names] for group in groups}
        assert kept(names) == wanted != every


def test_dashboards():
    """Each dashboard is a ConfigMap with the sidecar's label and a folder, its JSON unchanged."""
    manifests, files = Manifests({"dashboards.enabled": True}), sorted((CHART / "dashboards").glob("*.json"))
    assert [file.name for file in files] == ["rates.json", "service.json"]
    for file in files:
        board = manifests.get("ConfigMap", f"-dashboard-{file.stem}")
        assert board["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert board["metadata"]["annotations"] == {"grafana_folder": "Crypto Rates"}
        assert json.loads(board["data"][file.name]) == json.loads(file.read_text())
        # etcd takes a MiB.
        assert len(board["data"][file.name]) < 900_000


def test_nothing_is_there_unasked():
    """Without an operator's CRDs nothing needs them: by default there is no object of theirs."""
    assert Manifests().kinds() == {"ConfigMap", "Deployment", "Pod", "Service", "ServiceAccount"}
