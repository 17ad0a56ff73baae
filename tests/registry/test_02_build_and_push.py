"""02: the image of these sources, built by make image, in the registry."""

import json
import re

from hosts import run

SCRIPT = "02"


def _manifest(site, name: str, reference: str) -> dict:
    """What the registry has under this tag or digest."""
    done = run(
        *("curl", "--silent", "--fail", "--cacert", site.config / "ca.crt", "--config", "-"),
        *("--header", "Accept: application/vnd.docker.distribution.manifest.v2+json"),
        f"https://{site.address}/v2/{name}/manifests/{reference}",
        input=f'user = "crypto-rates:{site.password}"',
    )
    return json.loads(done.stdout)


def test_a_wrong_password(site):
    """With a wrong password nothing is built and nothing is pushed."""
    outcome = site.script(SCRIPT, "--no-build", ok=False, REGISTRY_PASSWORD="wrong")
    assert "invalid username/password" in outcome.output, outcome.output
    assert (site.note.read_text() if site.note.exists() else None) == site.noted


def test_a_wrong_ca(site):
    """A registry that the CA does not vouch for is not given the password."""
    outcome = site.script(SCRIPT, "--no-build", ok=False, REGISTRY_CA=str(site.home / "given/ca.crt"))
    assert "x509" in outcome.output, outcome.output


def test_build_and_push(site, built):
    """02 pushes the image, which make image builds unless one was named; the registry has it by the digest that 02 says."""
    outcome = site.script(SCRIPT, *(["--no-build"] if built else []))
    site.pushed = site.note.read_text().strip()
    assert f"pushed: {site.pushed}" in outcome.output
    found = re.fullmatch(rf"{site.address}/([\w./-]+):([\w.-]+)@(sha256:[0-9a-f]{{64}})", site.pushed)
    assert found, site.pushed
    name, tag, digest = found.groups()
    assert _manifest(site, name, tag) == _manifest(site, name, digest)


def test_push_again(site):
    """Pushed again, nothing is sent that the registry has, and the digest stays."""
    cursor = site.registry.inside("journalctl --lines 0 --show-cursor").partition("cursor: ")[2].strip()
    outcome = site.script(SCRIPT, "--no-build")
    assert f"pushed: {site.pushed}" in outcome.output
    log = site.registry.inside(f"journalctl --unit docker-registry --after-cursor '{cursor}' --output cat")
    assert "http.request.method=HEAD" in log and "http.request.method=PATCH" not in log
