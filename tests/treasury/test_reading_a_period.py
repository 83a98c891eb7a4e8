"""A resident reads a month, a quarter or a year of the books, one fund of them, or what concerned one building."""

from datetime import date
from urllib.parse import unquote

import pytest
import time_machine

from app.compounds.models import Building
from app.treasury.chart_models import Code, Fund
from app.treasury.journal import add_fund, book
from tests.cast import Answer, House
from tests.making import fresh
from tests.treasury.bookkeeping import booked, opened, posted, submitted, wish

pytestmark = pytest.mark.usefixtures("november")


@pytest.fixture
def november() -> object:
    with time_machine.travel("2026-11-12T03:00:00Z", tick=False) as frozen:
        yield frozen


def used(house: House) -> House:
    opened(house, date(2026, 1, 1))
    booked(house, 5_000_00, date(2026, 5, 3), Code.PARKING, "二季度停车")
    booked(house, 6_200_00, date(2026, 8, 3), Code.PARKING, "三季度停车")
    booked(house, -800_00, date(2026, 8, 20), Code.RUBBISH, "八月保洁")
    booked(house, 700_00, date(2026, 11, 3), Code.SCRAP, "卖旧纸箱")
    return house


def ways(page: Answer) -> dict[str, str]:
    return {link.get_text(strip=True): unquote(str(link["href"])) for link in page.page.select("#period nav a")}


def test_this_month_is_shown_first_and_leads_to_the_others(house: House) -> None:
    page = used(house).nobody.get("/money")
    assert "加 收入 +¥700.00 减 支出 ¥0.00 等于 现在 ¥21,100.00" in page.words
    assert ways(page) == {
        "月": "/c/fengshu/money?period=2026-11#period",
        "季度": "/c/fengshu/money?period=2026-Q4#period",
        "年": "/c/fengshu/money?period=2026#period",
        "2026年10月": "/c/fengshu/money?period=2026-10#period",
    }, "nobody is led into the future"
    assert [link.get_text(strip=True) for link in page.page.select("#period nav [aria-current]")] == ["月"]


def test_a_quarter_that_is_over_is_compared_with_the_whole_one_before(house: House) -> None:
    page = used(house).nobody.get("/money?period=2026-Q3")
    assert "期初余额 ¥15,000.00 加 收入 +¥6,200.00 减 支出 −¥800.00 等于 期末 ¥20,400.00" in page.words
    assert "和上季比" in page.words
    assert "地面停车收入多 ¥1,200.00" in page.words
    assert "2026年二季度" in ways(page)
    assert "2026年四季度" in ways(page)
    (bar,) = [link for link in page.page.select(".bars a") if link.get_text() == "地面停车"]
    lines = house.nobody.get(str(bar["href"]).removeprefix("/c/fengshu")).words
    assert "三季度停车" in lines
    assert "二季度停车" not in lines


def test_a_year_and_a_time_before_the_books(house: House) -> None:
    used(house)
    assert "加 收入 +¥11,900.00 减 支出 −¥800.00" in house.nobody.get("/money?period=2026").words
    assert "2025年全年" not in ways(house.nobody.get("/money?period=2026")), "before that nothing was booked"
    assert "加 收入 ¥0.00" in house.nobody.get("/money?period=2019").words
    for query in ("period=2026-13", "period=2026-Q5", "period=x", "fund=bribes"):
        assert house.nobody.get(f"/money?{query}").status == 422


def test_one_fund_is_read_alone(house: House) -> None:
    used(house)
    assert "别的资金" not in house.nobody.get("/money").words, "where only one is kept"
    with house.session() as session:
        add_fund(session, house.compound.id, Fund.DONATION)
        book(session, house.compound.id, date(2026, 11, 5), "重阳节捐款", [("1402", 800_00), ("4401", -800_00)])
    first = house.nobody.get("/money").words
    assert "公共收益余额 ¥21,100.00" in first, "they are never one sum"
    assert "捐款 ¥800.00" in first
    one = house.nobody.get("/money?fund=donation")
    assert "捐款余额 ¥800.00" in one.words
    assert "加 收入 +¥800.00" in one.words
    assert "卖旧纸箱" not in "".join(link.get_text() for link in one.page.select(".bars a"))
    assert all("fund=donation" in way for way in ways(one).values()), "another period is read in the same fund"
    (bar,) = one.page.select(".bars a")
    assert "共 1 笔，收 ¥800.00" in house.nobody.get(str(bar["href"]).removeprefix("/c/fengshu")).words


def building(house: House, name: str) -> str:
    with house.session() as session:
        made = Building(compound_id=house.compound.id, name=name)
        session.add(made)
        session.flush()
        return str(made.id)


def test_a_line_may_concern_one_building(house: House) -> None:
    opened(house)
    fifth = building(house, "5栋")
    entry = posted(house, building_id=fifth, on_date="2026-11-02")
    posted(house, shade=1, purpose="全小区疏通", on_date="2026-11-03")
    assert "楼栋 5栋" in house.nobody.get(f"/money/entries/{entry}").words
    assert "5栋，票据待公开" in house.nobody.get("/money/entries").words
    assert [e["building"] for e in house.nobody.api.get("/entries?kind=expense").json["items"]] == [None, "5栋"]
    assert [e["memo"] for e in house.nobody.api.get("/entries?building=5栋").json["items"]] == ["5栋下水道疏通"]
    page = house.nobody.get("/money")
    assert "5栋 收 ¥0.00，支 ¥3,200.00" in page.words
    link = page.page.select_one("#buildings a")
    assert "找的是" not in house.nobody.get(str(link["href"]).removeprefix("/c/fengshu")).words
    form = house.zhang.get("/money/book").page
    assert "5栋" in form.select_one("select[name=building_id]").get_text()
    draft = submitted(house, shade=2, building_id=fifth)
    assert "楼栋 5栋" in house.chen.get(f"/money/drafts/{draft['id']}").words
    edit = house.zhang.get(f"/money/drafts/{draft['id']}/edit").page
    assert edit.select_one("select[name=building_id] option[selected]")["value"] == fifth
    assert house.zhang.api.put(f"/drafts/{fresh()}", wish(building_id=str(fresh()))).status == 404


def test_a_reversal_concerns_the_same_building(house: House) -> None:
    opened(house)
    entry = posted(house, building_id=building(house, "5栋"), on_date="2026-11-02")
    draft = house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "记错了"}).json
    house.chen.api.post(f"/drafts/{draft['id']}/approve", json={"content_hash": draft["content_hash"]})
    assert "5栋 收 ¥0.00，支 ¥0.00" in house.nobody.get("/money").words
