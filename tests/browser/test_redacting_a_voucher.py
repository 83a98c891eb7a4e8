"""A receipt with a phone number on it, on its way to everybody: by finger, by keyboard alone, and without script."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PHONE, LiveHouse
from tests.making import fresh
from tests.treasury.bookkeeping import approved, opened, wish
from tests.treasury.test_releasing_a_voucher import dark_under

pytestmark = pytest.mark.browser

NUMBER = {"left": 10, "top": 70, "width": 80, "height": 10}
"""Where the phone number stands on the receipt, in per cent."""


def receipt() -> bytes:
    paper = Image.new("RGB", (1200, 1600), "white")
    draw = ImageDraw.Draw(paper)
    for line in range(12):
        draw.rectangle((120, 160 + 70 * line, 500 + 37 * (line * 7 % 13), 190 + 70 * line), fill="grey")
    draw.text((160, 1150), "13800000000", fill="black", font_size=90)
    out = BytesIO()
    paper.save(out, "JPEG")
    return out.getvalue()


@dataclass
class Desk:
    live: LiveHouse
    entry: str
    voucher: str
    axe: Callable[[Page], list[str]]
    shots: Path | None

    @property
    def money(self) -> str:
        return f"{self.live.address}/c/fengshu/money"

    def public_copy(self) -> bytes:
        """What a stranger's browser gets from the page of the entry."""
        page = self.live.house.nobody.get(f"/money/entries/{self.entry}").page
        source = page.find("img", alt="票据第 1 张")["src"]
        return self.live.house.nobody.get(f"/{source}").response.content

    def look(self, page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
        assert self.axe(page) == [], name
        if self.shots:
            page.screenshot(path=self.shots / f"{name}.png")


@pytest.fixture
def desk(live_house: LiveHouse, axe: Callable[[Page], list[str]]) -> Desk:
    """An entry that is posted, with its receipt not yet public. SHOTS=folder keeps pictures of the pages."""
    house = opened(live_house.house)
    draft, voucher = str(fresh()), str(fresh())
    assert house.zhang.api.put(f"/drafts/{draft}", wish()).status == 201
    sent = {"content": receipt(), "headers": {"content-type": "image/jpeg"}}
    assert house.zhang.api.ask("PUT", f"/drafts/{draft}/vouchers/{voucher}", **sent).status == 201
    entry = approved(house, house.chen, house.zhang.api.post(f"/drafts/{draft}/submit").json).json["entry_id"]
    folder = os.environ.get("SHOTS")
    return Desk(live_house, entry, voucher, axe, Path(folder) if folder else None)


@pytest.fixture
def plain(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(**PHONE, java_script_enabled=False)
    context.set_default_timeout(25_000)
    yield context
    context.close()


def drag(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """One finger over the picture, from and to in parts of its width and height."""
    stage = page.locator("[data-stage]")
    page.evaluate("document.querySelector('[data-stage]').scrollIntoView({block: 'center', behavior: 'instant'})")
    page.evaluate("new Promise(requestAnimationFrame)")
    box = stage.bounding_box()
    assert box
    finger = page.context.new_cdp_session(page)
    steps = 6
    for step in range(steps + 1):
        part = step / steps
        x, y = (box[axis] + box[side] * (begin[i] + (end[i] - begin[i]) * part) for i, (axis, side) in enumerate(SIDES))
        kind = "touchMove" if step else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


SIDES = (("x", "width"), ("y", "height"))


def boxes(page: Page) -> list[list[float]]:
    """What would be sent."""
    columns = [
        [float(i.input_value()) for i in page.locator(f"[name={name}]").all()] for name in ("left", "top", "width", "height")
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def test_a_finger_covers_a_number_and_the_copy_goes_public(phone: BrowserContext, page: Page, desk: Desk) -> None:
    desk.live.sign_in(phone, desk.live.house.zhang)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(f"{desk.money}/entries/{desk.entry}")
    desk.look(page, "entry-before")
    page.get_by_role("link", name="看清楚，公开这张").click()
    page.get_by_role("link", name="遮盖个人信息").click()
    desk.look(page, "redact-empty")
    drag(page, (0.1, 0.7), (0.9, 0.8))
    (box,) = boxes(page)
    assert box == pytest.approx([10, 70, 80, 10], abs=1)
    drag(page, (0.2, 0.1), (0.4, 0.2))
    assert len(boxes(page)) == 2
    drag(page, (0.3, 0.15), (0.5, 0.25))
    assert boxes(page)[1] == pytest.approx([40, 20, 20, 10], abs=1), "taken by its middle it moves"
    drag(page, (0.595, 0.295), (0.7, 0.4))
    assert boxes(page)[1] == pytest.approx([40, 20, 30, 20], abs=2), "taken by its corner it grows"
    for _ in range(3):
        page.get_by_role("button", name="撤销").click()
    assert boxes(page) == [box]
    expect(page.get_by_role("button", name="第 1 个框：左 ", exact=False)).to_be_visible()
    desk.look(page, "redact-drawn")
    drag(page, (0.1, 0.67), (0.11, 0.674))
    assert boxes(page) == [box], "a tap draws nothing"
    page.get_by_role("button", name="遮好了，看公开件").click()
    expect(page.get_by_text("遮好了，原来的还在。请看清楚再公开。").first).to_be_visible()
    desk.look(page, "release")
    page.get_by_role("button", name="公开这一份").click()
    expect(page.get_by_role("alert")).to_contain_text("这里还没有填。")
    desk.look(page, "release-unticked")
    page.get_by_label("我看过了，上面没有个人信息").check()
    page.get_by_role("button", name="公开这一份").click()
    expect(page.get_by_text("票据公开了，大家都看得到。").first).to_be_visible()
    assert dark_under(desk.public_copy(), NUMBER | {"left": 12, "width": 76, "top": 72, "height": 6})
    assert not dark_under(desk.public_copy(), {"left": 10, "top": 10, "width": 40, "height": 40})
    assert [text for text in complaints if "422" not in text] == []


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what says so."""
    for _ in range(60):
        page.keyboard.press("Tab")
        said = page.evaluate("""() => {
            const at = document.activeElement;
            return at.ariaLabel || (at.labels && at.labels[0] || at).textContent;
        }""")
        if words in said:
            return
    pytest.fail(f"no Tab leads to {words}: {page.url}")


def test_a_keyboard_alone_does_the_same(phone: BrowserContext, page: Page, desk: Desk) -> None:
    desk.live.sign_in(phone, desk.live.house.zhang)
    page.goto(f"{desk.money}/vouchers/{desk.voucher}/release")
    tab_to(page, "遮盖个人信息")
    page.keyboard.press("Enter")
    page.wait_for_url("**/redact")
    tab_to(page, "加一个框")
    page.keyboard.press("Enter")
    assert boxes(page) == [[30, 45, 40, 10]]
    for key, times in (("ArrowLeft", 20), ("ArrowDown", 25), ("Shift+ArrowRight", 40)):
        for _ in range(times):
            page.keyboard.press(key)
    assert boxes(page) == [[10, 70, 80, 10]]
    expect(page.locator("[data-said]")).to_have_text("第 1 个框：左 10%，上 70%，宽 80%，高 10%")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Control+z")
    assert boxes(page) == [[10, 70, 80, 10]]
    tab_to(page, "删掉第 1 个框")
    page.keyboard.press("Enter")
    assert boxes(page) == []
    page.keyboard.press("Control+z")
    tab_to(page, "第 1 个框：左 10%")
    page.keyboard.press("Delete")
    assert boxes(page) == []
    page.keyboard.press("Control+z")
    desk.look(page, "redact-by-keys")
    tab_to(page, "遮好了，看公开件")
    page.keyboard.press("Enter")
    page.wait_for_url("**/release")
    tab_to(page, "我看过了，上面没有个人信息")
    page.keyboard.press("Space")
    tab_to(page, "公开这一份")
    page.keyboard.press("Enter")
    page.wait_for_url("**/entries/*")
    assert dark_under(desk.public_copy(), NUMBER)
    desk.look(page, "entry-released")


def test_without_script_numbers_do(plain: BrowserContext, desk: Desk) -> None:
    desk.live.sign_in(plain, desk.live.house.zhang)
    page = plain.new_page()
    page.goto(f"{desk.money}/vouchers/{desk.voucher}/redact")
    expect(page.get_by_role("button", name="加一个框")).to_be_hidden()
    first = page.get_by_role("group", name="第 1 个框")
    for label, value in (("左", "10"), ("上", "70"), ("宽", "80"), ("高", "10")):
        first.get_by_label(label).fill(value)
    page.get_by_role("button", name="遮好了，看公开件").click()
    page.get_by_label("我看过了，上面没有个人信息").check()
    page.get_by_role("button", name="公开这一份").click()
    expect(page.get_by_text("票据公开了，大家都看得到。").first).to_be_visible()
    assert dark_under(desk.public_copy(), NUMBER)


def test_a_paper_is_named_and_both_sizes_of_the_pages_are_for_every_eye(phone: BrowserContext, page: Page, desk: Desk) -> None:
    house = desk.live.house
    draft, voucher = str(fresh()), str(fresh())
    house.zhang.api.put(f"/drafts/{draft}", wish())
    sent = {"content": receipt(), "headers": {"content-type": "image/jpeg"}}
    house.zhang.api.ask("PUT", f"/drafts/{draft}/vouchers/{voucher}", **sent)
    desk.live.sign_in(phone, house.zhang)
    page.goto(f"{desk.money}/drafts/{draft}")
    desk.look(page, "draft")
    page.get_by_role("link", name="第 1 张是什么").click()
    desk.look(page, "paper")
    page.get_by_label("发票", exact=True).check()
    page.get_by_label("发票号").fill("2443 2000 0000")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_text("发票号 244320000000")).to_be_visible()
    phone.add_cookies([{"name": "size", "value": "large", "url": desk.live.address}])
    for name, path in (
        ("paper", f"vouchers/{voucher}/paper"),
        ("redact", f"vouchers/{voucher}/redact"),
        ("draft", f"drafts/{draft}"),
    ):
        page.goto(f"{desk.money}/{path}")
        desk.look(page, f"{name}-large")
    page.goto(f"{desk.money}/vouchers/{desk.voucher}/release")
    desk.look(page, "release-large")
