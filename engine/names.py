"""Names: did you mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.errors import Mark, UnknownName

SHOWN = 12


def nearest(name: str, known: Iterable[str], labels: Mapping[str, str] | None = None) -> str | None:
    """The known name that was probably meant, None when none is near.

    `labels` maps what people call a thing, such as 客户名称, to its name, `name`; labels are met nearly, too.
    """
    targets = {**(labels or {}), **{id: id for id in known}}
    wanted = name.casefold()
    best: tuple[int, str] | None = None
    for candidate, id in targets.items():
        limit = max(len(wanted), len(candidate)) // 3  # two letters must be right
        distance = _distance(wanted, candidate.casefold(), limit)
        if distance <= limit and distance < len(candidate) and (best is None or distance < best[0]):
            best = (distance, id)
    return best[1] if best else None


def unknown(
    noun: str, name: str, known: Iterable[str], mark: Mark | None, labels: Mapping[str, str] | None = None
) -> UnknownName:
    """The error for a name that refers to nothing."""
    return UnknownName(f"there is no {noun} '{name}'", mark, hint(name, known, labels))


def hint(name: str, known: Iterable[str], labels: Mapping[str, str] | None = None) -> str | None:
    """What to do about an unknown name: the one that was probably meant, or those there are."""
    known = list(known)
    meant = nearest(name, known, labels)
    if meant:
        return f"did you mean '{meant}'?"
    return f"known are {listed(known)}" if known else None


def listed(names: Iterable[str]) -> str:
    """Names in a sentence, the first few when there are many."""
    names = list(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _distance(a: str, b: str, limit: int) -> int:
    """Edits (insert, delete, replace, swap of neighbours) from a to b; limit + 1 when there are more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, right in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
