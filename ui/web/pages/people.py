"""People: who works here, with which roles, under whom; and a new password for who forgot theirs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine import passwords, people
from engine.errors import InputError
from engine.people import Person
from engine.work import Work
from ui.web.access import access
from ui.web.render import page, toast
from ui.web.templating import label, t
from ui.web.unit import reading, writing
from ui.web.values import field, once

blueprint = Blueprint("people", __name__)

ASKED = ("login", "name", "email", "department", "superior")


@blueprint.get("/people")
@access("person", can="people")
def show() -> ResponseReturnValue:
    with reading() as work:
        chosen = once("login")
        person = people.find(work, chosen) if chosen else None
        asked = _standing(work, person) if person else {}
        return _page(work, asked=asked, roles=person.roles if person else frozenset(), known=person is not None)


@blueprint.post("/people")
@access("person", can="people")
def save() -> ResponseReturnValue:
    asked = {name: field(name).strip() for name in ASKED}
    roles = frozenset(request.form.getlist("roles"))
    login = asked["login"]
    try:
        with writing() as work:
            person = _put(work, login, asked, roles)
            if field("password"):
                passwords.set_password(work, person.id, field("password"))
    except InputError as refused:
        errors = {name.rpartition(".")[2]: "；".join(words) for name, words in refused.fields.items()}
        with reading() as work:
            known = people.find(work, login) is not None
            return _page(work, 422, asked=asked, roles=roles, known=known, errors=errors)
    return toast(redirect(url_for("people.show"), 303), t("已保存 {name}", name=asked["name"]))


def _put(work: Work, login: str, asked: dict[str, str], roles: frozenset[str]) -> Person:
    """Hire somebody, or change who is already here."""
    above = people.find(work, asked["superior"])
    if asked["superior"] and above is None:
        raise InputError({"superior": t("没有这位上级")})
    given = {name: asked[name] or None for name in ("email", "department")}
    known = people.find(work, login)
    more: dict[str, Any] = {**given, "superior": above.id if above else None}
    if known is None:
        return people.create(work, login, asked["name"], roles=roles, **more)
    return people.change(work, known.id, name=asked["name"], roles=roles, **more)


def _standing(work: Work, person: Person) -> dict[str, str]:
    """What the form shows of somebody who is already here."""
    above = people.get(work, person.superior).login if person.superior else ""
    return {
        "login": person.login,
        "name": person.name,
        "email": person.email or "",
        "department": person.department or "",
        "superior": above,
    }


def _page(
    work: Work,
    status: int = 200,
    *,
    asked: dict[str, str],
    roles: frozenset[str],
    known: bool,
    errors: dict[str, str] | None = None,
) -> ResponseReturnValue:
    everyone = people.everyone(work)
    names = {person.id: person.name for person in everyone}
    departments = {one.id: label(one.label) for one in people.departments(work)}
    rows = [
        {
            "person": person,
            "roles": [
                label(work.catalog.roles[role].label) for role in sorted(person.roles) if role in work.catalog.roles
            ],
            "department": departments.get(person.department or "", ""),
            "superior": names.get(person.superior, "") if person.superior else "",
        }
        for person in everyone
    ]
    return page(
        work,
        "people.html",
        status,
        rows=rows,
        departments=departments,
        everyone=[(person.login, person.name) for person in everyone if person.active],
        roles={id: label(role.label) for id, role in work.catalog.roles.items()},
        asked=asked,
        chosen=roles,
        known=known,
        errors=errors or {},
    )
