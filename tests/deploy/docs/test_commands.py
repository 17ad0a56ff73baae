"""The commands in the pages: those that can be run here are, the others are at least what their tools take."""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "benches")]

from harness import SAMPLE, free_port, process, upstream, wait_until_ready  # noqa: E402
from helm import CHART, has, options, render, values_of  # noqa: E402
from pages import Page, pages  # noqa: E402

PAGES = pages()
SHELL = [(page, fence) for page in PAGES for fence in page.fences if fence.info[:1] == ["sh"]]
#: Where the examples ask.
HERE = "http://127.0.0.1:5000"
#: What can stand after `sh`, and who does something with it. Without one, `curl` against HERE is run here.
MARKERS = {
    "systemd": "systemd/installed.py",
    "systemd-check": "systemd/test_running.py",
    "file-backup": "systemd/test_upkeep.py",
    "file-check": "systemd/test_upkeep.py",
    "file-restore": "systemd/test_upkeep.py",
    "file-upgrade": "systemd/test_upkeep.py",
    "file-rollback": "systemd/test_upkeep.py",
    "redis-backup": "docs/test_stores.py",
    "redis-restore": "docs/test_stores.py",
}


def place(page, fence):
    return f"{page}:{fence.line}"


def commands(text: str) -> list[list[str]]:
    """The commands of a block, one after the other, as words; comments left out."""
    joined = text.replace("\\\n", " ")
    return [words for line in joined.splitlines() if (words := shlex.split(line, comments=True))]


def test_markers():
    """Each marked block of commands belongs to a check that runs it."""
    for page, fence in SHELL:
        for marker in fence.info[1:]:
            assert marker in MARKERS, f"{place(page, fence)}: {marker}"
    used = {marker for _, fence in SHELL for marker in fence.info[1:]}
    assert used == set(MARKERS)
    for marker, check in MARKERS.items():
        assert f'"{marker}"' in (ROOT / "tests/deploy" / check).read_text(), f"{check} does not run {marker}"


def test_shell():
    """Every block of commands in the pages is valid bash, and shellcheck finds no mistake in it."""
    wrong = []
    for page, fence in SHELL:
        checked = subprocess.run(
            # 1091: it does not follow files. 2034, 2154: what one block sets, another may use.
            [Path(sys.prefix) / "bin/shellcheck", "--shell=bash", "--exclude=SC1091,SC2034,SC2154", "--format=gcc", "-"],
            input=fence.text, capture_output=True, text=True,
        )
        if checked.returncode:
            wrong.append(f"{place(page, fence)}:\n{checked.stdout}{checked.stderr}")
    assert not wrong, "\n".join(wrong)
    assert len(SHELL) > 20


@pytest.fixture(scope="module")
def service(server, tmp_path_factory):
    """The release build with a stand-in upstream, in the place of the one that the examples ask."""
    port, answer = free_port(), json.loads(SAMPLE.read_text())
    with contextlib.ExitStack() as running:
        env = {
            **os.environ, "HOST": "127.0.0.1", "PORT": str(port),
            "STORE_URL": f"file://{tmp_path_factory.mktemp('store')}",
            "COINGECKO_URL": running.enter_context(upstream(lambda: answer)),
        }
        running.enter_context(process([server], port, env=env))
        wait_until_ready(port)
        yield f"http://127.0.0.1:{port}"


def asks_here(line: str) -> bool:
    return line.startswith("curl ") and HERE in line


@pytest.mark.parametrize("page", [page for page in PAGES if any(
    asks_here(line) for fence in page.fences if fence.info[:1] == ["sh"] for line in fence.text.splitlines()
)], ids=str)
def test_curl(service, page):
    """Each `curl` that a page shows is answered by the release build, and as the page says"""
    blocks = [fence for fence in page.fences if fence.info[:1] == ["sh"]]
    for at, fence in enumerate(page.fences):
        if fence not in blocks:
            continue
        following = page.fences[at + 1] if at + 1 < len(page.fences) else None
        shown = re.match(r"HTTP/1\.1 (\d+)", following.text) if following else None
        for line in fence.text.splitlines():
            if asks_here(line):
                status, output = ask(line.replace(HERE, service))
                if shown:
                    assert status == int(shown[1]), f"{place(page, fence)}: {line}: {status}"
                else:
                    assert status in (200, 304), f"{place(page, fence)}: {line}: {status} {output}"


def ask(line: str) -> tuple[int, str]:
    """Runs a line with curl in it; the status that it was answered with."""
    # A stream has no end of its own. What curl says counts, and not whether a grep behind it finds anything.
    wrapped = f'''curl() {{
      command curl --max-time 2 "$@" --write-out '%{{stderr}}status %{{http_code}}, exit %{{exitcode}}\\n'
    }}
    {line}'''
    done = subprocess.run(["bash", "-c", wrapped], capture_output=True, text=True, timeout=10)
    found = re.search(r"^status (\d+), exit (\d+)$", done.stderr, re.MULTILINE)
    assert found, f"{line}: {done.stderr}"
    assert int(found[2]) == (28 if "/api/stream" in line else 0), f"{line}: {done.stderr}"
    return int(found[1]), done.stdout[-500:] + done.stderr[-500:]


HELM = [
    pytest.param(page, words, id=place(page, fence))
    for page, fence in SHELL
    for words in commands(fence.text)
    if words[:1] == ["helm"] and "charts/crypto-rates" in words
]


@pytest.mark.parametrize(("page", "words"), HELM)
def test_helm(page, words):
    """Each documented `helm` command sets values that the chart has, and renders"""
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    for assignment in options(words, "--set"):
        path = assignment.partition("=")[0]
        assert has(values, path), path
    assert not has(values, "persistence.enable"), "any name at all would pass"
    files = [fence for fence in page.fences if fence.info[:1] == ["yaml"] and len(fence.info) == 2]
    own = {f"{fence.info[1]}.yaml": fence.text for fence in files}
    given = values_of(words, own)
    (namespace,) = options(words, "--namespace")
    assert "kind: Deployment" in render(given, namespace)


def test_helm_can_be_refused():
    """A `helm` command that the chart refuses would be noticed: several replicas without a shared store."""
    with pytest.raises(Exception, match="replicaCount is 2, but the store is embedded"):
        render({"replicaCount": 2}, "rates")
    with pytest.raises(Exception, match="replicas"):
        render({"replicas": 1}, "rates")


VALUES = [
    pytest.param(fence.text, id=place(page, fence))
    for page in PAGES
    for fence in page.fences
    if fence.info == ["yaml", "values"]
]


@pytest.mark.parametrize("text", VALUES)
def test_values(text):
    """Each block of values that a page shows is taken by the chart, and changes what it makes"""
    assert render(yaml.safe_load(text), "rates") != render({}, "rates"), "nothing comes of it"


def check_jsonschema(*arguments) -> str:
    """What the schema has against a file."""
    command = [Path(sys.prefix) / "bin/check-jsonschema", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.fixture(scope="module")
def known(server):
    shown = subprocess.run([server, "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\[env: ([A-Z][A-Z0-9_]+)\]", shown))


def test_compose(tmp_path, server, known):
    """The Compose file fits Docker's schema, is as closed as the `docker run` above it, and configures validly."""
    page = Page(ROOT / "docs/deployment.md")
    (text,) = [fence.text for fence in page.fences if fence.info == ["yaml", "compose"]]
    file = tmp_path / "compose.yaml"
    file.write_text(text)
    assert check_jsonschema("--builtin-schema", "vendor.compose-spec", file) == ""
    file.write_text(text.replace("read_only", "readonly"))
    assert check_jsonschema("--builtin-schema", "vendor.compose-spec", file) != ""
    service = yaml.safe_load(text)["services"]["crypto-rates"]
    run = next(words for fence in page.fences for words in commands(fence.text) if words[:3] == ["docker", "run", "--detach"])
    assert service["image"] == run[-1]
    assert service["ports"] == options(run, "--publish")
    assert service["mem_limit"] == options(run, "--memory")[0]
    assert str(service["pids_limit"]) == options(run, "--pids-limit")[0]
    assert service["stop_grace_period"] == options(run, "--stop-timeout")[0] + "s"
    assert service["read_only"] and "--read-only" in run
    assert service["cap_drop"] == options(run, "--cap-drop")
    assert service["security_opt"][0].startswith(options(run, "--security-opt")[0])
    assert service["logging"]["options"] == dict(pair.split("=") for pair in options(run, "--log-opt"))
    environment = service["environment"]
    assert set(environment) <= known
    done = subprocess.run([server, "--check-config"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_docker_matches_the_image():
    """The documented container mounts the image's volume, has its version, and stops in the time it takes."""
    page = Page(ROOT / "docs/deployment.md")
    run = next(words for fence in page.fences for words in commands(fence.text) if words[:3] == ["docker", "run", "--detach"])
    dockerfile = (ROOT / "Dockerfile").read_text()
    (volume,) = json.loads(re.search(r"^VOLUME (.*)$", dockerfile, re.MULTILINE)[1])
    assert [value.rpartition(":")[2] for value in options(run, "--volume")] == [volume]
    port = re.search(r"^EXPOSE (\d+)$", dockerfile, re.MULTILINE)[1]
    assert [value.rpartition(":")[2] for value in options(run, "--publish")] == [port]
    version = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
    images = re.findall(r"crypto-rates:(\d[\w.]*)", (ROOT / "docs/deployment.md").read_text())
    assert set(images) == {version}
    startup = (ROOT / "src/server.rs").read_text()
    stop = sum(map(int, re.findall(r"(?:NOTICE|DRAIN_DEADLINE): Duration = Duration::from_secs\((\d+)\)", startup)))
    assert int(options(run, "--stop-timeout")[0]) > stop
