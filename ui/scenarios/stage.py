"""Stage: the app on which one scenario is played, with its people, its clock and the names of its records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine import jobs, notices, outbox, people, settings, worker
from engine.app import App
from engine.catalog import Catalog
from engine.clock import SetClock
from engine.database import Database
from engine.events import Cause
from engine.principal import SYSTEM, Principal
from engine.source import read
from flows.tables import copy as copies
from forms import records
from rules.tables import firing
from ui.scenarios import seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.claims import Claimed
    from engine.room import Room
    from engine.work import Work
    from forms.form import Form
    from ui.scenarios.scenario import Scenario


class Stage:
    """A running app on a fresh database. `keys` maps the names of records to their ids, by form."""

    def __init__(
        self, scenario: Scenario, catalog: Catalog, folder: Path, database_url: str, rooms: Sequence[Room]
    ) -> None:
        self.scenario, self.catalog, self.folder = scenario, catalog, folder
        self.clock, self._url, self._rooms = SetClock(scenario.clock), database_url, rooms
        self.keys: dict[str, dict[str, int]] = {}
        self.refused: set[str] = set()  # guards that said no
        self._told: set[str] = set()
        self.app = self._quiet(App(catalog, Database(database_url), rooms, self.clock))
        try:
            self.app.publish(catalog)
            self._give()
        except BaseException:
            self.close()
            raise
        self.mark()

    def _quiet(self, app: App) -> App:
        """Keep messages in the outbox: a test reaches nobody, whatever this machine could send."""
        app.handlers["deliver"] = _keep
        return app

    def _give(self) -> None:
        """People, settings and records that are there when the story begins, as data that was taken over."""
        told = self.scenario.people
        data = read(self.folder / told).value if isinstance(told, str) else {"people": told}
        if self.scenario.departments:
            data = {**data, "departments": self.scenario.departments}
        with self.app.work(SYSTEM, cause=Cause("initial", "scenario")) as work:
            people.load(work, data)
            self._logins = {person.login: person.id for person in people.everyone(work)}
            for name, value in self.scenario.settings.items():
                settings.change(work, name, value)
            for form, named in self.scenario.given.items():
                for key, given in named.items():
                    self.name(form, key, records.save(work, form, self.values(form, given)).id)
        self.drain()

    def restart(self) -> None:
        """Close the app and open what is published in the same database, as after a crash or an upgrade."""
        self.app.close()
        self.app = self._quiet(App.open_published(Database(self._url), self._rooms, self.clock))
        self.catalog = self.app.catalog

    def close(self) -> None:
        self.app.close()

    def drain(self) -> None:
        worker.drain(self.app)

    @contextmanager
    def work(self, who: str | None, *, read: bool = False) -> Iterator[Work]:
        """A unit of work of a person of the story, or of the system."""
        with self.app.work(self._principal(who), cause=Cause("scenario", self.scenario.id), read=read) as work:
            yield work

    def _principal(self, who: str | None) -> Principal:
        if who is None:
            return SYSTEM
        with self.app.work(SYSTEM, read=True) as work:
            return people.principal(work, who)

    def name(self, form: str, key: str, id: int) -> None:
        self.keys.setdefault(form, {})[key] = id

    def id_of(self, form: str, key: str) -> int:
        return self.keys[form][key]

    def key_of(self, form: str | None, id: int | None) -> str | None:
        """What the story calls a record: form.name, or form.id where it has no name."""
        if form is None or id is None:
            return None
        return f"{form}.{next((key for key, known in self.keys.get(form, {}).items() if known == id), id)}"

    def person(self, login: str) -> int:
        return self._logins[login]

    def login(self, id: int | None) -> str | None:
        return next((login for login, known in self._logins.items() if known == id), None)

    def roles(self, login: str) -> frozenset[str]:
        return self._principal(login).roles

    def values(self, form: str | Form, given: Mapping[str, Any]) -> dict[str, Any]:
        """Values as `records.save` takes them: people by login and records by name become ids."""
        found: Form = self.catalog["form"][form] if isinstance(form, str) else form
        return {name: self.value(found, name, value) for name, value in given.items()}

    def value(self, form: Form, name: str, value: Any) -> Any:
        field = form.fields.get(name)
        if field is None or value is None:
            return value
        if field.type.name == "person" and isinstance(value, str):
            return self.person(value)
        if field.type.name == "reference" and isinstance(value, str):
            return self.id_of(field.given["form"], value)
        if field.lines and isinstance(value, list):
            return [self.values(field.lines, row) for row in value]
        return value

    def mark(self) -> None:
        """Remember which messages there are, so that a step can tell what it brought."""
        with self.app.work(SYSTEM, read=True) as work:
            newest = select(func.coalesce(func.max(notices.table.c.id), 0))
            self.notice_mark = int(work.execute(newest).scalar_one())
            self.mail_mark = int(work.execute(select(func.coalesce(func.max(outbox.table.c.id), 0))).scalar_one())
            rows = work.execute(select(copies.c.instance_id, copies.c.person_id))
            self.copy_mark = {(row.instance_id, row.person_id) for row in rows}

    def mishaps(self) -> list[str]:
        """What went wrong without anybody being told so far: rules whose actions failed, jobs that were given up."""
        with self.app.work(SYSTEM, read=True) as work:
            failed = firing.c.state.in_(["error", "parked"])
            rules = work.execute(select(firing.c.rule, firing.c.form, firing.c.record_id, firing.c.error).where(failed))
            told = [f"rule {row.rule} on {self.key_of(row.form, row.record_id)}: {row.error}" for row in rules]
            dead = jobs.table.c.state.in_(["dead", "uncertain"])
            given_up = work.execute(select(jobs.table.c.kind, jobs.table.c.last_error).where(dead))
            told += [f"job {row.kind}: {row.last_error}" for row in given_up]
        fresh = [line for line in told if line not in self._told]
        self._told.update(fresh)
        return fresh

    def open_tasks(self) -> list[str]:
        """The open tasks, for people who ask why one is missing."""
        with self.work(None, read=True) as work:
            return [f"open: {seen.told(task)}" for task in seen.tasks(self, work)] or ["no task is open"]


def _keep(app: App, payload: Mapping[str, Any], claimed: Claimed) -> None:
    """Leave a message where it is, in the outbox."""
    with app.work(SYSTEM, cause=claimed.cause) as work:
        claimed.fence(work)
