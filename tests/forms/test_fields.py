"""Each field type reads what people type and programs send, keeps it, and shows it again."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.catalog import Catalog
from engine.errors import Problems
from engine.source import read_text
from forms.fields import BadValue, FieldType, Place, field_types
from forms.fields.file import Attachment
from forms.messages import ENGLISH
from forms.room import ROOM
from tests.forms.conftest import FILES

APP = {"app.yaml": "format: 1\napp: demo\nlabel: 演示\nversion: 1.0.0\ntimezone: Asia/Shanghai\n"}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.from_files({**APP, **FILES}, ROOM.kinds)


@pytest.fixture
def make(catalog: Catalog) -> Any:
    """Make a field type from its options."""

    def make_type(name: str, **options: Any) -> FieldType:
        problems = Problems()
        made = field_types[name](options, Place(catalog, "customer", "x", {}, problems))
        problems.raise_if_any()
        return made

    return make_type


@pytest.mark.parametrize("name", sorted(field_types))
def test_the_example_in_the_docstring_loads(name: str) -> None:
    text = re.search(r"```yaml\n(.*?)```", field_types[name].__doc__ or "", re.S)
    assert text, f"{name} shows no example"
    lines = [line.removeprefix("    ") for line in text[1].splitlines()]
    others = "\n".join(f"  {line}" for line in lines)
    note = f"label: 便条\nfields:\n  credit_status: {{type: text}}\n{others}\n"
    receivable = "label: 应收\nfields:\n  customer: {type: reference, form: note}\n"
    files = {**APP, **FILES, "forms/note.yaml": note, "forms/receivable.yaml": receivable}
    files["forms/customer.yaml"] += ""
    files["forms/customer.yaml"] = files["forms/customer.yaml"].replace(
        "\n  grade:", "\n  credit_status: {type: text}\n  grade:"
    )
    catalog = Catalog.from_files(files, ROOM.kinds)
    (field,) = [field for id, field in catalog["form"]["note"].fields.items() if id != "credit_status"]
    assert field.type.name == name
    assert read_text(others, "x").value


@pytest.mark.parametrize("name", sorted(field_types))
def test_every_option_is_described_in_both_languages(name: str) -> None:
    for option, schema in field_types[name].options.items():
        words = schema.get("description", "")
        assert re.search("[a-z]", words), f"{name}.{option}"
        assert re.search("[\u4e00-\u9fff]", words), f"{name}.{option}"


GOOD: list[tuple[str, dict[str, Any], str, Any, str, Any]] = [
    ("text", {}, "  华东 ", "华东", "华东", "华东"),
    ("text", {}, "e\u0301", "é", "é", "é"),
    ("long_text", {}, "一\r\n二", "一\n二", "一\n二", "一\n二"),
    ("rich_text", {}, '<p onclick="x">好<script>alert(1)</script></p>', "<p>好</p>", "<p>好</p>", "<p>好</p>"),
    ("integer", {}, "1,250", 1250, "1250", 1250),
    ("integer", {}, "-3", -3, "-3", -3),
    ("number", {"decimals": 1}, "12.5", Decimal("12.5"), "12.5", 12.5),
    ("money", {}, "1250", Decimal("1250.00"), "1,250.00", 1250.0),
    ("money", {}, "￥1 250.5", Decimal("1250.50"), "1,250.50", 1250.5),
    ("percent", {}, "80%", Decimal("0.8000"), "80%", 0.8),
    ("percent", {}, "12.35", Decimal("0.1235"), "12.35%", 0.1235),
    ("date", {}, "2026-3-1", date(2026, 3, 1), "2026-03-01", "2026-03-01"),
    ("date", {}, "2026年3月1日", date(2026, 3, 1), "2026-03-01", "2026-03-01"),
    ("datetime", {}, "2026-03-01 09:30", datetime(2026, 3, 1, 1, 30, tzinfo=UTC), "2026-03-01 09:30",
     "2026-03-01T01:30:00Z"),
    ("time", {}, "9:05", "09:05", "09:05", "09:05"),
    ("duration", {}, "1d 2h 30m", 1590, "1d 2h 30m", 1590),
    ("boolean", {}, "是", True, "是", True),
    ("choice", {"options": {"a": "甲"}}, "甲", "a", "甲", "a"),
    ("choices", {"options": {"a": "甲", "b": "乙"}}, "乙,甲", ("a", "b"), "甲、乙", ["a", "b"]),
    ("tags", {}, "重点、 老客户", ("重点", "老客户"), "重点、老客户", ["重点", "老客户"]),
    ("email", {}, "Wang@Example.com", "Wang@Example.com", "Wang@Example.com", "Wang@Example.com"),
    ("phone", {}, "021-6888 8888 转 8001", "021-6888 8888 转 8001", "021-6888 8888 转 8001", "021-6888 8888 转 8001"),
    ("url", {}, "https://例子.cn/a?b=1", "https://例子.cn/a?b=1", "https://例子.cn/a?b=1", "https://例子.cn/a?b=1"),
    ("address", {}, "浙江省杭州市西湖区文三路1号",
     {"province": "浙江省", "city": "杭州市", "district": "西湖区", "detail": "文三路1号"},
     "浙江省杭州市西湖区文三路1号",
     {"province": "浙江省", "city": "杭州市", "district": "西湖区", "detail": "文三路1号"}),
    ("address", {}, "上海市浦东新区世纪大道100号",
     {"province": "上海市", "district": "浦东新区", "detail": "世纪大道100号"}, "上海市浦东新区世纪大道100号",
     {"province": "上海市", "district": "浦东新区", "detail": "世纪大道100号"}),
    ("geo", {}, "31.23,121.47", {"lat": 31.23, "lng": 121.47}, "31.230000,121.470000", {"lat": 31.23, "lng": 121.47}),
    ("json", {}, '{"a": [1, 2]}', {"a": [1, 2]}, '{"a":[1,2]}', {"a": [1, 2]}),
    ("reference", {"form": "customer"}, "7", 7, "7", 7),
    ("person", {}, "7", 7, "7", 7),
    ("department", {}, "hq", "hq", "hq", "hq"),
    ("role", {}, "sales", "sales", "sales", "sales"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "typed", "kept", "shown", "sent"), GOOD)
def test_what_is_typed_is_kept_and_shown(
    make: Any, name: str, options: dict[str, Any], typed: str, kept: Any, shown: str, sent: Any
) -> None:
    kind = make(name, **options)
    value = kind.parse(typed)
    assert value == kept
    assert type(value) is type(kept)
    assert kind.format(value, "zh-CN") == shown
    assert kind.json(value) == sent
    assert kind.accept(kind.json(value)) == value
    assert kind.from_db(kind.to_db(value)) == value


BAD: list[tuple[str, dict[str, Any], Any, str]] = [
    ("text", {}, "a\nb", "不能换行"),
    ("text", {}, "a\u202eb", "不能包含控制字符"),
    ("text", {"min_length": 3}, "ab", "至少 3 个字, 现在有 2 个"),
    ("text", {"pattern": "[0-9]+"}, "12a", "格式不正确"),
    ("rich_text", {}, "x" * 50001, "最多 50000 个字, 现在有 50001 个"),
    ("integer", {}, 1.0, "请填写整数"),
    ("integer", {}, True, "请填写整数"),
    ("integer", {}, "1", "请填写整数"),
    ("integer", {}, Decimal("1.5"), "请填写整数"),
    ("integer", {}, 10**15, "数字太大"),
    ("integer", {"max": 5}, 6, "不能大于 5"),
    ("money", {}, Decimal("NaN"), "请填写数字"),
    ("money", {}, Decimal("Infinity"), "请填写数字"),
    ("money", {}, float("-inf"), "请填写数字"),
    ("money", {}, 0.001, "最多 2 位小数"),
    ("money", {"min": Decimal("0.01")}, 0, "不能小于 0.01"),
    ("percent", {"max": 1}, Decimal("1.5"), "不能大于 100%"),
    ("date", {}, "2026-02-30", "请填写日期, 例如 2026-03-01"),
    ("date", {}, 20260301, "请填写日期, 例如 2026-03-01"),
    ("date", {}, "2026-W01-1", "请填写日期, 例如 2026-03-01"),
    ("date", {}, "0001-01-01", "早于允许的最早日期 1900-01-01"),
    ("date", {"max": "2026-12-31"}, "2027-01-01", "晚于允许的最晚日期 2026-12-31"),
    ("datetime", {}, "2026-03-01T09:30:00", "请填写日期和时间, 例如 2026-03-01 09:30"),
    ("time", {}, "24:00", "请填写时间, 例如 09:30"),
    ("duration", {}, "", "请填写时长, 例如 2d 4h 30m"),
    ("boolean", {}, 1, "请选择是或否"),
    ("boolean", {}, "true", "请选择是或否"),
    ("choice", {"options": {"a": "甲"}}, ["a"], "请从列表中选择"),
    ("choices", {"options": {"a": "甲"}}, "a", "请填写列表"),
    ("choices", {"options": {"a": "甲"}}, ["a", "a"], "“a”重复"),
    ("choices", {"options": {"a": "甲", "b": "乙"}, "max_count": 1}, ["a", "b"], "最多选择 1 项"),
    ("tags", {}, ["x" * 31], "最多 30 个字, 现在有 31 个"),
    ("tags", {}, [1], "请填写文字"),
    ("email", {}, "a@b", "请填写电子邮箱, 例如 name@example.com"),
    ("email", {}, "a@b.cn, c@d.cn", "请填写电子邮箱, 例如 name@example.com"),
    ("email", {}, "a@b.cn\nBcc: c@d.cn", "不能换行"),
    ("phone", {}, "call me", "请填写电话号码"),
    ("url", {}, "javascript:alert(1)", "请填写网址, 以 http:// 或 https:// 开头"),
    ("url", {}, "//example.com", "请填写网址, 以 http:// 或 https:// 开头"),
    ("address", {}, {"street": "x"}, "请填写地址"),
    ("geo", {}, {"lat": 91, "lng": 0}, "请填写经纬度, 例如 31.23,121.47"),
    ("json", {}, object(), "请填写 JSON"),
    ("json", {}, "x" * 70000, "内容太大"),
    ("reference", {"form": "customer"}, "7", "请选择一条记录"),
    ("reference", {"form": "customer"}, True, "请选择一条记录"),
    ("reference", {"form": "customer"}, 0, "请选择一条记录"),
    ("person", {}, 2**63, "请选择人员"),
    ("role", {}, "boss", "角色不存在"),
    ("file", {}, ["x"], "文件不存在或不可用"),
    ("file", {}, [1, 2], "最多选择 1 项"),
    ("lines", {"fields": {}}, [1], "请填写列表"),
    ("lines", {"fields": {}, "max_rows": 1}, [{}, {}], "最多 1 行"),
]


@pytest.mark.parametrize(("name", "options", "sent", "words"), BAD)
def test_what_cannot_be_taken_is_said_in_words(
    make: Any, name: str, options: dict[str, Any], sent: Any, words: str
) -> None:
    with pytest.raises(BadValue) as refused:
        make(name, **options).accept(sent)
    assert refused.value.words("zh-CN") == words
    assert not re.search("[\u4e00-\u9fff]", refused.value.words("en").replace("甲", "")), "English has words of its own"


def test_all_words_are_translated() -> None:
    for chinese, english in ENGLISH.items():
        assert set(re.findall(r"\{\w+\}", chinese)) == set(re.findall(r"\{\w+\}", english)), chinese


def test_attachments_go_in_and_out_of_the_database(make: Any) -> None:
    kind, files = make("file", multiple=True), (Attachment(3, "a.pdf", 12, "application/pdf"),)
    assert kind.from_db(kind.to_db(files)) == files
    assert kind.accept(kind.json(files)) == (Attachment(3, "", 0, ""),)
    assert kind.format(files, "zh-CN") == "a.pdf"


def test_a_serial_counts_within_its_period(make: Any) -> None:
    kind = make("serial", format="SO-{year}{month}-{0000}")
    assert kind.number(kind.period(date(2026, 3, 1)), 7) == "SO-202603-0007"
    assert kind.number(kind.period(date(2026, 3, 1)), 12345) == "SO-202603-12345"
    assert kind.period(date(2026, 3, 1)) != kind.period(date(2026, 4, 1))
