"""Usage: how much of a sum is taken, drawn as a bar; read off a guard that says the rest may not fall below nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.expressions.tree import Arith, Computed, Field, Literal, Node
from engine.work import Work
from forms import access
from forms.form import Form
from forms.records import Record
from ui.web.cells import figure
from ui.web.templating import label

TONES = ("c1", "c2", "c4", "c3")


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the bar: where it begins and how long it is, in thousandths."""

    label: str
    amount: str
    tone: str
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Usage:
    """The bar: what is taken part by part, what is left, and how much that is of the whole."""

    parts: list[Part]
    rest_label: str
    rest: str
    share: str
    limit: int  # where the whole ends, in thousandths of the bar; 1000 unless more is taken than there is


def usage(work: Work, record: Record) -> Usage | None:
    """The bar of the first guard of the form that has such a sum and hides nothing of it from this reader."""
    for guard in record.form.guards.values():
        compare = guard.margin
        if compare is None or compare.op not in (">=", ">") or not isinstance(compare.right, Literal):
            continue
        name = compare.left.path[0] if isinstance(compare.left, Computed) and len(compare.left.path) == 1 else ""
        found = _bar(work, record, name) if name else None
        if found is not None:
            return found
    return None


def signed_sum(work: Work, guard_id: str, lines: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The lines behind a refusal as a sum that adds up: each term with its sign, the result last.

    What is no plain sum is answered as it came.
    """
    for form in work.catalog["form"].values():
        guard = form.guards.get(guard_id)
        compare = guard.margin if guard is not None else None
        if compare is None or not isinstance(compare.left, Computed) or len(compare.left.path) != 1:
            continue
        name, known = compare.left.path[0], dict(lines)
        found = [(form.fields[one].label, sign) for one, sign in terms(form, name, 1) if one in form.fields and sign]
        total = form.fields[name].label
        if found and total in known and all(one in known for one, _ in found):
            return [*((one, Decimal(known[one] or "0.00") * sign) for one, sign in found), (total, known[total])]
    return list(lines)


def _bar(work: Work, record: Record, name: str) -> Usage | None:
    form = record.form
    named = list(terms(form, name, 1))
    if not all(one in form.fields and access.readable(work.principal, form.fields[one]) for one, _ in named):
        return None
    whole = sum((Decimal(record[one] or 0) for one, sign in named if sign > 0), Decimal(0))
    taken = [(one, Decimal(record[one] or 0)) for top, sign in named if sign < 0 for one in _inner(form, top)]
    used = sum((amount for _, amount in taken), Decimal(0))
    scale = max(whole, used)
    if scale <= 0 or any(amount < 0 for _, amount in taken):
        return None
    parts, start = [], 0
    for index, (one, amount) in enumerate(taken):
        width = int(amount * 1000 / scale)
        words = "".join(figure(work, amount, form.fields[one].type.name))
        parts.append(Part(label(form.fields[one].label), words, TONES[index % len(TONES)], start, width))
        start += width
    rest = "".join(figure(work, record[name], form.fields[name].type.name))
    share = f"{used / whole * 100:.1f}%" if whole > 0 else ""
    return Usage(parts, label(form.fields[name].label), rest, share, int(whole * 1000 / scale))


def terms(form: Form, name: str, sign: int) -> Iterator[tuple[str, int]]:
    """The plain names that a computed sum is made of, one step down, with their signs."""
    compute = form.fields[name].compute
    if compute is not None:
        yield from _signed(compute.tree, sign)


def _signed(node: Node, sign: int) -> Iterator[tuple[str, int]]:
    if isinstance(node, Arith) and node.op in ("+", "-"):
        yield from _signed(node.left, sign)
        yield from _signed(node.right, sign if node.op == "+" else -sign)
    elif isinstance(node, (Computed, Field)) and len(node.path) == 1:
        yield node.path[0], sign
    else:
        yield "", 0


def _inner(form: Form, name: str) -> list[str]:
    """The names that a part is itself the sum of, or the part alone."""
    named = list(terms(form, name, 1))
    if len(named) > 1 and all(sign > 0 and one in form.fields for one, sign in named):
        return [one for one, _ in named]
    return [name]
