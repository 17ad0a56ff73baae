"""How a node's containerd configuration is edited, for every way in which it is written in the field."""

import runpy
import tomllib
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleFilterError

PATH = "/etc/containerd/certs.d"
OLD, NEW = "containerd github.com/containerd/containerd 1.6.20 abc", "containerd github.com/containerd/containerd/v2 2.1.9 abc"
V2, V3 = "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images"


@pytest.fixture
def filters(root):
    """The role's filters."""
    return SimpleNamespace(**runpy.run_path(root / "playbooks/roles/registry_trust/filter_plugins/containerd.py"))


DEBIAN = """version = 2

[plugins]
  [plugins."io.containerd.grpc.v1.cri"]
    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/usr/lib/cni"   # Debian's
"""
DEFAULT_2 = """version = 2
[plugins."io.containerd.grpc.v1.cri".registry]
      config_path = ""

      [plugins."io.containerd.grpc.v1.cri".registry.mirrors]
[plugins."io.containerd.other"]
  config_path = ""
"""
DEFAULT_3 = """version = 3
[plugins.'io.containerd.cri.v1.images'.registry]
      config_path = ''

[plugins.'io.containerd.transfer.v1.local']
    config_path = ''
"""
BARE_TABLE = """version = 3
  [plugins."io.containerd.cri.v1.images".registry] # ours
  [plugins."io.containerd.cri.v1.images".registry.headers]
"""


@pytest.mark.parametrize(
    ("text", "containerd", "plugin"),
    [("", OLD, V2), ("# nothing yet\n", NEW, V3), (DEBIAN, OLD, V2), (DEBIAN, NEW, V2), (DEFAULT_2, OLD, V2),
     (DEFAULT_3, NEW, V3), (BARE_TABLE, NEW, V3)],
    ids=["no-file-1.x", "no-file-2.x", "debian-1.x", "debian-2.x", "default-1.x", "default-2.x", "no-key"],
)  # fmt: skip
def test_config_path(filters, text, containerd, plugin):
    """config_path comes under the key that containerd reads in a file of that version, and nothing else changes."""
    after = filters.containerd_with_config_path(text, PATH, containerd)
    parsed, before = tomllib.loads(after), tomllib.loads(text)
    assert parsed["plugins"][plugin]["registry"].pop("config_path") == PATH
    assert parsed["version"] == (2 if plugin == V2 else 3)
    before.get("plugins", {}).get(plugin, {}).get("registry", {}).pop("config_path", None)
    assert {**before, "plugins": {}, "version": 0} == {**parsed, "plugins": {}, "version": 0}
    for name, other in before.get("plugins", {}).items():
        assert other == {key: value for key, value in parsed["plugins"][name].items() if value or key in other}
    kept = [line for line in text.splitlines() if line and "config_path" not in line]
    assert [line for line in after.splitlines() if line in kept] == kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[plugins.cri]\n  stream_server_port = "0"\n', "version 1"),
        (f'version = 2\n[plugins."{V2}".registry.mirrors."x"]\n  endpoint = ["https://x"]\n', "by mirrors"),
        (f'version = 2\n[plugins."{V2}".registry.configs."x".tls]\n  ca_file = "/x"\n', r"by configs.\*.tls"),
        (f"version = 3\nplugins = {{ '{V3}' = {{ registry = {{ }} }} }}\n", "by hand"),
    ],
    ids=["version-1", "mirrors", "tls", "inline"],
)
def test_refusals(filters, text, words):
    """A configuration that can't take config_path is refused, in words that say what to do."""
    with pytest.raises(AnsibleFilterError, match=words):
        filters.containerd_with_config_path(text, PATH, OLD)


def test_what_containerd_makes_of_it(filters):
    """What `containerd config dump` prints is understood: each path of config_path, and whether CRI is served."""
    two = f'version = 2\ndisabled_plugins = ["cri"]\n[plugins."{V2}".registry]\nconfig_path = ""\n'
    three = f"version = 3\n[plugins.'{V3}'.registry]\nconfig_path = '/a:/b'\n"
    assert filters.containerd_registry(two) == {"serves_cri": False, "paths": []}
    assert filters.containerd_registry(three) == {"serves_cri": True, "paths": ["/a", "/b"]}
