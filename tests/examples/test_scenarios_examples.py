"""The stories that the shipped apps bring along, each on a fresh database; `guiju test` plays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.catalog import Catalog
from ui.compose import ROOMS, kinds
from ui.scenarios.coverage import Coverage
from ui.scenarios.runner import run_one

EXAMPLES = Path(__file__).parents[2] / "examples"
STORIES = sorted(EXAMPLES.glob("*/tests/*.yaml"))
# The main job, point by point: on PostgreSQL, too. What else is tested there is tested room by room.
ON_BOTH = ["small_application", "large_application", "rejected_application", "order_over_limit", "cockpit", "leave"]
MAIN_JOB = [*ON_BOTH, "import_workbooks", "overdue_escalation", "watch_days_setting"]


@pytest.fixture(scope="session")
def catalogs() -> dict[str, Catalog]:
    return {path.name: Catalog.load(path, kinds()) for path in EXAMPLES.iterdir() if (path / "app.yaml").is_file()}


def play(catalogs: dict[str, Catalog], path: Path, url: str | None = None) -> None:
    folder = path.parents[1]
    catalog = catalogs[folder.name]
    outcome = run_one(catalog["scenario"][path.stem], catalog, folder, ROOMS, Coverage(), url)
    assert outcome.passed, "\n".join(outcome.lines)


def test_every_point_of_the_main_job_has_its_story() -> None:
    assert set(MAIN_JOB) <= {path.stem for path in STORIES}


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_goes_as_written(catalogs: dict[str, Catalog], path: Path) -> None:
    play(catalogs, path)


@pytest.mark.parametrize("path", [path for path in STORIES if path.stem in ON_BOTH], ids=lambda path: path.stem)
def test_a_story_goes_the_same_on_postgresql(catalogs: dict[str, Catalog], path: Path, postgres_url: str) -> None:
    play(catalogs, path, postgres_url)
