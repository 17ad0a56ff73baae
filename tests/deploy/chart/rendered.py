"""The chart as Helm renders it, in a form that tests can ask.

Values are written with dots, as on `helm --set`: {"valkey.enabled": True}.
"""

import functools
import json
from pathlib import Path
from typing import Any

import helm_python as helm
import yaml

CHART = Path(__file__).resolve().parents[3] / "charts/crypto-rates"
NAME, NAMESPACE = "crypto-rates", "rates"

#: Values that bring a store which several replicas share.
VALKEY = {"valkey.enabled": True, "valkey.auth.existingSecret": "valkey-password"}
STORE = {"store.existingSecret": "store-url"}
FILES = ["development", "staging", "production"]


class Refused(Exception):
    """What Helm says instead of rendering."""


def nested(dotted: dict[str, Any]) -> dict[str, Any]:
    """{"a.b": 1} as {"a": {"b": 1}}."""
    values: dict[str, Any] = {}
    for path, value in dotted.items():
        *folders, leaf = path.split(".")
        where = values
        for folder in folders:
            where = where.setdefault(folder, {})
        where[leaf] = value
    return values


@functools.cache
def chart() -> helm.Chart:
    return helm.Chart.load(CHART)


def defaults() -> dict[str, Any]:
    return yaml.safe_load((CHART / "values.yaml").read_text())


def values_file(name: str) -> dict[str, Any]:
    return yaml.safe_load((CHART / f"values-{name}.yaml").read_text())


def render_raw(values: dict[str, Any], name: str = NAME, namespace: str = NAMESPACE) -> dict[str, str]:
    """Each template's text."""
    try:
        return dict(_render(json.dumps(values), name, namespace))
    except helm.HelmError as error:
        raise Refused(str(error)) from None


@functools.cache
def _render(values: str, name: str, namespace: str) -> tuple[tuple[str, str], ...]:
    return tuple(chart().render(json.loads(values), name=name, namespace=namespace).items())


def documents(texts: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for path, text in texts.items():
        if not path.endswith("NOTES.txt"):
            found += [document for document in yaml.load_all(text, Loader) if document]
    return found


class Loader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it: a key that stands twice is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key stands twice: {keys}"
        return super().construct_mapping(node, deep)


class Manifests:
    """What one set of values makes."""

    def __init__(self, dotted: dict[str, Any] | None = None, *, name: str = NAME, namespace: str = NAMESPACE):
        self.texts = render_raw(nested(dotted or {}), name, namespace)
        self.all = documents(self.texts)
        self.release = name

    @classmethod
    def of_file(cls, name: str) -> "Manifests":
        self = cls.__new__(cls)
        self.texts = render_raw(values_file(name))
        self.all = documents(self.texts)
        self.release = NAME
        return self

    @property
    def notes(self) -> str:
        return next(text for path, text in self.texts.items() if path.endswith("NOTES.txt"))

    def kinds(self) -> set[str]:
        return {document["kind"] for document in self.all}

    def get(self, kind: str, suffix: str = "") -> dict[str, Any] | None:
        """The manifest of that kind with the release's name and `suffix`, or None."""
        found = [
            document
            for document in self.all
            if document["kind"] == kind and document["metadata"]["name"] == self.release + suffix
        ]
        assert len(found) < 2, f"{kind} {suffix} is there {len(found)} times"
        return found[0] if found else None

    def pod(self) -> dict[str, Any]:
        """The pod of the Deployment."""
        return self.get("Deployment")["spec"]["template"]

    def container(self) -> dict[str, Any]:
        container = self.pod()["spec"]["containers"][0]
        assert container["name"] == "crypto-rates"
        return container

    def environment(self) -> dict[str, Any]:
        """The server's variables; one from a Secret as (name, key)."""
        variables: dict[str, Any] = dict(self.get("ConfigMap")["data"])
        for variable in self.container().get("env", []):
            assert variable["name"] not in variables, f"{variable['name']} is set twice"
            secret = variable.get("valueFrom", {}).get("secretKeyRef")
            variables[variable["name"]] = (secret["name"], secret["key"]) if secret else variable["value"]
        return variables

    def pods(self) -> list[tuple[str, dict[str, Any]]]:
        """The specification of every pod, with the name of what makes it."""
        found = []
        for document in self.all:
            spec = (
                document["spec"]
                if document["kind"] == "Pod"
                else document.get("spec", {}).get("template", {}).get("spec")
            )
            if spec:
                found.append((f"{document['kind']} {document['metadata']['name']}", spec))
        return found


def at(document: Any, path: str) -> Any:
    """What stands at a path of words, such as "spec ports 0 port"; None if nothing does."""
    for word in path.split():
        try:
            document = document[int(word)] if isinstance(document, list) else document[word]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def leaves(values: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Each value that is no group of others, by its dotted path."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value:
            found |= leaves(value, f"{path}{name}.")
        else:
            found[f"{path}{name}"] = value
    return found


#: Of Pod Security "restricted".
CONTAINER = {
    "image": "other:1",
    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "16Mi"}},
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
    },
}
#: Sets of values that, together, render every template in every way that matters.
COMBINATIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "volume": {"persistence.enabled": True, "persistence.storageClass": "fast"},
    "memory": {
        "store.url": "memory:",
        "metrics.enabled": False,
        "serviceMonitor.enabled": True,
        "networkPolicy.enabled": True,
    },
    "valkey": {
        **VALKEY,
        "valkey.persistence.enabled": False,
        "networkPolicy.enabled": True,
        "replicaCount": 2,
        "imagePullSecrets": [{"name": "registry"}],
    },
    "gateway": {
        **STORE,
        "httpRoute.enabled": True,
        "httpRoute.parentRefs": [{"name": "public", "namespace": "gateways", "sectionName": "https"}],
        "httpRoute.hostnames": ["rates.example.org"],
        "httpRoute.filters": [
            {
                "type": "ResponseHeaderModifier",
                "responseHeaderModifier": {"set": [{"name": "Strict-Transport-Security", "value": "max-age=63072000"}]},
            }
        ],
        "httpRoute.timeouts": {"request": "0s"},
        "service.type": "LoadBalancer",
        "service.nodePort": 30080,
        "service.trafficDistribution": "PreferClose",
        "privateCA.existingConfigMap": "our-ca",
        "topologySpread.whenUnsatisfiable": "DoNotSchedule",
        "coingeckoApiKey.existingSecret": "coingecko",
    },
    # What a platform team asks for in its first week.
    "platform": {
        **VALKEY,
        "global.imageRegistry": "mirror.example.org",
        "global.imagePullSecrets": ["mirror"],
        "imagePullSecrets": [{"name": "registry"}],
        "commonAnnotations": {"owner": "rates"},
        "deploymentAnnotations": {"reloader.stakater.com/auto": "true"},
        "config.host": "::",
        "extraEnvFrom": [{"secretRef": {"name": "more"}}, {"prefix": "A_", "configMapRef": {"name": "more"}}],
        "extraVolumes": [{"name": "more", "emptyDir": {}}],
        "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
        "initContainers": [CONTAINER | {"name": "first"}],
        "sidecars": [CONTAINER | {"name": "beside"}],
        "dnsConfig": {"options": [{"name": "ndots", "value": "1"}]},
        "hostAliases": [{"ip": "192.0.2.7", "hostnames": ["proxy.example.org"]}],
        "service.type": "LoadBalancer",
        "service.ipFamilyPolicy": "PreferDualStack",
        "service.ipFamilies": ["IPv6", "IPv4"],
        "service.loadBalancerClass": "service.k8s.aws/nlb",
        "service.loadBalancerSourceRanges": ["203.0.113.0/24", "2001:db8::/32"],
        "service.externalTrafficPolicy": "Local",
        "serviceMonitor.enabled": True,
        "serviceMonitor.namespace": "monitoring",
        "prometheusRule.enabled": True,
        "prometheusRule.namespace": "monitoring",
        "autoscaling.enabled": True,
        "autoscaling.targetMemoryUtilizationPercentage": 80,
        "podDisruptionBudget.minAvailable": "50%",
        "ingress.enabled": True,
        "ingress.hosts": ["rates.example.org"],
        "ingress.tls": [{"hosts": ["*.example.org"]}],
        "valkey.persistence.storageClass": "-",
        "extraObjects": [
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-more\n  namespace: rates\n",
        ],
    },
    "everything": {
        **VALKEY,
        "autoscaling.enabled": True,
        "autoscaling.extraMetrics": [
            {
                "type": "Pods",
                "pods": {"metric": {"name": "requests"}, "target": {"type": "AverageValue", "averageValue": "500"}},
            }
        ],
        "ingress.enabled": True,
        "ingress.hosts": ["a.example.org", "b.example.org"],
        "ingress.tls": [{"hosts": ["a.example.org"], "secretName": "tls"}],
        "networkPolicy.enabled": True,
        "networkPolicy.extraIngress": [{"from": [{"podSelector": {}}], "ports": [{"port": 5000}]}],
        "networkPolicy.extraEgress": [{"to": [{"ipBlock": {"cidr": "10.0.0.8/32"}}], "ports": [{"port": 3128}]}],
        "serviceMonitor.enabled": True,
        "serviceMonitor.relabelings": [{"targetLabel": "team", "replacement": "rates"}],
        "serviceMonitor.metricRelabelings": [{"sourceLabels": ["__name__"], "regex": "process_.*", "action": "drop"}],
        "prometheusRule.enabled": True,
        "prometheusRule.additionalAlertLabels": {"team": "rates"},
        "dashboards.enabled": True,
        "dashboards.namespace": "monitoring",
        "config.basePath": "/rates",
        "config.frameAncestors": ["self", "https://intranet.example.org"],
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://10.0.0.8:3128"}],
        "tolerations": [{"key": "spot", "operator": "Exists"}],
        "nodeSelector": {"kubernetes.io/arch": "arm64"},
        "priorityClassName": "high",
        "commonLabels": {"team": "rates"},
        "podLabels": {"tier": "front"},
        "podAnnotations": {"note": "kept"},
        "serviceAccount.annotations": {"note": "kept"},
    },
}


@functools.cache
def every_rendering() -> dict[str, Manifests]:
    """Each values file and each combination, rendered."""
    files = {f"values-{name}": Manifests.of_file(name) for name in FILES}
    return files | {name: Manifests(values) for name, values in COMBINATIONS.items()}
