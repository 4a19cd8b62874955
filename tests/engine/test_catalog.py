"""The catalog: an app folder read whole, with every mistake at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.catalog import Catalog, MenuGroup, loading, old_formats
from engine.errors import ConfigError, ConfigErrors, Problems
from engine.names import unknown
from engine.principal import SYSTEM, Principal
from engine.room import DocumentKind
from engine.source import Document

Folder = Callable[[dict[str, str]], Path]

APP = """\
format: 1
app: demo
label: 演示
version: 1.0.0
timezone: Asia/Shanghai
calendar: cn
menu:
  - {label: 客户, items: [customer, tasks]}
options:
  grade: {a: A, b: {label: B, tone: warn}}
"""
CALENDAR = "label: 工作日历\nweek: {mon-fri: [09:00-18:00]}\n"
THINGS = {"type": "object", "required": ["label"], "properties": {"label": {"type": "string"}, "other": {}}}


def things(log: list[str] | None = None) -> DocumentKind:
    """A kind of documents that refer to each other by `other`; it tells when it is asked what."""
    log = [] if log is None else log

    def compile(catalog: Catalog, documents: Mapping[str, Document], problems: Problems) -> Mapping[str, str]:
        log.append(f"compile {','.join(documents)} in {catalog.currency}")
        for id, document in documents.items():
            if document.get("label") == "":
                problems.add(ConfigError(f"{id} has an empty label", document.mark("label")))
        return {id: document.value["label"] for id, document in documents.items()}

    def link(catalog: Catalog, problems: Problems) -> None:
        log.append("link")
        for document in catalog.documents["thing"].values():
            other = document.get("other")
            if other is not None and other not in catalog["thing"]:
                problems.add(unknown("thing", other, catalog["thing"], document.mark("other")))

    return DocumentKind("thing", "things", lambda: THINGS, compile, link)


def test_an_app_is_read_whole(folder: Folder) -> None:
    log: list[str] = []
    root = folder(
        {
            "app.yaml": APP,
            "settings.yaml": "limit: {label: 上限, type: money, default: 1}\n",
            "roles.yaml": "sales: {label: 销售}\nadmin: {label: 管理员, can: [settings]}\n",
            "calendars/cn.yaml": CALENDAR,
            "locales/en.yaml": "客户: Customer\n",
            "templates/reminder.yaml": "subject: 提醒\nbody: 您好\n",
            "things/a.yaml": "label: 甲\nother: b\n",
            "things/b.yaml": "label: 乙\n",
            "tests/one.yaml": "anything: goes\n",
        }
    )
    catalog = Catalog.load(root, [things(log)])
    assert (catalog.app, catalog.title, catalog.version) == ("demo", "演示", "1.0.0")
    assert (catalog.locale, catalog.currency, catalog.timezone) == ("zh-CN", "CNY", ZoneInfo("Asia/Shanghai"))
    assert catalog.menu == (MenuGroup("客户", ("customer", "tasks")),)
    assert catalog.options["grade"]["b"] == {"label": "B", "tone": "warn"}
    assert catalog.settings["limit"].label == "上限"
    assert catalog.roles["admin"].can == {"settings"}
    assert catalog.calendar() is catalog.calendar("cn")
    assert catalog.calendar("default").label != catalog.calendar().label
    assert catalog.templates["reminder"].body == "您好"
    assert catalog["thing"] == {"a": "甲", "b": "乙"}
    assert list(catalog) == ["thing"]
    assert catalog.documents["thing"]["a"].get("other") == "b"
    assert log == ["compile a,b in CNY", "link"]
    assert catalog.warnings == ()


def test_a_small_app_has_defaults(folder: Folder) -> None:
    catalog = Catalog.load(folder({}))
    assert (dict(catalog.roles), dict(catalog.settings), catalog.lock, catalog.menu) == ({}, {}, {}, ())
    assert catalog.calendar().id == "default"


def test_the_menu_names_pages() -> None:
    app = APP.replace("calendar: cn\n", "").replace("[customer, tasks]", "[customr, tasks, a]")
    files = {"app.yaml": app, "things/customer.yaml": "label: 客户\n", "things/a.yaml": "label: 甲\n"}
    assert told(files, [replace(things(), page=True)]) == ["app.yaml:7:25: there is no form or report 'customr'"]
    assert Catalog.from_files(files, [things()]).menu[0].items == ("customr", "tasks", "a")


def test_labels_are_translated(folder: Folder) -> None:
    catalog = Catalog.load(folder({"locales/en.yaml": "客户: Customer\n"}))
    assert catalog.label("客户", "en") == "Customer"
    assert catalog.label("客户", "en-GB") == "Customer"
    assert catalog.label("客户", "fr") == catalog.label("客户") == "客户"
    assert catalog.label("订单", "en") == "订单"


def test_a_role_gives_power(folder: Folder) -> None:
    catalog = Catalog.load(folder({"roles.yaml": "sales: {label: 销售}\nadmin: {label: 管理员, can: [publish]}\n"}))
    admin = Principal(1, "li", "李", roles=frozenset({"admin", "gone"}))
    assert catalog.may(admin, "publish")
    assert not catalog.may(admin, "settings")
    assert not catalog.may(Principal(2, "wu", "吴", roles=frozenset({"sales"})), "publish")
    assert catalog.may(SYSTEM, "settings")


def told(files: dict[str, str], kinds: list[DocumentKind]) -> list[str]:
    with pytest.raises(ConfigErrors) as wrong:
        Catalog.from_files(files, kinds)
    return [f"{error.mark}: {error.message}" for error in wrong.value.errors]


def test_mistakes_of_all_files_are_told_at_once() -> None:
    files = {
        "app.yaml": APP.replace("label: 演示\n", ""),
        "roles.yaml": "sales: {}\n",
        "settings.yaml": "limit: [1\n",
        "things/a.yaml": "label: 1\n",
        "things/b.yaml": "label: a: b\n",
        "things/Cc.yaml": "label: x\n",
    }
    assert told(files, [things()]) == [
        "app.yaml:1:1: the key 'label' is missing",
        "roles.yaml:1:1: the key 'label' is missing",
        "settings.yaml:2:1: a ',' or ']' is missing in the list that begins in line 1, column 8",
        "things/Cc.yaml:1:1: 'Cc' cannot be an id",
        "things/a.yaml:1:8: this must be a text, not a number",
        "things/b.yaml:1:9: a second ': ' stands in this value",
    ]


def test_a_kind_with_mistakes_ends_the_reading_before_its_echoes() -> None:
    log: list[str] = []
    app = APP.replace("calendar: cn\n", "")
    assert told({"app.yaml": app, "things/a.yaml": 'label: ""\nother: zz\n'}, [things(log)]) == [
        "things/a.yaml:1:8: a has an empty label"
    ]
    assert "link" not in log
    assert told({"app.yaml": app, "things/a.yaml": "label: x\nother: aa\n"}, [things(log)]) == [
        "things/a.yaml:2:8: there is no thing 'aa'"
    ]


def test_what_is_not_read_is_warned_of(folder: Folder) -> None:
    root = folder(
        {
            "thing/a.yaml": "label: x\n",
            "rolls.yaml": "",
            "things/a.yml": "label: x\n",
            "things/deep/b.yaml": "label: x\n",
            "README.md": "",
            ".hidden/x": "",
            "sample/customers.xlsx": "",
        }
    )
    problems = Problems()
    catalog = Catalog.load(root, [things()], problems)
    said = {str(warning).replace(f"{root}/", "") for warning in problems.warnings}
    assert said == {
        "thing:1:1: the folder 'thing' is not read\n  hint: did you mean 'things'?",
        "rolls.yaml:1:1: the file 'rolls.yaml' is not read\n  hint: did you mean 'roles.yaml'?",
        "things/a.yml:1:1: 'a.yml' is not read\n  hint: files here end in .yaml",
        "things/deep:1:1: 'deep' is not read\n  hint: files lie directly in this folder",
    }
    assert [*catalog.warnings] == problems.warnings
    assert list(catalog.files) == ["app.yaml"]


def test_marks_show_the_folder_as_it_was_named(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder({"roles.yaml": "sales: {}\n"})
    monkeypatch.chdir(root.parent)
    with pytest.raises(ConfigErrors, match=r"^app/roles\.yaml:1:1: "):
        Catalog.load(Path("app"))


def test_a_folder_that_is_no_app(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"this is not an app: app\.yaml is missing"):
        Catalog.load(tmp_path)
    with pytest.raises(ConfigErrors, match="there is no such folder"):
        Catalog.load(tmp_path / "nowhere")
    (tmp_path / "app.yaml").write_bytes(b"label: \xff\n")
    with pytest.raises(ConfigErrors, match=r"app.yaml:1:8: this is not UTF-8 text") as wrong:
        Catalog.load(tmp_path)
    assert len(wrong.value.errors) == 1


def test_a_stored_bundle_is_the_same_app(folder: Folder) -> None:
    root = folder({"things/a.yaml": "label: x\n", "roles.yaml": "# who\r\nsales: {label: 销售}\r\n"})
    first = Catalog.load(root, [things()])
    again = Catalog.from_files(first.files, [things()])
    assert (again.hash, again.files, dict(again.roles)) == (first.hash, first.files, dict(first.roles))
    (root / "things/a.yaml").write_text("label: y\n", encoding="utf-8")
    assert Catalog.load(root, [things()]).hash != first.hash


def test_line_ends_make_no_other_app(folder: Folder) -> None:
    root = folder({"roles.yaml": "sales: {label: 销售}\n"})
    unix = Catalog.load(root).hash
    (root / "roles.yaml").write_bytes("sales: {label: 销售}\r\n".encode())
    assert Catalog.load(root).hash == unix


def test_an_old_format_is_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A format before the first: its roles stood in app.yaml, and it had no version."""

    def convert(values: Mapping[str, Any]) -> dict[str, Any]:
        app = dict(values["app.yaml"])
        roles = {id: {"label": label} for id, label in app.pop("people").items()}
        return {**values, "app.yaml": {**app, "format": 1, "version": "0.1.0"}, "roles.yaml": roles}

    monkeypatch.setitem(old_formats.CONVERTERS, 0, convert)
    old = "format: 0\napp: demo\nlabel: 演示\ntimezone: Asia/Shanghai\npeople: {sales: 销售}\n"
    catalog = Catalog.from_files({"app.yaml": old})
    assert catalog.version == "0.1.0"
    assert catalog.roles["sales"].label == "销售"
    assert catalog.files == {"app.yaml": old}
    wrong = old.replace("label: 演示", "label: 1")
    assert told({"app.yaml": wrong}, []) == ["app.yaml:3:8: this must be a text, not a number"]


@pytest.mark.parametrize("written", ["0", "99", "-1"])
def test_a_format_that_nobody_knows(written: str) -> None:
    assert told({"app.yaml": f"format: {written}\n"}, []) == [f"app.yaml:1:9: the app is written in format {written}"]


def test_every_file_of_the_engine_has_a_schema_with_words() -> None:
    """`guiju schema` and the builder show them: every key says what it is for."""

    def bare(schema: Any, where: str) -> list[str]:
        inner = schema.get("properties", {})
        found = [f"{where}.{key}" for key, one in inner.items() if "const" not in one and "description" not in one]
        branches = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
        more = schema.get("additionalProperties")
        branches += [more] if isinstance(more, dict) else []
        below = [*((f"{where}.{key}", one) for key, one in inner.items()), *((where, one) for one in branches)]
        return found + [name for path, one in below for name in bare(one, path)]

    schemas = loading.schemas()
    assert set(schemas) == {"app", "settings", "roles", "calendar", "locale", "template"}
    mine = {name: schema for name, schema in schemas.items() if name != "calendar"}
    assert [name for kind, schema in mine.items() for name in bare(schema, kind)] == []
