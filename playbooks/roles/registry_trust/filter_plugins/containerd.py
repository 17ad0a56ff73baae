"""Reading and editing containerd's configuration, for the tasks of this role.

The configuration of a node has settings that are not ours, with comments and an order of its own. So it is
edited as text, in one place, and then read again as TOML: unless exactly config_path has changed, the node
is left as it is and the reader is told what to write.
"""

import copy
import re
import tomllib

from ansible.errors import AnsibleFilterError

# Where each version of the format keeps what CRI knows of registries. containerd 2.x reads both.
PLUGIN = {2: "io.containerd.grpc.v1.cri", 3: "io.containerd.cri.v1.images"}


def containerd_registry(dump: str) -> dict:
    """What containerd makes of its configuration: whether it serves CRI, and its config_path."""
    config = tomllib.loads(dump)
    plugins = config.get("plugins", {})
    registry = plugins.get(PLUGIN[config.get("version", 1) if config.get("version", 1) in PLUGIN else 2], {})
    disabled = config.get("disabled_plugins", [])
    return {
        "serves_cri": not {"cri", "io.containerd.grpc.v1.cri"} & set(disabled),
        "paths": [path for path in registry.get("registry", {}).get("config_path", "").split(":") if path],
    }


def containerd_with_config_path(text: str, path: str, containerd: str) -> str:
    """The configuration with this config_path; `containerd` is what `containerd --version` says."""
    if not tomllib.loads(text):
        major = re.search(r" v?(\d+)\.\d+\.\d+", containerd)
        if major is None:
            raise AnsibleFilterError(f"no version in {containerd!r}")
        text += f"version = {2 if int(major[1]) < 2 else 3}\n"
    before = tomllib.loads(text)
    version = before.get("version", 1)
    if version not in PLUGIN:
        raise AnsibleFilterError(
            f"containerd's configuration is of version {version}: write it anew, from `containerd config default` "
            "or by `containerd config migrate`"
        )
    plugin = PLUGIN[version]
    registry = before.get("plugins", {}).get(plugin, {}).get("registry", {})
    old_ways = [name for name in ("mirrors", "auths") if registry.get(name)]
    old_ways += ["configs.*.tls"] * any("tls" in host for host in registry.get("configs", {}).values())
    if old_ways:
        raise AnsibleFilterError(
            f"containerd's configuration names registries by {' and '.join(old_ways)}, and containerd takes no "
            f"config_path beside that: move them to {path}/<host>/hosts.toml first"
        )

    after = _edited(text, plugin, path)
    wanted = copy.deepcopy(before)
    wanted.setdefault("plugins", {}).setdefault(plugin, {}).setdefault("registry", {})["config_path"] = path
    try:
        same = tomllib.loads(after) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise AnsibleFilterError(
            f"containerd's configuration is written in a way that can't be edited here: set config_path = '{path}' "
            f"for plugins.'{plugin}'.registry by hand"
        )
    return after


def _edited(text: str, plugin: str, path: str) -> str:
    lines = text.splitlines()
    header = re.compile(rf"^(\s*)\[\s*plugins\s*\.\s*[\"']{re.escape(plugin)}[\"']\s*\.\s*registry\s*\]")
    start = next((number for number, line in enumerate(lines) if header.match(line)), None)
    if start is None:
        lines += ["", f"[plugins.'{plugin}'.registry]", f"  config_path = '{path}'"]
        return "\n".join(lines) + "\n"
    setting = f"{header.match(lines[start])[1]}  config_path = '{path}'"
    for number in range(start + 1, len(lines)):
        if lines[number].lstrip().startswith("["):
            break
        if re.match(r"\s*config_path\s*=", lines[number]):
            lines[number] = setting
            return "\n".join(lines) + "\n"
    lines.insert(start + 1, setting)
    return "\n".join(lines) + "\n"


class FilterModule:
    """The filters, by the names that the tasks use."""

    def filters(self) -> dict:
        return {
            "containerd_registry": containerd_registry,
            "containerd_with_config_path": containerd_with_config_path,
        }
