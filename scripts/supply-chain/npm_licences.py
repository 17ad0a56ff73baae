"""Looks at the licences of all npm packages, as the lock files name them, under the same list as deny.toml.

Only Bootstrap's style and Fluent's formatter are shipped. The rest builds and tests, so that it may have the licences in
TOOLS, too.
"""

import json
import subprocess
import tomllib
from pathlib import Path

from license_expression import get_spdx_licensing

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = {"bootstrap", "@fluent/bundle"}
#: MPL-2.0 asks something of who changes the package itself, which nobody does here.
TOOLS = {"0BSD", "BlueOak-1.0.0", "MPL-2.0", "Python-2.0"}
SPDX = get_spdx_licensing()


def allowed(licence: str, names: set[str]) -> bool:
    """Whether an expression such as `(MIT OR CC0-1.0)` can be kept with these licences."""
    expression = SPDX.parse(licence)
    known = {symbol: SPDX.TRUE if symbol.key in names else SPDX.FALSE for symbol in expression.symbols}
    return expression.subs(known).simplify() == SPDX.TRUE


def main() -> None:
    ours = set(tomllib.loads((ROOT / "deny.toml").read_text())["licenses"]["allow"])
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*package-lock.json"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split()
    count, wrong = 0, []
    for file in found:
        for place, package in json.loads((ROOT / file).read_text())["packages"].items():
            name = place.rpartition("node_modules/")[2]
            # Without a name it is ours.
            if not name:
                continue
            count += 1
            licence = package.get("license")
            if not licence or not allowed(licence, ours if name in SHIPPED else ours | TOOLS):
                wrong.append(f"{file}: {name} has {licence or 'no licence'}")
    print(f"{count} npm packages in {len(found)} lock files")
    if wrong:
        raise SystemExit("error: not allowed\n  " + "\n  ".join(wrong))


if __name__ == "__main__":
    main()
