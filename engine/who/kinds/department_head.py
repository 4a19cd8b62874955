"""Department head: who leads a department, or the department that somebody belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine import people
from engine.who.kind import Ask, Chosen, Kind, who_kinds
from engine.who.subject import STARTER, Subject

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.expressions import Expression
    from engine.who.place import Place


@who_kinds.register("department_head")
class DepartmentHead(Kind):
    """The head of a department; where it has none, of the nearest one around it. Nobody is his own head.

    who: {department_head: legal}
    who: {department_head: starter}
    who: {department_head: customer.sales_owner}
    """

    schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "minLength": 1,
        "description": "The head of a department, or of that of starter or of a person in a field (部门负责人)",
    }

    def __init__(self, department: str | Expression, subject: Subject | None, label: str) -> None:
        self.department, self.subject, self.label = department, subject, label
        self.expressions = subject.expressions if subject else ()
        if not isinstance(department, str):
            self.expressions = (department,)

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        known = place.scope.find(value.split(".")[0])
        if value == STARTER and known is None:
            subject = Subject.read(value, place)
            return cls("", subject, subject.label) if subject else None
        if known is None and "." not in value:
            return cls(value, None, value)
        field = place.expression(value, ("person", "department"), "a person or a department")
        if field is None:
            return None
        label = place.label(value)
        return cls("", Subject(field, label), label) if field.type.kind == "person" else cls(field, None, label)

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        if self.subject is not None:
            of = self.subject.find(ask)
            department, not_for, whose = (of.department, of.id, f"{of.name} ") if of else (None, None, "")
        else:
            department = self.department if isinstance(self.department, str) else self.department.evaluate(ask.env)
            not_for, whose = None, ""
        head = people.department_head(ask.work, department, not_for=not_for)
        if head is None or department is None:
            return ()
        label = people.department(ask.work, department).label
        return (Chosen(head.id, f"{whose}所在部门 {label} 的负责人" if whose else f"部门 {label} 的负责人"),)

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return f"{catalog.label(self.label, locale)} {catalog.label('部门负责人', locale)}"
