"""The shell and the components in a real browser, under the house's CSP: sizes, axe, and what a swap does to focus and voice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kit.views import APP
from tests.gallery import CSP, PAGES

pytestmark = pytest.mark.browser

SIZES = {"normal": (48, 18), "large": (60, 24)}

OFFENDERS = """([target, letter]) => {
  const seen = element => { const box = element.getBoundingClientRect(); return box.width > 2 && box.height > 2 }
  const small = [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')]
    .filter(element => seen(element) && !element.matches('.skip'))
    .map(element => [element, element.getBoundingClientRect()])
    .filter(([_, box]) => box.height < target - .5 || box.width < target - .5).map(([element]) => element)
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), tiny = []
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement
    if (!walk.currentNode.data.trim() || !seen(parent)) continue
    if (parseFloat(getComputedStyle(parent).fontSize) < letter - .01) tiny.push(parent)
  }
  return [...small, ...tiny].map(element => element.outerHTML.slice(0, 120))
}"""


class House:
    """A server on the loopback: static files, one page on GET, and on POST what the test puts into `to_post`."""

    def __init__(self) -> None:
        self.shown = ""
        self.to_post: tuple[int, str] | None = (500, "nobody expected a post")
        self.moved_to = ""
        self.posts = 0
        house = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                file = APP / {"/sw.js": "static/js/sw.js"}.get(path, path.lstrip("/"))
                if file.is_file():
                    self.reply(200, file.read_bytes(), guess_type(file)[0] or "application/manifest+json")
                else:
                    self.reply(200, house.shown.encode())

            def do_POST(self) -> None:
                house.posts += 1
                self.rfile.read(int(self.headers["Content-Length"]))
                if house.to_post is None:
                    self.close_connection = True  # the line is cut
                else:
                    self.reply(house.to_post[0], house.to_post[1].encode())

            def reply(self, status: int, body: bytes, kind: str = "text/html; charset=utf-8") -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", CSP)
                if status == 303:
                    self.send_header("Location", house.moved_to)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@dataclass
class Visit:
    """One browser page at the house; `complaints` are what the browser refused or could not load."""

    house: House
    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)

    def show(self, name: str, **changes: Any) -> None:
        self.house.shown = PAGES[name].html(**changes)
        self.page.goto(f"{self.house.address}/shown")

    def show_alive(self, name: str, **changes: Any) -> None:
        self.show(name, **changes)
        self.page.wait_for_function("() => window.htmx")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    house = House()
    with house.server:
        thread = Thread(target=house.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield house
        house.server.shutdown()
        thread.join()


@pytest.fixture
def visit(house: House, page: Page) -> Visit:
    house.posts = 0
    return Visit(house, page)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("refusal-403", "refusal-500")])
def test_every_component_can_be_read_tapped_and_understood(
    visit: Visit, axe: Callable[[Page], list[str]], name: str, size: str
) -> None:
    visit.show_alive(name, size=size)
    page = visit.page
    page.set_viewport_size(
        {"width": 360, "height": page.evaluate("document.documentElement.scrollHeight")}
    )  # no row lies under the tabs
    assert axe(page) == []
    assert page.evaluate(OFFENDERS, list(SIZES[size])) == []
    assert visit.complaints == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", ["home", "benefit", "fields", "visit"])
def test_the_dark_page_keeps_its_contrast(visit: Visit, axe: Callable[[Page], list[str]], name: str) -> None:
    visit.page.emulate_media(color_scheme="dark")
    visit.show(name)
    assert axe(visit.page) == []


def test_what_is_too_small_would_be_found(visit: Visit) -> None:
    visit.show("result")
    assert visit.page.evaluate(OFFENDERS, [48, 18]) == []
    visit.page.evaluate("document.querySelector('.main .btn').style.minHeight = '30px'")
    visit.page.evaluate("document.querySelector('.main h1').style.fontSize = '14px'")
    assert len(visit.page.evaluate(OFFENDERS, [48, 18])) == 2


def test_a_form_with_mistakes_comes_back_with_the_focus_on_them(visit: Visit) -> None:
    visit.show_alive("volunteering")
    visit.house.to_post = 422, PAGES["question"].html()
    visit.page.get_by_role("button", name="我要报名").click()
    expect(visit.page.locator(".errors")).to_be_focused()
    expect(visit.page).to_have_title("错误：代领人的手机号 - 枫树小区")
    assert visit.page.get_by_label("代领人手机号是多少？").input_value() == "138 0731 256"


def test_a_fragment_replaces_its_target_and_is_spoken(visit: Visit) -> None:
    visit.show_alive("volunteering")
    visit.house.to_post = (
        200,
        '<article class="card" id="shift-7"><h3>送饭</h3><p data-say="报名成功，427 号">427 号</p></article>',
    )
    visit.page.get_by_role("button", name="我要报名").click()
    expect(visit.page.locator("#shift-7 h3")).to_be_focused()
    expect(visit.page.locator("#say")).to_have_text("报名成功，427 号")
    assert visit.page.get_by_role("heading", level=1).inner_text() == "志愿服务"


def test_a_whole_page_in_answer_becomes_the_page(visit: Visit) -> None:
    visit.show_alive("volunteering")
    visit.house.shown = PAGES["result"].html(notice="报名成功。")
    visit.house.to_post, visit.house.moved_to = (303, ""), "/c/fengshu/signups/427"
    visit.page.get_by_role("button", name="我要报名").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("报名成功")
    expect(visit.page.get_by_role("heading", level=1)).to_be_focused()
    expect(visit.page.locator("#say")).to_have_text("报名成功。")
    expect(visit.page.locator(".tabs")).to_have_count(0)
    expect(visit.page).to_have_url(f"{visit.house.address}/c/fengshu/signups/427")
    assert visit.page.get_by_role("main").count() == 1
    visit.house.shown = PAGES["volunteering"].html()
    visit.page.go_back()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("志愿服务")


@pytest.mark.parametrize(
    ("answer", "words"),
    [((502, "<h1>Bad gateway</h1>"), "系统忙，没有办成。请再试一次。"), (None, "没有送出去。请看看网络，再试一次。")],
)
def test_a_failure_keeps_what_was_typed_and_says_so(visit: Visit, answer: tuple[int, str] | None, words: str) -> None:
    visit.show_alive("question")
    visit.house.to_post = answer
    visit.page.get_by_label("代领人手机号是多少？").fill("138 0731 2566")
    visit.page.get_by_role("button", name="继续").click()
    expect(visit.page.locator("#say")).to_have_text(words)
    expect(visit.page.locator("#say")).to_be_in_viewport()
    assert visit.page.get_by_label("代领人手机号是多少？").input_value() == "138 0731 2566"
    expect(visit.page.get_by_role("button", name="继续")).to_be_enabled()


def test_a_double_tap_sends_once(visit: Visit) -> None:
    visit.show_alive("volunteering")
    visit.house.to_post = 200, '<article class="card" id="shift-7"><h3>好了</h3></article>'
    visit.page.evaluate(
        "() => { const form = document.querySelector('#shift-7 form'); form.requestSubmit(); form.requestSubmit() }"
    )
    expect(visit.page.locator("#shift-7 h3")).to_have_text("好了")
    assert visit.house.posts == 1


def test_an_old_kernel_keeps_its_plain_forms(visit: Visit) -> None:
    loaded: list[str] = []
    visit.page.on("request", lambda request: loaded.append(request.url))
    visit.page.add_init_script("CSS.supports = () => false")
    visit.show("volunteering")
    visit.house.to_post = 200, PAGES["result"].html()
    visit.page.get_by_role("button", name="我要报名").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("报名成功")
    assert not [address for address in loaded if "htmx" in address]


def test_a_photo_opens_large_and_closes_to_where_it_was(visit: Visit) -> None:
    visit.show_alive("visit")
    visit.page.get_by_role("link", name="地下室全景").click()
    dialog = visit.page.get_by_role("dialog", name="看大图")
    expect(dialog).to_contain_text("地下室全景 1 / 4")
    visit.page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("充电棚 2 / 4")
    visit.page.get_by_role("button", name="关闭").click()
    expect(visit.page.get_by_role("link", name="充电棚")).to_be_focused()


def test_before_and_after_slide_over_each_other(visit: Visit) -> None:
    visit.show_alive("project")
    visit.page.get_by_role("slider").focus()
    for _ in range(10):
        visit.page.keyboard.press("ArrowLeft")
    assert visit.page.locator("[data-compare]").evaluate("box => getComputedStyle(box).getPropertyValue('--at')") == "40%"
    assert visit.complaints == []


def test_without_script_the_pictures_stand_side_by_side_and_mistakes_have_the_focus(house: House, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 760})
    visit = Visit(house, context.new_page())
    visit.show("project")
    before, after = (visit.page.locator("[data-compare] img").nth(n).bounding_box() for n in (0, 1))
    assert before
    assert after
    assert before["x"] + before["width"] < after["x"]
    visit.show("question")
    expect(visit.page.locator(".errors")).to_be_focused()
    context.close()
