"""The reader's own browser checks a published record, and does not take the server's word for it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import LiveHouse
from tests.making import make_notice
from tests.publiclog.tampering import tamper

pytestmark = pytest.mark.browser


def published(live: LiveHouse, count: int) -> None:
    with live.house.session() as session:
        for n in range(count):
            make_notice(session, live.house.zhang.person, title=f"第{n}次公示")


@pytest.mark.parametrize(("size", "index"), [(1, 0), (2, 1), (5, 4), (6, 3), (7, 0)])
def test_the_browser_comes_to_the_same_root(live_house: LiveHouse, page: Page, size: int, index: int) -> None:
    published(live_house, size)
    page.goto(f"{live_house.address}/c/fengshu/proofs/{index}")
    expect(page.locator("[data-check-proof]")).to_have_attribute("data-outcome", "good")
    expect(page.locator("[data-when=good]")).to_be_visible()
    expect(page.locator("[data-when=bad]")).to_be_hidden()


def test_the_browser_finds_a_changed_record_whatever_the_server_says(live_house: LiveHouse, page: Page) -> None:
    published(live_house, 5)
    page.route("**/log/entries/3", lambda route: route.fulfill(body=b'{"type":"notice.published"}'))
    page.goto(f"{live_house.address}/c/fengshu/proofs/3")
    expect(page.locator("[data-check-proof]")).to_have_attribute("data-outcome", "bad")
    expect(page.locator("[data-when=bad]")).to_be_visible()


def test_both_find_a_record_changed_in_the_database(live_house: LiveHouse, page: Page) -> None:
    published(live_house, 5)
    with live_house.house.session() as session:
        tamper(session, 'UPDATE log_entry SET entry = :entry WHERE "index" = 3', entry=b'{"type":"notice.published"}')
    page.goto(f"{live_house.address}/c/fengshu/proofs/3")
    expect(page.locator(".note[role=alert]")).to_contain_text("核对不通过")
    expect(page.locator("[data-check-proof]")).to_have_attribute("data-outcome", "bad")


def test_without_script_the_servers_check_stands_alone(live_house: LiveHouse, chromium: Browser) -> None:
    published(live_house, 2)
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    plain = context.new_page()
    plain.goto(f"{live_house.address}/c/fengshu/proofs/1")
    expect(plain.locator(".note.ok")).to_contain_text("核对通过")
    expect(plain.locator("[data-check-proof]")).to_be_hidden()
    context.close()


MINE = (
    *("/", "/me", "/me/messages", "/me/name", "/me/phone", "/me/password", "/me/second-factor", "/me/sessions"),
    *("/me/keys", "/me/consents", "/me/close", "/rules", "/baselines", "/proofs", "/proofs/0", "/community"),
    *("/../../api/v1/docs", "/../../api/v1/docs/problems", "/../../sign-in", "/../../invite"),
)


@pytest.mark.parametrize("size", ["normal", "large"])
def test_the_pages_of_home_and_proofs_are_accessible_and_fit(
    live_house: LiveHouse, phone: BrowserContext, axe: Callable[[Page], list[str]], size: str
) -> None:
    published(live_house, 2)
    live_house.sign_in(phone, live_house.house.huang)
    phone.add_cookies([{"name": "size", "value": size, "url": live_house.address}])
    page = phone.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    wrong = []
    for path in MINE:
        page.set_viewport_size({"width": 360, "height": 760})
        answer = page.goto(f"{live_house.address}/c/fengshu{path}")
        assert answer is not None
        assert answer.status == 200, path
        wrong += [f"{path}: {line}" for line in axe(page)]
        page.set_viewport_size({"width": 320, "height": 760})
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wrong.append(f"{path}: wider than 320 px")
    assert wrong + complaints == []
