"""The instruments of the browser tests can fail: axe finds what is wrong, letters are letters, and the world is out of reach."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Error, Page, Playwright

from tests.browser.conftest import launch_options

pytestmark = pytest.mark.browser

SOUND = "<!doctype html><html lang=zh><title>页</title><main><h1>互助</h1><button>报名</button></main>"


def test_axe_is_silent_on_a_sound_page_and_finds_a_fault(page: Page, axe: Callable[[Page], list[str]]) -> None:
    page.set_content(SOUND)
    assert axe(page) == []
    page.set_content(SOUND.replace("报名", ""))
    assert [line.split(":")[0] for line in axe(page)] == ["button-name"]


def test_chinese_is_drawn_with_letters_not_boxes(page: Page) -> None:
    page.set_content("<canvas width=40 height=40>")
    draw = """text => { const c = document.querySelector('canvas').getContext('2d'); c.clearRect(0, 0, 40, 40);
              c.font = '30px sans-serif'; c.fillText(text, 2, 32); return c.canvas.toDataURL() }"""
    assert page.evaluate(draw, "共") != page.evaluate(draw, "治")


def test_the_browser_is_a_small_phone_in_shanghai(page: Page) -> None:
    page.set_content(SOUND)
    seen = page.evaluate("[screen.width, navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone]")
    assert seen == [360, "zh-CN", "Asia/Shanghai"]


@pytest.fixture
def neighbour() -> Iterator[str]:
    """A server under a name that every Chromium would resolve to this machine; ours is told not to."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://neighbour.localhost:{server.server_port}/"
        server.shutdown()


def test_the_browser_cannot_leave_this_machine(page: Page, neighbour: str) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto(neighbour)


def test_without_its_instructions_it_could(playwright: Playwright, neighbour: str) -> None:
    options = launch_options()
    options["args"] = [arg for arg in options["args"] if "host-resolver" not in arg]
    with playwright.chromium.launch(**options) as free:
        answer = free.new_page().goto(neighbour)
        assert answer is not None
        assert answer.status == 501
