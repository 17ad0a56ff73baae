"""The playbooks, as far as they can be judged without a host; make check-registry runs them."""

import json
import os
import re
import subprocess

import pytest
import yaml


@pytest.fixture
def ansible(root, tools):
    """Runs one of Ansible's programs among the playbooks, without a password in sight."""

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess:
        own = {"PATH": f"{tools}:{os.environ['PATH']}", "ANSIBLE_CONFIG": "ansible.cfg", "NO_COLOR": "1"}
        options = {"cwd": root / "playbooks", "env": os.environ | own, "text": True, "capture_output": True}
        return subprocess.run([tools / program, *arguments], **options)

    return run


def test_ansible_lint(ansible):
    """ansible-lint, which runs yamllint and Ansible's own check, finds nothing in its strictest profile, production."""
    done = ansible("ansible-lint", "--profile", "production", "--strict", "--offline")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed: 0 failure(s), 0 warning(s)" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("playbook", "tags"),
    [("registry.yml", "always packages tls users config health"), ("nodes.yml", "always health docker containerd")],
)
def test_tags(ansible, root, playbook, tags):
    """Ansible takes the playbook, each part of which can be run alone, by the tags that playbooks/README.md names."""
    done = ansible("ansible-playbook", "--list-tags", "--inventory", "inventory/example", playbook)
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    listed = done.stdout.rpartition("TASK TAGS: [")[2].partition("]")[0].split(", ")
    assert sorted(listed) == sorted(tags.split())
    readme = (root / "playbooks/README.md").read_text()
    assert not [tag for tag in listed if f"`{tag}`" not in readme and tag != "always"]


def test_example_inventory(ansible, root):
    """The example names a registry, more than one node, and what both must agree on; each password is elsewhere."""
    done = ansible("ansible-inventory", "--inventory", "inventory/example", "--list")
    inventory = json.loads(done.stdout)
    assert len(inventory["registry"]["hosts"]) == 1 and len(inventory["nodes"]["hosts"]) > 1
    for host in inventory["registry"]["hosts"] + inventory["nodes"]["hosts"]:
        variables = inventory["_meta"]["hostvars"][host]
        assert variables["registry_host"] and variables["registry_port"] and variables["registry_users"]
        for user in variables["registry_users"]:
            assert user["password"].startswith("{{") and "lookup" in user["password"]


def tasks(listed: list[dict]):
    """Those in blocks, too."""
    for task in listed:
        inner = [task.pop(part, []) for part in ("block", "rescue", "always")]
        yield task
        yield from tasks(sum(inner, []))


def test_every_password_task_is_silent(root):
    """Each task that is given a password is kept out of output and logs (no_log)."""
    files = (root / "playbooks/roles").glob("*/tasks/*.yml")
    told, unless = [], re.compile("passphrase|REGISTRY_PASSWORD")
    for task in (task for file in files for task in tasks(yaml.safe_load(file.read_text()))):
        if "password" in unless.sub("", json.dumps({key: value for key, value in task.items() if key != "name"})):
            told.append(task)
    assert len(told) >= 4
    loud = [task["name"] for task in told if not task.get("no_log") and "ansible.builtin.assert" not in task]
    assert not loud
