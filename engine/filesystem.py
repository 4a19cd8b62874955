"""Which file system a path lies on; SQLite keeps its promises only on one that this machine owns."""

from __future__ import annotations

from pathlib import Path

NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs", "lustre"}
MOUNTS = Path("/proc/self/mountinfo")


def network(path: Path, mounts: Path = MOUNTS) -> str | None:
    """Return the kind of network file system under a path, or None; also None where the machine does not say."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    resolved, longest, found = path.resolve(), -1, ""
    for line in lines:
        where, _, what = line.partition(" - ")
        point = Path(where.split()[4].replace("\\040", " "))
        if resolved.is_relative_to(point) and len(point.parts) >= longest:
            longest, found = len(point.parts), what.split()[0]
    return found if found in NETWORK else None
