"""Every main page of the demo, as its reader sees it on a small phone, in both sizes: accessible, whole, silent."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.conftest import PHONE
from tools.screenshots import PAGES, PORT, open_page, served, tokens


@pytest.fixture(scope="module")
def sessions(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with served(copytree(demo_folder, tmp_path_factory.mktemp("pages") / "demo")) as settings:
        yield tokens(settings)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """One phone with one window for all pages: to open it and to fetch and compile anew would be half of a page's time."""
    context = chromium.new_context(**PHONE)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("size", ["normal", "large"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_fits_and_breaks_no_rule_of_its_own(
    page: Page, sessions: dict[str, str], axe: Callable[[Page], list[str]], name: str, size: str
) -> None:
    slug, who, path = PAGES[name]
    home = f"http://127.0.0.1:{PORT}"
    cookies = {"size": size} | ({"sid": sessions[who]} if who else {})
    page.context.clear_cookies()
    page.context.add_cookies([{"name": n, "value": v, "url": home} for n, v in cookies.items()])
    page.set_viewport_size(PHONE["viewport"])
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", note)
    answer = open_page(page, f"{home}/c/{slug}{path}" if slug else home + path)
    assert answer is not None
    assert answer.status == 200
    assert page.locator("h1").count() == 1
    assert page.locator(".cols > .side").count() <= 1, "two would lie on each other on a wide screen"
    assert axe(page) == []
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 760})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.wait_for_load_state("networkidle")  # half a second of silence, most of which has passed by now
    assert complaints == []
    page.remove_listener("console", note)
