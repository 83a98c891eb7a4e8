"""The service worker: a cold start in the cellar, and nothing but GETs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Error, Page

from .conftest import open_form, photograph, picture, submit, until, wait_for
from .toy import STATIC, Toy

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(new_phone: Callable[..., BrowserContext]) -> BrowserContext:
    return new_phone(service_workers="allow")


def kept(page: Page, cache: str = "gz-pages") -> list[str]:
    names = f"caches.open('{cache}').then(c => c.keys()).then(keys => keys.map(key => new URL(key.url).pathname))"
    return page.evaluate(names)  # type: ignore[no-any-return]


def open_and_kept(phone: BrowserContext, toy: Toy) -> Page:
    """The first page is kept by itself, often before the worker is there; the next ones only by the worker."""
    page = open_form(phone, toy)
    page.wait_for_function("() => navigator.serviceWorker.controller")
    wait_for(page, lambda: "/visit" in kept(page), "kept")
    return page


def test_the_first_thing_the_worker_looks_at_is_the_method() -> None:
    lines = (STATIC / "js/sw.js").read_text().splitlines()
    listener = next(n for n, line in enumerate(lines) if '"fetch"' in line)
    assert lines[listener + 1].strip() == 'if (event.request.method !== "GET") return;'


def test_a_form_seen_once_opens_in_the_cellar(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    wait_for(page, lambda: "/visit" in kept(page) and "/static/js/outbox/form.js" in kept(page, "gz-files"), "kept")
    page.close()
    phone.set_offline(True)
    page = open_form(phone, toy)
    page.wait_for_selector("text=没有信号，放心写")
    page.fill("#progress", "冷启动")
    photograph(page, picture(1))
    submit(page)
    page.close()
    page = open_form(phone, toy)
    page.wait_for_selector("text=待上传")
    phone.set_offline(False)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    assert toy.only.body["progress"] == "冷启动"


def test_pages_marked_no_store_are_never_kept_and_signing_out_forgets_the_rest(phone: BrowserContext, toy: Toy) -> None:
    page = open_and_kept(phone, toy)
    page.goto(f"{toy.address}/secret")
    page.goto(f"{toy.address}/other")
    wait_for(page, lambda: "/other" in kept(page), "kept")
    assert "/secret" not in kept(page)
    page.goto(f"{toy.address}/me")
    page.click("#signout")
    page.wait_for_url("**/signout")
    wait_for(page, lambda: kept(page) == [], "forgotten")


def test_another_reader_does_not_find_the_pages_of_the_last(phone: BrowserContext, toy: Toy) -> None:
    page = open_and_kept(phone, toy)
    page.goto(f"{toy.address}/other")
    wait_for(page, lambda: "/other" in kept(page), "kept")
    toy.user = "li"
    page.goto(f"{toy.address}/queue")
    wait_for(page, lambda: "/other" not in kept(page), "forgotten")


def test_an_address_never_seen_says_so_offline(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    wait_for(page, lambda: "/offline" in kept(page, "gz-files"), "kept")
    phone.set_offline(True)
    page.goto(f"{toy.address}/me")
    assert page.inner_text("h1") == "别的页"
    with pytest.raises(Error):
        page.evaluate("fetch('/nothing', {method: 'POST'})")
