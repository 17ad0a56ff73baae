"""What the pages point at is there: links, files, commands of make, variables."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(Path(__file__).parent))

from pages import FOREIGN, pages  # noqa: E402

PAGES = pages()
BY_PATH = {page.path: page for page in PAGES}

#: Variables of others, which the pages name. Ours are in `crypto-rates --help` and in the scripts.
OF_OTHERS = {
    "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY",  # of the HTTP client
    "SSL_CERT_FILE", "SSL_CERT_DIR",  # of the TLS library
    "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",  # of the desktop specification
    "FLASK_ENV", "FLASK_DEBUG",  # of the Python program, in the list of what became of them
    "REDISCLI_AUTH",  # of redis-cli
}
#: Files that may read variables; and tools whose variables begin with their names.
READERS = {".sh", ".js", ".yml", ".yaml", ".j2", ".tf"}
TOOLS = ("ANSIBLE_", "AWS_", "DOCKER_", "HELM_", "KUBE", "TF_")
#: A name that can be nothing else, or one that something is assigned to.
VARIABLE = re.compile(r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b|(?<![\w-])([A-Z][A-Z0-9]+)=")


def test_links_within():
    """Every relative link in the project's pages leads to a file, and to a heading that is there."""
    dead, followed = [], 0
    for page in PAGES:
        for link in page.links:
            parts = urlsplit(link.target)
            if parts.scheme or parts.netloc:
                continue
            followed += 1
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            if not target.exists():
                dead.append(f"{page}:{link.line}: no {link.target}")
            elif parts.fragment and unquote(parts.fragment) not in BY_PATH[target].anchors:
                dead.append(f"{page}:{link.line}: no heading for {link.target}")
    assert not dead, "\n".join(dead)
    assert followed > 60


def test_links_outside():
    """Links to other hosts are by https, apart from examples."""
    examples = re.compile(r"^http://(127\.0\.0\.1|localhost)(:\d+)?(/|$)")
    wrong = [
        f"{page}:{link.line}: {link.target}"
        for page in PAGES
        for link in page.links
        if urlsplit(link.target).scheme not in ("", "https") and not examples.match(link.target)
    ]
    assert not wrong, "\n".join(wrong)


def is_reader_s_own(name: str) -> bool:
    """Whether git is told to leave such a file alone."""
    return subprocess.run(["git", "check-ignore", "--quiet", name], cwd=ROOT).returncode == 0


def test_files_that_are_named():
    """Every path of the project that a page names, in a text or a command, is there."""
    tops = {path.name for path in ROOT.iterdir() if path.is_dir()} - FOREIGN
    path = re.compile(rf"(?<![\w./-])((?:{'|'.join(map(re.escape, sorted(tops)))})/[\w./*-]*\w)")
    missing, named = [], 0
    for page in PAGES:
        places = page.spans + [(fence.text, fence.line) for fence in page.fences if fence.info[:1] == ["sh"]]
        for text, line in places:
            for match in path.finditer(text):
                # Where the text breaks off, it is the beginning of a name.
                name = match[1] + ("*" if re.match("-?…", text[match.end():]) else "")
                named += 1
                # From the checkout's root, or from where the page is.
                if not (list(ROOT.glob(name)) or list(page.path.parent.glob(name)) or is_reader_s_own(name)):
                    missing.append(f"{page}:{line}: {name}")
    assert not missing, "\n".join(missing)
    assert named > 50


def test_commands_of_make():
    """Every `make` command that a page names is one of the Makefile's."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wrong = []
    for page in PAGES:
        spans = page.spans + [(line, fence.line) for fence in page.fences if fence.info[:1] == ["sh"]
                              for line in fence.text.splitlines()]
        for text, line in spans:
            if (found := re.match(r"make ([a-z][\w-]*)", text)) and found[1] not in targets:
                wrong.append(f"{page}:{line}: make {found[1]}")
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="module")
def variables(server):
    """Every variable that the program, or one of the project's scripts and files, reads."""
    shown = subprocess.run([server, "--help"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"\[env: ([A-Z][A-Z0-9_]+)\]", shown))
    assert {"HOST", "STORE_URL", "METRICS_ADDR"} <= known
    readers = [ROOT / "Dockerfile", ROOT / "Makefile"]
    for folder in ("scripts", "playbooks", "terraform", "tests/deploy"):
        readers += (path for path in ROOT.glob(f"{folder}/**/*") if path.suffix in READERS)
    for reader in readers:
        known |= set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", reader.read_text()))
    return known


def test_variables_that_are_named(variables):
    """Every environment variable that a page names is read by the program, by a script, or by a library."""
    unknown = []
    for page in PAGES:
        places = page.spans + [(fence.text, fence.line) for fence in page.fences]
        for text, line in places:
            # Set within the same commands.
            own = set(re.findall(r"^\s*([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)) if "\n" in text else set()
            for match in VARIABLE.finditer(text):
                name = match[1] or match[2]
                if name not in variables | OF_OTHERS | own and not name.startswith(TOOLS):
                    unknown.append(f"{page}:{line}: {name}")
    assert not unknown, "\n".join(sorted(set(unknown)))


def test_all_variables_are_told(variables, server):
    """The table of variables in docs/operations.md is that of `crypto-rates --help`: names and defaults."""
    shown = subprocess.run([server, "--help"], capture_output=True, text=True, check=True).stdout
    defaults = dict(re.findall(r"\[env: ([A-Z][A-Z0-9_]+)\](?: \[default: (.*)\])?$", shown, re.MULTILINE))
    rows = (ROOT / "docs/operations.md").read_text()
    told = dict(re.findall(r"^\| ((?:`[A-Z][A-Z0-9_]+`(?:, )?)+) \| (.*?) \|", rows, re.MULTILINE))
    names = {name.strip("` ") for cell in told for name in cell.split(",")}
    assert names == set(defaults)
    for cell, default in told.items():
        name = cell.strip("`")
        # In words where the default depends on the machine, or on the version.
        if default.startswith("`"):
            assert default.strip("`") == defaults[name], name
        else:
            assert defaults[name] == "" or name == "APP_VERSION", name
