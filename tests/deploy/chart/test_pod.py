"""The server's pod and those beside it: how they are started, asked, stopped, secured and placed."""

import re
import subprocess

import pytest
from facts import FACTS
from rendered import FILES, VALKEY, Manifests, at, every_rendering, values_file
from switches import ALERTS, RULE_FILE


@pytest.mark.parametrize("words", FACTS)
def test_fact(words):
    """What the chart promises of its manifests stands in them"""
    values, *facts = FACTS[words]
    manifests = Manifests(values)
    for where, path, expected in facts:
        kind, _, suffix = where.partition(" ")
        assert at(manifests.get(kind, suffix), path) == expected, (where, path)


def test_stop(root):
    """The server's notice and its drain fit into the least time that the chart takes; a start may take a minute."""
    seconds = r"(?:NOTICE|DRAIN_DEADLINE): Duration = Duration::from_secs\((\d+)\)"
    notice, drain = map(int, re.findall(seconds, (root / "src/server.rs").read_text()))
    # That this is the least, and goes up with preStop's sleep, is among the refusals.
    least = Manifests({"preStopSleepSeconds": 0, "terminationGracePeriodSeconds": 15})
    assert at(least.pod(), "spec terminationGracePeriodSeconds") >= notice + drain + 2
    startup = least.container()["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 60


def test_another_configuration_is_another_pod():
    """A pod is replaced where its configuration changes, and by nothing else, be it the server's or Valkey's."""

    def pods(values):
        manifests = Manifests({**VALKEY, **values})
        checksum = at(manifests.pod(), "metadata annotations checksum/config")
        return checksum, at(manifests.get("StatefulSet", "-valkey"), "spec template")

    server, valkey = pods({})
    assert "helm.sh/chart" not in valkey["metadata"]["labels"]
    for name, value, replaced in [
        ("config.historyDays", 7, (True, False)),
        ("config.port", 8080, (True, False)),
        ("metrics.port", 9091, (True, False)),
        ("image.tag", "0.2.0", (True, False)),
        ("valkey.maxmemory", "32mb", (False, True)),
        ("service.port", 8080, (False, False)),
        # A pod of Valkey has them itself.
        ("commonLabels", {"team": "rates"}, (False, True)),
    ]:
        found = pods({name: value})
        assert (found[0] != server, found[1] != valkey) == replaced, name
    checksums = {pods({**ALERTS, "alerts.rules": rules})[0] for rules in [RULE_FILE, RULE_FILE + RULE_FILE]}
    assert len(checksums) == 2, "the server reads its rules at the start alone"


def test_all_settings(server):
    """Every variable that the server knows can be set, and none that it does not know is."""
    shown = subprocess.run([server, "--help"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"\[env: ([A-Z][A-Z0-9_]+)\]", shown))
    urls = {"config.coingeckoUrl": "https://a.example.org", "config.coinbaseUrl": "https://b.example.org"}
    urls |= {"config.krakenUrl": "https://c.example.org", "config.frankfurterUrl": "https://d.example.org"}
    lists = {"config.frameAncestors": ["self"], "config.acceptOutliers": ["lbp"], "config.ratesReferences": ["kraken"]}
    secrets = {"coingeckoApiKey.existingSecret": "coingecko", **ALERTS, "alerts.webhookSecretKey": "secret"}
    assert set(Manifests({**urls, **lists, **secrets}).environment()) == known
    assert set(Manifests().environment()) <= known


@pytest.mark.parametrize("file", ["", *FILES])
def test_the_server_accepts_its_configuration(server, file):
    """The release binary's --check-config accepts what the chart gives it: JSON logs in a cluster, and no sample."""
    manifests = Manifests.of_file(file) if file else Manifests({"config.delistAfter": 2592000})
    variables = {name: value for name, value in manifests.environment().items() if isinstance(value, str)}
    if "$(VALKEY_PASSWORD)" in variables.get("STORE_URL", ""):
        # Kubernetes does this.
        variables["STORE_URL"] = variables["STORE_URL"].replace("$(VALKEY_PASSWORD)", "geheim")
    checked = subprocess.run([server, "--check-config"], env=variables, capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stderr
    assert variables["LOG_FORMAT"] == ("text" if file == "development" else "json")
    assert variables["METRICS_ADDR"] == "0.0.0.0:9090" and "sample" not in variables["RATES_SOURCES"]
    assert manifests.container()["image"].endswith(":" + variables["APP_VERSION"])


def test_no_rights():
    """No pod has a token, no account a right, and no manifest a Secret; the rest of "restricted" is Trivy's."""
    for name, manifests in every_rendering().items():
        rights = [kind for kind in manifests.kinds() if kind == "Secret" or kind.endswith(("Role", "RoleBinding"))]
        account = manifests.get("ServiceAccount")
        assert not rights and account["automountServiceAccountToken"] is False, name
        for pod, spec in manifests.pods():
            assert spec["automountServiceAccountToken"] is spec["enableServiceLinks"] is False, (name, pod)
            assert spec["serviceAccountName"] == account["metadata"]["name"], (name, pod)
            assert spec["securityContext"]["runAsUser"] == 1000, (name, pod)
            assert all(set(each["resources"]["limits"]) == {"memory"} for each in spec["containers"]), (name, pod)


def test_files_fit_their_place():
    """Staging is on the chart's Valkey, production on a store of its own, scaled, and has a limit beside its route."""
    staging, production = Manifests.of_file("staging"), Manifests.of_file("production")
    assert staging.get("StatefulSet", "-valkey")
    assert production.environment()["STORE_URL"] == ("crypto-rates-store", "STORE_URL")
    limit = production.get("Middleware", "-limit")["metadata"]
    filtered = at(production.get("HTTPRoute"), "spec rules 0 filters 0 extensionRef")
    assert filtered == {"group": "traefik.io", "kind": "Middleware", "name": limit["name"]}
    assert limit["namespace"] == "rates", "the filter's, which names none"
    common = {"HTTPRoute", "NetworkPolicy", "PodDisruptionBudget", "ServiceMonitor", "PrometheusRule"}
    assert common <= staging.kinds() & production.kinds() and "HorizontalPodAutoscaler" in production.kinds()
    assert values_file("development").keys() == {"config", "preStopSleepSeconds", "terminationGracePeriodSeconds"}
