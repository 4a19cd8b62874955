"""Backup: everything in the database as one zip of JSON lines, taken in one snapshot; fits both databases.

`tables.json` tells each table with its columns and how many rows it has; `TABLE.jsonl` holds its rows.
"""

from ui.backup.dumping import dump
from ui.backup.loading import load

__all__ = ["dump", "load"]
