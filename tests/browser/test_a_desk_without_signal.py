"""The desk without signal in a real browser: the roll taken along, a morning offline, and what comes home of it."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page
from sqlmodel import col, select

from app.benefits.claim_models import Claim
from app.benefits.handover_models import Handover
from app.benefits.roll_models import Entitlement
from app.treasury.chart_models import Code
from tests.benefits.giving import (
    IN_BANK,
    OIL,
    RICE,
    balance,
    check_the_books,
    hand_out,
    label_of,
    line,
    lines,
    money,
    more_units,
    opened,
)
from tests.benefits.test_handing_out_without_signal import report
from tests.browser.conftest import PHONE, LiveHouse
from tests.cast import One

pytestmark = pytest.mark.browser


def at_the_desk(phone: BrowserContext, live: LiveHouse, id: str, by: One | None = None) -> Page:
    """By the way an officer takes: the desk, and the roll along."""
    live.sign_in(phone, by or live.house.liu)
    page = phone.new_page()
    page.goto(f"{live.address}/c/fengshu/benefits/{id}/desk")
    page.click("text=没信号的地方怎么发")
    page.wait_for_selector("[data-desk-ready]")
    page.get_by_role("button", name="带上名册").click()
    page.wait_for_selector("text=/没有信号也能发|请别关这一页/")
    return page


def find(page: Page, asked: str) -> None:
    page.fill("#q", asked)
    page.click("text=查找")


def wait_for(page: Page, true: Callable[[], Any], what: str, seconds: float = 25) -> None:
    """A fact of the phone, letting its page run meanwhile."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"still not: {what}"
        page.wait_for_timeout(50)


def tick(page: Page) -> None:
    page.check('[name="way"][value="tick_with_witness"]')
    page.check('[name="ticked"]')


def hand_over(page: Page, label: str, come: str = "") -> None:
    find(page, label)
    if come:
        page.fill('[name="proxy_name"]', come)
        page.fill('[name="proxy_relation"]', "亲戚")
        page.check('[name="authority"][value="phone"]')
        page.fill('[name="authority_note"]', "打给业主，同意代领")
    tick(page)
    page.click("text=确认发给这一户")
    page.wait_for_selector(f"text=记下了：{label}")


def until(true: Callable[[], Any], what: str, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"still not: {what}"
        time.sleep(0.1)


def kill(page: Page) -> None:
    """The tab's process dies: nothing of the page runs to its end."""
    with pytest.raises(Error):
        page.goto("chrome://crash")
    page.close()


def labels(live: LiveHouse, id: str) -> list[str]:
    with live.house.session() as session:
        return list(
            session.exec(
                select(Entitlement.label)
                .where(Entitlement.distribution_id == UUID(id), col(Entitlement.building) == "8栋")
                .order_by(col(Entitlement.position))
            )
        )


def claims(live: LiveHouse) -> int:
    with live.house.session() as session:
        return len(session.exec(select(Claim)).all())


def test_thirty_hand_overs_without_signal_are_thirty_claims(chromium: Browser, live_house: LiveHouse) -> None:
    more_units(live_house.house, 30)
    id = opened(live_house.house, stock=40)
    phone = chromium.new_context(**PHONE)
    phone.set_default_timeout(25_000)
    page = at_the_desk(phone, live_house, id)
    page.wait_for_selector("text=名册带上了，没有信号也能发。")
    address = page.url
    phone.set_offline(True)
    rooms = labels(live_house, id)
    for label in rooms[:15]:
        hand_over(page, label, "来人")
    kill(page)
    page = phone.new_page()
    page.goto(address)
    page.wait_for_selector("[data-desk-ready]")
    assert page.inner_text('[data-desk-sum="queued fix"]') == "15"
    find(page, rooms[0])
    assert page.is_visible("text=这一户领过了，不能再发")
    for label in rooms[15:]:
        hand_over(page, label, "来人")
    assert claims(live_house) == 0
    kill(page)
    phone.set_offline(False)
    page = phone.new_page()
    page.goto(f"{live_house.address}/c/fengshu/money")
    until(lambda: claims(live_house) == 30, "thirty claims")
    page.goto(address)
    page.wait_for_selector('[data-desk-sum=delivered]:text-is("30")')
    phone.close()
    assert claims(live_house) == 30
    check_the_books(live_house.house, id)


def test_a_second_device_is_told_that_the_home_had_collected(
    chromium: Browser, live_house: LiveHouse, axe: Callable[[Page], list[str]]
) -> None:
    id = opened(live_house.house, stock=10)
    phones = [chromium.new_context(**PHONE) for _ in range(2)]
    pages = [at_the_desk(phone, live_house, id) for phone in phones]
    for phone in phones:
        phone.set_offline(True)
    for page in pages:
        hand_over(page, "3-2-601")
    phones[0].set_offline(False)
    pages[0].wait_for_selector('[data-desk-sum="delivered"]:text-is("1")')
    phones[1].set_offline(False)
    pages[1].wait_for_selector('[data-desk-sum="conflict"]:text-is("1")')
    assert pages[1].is_visible("[data-desk-handed] >> text=这一户先前已经领过")
    assert axe(pages[1]) == []
    with live_house.house.session() as session:
        assert sorted(h.conflict for h in session.exec(select(Handover))) == ["", "AlreadyClaimed"]
    assert claims(live_house) == 1
    check_the_books(live_house.house, id)
    for phone in phones:
        phone.close()


def test_a_finger_signs_without_signal_and_a_daughter_collects(phone: BrowserContext, live_house: LiveHouse) -> None:
    house = live_house.house
    id = opened(house, stock=10)
    page = at_the_desk(phone, live_house, id)
    phone.set_offline(True)
    find(page, line(house, id, house.wang).code)
    page.get_by_role("button", name="确认发给这一户").click()
    assert page.get_by_role("alert").get_by_text("请在框里签名，或者换一种办法。").is_visible()
    draw(page)
    page.click("text=不是本人")
    page.fill('[name="proxy_name"]', "小王")
    page.get_by_role("button", name="确认发给这一户").click()
    assert page.get_by_role("alert").get_by_text("代领要写姓名，也要写关系。").is_visible()
    page.fill('[name="proxy_relation"]', "女儿")
    page.get_by_role("button", name="确认发给这一户").click()
    assert page.get_by_role("alert").get_by_text("代领要有依据").is_visible()
    page.check('[name="authority"][value="phone"]')
    page.get_by_role("button", name="确认发给这一户").click()
    assert page.get_by_role("alert").get_by_text("请写一句：打给了谁，怎么说的。").is_visible()
    page.fill('[name="authority_note"]', "打给王阿姨，让女儿来领")
    page.get_by_role("button", name="确认发给这一户").click()
    page.wait_for_selector("text=记下了：3-2-601")
    page.get_by_role("button", name="下一户").click()
    find(page, "李叔")
    assert page.input_value('[name="signature"]') == "", "the next one begins with an empty pad"
    assert page.input_value('[name="proxy_name"]') == ""
    phone.set_offline(False)
    until(lambda: claims(live_house) == 1, "the claim")
    with house.session() as session:
        claim = session.exec(select(Claim)).one()
    assert (claim.way, claim.collector, claim.relation, claim.owner_id) == ("signature", "小王", "女儿", house.wang.id)
    assert (claim.authority, claim.authority_note) == ("phone", "打给王阿姨，让女儿来领")
    assert claim.signature.startswith("M")


@pytest.mark.parametrize("size", ["normal", "large"])
def test_cash_and_what_the_bank_has_paid_are_told_apart_without_signal(
    phone: BrowserContext, live_house: LiveHouse, axe: Callable[[Page], list[str]], size: str
) -> None:
    """Each is booked where it came from; who gets goods only is not asked."""
    house = live_house.house
    id = opened(house, RICE, money("100.00", "fixed_per_unit"), stock=10)
    hand_out(house, id, house.he, lines=[lines(house, id, house.he)["分红"]["id"]], cash=True)
    phone.add_cookies([{"name": "size", "value": size, "url": live_house.address}])
    page = at_the_desk(phone, live_house, id)
    phone.set_offline(True)
    find(page, "601")
    question = page.get_by_role("group", name="钱怎么给？")
    for words in ("现金，当面点清", "银行已经转了"):
        box = question.locator("label", has_text=words).bounding_box()
        assert box
        assert box["width"] > 250, "in one line, to be read at a glance"
    assert axe(page) == []
    question.get_by_label("银行已经转了").check()
    tick(page)
    page.click("text=确认发给这一户")
    page.wait_for_selector("text=大米 1袋、¥100.00（银行已经转了）")
    page.get_by_role("button", name="下一户").click()
    find(page, "602")
    assert question.get_by_label("现金，当面点清").is_checked(), "the next one begins as the first did"
    tick(page)
    page.click("text=确认发给这一户")
    page.wait_for_selector("text=大米 1袋、¥100.00（现金，当面点清）")
    page.get_by_role("button", name="下一户").click()
    find(page, label_of(house, house.he))
    assert question.is_hidden(), "there is no money for it any more"
    hand_over(page, label_of(house, house.he))
    assert claims(live_house) == 1
    phone.set_offline(False)
    until(lambda: claims(live_house) == 4, "the claims")
    with house.session() as session:
        told = {h.entitlement_id: (h.cash, h.conflict) for h in session.exec(select(Handover))}
        bank, box = (balance(session, house.compound.id, code) for code in (Code.BANK, Code.CASH))
    assert [told[line(house, id, one).id] for one in (house.wang, house.li)] == [(False, ""), (True, "")]
    assert (bank - IN_BANK, box) == (-100_00, -200_00)
    check_the_books(house, id)


def draw(page: Page) -> None:
    pad = page.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 60, steps=8)
    page.mouse.up()


ROLLS = "indexedDB.databases().then(all => all.filter(db => db.name === 'gongzhi-rolls').length)"
KEPT = """import('/static/js/desk/roll.js').then(rolls => rolls.rollOf(location.pathname.split('/')[4],
    document.getElementById('outbox-who').dataset.user)).then(roll => roll ? roll.units.length : 0)"""


def test_signing_out_takes_the_roll_off_the_phone(phone: BrowserContext, live_house: LiveHouse) -> None:
    id = opened(live_house.house)
    page = at_the_desk(phone, live_house, id)
    assert page.evaluate(ROLLS) == 1, "the control"
    page.goto(f"{live_house.address}/c/fengshu/me")
    page.click("text=退出登录")
    page.wait_for_url("**/sign-in?signed_out=true")
    wait_for(page, lambda: page.evaluate(ROLLS) == 0, "forgotten")


def test_another_reader_of_the_phone_finds_no_roll(phone: BrowserContext, live_house: LiveHouse) -> None:
    id = opened(live_house.house)
    page = at_the_desk(phone, live_house, id)
    assert page.evaluate(KEPT) > 0, "the control"
    live_house.sign_in(phone, live_house.house.wang)
    page.goto(f"{live_house.address}/c/fengshu/money")
    wait_for(page, lambda: page.evaluate(ROLLS) == 0, "forgotten")


@pytest.mark.parametrize("where", ["money", "desk"])
def test_a_closed_table_takes_the_roll_off_the_phone(phone: BrowserContext, live_house: LiveHouse, where: str) -> None:
    """On whatever page is open next, or when a fresh roll is asked for."""
    id = opened(live_house.house)
    page = at_the_desk(phone, live_house, id)
    assert page.evaluate(KEPT) > 0, "the control"
    assert live_house.house.liu.api.ask("POST", f"/distributions/{id}/close").status == 200
    if where == "money":
        page.goto(f"{live_house.address}/c/fengshu/money")
        wait_for(page, lambda: page.evaluate("localStorage.getItem('gz-rolls')") is None, "forgotten")
        page.goto(f"{live_house.address}/c/fengshu/benefits/{id}/desk/offline")
    else:
        page.get_by_role("button", name="取新的").click()
        page.wait_for_selector("text=这次发放已经收摊")
    page.wait_for_selector("text=先在有信号的地方带上名册")
    assert page.evaluate(KEPT) == 0


def test_the_roll_says_who_waits_who_has_and_who_is_on_hold(phone: BrowserContext, live_house: LiveHouse) -> None:
    house = live_house.house
    id = opened(house, stock=10)
    hand_out(house, id, house.li)
    hold = {"unit": "3-2-603", "why": "等法院的通知"}
    assert house.liu.api.ask("POST", f"/distributions/{id}/holds", json=hold).status == 200
    page = at_the_desk(phone, live_house, id)
    phone.set_offline(True)
    find(page, "李叔")
    assert page.is_visible("text=这一户领过了，不能再发")
    assert page.is_hidden("text=确认发给这一户")
    find(page, "603")
    assert page.is_visible("text=等法院的通知")
    assert page.is_hidden("text=确认发给这一户")
    find(page, "https://x/c/fengshu/benefits/1/desk?q=" + line(house, id, house.wang).code)
    assert page.inner_text("#unit-h") == "3-2-601"
    find(page, "9-9-999")
    assert page.is_visible("text=名册里没有找到这一户")
    page.get_by_role("button", name="取新的").click()
    page.wait_for_selector("text=没有信号，取不到名册")
    find(page, "601")
    assert page.inner_text("#unit-h") == "3-2-601", "the roll of before is still here"


@pytest.mark.parametrize("size", ["normal", "large"])
def test_every_page_of_it_is_for_every_eye(
    phone: BrowserContext, live_house: LiveHouse, axe: Callable[[Page], list[str]], size: str
) -> None:
    house = live_house.house
    id = opened(house, RICE, OIL, stock=20)
    hand_out(house, id, house.li)
    second = report(house, id, house.li).json["id"]
    phone.add_cookies([{"name": "size", "value": size, "url": live_house.address}])
    complaints: list[str] = []
    phone.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)

    def fits(page: Page) -> None:
        assert axe(page) == []
        for width in (320, 360):
            page.set_viewport_size({"width": width, "height": 760})
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    live_house.sign_in(phone, house.liu)
    page = phone.new_page()
    page.goto(f"{live_house.address}/c/fengshu/benefits/{id}/desk/offline")
    page.wait_for_selector("[data-desk-ready]")
    fits(page)
    page = at_the_desk(phone, live_house, id)
    fits(page)
    find(page, "601")
    fits(page)
    hand_over(page, "3-2-601")
    fits(page)
    at = f"{live_house.address}/c/fengshu/benefits"
    live_house.sign_in(phone, house.chen)
    for address in (f"{at}/{id}/conflicts", f"{at}/handovers/{second}"):
        page.goto(address)
        fits(page)
    page.get_by_role("button", name="这样处理").click()
    assert page.get_by_role("alert").is_visible()
    fits(page)
    assert [one for one in complaints if "422" not in one] == []
