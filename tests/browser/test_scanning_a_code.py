"""A code held into the camera of a desk. The camera's picture is a canvas of the page, on which the code is drawn as it is held
by hand; all that comes after the picture is the desk's own.
"""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from app.kit.qr import Qr, qr_path
from tests.benefits.giving import line, opened
from tests.browser.conftest import LiveHouse
from tests.browser.test_a_desk_without_signal import at_the_desk, draw, wait_for
from tests.browser.test_the_shell import OFFENDERS, SIZES
from tests.cast import House, One

pytestmark = pytest.mark.browser

CAMERA = """
const tracks = []
window.lit = () => tracks.filter(track => track.readyState === "live").length
navigator.mediaDevices.getUserMedia = async () => {
  if (sessionStorage.refused) throw new DOMException("no", "NotAllowedError")
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 })
  const pen = canvas.getContext("2d")
  const paint = () => {
    pen.resetTransform()
    pen.fillStyle = "#777"
    pen.fillRect(0, 0, 640, 480)
    if (!sessionStorage.seen) return
    const { size, path } = JSON.parse(sessionStorage.seen)
    pen.translate(150, 50)
    pen.rotate(.1)
    pen.scale(360 / size, 360 / size)
    pen.fillStyle = "#eee"
    pen.fillRect(0, 0, size, size)
    pen.fillStyle = "#222"
    pen.fill(new Path2D(path))
  }
  paint()
  setInterval(paint, 100)
  const stream = canvas.captureStream(10)
  tracks.push(...stream.getTracks())
  return stream
}"""
TAPS = "addEventListener('pointerdown', () => { sessionStorage.taps = Number(sessionStorage.taps || 0) + 1 }, true)"
"""What a finger does, once for each time it comes down: a click on a label would count for its box too."""
OWN_READER = """window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"] }
  async detect(video) { if (!video.videoWidth) throw new Error("too early"); %s }
}"""
DECODER = "vendor/jsqr/jsQR.js"


def in_hand(page: Page, code: Qr | None) -> None:
    page.evaluate("seen => { sessionStorage.seen = seen ? JSON.stringify(seen) : '' }", code and code._asdict())


def code_of(live: LiveHouse, id: str, one: One, *, paper: str = "", host: str = "") -> Qr:
    at = f"{host or live.address}/c/fengshu/benefits/{id}/desk"
    return qr_path(f"{at}?q={line(live.house, id, one).code}{paper}")


def printed(page: Page, picture: Locator) -> Qr:
    """A code as it stands on a page."""
    size = picture.evaluate("code => code.viewBox.baseVal.width")
    return Qr(size, picture.locator("path").get_attribute("d") or "")


def scan(page: Page) -> None:
    page.get_by_role("button", name="扫一扫").tap()


def view(page: Page) -> Locator:
    """The camera is open and its picture is to be seen."""
    open_view = page.get_by_role("dialog", name="扫一扫")
    expect(open_view).to_be_visible()
    expect(page.locator("video")).to_have_js_property("videoWidth", 640)
    return open_view


def desk(phone: BrowserContext, live: LiveHouse, id: str, *scripts: str) -> Page:
    """Liu's phone with a camera."""
    live.sign_in(phone, live.house.liu)
    page = phone.new_page()
    for script in (CAMERA, *scripts):
        page.add_init_script(script)
    page.goto(f"{live.address}/c/fengshu/benefits/{id}/desk")
    return page


def sign(page: Page) -> None:
    draw(page)


def tick(page: Page) -> None:
    page.get_by_label("不签字，由我见证").tap()
    page.get_by_label("我看着他拿到了东西").tap()


def on_paper(page: Page) -> None:
    page.get_by_label("在纸上签，再拍照").tap()


def photograph(page: Page) -> None:
    taken = BytesIO()
    Image.new("RGB", (640, 480), "white").save(taken, "JPEG")
    with page.expect_file_chooser() as chooser:
        page.get_by_label("拍照").tap()
    chooser.value.set_files({"name": "paper.jpg", "mimeType": "image/jpeg", "buffer": taken.getvalue()})
    expect(page.get_by_text("纸上的签名存好了。").first).to_be_visible()


def test_from_a_code_to_the_next_there_are_at_most_four_taps(phone: BrowserContext, live_house: LiveHouse) -> None:
    """Whichever way receipt is confirmed. The next scan is open at once where the camera was allowed."""
    house = live_house.house
    id, other = opened(house), opened(house, title="中秋礼包")
    live_house.sign_in(phone, house.wang)
    page = phone.new_page()
    page.goto(f"{live_house.address}/c/fengshu/benefits/{id}/code")
    wangs = printed(page, page.locator(".tile .qr"))
    live_house.sign_in(phone, house.liu)
    page.goto(f"{live_house.address}/c/fengshu/benefits/{id}/sheet?building=3栋")
    row = printed(page, page.locator("tr", has_text="3-2-604").locator(".qr"))
    page.close()
    phone.grant_permissions(["camera"])
    page = desk(phone, live_house, id, TAPS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert page.evaluate("'BarcodeDetector' in window") is False, "the decoder of the house reads"
    scan(page)
    hint = view(page).get_by_role("status")
    expect(hint).to_have_text("把二维码放在画面中间")
    assert [address for address in asked if DECODER in address], "not before it is needed"
    for foreign in (qr_path("https://u.wechat.com/gongzhi"), code_of(live_house, other, house.wang)):
        page.evaluate("document.querySelector('dialog [role=status]').textContent = ''")
        in_hand(page, foreign)
        expect(hint).to_have_text("这不是这次发放的领取码，请换一个。")
    assert page.evaluate("lit()") == 1, "and it goes on looking"
    taps = {}
    ways: list[tuple[str, str, Qr, list[Callable[[Page], None]]]] = [
        ("signature", "3-2-601", wangs, [sign]),
        ("tick", "3-2-602", code_of(live_house, id, house.li, host="https://fengshu.example"), [tick]),
        ("paper", "3-2-603", code_of(live_house, id, house.zhang), [on_paper]),
        ("sheet", "3-2-604", row, []),
    ]
    for way, label, code, confirm in ways:
        view(page)
        in_hand(page, code)
        expect(page.get_by_role("heading", level=1)).to_have_text(label)
        page.evaluate("sessionStorage.taps = 0")
        for act in confirm:
            act(page)
        page.get_by_role("button", name=f"确认发给 {label}").tap()
        expect(page.get_by_role("heading", name=f"已发给 {label}")).to_be_visible()
        if way in ("paper", "sheet"):
            photograph(page)
        in_hand(page, None)
        page.get_by_role("link", name="下一户").tap()
        view(page)
        taps[way] = int(page.evaluate("sessionStorage.taps"))
    assert taps == {"signature": 3, "tick": 4, "paper": 4, "sheet": 3}
    assert max(taps.values()) <= 4


def test_where_the_camera_is_refused_or_missing_one_types(phone: BrowserContext, live_house: LiveHouse) -> None:
    id = opened(live_house.house)
    page = desk(phone, live_house, id)
    page.evaluate("sessionStorage.refused = 1")
    scan(page)
    expect(page.get_by_text("没有允许用摄像头，请输入号码。")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("领取码、房号或姓名")).to_be_focused()
    page.keyboard.type("602")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("3-2-602")
    page.goto(f"{live_house.address}/c/fengshu/benefits/{id}/desk#scan")
    expect(page.get_by_role("button", name="扫一扫")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page = phone.new_page()  # this browser has no camera
    page.goto(f"{live_house.address}/c/fengshu/benefits/{id}/desk")
    scan(page)
    expect(page.get_by_text("没有找到摄像头，请输入号码。")).to_be_visible()
    page = phone.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    page.goto(f"{live_house.address}/c/fengshu/benefits/{id}/desk")
    expect(page.get_by_role("button", name="查找")).to_be_visible()
    expect(page.get_by_role("button", name="扫一扫")).to_have_count(0)


def test_the_browsers_own_reader_is_asked_first_and_passed_over_where_it_reads_nothing(
    phone: BrowserContext, live_house: LiveHouse
) -> None:
    """As on phones without Google's services, where it is there and fails."""
    house = live_house.house
    id = opened(house)
    code = line(house, id, house.li).code
    for detect, label in ((f"return [{{rawValue: '{code}'}}]", "3-2-602"), ("throw new Error('no service')", "3-2-601")):
        page = desk(phone, live_house, id, OWN_READER % detect)
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        in_hand(page, code_of(live_house, id, house.wang))
        scan(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(label)
        assert bool([address for address in asked if DECODER in address]) == (label == "3-2-601")


HIDE = "Object.defineProperty(document, 'hidden', {value: true, configurable: true})"
WAYS_OUT: dict[str, Callable[[Page], object]] = {
    "the button": lambda page: page.get_by_role("button", name="关掉").tap(),
    "Escape": lambda page: page.keyboard.press("Escape"),
    "another app": lambda page: page.evaluate(
        f"{HIDE}; document.dispatchEvent(new Event('visibilitychange')); delete document.hidden"
    ),
    "another page": lambda page: page.evaluate("dispatchEvent(new Event('pagehide'))"),
    "exchanged by a swap": lambda page: page.evaluate("document.querySelector('main form').remove()"),
}


@pytest.mark.parametrize("size", SIZES)
def test_the_open_view_is_for_every_eye_and_on_every_way_out_the_light_goes_out(
    phone: BrowserContext, live_house: LiveHouse, axe: Callable[[Page], list[str]], size: str
) -> None:
    phone.add_cookies([{"name": "size", "value": size, "url": live_house.address}])
    page = desk(phone, live_house, opened(live_house.house))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    for name, leave in WAYS_OUT.items():
        scan(page)
        picture = view(page).locator("video").bounding_box()
        assert page.evaluate("lit()") == 1, name
        if name == "the button":
            assert axe(page) == []
            assert page.evaluate(OFFENDERS, list(SIZES[size])) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert picture
            assert picture["width"] > 330
        leave(page)
        wait_for(page, lambda: page.evaluate("lit()") == 0, f"dark by {name}")
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert complaints == []


def test_a_desk_without_signal_reads_codes_too(phone: BrowserContext, live_house: LiveHouse) -> None:
    """Also after the page was closed and opened again: what reads came along with the roll."""
    house: House = live_house.house
    id = opened(house)
    phone.grant_permissions(["camera"])
    phone.add_init_script(CAMERA)
    page = at_the_desk(phone, live_house, id)
    page.wait_for_selector("text=名册带上了，没有信号也能发。")
    address = page.url
    page.close()
    phone.set_offline(True)
    page = phone.new_page()
    page.goto(address)
    page.wait_for_selector("[data-desk-ready]")
    scan(page)
    hint = view(page).get_by_role("status")
    in_hand(page, qr_path("https://u.wechat.com/gongzhi"))
    expect(hint).to_have_text("这不是这次发放的领取码，请换一个。")
    in_hand(page, code_of(live_house, id, house.wang))
    expect(page.locator("#unit-h")).to_have_text("3-2-601")
    assert page.evaluate("lit()") == 0
    draw(page)
    page.get_by_role("button", name="确认发给这一户").tap()
    expect(page.get_by_role("heading", name="记下了：3-2-601")).to_be_visible()
    in_hand(page, code_of(live_house, id, house.li, paper="&paper=1"))
    page.get_by_role("button", name="下一户").tap()
    expect(page.locator("#unit-h")).to_have_text("3-2-602")
    expect(page.get_by_label("领取码、房号或姓名")).to_have_value(line(house, id, house.li).code)
