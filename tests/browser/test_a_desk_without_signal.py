"""The desk without signal in a real browser: the roll taken along, a morning offline, and what comes home of it."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlmodel import col, select

from app.benefits.claim_models import Claim
from app.benefits.roll_models import Entitlement
from tests.benefits.giving import check_the_books, more_units, opened
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


def tick(page: Page) -> None:
    page.check('[name="way"][value="tick_with_witness"]')
    page.check('[name="ticked"]')


def hand_over(page: Page, label: str, come: str = "") -> None:
    find(page, label)
    if come:
        page.fill('[name="proxy_name"]', come)
        page.fill('[name="proxy_relation"]', "亲戚")
    tick(page)
    page.click("text=确认发给这一户")
    page.wait_for_selector(f"text=记下了：{label}")


def until(true: Callable[[], Any], what: str, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"still not: {what}"
        time.sleep(0.1)


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
    page.close()
    page = phone.new_page()
    page.goto(address)
    page.wait_for_selector("[data-desk-ready]")
    assert page.inner_text('[data-desk-sum="queued fix"]') == "15"
    find(page, rooms[0])
    assert page.is_visible("text=这一户领过了，不能再发")
    for label in rooms[15:]:
        hand_over(page, label, "来人")
    assert claims(live_house) == 0
    page.close()
    phone.set_offline(False)
    page = phone.new_page()
    page.goto(f"{live_house.address}/c/fengshu/money")
    until(lambda: claims(live_house) == 30, "thirty claims")
    page.goto(address)
    page.wait_for_selector('[data-desk-sum=delivered]:text-is("30")')
    phone.close()
    assert claims(live_house) == 30
    check_the_books(live_house.house, id)
