"""Backup, restore, upgrade and rollback of the service under systemd, as docs/operations.md says."""

import json

from harness import get
from installed import UNIT, documented, snapshot, wait_until_ready

PAGE = "docs/operations.md"
STORE, BACKUP = "/var/lib/crypto-rates/rates.redb", "/var/backups/crypto-rates/rates.redb"


def check(container) -> str:
    """What the documented check of a backup says. Its server is ended by a time-out, which is no success."""
    return container.run("bash", "-c", documented("file-check", PAGE)).stdout


def test_backup_and_restore_as_documented(installed):
    """The documented commands save the file of a running service, judge the copy, and bring its history back."""
    installed.bash(documented("file-backup", PAGE))
    kept = snapshot(installed)
    said = check(installed)
    assert "the last good rates are there" in said and "damaged" not in said, said
    # Everything is lost, and begun anew with other rates.
    installed.bash(f"systemctl stop {UNIT}; rm {STORE}; systemctl start {UNIT}")
    wait_until_ready(installed.port)
    assert snapshot(installed) != kept
    # Without a file to copy over, whose owner would stay.
    installed.bash(f"systemctl stop {UNIT}; rm {STORE}")
    installed.bash(documented("file-restore", PAGE))
    wait_until_ready(installed.port)
    assert snapshot(installed) == kept
    assert json.loads(get(installed.port, "/health")[2])["store"] == {"kind": "file", "degraded": False}
    assert len(json.loads(get(installed.port, "/api/history?symbol=usd")[2])["points"]) == 1


def test_a_bad_backup_is_seen(installed):
    """The documented check says of a damaged copy that it is damaged."""
    installed.bash(documented("file-backup", PAGE))
    installed.bash(f"printf spoilt | dd of={BACKUP} bs=1 seek=4200 conv=notrunc status=none")
    said = check(installed)
    assert "the store was damaged" in said and "the last good rates are there" not in said, said


def test_upgrade_and_rollback_as_documented(installed):
    """The documented commands put another binary in place and the one before back, and the rates stay."""
    identity = "stat --format=%i /usr/local/bin/crypto-rates"
    first, kept = installed.bash(identity), snapshot(installed)
    installed.bash("cd /src\n" + documented("file-upgrade", PAGE))
    wait_until_ready(installed.port)
    assert installed.bash(identity) != first
    assert snapshot(installed) == kept
    installed.bash(documented("file-rollback", PAGE))
    wait_until_ready(installed.port)
    assert snapshot(installed) == kept
    assert installed.run("ls", "/usr/local/bin/crypto-rates.before").returncode != 0
