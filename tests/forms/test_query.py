"""Lists, filters, searches, sums and pages reach no further than the reader's sight."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func

from engine import driver
from engine.errors import AccessDenied, InputError
from forms import query, records
from tests.forms.conftest import FILES, Opened, Shop


@pytest.fixture
def full(shop: Shop) -> Shop:
    """Nine customers: six of wang, three of li; wang's have an order each."""
    with shop.work("wang") as work:
        for number in range(6):
            grade = "abc"[number % 3]
            values = {"name": f"王记{number}", "code": f"W{number}", "grade": grade, "credit_limit": 100 * number}
            id = records.save(work, "customer", values).id
            records.save(work, "order", {"customer": id, "amount": 10, "status": "pending"})
    with shop.work("li") as work:
        for number in range(3):
            records.save(work, "customer", {"name": f"李记{number}", "grade": "a", "credit_limit": 5000})
    return shop


def names(page: records.Page) -> list[str]:
    return [row["name"] for row in page.rows]


def test_each_sees_their_own_rows_and_totals(full: Shop) -> None:
    for login, total, limit in (
        ("wang", 6, 1500),
        ("li", 3, 15000),
        ("zhao", 6, 1500),
        ("fin", 9, 16500),
        ("out", 0, 0),
    ):
        with full.work(login, read=True) as work:
            page = records.find(work, "customer", sums=["credit_limit"])
            assert (page.total, len(page.rows)) == (total, total)
            assert page.sums == {"credit_limit": Decimal(limit)}


def test_a_condition_may_be_typed(full: Shop) -> None:
    with full.work("wang", read=True) as work:
        assert names(records.find(work, "customer", where="grade == 'a' and credit_limit >= 300")) == ["王记3"]
        assert names(records.find(work, "customer", where="available > 400")) == ["王记5"]
        assert records.find(work, "customer", where="owner == user").total == 6
        assert records.find(work, "order", where="customer.grade == 'b'").total == 2
        assert records.find(work, "customer", where=["grade == 'a'", "credit_limit > 0"]).total == 1
        view = work.catalog["form"]["customer"].views["good"]
        assert records.find(work, "customer", where=view.where).total == 2


@pytest.mark.parametrize(
    "where",
    [
        "grade = 'a'",
        "nmae == 'x'",
        "1",
        "name == 5",
        "credit_limit",
        "__class__",
        "name.upper()",
        "(case when 1=1 then 1 end)",
        "'",
    ],
)
def test_what_cannot_be_asked_is_the_reader_s_mistake(full: Shop, where: str) -> None:
    with full.work("fin", read=True) as work, pytest.raises(InputError) as refused:
        records.find(work, "customer", where=where)
    assert set(refused.value.fields) == {"where"}


@pytest.mark.parametrize(
    "asked",
    [{"sort": "nmae"}, {"sort": "tags"}, {"sort": "orders"}, {"sort": "name; drop table customer"}, {"sums": ["name"]},
     {"sums": ["nmae"]}, {"fields": ["nmae"]}, {"count": "all"}, {"after": "xyz"}, {"after": "ÿ"}],
)  # fmt: skip
def test_other_nonsense_is_refused_too(full: Shop, asked: dict[str, Any]) -> None:
    with full.work("fin", read=True) as work, pytest.raises(InputError):
        records.find(work, "customer", **asked)


def test_a_condition_tells_nothing_about_hidden_records(full: Shop) -> None:
    """An order's customer that the reader may not see drops the row; related records are counted only whole."""
    with full.work("fin") as work:
        mine = records.find(work, "customer", where="code == 'W1'").rows[0].id
        records.save(work, "customer", {"owner": full.id("li")}, id=mine)
    with full.work("wang", read=True) as work, pytest.raises(AccessDenied):
        records.find(work, "customer", where="exists(orders, amount > 5)")
    with full.work("fin", read=True) as work:
        assert records.find(work, "customer", where="exists(orders, amount > 5)").total == 6
        assert records.find(work, "order", where="customer.grade == 'b'").total == 2


def test_a_reference_to_a_hidden_record_gives_nothing_away(opened: Opened) -> None:
    form = FILES["forms/order.yaml"].replace("sales: customer.owner == user", "sales: all")
    shop = opened({"forms/order.yaml": form})
    with shop.work("li") as work:
        id = records.save(work, "customer", {"name": "李记", "grade": "c", "credit_limit": 50}).id
        records.save(work, "order", {"customer": id, "amount": 10})
    with shop.work("wang", read=True) as work:
        assert records.find(work, "order").total == 1
        for where in ("customer.grade == 'c'", "customer.grade != 'c'", "customer.grade is None"):
            assert records.find(work, "order", where=where).total == 0


def test_pages_follow_each_other_without_gaps(full: Shop) -> None:
    with full.work("fin", read=True) as work:
        for sort in ("name", "-name", ("grade", "-credit_limit"), "code", "-code", "-available", "-created_at", "id"):
            everything = [row.id for row in records.find(work, "customer", sort=sort).rows]
            walked, after = [], None
            while True:
                page = records.find(work, "customer", sort=sort, limit=2, after=after, count="none")
                walked += [row.id for row in page.rows]
                if page.next is None:
                    break
                after = page.next
            assert walked == everything
            assert len(walked) == 9


def test_empty_values_come_last_in_both_directions(full: Shop) -> None:
    with full.work("fin", read=True) as work:
        up = [row["code"] for row in records.find(work, "customer", sort="code").rows]
        down = [row["code"] for row in records.find(work, "customer", sort="-code").rows]
    assert up == ["W0", "W1", "W2", "W3", "W4", "W5", None, None, None]
    assert down == ["W5", "W4", "W3", "W2", "W1", "W0", None, None, None]


def test_a_cursor_belongs_to_its_sort(full: Shop) -> None:
    with full.work("fin", read=True) as work:
        page = records.find(work, "customer", sort="name", limit=2)
        with pytest.raises(InputError):
            records.find(work, "customer", sort="-name", limit=2, after=page.next)


def test_search_knows_words_width_case_and_pinyin(full: Shop) -> None:
    with full.work("fin") as work:
        records.save(work, "customer", {"name": "上海 ABC 精密(Shanghai)100%"})
        for words in ("精密", "abc", "ＡＢＣ", "jingmi", "jm", "上海 精密", "shanghai", "100%", "ABC 精"):
            assert names(records.find(work, "customer", search=words)) == ["上海 ABC 精密(Shanghai)100%"], words
        for words in ("精_", "%", "无此", "abc 无此"):
            found = names(records.find(work, "customer", search=words))
            assert found == (["上海 ABC 精密(Shanghai)100%"] if words == "%" else []), words
        assert records.find(work, "customer", search="  ").total == 10
    with full.work("wang", read=True) as work:
        assert names(records.find(work, "customer", search="wj")) == [f"王记{number}" for number in range(6)]
        assert names(records.find(work, "customer", search="李记")) == []


def test_a_count_is_capped_or_exact(full: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forms.paging.CAP", 4)
    with full.work("fin", read=True) as work:
        page = records.find(work, "customer")
        assert (page.total, page.total_is_exact) == (4, False)
        page = records.find(work, "customer", count="exact")
        assert (page.total, page.total_is_exact) == (9, True)
        assert records.find(work, "customer", count="none").total is None


def test_a_page_loads_its_titles_in_one_query_more(full: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    hot: list[str] = []
    run = driver.run
    monkeypatch.setattr(
        driver, "run", lambda connection, sql, given=None: (hot.append(sql), run(connection, sql, given))[1]
    )
    with full.work("wang", read=True) as work:
        page = records.find(work, "order", count="none")
        assert [row.text("customer") for row in page.rows] == [f"王记{number}" for number in range(6)]
    assert len(hot) == 2


def test_other_rooms_measure_through_the_same_door(full: Shop) -> None:
    with full.work("wang", read=True) as work:
        asked = query.select(work, "order")
        column, grade = asked.column("amount"), asked.env.column(("customer", "grade"))
        rows = work.execute(asked.select(grade, func.sum(column)).group_by(grade).order_by(grade)).all()
        assert [(row[0], int(row[1])) for row in rows] == [("a", 2000), ("b", 2000), ("c", 2000)]
        contacts = query.select(work, "customer.contacts")
        assert work.execute(contacts.select(func.count())).scalar_one() == 0


def test_a_hidden_search_field_finds_nothing(opened: Opened) -> None:
    form = FILES["forms/customer.yaml"].replace("read: [finance]}", "read: [finance], search: true}")
    shop = opened({"forms/customer.yaml": form})
    with shop.work("fin") as work:
        records.save(work, "customer", {"name": "甲", "secret": "难缠", "owner": shop.id("wang")})
        assert records.find(work, "customer", search="难缠").total == 1
    with shop.work("wang", read=True) as work:
        assert records.find(work, "customer", search="难缠").total == 0
        assert records.find(work, "customer", search="甲").total == 1
