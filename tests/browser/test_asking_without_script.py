"""What a dialog would ask is asked by a page where no script runs: one act of each room that asks."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.compounds.models import Seat, SeatKind
from tests.benefits import giving
from tests.browser.conftest import PHONE, LiveHouse
from tests.cast import One
from tests.making import fresh, make_seat, make_shift

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(chromium: Browser) -> Iterator[BrowserContext]:
    """The phone of whoever has no script."""
    context = chromium.new_context(**PHONE, java_script_enabled=False)
    context.set_default_timeout(25_000)
    yield context
    context.close()


@pytest.fixture
def at(live_house: LiveHouse, plain: BrowserContext) -> Callable[[One, str], Page]:
    def look(one: One, path: str) -> Page:
        live_house.sign_in(plain, one)
        page = plain.new_page()
        page.goto(f"{live_house.address}{one.base}{path}")
        return page

    return look


def ask_twice(page: Page, button: str, question: str, done: str) -> None:
    """返回 leads back to where the button is and nothing has happened; 确定 does it."""
    before = page.url
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(question)
    page.get_by_role("link", name="返回，不办了").click()
    expect(page).to_have_url(before)
    page.get_by_role("button", name=button).click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("status").first).to_contain_text(done)


def test_a_volunteer_withdraws(live_house: LiveHouse, at: Callable[[One, str], Page]) -> None:
    house = live_house.house
    with house.session() as session:
        shift = make_shift(session, house.he.person)
    id = fresh()
    house.wang.api.put(f"/shifts/{shift.id}/signups/{id}", {})
    ask_twice(at(house.wang, f"/volunteering/signups/{id}"), "取消报名", "真的取消报名？", "已取消报名")


def test_a_term_ends_on_the_day_that_was_typed(live_house: LiveHouse, at: Callable[[One, str], Page]) -> None:
    house = live_house.house
    with house.session() as session:
        seat = make_seat(session, house.wang.person, SeatKind.MEMBER)
    page = at(house.liu, f"/bodies?change={seat.id}")
    page.get_by_label("最后一天").fill("2099-05-09")
    page.get_by_role("button", name="任期到这天为止").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("真的结束王阿姨的任期？")
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("status").first).to_contain_text("任期记好了")
    with house.session() as session:
        assert str(session.get_one(Seat, (seat.compound_id, seat.id)).to_on) == "2099-05-09", "what was typed went along"


def test_a_table_is_closed(live_house: LiveHouse, at: Callable[[One, str], Page]) -> None:
    house = live_house.house
    id = giving.opened(house)
    ask_twice(at(house.liu, f"/benefits/{id}"), "收摊，不再发", "真的收摊？", "收摊了")
    assert "重新开放，补领" in house.liu.get(f"/benefits/{id}").words
