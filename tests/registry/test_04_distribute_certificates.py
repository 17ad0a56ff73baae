"""04: the nodes before it, a rollout that stops where it must, and the nodes after it."""

import contextlib
import re
import shlex

import pytest

import pulls

SCRIPT = "04"
X509 = "x509: certificate signed by unknown authority"
NO_CREDENTIALS = re.compile("401 Unauthorized|no basic auth credentials")

# Which runtime, on which node, pulls how.
RUNTIMES = {
    "containerd 1.x by CRI": ("node-1", pulls.by_kubelet),
    "containerd 1.x by ctr": ("node-1", pulls.by_ctr),
    "Docker": ("node-1", pulls.by_docker),
    "containerd 2.x by CRI": ("node-2", pulls.by_kubelet),
    "containerd 2.x by ctr": ("node-2", pulls.by_ctr),
}


@pytest.fixture(params=RUNTIMES)
def pull(request, site):
    """Pulls what 02 has pushed, by its digest."""
    name, how = RUNTIMES[request.param]
    if "2.x" in request.param and not site.has_containerd_2:
        pytest.skip("Debian's next release, which has containerd 2.x, can't be reached from here")
    image = re.sub(":[^:@/]+@", "@", site.pushed)
    return lambda *credentials: how(site, site.hosts[name], image, *credentials)


def _state(host) -> str:
    """All that a rollout may change on a node, and which containerd runs."""
    return host.inside(
        "find /etc/containerd /etc/docker -type f -exec sha256sum {} + | sort;"
        "systemctl show --property MainPID --property ActiveState containerd"
    )


def _states(site) -> list[str]:
    return [_state(host) for host in (site.node1, site.node2)]


@contextlib.contextmanager
def _containerd_with(host, setting: str):
    """While this is in its unit."""
    folder = "/etc/systemd/system/containerd.service.d"
    unit = shlex.quote(f"[Service]\n{setting}\n")
    host.inside(f"mkdir {folder} && printf %s {unit} >{folder}/test.conf && systemctl daemon-reload")
    yield
    host.inside(f"rm -r {folder} && systemctl daemon-reload")


def test_versions(site):
    """The nodes have the containerd that they are named for."""
    assert " 1." in site.node1.inside("containerd --version")
    if not site.has_containerd_2:
        pytest.skip("Debian's next release, which has containerd 2.x, can't be reached from here")
    assert re.search(r" v?2\.\d", site.node2.inside("containerd --version"))


def test_without_the_ca(pull):
    """Without the CA a pull is refused before any password is sent: x509."""
    answer = pull("crypto-rates", "right-or-wrong")
    assert answer and X509 in answer, answer


def test_check_mode(site):
    """--check says what it would do on each node and does nothing."""
    before = _states(site)
    outcome = site.script(SCRIPT, "--check")
    assert outcome.count("node-1", "changed") > 0 and outcome.count("node-2", "changed") > 0
    assert _states(site) == before


def test_an_ill_node_before(site):
    """A node whose kubelet is ill stops the rollout: neither it nor the one behind it is touched."""
    before = _states(site)
    site.node1.inside("touch /run/kubelet-is-ill")
    outcome = site.script(SCRIPT, "--", "-e", "registry_trust_health_retries=2", ok=False)
    site.node1.inside("rm /run/kubelet-is-ill")
    assert outcome.count("node-1", "failed") == 1 and "node-2 " not in outcome.recap, outcome.output
    assert _states(site) == before


def test_a_node_that_does_not_come_back(site):
    """A containerd that does not start with the new configuration gets its old one back, and the rollout stops."""
    before = _state(site.node2)
    configuration = site.node1.inside("cat /etc/containerd/config.toml")
    with _containerd_with(site.node1, 'ExecStartPre=/bin/sh -c "! grep -q config_path /etc/containerd/config.toml"'):
        outcome = site.script(SCRIPT, "--", "-e", "registry_trust_health_retries=2", ok=False)
        assert "its former configuration is in place again" in outcome.output, outcome.output
        assert "node-2 " not in outcome.recap and _state(site.node2) == before
        assert site.node1.inside("cat /etc/containerd/config.toml") == configuration
        assert site.node1.inside("ctr version", patience=20)


def test_a_node_that_becomes_ill(site):
    """A node whose kubelet becomes ill by the change stops the rollout before the next node."""
    before = _state(site.node2)
    with _containerd_with(site.node1, "ExecStartPost=/bin/touch /run/kubelet-is-ill"):
        outcome = site.script(SCRIPT, "--", "-e", "registry_trust_health_retries=2", ok=False)
    site.node1.inside("rm /run/kubelet-is-ill")
    assert outcome.count("node-1", "changed") > 0 and outcome.count("node-1", "failed") == 1, outcome.output
    assert "node-2 " not in outcome.recap and _state(site.node2) == before


def test_old_ways_of_naming_registries(site):
    """A containerd that names registries by `mirrors` is left as it is, and the reader is told what to move.

    It takes no config_path beside them.
    """
    plugin = "io.containerd.cri.v1.images" if site.has_containerd_2 else "io.containerd.grpc.v1.cri"
    site.node2.inside(
        "cp /etc/containerd/config.toml /var/tmp/ && cat >>/etc/containerd/config.toml <<'EOF'\n"
        f"[plugins.'{plugin}'.registry.mirrors.'example.org']\n  endpoint = ['https://example.org']\nEOF"
    )
    before = site.node2.inside("cat /etc/containerd/config.toml")
    outcome = site.script(SCRIPT, "--", "--limit", "node-2", ok=False)
    assert "move them to /etc/containerd/certs.d/<host>/hosts.toml first" in outcome.output, outcome.output
    assert site.node2.inside("cat /etc/containerd/config.toml") == before
    site.node2.inside("mv /var/tmp/config.toml /etc/containerd/config.toml")


def test_distribute(site):
    """04 brings the CA to every node, one after the other."""
    outcome = site.script(SCRIPT)
    assert outcome.count("node-1", "failed") == 0 and outcome.count("node-2", "changed") > 0
    order = [name for name in re.findall(r"^(?:ok|changed): \[(node-\d)", outcome.output, re.MULTILINE)]
    assert order == sorted(order), order
    assert len(re.findall(r"^PLAY \[", outcome.output, re.MULTILINE)) == 2


def test_again(site):
    """A second run changes nothing and restarts nothing, and neither does --check."""
    before = _states(site)
    for arguments in ((), ("--check",)):
        outcome = site.script(SCRIPT, *arguments)
        assert outcome.count("node-1", "changed") == outcome.count("node-2", "changed") == 0, outcome.output
    assert _states(site) == before


def test_the_rest_of_the_configuration(site):
    """Of containerd's configuration only config_path is new."""
    for host in (site.node1, site.node2):
        changed = host.inside(
            "diff $(ls -t /etc/containerd/config.toml.*~ | head -n 1) /etc/containerd/config.toml || true"
        )
        lines = [line[2:].strip() for line in changed.splitlines() if line[:1] in "<>"]
        assert lines and all(not line or "config_path" in line or line.endswith(".registry]") for line in lines), changed


@pytest.mark.parametrize("credentials", [(), ("crypto-rates", "wrong")], ids=["without", "wrong"])
def test_without_the_password(pull, credentials):
    """With the CA and without the right password a pull is refused: 401."""
    answer = pull(*credentials)
    assert answer and NO_CREDENTIALS.search(answer) and "x509" not in answer, answer


def test_with_both(pull, site, request):
    """With the CA and the right password the image is pulled, by its digest."""
    # With hosts.toml, and not with what containerd falls back to when it can't read that.
    unread = "journalctl --unit containerd | grep --count 'failed to decode hosts.toml' || true"
    credentials = ("ctr", site.ctr_password) if "ctr" in request.node.callspec.id else ("crypto-rates", site.password)
    assert pull(*credentials) is None
    assert site.node1.inside(unread) == site.node2.inside(unread) == "0\n"
