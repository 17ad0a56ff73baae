"""Who reaches what: Services and NetworkPolicies."""

import ipaddress

import pytest
from rendered import STORE, VALKEY, Manifests, at, every_rendering

POLICY = {"networkPolicy.enabled": True}


def rules(manifests, direction, suffix=""):
    """Each peer of a policy with the ports that it may use."""
    way = "from" if direction == "ingress" else "to"
    found = manifests.get("NetworkPolicy", suffix)["spec"][direction]
    assert all(rule[way] for rule in found), "an empty list of peers lets everybody through"
    return [(rule[way], [port["port"] for port in rule["ports"]]) for rule in found]


def component(name):
    labels = {"app.kubernetes.io/name": "crypto-rates", "app.kubernetes.io/instance": "crypto-rates"}
    return [{"podSelector": {"matchLabels": {**labels, "app.kubernetes.io/component": name}}}]


def peer(namespace, pods):
    named = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    return [{"namespaceSelector": named, "podSelector": {"matchLabels": pods}}]


DNS = peer("kube-system", {"k8s-app": "kube-dns"}) + [{"ipBlock": {"cidr": "169.254.20.10/32"}}]
ENTRY = (peer("traefik", {"app.kubernetes.io/name": "traefik"}), [5000])
SCRAPE = (peer("monitoring", {"app.kubernetes.io/name": "prometheus"}), [9090])
STORE_PEER = {"networkPolicy.store.to": [{"ipBlock": {"cidr": "10.20.0.0/16"}}], "networkPolicy.store.port": 6380}
NOBODY = {f"networkPolicy.{name}": [] for name in ["ingressController", "prometheus", "dns.to", "upstreams.to"]}
CLOSED = {**NOBODY, "tests.enabled": False}
#: Values, the policy of which pods, who comes in, where they get out; the upstreams, 0 or 1, are below by address.
WAYS = [
    ({}, "", 1, [ENTRY, SCRAPE, (component("test"), [5000, 9090])], [(DNS, [53, 53])]),
    (STORE_PEER, "", 1, [ENTRY, SCRAPE, (component("test"), [5000, 9090])], [(DNS, [53, 53])]),
    ({**STORE, **STORE_PEER, **CLOSED}, "", 0, [], [(STORE_PEER["networkPolicy.store.to"], [6380])]),
    ({**VALKEY, **CLOSED}, "", 0, [], [(component("valkey"), [6379])]),
    (VALKEY, "-valkey", 0, [(component("server"), [6379])], []),
    ({}, "-test", 0, [], [(DNS, [53, 53]), (component("server"), [5000, 9090])]),
    # An empty list of peers closes a way; it never opens it for all.
    (CLOSED, "", 0, [], []),
]


@pytest.mark.parametrize(("values", "suffix", "upstreams", "come_in", "go_out"), WAYS, ids=str)
def test_policies(values, suffix, upstreams, come_in, go_out):
    """In come Gateway, Prometheus and `helm test`; out go DNS, the upstreams and the store; all else is dropped."""
    manifests = Manifests({**POLICY, **values})
    assert rules(manifests, "ingress", suffix) == come_in
    found = rules(manifests, "egress", suffix)
    assert found[: len(found) - upstreams] == go_out


def test_policy_keeps_inner_networks_out():
    """The way out leads to DNS and port 443 of public addresses, not to private networks or a cloud's metadata."""
    dns, (peers, ports) = rules(Manifests(POLICY), "egress")
    assert dns == (DNS, [53, 53]) and ports == [443]
    blocks = [peer["ipBlock"] for peer in peers]

    def reached(address):
        inside = lambda cidr: ipaddress.ip_address(address) in ipaddress.ip_network(cidr)  # noqa: E731
        return any(inside(block["cidr"]) and not any(map(inside, block["except"])) for block in blocks)

    public = ["104.18.0.1", "2606:4700::1"]
    private = ["10.0.0.1", "100.64.0.1", "172.16.0.1", "192.168.1.1", "fe80::1"]
    credentials_of_clouds = ["169.254.169.254", "fd00:ec2::254"]
    assert [each for each in public + private + credentials_of_clouds if reached(each)] == public


def test_selected_pods():
    """Services, monitors and policies select what they are for, by labels and by ports; policies go both ways."""
    for name, manifests in every_rendering().items():
        templates = {each["kind"]: each["spec"]["template"] for each in manifests.all if at(each, "spec template")}
        services = [document for document in manifests.all if document["kind"] == "Service"]
        for service in services:
            selector = service["spec"]["selector"].items()
            (pod,) = [each for each in templates.values() if selector <= each["metadata"]["labels"].items()]
            ports = {port["name"] for port in at(pod, "spec containers 0 ports")}
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports, name
        if monitor := manifests.get("ServiceMonitor"):
            selector = at(monitor, "spec selector matchLabels").items()
            (scraped,) = [each["spec"] for each in services if selector <= each["metadata"]["labels"].items()]
            assert at(monitor, "spec endpoints 0 port") in {port["name"] for port in scraped["ports"]}, name
        for suffix, kinds in [("", ["Deployment"]), ("-valkey", ["StatefulSet"]), ("-test", [])]:
            if policy := manifests.get("NetworkPolicy", suffix):
                assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
                selector = policy["spec"]["podSelector"]["matchLabels"].items()
                selected = [kind for kind, each in templates.items() if selector <= each["metadata"]["labels"].items()]
                assert selected == kinds, (name, suffix)
