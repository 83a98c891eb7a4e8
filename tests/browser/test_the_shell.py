"""The shell and the components in a real browser, under the house's CSP: sizes, axe, and what a swap does to focus and voice."""

from collections.abc import Callable, Iterator
from mimetypes import guess_type
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.kit.views import APP
from tests.gallery import CSP, PAGES, RESULT

pytestmark = pytest.mark.browser

HOUSE = "http://127.0.0.1:9"  # nobody listens there: every answer comes from `House`
SIZES = {"normal": (48, 18), "large": (60, 24)}

OFFENDERS = """([target, letter]) => {
  const seen = element => { const box = element.getBoundingClientRect(); return box.width > 2 && box.height > 2 }
  const small = [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')]
    .filter(element => seen(element) && !element.matches('.skip'))
    .filter(element => { const box = element.getBoundingClientRect(); return box.height < target - .5 || box.width < target - .5 })
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), tiny = []
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement
    if (walk.currentNode.data.trim() && seen(parent) && parseFloat(getComputedStyle(parent).fontSize) < letter - .01) tiny.push(parent)
  }
  return [...small, ...tiny].map(element => element.outerHTML.slice(0, 120))
}"""


class House:
    """Answers for the server: static files, one page on GET, and whatever a test puts in `to_post`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.shown = ""
        self.to_post: dict[str, Any] | None = {"status": 500, "body": "nobody expected a post"}
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        file = APP / route.request.url.split("?")[0].removeprefix(HOUSE + "/")
        if file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=guess_type(file)[0] or "application/manifest+json")
        elif route.request.method == "GET":
            route.fulfill(body=self.shown, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": CSP})
        elif self.to_post is None:
            route.abort()
        else:
            route.fulfill(**{"content_type": "text/html; charset=utf-8", **self.to_post})

    def show(self, name: str, **changes: Any) -> None:
        self.shown = PAGES[name].html(**changes)
        self.page.goto(f"{HOUSE}/shown")
        self.page.wait_for_load_state("networkidle")


@pytest.fixture
def house(page: Page) -> Iterator[House]:
    yield House(page)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_every_component_can_be_read_tapped_and_understood(
    house: House, axe: Callable[[Page], list[str]], name: str, size: str
) -> None:
    house.show(name, size=size)
    assert axe(house.page) == []
    assert house.page.evaluate(OFFENDERS, list(SIZES[size])) == []
    assert house.complaints == [], "the browser refused something"
    house.page.set_viewport_size({"width": 320, "height": 640})
    assert house.page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", ["home", "benefit", "fields", "visit"])
def test_the_dark_page_keeps_its_contrast(house: House, axe: Callable[[Page], list[str]], name: str) -> None:
    house.page.emulate_media(color_scheme="dark")
    house.show(name)
    assert axe(house.page) == []


def test_what_is_too_small_would_be_found(house: House) -> None:
    house.show("result")
    house.page.evaluate("document.querySelector('.main .btn').style.minHeight = '30px'")
    house.page.evaluate("document.querySelector('.main .sub').style.fontSize = '14px'")
    assert len(house.page.evaluate(OFFENDERS, [48, 18])) == 2


def test_a_form_with_mistakes_comes_back_with_the_focus_on_them(house: House) -> None:
    house.show("volunteering")
    house.to_post = {"status": 422, "body": PAGES["question"].html()}
    house.page.get_by_role("button", name="我要报名").click()
    expect(house.page.locator(".errors")).to_be_focused()
    expect(house.page).to_have_title("错误：代领人的手机号 - 枫树小区")
    assert house.page.get_by_label("代领人手机号是多少？").input_value() == "138 0731 256"


def test_a_fragment_replaces_its_target_and_is_spoken(house: House) -> None:
    house.show("volunteering")
    house.to_post = {"body": '<article class="card" id="shift-7"><h3>给独居老人送饭</h3><p data-say="报名成功，427 号">427 号</p></article>'}
    house.page.get_by_role("button", name="我要报名").click()
    expect(house.page.locator("#shift-7 h3")).to_be_focused()
    expect(house.page.locator("#say")).to_have_text("报名成功，427 号")
    assert house.page.get_by_role("heading", level=1).inner_text() == "志愿服务"


def test_a_whole_page_in_answer_becomes_the_page(house: House) -> None:
    house.show("volunteering")
    house.shown = RESULT.html(notice="报名成功。")
    house.to_post = {"status": 303, "headers": {"Location": "/c/fengshu/signups/427"}}
    house.page.get_by_role("button", name="我要报名").click()
    expect(house.page.get_by_role("heading", level=1)).to_be_focused()
    expect(house.page.get_by_role("heading", level=1)).to_have_text("报名成功")
    expect(house.page.locator("#say")).to_have_text("报名成功。")
    expect(house.page.locator(".tabs")).to_have_count(0)
    expect(house.page).to_have_url(f"{HOUSE}/c/fengshu/signups/427")
    assert house.page.get_by_role("main").count() == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [({"status": 503, "body": "<h1>Bad gateway</h1>"}, "系统忙，没有办成。请再试一次。"), (None, "没有送出去。请看看网络，再试一次。")],
)
def test_a_failure_keeps_what_was_typed_and_says_so(house: House, answer: dict[str, Any] | None, words: str) -> None:
    house.show("question")
    house.to_post = answer
    house.page.get_by_label("代领人手机号是多少？").fill("138 0731 2566")
    house.page.get_by_role("button", name="继续").click()
    expect(house.page.locator("#say")).to_have_text(words)
    expect(house.page.locator("#say")).not_to_have_class("vh")
    assert house.page.get_by_label("代领人手机号是多少？").input_value() == "138 0731 2566"
    expect(house.page.get_by_role("button", name="继续")).to_be_enabled()


def test_a_double_tap_sends_once(house: House) -> None:
    house.show("volunteering")
    posts: list[str] = []
    house.page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    house.to_post = {"body": '<article class="card" id="shift-7"><h3>好了</h3></article>'}
    house.page.evaluate("""() => { const form = document.querySelector('#shift-7 form'); form.requestSubmit(); form.requestSubmit() }""")
    expect(house.page.locator("#shift-7 h3")).to_have_text("好了")
    assert len(posts) == 1


def test_an_old_kernel_keeps_its_plain_forms(house: House) -> None:
    house.page.add_init_script("CSS.supports = () => false")
    loaded: list[str] = []
    house.page.on("request", lambda request: loaded.append(request.url))
    house.show("volunteering")
    assert not [address for address in loaded if "htmx" in address]
    house.to_post = {"body": RESULT.html()}
    house.page.get_by_role("button", name="我要报名").click()
    expect(house.page.get_by_role("heading", level=1)).to_have_text("报名成功")


def test_a_photo_opens_large_and_closes_to_where_it_was(house: House) -> None:
    house.show("visit")
    house.page.get_by_role("link", name="地下室全景").click()
    dialog = house.page.get_by_role("dialog", name="看大图")
    expect(dialog).to_contain_text("地下室全景 1 / 4")
    house.page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("充电棚 2 / 4")
    house.page.get_by_role("button", name="关闭").click()
    expect(house.page.get_by_role("link", name="充电棚")).to_be_focused()


def test_before_and_after_slide_over_each_other_and_stand_side_by_side_without_script(house: House) -> None:
    house.show("project")
    slider = house.page.get_by_role("slider")
    slider.focus()
    for _ in range(10):
        house.page.keyboard.press("ArrowLeft")
    assert house.page.locator("[data-compare]").evaluate("box => box.style.getPropertyValue('--at')") == "40%"
    assert house.complaints == []


def test_without_script_nothing_is_hidden(house: House, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 760})
    page = context.new_page()
    plain = House(page)
    plain.show("project")
    first, second = (page.locator("[data-compare] img").nth(n).bounding_box() for n in (0, 1))
    assert first and second and first["x"] + first["width"] < second["x"]
    plain.show("question")
    expect(page.locator(".errors")).to_be_focused()
    context.close()
