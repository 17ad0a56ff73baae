"""What the pages point at is there: links, files, commands of make, variables."""

import re
import subprocess
from urllib.parse import unquote, urlsplit

import pytest
from pages import FOREIGN, ROOT, pages

PAGES = pages()
#: Code within a line, and blocks of it: page, line, text.
SPANS = [(page, line, text) for page in PAGES for text, line in page.spans]
CODE = SPANS + [(page, fence.line, fence.text) for page in PAGES for fence in page.fences]
COMMANDS = [(page, fence.line, fence.text) for page in PAGES for fence in page.fences if fence.info[:1] == ["sh"]]

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


def test_links():
    """Every relative link in the pages leads to a file and heading; others, but for examples, are https."""
    anchors = {page.path: page.anchors for page in PAGES}
    examples = re.compile(r"^http://(127\.0\.0\.1|localhost)(:\d+)?(/|$)")
    dead, followed = [], 0
    for page in PAGES:
        for link in page.links:
            parts = urlsplit(link.target)
            if parts.scheme or parts.netloc:
                good = parts.scheme == "https" or examples.match(link.target)
            else:
                followed += 1
                target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
                good = target.exists() and (not parts.fragment or unquote(parts.fragment) in anchors[target])
            if not good:
                dead.append(f"{page}:{link.line}: {link.target}")
    assert not dead, "\n".join(dead)
    assert followed > 60


def is_reader_s_own(name: str) -> bool:
    """Whether git is told to leave such a file alone."""
    return subprocess.run(["git", "check-ignore", "--quiet", name], cwd=ROOT).returncode == 0


def test_files_that_are_named():
    """Every path of the project that a page names, in a text or a command, is there."""
    tops = {path.name for path in ROOT.iterdir() if path.is_dir()} - FOREIGN
    path = re.compile(rf"(?<![\w./-])((?:{'|'.join(map(re.escape, sorted(tops)))})/[\w./*-]*\w)")
    missing, named = [], 0
    for page, line, text in SPANS + COMMANDS:
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
    make = re.compile(r"^make ([a-z][\w-]*)", re.MULTILINE)
    named = {(f"{page}:{line}", name) for page, line, text in CODE for name in make.findall(text)}
    assert named and not {each for each in named if each[1] not in targets}


@pytest.fixture(scope="module")
def defaults(server) -> dict[str, str]:
    """The program's variables, with their defaults."""
    shown = subprocess.run([server, "--help"], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"\[env: ([A-Z][A-Z0-9_]+)\](?: \[default: (.*)\])?$", shown, re.MULTILINE))


def test_variables_that_are_named(defaults):
    """Every environment variable that a page names is read by the program, by a script, or by a library."""
    readers = [ROOT / "Dockerfile", ROOT / "Makefile", ROOT / "compose.yaml"]
    for folder in ("scripts", "playbooks", "terraform", "tests/deploy"):
        readers += (path for path in ROOT.glob(f"{folder}/**/*") if path.suffix in READERS)
    known = set(defaults) | OF_OTHERS
    for reader in readers:
        known |= set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", reader.read_text()))
    unknown = set()
    for page, line, text in CODE:
        # Set within the same commands.
        own = set(re.findall(r"^\s*([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)) if "\n" in text else set()
        names = {match[1] or match[2] for match in VARIABLE.finditer(text)} - known - own
        unknown |= {f"{page}:{line}: {name}" for name in names if not name.startswith(TOOLS)}
    assert not unknown, "\n".join(sorted(unknown))


def test_all_variables_are_told(defaults):
    """The table of variables in docs/operations.md is that of `crypto-rates --help`: names and defaults."""
    rows = (ROOT / "docs/operations.md").read_text()
    told = dict(re.findall(r"^\| ((?:`[A-Z][A-Z0-9_]+`(?:, )?)+) \| (.*?) \|", rows, re.MULTILINE))
    names = {name.strip("` ") for cell in told for name in cell.split(",")}
    assert names == set(defaults) and {"HOST", "STORE_URL", "METRICS_ADDR"} <= names
    for cell, default in told.items():
        name = cell.strip("`")
        # In words where the default depends on the machine, or on the version.
        if default.startswith("`"):
            assert default.strip("`") == defaults[name], name
        else:
            assert defaults[name] == "" or name == "APP_VERSION", name
