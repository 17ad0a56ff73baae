"""The server's pod: how it is started, asked, stopped, secured and placed."""

import re
import subprocess

import pytest
from rendered import FILES, STORE, VALKEY, Manifests, at, every_rendering, values_file


def seconds(root, constant: str) -> int:
    source = (root / "src/server.rs").read_text()
    return int(re.search(rf"{constant}: Duration = Duration::from_secs\((\d+)\)", source)[1])


def test_probes():
    """Startup and liveness ask /health/live, readiness asks /health/ready, each at a place of its own."""
    container = Manifests().container()
    asked = {probe: at(container, f"{probe}Probe httpGet") for probe in ["startup", "liveness", "readiness"]}
    assert asked == {
        "startup": {"path": "/health/live", "port": "http"},
        # Where no flood of visitors stands in front of it.
        "liveness": {"path": "/health/live", "port": "metrics"},
        "readiness": {"path": "/health/ready", "port": "http"},
    }
    container = Manifests({"metrics.enabled": False}).container()
    assert at(container, "livenessProbe httpGet port") == "http"


def test_base_path():
    """Below a path: probes, Ingress, HTTPRoute, monitor, notes and `helm test` ask there; a port of the metrics' own has none."""
    below = {
        "config.basePath": "/rates",
        "ingress.enabled": True,
        "ingress.hosts": ["a.example.org"],
        "httpRoute.enabled": True,
        "httpRoute.parentRefs": [{"name": "gateway"}],
        "serviceMonitor.enabled": True,
    }
    manifests = Manifests(below)
    assert manifests.environment()["BASE_PATH"] == "/rates"

    def probed(manifests):
        container = manifests.container()
        return [at(container, f"{probe}Probe httpGet path") for probe in ["startup", "liveness", "readiness"]]

    assert probed(manifests) == ["/rates/health/live", "/health/live", "/rates/health/ready"]
    assert at(manifests.get("Ingress"), "spec rules 0 http paths 0 path") == "/rates"
    assert at(manifests.get("HTTPRoute"), "spec rules 0 matches 0 path value") == "/rates"
    assert at(manifests.get("ServiceMonitor"), "spec endpoints 0 path") == "/metrics"
    assert "http://a.example.org/rates/" in manifests.notes
    assert "http://127.0.0.1:5000/rates while" in Manifests({"config.basePath": "/rates"}).notes

    def tested(manifests):
        pods = [document for document in manifests.all if document["kind"] == "Pod"]
        return {re.sub("http://[^/]+", "", at(pod, "spec containers 0 args 1")) for pod in pods}

    assert tested(manifests) == {"/rates/health/ready", "/rates/api/rates", "/rates/", "/metrics"}
    one_port = Manifests({"config.basePath": "/rates", "metrics.enabled": False, "serviceMonitor.enabled": True})
    assert probed(one_port) == ["/rates/health/live", "/rates/health/live", "/rates/health/ready"]
    assert at(one_port.get("ServiceMonitor"), "spec endpoints 0 path") == "/rates/metrics"
    assert "/rates/metrics" in tested(one_port)


def test_probed_routes_exist(root):
    """The server has the routes that the probes ask, on both of its addresses."""
    router = (root / "src/http/router.rs").read_text()
    _, internal = router.split("pub fn internal")
    described = re.findall(r'path = "(.*)"', (root / "src/http/health.rs").read_text())
    for probe in ["live", "ready"]:
        assert f"/health/{probe}" in described and f"routes!(health::{probe})" in router
    assert '"/health/live"' in internal and '"/metrics"' in internal


def test_a_slow_start_is_no_failure():
    """A start may take a minute before the pod is given up, though the process waits only 5 s for its disk."""
    startup = Manifests().container()["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 60


def test_stop(root):
    """preStop, the server's notice and its drain fit into the grace period, by the server's own constants."""
    drain, notice = seconds(root, "DRAIN_DEADLINE"), seconds(root, "NOTICE")
    for name, manifests in every_rendering().items():
        sleep = at(manifests.container(), "lifecycle preStop sleep seconds") or 0
        grace = at(manifests.pod(), "spec terminationGracePeriodSeconds")
        assert grace >= sleep + notice + drain + 2, name
    assert at(Manifests().container(), "lifecycle preStop") == {"sleep": {"seconds": 5}}


def test_no_sleep():
    """Where the feature gate of preStop's sleep is off, 0 leaves the hook out altogether."""
    assert "lifecycle" not in Manifests({"preStopSleepSeconds": 0}).container()


def test_another_configuration_is_another_pod():
    """The pod's checksum changes with the configuration, and with nothing else."""

    def checksum(dotted):
        return at(Manifests(dotted).pod(), "metadata annotations checksum/config")

    assert len({checksum({}), checksum({"config.historyDays": 7}), checksum({"metrics.port": 9091})}) == 3
    assert checksum({}) == checksum({"commonLabels": {"team": "rates"}}) == checksum({"service.port": 8080})


def test_all_settings(root):
    """Every variable that the server knows can be set, and none that it does not know is."""
    source = (root / "src/config/mod.rs").read_text()
    settings = source[source.index("pub struct Config {") : source.index("pub enum LogFormat")]
    known = {field.upper() for field in re.findall(r"^    pub (\w+):", settings, re.MULTILINE)}
    assert {"PORT", "STORE_URL", "LOG_FORMAT"} < known
    urls = {"config.coingeckoUrl": "https://a.example.org", "config.coinbaseUrl": "https://b.example.org"}
    lists = {"config.frameAncestors": ["self"], "config.acceptOutliers": ["lbp"]}
    manifests = Manifests({**urls, **lists, "coingeckoApiKey.existingSecret": "coingecko"})
    assert set(manifests.environment()) == known
    assert set(Manifests().environment()) <= known


def test_defaults_of_a_cluster():
    """Logs are JSON, metrics have a port of their own, the version is the image's, the sample is nowhere."""
    for name in ["defaults", "values-staging", "values-production", "everything"]:
        variables = every_rendering()[name].environment()
        assert variables["LOG_FORMAT"] == "json", name
        assert variables["METRICS_ADDR"] == "0.0.0.0:9090", name
        assert every_rendering()[name].container()["image"].endswith(":" + variables["APP_VERSION"]), name
    for name, manifests in every_rendering().items():
        assert "sample" not in manifests.environment()["RATES_SOURCES"], name


@pytest.mark.parametrize("file", ["", *FILES])
def test_the_server_accepts_its_configuration(server, file):
    """The release binary's --check-config accepts what the chart gives it."""
    manifests = Manifests.of_file(file) if file else Manifests()
    variables = {name: value for name, value in manifests.environment().items() if isinstance(value, str)}
    if "$(VALKEY_PASSWORD)" in variables.get("STORE_URL", ""):
        # Kubernetes does this.
        variables["STORE_URL"] = variables["STORE_URL"].replace("$(VALKEY_PASSWORD)", "geheim")
    checked = subprocess.run([server, "--check-config"], env=variables, capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stderr


def test_secrets():
    """Key and address of the store come from Secrets of yours; the chart makes none and shows none."""
    variables = Manifests({**STORE, "coingeckoApiKey.existingSecret": "coingecko"}).environment()
    assert variables["COINGECKO_API_KEY"] == ("coingecko", "COINGECKO_API_KEY")
    assert variables["STORE_URL"] == ("store-url", "STORE_URL")
    for name, manifests in every_rendering().items():
        assert "Secret" not in manifests.kinds(), name


def test_restricted():
    """Every pod, Valkey's and the tests' too, meets Pod Security "restricted", under a read-only root."""
    for name, manifests in every_rendering().items():
        for pod, spec in manifests.pods():
            context = spec["securityContext"]
            assert context["runAsNonRoot"] is True and context["runAsUser"] == 1000, (name, pod)
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}, (name, pod)
            assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(spec), (name, pod)
            for volume in spec.get("volumes", []):
                assert set(volume) & {"configMap", "emptyDir", "persistentVolumeClaim"}, (name, pod)
            for container in spec["containers"]:
                assert container["securityContext"] == {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "runAsNonRoot": True,
                    "capabilities": {"drop": ["ALL"]},
                }, (name, pod)
                assert not any("hostPort" in port for port in container.get("ports", [])), (name, pod)


def test_no_rights():
    """No pod has a token, no account a right: there is no Role and no binding in any rendering."""
    for name, manifests in every_rendering().items():
        assert not {kind for kind in manifests.kinds() if kind.endswith(("Role", "RoleBinding"))}, name
        account = manifests.get("ServiceAccount")
        assert account["automountServiceAccountToken"] is False, name
        for pod, spec in manifests.pods():
            assert spec["automountServiceAccountToken"] is False, (name, pod)
            assert spec["enableServiceLinks"] is False, (name, pod)
            assert spec["serviceAccountName"] == account["metadata"]["name"], (name, pod)


def test_resources():
    """Requests and the limit of memory are as measured; CPU is requested and not limited."""
    assert Manifests().container()["resources"] == {
        "requests": {"cpu": "50m", "memory": "40Mi"},
        "limits": {"memory": "64Mi"},
    }
    for name, manifests in every_rendering().items():
        for pod, spec in manifests.pods():
            (container,) = spec["containers"]
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}, (name, pod)
            assert set(container["resources"]["limits"]) == {"memory"}, (name, pod)


@pytest.mark.parametrize(("strength", "rule"), [("soft", "preferred"), ("hard", "required")])
def test_anti_affinity(strength, rule):
    """Pods of the release avoid each other's nodes, as a wish or as a condition."""
    manifests = Manifests({**STORE, "replicaCount": 2, "podAntiAffinity": strength})
    ((name, (term,)),) = at(manifests.pod(), "spec affinity podAntiAffinity").items()
    assert name == f"{rule}DuringSchedulingIgnoredDuringExecution"
    term = term.get("podAffinityTerm", term)
    assert term["topologyKey"] == "kubernetes.io/hostname"
    assert at(term, "labelSelector matchLabels") == at(manifests.get("Deployment"), "spec selector matchLabels")


def test_topology_spread():
    """Pods of one revision are spread over zones and over nodes."""
    manifests = Manifests({**VALKEY, "replicaCount": 3})
    zones, nodes = at(manifests.pod(), "spec topologySpreadConstraints")
    assert (zones["topologyKey"], nodes["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    for spread in [zones, nodes]:
        assert at(spread, "labelSelector matchLabels") == at(manifests.get("Deployment"), "spec selector matchLabels")
        assert spread["matchLabelKeys"] == ["pod-template-hash"]


def test_private_ca():
    """A private authority is trusted besides the public ones, not instead of them."""
    manifests = Manifests({"privateCA.existingConfigMap": "our-ca"})
    variables = manifests.environment()
    assert variables["SSL_CERT_FILE"] == "/etc/ssl/certs/ca-certificates.crt"
    (mount,) = [mount for mount in manifests.container()["volumeMounts"] if mount["name"] == "ca"]
    assert mount == {"name": "ca", "mountPath": variables["SSL_CERT_DIR"], "readOnly": True}


def test_helm_tests():
    """`helm test` asks ready, API, page and metrics through the Services, with the server's own image."""
    for name, manifests in every_rendering().items():
        pods = [document for document in manifests.all if document["kind"] == "Pod"]
        assert len(pods) == 4, name
        services = {
            f"{service['metadata']['name']}:{port['port']}"
            for service in manifests.all
            if service["kind"] == "Service"
            for port in service["spec"]["ports"]
        }
        for pod in pods:
            assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
            (container,) = pod["spec"]["containers"]
            assert container["image"] == manifests.container()["image"]
            flag, url = container["args"]
            assert flag == "--health" and "command" not in container
            assert re.fullmatch(r"http://([^/]+)/.*", url)[1] in services, name


def test_files_fit_their_place():
    """Staging has two replicas on the chart's Valkey; production two to ten on a store of its own."""
    staging, production = Manifests.of_file("staging"), Manifests.of_file("production")
    assert at(staging.get("Deployment"), "spec replicas") == 2 and staging.get("StatefulSet", "-valkey")
    assert production.environment()["STORE_URL"] == ("crypto-rates-store", "STORE_URL")
    scaler = production.get("HorizontalPodAutoscaler")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 10)
    for manifests in [staging, production]:
        assert {
            "Ingress",
            "NetworkPolicy",
            "PodDisruptionBudget",
            "ServiceMonitor",
            "PrometheusRule",
        } <= manifests.kinds()
        assert at(manifests.get("Ingress"), "spec tls")
    assert values_file("development").keys() == {"config", "preStopSleepSeconds", "terminationGracePeriodSeconds"}
