"""A notice on a small phone: object with a photo, answer, show the paper on the board; with script and without."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kit.clock import now
from app.notices.models import Notice
from tests.browser.conftest import PHONE, LiveHouse
from tests.cast import One
from tests.notices.board import attach, objected, posted, published, row
from tests.treasury.bookkeeping import picture

pytestmark = pytest.mark.browser


def photo(shade: int) -> Any:
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture(shade)}


@contextmanager
def phone_of(live: LiveHouse, chromium: Browser, one: One | None, *, script: bool = True, size: str = "normal") -> Iterator[Page]:
    context = chromium.new_context(**PHONE, java_script_enabled=script)
    context.set_default_timeout(25_000)
    context.add_cookies([{"name": "size", "value": size, "url": live.address}])
    if one:
        live.sign_in(context, one)
    yield context.new_page()
    context.close()


def fits(page: Page) -> None:
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 760})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    page.set_viewport_size({"width": 360, "height": 760})


@pytest.mark.parametrize("script", [True, False])
def test_an_objection_with_a_photo_is_answered_and_the_paper_is_shown(
    live_house: LiveHouse, chromium: Browser, script: bool
) -> None:
    house, notice = live_house.house, published(live_house.house)
    here = f"{live_house.address}/c/fengshu/notices/{notice.id}"
    with phone_of(live_house, chromium, house.wang, script=script) as page:
        page.goto(here)
        page.get_by_label("哪里不对？").fill("发票和合同对不上")
        page.locator('input[name="gallery"]').set_input_files(photo(1))
        page.get_by_role("button", name="提交异议").click()
        expect(page.get_by_text("会有人具名答复").first).to_be_visible()
        expect(page.locator("#objections .strip img")).to_have_count(1)
        expect(page.locator("#objections .strip img")).to_have_js_property("complete", True)
        assert page.locator("#objections .strip img").evaluate("img => img.decode().then(() => img.naturalWidth)") > 0
    with phone_of(live_house, chromium, house.liu, script=script) as page:
        page.goto(f"{live_house.address}/c/fengshu/")
        page.get_by_role("link", name="去答复").first.click()
        expect(page.get_by_text("提出人：王阿姨")).to_be_visible()
        page.get_by_label("答复，会写上您的名字").fill("补充协议在第 3 页。")
        page.get_by_role("button", name="答复", exact=True).click()
        expect(page.get_by_text("答复好了").first).to_be_visible()
        page.get_by_role("link", name="补拍：刚贴出").click()
        page.locator('input[name="camera"]').set_input_files(photo(2))
        page.get_by_label("照片里没有人脸、车牌和门牌号").check()
        page.get_by_role("button", name="存好，公开").click()
        expect(page.get_by_text("张贴照存好了").first).to_be_visible()
    with phone_of(live_house, chromium, None, script=script) as page:
        page.goto(here)
        expect(page.get_by_text("补充协议在第 3 页。")).to_be_visible()
        expect(page.locator("#board img")).to_have_count(1)
        expect(page.locator("#objections .strip img")).to_have_count(0)
        assert "王阿姨" not in page.content()


def busy_notice(live: LiveHouse) -> Notice:
    """Everything that a notice can show: answered, overdue and withdrawn objections, both photos, photos of an objector."""
    house = live.house
    notice = published(house)
    answered = objected(house, notice, text="发票和合同对不上")
    assert attach(house.wang, answered, 1).status == 201
    assert attach(house.wang, answered, 2).status == 201
    house.liu.api.post(f"/objections/{answered}/answer", json={"text": "补充协议在第 3 页。"})
    withdrawn = objected(house, notice, house.li, "看错了")
    house.li.api.post(f"/objections/{withdrawn}/withdraw")
    objected(house, notice, text="八月的广告费没有")
    assert posted(house.liu, notice, shade=3).status == 201
    with house.session() as session:
        row(session, notice).objections_until_at = now() + timedelta(hours=1)
    assert posted(house.liu, notice, "end", shade=4).status == 201
    return notice


@pytest.mark.parametrize("size", ["normal", "large"])
def test_every_page_of_a_notice_is_accessible_and_fits(
    live_house: LiveHouse, chromium: Browser, axe: Callable[[Page], list[str]], size: str
) -> None:
    house, notice = live_house.house, busy_notice(live_house)
    at = f"{live_house.address}/c/fengshu/notices"
    looks = [
        (None, f"{at}/{notice.id}"),
        (house.wang, f"{at}/{notice.id}"),
        (house.zhang, f"{at}/{notice.id}"),
        (house.liu, at),
        (house.liu, f"{at}/{notice.id}/board"),
        (house.liu, f"{at}/{notice.id}/for-others?q=王"),
        (house.liu, f"{at}/{notice.id}/for-others?person_id={house.wang.id}"),
        (house.zhang, f"{at}/{notice.id}/withdraw"),
        (None, f"{at}/{notice.id}/sheet"),
    ]
    for one, address in looks:
        with phone_of(live_house, chromium, one, size=size) as page:
            assert page.goto(address).status == 200
            assert page.locator("h1").count() == 1
            assert axe(page) == [], address
            fits(page)
    with phone_of(live_house, chromium, house.liu, size=size) as page:
        page.goto(f"{at}/{notice.id}/board")
        page.get_by_role("button", name="存好，公开").click()
        expect(page.get_by_role("alert").first).to_be_visible()
        assert axe(page) == [], "with its mistakes"
