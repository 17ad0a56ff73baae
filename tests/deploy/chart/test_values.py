"""Every value does what it says, is described, and is refused where it is wrong."""

import functools
import json
import re
from typing import Any

import pytest
from rendered import CHART, Manifests, Refused, at, defaults, leaves
from switches import FIXED, SAME, SWITCHES
from test_manifests import NEWEST, validate

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
#: By one of which a schema refuses what is of another type.
TYPED = {"type", "enum", "const", "anyOf", "allOf"}
#: Groups in which a user chooses the names.
FREE = re.compile(r"[lL]abels|[aA]nnotations|requests|limits|global")
#: In the schema alone: parts of Kubernetes's own objects that are empty unless somebody asks for them; and of old.
OPTIONAL = {
    *("pullSecrets", "podSecurityContext.appArmorProfile", "podSecurityContext.seLinuxOptions"),
    *("podSecurityContext.seccompProfile.localhostProfile", "podSecurityContext.supplementalGroups"),
    *("securityContext.seLinuxOptions", "httpRoute.timeouts.request", "httpRoute.timeouts.backendRequest"),
}


@pytest.mark.parametrize("switch", SWITCHES, ids=[switch[0] for switch in SWITCHES])
def test_a_switch(switch):
    """A value shows where it should, in what Kubernetes takes, and its default does not."""
    value, another, where, path, expected, besides = switch
    kind, _, suffix = where.partition(" ")
    changed = Manifests({**besides, value: another}).get(kind, suffix)
    if changed:
        validate(changed, NEWEST)
    before, after = at(Manifests(besides).get(kind, suffix), path), at(changed, path)
    if expected is SAME:
        expected = another
    if isinstance(expected, str) and after != expected:
        # Where the value is only a part of what stands there.
        before, after = json.dumps(before), json.dumps(after)
        part, gone = json.dumps(expected.removeprefix("!"))[1:-1], expected.startswith("!")
        assert (part in before, part in after) == (gone, not gone)
    else:
        assert after == expected != before


def test_no_switch_is_forgotten():
    """Every value of values.yaml has a test of its own."""
    tested = {switch[0] for switch in SWITCHES} | set(FIXED)
    assert set(leaves(defaults())) == tested


def described(schema: dict[str, Any], path: str = "") -> dict[str, str]:
    """What the schema says of each value, by its dotted path. That it is true of values.yaml Helm sees itself."""
    found = {}
    for name, entry in schema["properties"].items():
        where = f"{path}{name}"
        assert entry.get("description"), f"{where} has no description"
        assert TYPED & entry.keys(), f"{where} may be anything"
        found |= described(entry, f"{where}.") if "properties" in entry else {where: entry["description"]}
    return found


def test_unknown_values_are_refused():
    """A misspelt name is refused by Helm itself, at every level."""
    groups = {""}
    for path in {*leaves(defaults()), *OPTIONAL}:
        groups |= {path[: dot.start()] for dot in re.finditer(r"\.", path)}
    assert {"resources", "probes.startup", "httpRoute.timeouts"} < groups
    for group in groups:
        if not FREE.search(group):
            with pytest.raises(Refused, match="mispelt"):
                Manifests({f"{group}.mispelt".removeprefix("."): 1})


#: For each value what is out of its bounds.
# fmt: off
WRONG = {
    "replicaCount": [-1], "image.tag": ["a b"], "image.digest": ["sha256:abc"],
    "imagePullSecrets": [["registry"], [{"name": ""}]], "config.host": ["localhost"], "config.port": [80],
    "config.workers": [0], "config.cacheDuration": [86401], "config.apiTimeout": [301],
    "config.ratesSources": [[], ["frankfurter"], ["coingecko", "coingecko"]], "config.delistAfter": [0],
    "config.ratesReferences": [["coinbase"], ["kraken", "kraken"]], "config.krakenUrl": ["api.kraken.com"],
    "config.frankfurterUrl": ["https://a@example.org"], "config.unchangedAfter": [86401], "config.acceptOutliers": [["l b p"]],
    "config.coingeckoUrl": ["https://a.example.org/?key=1"], "config.coingeckoApiPlan": ["free"],
    "config.historyDays": [3651], "config.historyBackfill": ["91d", "30", ""],
    "config.basePath": ["rates", "", "/rates/", "/a//b", "/a/../b", "/.", "/a?b", "/{a}"],
    "config.frameAncestors": [["*"], ["https://a.example.org/page"], ["https://a;script-src"]],
    "config.appVersion": ["1.0 beta"], "config.logFormat": ["xml"], "extraEnv": [[{"value": "nameless"}]],
    "extraEnvFrom": [[{}], [{"secret": "more"}]], "extraVolumes": [[{"emptyDir": {}}]],
    "alerts.rules": [80_000], "alerts.existingSecret": ["Web_hook"], "alerts.webhookUrlKey": ["", "a b"],
    "alerts.webhookSecretKey": ["a b"], "hostAliases": [[{"hostnames": ["a.example.org"]}]], "store.url": ["memcached://store"],
    "persistence.size": ["much"], "persistence.accessModes": [[]], "valkey.maxmemory": ["64Mi"],
    "metrics.port": [70000], "serviceMonitor.interval": ["30"], "prometheusRule.runbookUrl": ["docs/runbook.md"],
    "service.type": ["ExternalName"], "service.ipFamilyPolicy": ["DualStack"],
    "service.loadBalancerSourceRanges": [["203.0.113.7"]], "ingress.hosts": [["https://rates.example.org"]],
    "ingress.tls": [[{"hosts": []}]], "httpRoute.parentRefs": [[{"namespace": "nameless"}]],
    "autoscaling.minReplicas": [0], "autoscaling.targetOpenStreams": [-1, 10001], "autoscaling.behavior.scaleUp.policies": [[{"type": "Pods"}]],
    "podDisruptionBudget.maxUnavailable": [0, "0%"],
    "networkPolicy.prometheus": [[{}], [{"ipblock": {"cidr": "10.0.0.0/8"}}]],
    "podSecurityContext.runAsNonRoot": [False], "podSecurityContext.runAsUser": [0],
    "securityContext.allowPrivilegeEscalation": [True], "securityContext.runAsNonRoot": [False],
    "securityContext.capabilities.drop": [["NET_RAW"]], "securityContext.capabilities.add": [["NET_ADMIN"]],
    "securityContext.privileged": [True], "podAntiAffinity": ["soft"], "topologySpread.whenUnsatisfiable": ["Never"],
}
# fmt: on


@pytest.mark.parametrize("value", WRONG)
def test_wrong_values_are_refused(value):
    """A value out of its bounds is refused before anything is made."""
    for wrong in WRONG[value]:
        with pytest.raises(Refused):
            Manifests({value: wrong})


def test_the_readme_has_every_value():
    """The chart's README has a row for each value that the schema knows, with its default and its description."""
    table = (CHART / "README.md").read_text().split("\n## Values\n")[1]
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.+ \| .+) \|$", table, re.MULTILINE))
    # Whose parts are described, and empty unless somebody asks for them.
    timeouts = SCHEMA["properties"]["httpRoute"]["properties"]["timeouts"]["description"]
    known, expected, values = described(SCHEMA) | {"httpRoute.timeouts": timeouts}, {}, defaults()
    for path in known.keys() - OPTIONAL:
        default = functools.reduce(lambda group, name: group[name], path.split("."), values)
        text = json.dumps(default, ensure_ascii=False).replace("|", "\\|")
        long = isinstance(default, (dict, list)) and len(text) > 60
        expected[path] = ("see values.yaml" if long else f"`{text}`") + f" | {known[path]}"
    assert rows == expected and known.keys() >= OPTIONAL
    # Kubernetes's own, lists of closed ones, and numbers: all others let no unknown name in.
    open_ones = {name for name, each in SCHEMA["definitions"].items() if each.get("additionalProperties") is None}
    assert open_ones == {"parts", "peers", "quantity"}
