"""People: who somebody is, who stands above whom, and who may change that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from engine import audit, people, sessions
from engine.app import App
from engine.catalog import Catalog
from engine.database import Database
from engine.errors import AccessDenied, Conflict, EvaluationError, InputError, NotFound
from engine.events import Event
from engine.people.tables import persons
from engine.principal import SYSTEM, Principal
from engine.room import Room

ROLES = """
sales: {label: 销售}
sales_director: {label: 销售总监}
finance: {label: 财务}
hr: {label: 人事, can: [people]}
admin: {label: 管理员, can: [settings, publish, people]}
"""
ORGANISATION: dict[str, Any] = {
    "departments": {
        "company": {"label": "总公司", "head": "zong"},
        "sales": {"label": "销售部", "parent": "company", "head": "li"},
        "east": {"label": "华东组", "parent": "sales"},
        "finance": {"label": "财务部", "parent": "company"},
    },
    "people": {
        "zong": {"name": "宗伟", "roles": ["admin"], "department": "company"},
        "li": {"name": "李强", "roles": ["sales_director"], "department": "sales", "superior": "zong"},
        "zhang": {
            "name": "张三",
            "roles": ["sales"],
            "department": "east",
            "superior": "li",
            "email": "zs@example.com",
        },
        "wang": {"name": "王敏", "roles": ["sales", "finance"], "department": "east", "superior": "zhang"},
        "chen": {"name": "陈静", "roles": ["hr"], "department": "finance", "superior": "zong", "locale": "en"},
    },
}


WORDS = "没有这一项, 可用: department, email, locale, mobile, name, roles, superior"


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def app(database: Database, folder: Callable[[dict[str, str]], Path], heard: list[Event]) -> Iterator[App]:
    catalog = Catalog.load(folder({"roles.yaml": ROLES}))
    app = App(catalog, database, [Room("ears", subscribers=(lambda work, event: heard.append(event),))])
    app.publish(catalog)
    with app.work(SYSTEM) as work:
        people.load(work, ORGANISATION)
    yield app


def person(app: App, login: str) -> people.Person:
    with app.work(SYSTEM, read=True) as work:
        found = people.find(work, login)
        assert found
        return found


def principal(app: App, login: str) -> Principal:
    with app.work(SYSTEM, read=True) as work:
        return people.principal(work, login)


def names(found: list[people.Person]) -> list[str]:
    return [one.name for one in found]


def test_a_principal_knows_roles_department_superior_and_all_below(app: App) -> None:
    li = principal(app, "li")
    assert (li.name, li.roles, li.department) == ("李强", {"sales_director"}, "sales")
    assert li.superior == person(app, "zong").id
    assert li.subordinates == {person(app, "zhang").id, person(app, "wang").id}
    assert principal(app, "zong").subordinates == {person(app, name).id for name in ("li", "zhang", "wang", "chen")}
    assert (li.locale, principal(app, "chen").locale) == ("zh-CN", "en")
    with app.work(SYSTEM, read=True) as work:
        assert people.principal(work, li.id or 0) == li


@pytest.mark.parametrize("who", ["nobody", "", 999999])
def test_an_unknown_principal_is_not_found(app: App, who: str | int) -> None:
    with app.work(SYSTEM, read=True) as work, pytest.raises(NotFound):
        people.principal(work, who)


def test_superiors_are_counted_from_below(app: App) -> None:
    wang, chen = person(app, "wang").id, person(app, "chen").id
    with app.work(SYSTEM, read=True) as work:
        assert [getattr(people.superior(work, wang, level), "name", None) for level in (1, 2, 3, 4)] == [
            "张三",
            "李强",
            "宗伟",
            None,
        ]
        assert names(people.superiors(work, wang, 2)) == ["张三", "李强"]
        assert names(people.superiors_until(work, wang, "sales_director")) == ["张三", "李强"]
        assert names(people.superiors_until(work, chen, "sales_director")) == ["宗伟"]


def test_who_has_left_is_passed_over_in_the_chain(app: App) -> None:
    zhang, wang = person(app, "zhang").id, person(app, "wang").id
    with app.work(principal(app, "zong")) as work:
        people.deactivate(work, zhang)
    with app.work(SYSTEM, read=True) as work:
        superior = people.superior(work, wang)
        assert superior and superior.name == "李强"
        assert people.get(work, zhang).active is False
        assert "张三" not in names(people.with_role(work, "sales"))
        with pytest.raises(NotFound):
            people.principal(work, "zhang")
    assert zhang in principal(app, "li").subordinates  # the records of who has left stay with his superiors


def test_a_department_without_a_head_is_led_by_the_one_around_it(app: App) -> None:
    with app.work(SYSTEM, read=True) as work:
        heads = {id: getattr(people.department_head(work, id), "name", None) for id in ("east", "sales", "finance")}
        assert heads == {"east": "李强", "sales": "李强", "finance": "宗伟"}
        above = people.department_head(work, "sales", not_for=person(app, "li").id)
        assert above and above.name == "宗伟"
        assert people.department_head(work, None) is None


def test_members_are_those_of_the_department_and_below(app: App) -> None:
    with app.work(SYSTEM, read=True) as work:
        assert set(names(people.members(work, "sales"))) == {"李强", "张三", "王敏"}
        assert names(people.members(work, "finance")) == ["陈静"]
        assert people.members(work, "moon") == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("zs", ["张三"]),
        ("zhang", ["张三"]),
        ("三", ["张三"]),
        ("WANG", ["王敏"]),
        ("jing", ["陈静"]),
        (" ", []),
        ("%", []),
    ],
)
def test_search_reads_names_logins_and_pinyin(app: App, typed: str, found: list[str]) -> None:
    with app.work(SYSTEM, read=True) as work:
        assert names(people.search(work, typed)) == found


def test_loading_twice_changes_nothing(app: App) -> None:
    before = {login: person(app, login) for login in ORGANISATION["people"]}
    with app.work(SYSTEM) as work:
        people.load(work, ORGANISATION)
    after = {login: person(app, login) for login in ORGANISATION["people"]}
    assert after == before


def test_loading_changes_only_what_is_named(app: App) -> None:
    with app.work(SYSTEM) as work:
        people.load(work, {"people": {"wang": {"name": "王小敏", "roles": ["sales"], "superior": "li"}}})
    wang, zhang = person(app, "wang"), person(app, "zhang")
    assert (wang.name, wang.roles, wang.superior, wang.department) == ("王小敏", {"sales"}, person(app, "li").id, None)
    assert wang.pinyin == "wangxiaomin wxm"
    assert zhang.email == "zs@example.com"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"people": {"wang": {"roles": ["sale"]}}}, {"people.wang.roles": ["没有角色 sale, 是否指 sales?"]}),
        ({"people": {"wang": {"superior": "zhan"}}}, {"people.wang.superior": ["没有人员 zhan, 是否指 zhang?"]}),
        ({"people": {"wang": {"department": "moon"}}}, {"people.wang.department": ["没有部门 moon"]}),
        ({"departments": {"east": {"head": "x1"}}}, {"departments.east.head": ["没有人员 x1"]}),
        ({"people": {"Li Qiang": {}}}, {"people.Li Qiang": ["账号只能用小写字母、数字和 . _ -"]}),
        ({"people": {"wang": {"role": "sales"}}}, {"people.wang.role": [WORDS]}),
        ({"people": {"li": {"superior": "li"}}}, {"people.li.superior": ["上级关系成环: li → li"]}),
        (
            {"people": {"zhang": {"superior": "wang"}}},
            {
                "people.zhang.superior": ["上级关系成环: zhang → wang → zhang"],
                "people.wang.superior": ["上级关系成环: wang → zhang → wang"],
            },
        ),
        (
            {"departments": {"a": {"parent": "b"}, "b": {"parent": "a"}}},
            {"departments.a.parent": ["上级部门成环: a → b → a"], "departments.b.parent": ["上级部门成环: b → a → b"]},
        ),
    ],
)
def test_a_wrong_organisation_is_refused_whole(app: App, data: dict[str, Any], words: dict[str, list[str]]) -> None:
    before = {login: person(app, login) for login in ORGANISATION["people"]}
    with pytest.raises(InputError) as refused, app.work(SYSTEM) as work:
        people.load(work, {**data, "people": {"zong": {"name": "新名"}, **data.get("people", {})}})
    assert refused.value.fields == words
    assert {login: person(app, login) for login in ORGANISATION["people"]} == before


def test_an_unchanged_organisation_costs_one_small_query(app: App) -> None:
    principal(app, "li")
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(app.database.engine, "before_cursor_execute", note)
    with app.work(SYSTEM, read=True) as work:
        seen.clear()
        li = people.principal(work, "li")
        people.superiors(work, li.id or 0)
        people.members(work, "sales")
    assert len([statement for statement in seen if "g_p" in statement]) == 1


def test_a_change_that_is_rolled_back_is_seen_by_nobody(app: App) -> None:
    wang = person(app, "wang").id
    with pytest.raises(RuntimeError), app.work(principal(app, "zong")) as work:
        people.change(work, wang, name="改名")
        assert people.get(work, wang).name == "改名"
        assert person(app, "wang").name == "王敏"  # another transaction
        raise RuntimeError
    assert person(app, "wang").name == "王敏"


def test_hiring_is_audited_and_told(app: App, heard: list[Event]) -> None:
    with app.work(principal(app, "zong")) as work:
        zhao = people.create(work, "zhao", "赵六", roles=["sales"], superior=person_id(work, "li"), department="east")
        assert people.get(work, zhao.id).pinyin == "zhaoliu zl"
        rows = work.execute(select(audit.table.c.action, audit.table.c.actor)).all()
    assert ("person.create", "宗伟") in [tuple(row) for row in rows]
    assert [(event.name, event.data) for event in heard] == [("person.created", {"person": zhao.id})]
    assert zhao.id in principal(app, "li").subordinates


def person_id(work: Any, login: str) -> int:
    found = people.find(work, login)
    assert found
    return found.id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "no address"}, "email"),
        ({"email": "a@b.c\nBcc: x@y.z"}, "email"),
        ({"mobile": "call me"}, "mobile"),
        ({"department": "moon"}, "department"),
        ({"superior": 999999}, "superior"),
        ({"roles": ["king"]}, "roles"),
        ({"password_hash": "x"}, "password_hash"),
        ({"id": 1}, "id"),
    ],
)
def test_a_wrong_change_names_its_field(app: App, changes: dict[str, Any], field: str) -> None:
    before = person(app, "wang")
    with pytest.raises(InputError) as refused, app.work(principal(app, "zong")) as work:
        people.change(work, before.id, **changes)
    assert list(refused.value.fields) == [field]
    assert person(app, "wang") == before


def test_nobody_stands_under_himself(app: App) -> None:
    li, wang = person(app, "li"), person(app, "wang")
    with pytest.raises(InputError, match="王敏 是本人或下级"), app.work(principal(app, "zong")) as work:
        people.change(work, li.id, superior=wang.id)


def test_two_changes_at_once_make_no_circle(app: App) -> None:
    """Each alone is fine; the second sees the first and is refused."""
    wang, chen = person(app, "wang").id, person(app, "chen").id
    zong = principal(app, "zong")
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def put(who: int, under: int) -> None:
        together.wait()
        try:
            with app.work(zong) as work:
                people.change(work, who, superior=under)
            outcomes.append("done")
        except InputError:
            outcomes.append("refused")

    threads = [threading.Thread(target=put, args=pair) for pair in ((wang, chen), (chen, wang))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]


def test_a_circle_in_the_database_is_told_not_walked_for_ever(app: App) -> None:
    li, zhang = person(app, "li").id, person(app, "zhang").id
    with app.work(SYSTEM) as work:
        work.execute(update(persons).where(persons.c.id == li).values(superior_id=zhang))
        from engine.people.stamp import renew

        renew(work)
    with app.work(SYSTEM, read=True) as work, pytest.raises(EvaluationError, match="run in a circle"):
        people.superiors(work, zhang)


def test_a_stale_change_is_refused(app: App) -> None:
    wang = person(app, "wang")
    with app.work(principal(app, "zong")) as work:
        people.change(work, wang.id, version=wang.version, mobile="13800000000")
    with pytest.raises(Conflict, match="王敏 刚刚被别人修改"), app.work(principal(app, "zong")) as work:
        people.change(work, wang.id, version=wang.version, mobile="13900000000")


@pytest.mark.parametrize("login", ["zhang", "Zhao", "赵六", "", "a" * 65, "a b"])
def test_a_login_is_new_and_plain(app: App, login: str) -> None:
    with pytest.raises(InputError) as refused, app.work(principal(app, "zong")) as work:
        people.create(work, login, "赵六")
    assert list(refused.value.fields) == ["login"]


def test_only_who_may_manage_people_does(app: App) -> None:
    wang = person(app, "wang").id
    for act in (
        lambda work: people.create(work, "zhao", "赵六"),
        lambda work: people.change(work, wang, name="改"),
        lambda work: people.change(work, person_id(work, "li"), roles=["admin"]),
        lambda work: people.deactivate(work, wang),
        lambda work: people.activate(work, wang),
        lambda work: people.load(work, {"people": {"wang": {"name": "改"}}}),
    ):
        with pytest.raises(AccessDenied), app.work(principal(app, "li")) as work:
            act(work)


def test_nobody_gives_powers_that_he_lacks(app: App) -> None:
    chen, wang, zong = principal(app, "chen"), person(app, "wang").id, person(app, "zong").id
    with app.work(chen) as work:
        people.change(work, wang, roles=["sales", "sales_director"])
        people.change(work, person_id(work, "zhang"), roles=["hr"])
    for act in (
        lambda work: people.change(work, wang, roles=["admin"]),
        lambda work: people.change(work, chen.id or 0, roles=["admin", "hr"]),
        lambda work: people.create(work, "zhao", "赵六", roles=["admin"]),
        lambda work: people.change(work, zong, email="mine@example.com"),
        lambda work: people.deactivate(work, zong),
        lambda work: people.load(work, {"people": {"wang": {"roles": ["admin"]}}}),
        lambda work: people.load(work, {"people": {"zong": {"roles": []}}}),
    ):
        with pytest.raises(AccessDenied, match="没有的权限"), app.work(chen) as work:
            act(work)
    assert person(app, "wang").roles == {"sales", "sales_director"}
    assert person(app, "zong").active


def test_leaving_ends_sessions_and_tells_who_takes_over(app: App, heard: list[Event]) -> None:
    wang, zhang = person(app, "wang").id, person(app, "zhang").id
    with app.work(SYSTEM) as work:
        token = sessions.open(work, wang)
    with app.work(principal(app, "zong")) as work:
        people.deactivate(work, wang, hand_over_to=zhang)
        people.deactivate(work, wang)  # a second click changes nothing
    assert [(e.name, dict(e.data)) for e in heard] == [("person.deactivated", {"person": wang, "hand_over_to": zhang})]
    with app.work(principal(app, "zong")) as work:
        people.activate(work, wang)
    assert sessions.find(app, token) is None
    assert principal(app, "wang").id == wang


def test_nobody_deactivates_himself_or_hands_over_to_who_has_left(app: App) -> None:
    zong, wang, zhang = principal(app, "zong"), person(app, "wang").id, person(app, "zhang").id
    with pytest.raises(InputError, match="不能停用自己"), app.work(zong) as work:
        people.deactivate(work, zong.id or 0)
    with app.work(zong) as work:
        people.deactivate(work, wang)
        with pytest.raises(InputError, match="在职人员"):
            people.deactivate(work, zhang, hand_over_to=wang)
