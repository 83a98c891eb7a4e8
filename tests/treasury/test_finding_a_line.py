"""A resident looks for a line of the ledger, follows a bar to what it is made of, and reads how the month compares."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from app.treasury.chart_models import AccountKind, Code, Fund, LedgerAccount, Use
from app.treasury.journal import book
from tests.cast import Answer, House
from tests.treasury.bookkeeping import opened


@pytest.fixture
def autumn(house: House) -> House:
    opened(house, date(2026, 9, 30))
    with house.session() as session:
        session.add_all(
            LedgerAccount(compound_id=house.compound.id, code=code, name=name, kind=kind, fund=Fund.DONATION, use=use)
            for code, name, kind, use in (
                ("1102", "捐款专户", AccountKind.ASSET, Use.MONEY),
                ("4102", "邻里捐款", AccountKind.INCOME, Use.INCOME),
            )
        )
        session.flush()
        for day, memo, counterparty, lines in (
            (date(2026, 10, 5), "10月停车", "停车公司", [(Code.BANK, 5_000_00), (Code.PARKING, -5_000_00)]),
            (date(2026, 10, 20), "10月下半月停车", "停车公司", [(Code.BANK, 700_00), (Code.PARKING, -700_00)]),
            (date(2026, 10, 6), "100%棉手套", "Tools Shop", [(Code.BANK, -123_45), (Code.OFFICE, 123_45)]),
            (date(2026, 11, 3), "11月停车", "停车公司", [(Code.BANK, 6_200_00), (Code.PARKING, -6_200_00)]),
            (date(2026, 11, 4), "灯和疏通", "老李", [(Code.BANK, -900_00), (Code.DRAINS, 600_00), (Code.REPAIRS, 300_00)]),
            (date(2026, 11, 5), "重阳节捐款", "邻居", [("1102", 800_00), ("4102", -800_00)]),
            (date(2026, 11, 6), "发礼品", "", [(Code.BENEFITS, 50_00), (Code.STOCK, -50_00)]),
        ):
            book(session, house.compound.id, day, memo, lines, counterparty=counterparty)
    return house


def found(house: House, query: str) -> list[str]:
    return [item["memo"] for item in house.nobody.api.get(f"/entries?{query}").json["items"]]


@pytest.mark.parametrize(
    ("query", "memos"),
    [
        ("q=停车", ["11月停车", "10月下半月停车", "10月停车"]),
        ("q=停车 11月", ["11月停车"]),
        ("q=tools", ["100%棉手套"]),
        ("q=123.45", ["100%棉手套"]),
        ("q=6,200 元", []),
        ("q=6,200", ["11月停车"]),
        ("q=100%25", ["100%棉手套"]),
        ("q=0_", []),
        ("q=没有的", []),
        ("kind=expense", ["灯和疏通", "100%棉手套"]),
        ("category=4001&since=2026-10&until=2026-10", ["10月下半月停车", "10月停车"]),
        ("category=5006", ["灯和疏通"]),
        ("fund=donation", ["重阳节捐款"]),
        ("until=2026-09", ["期初结余"]),
        ("since=2026-11&kind=income&q=停车", ["11月停车"]),
        ("q=&kind=&category=&fund=&since=2026-11&until=", ["重阳节捐款", "灯和疏通", "11月停车"]),
    ],
)
def test_words_amounts_and_choices_narrow_the_list(autumn: House, query: str, memos: list[str]) -> None:
    assert found(autumn, query) == memos
    page = autumn.nobody.get(f"/money/entries?{query}")
    for memo in memos:
        assert memo in page.words


def test_what_is_no_choice_is_refused(autumn: House) -> None:
    for query in ("since=2026-13", "fund=bribes", "category=a", "kind=gift"):
        assert autumn.nobody.api.get(f"/entries?{query}").status == 422


def test_the_pager_keeps_what_was_asked(autumn: House) -> None:
    first = autumn.nobody.get("/money/entries?q=停车&kind=income&limit=2")
    assert "共 3 笔，收 ¥11,900.00，支 ¥0.00。" in first.words
    older = first.page.find("a", rel="next")
    assert older is not None
    asked = parse_qs(urlsplit(str(older["href"])).query)
    assert (asked["q"], asked["kind"]) == (["停车"], ["income"])
    second = autumn.nobody.get(f"/money/entries?{urlsplit(str(older['href'])).query}&limit=2")
    assert "10月停车" in second.words
    assert "11月停车" not in second.words
    cursor = asked["cursor"][0]
    assert autumn.nobody.api.get(f"/entries?q=停车&cursor={cursor}").status == 400, "another question has other pages"


def test_nothing_found_says_what_was_looked_for(autumn: House) -> None:
    words = autumn.nobody.get("/money/entries?q=灯笼&kind=expense&category=5003&fund=donation&since=2026-10&until=2026-11").words
    assert "没有找到" in words
    assert "找的是：“灯笼”，支出，下水道疏通，捐款，从2026年10月起，到2026年11月为止。" in words
    assert "还没有账" not in words
    assert (
        "找的是：下水道疏通，2026年10月。" in autumn.nobody.get("/money/entries?category=5003&since=2026-10&until=2026-10").words
    )


def test_the_form_shows_what_was_chosen_and_needs_no_script(autumn: House) -> None:
    form = autumn.nobody.get("/money/entries?q=停车&category=4001&since=2026-10").page.find("form", role="search")
    assert form is not None
    assert (form["method"], form["action"]) == ("get", "/c/fengshu/money/entries")
    assert form.find("input", attrs={"name": "q"})["value"] == "停车"
    assert [option["value"] for option in form.select("option[selected]")] == ["4001", "2026-10"]
    assert form.find("button") is not None
    assert [option["value"] for option in form.select("select[name=since] option")] == ["", "2026-11", "2026-10", "2026-09"]
    assert form.find("select", attrs={"name": "fund"}) is not None, "two funds are kept"


def _bars(page: Answer) -> dict[str, str]:
    return {link.get_text(): str(link["href"]) for link in page.page.select(".bars a")}


@time_machine.travel("2026-11-12T03:00:00Z", tick=False)
def test_a_bar_leads_to_the_lines_it_is_made_of(autumn: House) -> None:
    bars = _bars(autumn.nobody.get("/money"))
    assert bars.keys() == {"地面停车", "下水道疏通", "公共维修"}, "a fund is read by itself"
    assert _bars(autumn.nobody.get("/money?fund=donation")).keys() == {"邻里捐款"}
    lines = autumn.nobody.get(bars["地面停车"].removeprefix("/c/fengshu"))
    assert "11月停车" in lines.words
    assert "10月停车" not in lines.words
    assert "共 1 笔，收 ¥6,200.00，支 ¥0.00。" in lines.words
    assert "灯和疏通" in autumn.nobody.get(bars["公共维修"].removeprefix("/c/fengshu")).words, "not only the first of two"


@time_machine.travel("2026-11-12T03:00:00Z", tick=False)
def test_the_month_is_compared_with_the_same_days_of_the_one_before(autumn: House) -> None:
    words = autumn.nobody.get("/money").words
    assert "地面停车收入多 ¥1,200.00" in words, "of October only what came in until the 12th"
    assert "总支出多 ¥776.55" in words
    assert "邻里捐款" not in words
    assert "办公支出少 ¥123.45" in words


def test_a_first_month_is_compared_with_nothing(house: House) -> None:
    opened(house)
    assert "比上月" not in house.nobody.get("/money").words
