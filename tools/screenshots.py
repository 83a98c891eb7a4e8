"""Pictures of the main pages, from the demo: `python -m tools.screenshots [FOLDER] [PATTERN …]`.

Without arguments: the README's pictures, into docs/screenshots. With a folder: every page in PAGES whose name contains one
of the patterns, at 360 and 1280 px, standard and large, light and dark, to be looked at.
"""

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid5

import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, Response, sync_playwright
from sqlmodel import select

from app.accounts.service import begin_session
from app.compounds.models import Compound, Person
from app.demo.loading import load_demo
from app.demo.telling import NAMESPACE
from app.kit.clock import today
from app.kit.db import writing
from app.kit.migrations import upgrade
from app.main import create_app, dressed
from app.settings import Settings

PORT = 8765 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
"""One for each of the suite's workers."""
README = Path("docs/screenshots")

LATE = uuid5(NAMESPACE, "fengshu/contract/gate")
"""The contract whose rent has not come."""

GIFT = uuid5(NAMESPACE, "fengshu/gift/gift")
"""Half of it is handed out."""

RENOVATION, HALL = (uuid5(NAMESPACE, f"gonghang/project/{key}") for key in ("renovation", "hall"))
"""One is being built, the other is under warranty."""

POINT = f"/works/projects/{RENOVATION}/points a[href*='/points/']"
"""A photo point; its pictures lead to visits that took some."""


SWEEP = uuid5(NAMESPACE, "fengshu/shift/sweep+1")
"""Next week's, for which few have signed up."""

PAGES: dict[str, tuple[str, str, str]] = {
    # name: (compound, person or "" for nobody, path; then, for what has no address of its own, links to follow from there)
    "home": ("fengshu", "周美兰", "/"),
    "welcome": ("fengshu", "", "/"),
    "money": ("fengshu", "周美兰", "/money"),
    "money-year": ("fengshu", "周美兰", f"/money?period={today().year}"),
    "money-quarter": ("fengshu", "周美兰", f"/money?period={today().year}-Q{(today().month + 2) // 3}"),
    "entries": ("fengshu", "周美兰", "/money/entries"),
    "entry": ("fengshu", "周美兰", "/money #lines li a"),
    "trail": ("fengshu", "张惠芳", "/money #lines li a | a[href$='/trail']"),
    "release": ("fengshu", "张惠芳", "/money/drafts #release a | #papers a[href$='/release']"),
    "redact": ("fengshu", "张惠芳", "/money/drafts #release a | #papers a[href$='/release'] | a[href$='/redact']"),
    "draft": ("fengshu", "黄志远", "/money/drafts .cells a"),
    "draft-own": ("fengshu", "张惠芳", "/money/drafts #mine a"),
    "statement": ("fengshu", "周美兰", "/money #statements a"),
    "statement-sheet": ("fengshu", "周美兰", "/money #statements a | a[href$='/sheet']"),
    "statement-correct": ("fengshu", "张惠芳", "/money #statements a | a[href$='/correct']"),
    "journal": ("fengshu", "张惠芳", "/money/journal"),
    "contracts": ("fengshu", "张惠芳", "/money/contracts"),
    "contract": ("fengshu", "张惠芳", f"/money/contracts/{LATE}"),
    "contract-correct": ("fengshu", "张惠芳", f"/money/contracts/{LATE}/correct"),
    "contract-end": ("fengshu", "张惠芳", f"/money/contracts/{LATE}/end"),
    "contract-record": ("fengshu", "张惠芳", "/money/contracts/record"),
    "budget": ("fengshu", "周美兰", "/money/budget"),
    "budget-write": ("fengshu", "张惠芳", "/money/budget/write"),
    "book": ("fengshu", "张惠芳", "/money/book"),
    "book-opening": ("fengshu", "张惠芳", "/money/book?kind=opening"),
    "chart": ("fengshu", "张惠芳", "/money/chart"),
    "chart-add": ("fengshu", "张惠芳", "/money/accounts"),
    "chart-account": ("fengshu", "张惠芳", "/money/accounts/4001"),
    "periods": ("fengshu", "张惠芳", "/money/periods"),
    "drafts": ("fengshu", "黄志远", "/money/drafts"),
    "bank": ("fengshu", "张惠芳", "/money/bank"),
    "bank-bring": ("fengshu", "张惠芳", "/money/bank/bring"),
    "bank-count": ("fengshu", "张惠芳", "/money/bank/count"),
    "volunteering": ("fengshu", "周美兰", "/volunteering"),
    "plan": ("fengshu", "吴秀英", "/volunteering/plan"),
    "shift": ("fengshu", "周美兰", f"/volunteering/shifts/{SWEEP}"),
    "shift-lead": ("fengshu", "吴秀英", f"/volunteering/shifts/{SWEEP}"),
    "shift-series": ("fengshu", "吴秀英", f"/volunteering/shifts/{SWEEP}/series"),
    "shift-message": ("fengshu", "吴秀英", f"/volunteering/shifts/{SWEEP}/message"),
    "signup": ("fengshu", "周美兰", "/volunteering #mine a[href*='/signups/']"),
    "cover-ask": ("fengshu", "周美兰", "/volunteering #mine a[href*='/signups/'] | a[href$='/cover']"),
    "board": ("fengshu", "吴秀英", "/volunteering/board"),
    "calendar": ("fengshu", "周美兰", "/volunteering/calendar"),
    "poster": ("fengshu", "", "/volunteering/poster"),
    "works": ("gonghang", "", "/works"),
    "visit-form": ("gonghang", "陈德厚", f"/works/projects/{RENOVATION}/visits/new"),
    "visit": ("gonghang", "", f"{POINT} | .photos li p a"),
    "visit-photo": ("gonghang", "陈德厚", f"{POINT} | .photos li p a | a.txt[href*='/photos/']"),
    "points": ("gonghang", "陈德厚", f"/works/projects/{RENOVATION}/points"),
    "point": ("gonghang", "陈德厚", POINT),
    "supervision": ("gonghang", "陈德厚", f"/works/projects/{RENOVATION}/supervision"),
    "checks": ("gonghang", "陈德厚", "/works/checks"),
    "checks-new": ("gonghang", "陈德厚", "/works/checks/new"),
    "works-project": ("gonghang", "袁喜梅", f"/works/projects/{RENOVATION}"),
    "works-phase": ("gonghang", "陈德厚", f"/works/projects/{RENOVATION} .line a"),
    "works-hall": ("gonghang", "", f"/works/projects/{HALL}"),
    "works-life": ("gonghang", "白秀兰", f"/works/projects/{RENOVATION}/life"),
    "works-step": ("gonghang", "白秀兰", f"/works/projects/{RENOVATION}/life/accepted"),
    "works-costs": ("gonghang", "白秀兰", f"/works/projects/{RENOVATION}/money"),
    "works-contract": ("gonghang", "白秀兰", f"/works/projects/{RENOVATION}/contract"),
    "works-pay": ("gonghang", "白秀兰", f"/works/projects/{RENOVATION}/payments/new"),
    "works-documents": ("gonghang", "", f"/works/projects/{RENOVATION}/documents"),
    "works-document": ("gonghang", "白秀兰", f"/works/projects/{RENOVATION}/documents .cells a"),
    "works-file": ("gonghang", "白秀兰", f"/works/projects/{RENOVATION}/documents/new"),
    "works-book": ("gonghang", "", f"/works/projects/{RENOVATION}/book"),
    "works-questions": ("gonghang", "袁喜梅", f"/works/projects/{RENOVATION}/questions"),
    "works-photos": ("gonghang", "", f"/works/projects/{RENOVATION}/photos"),
    "works-problems": ("gonghang", "白秀兰", "/works/problems"),
    "works-problem": ("gonghang", "白秀兰", "/works/problems #list .cells a"),
    "works-report": ("gonghang", "袁喜梅", "/works/problems/new"),
    "works-finding": ("gonghang", "陈德厚", f"/works/projects/{RENOVATION}/findings main .cells a[href*='/findings/']"),
    "works-finding-photo": (
        "gonghang",
        "陈德厚",
        f"/works/projects/{RENOVATION}/findings main .cells a[href*='/findings/'] | details a[href*='/photos/']",
    ),
    "works-acceptance": ("gonghang", "袁喜梅", f"/works/projects/{RENOVATION} a[href*='/acceptances/']"),
    "works-acceptance-over": ("gonghang", "", f"/works/projects/{HALL} a[href*='/acceptances/']"),
    "works-opinion": ("gonghang", "袁喜梅", f"/works/projects/{RENOVATION} a[href*='/acceptances/'] | a[href$='/opinion']"),
    "works-papers": ("gonghang", "陈德厚", f"/works/projects/{RENOVATION} a[href*='/acceptances/'] | a[href$='/papers']"),
    "works-slip": (
        "gonghang",
        "陈德厚",
        f"/works/projects/{RENOVATION} a[href*='/acceptances/'] | a[href$='/papers'] | a[href$='/slip']",
    ),
    "works-part": ("gonghang", "陈德厚", f"/works/projects/{RENOVATION} a[href*='/acceptances/'] | a[href$='/parts/new']"),
    "works-outcomes": ("gonghang", "", "/works/disputes"),
    "works-disputes": ("gonghang", "郝玉梅", "/works/disputes/mine"),
    "works-dispute": ("gonghang", "闫翠平", "/works/disputes/mine main .cells a"),
    "works-dispute-parties": ("gonghang", "郝玉梅", f"/works/disputes/new?project={RENOVATION}&q=1-1"),
    "works-dispute-form": ("gonghang", "郝玉梅", f"/works/disputes/write?project={RENOVATION}"),
    "works-dispute-mediator": ("gonghang", "郝玉梅", "/works/disputes/mine main .cells a"),
    "works-dispute-paper": ("gonghang", "郝玉梅", "/works/disputes/mine main .cells a | #parties a"),
    "works-plan": ("gonghang", "白秀兰", "/works/plan"),
    "publish": ("fengshu", "张惠芳", "/money/publish"),
    "notices": ("fengshu", "周美兰", "/notices"),
    "announce": ("fengshu", "刘建国", "/notices/announce"),
    "decisions": ("fengshu", "周美兰", "/decisions"),
    "benefits": ("fengshu", "周美兰", "/benefits"),
    "gift": ("fengshu", "周美兰", "/benefits #published a"),
    "gift-code": ("fengshu", "周美兰", "/benefits #mine a"),
    "gift-delivery": ("fengshu", "周美兰", "/benefits #mine a | a[href*='/delivery?']"),
    "gift-route": ("fengshu", "周美兰", f"/benefits/{GIFT}/route"),
    "gift-deliveries": ("fengshu", "刘建国", f"/benefits/{GIFT}/deliveries"),
    "gift-queue": ("fengshu", "刘建国", f"/benefits/{GIFT}/queue"),
    "gift-confirm": ("fengshu", "刘建国", f"/benefits/{GIFT}/desk?q=5-3-202"),
    "gift-plan": ("fengshu", "刘建国", "/benefits/plan"),
    "gift-draft": ("fengshu", "刘建国", "/benefits #drafts a"),
    "gift-head": ("fengshu", "刘建国", "/benefits #drafts a | a[href$='/head']"),
    "gift-rules": ("fengshu", "刘建国", "/benefits #drafts a | a[href$='give?kind=goods']"),
    "gift-steps": ("fengshu", "刘建国", "/benefits #drafts a | a[href$='give?kind=goods'] | a[href$='rule=by_area_steps']"),
    "gift-kinds": ("fengshu", "刘建国", "/benefits #drafts a | a[href$='give?kind=money'] | a[href$='rule=by_unit_kind']"),
    "gift-item": ("fengshu", "刘建国", "/benefits #drafts a | a[href*='/items/']"),
    "gift-batch": ("fengshu", "刘建国", "/benefits #drafts a | a[href*='/batches/']"),
    "gift-list": ("fengshu", "刘建国", "/benefits #drafts a | a[href$='/list']"),
    "stock": ("fengshu", "刘建国", "/benefits #published a | a[href$='/stock']"),
    "stock-item": ("fengshu", "刘建国", "/benefits #published a | a[href$='/stock'] | a[href*='/stock/items/']"),
    "me": ("fengshu", "周美兰", "/me"),
    "rules": ("fengshu", "周美兰", "/rules"),
    "proofs": ("fengshu", "周美兰", "/proofs"),
    "bodies": ("gonghang", "", "/bodies"),
    "roster": ("fengshu", "刘建国", "/roster"),
    "who-may": ("fengshu", "周美兰", "/who-may"),
    "sign-in": ("", "", "/sign-in"),
}


def system_chromium() -> str | None:
    """Without its own windows and menus where that is to be had: they cost as much again as the pages."""
    return next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)


@contextmanager
def served(folder: Path, only: str = "") -> Iterator[Settings]:
    """The demo on a port of its own, loaded where the folder is new; `only` one of its compounds."""
    settings = Settings(demo=True, data_dir=folder, public_url=f"http://127.0.0.1:{PORT}", throttled=False)
    upgrade(settings.database)
    app = create_app(settings)
    load_demo(settings, app.state.db, only=only)
    server = uvicorn.Server(uvicorn.Config(dressed(app), port=PORT, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), f"port {PORT} is taken"
        time.sleep(0.05)
    yield settings
    server.should_exit = True
    thread.join()


def tokens(settings: Settings) -> dict[str, str]:
    """A session for every person whom a page is looked at by."""
    app = create_app(settings)
    found: dict[str, str] = {"": ""}
    with writing(app.state.db) as session:
        for slug, name, _path in PAGES.values():
            if name and name not in found:
                person = session.exec(
                    select(Person)
                    .join(Compound, Person.compound_id == Compound.id)
                    .where(Compound.slug == slug, Person.name == name)
                ).first()
                assert person is not None, f"nobody in {slug} is called {name}"
                assert person.account_id is not None, f"{name} has no account"
                found[name] = begin_session(session, person.account_id, "screenshots", timedelta(hours=1), second_factor=True)
    return found


def open_page(page: Page, address: str) -> Response | None:
    """The page at an address, or where the links after it lead, each the first that its selector finds."""
    start, _, links = address.partition(" ")
    answer = page.goto(start)
    for link in filter(None, links.split(" | ")):
        answer = page.goto(page.locator(link).first.evaluate("link => link.href"))
    return answer


def shoot(browser: Browser, page_name: str, token: str, to: Path, *, width: int, size: str, dark: bool, whole: bool) -> None:
    slug, _name, path = PAGES[page_name]
    context = browser.new_context(
        viewport={"width": width, "height": 780 if width < 1000 else 860},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if dark else "light",
        device_scale_factor=2 if width < 1000 else 1,
    )
    address = f"http://127.0.0.1:{PORT}"
    cookies = {"size": size} | ({"sid": token} if token else {})
    context.add_cookies([{"name": n, "value": v, "url": address} for n, v in cookies.items()])
    page = context.new_page()
    open_page(page, f"{address}/c/{slug}{path}" if slug else address + path)
    page.screenshot(path=to, full_page=whole)
    context.close()


def smaller(picture: Path) -> None:
    """Flat colours need no more than 128 of them; the README's pictures stay below 200 kB."""
    with Image.open(picture) as shot:
        shot.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(picture, optimize=True)


def main(arguments: list[str]) -> None:
    looks = [(360, "normal", False), (1280, "normal", False), (360, "large", False), (360, "normal", True)]
    folder, patterns = (Path(arguments[0]), arguments[1:]) if arguments else (README, ["home", "money", "works", "benefits"])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, served(Path(data)) as settings, sync_playwright() as playwright:
        known = tokens(settings)
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=["--no-sandbox"])
        for name in PAGES:
            if patterns and not any(p in name for p in patterns):
                continue
            for width, size, dark in looks if arguments else looks[:1]:
                to = folder / f"{name}-{width}{'-large' if size == 'large' else ''}{'-dark' if dark else ''}.png"
                shoot(browser, name, known[PAGES[name][1]], to, width=width, size=size, dark=dark, whole=bool(arguments))
                if not arguments:
                    smaller(to)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
