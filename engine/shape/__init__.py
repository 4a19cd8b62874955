"""Shape: checks a document against a JSON Schema and tells what is wrong in our words, each at its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import Problems
from engine.shape.telling import tell
from engine.shape.validator import QuickValidator
from engine.shape.wrong import Wrong
from engine.source import Document, Path

_KEPT = 512  # compiled schemas; rooms hold theirs, so this is never reached by one app
_validators: dict[int, tuple[Mapping[str, Any], Any]] = {}


def check(document: Document, schema: Mapping[str, Any], problems: Problems, path: Path = ()) -> bool:
    """Tell every mistake in the shape of the document, or of its part at `path`; True when there is none.

    The schema is Draft 2020-12. `description` ends up in hints; of `anyOf` and `oneOf` the branch that was
    probably meant is told. A schema is compiled once for as long as it is the same object.
    """
    wrongs = [Wrong.of(error) for error in _validator(schema).iter_errors(document.get(*path))]
    told = set()
    for mistake in tell(wrongs, document, path):
        if (mistake.mark, mistake.message) not in told:
            told.add((mistake.mark, mistake.message))
            problems.add(mistake)
    return not wrongs


def _validator(schema: Mapping[str, Any]) -> Any:
    known = _validators.get(id(schema))
    if known is None or known[0] is not schema:
        if len(_validators) >= _KEPT:
            _validators.clear()
        known = _validators[id(schema)] = (schema, QuickValidator(schema))
    return known[1]
