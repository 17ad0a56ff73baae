"""The playbooks, as far as they can be judged without a host; make check-registry runs them."""

import json
import os
import subprocess

import pytest
import yaml

PLAYBOOKS = ["registry.yml", "nodes.yml"]


@pytest.fixture
def ansible(root, tools):
    """Runs one of Ansible's programs among the playbooks, without a password in sight."""

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "REGISTRY_"))}
        environment |= {"PATH": f"{tools}:{os.environ['PATH']}", "ANSIBLE_CONFIG": "ansible.cfg", "NO_COLOR": "1"}
        return subprocess.run(
            [str(tools / program), *arguments], cwd=root / "playbooks", env=environment, text=True, capture_output=True
        )

    return run


def test_ansible_lint(ansible):
    """ansible-lint finds nothing in its strictest profile, production."""
    done = ansible("ansible-lint", "--profile", "production", "--strict", "--offline")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed: 0 failure(s), 0 warning(s)" in done.stdout + done.stderr


def test_yamllint(ansible):
    """yamllint finds nothing in them."""
    done = ansible("yamllint", "--strict", ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_syntax(ansible, playbook):
    """Ansible itself takes the playbook, with the example's inventory and the collections that are pinned."""
    done = ansible("ansible-playbook", "--syntax-check", "--inventory", "inventory/example", playbook)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("playbook", "tags"),
    [
        ("registry.yml", {"always", "packages", "tls", "users", "config", "health"}),
        ("nodes.yml", {"always", "health", "docker", "containerd"}),
    ],
)
def test_tags(ansible, root, playbook, tags):
    """Every part of the playbook can be run alone, by the tags that playbooks/README.md names."""
    done = ansible("ansible-playbook", "--list-tags", "--inventory", "inventory/example", playbook)
    assert set(done.stdout.rpartition("TASK TAGS: [")[2].partition("]")[0].split(", ")) == tags, done.stdout
    readme = (root / "playbooks/README.md").read_text()
    assert not [tag for tag in tags - {"always"} if f"`{tag}`" not in readme]


def test_example_inventory(ansible):
    """The example names a registry and more than one node, and what both must agree on."""
    done = ansible("ansible-inventory", "--inventory", "inventory/example", "--list")
    inventory = json.loads(done.stdout)
    assert len(inventory["registry"]["hosts"]) == 1 and len(inventory["nodes"]["hosts"]) > 1
    for host in inventory["registry"]["hosts"] + inventory["nodes"]["hosts"]:
        variables = inventory["_meta"]["hostvars"][host]
        assert variables["registry_host"] and variables["registry_port"] and variables["registry_users"]


def test_no_password_in_the_example(root):
    """In the example every password comes from elsewhere: vault or environment."""
    found = []
    for file in (root / "playbooks/inventory/example").rglob("*.yml"):
        for user in yaml.safe_load(file.read_text()).get("registry_users", []):
            found.append(user["password"])
    assert found and all(password.startswith("{{") and "lookup" in password for password in found)


def test_one_node_after_the_other(root):
    """The nodes' play goes by one unless told otherwise, and stops at the first that fails."""
    (play,) = yaml.safe_load((root / "playbooks/nodes.yml").read_text())
    assert play["serial"] == "{{ rollout_serial | default(1) }}" and play["max_fail_percentage"] == 0


def test_every_password_task_is_silent(root):
    """Each task that is given a password is kept out of output and logs (no_log)."""

    def tasks(file):
        def walk(listed):
            for task in listed or []:
                yield task
                for part in ("block", "rescue", "always"):
                    yield from walk(task.get(part))

        return walk(yaml.safe_load(file.read_text()))

    loud = []
    seen = 0
    for file in (root / "playbooks/roles").glob("*/tasks/*.yml"):
        for task in tasks(file):
            module = {key: value for key, value in task.items() if key not in ("name", "block", "rescue", "always")}
            if "password" in json.dumps(module).replace("passphrase", "").replace("REGISTRY_PASSWORD", ""):
                seen += 1
                if not task.get("no_log") and "assert" not in json.dumps(list(task)):
                    loud.append(f"{file.name}: {task['name']}")
    assert seen >= 4 and not loud, loud
