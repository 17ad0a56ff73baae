"""What Terraform hands on to the programs that use it: the store's rights, and the chart's values."""

import json
import re

import pytest
import yaml
from helm_python import Chart
from terraform_stubs import ENVIRONMENTS

# What AmazonEKSEditPolicy and the Role of deployer.tf let make.
DEPLOYABLE = set("""
    ConfigMap Deployment HorizontalPodAutoscaler Ingress NetworkPolicy PodDisruptionBudget PrometheusRule Service
    ServiceAccount ServiceMonitor
""".split())


def laid_over(below: object, above: object) -> object:
    """As Helm lays one file of values over another: maps are merged, the rest is replaced."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {name: laid_over(below.get(name), value) for name, value in above.items()}


def test_rights(root, plans):
    """The store's user has exactly the rights that docs/operations.md asks for and the chart's own Valkey gives.

    That these are enough for the program, and no more, is proven with the chart's, in chart/test_running.py.
    """
    access = set(plans["cluster", "production"]["aws_elasticache_user.this"]["access_string"].split())
    text = re.sub(r"\s+", " ", (root / "docs/operations.md").read_text())
    documented = re.search(r"an ACL must allow `([^`]+)` on `(~[^`]+)` and `(&[^`]+)`", text)
    assert documented, "docs/operations.md says no more what an ACL must allow"
    assert access == {"on", "-@all", documented[2], documented[3], *documented[1].split()}
    bundled = (root / "charts/crypto-rates/templates/valkey/_files.tpl").read_text()
    assert access == {"on", *re.search(r"user crypto-rates on >\S+ (.*)", bundled)[1].split()}


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "over-the-charts"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_chart_takes_the_values(root, plans, environment, alone):
    """The chart takes helm_values as the output gives it, alone or over its own values for that environment."""
    output = yaml.safe_load(plans["platform", environment]["output.helm_values"])
    folder = root / "charts/crypto-rates"
    chart = Chart.load(folder)
    before = {} if alone else yaml.safe_load((folder / f"values-{environment}.yaml").read_text())
    values = laid_over(before, output)
    chart.validate_schema(values)
    rendered = chart.render(values, name="crypto-rates", namespace=environment)
    texts = [text for name, text in rendered.items() if name.endswith(".yaml") and "/tests/" not in name]
    objects = [found for text in texts for found in yaml.safe_load_all(text) if found]
    kinds = {found["kind"]: found for found in objects}
    assert {"Deployment", "Ingress", "NetworkPolicy", "ServiceMonitor", "PrometheusRule"} <= kinds.keys()
    assert ("HorizontalPodAutoscaler" in kinds) == (environment != "development")
    # One way in, and one store.
    assert not {"HTTPRoute", "PersistentVolumeClaim", "StatefulSet"} & kinds.keys()
    assert kinds["Ingress"]["spec"]["ingressClassName"] == "alb" and "tls" not in kinds["Ingress"]["spec"]
    host = "rates.example.org" if environment == "production" else f"rates-{environment}.example.org"
    assert [rule["host"] for rule in kinds["Ingress"]["spec"]["rules"]] == [host]
    pod = kinds["Deployment"]["spec"]["template"]["spec"]
    assert "imagePullSecrets" not in pod, "nodes pull from ECR by their role"
    (container,) = pod["containers"]
    assert '"STORE_URL"' in json.dumps(container) and '"crypto-rates-store"' in json.dumps(container)
    # What deploys may make each of these, and nothing is outside its namespace.
    assert {found["metadata"].get("namespace", environment) for found in objects} == {environment}
    assert kinds.keys() <= DEPLOYABLE
    alerts = [rule for group in kinds["PrometheusRule"]["spec"]["groups"] for rule in group["rules"] if "alert" in rule]
    prefix = "https://github.com/example/crypto-rates/blob/main/docs/runbook.md#"
    assert alerts and all(alert["annotations"]["runbook_url"].startswith(prefix) for alert in alerts)
    dashboard = next(found for found in objects if found["metadata"]["labels"].get("grafana_dashboard"))
    assert dashboard["metadata"]["annotations"] == {"grafana_folder": "Crypto Rates"}
