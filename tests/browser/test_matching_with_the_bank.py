"""The treasurer on a small phone: the bank's file comes in, everything is matched, and the difference is zero."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from app.treasury.chart_models import Code
from tests.browser.conftest import PHONE, LiveHouse
from tests.treasury.bank_samples import BANK, as_csv, changed
from tests.treasury.bookkeeping import booked, opened

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_file_is_imported_matched_and_the_difference_is_zero(
    live_house: LiveHouse, chromium: Browser, axe: Callable[[Page], list[str]], script: bool
) -> None:
    house = opened(live_house.house, date(2026, 9, 30))
    booked(house, 5_000_00, date(2026, 10, 5), Code.PARKING, "10月停车")
    booked(house, -1_200_00, date(2026, 10, 9), Code.STOCK, "买礼品")
    booked(house, -200_00, date(2026, 10, 30), Code.RUBBISH, "清运")
    booked(house, -100_00, date(2026, 10, 30), Code.RUBBISH, "消杀")
    context = chromium.new_context(**PHONE, java_script_enabled=script)
    context.set_default_timeout(25_000)
    live_house.sign_in(context, house.zhang)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())

    def look() -> None:
        expect(page.locator("h1")).to_have_count(1)
        if script:
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
            assert axe(page) == [], page.url

    def read(words: str) -> None:
        expect(page.get_by_role("main").get_by_text(words).first).to_be_visible()

    def bring(data: bytes) -> None:
        page.get_by_label("Excel（.xlsx）或 CSV 文件").set_input_files(
            {"name": "对账单.csv", "mimeType": "text/csv", "buffer": data}
        )
        page.get_by_role("button", name="看一看").click()

    page.goto(f"{live_house.address}/c/fengshu/money")
    page.get_by_role("link", name="和银行对账").click()
    look()
    page.get_by_role("link", name="导入对账单").click()
    look()
    bring(as_csv(changed(BANK, 6, 2, "一千二")))
    read("第 6 行 C 列")
    look()
    bring(as_csv(BANK, "gbk"))
    expect(page.get_by_role("heading", name="请核对，还没有写入")).to_be_visible()
    look()
    page.get_by_role("button", name="确认，写入 3 笔").click()
    read("导入好了，现在和账对上。")
    look()
    page.get_by_role("button", name="都对上（2 笔不会错的）").click()
    read("对上了 2 笔。")
    page.get_by_role("checkbox", name=re.compile("10月31日 −¥300.00")).check()
    page.get_by_role("checkbox", name=re.compile("号 清运")).check()
    page.get_by_role("button", name="把勾选的对上").click()
    read("两边合计不一样")
    look()
    page.get_by_role("checkbox", name=re.compile("号 消杀")).check()
    page.get_by_role("button", name="把勾选的对上").click()
    read("银行 0 笔，账上 1 笔")
    read("和银行一致，差 ¥0.00")
    look()
    page.get_by_role("button", name="撤回").click()
    if not script:
        page.get_by_role("button", name="确定").click()
    read("撤回了，这一份不算数。")
    page.get_by_role("link", name="没有文件，记下余额").click()
    page.get_by_role("radio", name="银行存款").check()
    page.get_by_label("哪一天结束时").fill("2026-10-31")
    page.get_by_label("余额").fill("13,400")
    look()
    page.get_by_role("button", name="记下，和账对一对").click()
    read("差 ¥100.00")
    look()
    page.goto(f"{live_house.address}/c/fengshu/money/publish?period=2026-10")
    expect(page.get_by_role("link", name="去对账")).to_be_visible()
    look()
    page.goto(f"{live_house.address}/c/fengshu/money")
    read("差 ¥100.00")
    look()
    context.close()
