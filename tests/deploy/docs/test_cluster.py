"""What the pages do to a cluster, by both Helms and their kubectls, against the API of clients/kube_api.py."""

import json
import re
import subprocess

import pytest
from pages import ROOT, pages

PAGES = [page for page in pages() if any(fence.info == ["sh", "cluster"] for fence in page.fences)]
INSTALL = "helm upgrade --install crypto-rates charts/crypto-rates --namespace rates"
#: The store that is asked about, if any is.
STORES = {
    "persistentvolumeclaim/crypto-rates": "persistence.enabled=true",
    "statefulset/": "replicaCount=2,valkey.enabled=true,valkey.auth.existingSecret=crypto-rates-valkey",
}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_in_a_cluster(page, helm, cluster, tmp_path):
    """The page's commands, one after the other, install, test, upgrade, roll back and look at the release"""
    (tmp_path / "charts").symlink_to(ROOT / "charts")
    (tmp_path / "coingecko-api-key.txt").write_text("CG-not-a-key")
    (tmp_path / "store-url.txt").write_text("rediss://crypto-rates:password@redis.example.org:6380/0")
    blocks = [fence.text for fence in page.fences if fence.info == ["sh", "cluster"]]
    # The reader's own files, as the page shows them.
    for fence in page.fences:
        if fence.info[:1] == ["yaml"] and fence.info[1:] not in ([], ["values"]):
            (tmp_path / f"{fence.info[1]}.yaml").write_text(fence.text)

    def run(script: str, given: str = "") -> str:
        # What grep finds there is nothing to us, what kubectl says is.
        command = ["bash", "-euo", "pipefail", "-c", f'grep() {{ command grep "$@" || :; }}\n{script}']
        env = cluster.env(helm)
        done = subprocess.run(command, input=given, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    if "--install" not in blocks[0]:
        named = re.compile(r"(?<=\s)(?:service|deployment|statefulset|persistentvolumeclaim)/\S+")
        unrun = [name for fence in page.fences if fence.info == ["sh", "not-run"] for name in named.findall(fence.text)]
        (store,) = {values for part, values in STORES.items() if any(name.startswith(part) for name in unrun)}
        for more in ("", ",config.historyDays=31"):
            run(f"{INSTALL} --create-namespace --set {store}{more}")
        # No pods come of a Deployment here.
        template = cluster.get("Deployment", "crypto-rates", "rates")["spec"]["template"]
        metadata = {**template["metadata"], "name": "crypto-rates-1"}
        pod = {"apiVersion": "v1", "kind": "Pod", "spec": template["spec"], "metadata": metadata}
        run("kubectl create --namespace rates --filename -", json.dumps(pod))
        # What is asked of a cluster and not run is there under that name.
        run(f"kubectl --namespace rates get {' '.join(unrun)}")
    for text in blocks:
        said = run(text)
        assert "No resources found" not in said and "not found" not in said, f"{text}: {said}"
    assert "deployed" in run("helm status crypto-rates --namespace rates")
    named = set(re.findall(r"secret generic (\S+)", "".join(blocks)))
    assert named <= set(cluster.names("Secret")), "each Secret is there under its name"
