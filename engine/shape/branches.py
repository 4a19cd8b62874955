"""Branches: which of several allowed shapes the author meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.shape import words
from engine.shape.wrong import Wrong
from engine.source import Path


@dataclass(frozen=True, slots=True)
class Summary:
    """One sentence for all branches, when none of them can be singled out; `path` is below the value."""

    message: str
    hint: str | None
    path: Path = ()


def best(wrong: Wrong) -> Summary | Sequence[Wrong]:
    """The errors of the branch that comes nearest to what is written, or one sentence about all."""
    if not wrong.branches:
        return Summary("this fits more than one of the shapes that may stand here", "say which by its keys")
    if summary := _types(wrong) or _words(wrong) or _either(wrong):
        return summary
    chosen = min(wrong.branches, key=lambda number: _distance(wrong, number))
    return wrong.branches[chosen]


def _types(wrong: Wrong) -> Summary | None:
    """No branch is of the type that is written."""
    types: list[str] = []
    for errors in wrong.branches.values():
        mismatch = next(filter(_of_type, errors), None)
        if mismatch is None:
            return None
        types.extend([mismatch.expected] if isinstance(mismatch.expected, str) else mismatch.expected)
    hint = words.type_hint(wrong.value, types) or words.about(wrong.schema)
    return Summary(words.type_said(wrong.value, types), hint)


def _words(wrong: Wrong) -> Summary | None:
    """Every branch of the written type wants another word at the same place, such as `type`."""
    first: Wrong | None = None
    known: list[Any] = []
    for errors in wrong.branches.values():
        if any(map(_of_type, errors)):
            continue
        other = next(filter(_of_word, errors), None)
        if other is None or (first is not None and other.at != first.at):
            return None
        first = first or other
        known.extend(other.expected if other.keyword == "enum" else [other.expected])
    if first is None:
        return None
    message, hint = words.one_of(first.value, dict.fromkeys(known))
    return Summary(message, hint, first.at[len(wrong.at) :])


def _either(wrong: Wrong) -> Summary | None:
    """The branches differ only in the key that they ask for."""
    asked: list[str] = []
    for errors in wrong.branches.values():
        if len(errors) != 1 or errors[0].keyword != "required" or errors[0].at != wrong.at:
            return None
        asked.extend(errors[0].missing)
    keys = " or ".join(f"'{key}'" for key in dict.fromkeys(asked))
    return Summary(f"the key {keys} is missing", words.about(wrong.schema))


def _distance(wrong: Wrong, number: int) -> tuple[int, int, int, int]:
    """How far a value is from a branch: its type, the words that tell branches apart, its keys, all mistakes."""
    errors = wrong.branches[number]
    known = words.keys_of(wrong.expected[number])
    strange = sum(key not in known for key in wrong.value) if isinstance(wrong.value, dict) and known else 0
    lacking = sum(len(inner.missing) for inner in errors if inner.keyword == "required" and inner.at == wrong.at)
    return sum(map(_of_type, errors)), sum(map(_of_word, errors)), strange * 2 + lacking, len(errors)


def _of_type(wrong: Wrong) -> bool:
    """Whether the value as a whole has another type than its branch."""
    return wrong.keyword == "type" and not wrong.below


def _of_word(wrong: Wrong) -> bool:
    """Whether the value, or a key of it, is another word than the one its branch is known by."""
    return wrong.keyword in ("const", "enum") and len(wrong.below) <= 1 and not wrong.of_key
