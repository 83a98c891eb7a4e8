"""The table in a real browser: a signature with the finger, the same without script, and every page for every eye."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Thread
from time import monotonic, sleep

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page
from sqlmodel import select

from app.benefits.claim_models import Claim
from app.kit.migrations import upgrade
from app.main import dressed
from tests.benefits.giving import RICE, hand_out, line, money, more_units, opened, planned
from tests.browser.conftest import PHONE
from tests.cast import House, open_house


@dataclass
class Table:
    """Everything is furnished before it is served: one event loop at a time (ARCHITECTURE §2)."""

    house: House
    home: str
    id: str
    codes: dict[str, str]
    paths: dict[str, tuple[str, str]]
    """Page → who looks at it, and where."""

    def sit(self, chromium: Browser, who: str, *, size: str = "normal", script: bool = True) -> BrowserContext:
        context = chromium.new_context(**PHONE, java_script_enabled=script)
        cookies = self.house.people[who].cookies | {"size": size}
        context.add_cookies([{"name": n, "value": v, "url": self.home} for n, v in cookies.items()])
        context.set_default_timeout(10_000)
        return context


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    folder = tmp_path_factory.mktemp("table")
    url = f"sqlite:///{folder}/gongzhi.db"
    upgrade(url)
    with open_house(url, folder) as house:
        more_units(house, 4)
        id = opened(house, stock=20)
        draft = planned(house, title="中秋礼包")
        past = opened(house, RICE, money("1000.00"), title="中秋分红")
        hand_out(house, past, house.zhang)
        assert house.liu.api.ask("POST", f"/distributions/{past}/close").status == 200
        done = hand_out(house, id, house.zhou).json["id"]
        labels = {"wang": "3-2-601", "li": "3-2-602", "zhang": "3-2-603"}
        codes = {who: line(house, id, label=label).code for who, label in labels.items()}
        server = uvicorn.Server(uvicorn.Config(dressed(house.app), port=0, log_level="critical", lifespan="off"))
        thread = Thread(target=server.run)
        thread.start()
        until = monotonic() + 20
        while not server.started:
            assert monotonic() < until
            sleep(0.05)
        home = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        at = f"{home}/c/fengshu/benefits"
        paths = {
            "list": ("wang", at),
            "code": ("wang", f"{at}/{id}/code"),
            "plan": ("nobody", f"{at}/{id}"),
            "officer": ("liu", f"{at}/{id}"),
            "draft": ("liu", f"{at}/{draft}"),
            "new": ("liu", f"{at}/plan"),
            "desk": ("liu", f"{at}/{id}/desk"),
            "unit": ("liu", f"{at}/{id}/desk?q=603"),
            "ownerless": ("liu", f"{at}/{id}/desk?q=1001"),
            "before": ("liu", f"{at}/{id}/desk?q=605"),
            "claim": ("liu", f"{at}/claims/{done}"),
            "void": ("chen", f"{at}/claims/{done}/void"),
            "roll": ("liu", f"{at}/{id}/roll"),
            "sheet": ("liu", f"{at}/{id}/sheet?building=3栋"),
            "progress": ("nobody", f"{at}/{past}/progress"),
            "rooms": ("liu", f"{at}/{past}/progress"),
            "report": ("nobody", f"{at}/{past}/report"),
            "convert": ("liu", f"{at}/{past}/convert"),
        }
        yield Table(house, home, id, codes, paths)
        server.should_exit = True
        thread.join(10)


def test_the_list_to_sign_has_a_code_to_scan_in_every_row(chromium: Browser, table: Table) -> None:
    """Printed, no row is torn in two by the end of a page, and what is scanned opens the row at the table."""
    context = table.sit(chromium, "liu")
    page = context.new_page()
    page.goto(table.paths["sheet"][1])
    rows = page.locator("tbody tr")
    assert rows.count() == page.locator("tbody .qr").count() == 8
    page.emulate_media(media="print")
    across = page.locator("tbody .qr").first.evaluate("code => getComputedStyle(code).width")
    assert float(across.removesuffix("px")) > 60, "16 mm: what a phone reads from a hand's distance"
    assert rows.first.evaluate("row => getComputedStyle(row).breakInside") == "avoid"
    spoken = page.locator("tbody .sub").first.inner_text()
    page.goto(f"{table.paths['desk'][1]}?q={spoken.replace(' ', '')}")
    assert page.get_by_role("heading", name="3-2-601").is_visible()
    context.close()


def test_a_finger_signs_and_the_strokes_are_kept(chromium: Browser, table: Table) -> None:
    context = table.sit(chromium, "liu")
    page = context.new_page()
    page.goto(table.paths["desk"][1])
    page.get_by_label("领取码、房号或姓名").fill(table.codes["wang"])
    page.get_by_role("button", name="查找").click()
    pad = page.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 360
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 60, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="确认发给 3-2-601").click()
    assert page.get_by_role("heading", name="已发给 3-2-601").is_visible()
    assert page.get_by_role("img", name="签名").is_visible()
    context.close()
    with table.house.session() as session:
        claim = session.exec(select(Claim).where(Claim.way == "signature")).one()
        assert claim.signature.startswith("M")
        assert claim.signature.count("L") > 3


def test_an_empty_pad_says_what_to_do(chromium: Browser, table: Table) -> None:
    context = table.sit(chromium, "liu")
    page = context.new_page()
    page.goto(table.paths["unit"][1])
    page.get_by_role("button", name="确认发给 3-2-603").click()
    assert page.get_by_role("alert").get_by_text("请在框里签名，或者换一种办法。").is_visible()
    context.close()


def test_without_script_a_tick_is_as_good(chromium: Browser, table: Table) -> None:
    context = table.sit(chromium, "liu", script=False)
    page = context.new_page()
    page.goto(table.paths["desk"][1])
    page.get_by_label("领取码、房号或姓名").fill(table.codes["li"])
    page.get_by_role("button", name="查找").click()
    assert page.locator("canvas").is_hidden()
    page.get_by_label("我看着他拿到了东西").check()
    page.get_by_role("button", name="确认发给 3-2-602").click()
    assert page.get_by_role("heading", name="已发给 3-2-602").is_visible()
    page.get_by_role("link", name="下一户").click()
    assert page.get_by_label("领取码、房号或姓名").is_visible()
    context.close()


@pytest.mark.parametrize("size", ["normal", "large"])
def test_every_page_of_the_gift_is_for_every_eye(
    chromium: Browser, table: Table, axe: Callable[[Page], list[str]], size: str
) -> None:
    phones = {who: table.sit(chromium, who, size=size) for who in {who for who, _ in table.paths.values()}}
    for name, (who, address) in table.paths.items():
        page = phones[who].new_page()
        complaints: list[str] = []
        page.on("console", lambda m, c=complaints: c.append(m.text) if m.type in ("error", "warning") else None)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, name
        assert page.locator("h1").count() == 1, name
        assert axe(page) == [], name
        for width in (360, 320):
            page.set_viewport_size({"width": width, "height": 760})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.wait_for_load_state("networkidle")  # half a second of silence, most of which has passed by now
        assert complaints == [], name
        page.close()
    for phone in phones.values():
        phone.close()
