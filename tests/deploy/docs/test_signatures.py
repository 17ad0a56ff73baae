"""docs/security.md's commands against what scripts/publish.sh has really pushed. cosign is a stand-in, since no package
registry has it: with it `cosign verify` itself would run, against Rekor's log."""

import subprocess

from pages import ROOT, Page
from test_publish import VERSION, ok, site  # noqa: F401


def test_what_the_page_verifies_is_there(site):  # noqa: F811
    """Each documented `cosign verify` asks for what is signed, files included; `verify-attestation` for what has a bill."""
    signed, described = [], []
    # As .github/workflows/release.yml calls it.
    for parts, variables in [
        (["processor"], {"PROCESSOR": "amd64"}), (["processor"], {"PROCESSOR": "arm64"}), (["index", "chart", "files"], {}),
    ]:
        ok(site.publish(*parts, COSIGN_KEY="", **variables))
        signed += [site.raw(words[-1]) for words in site.told("cosign", "sign")]
        described += [site.raw(words[-1]) for words in site.told("cosign", "attest")]
    (block,) = [fence.text for fence in Page(ROOT / "docs/security.md").fences if fence.info == ["sh", "signatures"]]
    for documented, here in {
        "ghcr.io/OWNER/REPOSITORY:1.2.3": f"{site.address}/crypto-rates:{VERSION}",
        "ghcr.io/OWNER/charts/crypto-rates:1.2.3": f"{site.address}/charts/crypto-rates:{VERSION}",
    }.items():
        assert documented in block
        block = block.replace(documented, here)
    site.log.write_text("")
    path = f"{site.folder / 'tools/bin'}:{site.environment['PATH']}"
    files = site.tree / "target/release-files"
    done = subprocess.run(["bash", "-euc", block], cwd=files, env={"PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (blob,) = site.told("cosign", "verify-blob")
    verified, attested = site.told("cosign", "verify"), site.told("cosign", "verify-attestation")
    assert len(verified) >= 2 and len(attested) >= 2
    assert "--certificate-identity" in blob
    for words in verified + attested:
        # By whom the release is signed; without, cosign refuses to look.
        assert "--certificate-oidc-issuer" in words and "--certificate-identity" in words
        there = signed if words[1] == "verify" else described
        assert site.raw(words[-1]) in there, f"{' '.join(words)}: nothing stands at that digest"
