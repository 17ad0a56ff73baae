"""Who reaches what: Services, Ingress, HTTPRoute, NetworkPolicies; and how many replicas there are."""

import ipaddress

import pytest
from rendered import STORE, VALKEY, Manifests, at, every_rendering

POLICY = {"networkPolicy.enabled": True}
INGRESS = {"ingress.enabled": True, "ingress.hosts": ["a.example.org", "b.example.org"]}
STORE_PEER = [{"ipBlock": {"cidr": "10.20.0.0/16"}}]


def rules(manifests, direction, suffix=""):
    """Each peer of a policy with the ports that it may use."""
    found = []
    for rule in manifests.get("NetworkPolicy", suffix)["spec"][direction]:
        peers = rule["from" if direction == "ingress" else "to"]
        assert peers, "an empty list of peers lets everybody through"
        found.append((peers, [port["port"] for port in rule["ports"]]))
    return found


def component(name):
    labels = {"app.kubernetes.io/name": "crypto-rates", "app.kubernetes.io/instance": "crypto-rates"}
    return [{"podSelector": {"matchLabels": {**labels, "app.kubernetes.io/component": name}}}]


def peer(namespace, pods):
    return [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            "podSelector": {"matchLabels": pods},
        }
    ]


def test_services_find_their_pods():
    """Every Service selects the pods that it is for, by ports that these pods have."""
    for name, manifests in every_rendering().items():
        templates = [
            document["spec"]["template"] for document in manifests.all if "template" in document.get("spec", {})
        ]
        for service in (document for document in manifests.all if document["kind"] == "Service"):
            selector = service["spec"]["selector"].items()
            (pod,) = [each for each in templates if selector <= each["metadata"]["labels"].items()]
            ports = {port["name"] for port in at(pod, "spec containers 0 ports")}
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports, name


def test_metrics_are_out_of_reach():
    """The public Service, Ingress and HTTPRoute lead to the main port alone; metrics stay in the cluster."""
    manifests = Manifests(
        {
            **INGRESS,
            "service.type": "LoadBalancer",
            "httpRoute.enabled": True,
            "httpRoute.parentRefs": [{"name": "gateway"}],
        }
    )
    assert [port["targetPort"] for port in manifests.get("Service")["spec"]["ports"]] == ["http"]
    assert at(manifests.get("Service", "-metrics"), "spec type") == "ClusterIP"
    assert at(manifests.get("HTTPRoute"), "spec rules 0 backendRefs") == [{"name": "crypto-rates", "port": 80}]
    for rule in manifests.get("Ingress")["spec"]["rules"]:
        assert at(rule, "http paths 0 backend service") == {"name": "crypto-rates", "port": {"name": "http"}}


def test_ingress():
    """The Ingress has each host with the whole page, and no class of its own choice."""
    ingress = Manifests(INGRESS).get("Ingress")["spec"]
    assert [rule["host"] for rule in ingress["rules"]] == ["a.example.org", "b.example.org"]
    assert all(at(rule, "http paths 0 pathType") == "Prefix" for rule in ingress["rules"])
    assert "ingressClassName" not in ingress and "tls" not in ingress


def test_policy_in():
    """The NetworkPolicy lets in the ingress controller to the page, Prometheus to the metrics, and `helm test`."""
    assert rules(Manifests(POLICY), "ingress") == [
        (peer("ingress-nginx", {"app.kubernetes.io/name": "ingress-nginx"}), [5000]),
        (peer("monitoring", {"app.kubernetes.io/name": "prometheus"}), [9090]),
        (component("test"), [5000, 9090]),
    ]


def test_policy_out():
    """The NetworkPolicy lets out to DNS and to the Internet's port 443, and to nothing else."""
    dns, upstreams = rules(Manifests(POLICY), "egress")
    assert dns == (peer("kube-system", {"k8s-app": "kube-dns"}) + [{"ipBlock": {"cidr": "169.254.20.10/32"}}], [53, 53])
    assert upstreams[1] == [443]


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("104.18.0.1", True),
        ("2606:4700::1", True),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        # Where clouds hand out credentials.
        ("169.254.169.254", False),
        ("fd00:ec2::254", False),
        ("fe80::1", False),
    ],
)
def test_policy_keeps_inner_networks_out(address, allowed):
    """The way to the upstreams leads to public addresses, not to private networks or a cloud's metadata."""
    peers, _ = rules(Manifests(POLICY), "egress")[1]
    address = ipaddress.ip_address(address)

    def inside(cidr):
        network = ipaddress.ip_network(cidr)
        return network.version == address.version and address in network

    blocks = [peer["ipBlock"] for peer in peers]
    reached = any(inside(block["cidr"]) and not any(map(inside, block["except"])) for block in blocks)
    assert reached is allowed


def test_policy_and_the_store():
    """The way to the store is to the bundled Valkey, or to what you name, and only where there is one."""
    assert rules(Manifests({**POLICY, **VALKEY}), "egress")[2:] == [(component("valkey"), [6379])]
    values = {**POLICY, **STORE, "networkPolicy.store.to": STORE_PEER, "networkPolicy.store.port": 6380}
    assert rules(Manifests(values), "egress")[2:] == [(STORE_PEER, [6380])]
    assert len(rules(Manifests({**POLICY, "networkPolicy.store.to": STORE_PEER}), "egress")) == 2


def test_policy_of_valkey():
    """Only the server reaches Valkey, and Valkey reaches nothing."""
    manifests = Manifests({**POLICY, **VALKEY})
    assert rules(manifests, "ingress", "-valkey") == [(component("server"), [6379])]
    assert rules(manifests, "egress", "-valkey") == []


def test_policy_of_the_tests():
    """The pods of `helm test` reach DNS and the server, and nobody reaches them."""
    manifests = Manifests(POLICY)
    assert rules(manifests, "ingress", "-test") == []
    assert rules(manifests, "egress", "-test")[1:] == [(component("server"), [5000, 9090])]


def test_policies_select_their_pods():
    """Each NetworkPolicy covers both ways, and selects the pods that it is for and no others."""
    manifests = Manifests({**POLICY, **VALKEY})
    templates = {
        pod["kind"]: at(pod, "spec template metadata labels")
        for pod in manifests.all
        if "template" in pod.get("spec", {})
    }
    for suffix, kinds in [("", ["Deployment"]), ("-valkey", ["StatefulSet"]), ("-test", [])]:
        policy = manifests.get("NetworkPolicy", suffix)["spec"]
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        selector = policy["podSelector"]["matchLabels"].items()
        assert [kind for kind, labels in templates.items() if selector <= labels.items()] == kinds


def test_nobody_means_nobody():
    """An empty list of peers closes a way; it never opens it for all."""
    values = {f"networkPolicy.{name}": [] for name in ["ingressController", "prometheus", "dns.to", "upstreams.to"]}
    manifests = Manifests({**POLICY, **values, "tests.enabled": False})
    assert rules(manifests, "ingress") == [] and rules(manifests, "egress") == []


def test_metrics_on_the_main_port():
    """Without a port of their own, metrics are on the main port, for Prometheus, its policy and its monitor."""
    manifests = Manifests({**POLICY, "metrics.enabled": False, "serviceMonitor.enabled": True})
    assert [ports for _, ports in rules(manifests, "ingress")] == [[5000], [5000], [5000]]
    assert manifests.get("Service", "-metrics") is None
    monitor = manifests.get("ServiceMonitor")["spec"]
    assert monitor["endpoints"][0]["port"] == "http"
    assert monitor["selector"]["matchLabels"].items() <= manifests.get("Service")["metadata"]["labels"].items()


def test_scaling():
    """The HPA goes from 2 to 10 by CPU, up fast and down slowly, and then the Deployment names no number."""
    manifests = Manifests({**STORE, "autoscaling.enabled": True})
    scaler = manifests.get("HorizontalPodAutoscaler")
    assert scaler["apiVersion"] == "autoscaling/v2"
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (2, 10)
    assert scaler["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "crypto-rates"}
    up, down = at(scaler, "spec behavior scaleUp"), at(scaler, "spec behavior scaleDown")
    assert up["stabilizationWindowSeconds"] == 0 and down["stabilizationWindowSeconds"] == 300
    assert down["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 60}]
    assert "replicas" not in manifests.get("Deployment")["spec"]


def test_disruptions():
    """A drain takes one replica at a time; a single one has no budget, which would hold the drain up for ever."""
    budget = Manifests({**STORE, "replicaCount": 2}).get("PodDisruptionBudget")["spec"]
    assert budget["maxUnavailable"] == 1 and budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert Manifests({**STORE, "autoscaling.enabled": True}).get("PodDisruptionBudget")
    assert (
        Manifests({**STORE, "autoscaling.enabled": True, "autoscaling.minReplicas": 1}).get("PodDisruptionBudget")
        is None
    )
    assert Manifests().get("PodDisruptionBudget") is None


def test_updates():
    """An update takes no replica away before another is ready."""
    assert at(Manifests().get("Deployment"), "spec strategy rollingUpdate") == {"maxSurge": 1, "maxUnavailable": 0}
