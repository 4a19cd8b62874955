"""Runner: plays all scenarios of an app, each on a fresh database, and tells how they went."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from engine.catalog import Catalog
from engine.errors import GuijuError
from engine.names import unknown
from ui.scenarios.coverage import Coverage
from ui.scenarios.databases import fresh
from ui.scenarios.play import play
from ui.scenarios.scenario import Scenario, StepFailed
from ui.scenarios.stage import Stage

if TYPE_CHECKING:
    from engine.room import Room

Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """How one scenario went; `lines` tell what failed, and are empty when nothing did."""

    scenario: str
    seconds: float
    lines: Sequence[str] = ()

    @property
    def passed(self) -> bool:
        return not self.lines


def run(
    folder: Path, rooms: Sequence[Room], say: Say, *, database_url: str | None = None, only: Collection[str] = ()
) -> int:
    """Play the scenarios of an app folder, all or `only` some; the exit status is 0, or 1 when one failed.

    They run on temporary SQLite files, or in an empty PostgreSQL database that is emptied again after each.
    Raises ConfigErrors when the app or a scenario has mistakes.
    """
    catalog = Catalog.load(folder, [kind for room in rooms for kind in room.kinds])
    scenarios = _chosen(catalog, only)
    coverage = Coverage()
    begin = perf_counter()
    failed = 0
    for scenario in scenarios:
        outcome = run_one(scenario, catalog, folder, rooms, coverage, database_url)
        failed += not outcome.passed
        say(f"{'ok  ' if outcome.passed else 'FAIL'} {scenario.id}  {scenario.label}  {outcome.seconds:.1f} s")
        for line in outcome.lines:
            say(f"       {line}")
    if not only:
        for line in coverage.lines(catalog):
            say(line)
    count = f"{len(scenarios)} scenario{'' if len(scenarios) == 1 else 's'}"
    say(f"{count}, {failed or 'none'} failed, {perf_counter() - begin:.1f} s")
    return 1 if failed else 0


def run_one(
    scenario: Scenario,
    catalog: Catalog,
    folder: Path,
    rooms: Sequence[Room],
    coverage: Coverage,
    database_url: str | None = None,
) -> Outcome:
    """Play one scenario on a fresh database."""
    begin = perf_counter()
    with fresh(database_url) as url:
        try:
            stage = Stage(scenario, catalog, folder, url, rooms)
        except GuijuError as error:
            mark = scenario.document.key_mark("given" if scenario.given else "people")
            return Outcome(scenario.id, perf_counter() - begin, [f"{mark}: cannot be set up: {error}"])
        try:
            play(stage)
            lines: list[str] = []
        except StepFailed as failure:
            lines = list(_told(scenario, failure))
        finally:
            coverage.add(stage)
            stage.close()
    return Outcome(scenario.id, perf_counter() - begin, lines)


def _chosen(catalog: Catalog, only: Collection[str]) -> list[Scenario]:
    known = catalog["scenario"]
    for id in only:
        if id not in known:
            raise unknown("scenario", id, known, None)
    return [scenario for id, scenario in known.items() if not only or id in only]


def _told(scenario: Scenario, failure: StepFailed) -> Iterator[str]:
    """Where, which step, what, and why."""
    yield f"{failure.mark}: {failure.message}"
    step = next((one for one in reversed(scenario.steps) if one.mark() <= failure.mark), scenario.steps[0])
    yield f"  in {step.title}"
    yield from (f"  {line}" for line in failure.why)
