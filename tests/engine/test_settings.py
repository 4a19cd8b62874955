"""Settings: typed, bounded, audited, and turned by those who may."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from sqlalchemy import event, select

from engine import audit, settings
from engine.app import App
from engine.catalog import Catalog
from engine.clock import SetClock
from engine.database import Database
from engine.errors import AccessDenied, ConfigErrors, Conflict, InputError, NotFound
from engine.events import Event
from engine.principal import Principal
from engine.room import Room
from engine.settings.kinds import setting_kinds

SETTINGS = """
watch_after_days: {label: 逾期观察天数, type: integer, default: 15, min: 1, max: 365, unit: 天}
factor: {label: 系数, type: number, default: 1.5}
usage: {label: 预警线, type: percent, default: 0.8, min: 0, max: 1}
small_limit: {label: 小额上限, type: money, default: 50000, min: 0}
sender: {label: 落款, type: text, default: 财务部, max: 6}
weekends: {label: 周末, type: boolean, default: false}
over_limit: {label: 超额订单, type: choice, options: {warn: 预警, block: 拦截}, default: block}
bands: {label: 账龄区间, type: bands, default: [0, 30, 60]}
weights: {label: 权重, type: weights, default: {finance: 60, history: 40}, total: 100}
go_live: {label: 启用日期, type: date, default: 2026-01-01}
collector: {label: 催收角色, type: role, default: finance}
nobody: {label: 另一角色, type: role}
"""
ROLES = "finance: {label: 财务}\nadmin: {label: 管理员, can: [settings]}\n"
ADMIN = Principal(1, "li", "李", roles=frozenset({"admin"}))
FINANCE = Principal(2, "wu", "吴", roles=frozenset({"finance"}))


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def app(database: Database, folder: Callable[[dict[str, str]], Path], heard: list[Event]) -> Iterator[App]:
    catalog = Catalog.load(folder({"settings.yaml": SETTINGS, "roles.yaml": ROLES}))
    app = App(catalog, database, [Room("ears", subscribers=(lambda work, event: heard.append(event),))])
    app.clock = SetClock(datetime(2026, 3, 1, 1, tzinfo=UTC))
    app.publish(catalog)
    yield app


def test_a_setting_starts_with_its_typed_default(app: App) -> None:
    with app.work(ADMIN) as work:
        assert dict(work.settings) == {
            "watch_after_days": 15,
            "factor": Decimal("1.5"),
            "usage": Decimal("0.8"),
            "small_limit": Decimal("50000.00"),
            "sender": "财务部",
            "weekends": False,
            "over_limit": "block",
            "bands": (0, 30, 60),
            "weights": {"finance": 60, "history": 40},
            "go_live": date(2026, 1, 1),
            "collector": "finance",
            "nobody": None,
        }


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("watch_after_days", "20", 20),
        ("watch_after_days", Decimal(20), 20),
        ("factor", "2.25", Decimal("2.25")),
        ("usage", "85%", Decimal("0.85")),
        ("usage", "0.9", Decimal("0.9")),
        ("small_limit", "1,234,567.89", Decimal("1234567.89")),
        ("sender", "信用部", "信用部"),
        ("weekends", "true", True),
        ("over_limit", "warn", "warn"),
        ("bands", "0,15,45", (0, 15, 45)),
        ("weights", {"finance": "70", "history": "30"}, {"finance": 70, "history": 30}),
        ("go_live", "2026-02-28", date(2026, 2, 28)),
        ("collector", "admin", "admin"),
    ],
)
def test_a_change_is_kept_typed(app: App, heard: list[Event], name: str, typed: Any, kept: Any) -> None:
    with app.work(ADMIN) as work:
        before = work.settings[name]
        settings.change(work, name, typed)
        assert work.settings[name] == kept
    with app.work(FINANCE, read=True) as work:
        assert work.settings[name] == kept
        assert type(work.settings[name]) is type(kept)
        rows = work.execute(select(audit.table).where(audit.table.c.action == "setting.change")).all()
    assert [(row.action, row.subject, row.actor) for row in rows] == [("setting.change", name, "李")]
    assert [(e.name, e.changes, e.data["name"]) for e in heard] == [("setting.changed", {name: (before, kept)}, name)]


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("watch_after_days", 0, "不能小于 1天"),
        ("watch_after_days", 366, "不能大于 365天"),
        ("watch_after_days", "1.5", "请填写整数"),
        ("watch_after_days", "many", "请填写数字"),
        ("watch_after_days", True, "请填写数字"),
        ("watch_after_days", "NaN", "请填写数字"),
        ("watch_after_days", "1" * 60, "请填写数字"),
        ("usage", "101%", "不能大于 100%"),
        ("small_limit", "0.005", "最多 2 位小数"),
        ("small_limit", "1e999999", "请填写数字"),
        ("sender", "七个字的落款名", "最多 6 个字"),
        ("sender", None, "请填写文字"),
        ("weekends", "maybe", "请选择是或否"),
        ("over_limit", "alarm", "请从 预警、拦截 中选择"),
        ("bands", [30, 0], "请按从小到大填写 1 到 20 个整数"),
        ("bands", "a,b", "请填写用逗号隔开的整数"),
        ("weights", {"finance": 60, "history": 41}, "权重合计应为 100，现为 101"),
        ("weights", {"finance": 100}, "请为每一项填写权重"),
        ("weights", {"finance": -1, "history": 101}, "权重不能小于 0"),
        ("go_live", "2026-02-30", "请填写日期，例如 2026-01-31"),
        ("collector", "king", "没有这个角色"),
    ],
)
def test_a_value_out_of_bounds_is_refused(app: App, heard: list[Event], name: str, typed: Any, words: str) -> None:
    with pytest.raises(InputError) as refused, app.work(ADMIN) as work:
        settings.change(work, name, typed)
    (said,) = refused.value.fields[name]
    assert said.endswith(":" + words)
    with app.work(ADMIN, read=True) as work:
        assert work.settings[name] == app.catalog.settings[name].default
    assert heard == []


def test_only_a_role_with_the_power_may_change(app: App) -> None:
    with pytest.raises(AccessDenied, match="调整设置"), app.work(FINANCE) as work:
        settings.change(work, "sender", "我")
    with pytest.raises(AccessDenied, match="调整设置"), app.work(FINANCE) as work:
        settings.reset(work, "sender")


def test_an_unknown_setting_is_not_found(app: App) -> None:
    with pytest.raises(NotFound, match="是否指 sender"), app.work(ADMIN) as work:
        settings.change(work, "sendr", "我")


def test_the_slower_of_two_admins_hears_of_it(app: App) -> None:
    with app.work(ADMIN) as work:
        settings.change(work, "sender", "信用部", version=0)
    with pytest.raises(Conflict, match="信用部") as slower, app.work(ADMIN) as work:
        settings.change(work, "sender", "法务部", version=0)
    assert slower.value.current == "信用部"
    with app.work(ADMIN) as work:
        stale = work.settings
        settings.change(work, "sender", "甲")
        work.cache["settings"] = stale  # what a transaction saw that began before
        with pytest.raises(Conflict, match="刚刚被别人修改"):
            settings.change(work, "sender", "乙")


def test_a_reset_follows_the_app_again(app: App, heard: list[Event]) -> None:
    with app.work(ADMIN) as work:
        settings.change(work, "watch_after_days", 30)
        settings.reset(work, "watch_after_days")
        assert work.settings["watch_after_days"] == 15
        assert work.execute(select(settings.table)).all() == []
    assert [e.changes for e in heard] == [{"watch_after_days": (15, 30)}, {"watch_after_days": (30, 15)}]


def test_a_change_to_the_same_value_is_no_news(app: App, heard: list[Event]) -> None:
    with app.work(ADMIN) as work:
        settings.change(work, "sender", "财务部")
    assert heard == []


def test_a_value_the_app_no_longer_accepts_gives_way_to_the_default(app: App, folder: Any) -> None:
    with app.work(ADMIN) as work:
        settings.change(work, "watch_after_days", 300)
        settings.change(work, "sender", "信用部")
    narrower = SETTINGS.replace("max: 365", "max: 90").replace("sender:", "sender_name:")
    app.publish(Catalog.load(folder({"settings.yaml": narrower, "roles.yaml": ROLES})))
    with app.work(ADMIN) as work:
        assert work.settings["watch_after_days"] == 15
        assert "sender" not in work.settings
        settings.change(work, "watch_after_days", 80)
        assert work.settings["watch_after_days"] == 80


def test_settings_cost_one_query_and_none_without_settings(app: App, folder: Any) -> None:
    seen: list[str] = []
    event.listen(app.database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))

    def read() -> int:
        seen.clear()
        with app.work(ADMIN, read=True) as work:
            for _ in range(3):
                dict(work.settings)
        return sum("g_setting" in statement for statement in seen)

    assert read() == 1
    app.catalog = Catalog.load(folder({"settings.yaml": "", "roles.yaml": ROLES}))
    assert read() == 0


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("a: {label: A, type: integer, default: 0, min: 1}", "不能小于 1"),
        ("a: {label: A, type: weights, default: {x: 1}, total: 2}", "权重合计应为 2"),
        ("a: {label: A, type: role, default: king}", "没有这个角色"),
        ("a: {label: A, type: choice, default: x, options: {y: Y}}", "请从 Y 中选择"),
    ],
)
def test_a_default_must_be_accepted_by_its_own_bounds(folder: Any, declared: str, message: str) -> None:
    with pytest.raises(ConfigErrors) as wrong:
        Catalog.load(folder({"settings.yaml": declared}))
    (error,) = wrong.value.errors
    assert message in str(error.hint)
    assert error.mark.column == declared.index("default: ") + 10


@pytest.mark.parametrize("kind", setting_kinds)
def test_the_example_of_every_kind_can_be_declared(kind: str) -> None:
    example = re.search(r"```yaml\n(.*?)```", setting_kinds[kind].__doc__ or "", re.DOTALL)
    assert example
    app = "format: 1\napp: demo\nlabel: 演示\nversion: 1.0.0\ntimezone: Asia/Shanghai\n"
    files = {"app.yaml": app, "roles.yaml": "collector: {label: 催收}\n", "settings.yaml": dedent(example.group(1))}
    (setting,) = Catalog.from_files(files).settings.values()
    assert setting.kind == kind
    assert setting.parse(setting.default) == setting.default
