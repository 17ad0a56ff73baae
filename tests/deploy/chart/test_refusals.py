"""What the chart refuses in words, because it could not work or would surprise."""

import pytest
from rendered import STORE, VALKEY, Manifests, Refused
from switches import RULE_FILE

INGRESS = {"ingress.enabled": True, "ingress.hosts": ["rates.example.org"]}
ROUTE = {"httpRoute.enabled": True, "httpRoute.parentRefs": [{"name": "gateway"}]}
MEMORY = {**STORE, "autoscaling.enabled": True, "autoscaling.targetMemoryUtilizationPercentage": 80}

#: A line for each: what it is, the values, the words.
REFUSED = [
    ("several replicas, file", {"replicaCount": 2}, "replicaCount is 2, but the store is embedded"),
    ("several replicas, memory", {"replicaCount": 2, "store.url": "memory:"}, "the store is embedded"),
    ("scaling, file", {"autoscaling.enabled": True}, "asks for 2 to 10 replicas, but the store is embedded"),
    ("scaling to one, file", {"autoscaling.enabled": True, "autoscaling.minReplicas": 1, "autoscaling.maxReplicas": 1}, "the store is embedded"),
    ("minimum above maximum", {**STORE, "autoscaling.enabled": True, "autoscaling.minReplicas": 5, "autoscaling.maxReplicas": 4}, "minReplicas 5 is more than autoscaling.maxReplicas 4"),
    ("an update that can't move", {"rollingUpdate.maxSurge": 0}, "both 0"),
    ("an update that can't move, in percent", {"rollingUpdate.maxSurge": "0%", "rollingUpdate.maxUnavailable": "0%"}, "both 0"),
    ("two stores", {**VALKEY, **STORE}, "valkey.enabled, store.existingSecret: there is one store"),
    ("a volume for a shared store", {"store.url": "redis://store", "persistence.enabled": True}, "store.url, persistence.enabled: there is one store"),
    ("a password in the open", {"store.url": "redis://:geheim@store"}, "would lie open in a ConfigMap"),
    ("a file somewhere", {"store.url": "file:///var/rates"}, "the chart decides where it is"),
    ("a claim that is not used", {"persistence.existingClaim": "rates"}, "persistence.enabled is false"),
    ("a Valkey without a password", {"valkey.enabled": True}, "valkey.enabled needs valkey.auth.existingSecret"),
    ("an Ingress without a host", {"ingress.enabled": True}, "needs a host in ingress.hosts"),
    ("a certificate for another host", {**INGRESS, "ingress.tls": [{"hosts": ["b.example.org"], "secretName": "tls"}]}, "b.example.org, which is not in ingress.hosts"),
    ("an HTTPRoute without a Gateway", {"httpRoute.enabled": True}, "needs a Gateway in httpRoute.parentRefs"),
    ("metrics behind the Ingress", {**INGRESS, "metrics.enabled": False}, "puts /metrics on the main port"),
    ("metrics behind the HTTPRoute", {**ROUTE, "metrics.enabled": False}, "puts /metrics on the main port"),
    ("one port for both", {"metrics.port": 5000}, "metrics.port and config.port are both 5000"),
    ("a page that nobody reaches", {"config.host": "127.0.0.1"}, "config.host 127.0.0.1 is the pod's own loopback"),
    ("metrics that nobody reaches", {"metrics.host": "::1"}, "metrics.host ::1 is the pod's own loopback"),
    ("a policy that cuts the store off", {**STORE, "networkPolicy.enabled": True}, "would cut the pods off from their store"),
    ("a node's port without nodes", {"service.nodePort": 30080}, "service.type is ClusterIP"),
    ("a tag that says nothing", {"image.tag": "latest"}, "does not say which build runs"),
    ("too little time to stop", {"preStopSleepSeconds": 0, "terminationGracePeriodSeconds": 14}, "it must be at least 15"),
    ("too little time to sleep and stop", {"terminationGracePeriodSeconds": 19}, "it must be at least 20"),
    ("too long a sleep", {"preStopSleepSeconds": 10}, "it must be at least 25"),
    ("a variable that the chart sets", {"extraEnv": [{"name": "STORE_URL", "value": "memory:"}]}, "extraEnv sets STORE_URL"),
    ("a setting that the chart sets", {"extraEnv": [{"name": "PORT", "value": "1"}]}, "extraEnv sets PORT"),
    ("certificates twice", {"privateCA.existingConfigMap": "ca", "extraEnv": [{"name": "SSL_CERT_FILE", "value": "/x"}]}, "extraEnv sets SSL_CERT_FILE"),
    ("alerts that nobody is told", {"alerts.rules": RULE_FILE}, "alerts.rules needs alerts.existingSecret"),
    ("somebody who is told nothing", {"alerts.existingSecret": "webhook"}, "there are no alerts.rules"),
    ("an address beside the Secret's", {"extraEnv": [{"name": "ALERT_WEBHOOK_URL", "value": "https://a"}]}, "extraEnv sets ALERT_WEBHOOK_URL"),
    ("a label of a selector", {"commonLabels": {"app.kubernetes.io/name": "x"}}, "commonLabels sets app.kubernetes.io/name"),
    ("a pod's label of a selector", {"podLabels": {"app.kubernetes.io/component": "x"}}, "podLabels sets app.kubernetes.io/component"),
    ("an alert that is not there", {"prometheusRule.enabled": True, "prometheusRule.disabledAlerts": ["Nothing"]}, "names Nothing, which is no alert"),
    ("scaling without a request", {**STORE, "autoscaling.enabled": True, "resources.requests.cpu": None}, "resources.requests.cpu is not set"),
    ("scaling by memory without a request", {**MEMORY, "resources.requests": None}, "resources.requests.memory is not set"),
    ("scaling by nothing", {**STORE, "autoscaling.enabled": True, "autoscaling.targetCPUUtilizationPercentage": 0}, "nothing to scale by"),
    ("a budget of all", {**STORE, "replicaCount": 2, "podDisruptionBudget.minAvailable": 2}, "would let no node be drained"),
    ("a budget of all, in percent", {**STORE, "replicaCount": 2, "podDisruptionBudget.minAvailable": "100%"}, "would let no node be drained"),
    ("a wildcard for another level", {**INGRESS, "ingress.tls": [{"hosts": ["*.org"]}]}, "*.org, which is not in ingress.hosts"),
    ("a class without a balancer", {"service.loadBalancerClass": "nlb"}, "service.loadBalancerClass is set, but service.type is ClusterIP"),
    ("a policy without a way in", {"service.externalTrafficPolicy": "Local"}, "service.externalTrafficPolicy is set"),
]


@pytest.mark.parametrize(("values", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(values, words):
    """What can't work is refused in words that say why."""
    with pytest.raises(Refused) as refusal:
        Manifests(values)
    assert words in str(refusal.value)


def test_all_contradictions_are_told_at_once():
    """Whoever has made three mistakes is told all three, without the password that one is about."""
    with pytest.raises(Refused) as refusal:
        Manifests({"store.url": "redis://:geheim@store", "ingress.enabled": True, "image.tag": "latest"})
    assert str(refusal.value).count("\n- ") == 3 and "geheim" not in str(refusal.value)


@pytest.mark.parametrize(
    "values",
    [
        {"store.url": "redis://store", "replicaCount": 10},
        {"store.url": "rediss://store:6380/1", "autoscaling.enabled": True},
        {"metrics.enabled": False, "metrics.port": 5000},
        {"extraEnv": [{"name": "SSL_CERT_FILE", "value": "/etc/ssl/our.pem"}]},
        {**MEMORY, "autoscaling.targetCPUUtilizationPercentage": 0, "resources.requests.cpu": None},
        {**STORE, "autoscaling.enabled": True, "autoscaling.targetCPUUtilizationPercentage": 0, "autoscaling.targetOpenStreams": 9},
        {**STORE, "replicaCount": 3, "podDisruptionBudget.minAvailable": 2},
    ],
    ids=str,
)
def test_not_refused(values):
    """What works is not refused."""
    assert Manifests(values).get("Deployment")
