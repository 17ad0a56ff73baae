"""The chart as it is handed on: lint, package, and what the package renders."""

import tarfile
from pathlib import Path

import helm_python as helm
import pytest
from rendered import CHART, COMBINATIONS, FILES, NAME, NAMESPACE, Manifests, documents, nested, values_file


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    return Path(helm.package(CHART, destination=tmp_path_factory.mktemp("package")))


@pytest.mark.parametrize("name", ["defaults", *FILES])
def test_lint(name):
    """`helm lint --strict` has nothing to say, with the defaults and with every values file."""
    report = helm.lint(CHART, values_file(name) if name in FILES else {}, strict=True)
    assert report["total_charts_linted"] == 1
    assert not report["errors"]
    # 2 is a warning, 3 an error; that there is no icon is a remark.
    assert [message for message in report["messages"] if message["severity"] >= 2] == []


def test_the_package_is_small_and_whole(package):
    """The package has rules, dashboards, schema and values files, no tests, and less than 100 KB."""
    with tarfile.open(package) as archive:
        names = {name.removeprefix("crypto-rates/") for name in archive.getnames()}
    assert {"values.yaml", "values.schema.json", *(f"values-{name}.yaml" for name in FILES)} <= names
    rest = {name for name in names if not name.startswith(("templates/", "values")) and not name.endswith("/")}
    assert rest == {
        *("Chart.yaml", "README.md", ".helmignore"),
        *("rules/alerts.yaml", "rules/recording.yaml", "dashboards/rates.json", "dashboards/service.json"),
        *("rules/backup.yaml", "dashboards/cluster/cluster.json", "dashboards/cluster/infrastructure.json"),
    }
    assert package.stat().st_size < 100_000


def test_the_package_renders_the_same(package):
    """The package renders to the letter what the folder renders, rules and dashboards included."""
    values = COMBINATIONS["everything"]
    with helm.Chart.load(package) as chart:
        texts = chart.render(nested(values), name=NAME, namespace=NAMESPACE)
    assert texts == Manifests(values).texts
    kinds = [document["kind"] for document in documents(texts)]
    assert "PrometheusRule" in kinds and kinds.count("ConfigMap") == 4


def test_another_version_is_a_switch_of_the_package(tmp_path):
    """`helm package --app-version` is all that a release needs: tag, version and label follow it."""
    archive = helm.package(CHART, destination=tmp_path, version="1.2.3", app_version="1.2.3")
    with helm.Chart.load(archive) as chart:
        texts = chart.render({}, name=NAME, namespace=NAMESPACE)
    (deployment,) = [document for document in documents(texts) if document["kind"] == "Deployment"]
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == "crypto-rates:1.2.3"
    assert deployment["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/version"] == "1.2.3"
    before = Manifests().get("Deployment")
    assert deployment["spec"]["selector"] == before["spec"]["selector"]


def test_notes():
    """The notes say how to reach the page, how to test it, and what kind of store the rates are in."""
    notes = Manifests().notes
    assert "port-forward service/crypto-rates 5000:80" in notes and "helm --namespace rates test crypto-rates" in notes
    assert "a file in the pod" in notes and "No NetworkPolicy" in notes and "sample" not in notes
    staging = Manifests.of_file("staging").notes
    assert "https://rates.staging.example.org/" in staging and "the Valkey of this release" in staging
    assert "No NetworkPolicy" not in staging
    assert "Store: yours" in Manifests.of_file("production").notes
    assert "a file on a volume" in Manifests({"persistence.enabled": True}).notes
    assert "Store: memory" in Manifests({"store.url": "memory:"}).notes
    assert "get service crypto-rates --watch" in Manifests({"service.type": "LoadBalancer"}).notes
    gateway = {
        "httpRoute.enabled": True,
        "httpRoute.parentRefs": [{"name": "g"}],
        "httpRoute.hostnames": ["a.example.org"],
    }
    assert "a.example.org" in Manifests(gateway).notes
    assert "shows an example of 2026-06-01" in Manifests({"config.ratesSources": ["coingecko", "sample"]}).notes
