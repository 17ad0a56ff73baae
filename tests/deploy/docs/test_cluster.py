"""What the pages do to a cluster, by both Helms and their kubectls, against the API of clients/kube_api.py."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(Path(__file__).parent))

from pages import pages  # noqa: E402

PAGES = [page for page in pages() if any(fence.info == ["sh", "cluster"] for fence in page.fences)]
INSTALL = "helm upgrade --install crypto-rates charts/crypto-rates --namespace rates --create-namespace --wait"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_in_a_cluster(page, helm, cluster, tmp_path):
    """The page's commands, one after the other, install, test, upgrade, roll back the release, and make its Secrets"""
    (tmp_path / "charts").symlink_to(ROOT / "charts")
    (tmp_path / "coingecko-api-key.txt").write_text("CG-not-a-key")
    (tmp_path / "store-url.txt").write_text("rediss://crypto-rates:password@redis.example.org:6380/0")
    blocks = [fence for fence in page.fences if fence.info == ["sh", "cluster"]]
    # The reader's own files, as the page shows them, and values that it explains.
    values = [fence for fence in page.fences if fence.info[:1] == ["yaml"] and fence.info[1:] not in ([], ["values"])]
    for fence in values:
        (tmp_path / f"{fence.info[1]}.yaml").write_text(fence.text)

    def run(script: str) -> str:
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(command, cwd=tmp_path, env=cluster.env(helm), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
        return done.stdout

    if INSTALL.partition(" charts")[0] not in blocks[0].text:
        run(INSTALL)
        run(f"{INSTALL} --set config.historyDays=31")
    for fence in blocks:
        run(fence.text)
    assert "deployed" in run("helm status crypto-rates --namespace rates")
    named = {word for fence in blocks for word in fence.text.split() if word.startswith("crypto-rates-")}
    assert named <= set(cluster.names("Secret")), "each Secret is there under its name"
