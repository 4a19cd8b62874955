"""Events: what happened, told in the past tense to the rooms above, in the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is done: the kind and id of what asked for it, and the chain it belongs to.

    `kind` is one of page, api, import, initial (data taken over from elsewhere), rule, flow, timer, system, scenario.
    """

    kind: str
    id: str = ""
    chain: str = field(default_factory=lambda: uuid.uuid4().hex)
    depth: int = 0

    def then(self, kind: str, id: str) -> Cause:
        """Return the next link of the same chain, one level deeper."""
        return Cause(kind, id, self.chain, self.depth + 1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, such as `record.created`, to one subject.

    For records `form` and `record_id` say which; `changes` maps a field to (before, after).
    """

    name: str
    form: str | None = None
    record_id: int | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
