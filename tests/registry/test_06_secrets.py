"""After all of it: where passwords went."""

import base64
import subprocess

import pytest


def _forms(password: str) -> set[str]:
    """A password as it is, and as it stands in an Authorization header or a Docker configuration."""
    return {password, base64.b64encode(f"crypto-rates:{password}".encode()).decode()}


def test_the_watch_sees(watch):
    """The watch on command lines sees what a password on one would be."""
    subprocess.run(["sh", "-c", "sleep 0.5 # canary-on-a-command-line"], check=True)
    assert any("canary-on-a-command-line" in line for line in watch.seen)


def test_no_password_on_a_command_line(site, watch):
    """No password was on the command line of any process, here or on a host."""
    for password in site.passwords:
        for form in _forms(password):
            assert not [line for line in watch.seen if form in line]


@pytest.mark.parametrize("verbosity", ["-v", "-vvvv"])
def test_verbose_runs(site, verbosity):
    """Even a verbose run prints no password and logs none [with the logs of all other runs]."""
    site.script("01", "--", verbosity)
    site.script("04", "--", verbosity)
    for log in site.logs.iterdir():
        text = log.read_text()
        assert text, log
        assert not [form for password in site.passwords for form in _forms(password) if form in text], log


def test_the_hosts_logs(site):
    """No password is in a host's journal, nor in any other file below /var/log, /etc, /root or /home."""
    for host in site.hosts.values():
        journal = host.inside("journalctl --no-pager --output json")
        assert "MESSAGE" in journal
        for password in site.passwords:
            for form in _forms(password):
                assert form not in journal, host.name
                # What to look for goes in by a file, so that grep itself does not show it.
                host.inside(
                    "cat >/tmp/form; ! grep --recursive --files-with-matches --file /tmp/form /var/log /etc /root /home; rm /tmp/form",
                    stdin=form,
                )


def test_nothing_is_left_here(site):
    """On this machine passwords are in no file of the site but those that the test itself has written."""
    for file in site.home.rglob("*"):
        if file.is_file():
            text = file.read_bytes()
            assert not [f for p in site.passwords for f in _forms(p) if f.encode() in text], file
