"""Lets the tests of the chart import the modules beside them, and those of the benches."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[3] / "benches")]
