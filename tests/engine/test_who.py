"""Who: every way of naming people, why each was chosen, and what a wrong one is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine import people, shape, who
from engine.app import App
from engine.catalog import Catalog
from engine.database import Database
from engine.errors import Problems
from engine.expressions import MapEnv, MapScope, types
from engine.principal import SYSTEM
from engine.source import read_text
from engine.who import Who, compile_who, who_kinds

ROLES = """
sales: {label: 销售}
sales_director: {label: 销售总监}
finance: {label: 财务}
admin: {label: 管理员, can: [publish]}
"""
ORGANISATION: dict[str, Any] = {
    "departments": {
        "company": {"label": "总公司", "head": "zong"},
        "sales": {"label": "销售部", "parent": "company", "head": "li"},
        "legal": {"label": "法务部", "parent": "company", "head": "fa"},
    },
    "people": {
        "zong": {"name": "宗伟", "roles": ["admin"], "department": "company"},
        "li": {"name": "李强", "roles": ["sales_director"], "department": "sales", "superior": "zong"},
        "zhang": {"name": "张三", "roles": ["sales"], "department": "sales", "superior": "li"},
        "wang": {"name": "王敏", "roles": ["sales", "finance"], "department": "sales", "superior": "zhang"},
        "fa": {"name": "法立", "department": "legal", "superior": "zong"},
        "wu": {"name": "吴芳", "roles": ["finance"], "department": "company"},
    },
}
CUSTOMER = MapScope(
    {"sales_owner": types.person(), "contact_email": types.text(), "name": types.text(), "branch": types.department()},
    labels={"sales_owner": "销售负责人", "contact_email": "联系邮箱"},
)
SCOPE = MapScope(
    {
        "customer": types.reference("customer"),
        "amount": types.money(),
        "deputy": types.person(),
        "unit": types.department(),
        "duty": types.role(),
        "created_by": types.person(),
    },
    {"customer": CUSTOMER},
    {"deputy": "副手", "customer": "客户"},
)


@pytest.fixture
def app(database: Database, folder: Callable[[dict[str, str]], Path]) -> Iterator[App]:
    app = App(Catalog.load(folder({"roles.yaml": ROLES})), database, [])
    app.publish(app.catalog)
    with app.work(SYSTEM) as work:
        people.load(work, ORGANISATION)
    yield app


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    root = tmp_path_factory.mktemp("app")
    (root / "app.yaml").write_text("format: 1\napp: demo\nlabel: 演示\nversion: 1.0.0\ntimezone: Asia/Shanghai\n")
    (root / "roles.yaml").write_text(ROLES)
    return Catalog.load(root)


def compiled(text: str, catalog: Catalog, problems: Problems, **more: bool) -> Who | None:
    document = read_text(f"to: {text}\n", "rules/r.yaml")
    schema = {"type": "object", "properties": {"to": who.schema()}}
    if not shape.check(document, schema, problems):
        return None
    return compile_who(document, ("to",), SCOPE, catalog, problems, **more)


def found(app: App, text: str, values: dict[str, Any] | None = None, starter: str | None = "wang") -> list[str]:
    """Each as `name: why`."""
    problems = Problems()
    declared = compiled(text, app.catalog, problems, outside=True)
    problems.raise_if_any()
    assert declared
    with app.work(SYSTEM, read=True) as work:

        def id(login: Any) -> Any:
            person = people.find(work, login) if isinstance(login, str) else None
            return person.id if person else login

        given = {
            key: {inner: id(value) for inner, value in values_.items()} if isinstance(values_, dict) else id(values_)
            for key, values_ in (values or {}).items()
        }
        chosen = declared.resolve(work, MapEnv(given), starter=id(starter))
        names = {person.id: person.name for person in people.everyone(work)}
        return [f"{one.address or names[one.person_id or 0]}: {one.why}" for one in chosen]


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("{role: finance}", {}, ["王敏: 角色 财务", "吴芳: 角色 财务"]),
        ("{person: li}", {}, ["李强: 指定人员"]),
        ("{person: nobody}", {}, []),
        ("{department: sales}", {}, ["李强: 部门 销售部", "张三: 部门 销售部", "王敏: 部门 销售部"]),
        ("{department: moon}", {}, []),
        ("{department_head: legal}", {}, ["法立: 部门 法务部 的负责人"]),
        ("{department_head: moon}", {}, []),
        ("{department_head: starter}", {}, ["李强: 王敏 所在部门 销售部 的负责人"]),
        ("{department_head: deputy}", {"deputy": "li"}, ["宗伟: 李强 所在部门 销售部 的负责人"]),
        ("{department_head: unit}", {"unit": "legal"}, ["法立: 部门 法务部 的负责人"]),
        ("{department_head: unit}", {"unit": None}, []),
        ("superior", {}, ["张三: 王敏 的上级, 第 1 级"]),
        ("{superior: starter}", {}, ["张三: 王敏 的上级, 第 1 级"]),
        ("{superior: {level: 2}}", {}, ["李强: 王敏 的上级, 第 2 级"]),
        ("{superior: {of: starter, level: 9}}", {}, []),
        ("{superior: customer.sales_owner}", {"customer": {"sales_owner": "zhang"}}, ["李强: 张三 的上级, 第 1 级"]),
        ("{superior: deputy}", {"deputy": None}, []),
        (
            "{superiors: {of: starter, until: {role: sales_director}}}",
            {},
            ["张三: 王敏 的上级, 第 1 级", "李强: 王敏 的上级, 第 2 级"],
        ),
        ("{superiors: {until: {level: 1}}}", {}, ["张三: 王敏 的上级, 第 1 级"]),
        (
            "{superiors: {of: deputy}}",
            {"deputy": "zhang"},
            ["李强: 张三 的上级, 第 1 级", "宗伟: 张三 的上级, 第 2 级"],
        ),
        ("starter", {}, ["王敏: 发起人"]),
        ("owner", {"created_by": "wu"}, ["吴芳: 记录负责人"]),
        ("flow_admin", {}, ["宗伟: 流程管理员"]),
        ("{flow_admin: true}", {}, ["宗伟: 流程管理员"]),
        ("deputy", {"deputy": "li"}, ["李强: 字段 副手"]),
        ("deputy", {"deputy": None}, []),
        ("customer.sales_owner", {"customer": {"sales_owner": "zhang"}}, ["张三: 字段 销售负责人"]),
        ("customer.sales_owner", {"customer": None}, []),
        ("unit", {"unit": "legal"}, ["法立: 部门 法务部"]),
        ("duty", {"duty": "finance"}, ["王敏: 字段 duty", "吴芳: 字段 duty"]),
        (
            '{expression: "deputy if amount > 100000 else customer.sales_owner"}',
            {"deputy": "li", "customer": {"sales_owner": "zhang"}, "amount": 5},
            ["张三: 公式 deputy if amount > 100000 else customer.sales_owner"],
        ),
        ("{email: customer.contact_email}", {"customer": {"contact_email": "a@b.cn"}}, ["a@b.cn: 字段 联系邮箱"]),
        ("{email: customer.contact_email}", {"customer": {"contact_email": "a@b.cn\nBcc: x@y.z"}}, []),
        ("{email: customer.contact_email}", {"customer": {"contact_email": "a@b.cn, x@y.z"}}, []),
        ("{email: customer.contact_email}", {"customer": {"contact_email": None}}, []),
        (
            "[starter, customer.sales_owner, {role: finance}, {email: customer.contact_email}]",
            {"customer": {"sales_owner": "wang", "contact_email": "A@b.cn"}},
            ["王敏: 发起人", "吴芳: 角色 财务", "A@b.cn: 字段 联系邮箱"],
        ),
    ],
)
def test_people_are_found_in_order_and_once(app: App, text: str, values: dict[str, Any], expected: list[str]) -> None:
    assert found(app, text, values) == expected


def test_without_a_starter_nobody_is_his_superior(app: App) -> None:
    assert found(app, "[starter, superior, {department_head: starter}]", starter=None) == []


def test_who_has_left_is_dropped(app: App) -> None:
    with app.work(SYSTEM) as work:
        zhang, wu = people.find(work, "zhang"), people.find(work, "wu")
        assert zhang and wu
        people.deactivate(work, zhang.id)
        people.deactivate(work, wu.id)
    assert found(app, "[{person: zhang}, {role: finance}, deputy, superior]", {"deputy": "zhang"}) == [
        "王敏: 角色 财务",
        "李强: 王敏 的上级, 第 1 级",
    ]


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("{role: finanse}", "rules/r.yaml:1:12: there is no role 'finanse'", "did you mean 'finance'?"),
        ("[starter, {role: x}]", "rules/r.yaml:1:22: there is no role 'x'", "known are"),
        ("finance", "rules/r.yaml:1:5: 'finance' is a role, not a field", "write {role: finance}"),
        ("starte", "there is no person, word or field 'starte'", "did you mean 'starter'?"),
        ("customer.sales_ower", "no name 'sales_ower'", "did you mean 'sales_owner'?"),
        ("amount", "'amount' is a money, not a person, a department or a role", "name a field"),
        ("{superior: amount}", "'amount' is a money, not a person", "name a field"),
        ("{superior: {of: unit}}", "rules/r.yaml:1:21: 'unit' is a department, not a person", "name a field"),
        ("{superiors: {of: starter, until: {role: boss}}}", "there is no role 'boss'", "known are"),
        ('{expression: "amount > 3"}', "is a boolean, not a person", "name a field"),
        ('{expression: "amount >"}', "rules/r.yaml:1", ""),
        ("{email: amount}", "'amount' is a money, not an e-mail address", "name a field"),
    ],
)
def test_a_wrong_who_is_told_at_its_place(catalog: Catalog, text: str, words: str, hint: str) -> None:
    problems = Problems()
    assert compiled(text, catalog, problems, outside=True) is None
    assert words in str(problems.errors[0])
    assert hint in (problems.errors[0].hint or "")


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("starter", {"starter": False}, "nobody starts this"),
        ("superior", {"starter": False}, "nobody starts this"),
        ("{email: customer.contact_email}", {"outside": False}, "an address outside cannot act here"),
    ],
)
def test_what_makes_no_sense_here_is_refused(catalog: Catalog, text: str, more: dict[str, bool], words: str) -> None:
    problems = Problems()
    assert compiled(text, catalog, problems, **more) is None
    assert words in str(problems.errors[0])
    assert problems.errors[0].hint


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "5",
        "{role: [a]}",
        "{rolle: a}",
        "{role: a, person: b}",
        "{superior: {level: 0}}",
        "{starter: false}",
    ],
)
def test_a_wrong_shape_is_refused(catalog: Catalog, text: str) -> None:
    problems = Problems()
    assert compiled(text, catalog, problems) is None
    assert problems.errors


def test_several_mistakes_are_told_together(catalog: Catalog) -> None:
    problems = Problems()
    assert compiled("[{role: x1}, starter, nofield]", catalog, problems) is None
    assert len(problems.errors) == 2


@pytest.mark.parametrize(
    ("text", "pool"),
    [
        ("{role: finance}", ("finance",)),
        ("[{role: finance}, {role: sales}]", ("finance", "sales")),
        ("[{role: finance}, starter]", ()),
        ("starter", ()),
    ],
)
def test_only_roles_make_a_pool(catalog: Catalog, text: str, pool: tuple[str, ...]) -> None:
    declared = compiled(text, catalog, Problems())
    assert declared and declared.pool_roles == pool


def test_it_knows_what_it_reads(catalog: Catalog) -> None:
    declared = compiled(
        "[{superior: customer.sales_owner}, deputy, {department_head: unit}, {role: sales}]", catalog, Problems()
    )
    assert declared and {("customer", "sales_owner"), ("deputy",), ("unit",)} <= declared.reads


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[starter, {role: finance}]", "发起人、财务"),
        ("superior", "发起人 的上级"),
        ("{superior: {of: customer.sales_owner, level: 2}}", "销售负责人 的上级 (2)"),
        ("{superiors: {of: starter, until: {role: sales_director}}}", "发起人 的逐级上级 ≤ 销售总监"),
        ("{department_head: starter}", "发起人 部门负责人"),
        ("deputy", "副手"),
    ],
)
def test_it_is_described_for_people(catalog: Catalog, text: str, words: str) -> None:
    declared = compiled(text, catalog, Problems())
    assert declared and declared.describe(catalog) == words


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(who.schema())


@pytest.mark.parametrize("name", who_kinds)
def test_every_kind_tells_what_it_is_with_an_example_that_works(catalog: Catalog, name: str) -> None:
    kind = who_kinds[name]
    assert kind.schema["description"]
    examples = [
        line.split(":", 1)[1] for line in (kind.__doc__ or "").splitlines() if line.strip()[:4] in ("who:", "to: ")
    ]
    assert examples
    for example in examples:
        problems = Problems()
        declared = compiled(example.strip(), catalog, problems, outside=True)
        problems.raise_if_any()
        assert declared and isinstance(declared.entries[0], kind)
