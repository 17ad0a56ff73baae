"""What the deployment checks share: where things are, and a report that says what was proved.

The first line of a test's docstring is the statement that it proves; the report prints it as proved,
broken or skipped (with the reason). A skipped check never counts as passed.
"""

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent / "clients"), str(ROOT / "benches")]
import harness  # noqa: E402
import kube_api  # noqa: E402

#: What people and pipelines set for production: what to publish, where to deploy, with which passwords, and how
#: the service runs there. A check that took any of it over would be about another machine, or log in to it.
PRODUCTION = set("""
    CHARTS ENVIRONMENT GH_TOKEN GITHUB_ENV GITHUB_OUTPUT GITHUB_TOKEN HELM_VALUES IMAGE IMAGE_REPOSITORY INVENTORY LOAD
    NAMESPACE NOTIFY_MAIL NOTIFY_SLACK PUBLISH PULL_SECRET REGISTRY
    REGISTRY_CA REGISTRY_PASSWORD REGISTRY_USER RELEASE SLACK_WEBHOOK SOURCE TAG URL VALUES
    ACCEPT_OUTLIERS ALERT_RULES ALERT_WEBHOOK_SECRET ALERT_WEBHOOK_URL API_TIMEOUT APP_VERSION BASE_PATH
    CACHE_DURATION COINBASE_URL COINGECKO_API_KEY COINGECKO_API_PLAN COINGECKO_URL DELIST_AFTER FRAME_ANCESTORS
    FRANKFURTER_URL HISTORY_BACKFILL HISTORY_DAYS HOST KRAKEN_URL LOG_FORMAT METRICS_ADDR PORT RATES_REFERENCES
    RATES_SOURCES RUST_LOG STORE_URL UNCHANGED_AFTER WORKERS
    AWS_ACCESS_KEY_ID AWS_PROFILE AWS_REGION AWS_ROLE_ARN AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN EKS_CLUSTER
""".split())
for _name in list(os.environ):
    if _name in PRODUCTION or _name.startswith(("ANSIBLE_", "COSIGN_", "HELM_", "KUBE", "TF_VAR_")):
        del os.environ[_name]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def tools() -> Path:
    """The programs that PyPI's packages bring."""
    return Path(sys.prefix) / "bin"


def program(major: str, name: str) -> Path:
    found = Path(sys.prefix).parent / f"helm-{major}" / name
    assert found.is_file(), f"{found} is missing: run scripts/setup.sh deploy first"
    return found


@pytest.fixture(scope="session")
def helm3() -> Path:
    """The oldest Helm that the chart takes; the kubectl beside it is as old as the oldest Kubernetes."""
    return program("3", "helm")


@pytest.fixture(scope="session")
def helm4() -> Path:
    """The newest; beside it is the newest kubectl."""
    return program("4", "helm")


@pytest.fixture(scope="session", params=["3", "4"], ids=["Helm 3", "Helm 4"])
def helm(request) -> Path:
    """Each of the two."""
    return program(request.param, "helm")


@pytest.fixture(scope="session")
def kubectl() -> Path:
    """The newest."""
    return program("4", "kubectl")


class Reached(kube_api.Cluster):
    """A cluster, and how clients come to it."""

    kubeconfig: Path

    def env(self, helm: Path) -> dict[str, str]:
        """The variables for that helm, and the kubectl beside it, to work on this cluster and to leave no trace."""
        home = str(self.kubeconfig.parent)
        path = f"{helm.parent}:{os.environ['PATH']}"
        proxies = {name: "" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")}
        return {**os.environ, **proxies, "HOME": home, "PATH": path, "KUBECONFIG": str(self.kubeconfig)}


@pytest.fixture
def cluster(tmp_path) -> Iterator[Reached]:
    """An empty cluster: the API alone, see clients/kube_api.py."""
    found = Reached()
    server = kube_api.served(found)
    found.kubeconfig = tmp_path / "cluster/kubeconfig"
    found.kubeconfig.parent.mkdir()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "test", "user": {}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }
    found.kubeconfig.write_text(json.dumps(config))
    found.kubeconfig.chmod(0o600)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    found.close()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def server() -> Path:
    """The release build of the server."""
    binary = Path(os.environ.get("SERVER", ROOT / "target/release/crypto-rates"))
    assert binary.is_file(), f"{binary} is missing: run make build first"
    return binary


@pytest.fixture(scope="session")
def serving(server, tmp_path_factory):
    """Runs the release build with these variables and the rates of a stand-in for CoinGecko; gives its port."""

    @contextlib.contextmanager
    def run(**variables: str) -> Iterator[int]:
        port, answer = harness.free_port(), json.loads(harness.SAMPLE.read_text())
        store = f"file://{tmp_path_factory.mktemp('store')}"
        with harness.upstream(lambda: answer) as coingecko:
            env = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "STORE_URL": store, "COINGECKO_URL": coingecko}
            with harness.process([server], port, env=env | variables):
                while harness.get(port, variables.get("BASE_PATH", "") + "/health/ready")[0] != 200:
                    time.sleep(0.01)
                yield port

    return run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        assert getattr(item, "obj", None) is None or item.obj.__doc__, f"{item.nodeid} says not what it proves"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = (yield).get_result()
    report.statement = item.obj.__doc__.strip().splitlines()[0]
    if callspec := getattr(item, "callspec", None):
        report.statement += f" [{callspec.id}]"


def pytest_report_teststatus(report):
    """Instead of a dot."""
    statement = getattr(report, "statement", None)
    if statement is None:
        return None
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        return "skipped", "s", f"skipped: {statement} ({reason.removeprefix('Skipped: ')})"
    if report.when == "call":
        return ("passed", ".", f"proved: {statement}") if report.passed else ("failed", "F", f"BROKEN: {statement}")
    return None
