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


@functools.cache
def _render(values: str, name: str, namespace: str) -> dict[str, str]:
    return dict(chart().render(json.loads(values), name=name, namespace=namespace))


def documents(texts: dict[str, str]) -> list[dict[str, Any]]:
    manifests = [text for path, text in texts.items() if not path.endswith("NOTES.txt")]
    return [document for text in manifests for document in yaml.load_all(text, Loader) if document]


class Loader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it: a key that stands twice is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key stands twice: {keys}"
        return super().construct_mapping(node, deep)


class Manifests:
    """What one set of values makes."""

    def __init__(self, dotted: dict[str, Any] | None = None, *, name: str = NAME, namespace: str = NAMESPACE):
        self.release = name
        try:
            self.texts = _render(json.dumps(nested(dotted or {})), name, namespace)
        except helm.HelmError as error:
            raise Refused(str(error)) from None
        self.all = documents(self.texts)

    @classmethod
    def of_file(cls, name: str) -> "Manifests":
        return cls(values_file(name))

    @property
    def notes(self) -> str:
        return next(text for path, text in self.texts.items() if path.endswith("NOTES.txt"))

    def kinds(self) -> set[str]:
        return {document["kind"] for document in self.all}

    def get(self, kind: str, suffix: str = "") -> dict[str, Any] | None:
        """The manifest of that kind with the release's name and `suffix`, or None."""
        name = self.release + suffix
        found = [each for each in self.all if each["kind"] == kind and each["metadata"]["name"] == name]
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
        for each in self.all:
            spec = each["spec"] if each["kind"] == "Pod" else at(each, "spec template spec")
            if spec:
                found.append((f"{each['kind']} {each['metadata']['name']}", spec))
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
MONITORED = {"serviceMonitor.enabled": True, "prometheusRule.enabled": True, "dashboards.enabled": True}
#: Sets of values that, together, render every template in every way that matters. Each value for itself is a
#: switch, and held against the schemas there.
COMBINATIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "volume": {"persistence.enabled": True},
    "memory": {**MONITORED, "store.url": "memory:", "metrics.enabled": False, "networkPolicy.enabled": True},
    "valkey": {**VALKEY, "valkey.persistence.enabled": False, "networkPolicy.enabled": True, "replicaCount": 2},
    "gateway": {
        **STORE,
        "httpRoute.enabled": True,
        "httpRoute.parentRefs": [{"name": "public", "namespace": "gateways", "sectionName": "https"}],
        "httpRoute.hostnames": ["rates.example.org"],
        "service.type": "LoadBalancer",
        "privateCA.existingConfigMap": "our-ca",
        "coingeckoApiKey.existingSecret": "coingecko",
    },
    "everything": {
        **VALKEY,
        **MONITORED,
        **{f"{each}.namespace": "monitoring" for each in ["serviceMonitor", "prometheusRule", "dashboards"]},
        "autoscaling.enabled": True,
        "autoscaling.targetMemoryUtilizationPercentage": 80,
        "autoscaling.targetOpenStreams": 4000,
        "ingress.enabled": True,
        "ingress.hosts": ["a.example.org", "b.example.org"],
        "ingress.tls": [{"hosts": ["a.example.org"], "secretName": "tls"}, {"hosts": ["*.example.org"]}],
        "networkPolicy.enabled": True,
        "networkPolicy.extraIngress": [{"from": [{"podSelector": {}}], "ports": [{"port": 5000}]}],
        "networkPolicy.extraEgress": [{"to": [{"ipBlock": {"cidr": "10.0.0.8/32"}}], "ports": [{"port": 3128}]}],
        "config.basePath": "/rates",
        "config.frameAncestors": ["self", "https://intranet.example.org"],
        "alerts.rules": '[[alert]]\nname = "a"\nbase = "btc"\nquote = "usd"\nabove = 80_000\n',
        "alerts.existingSecret": "webhook",
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://10.0.0.8:3128"}],
        "extraVolumes": [{"name": "more", "emptyDir": {}}],
        "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
        "initContainers": [CONTAINER | {"name": "first"}],
        "sidecars": [CONTAINER | {"name": "beside"}],
        "tolerations": [{"key": "spot", "operator": "Exists"}],
        "nodeSelector": {"kubernetes.io/arch": "arm64"},
        "priorityClassName": "high",
        "commonLabels": {"team": "rates"},
        "commonAnnotations": {"note": "kept"},
        "podLabels": {"tier": "front"},
        "extraObjects": ["{apiVersion: v1, kind: ConfigMap, metadata: {name: more, namespace: rates}}"],
    },
}


@functools.cache
def every_rendering() -> dict[str, Manifests]:
    """Each values file and each combination, rendered."""
    files = {f"values-{name}": Manifests.of_file(name) for name in FILES}
    return files | {name: Manifests(values) for name, values in COMBINATIONS.items()}
