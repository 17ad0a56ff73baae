"""Every value of the chart, another one for it, and where that must show.

(value, another, where, path, what must be there, values that it needs besides)

`where` is a kind and what follows the release's name; `path` are words, see rendered.at. SAME: what must
be there is the value itself. GONE: nothing may be there any more.
"""

import re

from rendered import STORE, VALKEY

SAME, GONE = object(), None

CLAIM, DEPLOYMENT, HPA, NETWORK = "PersistentVolumeClaim", "Deployment", "HorizontalPodAutoscaler", "NetworkPolicy"
MONITORING, RULES = "ServiceMonitor", "PrometheusRule"
STATEFUL, BOARD = "StatefulSet -valkey", "ConfigMap -dashboard-service"
POD = "spec template spec"
SERVER = f"{POD} containers 0"
SECRET = f"{SERVER} env 0 valueFrom secretKeyRef"
CLAIMED = "spec volumeClaimTemplates 0 spec"
SPREAD = f"{POD} topologySpreadConstraints"
INGRESS = {"ingress.enabled": True, "ingress.hosts": ["rates.example.org"]}
ROUTE = {"httpRoute.enabled": True, "httpRoute.parentRefs": [{"name": "gateway"}]}
SCALING = {**STORE, "autoscaling.enabled": True}
VOLUME = {"persistence.enabled": True}
POLICY = {"networkPolicy.enabled": True}
BALANCER = {"service.type": "LoadBalancer"}
MONITOR = {"serviceMonitor.enabled": True}
RULE = {"prometheusRule.enabled": True}
BOARDS = {"dashboards.enabled": True}
KEY = {"coingeckoApiKey.existingSecret": "coingecko"}
RULE_FILE = """[[alert]]\nname = "a"\nbase = "btc"\nquote = "usd"\nabove = 80_000\n"""
ALERTS = {"alerts.rules": RULE_FILE, "alerts.existingSecret": "webhook"}
LIMIT = {"type": "ExtensionRef", "extensionRef": {"group": "traefik.io", "kind": "Middleware", "name": "limit"}}
TARGET = {"type": "AverageValue", "averageValue": "500"}
METRIC = {"type": "Pods", "pods": {"metric": {"name": "requests"}, "target": TARGET}}
STREAMS = {"metric": {"name": "crypto_app_streams"}, "target": {"type": "AverageValue", "averageValue": "4000"}}
PEER = [{"podSelector": {"matchLabels": {"app": "other"}}}]
DIGEST = "sha256:" + "ab" * 32

CONFIG = {
    **{"host": "::", "workers": 4, "cacheDuration": 600, "apiTimeout": 5, "delistAfter": 3600, "unchangedAfter": 600},
    **{"ratesSources": ["coinbase", "coingecko"], "acceptOutliers": ["lbp", "vef"], "historyDays": 7, "historyBackfill": "7d"},
    **{"coingeckoUrl": "https://a.example.org/v3", "coinbaseUrl": "https://b.example.org/v2"},
    **{"krakenUrl": "https://c.example.org", "frankfurterUrl": "https://d.example.org/v2", "ratesReferences": ["kraken"]},
    **{"coingeckoApiPlan": "pro", "basePath": "/rates", "frameAncestors": ["self", "https://a.example.org"]},
    **{"appVersion": "canary", "rustLog": "debug", "logFormat": "text"},
}


def variable(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).upper()


def said(value):
    """As a variable."""
    return SAME if isinstance(value, str) else ",".join(value) if isinstance(value, list) else str(value)


SWITCHES = [
    ("global.imageRegistry", "mirror.example.org", STATEFUL, f"{SERVER} image", "mirror.example.org/valkey/valkey:9.1.1", {**VALKEY, "image.registry": "registry.example.org"}),
    ("global.imagePullSecrets", ["mirror", {"name": "other"}], DEPLOYMENT, f"{POD} imagePullSecrets", [{"name": "mirror"}, {"name": "other"}, {"name": "registry"}], {"imagePullSecrets": [{"name": "registry"}, {"name": "other"}]}),
    ("nameOverride", "rates", DEPLOYMENT, "spec selector matchLabels app.kubernetes.io/name", SAME, {}),
    ("fullnameOverride", "crypto-rates-eu", "Deployment -eu", "metadata name", SAME, {}),
    ("commonLabels", {"team": "rates"}, "Service", "metadata labels team", "rates", {}),
    ("commonAnnotations", {"note": "kept"}, "Pod -test-ready", "metadata annotations note", "kept", {}),
    ("image.registry", "registry.example.org:5000", DEPLOYMENT, f"{SERVER} image", "registry.example.org:5000/crypto-rates:0.1.0", {}),
    ("image.repository", "rates/server", DEPLOYMENT, f"{SERVER} image", "rates/server:0.1.0", {}),
    ("image.tag", "0.2.0", DEPLOYMENT, f"{SERVER} image", "crypto-rates:0.2.0", {}),
    ("image.digest", DIGEST, DEPLOYMENT, f"{SERVER} image", f"crypto-rates:0.1.0@{DIGEST}", {}),
    ("image.pullPolicy", "Always", DEPLOYMENT, f"{SERVER} imagePullPolicy", SAME, {}),
    ("imagePullSecrets", [{"name": "registry"}], STATEFUL, f"{POD} imagePullSecrets", SAME, VALKEY),
    ("replicaCount", 3, DEPLOYMENT, "spec replicas", SAME, STORE),
    ("config.port", 8080, DEPLOYMENT, f"{SERVER} ports 0 containerPort", SAME, {}),
    *((f"config.{name}", other, "ConfigMap", f"data {variable(name)}", said(other), {}) for name, other in CONFIG.items()),
    ("extraEnv", [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}], DEPLOYMENT, f"{SERVER} env", SAME, {}),
    ("extraEnvFrom", [{"secretRef": {"name": "more"}}], DEPLOYMENT, f"{SERVER} envFrom 0 secretRef name", "more", {}),
    ("coingeckoApiKey.existingSecret", "coingecko", DEPLOYMENT, f"{SECRET} name", SAME, {}),
    ("coingeckoApiKey.existingSecretKey", "key", DEPLOYMENT, f"{SECRET} key", SAME, KEY),
    ("alerts.rules", RULE_FILE.replace("80_000", "90_000"), "ConfigMap -alerts", "data alerts.toml", SAME, ALERTS),
    ("alerts.existingSecret", "other", DEPLOYMENT, f"{SECRET} name", SAME, ALERTS),
    ("alerts.webhookUrlKey", "url", DEPLOYMENT, f"{SECRET} key", SAME, ALERTS),
    ("alerts.webhookSecretKey", "secret", DEPLOYMENT, f"{SERVER} env 1 valueFrom secretKeyRef key", SAME, ALERTS),
    ("store.url", "redis://store:6379/1", "ConfigMap", "data STORE_URL", SAME, {}),
    ("store.existingSecret", "store-url", DEPLOYMENT, f"{SECRET} name", SAME, {}),
    ("store.existingSecretKey", "url", DEPLOYMENT, f"{SECRET} key", SAME, STORE),
    ("store.sizeLimit", "1Gi", DEPLOYMENT, f"{POD} volumes 0 emptyDir sizeLimit", SAME, {}),
    ("persistence.enabled", True, DEPLOYMENT, f"{POD} volumes 0 persistentVolumeClaim claimName", "crypto-rates", {}),
    ("persistence.existingClaim", "rates", DEPLOYMENT, f"{POD} volumes 0 persistentVolumeClaim claimName", SAME, VOLUME),
    ("persistence.storageClass", "fast", CLAIM, "spec storageClassName", SAME, VOLUME),
    ("persistence.accessModes", ["ReadWriteOncePod"], CLAIM, "spec accessModes", SAME, VOLUME),
    ("persistence.size", "5Gi", CLAIM, "spec resources requests storage", SAME, VOLUME),
    ("persistence.retain", False, CLAIM, "metadata annotations helm.sh/resource-policy", GONE, VOLUME),
    ("persistence.annotations", {"backup": "daily"}, CLAIM, "metadata annotations backup", "daily", VOLUME),
    ("valkey.enabled", True, STATEFUL, "spec replicas", 1, {"valkey.auth.existingSecret": "password"}),
    ("valkey.image.registry", "mirror.example.org", STATEFUL, f"{SERVER} image", "mirror.example.org/valkey/valkey:9.1.1", VALKEY),
    ("valkey.image.repository", "valkey", STATEFUL, f"{SERVER} image", "docker.io/valkey:9.1.1", VALKEY),
    ("valkey.image.tag", "8.1.4", STATEFUL, f"{SERVER} image", "docker.io/valkey/valkey:8.1.4", VALKEY),
    ("valkey.image.digest", DIGEST, STATEFUL, f"{SERVER} image", f"docker.io/valkey/valkey:9.1.1@{DIGEST}", VALKEY),
    ("valkey.image.pullPolicy", "Always", STATEFUL, f"{SERVER} imagePullPolicy", SAME, VALKEY),
    ("valkey.auth.existingSecret", "other", STATEFUL, f"{SECRET} name", SAME, VALKEY),
    ("valkey.auth.existingSecretKey", "secret", STATEFUL, f"{SECRET} key", SAME, VALKEY),
    ("valkey.maxmemory", "32mb", "ConfigMap -valkey", "data valkey.conf", "maxmemory 32mb\n", VALKEY),
    ("valkey.persistence.enabled", False, STATEFUL, "spec volumeClaimTemplates", GONE, VALKEY),
    ("valkey.persistence.enabled", False, "ConfigMap -valkey", "data valkey.conf", "appendonly no\n", VALKEY),
    ("valkey.persistence.storageClass", "fast", STATEFUL, f"{CLAIMED} storageClassName", SAME, VALKEY),
    ("valkey.persistence.size", "2Gi", STATEFUL, f"{CLAIMED} resources requests storage", SAME, VALKEY),
    *(
        (f"{prefix}resources.{what}", other, where, f"{SERVER} resources {what.replace('.', ' ')}", SAME, besides)
        for prefix, where, besides in [("valkey.", STATEFUL, VALKEY), ("", DEPLOYMENT, {})]
        for what, other in {"requests.cpu": "100m", "requests.memory": "48Mi", "limits.memory": "256Mi"}.items()
    ),
    ("privateCA.existingConfigMap", "our-ca", DEPLOYMENT, f"{POD} volumes 1 configMap name", SAME, {}),
    ("privateCA.imageBundle", "/certs.pem", DEPLOYMENT, f"{SERVER} env 0 value", SAME, {"privateCA.existingConfigMap": "our-ca"}),
    ("metrics.enabled", False, "ConfigMap", "data METRICS_ADDR", GONE, {}),
    ("metrics.host", "::", "ConfigMap", "data METRICS_ADDR", "[::]:9090", {}),
    ("metrics.port", 9100, "Service -metrics", "spec ports 0 port", SAME, {}),
    ("serviceMonitor.enabled", True, "ServiceMonitor", "kind", "ServiceMonitor", {}),
    ("serviceMonitor.interval", "15s", MONITORING, "spec endpoints 0 interval", SAME, MONITOR),
    ("serviceMonitor.scrapeTimeout", "5s", MONITORING, "spec endpoints 0 scrapeTimeout", SAME, MONITOR),
    ("serviceMonitor.namespace", "monitoring", MONITORING, "metadata namespace", SAME, MONITOR),
    ("serviceMonitor.labels", {"release": "monitoring"}, MONITORING, "metadata labels release", "monitoring", MONITOR),
    ("serviceMonitor.relabelings", [{"targetLabel": "team", "replacement": "rates"}], MONITORING, "spec endpoints 0 relabelings 2 targetLabel", "team", MONITOR),
    ("serviceMonitor.metricRelabelings", [{"action": "labeldrop", "regex": "le"}], MONITORING, "spec endpoints 0 metricRelabelings", SAME, MONITOR),
    ("prometheusRule.enabled", True, "PrometheusRule", "kind", "PrometheusRule", {}),
    ("prometheusRule.namespace", "monitoring", RULES, "metadata namespace", SAME, RULE),
    ("prometheusRule.labels", {"release": "monitoring"}, RULES, "metadata labels release", "monitoring", RULE),
    ("prometheusRule.runbookUrl", "https://docs.example.org/operations", RULES, "spec groups", "https://docs.example.org/operations#", RULE),
    ("prometheusRule.backupSchedule", "nightly-rates", RULES, "spec groups", "nightly-rates", RULE),
    ("prometheusRule.disabledAlerts", ["CryptoRatesPanics"], RULES, "spec groups", "!CryptoRatesPanics", RULE),
    ("prometheusRule.additionalAlertLabels", {"team": "rates-on-call"}, RULES, "spec groups", "rates-on-call", RULE),
    ("dashboards.enabled", True, BOARD, "kind", "ConfigMap", {}),
    ("dashboards.cluster", True, "ConfigMap -dashboard-cluster", "kind", "ConfigMap", {}),
    ("dashboards.namespace", "grafana", BOARD, "metadata namespace", SAME, BOARDS),
    ("dashboards.label", "board", BOARD, "metadata labels board", "1", BOARDS),
    ("dashboards.labelValue", "yes", BOARD, "metadata labels grafana_dashboard", SAME, BOARDS),
    ("dashboards.folderAnnotation", "folder", BOARD, "metadata annotations folder", "Crypto Rates", BOARDS),
    ("dashboards.folder", "Rates", BOARD, "metadata annotations grafana_folder", SAME, BOARDS),
    ("service.type", "LoadBalancer", "Service", "spec type", SAME, {}),
    ("service.port", 8080, "Service", "spec ports 0 port", SAME, {}),
    ("service.nodePort", 30080, "Service", "spec ports 0 nodePort", SAME, {"service.type": "NodePort"}),
    ("service.trafficDistribution", "PreferClose", "Service", "spec trafficDistribution", SAME, {}),
    ("service.ipFamilyPolicy", "PreferDualStack", "Service -metrics", "spec ipFamilyPolicy", SAME, {}),
    ("service.ipFamilies", ["IPv6", "IPv4"], "Service", "spec ipFamilies", SAME, {}),
    ("service.loadBalancerClass", "service.k8s.aws/nlb", "Service", "spec loadBalancerClass", SAME, BALANCER),
    ("service.loadBalancerSourceRanges", ["203.0.113.0/24"], "Service", "spec loadBalancerSourceRanges", SAME, BALANCER),
    ("service.externalTrafficPolicy", "Local", "Service", "spec externalTrafficPolicy", SAME, BALANCER),
    ("service.annotations", {"note": "kept"}, "Service", "metadata annotations note", "kept", {}),
    ("ingress.enabled", True, "Ingress", "spec rules 0 http paths 0 path", "/", {"ingress.hosts": ["rates.example.org"]}),
    ("ingress.className", "traefik", "Ingress", "spec ingressClassName", SAME, INGRESS),
    ("ingress.hosts", ["a.example.org"], "Ingress", "spec rules 0 host", "a.example.org", INGRESS),
    ("ingress.tls", [{"hosts": ["rates.example.org"], "secretName": "tls"}], "Ingress", "spec tls", SAME, INGRESS),
    ("ingress.annotations", {"note": "kept"}, "Ingress", "metadata annotations note", "kept", INGRESS),
    ("httpRoute.enabled", True, "HTTPRoute", "spec rules 0 matches 0 path value", "/", {"httpRoute.parentRefs": [{"name": "gateway"}]}),
    ("httpRoute.parentRefs", [{"name": "other", "namespace": "gateways"}], "HTTPRoute", "spec parentRefs", SAME, ROUTE),
    ("httpRoute.hostnames", ["rates.example.org"], "HTTPRoute", "spec hostnames", SAME, ROUTE),
    ("httpRoute.filters", [LIMIT], "HTTPRoute", "spec rules 0 filters", SAME, ROUTE),
    ("httpRoute.timeouts", {"request": "10s"}, "HTTPRoute", "spec rules 0 timeouts", SAME, ROUTE),
    ("httpRoute.annotations", {"note": "kept"}, "HTTPRoute", "metadata annotations note", "kept", ROUTE),
    ("autoscaling.enabled", True, HPA, "spec scaleTargetRef name", "crypto-rates", STORE),
    ("autoscaling.minReplicas", 3, HPA, "spec minReplicas", SAME, SCALING),
    ("autoscaling.maxReplicas", 5, HPA, "spec maxReplicas", SAME, SCALING),
    ("autoscaling.targetCPUUtilizationPercentage", 60, HPA, "spec metrics 0 resource target averageUtilization", SAME, SCALING),
    ("autoscaling.targetMemoryUtilizationPercentage", 70, HPA, "spec metrics 1 resource target averageUtilization", SAME, SCALING),
    ("autoscaling.targetOpenStreams", 4000, HPA, "spec metrics 1 pods", STREAMS, SCALING),
    ("autoscaling.extraMetrics", [METRIC], HPA, "spec metrics 1", METRIC, SCALING),
    *(
        (f"autoscaling.behavior.{way}.{name}", other, HPA, f"spec behavior {way} {name}", SAME, SCALING)
        for way in ["scaleUp", "scaleDown"]
        for name, other in [
            ("stabilizationWindowSeconds", 42),
            ("selectPolicy", "Min"),
            ("policies", [{"type": "Pods", "value": 7, "periodSeconds": 9}]),
        ]
    ),
    ("podDisruptionBudget.enabled", False, "PodDisruptionBudget", "kind", GONE, {**STORE, "replicaCount": 2}),
    ("podDisruptionBudget.maxUnavailable", "50%", "PodDisruptionBudget", "spec maxUnavailable", SAME, {**STORE, "replicaCount": 2}),
    ("podDisruptionBudget.minAvailable", "50%", "PodDisruptionBudget", "spec minAvailable", SAME, {**STORE, "replicaCount": 2}),
    ("rollingUpdate.maxSurge", "50%", DEPLOYMENT, "spec strategy rollingUpdate maxSurge", SAME, {}),
    ("rollingUpdate.maxUnavailable", 1, DEPLOYMENT, "spec strategy rollingUpdate maxUnavailable", SAME, {}),
    ("revisionHistoryLimit", 2, DEPLOYMENT, "spec revisionHistoryLimit", SAME, {}),
    ("networkPolicy.enabled", True, NETWORK, "kind", NETWORK, {}),
    ("networkPolicy.ingressController", PEER, NETWORK, "spec ingress 0 from", SAME, POLICY),
    ("networkPolicy.prometheus", PEER, NETWORK, "spec ingress 1 from", SAME, POLICY),
    ("networkPolicy.dns.to", PEER, NETWORK, "spec egress 0 to", SAME, POLICY),
    ("networkPolicy.dns.port", 5353, NETWORK, "spec egress 0 ports 0 port", SAME, POLICY),
    ("networkPolicy.upstreams.to", PEER, NETWORK, "spec egress 1 to", SAME, POLICY),
    ("networkPolicy.upstreams.port", 8443, NETWORK, "spec egress 1 ports 0 port", SAME, POLICY),
    ("networkPolicy.store.to", PEER, NETWORK, "spec egress 2 to", SAME, {**POLICY, **STORE, "networkPolicy.store.to": [{"podSelector": {}}]}),
    ("networkPolicy.store.port", 6380, NETWORK, "spec egress 2 ports 0 port", SAME, {**POLICY, **STORE, "networkPolicy.store.to": PEER}),
    ("networkPolicy.extraIngress", [{"from": PEER}], NETWORK, "spec ingress 3 from", PEER, POLICY),
    ("networkPolicy.extraEgress", [{"to": PEER}], NETWORK, "spec egress 2 to", PEER, POLICY),
    ("serviceAccount.create", False, DEPLOYMENT, f"{POD} serviceAccountName", "default", {}),
    ("serviceAccount.name", "other", DEPLOYMENT, f"{POD} serviceAccountName", SAME, {}),
    ("serviceAccount.annotations", {"note": "kept"}, "ServiceAccount", "metadata annotations note", "kept", {}),
    *(
        (f"podSecurityContext.{name}", other, DEPLOYMENT, f"{POD} securityContext {name}", SAME, {})
        for name, other in dict(runAsUser=2000, runAsGroup=2000, fsGroup=2000, fsGroupChangePolicy="Always").items()
    ),
    ("podSecurityContext.seccompProfile.type", "Localhost", DEPLOYMENT, f"{POD} securityContext seccompProfile type", SAME, {}),
    ("securityContext.readOnlyRootFilesystem", False, DEPLOYMENT, f"{SERVER} securityContext readOnlyRootFilesystem", SAME, {}),
    ("securityContext.capabilities.drop", ["ALL", "NET_RAW"], DEPLOYMENT, f"{SERVER} securityContext capabilities drop", SAME, {}),
    *(
        (f"probes.{probe}.{name}", 42, DEPLOYMENT, f"{SERVER} {probe}Probe {name}", SAME, {})
        for probe in ["startup", "liveness", "readiness"]
        for name in ["periodSeconds", "timeoutSeconds", "failureThreshold"]
    ),
    ("preStopSleepSeconds", 2, DEPLOYMENT, f"{SERVER} lifecycle preStop sleep seconds", SAME, {}),
    ("terminationGracePeriodSeconds", 45, DEPLOYMENT, f"{POD} terminationGracePeriodSeconds", SAME, {}),
    ("affinity", {"nodeAffinity": {}}, DEPLOYMENT, f"{POD} affinity", SAME, {}),
    ("topologySpread.enabled", False, DEPLOYMENT, SPREAD, GONE, {}),
    ("topologySpread.maxSkew", 2, DEPLOYMENT, f"{SPREAD} 0 maxSkew", SAME, {}),
    ("topologySpread.whenUnsatisfiable", "DoNotSchedule", DEPLOYMENT, f"{SPREAD} 1 whenUnsatisfiable", SAME, {}),
    ("topologySpread.topologyKeys", ["rack"], DEPLOYMENT, f"{SPREAD} 0 topologyKey", "rack", {}),
    ("topologySpreadConstraints", [{"topologyKey": "rack", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}], DEPLOYMENT, SPREAD, SAME, {}),
    ("nodeSelector", {"disk": "fast"}, DEPLOYMENT, f"{POD} nodeSelector", SAME, {}),
    ("tolerations", [{"operator": "Exists"}], DEPLOYMENT, f"{POD} tolerations", SAME, {}),
    ("priorityClassName", "high", DEPLOYMENT, f"{POD} priorityClassName", SAME, {}),
    ("podLabels", {"tier": "front"}, DEPLOYMENT, "spec template metadata labels tier", "front", {}),
    ("podAnnotations", {"note": "kept"}, DEPLOYMENT, "spec template metadata annotations note", "kept", {}),
    ("deploymentAnnotations", {"reloader.stakater.com/auto": "true"}, DEPLOYMENT, "metadata annotations", SAME, {}),
    ("dnsConfig", {"options": [{"name": "ndots", "value": "1"}]}, STATEFUL, f"{POD} dnsConfig", SAME, VALKEY),
    ("hostAliases", [{"ip": "192.0.2.7", "hostnames": ["redis.example.org"]}], DEPLOYMENT, f"{POD} hostAliases", SAME, {}),
    ("extraVolumes", [{"name": "more", "emptyDir": {}}], DEPLOYMENT, f"{POD} volumes 1", {"name": "more", "emptyDir": {}}, {}),
    ("extraVolumeMounts", [{"name": "more", "mountPath": "/more"}], DEPLOYMENT, f"{SERVER} volumeMounts 1 mountPath", "/more", {}),
    ("initContainers", [{"name": "first", "image": "first:1"}], DEPLOYMENT, f"{POD} initContainers", SAME, {}),
    ("sidecars", [{"name": "beside", "image": "beside:1"}], DEPLOYMENT, f"{POD} containers 1 name", "beside", {}),
    ("extraObjects", [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-more"}}], "ConfigMap -more", "kind", "ConfigMap", {}),
    ("tests.enabled", False, "Pod -test-ready", "kind", GONE, {}),
]

#: Values of which there is only one: the schema refuses every other.
FIXED = ["podSecurityContext.runAsNonRoot", "securityContext.runAsNonRoot", "securityContext.allowPrivilegeEscalation"]
