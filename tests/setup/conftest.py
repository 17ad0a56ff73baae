"""What the tests of the set-up share: the machine, and the report of the deployment checks."""

import importlib.util
import os
from pathlib import Path

import pytest

from machine import Machine

ROOT = Path(__file__).resolve().parents[2]

_spec = importlib.util.spec_from_file_location("deploy_conftest", ROOT / "tests/deploy/conftest.py")
_deploy = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_deploy)
pytest_collection_modifyitems = _deploy.pytest_collection_modifyitems
pytest_runtest_makereport = _deploy.pytest_runtest_makereport
pytest_report_teststatus = _deploy.pytest_report_teststatus


@pytest.fixture(scope="session")
def machine() -> Machine:
    """A fresh Debian 12 with this checkout in it; scripts/check-setup.sh makes it."""
    assert "MACHINE" in os.environ, "run make check-setup"
    made = Machine(Path(os.environ["MACHINE"]), os.environ["MACHINE_VARIABLES"].split())
    made.check_out(ROOT)
    return made
