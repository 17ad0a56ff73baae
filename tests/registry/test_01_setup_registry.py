"""01: a registry from nothing, then what happens when it is run again with other wishes."""

import re

from hosts import run

SCRIPT = "01"


def _curl(site, *arguments: str, path: str = "/v2/", user: str = "", config: str = "") -> str:
    """The registry's status code, or curl's exit code if there is none; passwords by standard input."""
    lines = config or (f'user = "{user}"' if user else "")
    done = run(
        *("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--config", "-", *arguments),
        f"https://{site.address}{path}",
        input=lines,
        ok=False,
    )
    return done.stdout if done.returncode == 0 else f"curl {done.returncode}"


def _ca(site) -> tuple[str, str]:
    return "--cacert", str(site.config / "ca.crt")


def _certificate(site) -> list[str]:
    """Serial number and issuer."""
    return site.registry.inside("openssl x509 -noout -serial -issuer -in /etc/docker/registry/tls/registry.crt").splitlines()


def _pid(site) -> str:
    return site.registry.inside("systemctl show --property MainPID docker-registry")


def test_check_mode_before_anything_is_there(site):
    """On a fresh host, --check says what is missing and changes nothing, neither there nor here."""
    outcome = site.script(SCRIPT, "--check")
    assert "not installed yet" in outcome.output
    assert site.registry.inside("ls /usr/bin/docker-registry /etc/docker 2>&1 || true").count("No such file") == 2
    assert not site.config.exists()


def test_no_password(site):
    """Without a password it stops before it changes anything, and says which three ways there are to give one."""
    outcome = site.script(SCRIPT, ok=False, REGISTRY_PASSWORD="")
    assert "set REGISTRY_PASSWORD" in outcome.output and "ansible-vault" in outcome.output
    assert "No such file" in site.registry.inside("ls /usr/bin/docker-registry 2>&1 || true")


def test_a_given_ca(site):
    """With a CA that is given, key with passphrase, it issues the registry's certificate from that and makes none."""
    given = site.home / "given"
    given.mkdir()
    passphrase = site.new_password()
    run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "30"),
        *("-subj", "/CN=Given CA", "-addext", "basicConstraints=critical,CA:TRUE", "-passout", "stdin"),
        *("-keyout", given / "ca.key", "-out", given / "ca.crt"),
        input=passphrase,
    )
    files = ("-e", f"registry_ca_certificate={given}/ca.crt", "-e", f"registry_ca_key={given}/ca.key")
    site.script(SCRIPT, "--", *files, "-e", "registry_ca_make=false", REGISTRY_CA_PASSPHRASE=passphrase)
    assert "issuer=CN = Given CA" in _certificate(site)[1]
    assert (site.config / "ca.crt").read_text() == (given / "ca.crt").read_text()
    assert not (site.config / "private").exists()


def test_a_given_certificate(site):
    """With a certificate that somebody else has issued, it uses that and needs no CA's key."""
    given = site.home / "given"
    run(
        *("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Elsewhere", "-x509", "-days", "30"),
        *("-addext", f"subjectAltName=IP:{site.registry.address}", "-addext", "basicConstraints=critical,CA:TRUE"),
        *("-keyout", given / "elsewhere.key", "-out", given / "elsewhere.crt"),
    )
    certificate, key = f"{given}/elsewhere.crt", f"{given}/elsewhere.key"
    outcome = site.script(
        SCRIPT,
        *("--", "-e", f"registry_given_certificate={certificate}", "-e", f"registry_given_key={key}"),
        *("-e", f"registry_ca_certificate={certificate}", "-e", "registry_ca_key=/none"),
    )
    assert "issuer=CN = Elsewhere" in _certificate(site)[1]
    assert (given / "elsewhere.key").read_text().splitlines()[1] not in outcome.output


def test_a_ca_of_its_own(site):
    """Without one it makes a CA on this machine, and the registry has a new certificate from it."""
    (site.config / "ca.crt").unlink()
    site.script(SCRIPT)
    assert "issuer=CN = Crypto Rates registry CA" in _certificate(site)[1]
    key = site.config / "private/ca.key"
    assert key.stat().st_mode & 0o777 == 0o600
    body = "".join(key.read_text().splitlines()[1:-1])[:40]
    assert "no such key" in site.registry.inside(f"grep -rl '{body}' /etc /root /home /var/lib || echo no such key")
    assert (site.config / "address").read_text().strip() == site.address


def test_half_a_ca(site):
    """A CA's certificate without its key is not written over: it stops and names both files."""
    key = site.config / "private/ca.key"
    key.rename(key.with_suffix(".away"))
    outcome = site.script(SCRIPT, ok=False)
    key.with_suffix(".away").rename(key)
    assert f"needs both {site.config}/ca.crt and {key}" in outcome.output


def test_again(site):
    """A second run changes nothing, and neither does --check."""
    for arguments in ((), ("--check",)):
        outcome = site.script(SCRIPT, *arguments)
        assert outcome.count("registry-1", "changed") == 0, outcome.output


def test_who_gets_in(site):
    """Who has the CA and the right password gets in (200), who lacks the password does not (401), who lacks the CA is warned.

    By address and by name; and without TLS nothing is there.
    """
    assert _curl(site, *_ca(site)) == "401"
    assert _curl(site, *_ca(site), user="crypto-rates:wrong") == "401"
    assert _curl(site, *_ca(site), user=f"crypto-rates:{site.password}") == "200"
    assert _curl(site) == "curl 60"
    by_name = ("--connect-to", f"registry.example.org:5000:{site.address}", *_ca(site))
    done = run("curl", "--silent", "--write-out", "%{http_code}", *by_name, "https://registry.example.org:5000/v2/")
    assert done.stdout.endswith("401")
    assert run("curl", "--silent", f"http://{site.address}/v2/", ok=False).stdout.startswith("Client sent an HTTP request")


def test_what_lies_on_the_host(site):
    """Passwords lie there as bcrypt, readable by the registry alone; so does its key; it runs without privileges."""
    listed = site.registry.inside("stat -c '%a %U:%G %n' /etc/docker/registry/{htpasswd,tls/registry.key,config.yml}")
    assert {line.rsplit(" ", 1)[0] for line in listed.splitlines()} == {"640 root:docker-registry"}, listed
    users = site.registry.inside("cat /etc/docker/registry/htpasswd").splitlines()
    assert users and all(re.fullmatch(r"[\w-]+:\$2y\$10\$[./\w]{53}", line) for line in users)
    status = site.registry.inside("cat /proc/$(systemctl show --property MainPID --value docker-registry)/status")
    assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE) and "NoNewPrivs:\t1" in status
    assert not re.search(r"^Uid:\s+0\b", status, re.MULTILINE)


def test_a_new_password(site):
    """A new password is in force at once and the old one is not, without a restart."""
    old, pid = site.password, _pid(site)
    site.password = site.new_password()
    outcome = site.script(SCRIPT, "--", "--tags", "users")
    assert outcome.count("registry-1", "changed") == 1
    assert _curl(site, *_ca(site), user=f"crypto-rates:{old}") == "401"
    assert _curl(site, *_ca(site), user=f"crypto-rates:{site.password}") == "200"
    assert _pid(site) == pid


def test_a_user_who_is_not_named_any_more(site):
    """Whoever is taken out of the inventory is taken out of the registry."""
    site.registry.inside("echo 'guest:$2y$10$x' >>/etc/docker/registry/htpasswd")
    outcome = site.script(SCRIPT)
    assert outcome.count("registry-1", "changed") == 1, outcome.output
    assert "guest" not in site.registry.inside("cat /etc/docker/registry/htpasswd")


def test_renewal(site):
    """A certificate that ends soon is renewed and taken into use, by the same CA and the same key."""
    key = "sha256sum /etc/docker/registry/tls/registry.key"
    before, same_key, pid = _certificate(site), site.registry.inside(key), _pid(site)
    site.script(SCRIPT, "--", "-e", "registry_certificate_renew_days=366")
    after = _certificate(site)
    assert after[0] != before[0] and after[1] == before[1]
    assert site.registry.inside(key) == same_key
    assert _pid(site) != pid
    assert _curl(site, *_ca(site), user=f"crypto-rates:{site.password}") == "200"


def test_a_restart_of_the_host(site):
    """The registry is there again, with its images' folder, after the host has started anew."""
    site.registry.restart()
    for _ in range(30):
        if _curl(site, *_ca(site), "--retry", "20", "--retry-connrefused", "--retry-delay", "1") == "401":
            break
    assert _curl(site, *_ca(site), user=f"crypto-rates:{site.password}") == "200"
