"""The treasurer on a small phone: from 收入 to a line with its voucher in six taps, and the other faces beside it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.treasury.chart_models import Fund
from app.treasury.journal import add_fund
from tests.browser.conftest import PHONE, LiveHouse
from tests.treasury.bookkeeping import opened, picture

pytestmark = pytest.mark.browser

MOST_TAPS = 6


class Thumb:
    """Counts its taps; what is typed costs none."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, one: Locator) -> None:
        self.taps += 1
        one.tap()

    def write(self, label: str, text: str) -> None:
        """The field must have the focus that the tap gave it."""
        self.tap(self.page.get_by_label(label))
        expect(self.page.get_by_label(label)).to_be_focused()
        self.page.keyboard.insert_text(text)

    def photograph(self) -> None:
        with self.page.expect_file_chooser() as chosen:
            self.tap(self.page.get_by_label("拍票据"))
        chosen.value.set_files({"name": "1.jpg", "mimeType": "image/jpeg", "buffer": picture(1)})


@pytest.mark.parametrize("size", ["normal", "large"])
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_from_income_to_saved_with_its_voucher_takes_six_taps(
    live_house: LiveHouse, chromium: Browser, axe: Callable[[Page], list[str]], script: bool, size: str
) -> None:
    house = opened(live_house.house)
    context = chromium.new_context(**PHONE, java_script_enabled=script)
    context.set_default_timeout(25_000)
    live_house.sign_in(context, house.zhang)
    context.add_cookies([{"name": "size", "value": size, "url": live_house.address}])
    page = context.new_page()

    def look() -> None:
        expect(page.locator("h1")).to_have_count(1)
        if script:
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
            assert axe(page) == [], page.url

    page.goto(f"{live_house.address}/c/fengshu/money")
    page.get_by_role("link", name="记一笔账").tap()
    look()
    thumb = Thumb(page)
    thumb.tap(page.get_by_role("link", name="收入"))
    expect(page.get_by_role("heading", name="记一笔收入")).to_be_visible()
    thumb.write("金额", "1200")
    assert page.get_by_label("金额").get_attribute("inputmode") == "decimal"
    thumb.tap(page.get_by_label("地面停车"))
    thumb.write("谁付的", "停车公司")
    thumb.photograph()
    thumb.tap(page.get_by_role("button", name="提交，等监督委员批准"))
    expect(page.get_by_role("main").get_by_text("已提交，等监督委员批准。").first).to_be_visible()
    expect(page.get_by_role("img", name="票据第 1 张")).to_be_visible()
    expect(page.get_by_role("heading", name="地面停车")).to_be_visible()
    expect(page.get_by_text("+¥1,200.00").first).to_be_visible()
    assert thumb.taps <= MOST_TAPS
    look()
    context.close()


def test_a_transfer_is_chosen_in_a_fund_of_its_own(
    live_house: LiveHouse, chromium: Browser, axe: Callable[[Page], list[str]]
) -> None:
    house = opened(live_house.house)
    with house.session() as session:
        add_fund(session, house.compound.id, Fund.MAINTENANCE)
    context = chromium.new_context(**PHONE, color_scheme="dark")
    context.set_default_timeout(25_000)
    live_house.sign_in(context, house.zhang)
    page = context.new_page()
    page.goto(f"{live_house.address}/c/fengshu/money/book")
    page.get_by_role("link", name="转账").tap()
    page.get_by_role("link", name="维修资金").tap()
    expect(page.get_by_label("维修资金存款").first).to_be_checked()
    assert axe(page) == []
    page.get_by_label("金额").fill("500")
    page.get_by_role("group", name="转到哪里").get_by_label("维修资金现金").tap()
    page.get_by_role("button", name="提交，等监督委员批准").tap()
    expect(page.get_by_role("heading", name="从维修资金存款转到维修资金现金")).to_be_visible()
    assert axe(page) == []
    context.close()
