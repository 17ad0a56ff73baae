"""What the Prometheus operator and Grafana get: ServiceMonitor, PrometheusRule, dashboards."""

import json

import yaml
from rendered import CHART, Manifests, at

RULE = {"prometheusRule.enabled": True}
FILES = ["rules/recording.yaml", "rules/alerts.yaml"]


def rules(groups):
    return [rule for group in groups for rule in group["rules"]]


def rendered_groups(values=None):
    return Manifests({**RULE, **(values or {})}).get("PrometheusRule")["spec"]["groups"]


def test_service_monitor():
    """The ServiceMonitor selects the metrics' Service alone, and names the job after the release."""
    manifests = Manifests({"serviceMonitor.enabled": True}, name="eu-crypto-rates")
    monitor = manifests.get("ServiceMonitor")["spec"]
    selector = monitor["selector"]["matchLabels"].items()
    services = [each["metadata"] for each in manifests.all if each["kind"] == "Service"]
    assert [each["name"] for each in services if selector <= each["labels"].items()] == ["eu-crypto-rates-metrics"]
    assert monitor["namespaceSelector"] == {"matchNames": ["rates"]}
    (endpoint,) = monitor["endpoints"]
    assert (endpoint["port"], endpoint["path"]) == ("metrics", "/metrics")
    # The operator's label of that name would hide the program's own.
    hidden = {"action": "labeldrop", "regex": "endpoint"}
    assert endpoint["relabelings"] == [hidden, {"targetLabel": "job", "replacement": "eu-crypto-rates"}]


def test_rules_arrive_unchanged():
    """Every rule of rules/*.yaml is in the PrometheusRule, to the letter: nothing in it was taken for a template."""
    expected = [group for file in FILES for group in yaml.safe_load((CHART / file).read_text())["groups"]]
    assert "{{ $" in json.dumps(expected)
    for rule in rules(expected):
        rule["expr"] = rule["expr"].replace('job="crypto-rates"', 'namespace="rates",job="crypto-rates"')
    assert rendered_groups() == expected


def test_rules_watch_their_own_release():
    """Every selector of every rule asks for the release's own namespace, and the job that its monitor gives."""
    manifests = Manifests({**RULE, "serviceMonitor.enabled": True}, name="eu-crypto-rates", namespace="europe")
    job = at(manifests.get("ServiceMonitor"), "spec endpoints 0 relabelings 1 replacement")
    for rule in rules(at(manifests.get("PrometheusRule"), "spec groups")):
        selectors = rule["expr"].count("{")
        assert selectors and rule["expr"].count(f'namespace="europe",job="{job}"') == selectors, rule


def test_runbooks():
    """Each alert leads to its runbook, where the documentation is published."""
    for url in ["", "https://docs.example.org/operations"]:
        for rule in rules(rendered_groups({"prometheusRule.runbookUrl": url})):
            if "alert" in rule:
                assert rule["annotations"]["runbook_url"].startswith((url or "docs/operations.md") + "#"), rule["alert"]


def test_alerts_can_be_left_out():
    """Single alerts can be left out by name, and nothing else goes with them."""
    before = rules(rendered_groups())
    after = rules(rendered_groups({"prometheusRule.disabledAlerts": ["CryptoRatesStale"]}))
    gone = [rule for rule in before if rule not in after]
    assert gone and {rule.get("alert") for rule in gone} == {"CryptoRatesStale"}
    assert [rule for rule in before if rule.get("alert") != "CryptoRatesStale"] == after
    # Where all of a group are, the group goes too.
    group = rendered_groups()[-1]
    names = sorted({rule["alert"] for rule in group["rules"]})
    assert group["name"] not in {each["name"] for each in rendered_groups({"prometheusRule.disabledAlerts": names})}


def test_labels_of_alerts():
    """Labels are added to each alert, or replace its own, and leave recording rules alone."""
    labels = {"team": "rates", "severity": "info"}
    for rule in rules(rendered_groups({"prometheusRule.additionalAlertLabels": labels})):
        if "alert" in rule:
            assert labels.items() <= rule["labels"].items(), rule["alert"]
        else:
            assert "team" not in rule.get("labels", {}), rule["record"]


def test_dashboards():
    """Each dashboard is a ConfigMap with the sidecar's label and a folder, its JSON unchanged."""
    files = sorted((CHART / "dashboards").glob("*.json"))
    assert [file.name for file in files] == ["rates.json", "service.json"]
    manifests = Manifests({"dashboards.enabled": True})
    for file in files:
        board = manifests.get("ConfigMap", f"-dashboard-{file.stem}")
        assert board["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert board["metadata"]["annotations"] == {"grafana_folder": "Crypto Rates"}
        assert json.loads(board["data"][file.name]) == json.loads(file.read_text())
        # etcd takes a MiB.
        assert len(board["data"][file.name]) < 900_000


def test_nothing_is_there_unasked():
    """Without an operator's CRDs nothing needs them: by default there is no object of theirs."""
    kinds = Manifests().kinds()
    assert not kinds & {"ServiceMonitor", "PrometheusRule", "HTTPRoute"}
    assert kinds == {"ConfigMap", "Deployment", "Pod", "Service", "ServiceAccount"}
