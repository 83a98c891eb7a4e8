"""A real Chromium, as a small phone in Shanghai. It reaches this machine and nothing else."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect, sync_playwright

from app.demo.loading import load_demo
from app.kit.migrations import upgrade
from app.main import dressed, furnish, open_database
from app.settings import Settings
from tests.cast import House, One, open_house, the_app
from tools.screenshots import system_chromium

expect.set_options(timeout=25_000)  # as long as everything else here may take
AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(found => found.violations)"
"""To describe also what is well takes axe longer than to look."""
BARS = "position => document.querySelectorAll('.tabs,.dock').forEach(bar => { bar.style.position = position })"
"""What lies under a bar at the lower edge would count as a small target: the bars go to the page's end while axe looks."""

ALONE = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {
    "viewport": {"width": 360, "height": 760},
    "device_scale_factor": 1,  # four times fewer pixels to paint than a phone's own; nothing is measured in them
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "reduced_motion": "reduce",  # nobody watches the page glide to where it is asked for
}


def launch_options() -> dict[str, Any]:
    """For `chromium.launch` and `launch_persistent_context`: the system's Chromium where there is one, else Playwright's."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": system_chromium(), "args": [*ALONE, *as_root]}


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Ends with its module: while it lives, this thread has a running event loop, and `asyncio.run` elsewhere would fail."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Absent, it is an error that names the line to type, never a skip."""
    try:
        browser = playwright.chromium.launch(**launch_options())
    except Error as missing:
        pytest.fail(
            f"No Chromium. Type: sudo apt-get install chromium-headless-shell fonts-noto-cjk\n{missing.message}", pytrace=False
        )
    yield browser
    browser.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser context of its own: 360 px wide, touch, zh-CN, Asia/Shanghai."""
    context = chromium.new_context(**PHONE)
    context.set_default_timeout(25_000)  # patience for a busy machine
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    return phone.new_page()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """`assert axe(page) == []`: axe-core over the page as it stands, one line per violation with the elements it is about."""
    if not AXE.exists():
        pytest.fail("axe-core is missing. Type: npm ci --prefix tests/browser", pytrace=False)
    source = AXE.read_text()

    def violations(page: Page) -> list[str]:
        page.evaluate(source)  # evaluated by the browser's debugger: a <script> would be refused by our own policy
        page.evaluate(BARS, "static")
        found = page.evaluate(LOOK, RULES)
        page.evaluate(BARS, "")
        return [f"{v['id']}: {v['help']}: {[n['target'] for n in v['nodes']]}" for v in found]

    return violations


TWO_MONTHS_OPEN = 62
"""Days after its last day on which the demo's treasurer publishes a month: with so many, two months always wait for the two
walks."""


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented world, loaded once for all workers: to be copied, and the copy to be served."""
    root = tmp_path_factory.getbasetemp()
    folder = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "demo"
    with folder.with_suffix(".lock").open("w") as turn:
        flock(turn, LOCK_EX)
        if not folder.exists():
            loading = folder.with_suffix(".loading")
            settings = Settings(demo=True, data_dir=loading, public_url="http://127.0.0.1:8000")
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("app.demo.bookkeeping.PUBLISHED_AFTER_DAYS", TWO_MONTHS_OPEN)
                upgrade(settings.database)
                db = open_database(settings)
                load_demo(settings, db)
                db.dispose()
            loading.rename(folder)
    return folder


@dataclass(frozen=True)
class LiveHouse:
    """The test house behind a real server. `house` is for making and looking at rows; requests go to `address`."""

    house: House
    address: str

    def sign_in(self, phone: BrowserContext, one: One) -> None:
        phone.add_cookies([{"name": "sid", "value": one.cookies["sid"], "url": self.address}])


@pytest.fixture(scope="session")
def listening() -> Iterator[socket.socket]:
    """One address for all houses of a worker, since their application is made for its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def live_house(sqlite_house_url: str, tmp_path: Path, listening: socket.socket) -> Iterator[LiveHouse]:
    with serving(sqlite_house_url, tmp_path, listening) as live:
        yield live


@contextmanager
def serving(url: str, folder: Path, listening: socket.socket) -> Iterator[LiveHouse]:
    """By an application of its own over the same database and files: a limiter belongs to one event loop."""
    with open_house(url, folder) as house:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        options = {"public_url": address, "throttled": False, "worker_in_server": False}
        app = the_app(address)
        furnish(app, Settings(database_url=url, data_dir=folder, **options))
        server = uvicorn.Server(uvicorn.Config(dressed(app), log_level="error", timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening.dup()]})
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        yield LiveHouse(house, address)
        server.should_exit = True
        thread.join(20)
