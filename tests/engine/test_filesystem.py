"""File systems: a database file on the network is found before it is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import database, filesystem
from engine.database import Database

MOUNTS = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /srv/data rw shared:2 - nfs4 server:/data rw,vers=4.2
31 30 8:2 / /srv/data/local rw - xfs /dev/sdb1 rw
32 22 0:41 / /mnt/my\040share rw - cifs //server/share rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/app.sqlite3", None),
        ("/srv/data/app.sqlite3", "nfs4"),
        ("/srv/data/local/app.sqlite3", None),
        ("/srv/database/app.sqlite3", None),
        ("/mnt/my share/app.sqlite3", "cifs"),
    ],
)
def test_the_nearest_mount_decides(tmp_path: Path, path: str, kind: str | None) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert filesystem.network(Path(path), mounts) == kind


def test_a_machine_that_does_not_say(tmp_path: Path) -> None:
    assert filesystem.network(tmp_path, tmp_path / "nothing") is None


def test_a_database_on_the_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "network", lambda path: "nfs4")
    with pytest.raises(ValueError, match="nfs4, a network file system"):
        Database(f"sqlite:///{tmp_path}/app.sqlite3")
    assert list(tmp_path.iterdir()) == []
