"""Build: from the file of a flow to its program of steps; every mistake at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import ConfigError
from engine.expressions import types
from engine.names import hint, unknown
from flows.steps.base import END, BlockPath, Case, Follow, Position, Step, step_types
from forms.place import Place

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.errors import Problems
    from engine.source import Document
    from forms.form import Form


class Build:
    """Compiles one file; `steps` collects every step by id, in the order in which they are written."""

    def __init__(self, catalog: Catalog, form: Form, document: Document, problems: Problems) -> None:
        self.root = Place(catalog, form, document, (), problems)
        self.steps: dict[str, Step] = {}
        self._taken = {"start"}
        self._order = 0

    def default(self, step: Place, key: str) -> Place | None:
        """Where an option stands that may be written once for the whole flow: at the step, else under `defaults`."""
        if step.has(key):
            return step.at(key)
        return self.root.at("defaults", key) if key in self.root.value.get("defaults", {}) else None

    def option(self, step: Place, key: str, otherwise: Any) -> Any:
        """The value of such an option."""
        place = self.default(step, key)
        return place.value if place else otherwise

    def calendar(self, step: Place, needed: bool, blame: Place | None = None) -> str | None:
        """The working calendar that counts here; working time without one is a mistake."""
        place = self.default(step, "calendar")
        catalog = self.root.catalog
        if place is not None:
            if place.value not in catalog.calendars:
                self.root.problems.add(unknown("calendar", place.value, list(catalog.calendars), place.mark))
            return str(place.value)
        if needed and catalog.manifest.calendar is None:
            advice = "write `calendar:` under `defaults` or in app.yaml"
            (blame or step).refuse("working time is counted, but there is no calendar", advice)
        return None

    def steps_at(
        self, place: Place, path: BlockPath, after: Follow, *, last: bool = False
    ) -> tuple[list[Step], Follow]:
        """Compile a list of steps; answers them and where a token goes that enters the list."""
        items = [
            (place.at(index), *found)
            for index, item in enumerate(place.value)
            if (found := self._kind(place, index, item))
        ]
        steps: list[Step] = []
        for index, (spot, kind, id) in enumerate(items):
            follow = Follow("step", items[index + 1][2]) if index + 1 < len(items) else after
            self._order += 1
            if last and not step_types[kind].last:
                allowed = ", ".join(name for name, type in step_types.items() if type.last)
                spot.refuse(f"'{kind}' cannot stand under `finally`", f"what can: {allowed}", spot.key_mark(kind))
            step = step_types[kind](spot, id, Position(path, follow, self._order), self)
            self.steps[id] = step
            steps.append(step)
        return steps, (Follow("step", items[0][2]) if items else after)

    def cases(self, place: Place, block: Step, join: Follow | None) -> list[Case]:
        """Compile the cases of a block; after its last step a case goes to `join`, by default that of the block."""
        cases = []
        for index, item in enumerate(place.value):
            spot = place.at(index)
            when = spot.at("when").expression(types.boolean()) if "when" in item else None
            otherwise = item.get("otherwise", False)
            label = item.get("label") or ("其他情况" if otherwise else str(item.get("when", f"分支 {index + 1}")))
            case = Case(index, label, when, otherwise, spot.mark)
            after = join or Follow("join", block.id)
            case.steps, case.first = self.steps_at(spot.at("steps"), (*block.path, (block.id, index)), after)
            cases.append(case)
            if otherwise and index + 1 < len(place.value):
                spot.refuse("`otherwise` is the last case", "what stands after it is never reached")
        return cases

    def _kind(self, place: Place, index: int, item: dict[str, Any]) -> tuple[str, str] | None:
        """The kind and id of a step; None after telling what is wrong with them."""
        spot = place.at(index)
        first = next(iter(item))
        if first not in step_types:
            known = [key for key in item if key in step_types]
            if known:
                advice = f"write `- {known[0]}: {item[known[0]]}` and the other keys below it"
                spot.refuse("a step begins with its kind and id", advice, spot.key_mark(first))
            else:
                error = ConfigError(f"there is no step '{first}'", spot.key_mark(first), hint(first, list(step_types)))
                self.root.problems.add(error)
            return None
        id = str(item[first])
        if id in self._taken:
            spot.refuse(
                f"the step '{id}' stands here twice", "ids of steps are unique in a flow; 'start' is the submission"
            )
            return None
        self._taken.add(id)
        return first, id


__all__ = ["END", "Build"]
