"""Telling: an error of the schema validator as errors of ours, at their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine import names
from engine.errors import Mark, SchemaError
from engine.shape import branches, words
from engine.shape.wrong import Wrong
from engine.source import Document, Path

EXTRA = ("additionalProperties", "unevaluatedProperties")


def tell(wrongs: Sequence[Wrong], document: Document, path: Path) -> Iterator[SchemaError]:
    """What is wrong, each at its place; `path` is where the checked part begins in the document.

    A missing key is not told where a misspelt one stands in its place, nor the branches of a value that is of
    the wrong type already.
    """
    meant = {
        (wrong.at, names.nearest(key, words.keys_of(wrong.schema)))
        for wrong in wrongs
        if wrong.keyword in EXTRA
        for key in _extra(wrong, words.keys_of(wrong.schema))
    }
    mistyped = {wrong.at for wrong in wrongs if wrong.keyword == "type"}
    for wrong in wrongs:
        if wrong.keyword in ("anyOf", "oneOf") and wrong.at in mistyped:
            continue
        if wrong.keyword == "required" and not wrong.of_key:
            for key in wrong.missing:
                if (wrong.at, key) not in meant:
                    mark = document.key_mark(*path, *wrong.at)
                    yield SchemaError(f"the key '{key}' is missing", mark, words.about_key(wrong.schema, key))
        else:
            yield from _one(wrong, document, path)


def _one(wrong: Wrong, document: Document, path: Path) -> Iterator[SchemaError]:
    at = (*path, *wrong.at)
    if wrong.of_key:
        yield _key_name(wrong, document.key_mark(*at, str(wrong.value)))
    elif wrong.keyword == "":
        yield SchemaError(f"the key '{at[-1]}' cannot stand here", document.key_mark(*at), "remove it")
    elif wrong.keyword in EXTRA:
        known = words.keys_of(wrong.schema)
        for key in _extra(wrong, known):
            yield SchemaError(
                f"there is no key '{key}' here", document.key_mark(*at, key), _keys_hint(key, known, wrong)
            )
    elif wrong.keyword in ("anyOf", "oneOf"):
        yield from _branch(wrong, document, path)
    else:
        message, hint = words.say(wrong)
        yield SchemaError(message, document.mark(*at), hint)


def _branch(wrong: Wrong, document: Document, path: Path) -> Iterator[SchemaError]:
    choice = branches.best(wrong)
    if isinstance(choice, branches.Summary):
        yield SchemaError(choice.message, document.mark(*path, *wrong.at, *choice.path), choice.hint)
    else:
        yield from tell(choice, document, path)


def _extra(wrong: Wrong, known: list[str]) -> list[str]:
    patterns = [re.compile(pattern) for pattern in wrong.schema.get("patternProperties", {})]
    return [key for key in wrong.value if key not in known and not any(one.search(key) for one in patterns)]


def _keys_hint(key: str, known: list[str], wrong: Wrong) -> str:
    if not known:
        return words.about(wrong.schema) or "remove it"
    meant = names.nearest(key, known)
    return (f"did you mean '{meant}'? " if meant else "") + f"keys here: {', '.join(known)}"


def _key_name(wrong: Wrong, mark: Mark) -> SchemaError:
    if wrong.keyword == "enum":
        hint = _keys_hint(str(wrong.value), [str(one) for one in wrong.expected], wrong)
        return SchemaError(f"there is no key '{wrong.value}' here", mark, hint)
    return SchemaError(f"'{wrong.value}' cannot be a key here", mark, words.pattern_hint(wrong))
