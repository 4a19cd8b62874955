"""Watch: which stored fields a rule depends on, and which of its records a change elsewhere concerns (R13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules import sets
from rules.rule import Declared

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.events import Event
    from engine.work import Work
    from forms.form import Form

Slot = tuple[str, str]  # form, field
MAX_STEPS = 6
WATCHED = "rules.watched"


@dataclass(frozen=True)
class Hop:
    """One step from a record to another form: along a reference, or down to what refers to it by `field`."""

    form: str  # the form that holds `field`
    field: str
    down: bool


@dataclass(frozen=True)
class Source:
    """A stored field that a rule depends on, and the hops that lead to its form from the rule's own."""

    form: str
    field: str
    hops: tuple[Hop, ...]


def sources(catalog: Catalog, rule: Declared) -> frozenset[Source]:
    """Every stored field behind the paths of the rule's `changes`; computed ones stand for what they read."""
    form = catalog["form"][rule.form]
    found: set[Source] = set()
    for path in rule.changes:
        found.update(_follow(catalog, form, tuple(path.split(".")), (), MAX_STEPS))
    return frozenset(found)


def watching(catalog: Catalog, form_id: str) -> list[tuple[str, list[Source]]]:
    """The rules that records of a form can concern, in order, each with its sources there."""
    form = catalog["form"][form_id]
    if WATCHED not in form.compiled:
        for other in catalog["form"].values():
            other.compiled[WATCHED] = _watching(catalog, other.id)
    return form.compiled[WATCHED]  # type: ignore[no-any-return]


def _watching(catalog: Catalog, form_id: str) -> list[tuple[str, list[Source]]]:
    found = (
        (rule_id, [s for s in sources(catalog, rule) if s.form == form_id]) for rule_id, rule in catalog["rule"].items()
    )
    return [(rule_id, here) for rule_id, here in found if here]


def slots(catalog: Catalog, rule: Declared) -> frozenset[Slot]:
    """The (form, field) pairs whose change makes the rule look."""
    return frozenset((source.form, source.field) for source in sources(catalog, rule))


def _follow(catalog: Catalog, form: Form, path: tuple[str, ...], hops: tuple[Hop, ...], left: int) -> Iterator[Source]:
    if not path or left == 0 or path[0] not in form.fields:
        return
    field = form.fields[path[0]]
    if field.lines is not None:
        yield Source(form.id, field.id, hops)  # rows of a table change with their record
    elif field.value_type.kind == "related":
        child = catalog["form"][str(field.value_type.form)]
        via: str = field.type.via  # type: ignore[attr-defined]
        down = (*hops, Hop(child.id, via, down=True))
        yield Source(child.id, via, down)
        yield from _follow(catalog, child, path[1:], down, left - 1)
    elif field.compute is not None:
        for read in field.compute.reads:
            yield from _follow(catalog, form, read, hops, left - 1)
    else:
        yield Source(form.id, field.id, hops)
        if len(path) > 1 and field.value_type.form:
            target = catalog["form"][field.value_type.form]
            yield from _follow(catalog, target, path[1:], (*hops, Hop(form.id, field.id, down=False)), left - 1)


def concerned(work: Work, rule: Declared, found: Iterable[Source], event: Event) -> set[int]:
    """The ids of the rule's records that this event may have changed something for."""
    ids: set[int] = set()
    for source in found:
        if source.form != event.form:
            continue
        if event.name == "record.updated" and source.field not in event.changes:
            continue
        ids |= _back(work, source, event)
    return ids


def _back(work: Work, source: Source, event: Event) -> set[int]:
    """Walk the hops backwards from the changed record to the rule's records."""
    ids = set(event.data["ids"]) if event.record_id is None else {event.record_id}
    for position, hop in enumerate(reversed(source.hops)):
        if hop.down:
            parents = sets.values(work, hop.form, hop.field, ids)
            if position == 0 and hop.field in event.changes:
                parents |= {parent for parent in event.changes[hop.field] if parent is not None}
            ids = parents
        else:
            ids = sets.referring(work, hop.form, hop.field, ids)
        if not ids:
            break
    return ids
