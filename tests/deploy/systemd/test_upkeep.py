"""Backup, restore, upgrade and rollback of the service under systemd, as docs/operations.md says."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "benches")]

from harness import get  # noqa: E402
from installed import UNIT, documented, wait_until_ready  # noqa: E402

PAGE = "docs/operations.md"
STORE, BACKUP = "/var/lib/crypto-rates/rates.redb", "/var/backups/crypto-rates/rates.redb"


def by_hand(container, marker: str, before: str = "") -> str:
    """Runs the documented commands as root does who reads them; what they said."""
    done = container.run("bash", "-ec", before + documented(marker, PAGE))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def check(container) -> str:
    """What the documented check of a backup says. Its server is ended by a time-out, which is no success."""
    return container.run("bash", "-c", documented("file-check", PAGE)).stdout


def snapshot(container) -> str:
    return json.loads(get(container.port, "/api/rates")[2])["snapshot_id"]


def test_backup_and_restore_as_documented(installed):
    """The documented commands save the file of a running service, judge the copy, and bring its history back."""
    by_hand(installed, "file-backup")
    kept = snapshot(installed)
    said = check(installed)
    assert "the last good rates are there" in said and "damaged" not in said, said
    # Everything is lost, and begun anew with other rates.
    installed.run("bash", "-ec", f"systemctl stop {UNIT}; rm {STORE}; systemctl start {UNIT}")
    wait_until_ready(installed.port)
    assert snapshot(installed) != kept
    # Without a file to copy over, whose owner would stay.
    installed.run("bash", "-ec", f"systemctl stop {UNIT}; rm {STORE}")
    by_hand(installed, "file-restore")
    wait_until_ready(installed.port)
    assert snapshot(installed) == kept
    assert json.loads(get(installed.port, "/health")[2])["store"] == {"kind": "file", "degraded": False}
    points = json.loads(get(installed.port, "/api/history?symbol=usd")[2])["points"]
    assert len(points) == 1


def test_a_bad_backup_is_seen(installed):
    """The documented check says of a damaged copy that it is damaged."""
    by_hand(installed, "file-backup")
    spoil = f"printf spoilt | dd of={BACKUP} bs=1 seek=4200 conv=notrunc status=none"
    installed.run("bash", "-c", spoil)
    said = check(installed)
    assert "the store was damaged" in said and "the last good rates are there" not in said, said


def test_upgrade_and_rollback_as_documented(installed):
    """The documented commands put another binary in place and the one before back, and the rates stay."""
    identity = lambda path: installed.run("stat", "--format=%i", path).stdout  # noqa: E731
    first, kept = identity("/usr/local/bin/crypto-rates"), snapshot(installed)
    by_hand(installed, "file-upgrade", before="cd /src\n")
    wait_until_ready(installed.port)
    assert identity("/usr/local/bin/crypto-rates") != first
    assert snapshot(installed) == kept
    by_hand(installed, "file-rollback")
    wait_until_ready(installed.port)
    assert snapshot(installed) == kept
    assert installed.run("ls", "/usr/local/bin/crypto-rates.before").returncode != 0
