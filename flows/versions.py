"""Versions: every published text of a flow; an instance keeps the one it started with."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import func, insert, select

from engine.errors import ConfigErrors, EvaluationError, NotFound, Problems
from engine.source import read_text
from flows.compile import compile_flow
from flows.tables import version as table

if TYPE_CHECKING:
    from engine.app import App
    from engine.catalog import Catalog
    from engine.work import Work
    from flows.flow import Flow

KIND = "flow"

# What was compiled, for each app: by the hash of the catalog and the version, the
# numbers of versions, and the newest of each flow.
_compiled: WeakKeyDictionary[App, dict[tuple[str, int], Flow]] = WeakKeyDictionary()
_numbers: WeakKeyDictionary[App, dict[int, int]] = WeakKeyDictionary()
_newest: WeakKeyDictionary[App, dict[tuple[str, str], int]] = WeakKeyDictionary()


def publish(work: Work, _before: Catalog | None, catalog: Catalog) -> None:
    """Keep the text of every flow that is new or changed."""
    for id, document in catalog.documents.get(KIND, {}).items():
        digest = hashlib.sha256(document.text.encode()).hexdigest()
        rows = work.execute(
            select(table.c.number, table.c.hash).where(table.c.flow == id).order_by(table.c.number.desc())
        )
        last = rows.first()
        if last is None or last.hash != digest:
            number = last.number + 1 if last else 1
            row = {"flow": id, "number": number, "hash": digest, "source": document.text, "published_at": work.now}
            work.execute(insert(table).values(**row))


def newest(work: Work, flow: str) -> int:
    """The id of the version that new instances start with."""
    known = _newest.setdefault(work.app, {})
    key = (work.catalog.hash, flow)
    if key not in known:
        if flow not in work.catalog[KIND]:
            raise NotFound(f"没有流程 {flow}")
        known[key] = work.execute(select(func.max(table.c.id)).where(table.c.flow == flow)).scalar_one()
        _compiled.setdefault(work.app, {})[work.catalog.hash, known[key]] = work.catalog[KIND][flow]
    return known[key]


def program(work: Work, version_id: int) -> Flow:
    """The flow as it was published then, read against the forms of today."""
    known = _compiled.setdefault(work.app, {})
    key = (work.catalog.hash, version_id)
    if key not in known:
        known[key] = _read(work, version_id)
    return known[key]


def number(work: Work, version_id: int) -> int:
    """Which version of its flow this is, counted from 1."""
    known = _numbers.setdefault(work.app, {})
    if version_id not in known:
        known[version_id] = work.execute(select(table.c.number).where(table.c.id == version_id)).scalar_one()
    return known[version_id]


def _read(work: Work, version_id: int) -> Flow:
    row = work.execute(select(table.c.flow, table.c.number, table.c.source).where(table.c.id == version_id)).one()
    problems = Problems()
    document = read_text(row.source, f"flows/{row.flow}.yaml (version {row.number})")
    flow = compile_flow(work.catalog, row.flow, document, problems)
    if flow is None or problems.errors:
        raise EvaluationError(f"第 {row.number} 版流程不再适用于现在的表单: {ConfigErrors(problems.errors)}")
    return flow
