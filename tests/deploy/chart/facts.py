"""What stands where with which values: what it proves, the values, then (where, path, what is there).

`where` and `path` are as in switches.py.
"""

from rendered import STORE, VALKEY
from switches import ALERTS, CLAIM, CLAIMED, DEPLOYMENT, HPA, INGRESS, MONITOR, MONITORING, POD, POLICY, ROUTE
from switches import SCALING, SERVER, SPREAD, STATEFUL, VOLUME

BELOW = {**INGRESS, **ROUTE, **MONITOR, "config.basePath": "/rates"}
ONE_PORT = {**MONITOR, **POLICY, "config.basePath": "/rates", "metrics.enabled": False}
STORED, RESTART, RULED = "data STORE_URL", "spec strategy", "spec rules 0 http paths 0"
RELEASE = {"app.kubernetes.io/name": "crypto-rates", "app.kubernetes.io/instance": "crypto-rates"}
SELECTED = {**RELEASE, "app.kubernetes.io/component": "server"}

NO_USERS = {f"podSecurityContext.{name}": None for name in ["runAsUser", "runAsGroup", "fsGroup"]}
KEPT = {"runAsNonRoot": True, "fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": {"type": "RuntimeDefault"}}
TESTED = "spec containers 0 args 1"
BUDGET = "PodDisruptionBudget"

FACTS = {
    "rates are in a bounded file of the pod, which outlives its container": (
        {},
        ("ConfigMap", STORED, "file:///data"),
        (DEPLOYMENT, f"{SERVER} volumeMounts", [{"name": "data", "mountPath": "/data"}]),
        (DEPLOYMENT, f"{POD} volumes", [{"name": "data", "emptyDir": {"sizeLimit": "256Mi"}}]),
        (DEPLOYMENT, f"{RESTART} type", "RollingUpdate"),
    ),
    "on a volume the old pod goes before the new one comes, and the claim outlives the release": (
        VOLUME,
        ("ConfigMap", STORED, "file:///data"),
        (DEPLOYMENT, f"{POD} securityContext fsGroup", 1000),
        (DEPLOYMENT, RESTART, {"type": "Recreate"}),
        (CLAIM, "spec", {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}),
        (CLAIM, "metadata annotations", {"helm.sh/resource-policy": "keep"}),
    ),
    "a claim that exists is used, and none is made": (
        {**VOLUME, "persistence.existingClaim": "rates"},
        (CLAIM, "kind", None),
    ),
    **{
        f"with a shared store, and with memory, the server's pod has no volume: {values}": (
            values,
            (DEPLOYMENT, f"{POD} volumes", None),
            (DEPLOYMENT, f"{SERVER} volumeMounts", None),
        )
        for values in [VALKEY, STORE, {"store.url": "redis://store"}, {"store.url": "memory:"}]
    },
    "Kubernetes puts the password, named first, into the address of the bundled Valkey": (
        VALKEY,
        (DEPLOYMENT, f"{SERVER} env 0 name", "VALKEY_PASSWORD"),
        (DEPLOYMENT, f"{SERVER} env 0 valueFrom secretKeyRef", {"name": "valkey-password", "key": "password"}),
        (DEPLOYMENT, f"{SERVER} env 1 name", "STORE_URL"),
        (DEPLOYMENT, f"{SERVER} env 1 value", "redis://crypto-rates:$(VALKEY_PASSWORD)@crypto-rates-valkey:6379"),
        ("Service -valkey", "spec ports 0 port", 6379),
        (STATEFUL, f"{SERVER} ports 0", {"name": "valkey", "containerPort": 6379, "protocol": "TCP"}),
        # In no argument of a process.
        (STATEFUL, f"{SERVER} command", ["sh", "/etc/valkey/start.sh"]),
        (STATEFUL, f"{SERVER} args", None),
        (STATEFUL, f"{CLAIMED} accessModes", ["ReadWriteOnce"]),
    ),
    "without a volume Valkey's history is in the pod": (
        {**VALKEY, "valkey.persistence.enabled": False},
        (STATEFUL, f"{POD} volumes 1", {"name": "data", "emptyDir": {"sizeLimit": "1Gi"}}),
    ),
    "startup and liveness ask /health/live, readiness /health/ready": (
        {},
        (DEPLOYMENT, f"{SERVER} startupProbe httpGet", {"path": "/health/live", "port": "http"}),
        # Where no flood of visitors stands in front of it.
        (DEPLOYMENT, f"{SERVER} livenessProbe httpGet", {"path": "/health/live", "port": "metrics"}),
        (DEPLOYMENT, f"{SERVER} readinessProbe httpGet", {"path": "/health/ready", "port": "http"}),
    ),
    # Of probes and `helm test` test_running.py sees it.
    "below a path the ways in lead there, but not to the metrics' own port": (
        BELOW,
        ("ConfigMap", "data BASE_PATH", "/rates"),
        ("Ingress", f"{RULED} path", "/rates"),
        ("HTTPRoute", "spec rules 0 matches 0 path value", "/rates"),
        (MONITORING, "spec endpoints 0 path", "/metrics"),
        # The operator's label of that name would hide the program's own.
        (MONITORING, "spec endpoints 0 relabelings 0", {"action": "labeldrop", "regex": "endpoint"}),
    ),
    "without a port of their own, metrics are on the main port, for probe, policy, monitor, test": (
        ONE_PORT,
        (DEPLOYMENT, f"{SERVER} livenessProbe httpGet", {"path": "/rates/health/live", "port": "http"}),
        ("Service -metrics", "kind", None),
        (MONITORING, "spec endpoints 0 port", "http"),
        (MONITORING, "spec endpoints 0 path", "/rates/metrics"),
        (MONITORING, "spec selector matchLabels", SELECTED),
        ("NetworkPolicy", "spec ingress 1 ports", [{"protocol": "TCP", "port": 5000}]),
        ("NetworkPolicy", "spec ingress 2 ports", [{"protocol": "TCP", "port": 5000}]),
        ("Pod -test-metrics", TESTED, "http://crypto-rates:80/rates/metrics"),
    ),
    # That there are four, and that they succeed, is seen by real Helms in clients, and in test_running.py.
    "`helm test` asks by the server's own image, without a command of its own, and at the Service's port": (
        {"image.registry": "registry.example.org", "image.tag": "9.9.9", "service.port": 8080},
        ("Pod -test-api", "metadata annotations helm.sh/hook", "test"),
        ("Pod -test-api", "spec containers 0 image", "registry.example.org/crypto-rates:9.9.9"),
        ("Pod -test-api", "spec containers 0 command", None),
        ("Pod -test-api", "spec containers 0 args", ["--health", "http://crypto-rates:8080/api/rates"]),
        ("Pod -test-page", TESTED, "http://crypto-rates:8080/"),
        ("Pod -test-ready", TESTED, "http://crypto-rates:8080/health/ready"),
    ),
    "preStop's sleep of 0 is none": ({"preStopSleepSeconds": 0}, (DEPLOYMENT, f"{SERVER} lifecycle", None)),
    "one setting has page and metrics listen on IPv6": (
        {"config.host": "::"},
        ("ConfigMap", "data HOST", "::"),
        ("ConfigMap", "data METRICS_ADDR", "[::]:9090"),
    ),
    "a private authority is trusted besides the public ones": (
        {"privateCA.existingConfigMap": "our-ca"},
        (DEPLOYMENT, f"{SERVER} env 0", {"name": "SSL_CERT_FILE", "value": "/etc/ssl/certs/ca-certificates.crt"}),
        (DEPLOYMENT, f"{SERVER} env 1", {"name": "SSL_CERT_DIR", "value": "/etc/crypto-rates/ca"}),
        (DEPLOYMENT, f"{SERVER} volumeMounts 1 mountPath", "/etc/crypto-rates/ca"),
    ),
    "rules of alerts are a file that the server reads, and the address comes from the Secret": (
        {**ALERTS, **STORE, "alerts.webhookSecretKey": "secret"},
        ("ConfigMap", "data ALERT_RULES", "/etc/crypto-rates/alerts/alerts.toml"),
        (DEPLOYMENT, f"{SERVER} volumeMounts 0", {"name": "alerts", "mountPath": "/etc/crypto-rates/alerts", "readOnly": True}),
        (DEPLOYMENT, f"{POD} volumes", [{"name": "alerts", "configMap": {"name": "crypto-rates-alerts"}}]),
        (DEPLOYMENT, f"{SERVER} env 0 name", "ALERT_WEBHOOK_URL"),
        (DEPLOYMENT, f"{SERVER} env 0 valueFrom secretKeyRef", {"name": "webhook", "key": "ALERT_WEBHOOK_URL"}),
        (DEPLOYMENT, f"{SERVER} env 1 name", "ALERT_WEBHOOK_SECRET"),
        (DEPLOYMENT, f"{SERVER} env 1 valueFrom secretKeyRef", {"name": "webhook", "key": "secret"}),
    ),
    "without rules the server is told nothing of alerts": (
        {},
        ("ConfigMap", "data ALERT_RULES", None),
        ("ConfigMap -alerts", "kind", None),
    ),
    "the public ways in lead to the main port alone; metrics stay in the cluster": (
        BELOW,
        ("Service", "spec ports 0 targetPort", "http"),
        ("Service", "spec ports 1", None),
        ("Service -metrics", "spec type", "ClusterIP"),
        ("HTTPRoute", "spec rules 0 backendRefs", [{"name": "crypto-rates", "port": 80}]),
        ("Ingress", f"{RULED} backend service", {"name": "crypto-rates", "port": {"name": "http"}}),
        ("Ingress", f"{RULED} pathType", "Prefix"),
        ("Ingress", "spec ingressClassName", None),
        ("Ingress", "spec tls", None),
    ),
    "the autoscaler alone says how many there are, by CPU; a drain takes one at a time, and any that is not ready": (
        SCALING,
        (HPA, "spec metrics 0 resource name", "cpu"),
        (HPA, "spec metrics 1", None),
        (HPA, "spec scaleTargetRef", {"apiVersion": "apps/v1", "kind": DEPLOYMENT, "name": "crypto-rates"}),
        (DEPLOYMENT, "spec replicas", None),
        (BUDGET, "spec maxUnavailable", 1),
        (BUDGET, "spec unhealthyPodEvictionPolicy", "AlwaysAllow"),
    ),
    "pods of one revision are spread over zones and over nodes": (
        {**STORE, "replicaCount": 3},
        (DEPLOYMENT, f"{SPREAD} 0 topologyKey", "topology.kubernetes.io/zone"),
        (DEPLOYMENT, f"{SPREAD} 1 topologyKey", "kubernetes.io/hostname"),
        *((DEPLOYMENT, f"{SPREAD} {each} labelSelector matchLabels", SELECTED) for each in range(2)),
        *((DEPLOYMENT, f"{SPREAD} {each} matchLabelKeys", ["pod-template-hash"]) for each in range(2)),
    ),
    "a single replica has no budget, which would hold a drain up for ever": ({}, (BUDGET, "kind", None)),
    "nor has one that may be single": ({**SCALING, "autoscaling.minReplicas": 1}, (BUDGET, "kind", None)),
    "an update adds a pod before it takes one": ({}, (DEPLOYMENT, f"{RESTART} rollingUpdate maxUnavailable", 0)),
    "none run while a store is restored": ({"replicaCount": 0}, (DEPLOYMENT, "spec replicas", 0)),
    "OpenShift may choose users: null takes the chart's away": (NO_USERS, (DEPLOYMENT, f"{POD} securityContext", KEPT)),
    "names of old still pull": (
        {"pullSecrets": ["old"], "imagePullSecrets": [{"name": "new"}]},
        (DEPLOYMENT, f"{POD} imagePullSecrets", [{"name": "new"}, {"name": "old"}]),
    ),
}
