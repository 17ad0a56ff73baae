"""The chart as it is handed on, by the oldest and the newest Helm: lint, package, rendering, examples, headers."""

import os
import re
import subprocess
import tarfile

import models
import pytest
import yaml
from rendered import CHART, COMBINATIONS, FILES, NAME, NAMESPACE, Manifests, at, documents, nested

PLACE = [NAME, "--namespace", NAMESPACE]


@pytest.fixture
def run(helm, tmp_path, root):
    """Runs that Helm in the checkout, without a cluster, and gives what it said."""

    def run(*words, code: int = 0) -> str:
        env = {**os.environ, "HOME": str(tmp_path), "KUBECONFIG": str(tmp_path / "none")}
        command = [str(word) for word in (helm, *words)]
        done = subprocess.run(command, cwd=root, env=env, text=True, capture_output=True, timeout=60)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + (done.stderr if code else "")

    return run


def made(text: str) -> list[dict]:
    """The manifests, in an order of their own: Helm's depends on its version."""
    found = documents({"": text})
    return sorted(found, key=lambda each: (each["kind"], each["metadata"]["name"]))


def test_package(run, tmp_path):
    """Each Helm finds no fault, packs what is needed and no tests, and renders the same from folder and package."""
    for name in FILES:
        run("lint", "--strict", CHART, "--values", CHART / f"values-{name}.yaml")
    run("package", CHART, "--destination", tmp_path)
    (package,) = tmp_path.glob("*.tgz")
    with tarfile.open(package) as archive:
        names = {name.removeprefix("crypto-rates/") for name in archive.getnames()}
    rest = {name for name in names if not name.startswith(("templates/", "dashboards/"))}
    values = {"values.yaml", "values.schema.json", *(f"values-{name}.yaml" for name in FILES)}
    rules = {f"rules/{name}.yaml" for name in ("alerts", "recording", "backup")}
    assert rest == {"Chart.yaml", "README.md", ".helmignore", *rules, *values}
    assert package.stat().st_size < 100_000
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(nested(COMBINATIONS["everything"])))
    folder, packed = (
        made(run("template", *PLACE, chart, "--values", tmp_path / "values.yaml")) for chart in (CHART, package)
    )
    # As the library renders that the other tests ask.
    texts = Manifests(COMBINATIONS["everything"]).texts
    assert folder == packed == made("\n---\n".join(text for path, text in texts.items() if path.endswith(".yaml")))


def test_versions_of_kubernetes(run, root):
    """The chart takes Kubernetes from 1.30 on, with what providers append, and Helm from 3.15 on: it says so."""
    run("template", CHART)
    for version, code in {"1.29.9": 1, "1.30.0": 0, "1.33.5-gke.1000": 0, "1.37.0+k3s1": 0}.items():
        run("template", CHART, "--kube-version", version, code=code)
    client = run("version", "--short")
    assert client.startswith(("v3.15.", "v4."))
    for page in (CHART / "README.md", root / "docs/deployment.md"):
        assert "Helm 3.15 or later" in page.read_text(), page


def test_another_version_is_a_switch_of_the_package(run, tmp_path, root):
    """`helm package --app-version` is all that a release needs: tag and label follow it; until then it is Cargo's."""
    run("package", CHART, "--destination", tmp_path, "--version", "1.2.3", "--app-version", "1.2.3")
    found = made(run("template", *PLACE, tmp_path / "crypto-rates-1.2.3.tgz"))
    (spec,) = [each["spec"] for each in found if each["kind"] == "Deployment"]
    assert spec["template"]["spec"]["containers"][0]["image"] == "crypto-rates:1.2.3"
    assert spec["template"]["metadata"]["labels"]["app.kubernetes.io/version"] == "1.2.3"
    assert spec["selector"] == Manifests().get("Deployment")["spec"]["selector"]
    version = re.search(r'^version = "(.+)"', (root / "Cargo.toml").read_text(), re.MULTILINE)[1]
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == version


def test_examples(run, root, tmp_path):
    """Argo CD's Application and Flux's HelmRelease are what they know, and render; so are the external Secrets."""
    examples = {
        each["kind"]: each
        for file in sorted((CHART / "examples").glob("*.yaml"))
        for each in yaml.safe_load_all(file.read_text())
    }
    assert set(examples) == {"Application", "GitRepository", "HelmRelease", "ExternalSecret"}
    secrets = list(yaml.safe_load_all((CHART / "examples/external-secrets.yaml").read_text()))
    assert models.problems([*examples.values(), *secrets], tmp_path) == []
    argo, flux = examples["Application"]["spec"], examples["HelmRelease"]["spec"]
    assert argo["source"]["targetRevision"] == examples["GitRepository"]["spec"]["ref"]["tag"]
    asked = [
        (root / argo["source"]["path"], argo["source"]["helm"]["valueFiles"], argo["source"]["helm"]["valuesObject"]),
        (root / flux["chart"]["spec"]["chart"], flux["chart"]["spec"]["valuesFiles"], flux["values"]),
    ]
    for folder, files, values in asked:
        (tmp_path / "own.yaml").write_text(yaml.safe_dump(values))
        paths = [root / file if file.startswith("./") else folder / file for file in files]
        options = [word for path in [*paths, tmp_path / "own.yaml"] for word in ("--values", path)]
        found = {each["kind"]: each for each in made(run("template", NAME, folder, "-n", "production", *options))}
        (container,) = found["Deployment"]["spec"]["template"]["spec"]["containers"]
        assert container["image"].startswith("registry.example.org/team/crypto-rates:")
        # The Secrets that it needs are those that the example makes.
        needed = {each["valueFrom"]["secretKeyRef"]["name"] for each in container["env"] if "valueFrom" in each}
        assert needed == {each["metadata"]["name"] for each in secrets}
        assert {each["metadata"]["namespace"] for each in secrets} == {"production"}


def test_headers_of_the_files(root):
    """The commands at the top of each values file are those of docs/deployment.md, and show no secret to others."""

    def joined(text: str) -> str:
        return re.sub(r"\s+", " ", text.replace("\\\n", " ")).strip()

    page = joined((root / "docs/deployment.md").read_text())
    for name in FILES:
        header = (CHART / f"values-{name}.yaml").read_text().split("\n\n")[0].replace("\n#", "\n")
        commands = re.findall(r"^   (?:.*\\\n)*.*", header, re.MULTILINE)
        assert commands, name
        for part in (part for command in commands for part in joined(command).split(" # or: ")):
            assert part in page, (name, part)
    assert "from-literal" not in "".join(file.read_text() for file in CHART.rglob("*") if file.is_file())


def test_replicas_of_the_files():
    """Development has one replica, staging two, production two to ten."""
    scaled = Manifests.of_file("production").get("HorizontalPodAutoscaler")["spec"]
    assert (scaled["minReplicas"], scaled["maxReplicas"]) == (2, 10)
    found = {name: at(Manifests.of_file(name).get("Deployment"), "spec replicas") for name in FILES}
    assert found == {"development": 1, "staging": 2, "production": None}


EVERYTHING, GATEWAY = COMBINATIONS["everything"], COMBINATIONS["gateway"]
NOTES = {
    "port-forward service/crypto-rates 5000:80": {},
    "helm --namespace rates test crypto-rates": {},
    "a file in the pod": {},
    "No NetworkPolicy": {},
    "http://127.0.0.1:5000/rates while": {"config.basePath": "/rates"},
    "a file on a volume": {"persistence.enabled": True},
    "Store: memory": {"store.url": "memory:"},
    "the Valkey of this release": EVERYTHING,
    "https://a.example.org/rates/": EVERYTHING,
    "Store: yours": GATEWAY,
    "The page, by the Gateway:\n  rates.example.org": GATEWAY,
    "get service crypto-rates --watch": {"service.type": "LoadBalancer"},
    "shows an example of 2026-06-01": {"config.ratesSources": ["coingecko", "sample"]},
    "nobody is served": {"replicaCount": 0},
    "pullSecrets is of old": {"pullSecrets": ["registry"]},
}


@pytest.mark.parametrize("words", NOTES)
def test_notes(words):
    """The notes say how to reach the page, how to test it, and what kind of store the rates are in."""
    assert words in Manifests(NOTES[words]).notes
    assert not NOTES[words] or words not in Manifests().notes
    assert "No NetworkPolicy" not in Manifests(EVERYTHING).notes
