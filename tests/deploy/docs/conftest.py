"""Lets the tests of the pages import the modules beside them, and those of the chart, the pipelines, the benches."""

import sys
from pathlib import Path

DEPLOY = Path(__file__).parents[1]
sys.path[:0] = [*(str(DEPLOY / area) for area in ("docs", "chart", "pipelines")), str(DEPLOY.parents[1] / "benches")]
