"""A phone with the outbox on it, a toy server, and pictures."""

import io
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import PHONE
from tests.browser.outbox.toy import Toy, running

CAMERA = '[data-outbox-photo="camera"]'
GALLERY = '[data-outbox-photo="gallery"]'
STORE = "import('/static/js/outbox/store.js')"
MICRO_MESSENGER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.50(0x18003237) NetType/4G Language/zh_CN"
)


@pytest.fixture
def toy() -> Iterator[Toy]:
    with running() as toy:
        yield toy


@pytest.fixture
def new_phone(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A phone of its own, with what `new_context` takes. A page that raises or breaks the policy fails the test."""
    opened: list[BrowserContext] = []
    wrong: list[str] = []

    def make(**options: Any) -> BrowserContext:
        context = chromium.new_context(**{**PHONE, "device_scale_factor": 1, "service_workers": "block", **options})
        context.set_default_timeout(25_000)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()
    assert wrong == []


@pytest.fixture
def phone(new_phone: Callable[..., BrowserContext]) -> BrowserContext:
    """In place of the plain one of the folder above: without a service worker, which is the harder life."""
    return new_phone()


def open_form(phone: BrowserContext, toy: Toy, kept: str = "kept", query: str = "") -> Page:
    page = phone.new_page()
    page.goto(f"{toy.address}/visit{query}")
    page.wait_for_selector(f'form[data-outbox-ready="{kept}"]')
    return page


def photograph(page: Page, *pictures: bytes, source: str = GALLERY, name: str = "IMG.jpg", saved: int | None = None) -> None:
    """Choose pictures and wait until they are on the phone in their final size."""
    page.set_input_files(source, [{"name": name, "mimeType": "image/jpeg", "buffer": data} for data in pictures])
    expected = len(pictures) if saved is None else saved
    until(
        lambda: sum(photo["settled"] for draft in rows(page, "drafts") for photo in draft["photos"]) >= expected, "pictures kept"
    )


def rows(page: Page, store: str, owner: str = "wang") -> list[dict[str, Any]]:
    """What stands in a store of the phone."""
    call = "m.queue()" if store == "outbox" else f"m.{store}('{owner}')"
    return page.evaluate(f"{STORE}.then(m => {call})")  # type: ignore[no-any-return]


def submit(page: Page) -> None:
    page.evaluate("document.querySelector('[data-outbox-status]').textContent = ''")
    page.click("form[data-outbox] button.go")
    page.wait_for_selector("text=/已存好|已送达，可以放心/")


def until(true: Callable[[], Any], what: str, seconds: float = 25) -> None:
    """Wait for a fact of the server or the phone."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"still not: {what}"
        time.sleep(0.03)


def wait_for(page: Page, true: Callable[[], Any], what: str, seconds: float = 25) -> None:
    """The same, letting the page's events (dialogs, requests) be heard meanwhile."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"still not: {what}"
        page.wait_for_timeout(30)


KEPT = "address => caches.open('gz-pages').then(pages => pages.match(address)).then(Boolean)"


def wait_until_kept(page: Page) -> None:
    """This page is where a cold start without signal finds it. (`wait_for_function` takes the promise itself for a yes.)"""
    wait_for(page, lambda: page.evaluate(KEPT, page.url), "the page is kept")


def unsent(page: Page) -> int:
    return len(rows(page, "outbox"))


def picture(seed: int = 1, width: int = 640, height: int = 480, orientation: int = 1, **exif: Any) -> bytes:
    """A JPEG nobody else has: stripes and a box, with EXIF where asked."""
    chance = random.Random(seed)
    image = Image.new("RGB", (width, height), tuple(chance.randrange(256) for _ in "rgb"))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y = chance.randrange(width), chance.randrange(height)
        draw.rectangle(
            [x, y, x + chance.randrange(width // 4), y + chance.randrange(height // 4)],
            tuple(chance.randrange(256) for _ in "rgb"),
        )
    facts = Image.Exif()
    facts[0x0112] = orientation
    if "taken" in exif:
        facts.get_ifd(0x8769)[0x9003] = exif["taken"]
        if "offset" in exif:
            facts.get_ifd(0x8769)[0x9011] = exif["offset"]
    if "gps" in exif:
        facts.get_ifd(0x8825).update(exif["gps"])
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, exif=facts)
    return out.getvalue()
