"""03: the image on this machine."""

import re


def test_local_docker(site):
    """03 runs the very image that 02 has pushed in a hardened container, and finds that it does all it should."""
    name, tag = re.search(r"/([^:@]+):([^@]+)@", site.pushed).groups()
    outcome = site.script("03", CHECKED_IMAGE=f"{name}:{tag}")
    assert re.search(r"\d+ passed", outcome.output) and "BROKEN" not in outcome.output
