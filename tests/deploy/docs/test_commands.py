"""The commands in the pages: each is run by a check, or the page's source says that none does (`sh not-run`)."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from harness import SAMPLE, free_port, upstream, wait_until_ready
from live import running
from pages import ROOT, pages
from rendered import Manifests

PAGES = pages()
SHELL = [(page, fence) for page in PAGES for fence in page.fences if fence.info[:1] == ["sh"]]
#: What can stand after `sh`, and the check that runs such a block. Without one it is run here, by test_curl.
MARKERS = {
    "release": "systemd/test_package.py",
    "release-tarball": "systemd/test_package.py",
    "deb-upgrade": "systemd/test_package.py",
    "systemd": "systemd/installed.py",
    "systemd-check": "systemd/test_running.py",
    **{f"file-{name}": "systemd/test_upkeep.py" for name in ("backup", "check", "restore", "upgrade", "rollback")},
    **{f"redis-{name}": "docs/test_stores.py" for name in ("backup", "restore", "whole", "log")},
    "valkey-lease": "docs/test_stores.py",
    "signatures": "docs/test_signatures.py",
    "cluster": "docs/test_cluster.py",
}
#: What a block that is run here may call.
HARMLESS = {"curl", "for", "sleep", "done", "grep", "head"}


def place(page, fence):
    return f"{page}:{fence.line}"


def commands(text: str) -> list[list[str]]:
    """The commands of a block, one after the other, as words; comments left out."""
    joined = text.replace("\\\n", " ")
    return [words for line in joined.splitlines() if (words := shlex.split(line, comments=True))]


#: Run here: they have no marker, and nothing in them but what is harmless.
HERE = [each for each in SHELL if len(each[1].info) == 1 and {words[0] for words in commands(each[1].text)} <= HARMLESS]


def test_every_command_is_run_or_said_not_to_be():
    """Each block of commands is run by a check, which is there, or is marked as not run."""
    for page, fence in SHELL:
        marked = fence.info[1:]
        known = marked == ["not-run"] or marked[0] in MARKERS if marked else (page, fence) in HERE
        assert known, f"{place(page, fence)}: run by nobody, and not marked so: {fence.text}"
    used = {marker for _, fence in SHELL for marker in fence.info[1:]} - {"not-run"}
    assert used == set(MARKERS)
    for marker, check in MARKERS.items():
        assert f'"{marker}"' in (ROOT / "tests/deploy" / check).read_text(), f"{check} does not run {marker}"


def test_shell():
    """Every block of commands in the pages is valid bash, and shellcheck finds no mistake in it."""
    # 1091: it does not follow files. 2034, 2154: what one block sets, another may use.
    options = ["--shell=bash", "--exclude=SC1091,SC2034,SC2154", "--format=gcc", "-"]
    command = [Path(sys.prefix) / "bin/shellcheck", *options]
    for page, fence in SHELL:
        checked = subprocess.run(command, input=fence.text, capture_output=True, text=True)
        assert checked.returncode == 0, f"{place(page, fence)}:\n{checked.stdout}{checked.stderr}"


@pytest.fixture(scope="module")
def service(server, tmp_path_factory):
    """The release build with the variables that the chart gives it. Yields what pages ask, and where that is here."""
    given, metrics = Manifests().get("ConfigMap")["data"], free_port()
    assert given["PORT"] == "5000" and given["METRICS_ADDR"].endswith(":9090")
    own = {**given, "METRICS_ADDR": f"127.0.0.1:{metrics}"}
    store = f"file://{tmp_path_factory.mktemp('store')}"
    with upstream(lambda: json.loads(SAMPLE.read_text())) as source:
        with running(server, store, source=source, **own) as port:
            wait_until_ready(port)
            yield {
                "http://127.0.0.1:5000": f"http://127.0.0.1:{port}",
                "http://127.0.0.1:9090": f"http://127.0.0.1:{metrics}",
                "https://api.coingecko.com/api/v3": source,
            }


#: A stream has no end of its own; nobody waits between two calls.
AROUND = r"""
curl() { command curl --max-time 2 "$@" --write-out '%{stderr}status %{http_code}, exit %{exitcode}\n'; }
sleep() { :; }
"""


@pytest.mark.parametrize(("page", "fence"), [pytest.param(*each, id=place(*each)) for each in HERE])
def test_curl(service, page, fence):
    """What a page asks of the service is answered by it, under the chart's settings, and as the page says"""
    following = page.fences[page.fences.index(fence) + 1:][:1]
    shown = [re.match(r"HTTP/1\.1 (\d+)", each.text) for each in following]
    wanted = {int(shown[0][1])} if shown and shown[0] else {200, 304}
    text = fence.text
    for documented, here in service.items():
        text = text.replace(documented, here)
    done = subprocess.run(["bash", "-c", AROUND + text], capture_output=True, text=True, timeout=20)
    found = re.findall(r"^status (\d+), exit (\d+)$", done.stderr, re.MULTILINE)
    assert len(found) >= text.count("curl "), done.stderr
    assert {int(status) for status, _ in found} <= wanted, done.stdout + done.stderr
    # Who listens to a stream is ended; a `head` may end before what it reads from.
    assert {exit for _, exit in found} <= {"28" if "/api/stream" in text else "0", "23" if "| head" in text else "0"}
    # Which rates are stale, here none.
    assert done.stdout or "last_updated" in text, "it shows nothing"


def test_alert_rules(server, tmp_path):
    """Each file of alert rules that a page shows, by itself or among values, is taken by the program"""
    fences = [(page, fence) for page in PAGES for fence in page.fences]
    shown = {place(*each): each[1].text for each in fences if each[1].info == ["toml", "alert-rules"]}
    values = {place(*each): yaml.safe_load(each[1].text) for each in fences if each[1].info == ["yaml", "values"]}
    among = {where: each["alerts"]["rules"] for where, each in values.items() if "alerts" in each}
    assert shown and among
    for where, rules in {**shown, **among}.items():
        (tmp_path / "alerts.toml").write_text(rules)
        told = {"ALERT_RULES": str(tmp_path / "alerts.toml"), "ALERT_WEBHOOK_URL": "https://chat.example.org/hooks"}
        checked = subprocess.run([server, "--check-config"], env=told, capture_output=True, text=True)
        assert checked.returncode == 0, f"{where}: {checked.stderr}"


VALUES = [(page, fence) for page in PAGES for fence in page.fences if fence.info == ["yaml", "values"]]


@pytest.mark.parametrize("fence", [pytest.param(fence, id=place(page, fence)) for page, fence in VALUES])
def test_values(fence):
    """Each block of values that a page shows is taken by the chart, and changes what it makes"""
    assert Manifests(yaml.safe_load(fence.text)).all != Manifests().all, "nothing comes of it"
