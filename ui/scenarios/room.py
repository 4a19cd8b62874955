"""What scenarios bring to an app: one more kind of file, checked with the others."""

from __future__ import annotations

from engine.room import DocumentKind, Room
from ui.scenarios.compile import compile_scenarios, link_scenarios, schema

ROOM = Room("scenarios", kinds=(DocumentKind("scenario", "tests", schema, compile_scenarios, link_scenarios),))
