"""Every value does what it says, is described, and is refused where it is wrong."""

import json
import re
from typing import Any

import helm_python as helm
import jsonschema
import pytest
from rendered import CHART, FILES, Manifests, Refused, at, chart, defaults, leaves, nested, render_raw, values_file
from switches import FIXED, SAME, SWITCHES

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
#: Groups in which a user chooses the names.
FREE = re.compile(r"[lL]abels|annotations|Annotations|affinity|nodeSelector|extraEnv|timeouts|requests|limits|global")


@pytest.mark.parametrize("switch", SWITCHES, ids=[switch[0] for switch in SWITCHES])
def test_a_switch(switch):
    """A value shows where it should, and its default does not."""
    value, another, where, path, expected, besides = switch
    kind, _, suffix = where.partition(" ")
    before = at(Manifests(besides).get(kind, suffix), path)
    after = at(Manifests({**besides, value: another}).get(kind, suffix), path)
    if expected is SAME:
        expected = another
    if isinstance(expected, str) and after != expected and expected is not None:
        # Where the value is only a part of what stands there.
        before, after = json.dumps(before), json.dumps(after)
        if expected.startswith("!"):
            assert expected[1:] in before and expected[1:] not in after
        else:
            part = json.dumps(expected)[1:-1]
            assert part in after and part not in before
    else:
        assert after == expected
        assert before != expected


def test_no_switch_is_forgotten():
    """Every value of values.yaml has a test of its own."""
    tested = {switch[0] for switch in SWITCHES} | set(FIXED)
    assert set(leaves(defaults())) == tested


def test_every_value_is_in_the_schema():
    """values.schema.json describes every value, and every group of them, and knows no others."""

    def described(schema: dict[str, Any], values: dict[str, Any], path: str) -> None:
        for name, value in values.items():
            entry = schema["properties"].get(name)
            assert entry, f"{path}{name} is not in the schema"
            assert entry.get("description"), f"{path}{name} has no description"
            if isinstance(value, dict) and "properties" in entry:
                described(entry, value, f"{path}{name}.")

    described(SCHEMA, defaults(), "")

    def closed(schema: dict[str, Any], path: str) -> None:
        if "properties" in schema:
            assert schema["additionalProperties"] is False, f"{path} lets unknown names in"
        for name, entry in schema.get("properties", {}).items():
            closed(entry, f"{path}.{name}")

    closed(SCHEMA, "values")
    for name, definition in SCHEMA["definitions"].items():
        closed(definition, name)


def test_the_schema_and_the_defaults_agree():
    """The schema accepts the defaults and every values file, and knows no value that values.yaml lacks."""
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(defaults(), SCHEMA)
    for name in FILES:
        chart().validate_schema(values_file(name))

    def names(schema: dict[str, Any], path: str) -> set[str]:
        found = set()
        for name, entry in schema["properties"].items():
            found |= names(entry, f"{path}{name}.") if "properties" in entry else {path + name}
        return found

    # Parts of Kubernetes's own objects that are empty unless somebody asks for them.
    optional = {
        "global",
        "httpRoute.timeouts.request",
        "httpRoute.timeouts.backendRequest",
        "podSecurityContext.appArmorProfile",
        "podSecurityContext.seLinuxOptions",
        "podSecurityContext.seccompProfile.localhostProfile",
        "podSecurityContext.supplementalGroups",
        "securityContext.seLinuxOptions",
    }
    values = set(leaves(defaults()))
    for name in names(SCHEMA, ""):
        known = name in values or any(value.startswith(f"{name}.") for value in values)
        assert known or name in optional, f"{name} is in the schema alone"


def test_unknown_values_are_refused():
    """A misspelt name is refused at every level, by Helm itself."""
    groups = {""} | {path.rsplit(".", 1)[0] for path in leaves(defaults()) if "." in path}
    for group in sorted(groups):
        if FREE.search(group):
            continue
        path = f"{group}.mispelt" if group else "mispelt"
        with pytest.raises(helm.HelmError, match="mispelt"):
            chart().validate_schema(nested({path: 1}))
    with pytest.raises(Refused, match="mispelt"):
        render_raw({"mispelt": 1})


def test_values_of_a_wrong_type_are_refused():
    """Each value refuses what is of another type."""
    whole = jsonschema.Draft7Validator(SCHEMA)
    for path, value in leaves(defaults()).items():
        schema = SCHEMA
        for name in path.split("."):
            schema = schema.get("properties", {}).get(name) or schema["allOf"][0]
            if "$ref" in schema:
                schema = SCHEMA["definitions"][schema["$ref"].rsplit("/", 1)[1]]["properties"][name]
        wrong: list[Any] = [["text", 1] if isinstance(value, (dict, list)) else [{"a": 1}]]
        wrong.append("text" if isinstance(value, (bool, int)) else True)
        for other in wrong:
            assert not whole.evolve(schema=schema).is_valid(other), f"{path} may be {other!r}"


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("replicaCount", 0),
        ("image.tag", "a b"),
        ("image.digest", "sha256:abc"),
        ("config.host", "localhost"),
        ("config.port", 80),
        ("config.workers", 0),
        ("config.cacheDuration", 86401),
        ("config.apiTimeout", 301),
        ("config.ratesSources", []),
        ("config.ratesSources", ["kraken"]),
        ("config.ratesSources", ["coingecko", "coingecko"]),
        ("config.delistAfter", 0),
        ("config.unchangedAfter", 86401),
        ("config.acceptOutliers", ["l b p"]),
        ("config.coingeckoUrl", "https://a.example.org/?key=1"),
        ("config.coingeckoApiPlan", "free"),
        ("config.historyDays", 3651),
        ("config.basePath", "rates"),
        ("config.basePath", ""),
        ("config.basePath", "/rates/"),
        ("config.basePath", "/a//b"),
        ("config.basePath", "/a/../b"),
        ("config.basePath", "/."),
        ("config.basePath", "/a?b"),
        ("config.basePath", "/{a}"),
        ("config.frameAncestors", ["*"]),
        ("config.frameAncestors", ["https://a.example.org/page"]),
        ("config.frameAncestors", ["https://a;script-src"]),
        ("config.appVersion", "1.0 beta"),
        ("config.logFormat", "xml"),
        ("extraEnv", [{"value": "nameless"}]),
        ("store.url", "memcached://store"),
        ("persistence.size", "much"),
        ("persistence.accessModes", []),
        ("valkey.maxmemory", "64Mi"),
        ("metrics.port", 70000),
        ("serviceMonitor.interval", "30"),
        ("prometheusRule.runbookUrl", "docs/runbook.md"),
        ("service.type", "ExternalName"),
        ("ingress.hosts", ["https://rates.example.org"]),
        ("ingress.tls", [{"hosts": []}]),
        ("httpRoute.parentRefs", [{"namespace": "nameless"}]),
        ("autoscaling.minReplicas", 0),
        ("autoscaling.behavior.scaleUp.policies", [{"type": "Pods"}]),
        ("podDisruptionBudget.maxUnavailable", 0),
        ("podDisruptionBudget.maxUnavailable", "0%"),
        ("networkPolicy.prometheus", [{}]),
        ("networkPolicy.prometheus", [{"ipblock": {"cidr": "10.0.0.0/8"}}]),
        ("podSecurityContext.runAsNonRoot", False),
        ("podSecurityContext.runAsUser", 0),
        ("securityContext.allowPrivilegeEscalation", True),
        ("securityContext.runAsNonRoot", False),
        ("securityContext.capabilities.drop", ["NET_RAW"]),
        ("securityContext.capabilities.add", ["NET_ADMIN"]),
        ("securityContext.privileged", True),
        ("podAntiAffinity", "strong"),
        ("topologySpread.whenUnsatisfiable", "Never"),
    ],
)
def test_wrong_values_are_refused(value, wrong):
    """A value out of its bounds is refused before anything is made."""
    with pytest.raises(Refused):
        Manifests({value: wrong})


def test_the_readme_has_every_value():
    """The chart's README has a row for each value, with its default and the schema's description."""
    table = (CHART / "README.md").read_text().split("\n## Values\n")[1]
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.+ \| .+) \|$", table, re.MULTILINE))
    values = defaults()
    expected = {}
    for path in readme_values(SCHEMA, values, ""):
        default, schema = values, SCHEMA
        for name in path.split("."):
            default, schema = default[name], schema["properties"][name]
        text = json.dumps(default, ensure_ascii=False).replace("|", "\\|")
        long = isinstance(default, (dict, list)) and len(text) > 60
        expected[path] = ("see values.yaml" if long else f"`{text}`") + f" | {schema['description']}"
    assert rows == expected


def readme_values(schema: dict[str, Any], values: dict[str, Any], path: str) -> list[str]:
    """A group with a schema of its own has a row for each member, anything else has one row."""
    found = []
    for name, value in values.items():
        entry = schema["properties"][name]
        if isinstance(value, dict) and value and "properties" in entry:
            found += readme_values(entry, value, f"{path}{name}.")
        else:
            found.append(path + name)
    return found


def test_null_takes_a_default_away():
    """OpenShift can give user and groups itself: null takes the chart's away."""
    users = {f"podSecurityContext.{name}": None for name in ["runAsUser", "runAsGroup", "fsGroup"]}
    context = at(Manifests(users).pod(), "spec securityContext")
    assert context == {
        "runAsNonRoot": True,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
