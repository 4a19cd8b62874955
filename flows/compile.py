"""Compile: from the documents in `flows/` to living flows, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.expressions import types
from engine.names import unknown
from flows import lint
from flows.build import Build
from flows.flow import Flow, Start, StatusField
from flows.shape import STATUSES
from flows.steps.base import END

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.errors import Problems
    from engine.source import Document
    from forms.form import Form
    from forms.place import Place


def compile_flows(catalog: Catalog, documents: Mapping[str, Document], problems: Problems) -> dict[str, Flow]:
    """Compile all flows of an app by id."""
    compiled = {id: compile_flow(catalog, id, document, problems) for id, document in documents.items()}
    return {id: flow for id, flow in compiled.items() if flow is not None}


def compile_flow(catalog: Catalog, id: str, document: Document, problems: Problems) -> Flow | None:
    """Compile one flow against the forms of the catalog; also what an older version is read again with."""
    value = document.value
    forms = catalog["form"]
    if value["form"] not in forms:
        problems.add(unknown("form", value["form"], list(forms), document.mark("form")))
        return None
    form: Form = forms[value["form"]]
    build = Build(catalog, form, document, problems)
    root = build.root
    tree, first = build.steps_at(root.at("steps"), (), END)
    tail = build.steps_at(root.at("finally"), (), END, last=True)[0] if root.has("finally") else []
    defaults = value.get("defaults", {})
    flow = Flow(
        id=id,
        label=value["label"],
        form=form,
        mark=document.mark("label"),
        title=root.at("title").text() if root.has("title") else None,
        start=_start(root),
        steps=build.steps,
        tree=tree,
        first=first,
        tail=tail,
        status=_status(root),
        enabled=root.at("enabled").expression(types.boolean()) if root.has("enabled") else None,
        lock=value.get("lock", True),
        withdraw=defaults.get("withdraw", "before_first_decision"),
        resubmit=defaults.get("resubmit", "straight_back"),
    )
    lint.check(flow, root)
    return flow


def _start(root: Place) -> Start:
    given: dict[str, Any] = root.value.get("start", {})
    place = root.at("start")
    return Start(
        who=place.at("who").who() if "who" in given else None,
        edit=place.at("edit").field_names() if "edit" in given else None,
        auto=given.get("auto", False),
        set={name: value for name in given.get("set", ()) if (value := place.at("set", name).new_value(root.form))},
    )


def _status(root: Place) -> StatusField | None:
    """The field that follows the flow; a short form takes every status that is one of its options."""
    if not root.has("status"):
        return None
    given = root.value["status"]
    place = root.at("status") if isinstance(given, str) else root.at("status", "field")
    name = place.value
    field = root.form.fields.get(name)
    if field is None:
        root.problems.add(unknown("field", name, list(root.form.fields), place.mark))
        return None
    options = field.value_type.options or ()
    if field.value_type.kind != "choice":
        place.refuse(f"'{name}' is not a choice", "name a field of type choice, such as status")
        return None
    if isinstance(given, str):
        return StatusField(name, {status: status for status in STATUSES if status in options})
    for status, option in given.items():
        if status != "field" and option not in options:
            root.problems.add(unknown("option", option, options, root.document.mark("status", status)))
    return StatusField(name, {status: option for status, option in given.items() if status != "field"})
