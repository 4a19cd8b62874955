"""Store: the only place that reads and writes instances; its statements are texts that run at driver level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table

from engine import jsontext
from engine.tables import Instant, Json, read_instant
from flows import tables
from flows.reading import is_id
from flows.state import Fact, Instance, State, Task, Token, Visit

if TYPE_CHECKING:
    from engine.work import Work


@dataclass(frozen=True)
class Sheet:
    """The statements of one table, from its declaration; columns keep their order."""

    table: Table
    columns: tuple[str, ...]
    insert: str
    update: str
    select: str

    @classmethod
    def of(cls, table: Table) -> Sheet:
        names = tuple(column.name for column in table.columns)
        own = [name for name in names if name != "id"]
        holes = ", ".join(f":{name}" for name in own)
        insert = f"INSERT INTO {table.name} ({', '.join(own)}) VALUES ({holes}) RETURNING id"
        changed = ", ".join(f"{name} = :{name}" for name in own)
        update = f"UPDATE {table.name} SET {changed} WHERE id = :id"
        return cls(table, names, insert, update, f"SELECT {', '.join(names)} FROM {table.name}")


INSTANCE, TOKEN = Sheet.of(tables.instance), Sheet.of(tables.token)
VISIT, TASK = Sheet.of(tables.visit), Sheet.of(tables.task)

_COLUMNS = [column for sheet in (INSTANCE, TOKEN, VISIT, TASK) for column in sheet.table.c]
_INSTANTS = {column.name for column in _COLUMNS if isinstance(column.type, Instant)}
_JSON = {column.name for column in _COLUMNS if isinstance(column.type, Json)}

_START = INSTANCE.insert.replace(" RETURNING id", " ON CONFLICT DO NOTHING RETURNING id")
_BUSY = """SELECT id, title FROM g_instance
WHERE flow = :flow AND form = :form AND record_id = :record AND status IN ('running', 'returned')"""
_EVENT = """INSERT INTO g_flow_event
(instance_id, seq, at, type, actor_id, actor, step, visit_id, task_id, action_key, record_version, payload)
VALUES (:instance_id, :seq, :at, :type, :actor_id, :actor, :step, :visit_id, :task_id, :action_key,
:record_version, :payload)"""
_CANDIDATE = "INSERT INTO g_task_candidate (task_id, kind, ref) VALUES (:task_id, :kind, :ref)"
_COPY = """INSERT INTO g_copy (instance_id, person_id, step, at) VALUES (:instance_id, :person_id, :step, :at)
ON CONFLICT (instance_id, person_id) DO NOTHING"""
_SNAPSHOT = """INSERT INTO g_snapshot (instance_id, record_version, at, data)
VALUES (:instance_id, :record_version, :at, :data)
ON CONFLICT (instance_id, record_version) DO NOTHING"""
_INCIDENT = (
    "INSERT INTO g_incident (instance_id, step, text, opened_at) VALUES (:instance_id, :step, :text, :opened_at)"
)
_KEY = """SELECT type, step, task_id, at, actor, payload FROM g_flow_event
WHERE instance_id = :instance_id AND action_key = :action_key"""
_BY_ID = f"{INSTANCE.select} WHERE id = :id"
_BY_TASK = f"{INSTANCE.select} WHERE id = (SELECT instance_id FROM g_task WHERE id = :id)"
_LIVE_TOKENS = f"{TOKEN.select} WHERE instance_id = :id AND status IN ('active', 'forked', 'stuck') ORDER BY id"
_OPEN_VISITS = f"{VISIT.select} WHERE instance_id = :id AND status = 'open' ORDER BY id"
_LIVE_TASKS = f"{TASK.select} WHERE instance_id = :id AND status IN ('open', 'waiting') ORDER BY visit_id, pos, id"


class Store:
    """Loads the working set of one instance under its lock and writes back what an action changed."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._loaded: dict[int, dict[str, Any]] = {}

    def load_by_task(self, task_id: int) -> State | None:
        """Lock the instance of a task before anything else is read, then read it; None for a single task or none."""
        return self._load(_BY_TASK, task_id, lock=True)

    def load(self, instance_id: int, *, lock: bool = True) -> State | None:
        """Lock an instance until the transaction ends and read what is alive of it; SQLite's write lock holds all."""
        return self._load(_BY_ID, instance_id, lock=lock)

    def _load(self, sql: str, key: int, *, lock: bool) -> State | None:
        if not is_id(key):
            return None
        lock = lock and self.work.dialect == "postgresql"
        row = next(iter(self._rows(INSTANCE, f"{sql} FOR UPDATE" if lock else sql, key)), None)
        if row is None:
            return None
        state = State(Instance(**row))
        instance_id = state.instance.id
        tokens = self._tokens(state, instance_id)
        tasks: dict[int, Task] = {}
        visits: dict[int, tuple[Visit, int | None]] = {}
        for row in self._rows(VISIT, _OPEN_VISITS, instance_id):
            visit = _visit(row, tokens)
            visits[visit.id] = visit, row["parent_task_id"]
            state.visits.append(visit)
        for row in self._rows(TASK, _LIVE_TASKS, instance_id):
            task = _task(row, visits[row["visit_id"]][0])
            tasks[task.id] = task
            state.tasks.append(task)
        for visit, parent in visits.values():
            visit.parent_task = tasks[parent] if parent is not None else None
        self._remember(state)
        return state

    def _tokens(self, state: State, instance_id: int) -> dict[int, Token]:
        tokens: dict[int, Token] = {}
        for row in self._rows(TOKEN, _LIVE_TOKENS, instance_id):
            parent = tokens[row.pop("parent_id")] if row["parent_id"] is not None else row.pop("parent_id")
            del row["instance_id"]
            tokens[row["id"]] = token = Token(parent=parent, **row)
            state.tokens.append(token)
        return tokens

    def _remember(self, state: State) -> None:
        for item in (*state.tokens, *state.visits, *state.tasks):
            self._loaded[id(item)] = _row(item, state.instance)
        self._loaded[id(state.instance)] = _row(state.instance, state.instance)

    def create(self, instance: Instance) -> State | None:
        """Write the first row of a new instance, so that everything else can point at it.

        None when the record is in this flow already; who starts at the same moment waits and learns it here.
        """
        row = _row(instance, instance)
        made = self.work.driver(_START, self._bind(row)).fetchone()
        if made is None:
            return None
        instance.id = int(made[0])
        self._loaded[id(instance)] = _row(instance, instance)
        return State(instance)

    def busy(self, flow: str, form: str, record_id: int) -> tuple[int, str] | None:
        """The id and title of the instance of a flow that a record is in."""
        found = self.work.driver(_BUSY, {"flow": flow, "form": form, "record": record_id}).fetchone()
        return (found[0], found[1]) if found else None

    def save(self, state: State) -> None:
        """Write what changed since the working set was read, and the story of it."""
        self._write_all(TOKEN, [token for token in state.tokens if not token.id], state.instance)
        self._write_all(VISIT, state.visits, state.instance)
        self._write_all(TASK, state.tasks, state.instance)
        self._write_all(TOKEN, state.tokens, state.instance)  # last: tokens point at visits
        for task in state.tasks:
            if task.pool:
                self.work.driver_many(
                    _CANDIDATE, [{"task_id": task.id, "kind": kind, "ref": ref} for kind, ref in task.pool]
                )
                task.pool = ()
        self._save_events(state)
        self._save_copies(state)
        for step, text in state.incidents:
            row = {
                "instance_id": state.instance.id,
                "step": step,
                "text": text,
                "opened_at": self.work.bind(self.work.now),
            }
            self.work.driver(_INCIDENT, row)
        self._write(INSTANCE, state.instance, state.instance)

    def _write_all(self, sheet: Sheet, items: Iterable[Token | Visit | Task], instance: Instance) -> None:
        for item in items:
            self._write(sheet, item, instance)

    def _write(self, sheet: Sheet, item: Any, instance: Instance) -> None:
        row = _row(item, instance)
        before = self._loaded.get(id(item))
        if before is None:
            item.id = row["id"] = self._insert(sheet, row)
        elif before != row:
            self.work.driver(sheet.update, self._bind(row))
        self._loaded[id(item)] = row

    def _insert(self, sheet: Sheet, row: Mapping[str, Any]) -> int:
        return int(self.work.driver(sheet.insert, self._bind(row)).fetchone()[0])

    def _bind(self, row: Mapping[str, Any]) -> dict[str, Any]:
        bound = dict(row)
        for name, value in row.items():
            if value is None:
                continue
            if name in _INSTANTS:
                bound[name] = self.work.bind(value)
            elif name in _JSON:
                bound[name] = jsontext.dump(value)
        return bound

    def _save_events(self, state: State) -> None:
        instance, who = state.instance, self.work.principal
        rows = []
        for fact in state.facts:
            instance.event_seq += 1
            actor_id, actor = fact.actor or (who.id, who.name)
            rows.append(
                {
                    "instance_id": instance.id,
                    "seq": instance.event_seq,
                    "at": self.work.bind(self.work.now),
                    "type": fact.type,
                    "actor_id": actor_id,
                    "actor": actor,
                    "step": fact.step,
                    "visit_id": _id(fact.visit),
                    "task_id": _id(fact.task),
                    "action_key": fact.key,
                    "record_version": fact.record_version,
                    "payload": jsontext.dump(_told(fact)),
                }
            )
        self.work.driver_many(_EVENT, rows)
        state.facts.clear()

    def _save_copies(self, state: State) -> None:
        rows = [
            {"instance_id": state.instance.id, "person_id": person, "step": step, "at": self.work.bind(self.work.now)}
            for person, step in state.copied.items()
        ]
        self.work.driver_many(_COPY, rows)

    def snapshot(self, instance_id: int, version: int, values: Mapping[str, Any]) -> None:
        """Keep the form as it was seen by the one who decides now."""
        row = {"instance_id": instance_id, "record_version": version, "at": self.work.bind(self.work.now)}
        self.work.driver(_SNAPSHOT, {**row, "data": jsontext.dump(values)})

    def by_key(self, instance_id: int, key: str) -> Sequence[Any] | None:
        """The event that an action key has led to already."""
        found = self.work.driver(_KEY, {"instance_id": instance_id, "action_key": key}).fetchone()
        return None if found is None else (*found[:3], read_instant(found[3]), found[4], jsontext.load(found[5]))

    def agreed(self, visit_id: int | None, instance_id: int, round: int) -> dict[int, int]:
        """Who agreed in this round, at one visit or (None) at any, with the task that says so."""
        where = "visit_id = :visit" if visit_id is not None else "instance_id = :instance"
        sql = f"""SELECT closed_by, id FROM g_task WHERE {where} AND round = :round
                  AND status = 'done' AND decision = 'approve' AND closed_by IS NOT NULL ORDER BY id"""
        return dict(self.work.driver(sql, {"visit": visit_id, "instance": instance_id, "round": round}).fetchall())

    def copied(self, instance_id: int) -> set[int]:
        """Everybody who has had a copy."""
        rows = self.work.driver("SELECT person_id FROM g_copy WHERE instance_id = :id", {"id": instance_id})
        return {row[0] for row in rows.fetchall()}

    def pool(self, task_id: int) -> tuple[tuple[str, str], ...]:
        """Who may take a task: (kind, ref) pairs."""
        rows = self.work.driver("SELECT kind, ref FROM g_task_candidate WHERE task_id = :id", {"id": task_id})
        return tuple((row[0], row[1]) for row in rows.fetchall())

    def visited(self, instance_id: int, step: str) -> int | None:
        """The last visit of a step, None when nobody was ever there."""
        sql = "SELECT max(id) FROM g_visit WHERE instance_id = :id AND step = :step"
        found = self.work.driver(sql, {"id": instance_id, "step": step}).fetchone()
        return found[0] if found else None

    def step_of(self, visit_id: int) -> str | None:
        """The step of a visit, also of one that is over."""
        found = self.work.driver("SELECT step FROM g_visit WHERE id = :id", {"id": visit_id}).fetchone()
        return found[0] if found else None

    def _rows(self, sheet: Sheet, sql: str, id: int) -> Iterable[dict[str, Any]]:
        return [_read(sheet, row) for row in self.work.driver(sql, {"id": id}).fetchall()]


def _read(sheet: Sheet, row: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(sheet.columns, row, strict=True))
    for name, value in values.items():
        if value is None:
            continue
        if name in _INSTANTS:
            values[name] = read_instant(value)
        elif name in _JSON:
            values[name] = jsontext.load(value)
    return values


def _visit(row: Mapping[str, Any], tokens: Mapping[int, Token]) -> Visit:
    own = {name: value for name, value in row.items() if name not in ("token_id", "instance_id", "parent_task_id")}
    return Visit(token=tokens[row["token_id"]], **own)


_LINKS = ("instance_id", "token_id", "parent_task_id", "previous")
_FOREIGN = ("visit_id", "instance_id", "form", "record_id", "source", "options", "needs")


def _task(row: Mapping[str, Any], visit: Visit) -> Task:
    return Task(visit=visit, **{name: value for name, value in row.items() if name not in _FOREIGN})


def _row(item: Any, instance: Instance) -> dict[str, Any]:
    """The columns of one item; those that only single tasks have are empty here."""
    if isinstance(item, Instance):
        return {name: getattr(item, name) for name in INSTANCE.columns}
    if isinstance(item, Token):
        own = {
            name: getattr(item, name) for name in TOKEN.columns if name not in ("instance_id", "parent_id", "before")
        }
        before = (item.last.id or None) if item.last is not None else item.before
        return {**own, "instance_id": instance.id, "parent_id": _id(item.parent), "before": before}
    if isinstance(item, Visit):
        own = {name: getattr(item, name) for name in VISIT.columns if name not in _LINKS}
        previous = item.previous.id if isinstance(item.previous, Visit) else item.previous
        around = {"token_id": item.token.id, "parent_task_id": _id(item.parent_task), "previous": previous}
        return {**own, "instance_id": instance.id, **around}
    own = {name: getattr(item, name) for name in TASK.columns if name not in _FOREIGN}
    fixed = {"source": None, "options": None, "needs": None, "form": instance.form, "record_id": instance.record_id}
    return {**own, **fixed, "visit_id": item.visit.id, "instance_id": instance.id}


def _id(item: Token | Visit | Task | None) -> int | None:
    return item.id if item is not None else None


def _told(fact: Fact) -> dict[str, Any]:
    return {name: _plain(value) for name, value in fact.payload.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Task):
        return {
            "id": value.id,
            "assignee": value.assignee_id,
            "status": value.status,
            "decision": value.decision,
            "why": value.why,
        }
    if isinstance(value, Visit):
        return value.id
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
