"""Phones in the field, each a real Chromium before the server as it runs.

On 3G as it is simulated everywhere (400 kbit/s each way, 400 ms): a visit with 8 photos of 12 megapixels, from the press on the
button. And a browser that is killed by SIGKILL at 20 random moments while 50 visits with 200 photos are written and sent, its
profile opened again each time: what is on the server then, and whether the digests are those of the pictures taken.
"""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Timer
from typing import Any

from playwright.sync_api import Error, Page, Playwright, sync_playwright
from sqlmodel import Session, select

from app.kit.db import Database, reading
from app.kit.migrations import upgrade
from app.main import open_database
from app.photos.models import Photo
from app.renovation.models import Visit, VisitPhoto
from app.settings import Settings
from bench import Line
from bench._serving import serving
from bench.photos import photographed
from tests.browser.conftest import PHONE, launch_options
from tests.browser.outbox.conftest import picture
from tests.browser.outbox.killable import Killable
from tests.faults.served import Site, site

SPEED, LATENCY = 400_000 / 8, 400
"""Bytes a second, and milliseconds."""
SHOTS = 8
VISITS, EACH, KILLS = 50, 4, 20
GALLERY = '[data-outbox-photo="gallery"]'
ON_THE_PHONE = """async () => {
    const kept = await import('/static/js/outbox/store.js');
    const owner = document.getElementById('outbox-who').dataset.user;
    const field = (draft, wanted) => (draft.fields.find(([name]) => name === wanted) || ['', ''])[1];
    return {
        drafts: (await kept.drafts(owner)).map((one) => [field(one, 'place'), one.photos.map((photo) => photo.announced_sha256)]),
        queued: (await kept.queue()).filter((row) => row.kind === 'visit').map((row) => JSON.parse(row.body).place),
        left: (await kept.queue()).length,
    }; }"""


def lines() -> Iterator[Line]:
    for measured in (on_3g, killed):
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
            settings = Settings(data_dir=Path(folder))
            upgrade(settings.database)
            db = open_database(settings)
            here = site(db)
            with serving(folder) as server:
                yield from measured(playwright, db, here, f"http://127.0.0.1:{server.port}", Path(folder))
            db.dispose()


def on_3g(playwright: Playwright, db: Database, here: Site, address: str, _folder: Path) -> Iterator[Line]:
    browser = playwright.chromium.launch(**launch_options())
    context = browser.new_context(**PHONE)
    context.add_cookies([{"name": "sid", "value": here.chen, "url": address}])
    page = context.new_page()
    form_opened(page, address, here)
    write(page, "5栋地下室")
    for n in range(SHOTS):
        taken = BytesIO()
        photographed(4000 + n, 3000).save(taken, "JPEG", quality=90)
        page.set_input_files(GALLERY, [{"name": "i.jpg", "mimeType": "image/jpeg", "buffer": taken.getvalue()}])
    sizes: list[int] = []
    while len(sizes) < SHOTS:  # as small as they are sent: a tile says that it is saved while the whole picture still is
        page.wait_for_timeout(200)
        sizes = page.evaluate(SETTLED)
    line = context.new_cdp_session(page)
    slow = {"offline": False, "latency": LATENCY, "downloadThroughput": SPEED, "uploadThroughput": SPEED}
    line.send("Network.emulateNetworkConditions", slow)
    page.click("form[data-outbox] button.go")
    pressed = time.monotonic()
    text_after = time_until(db, pressed, lambda session: session.exec(select(Visit.id)).first() is not None)
    whole_after = time_until(db, pressed, lambda session: len(session.exec(select(Photo.id)).all()) == SHOTS)
    needed = sum(sizes) / SPEED
    yield Line("visit with 8 photos on 3G: text visible to others", text_after, "≤ 5 s")
    yield Line("  all photos here, to the time their bytes need", whole_after / needed, "≤ 1.25 times")
    yield Line("  those bytes, of eight times 12 MP", sum(sizes) / 1e6, "≤ 8 MB")
    browser.close()


SETTLED = """async () => {
    const kept = await import('/static/js/outbox/store.js');
    const owner = document.getElementById('outbox-who').dataset.user;
    const photos = (await kept.drafts(owner)).flatMap((draft) => draft.photos);
    return photos.filter((photo) => photo.settled).map((photo) => photo.size); }"""


def time_until(db: Database, begun: float, true: Any, most: float = 300) -> float:
    """Seconds until somebody else sees it."""
    while time.monotonic() < begun + most:
        with reading(db) as session:
            if true(session):
                return time.monotonic() - begun
        time.sleep(0.05)
    return most


def killed(playwright: Playwright, db: Database, here: Site, address: str, folder: Path) -> Iterator[Line]:
    chance = random.Random(20261127)
    begun, shots = time.monotonic(), 0
    phone = Killable(playwright, folder / "profile")
    signed_in = {"name": "sid", "value": here.chen, "url": address, "expires": time.time() + 86400}
    while True:
        bullet = Timer(chance.uniform(1, 9), phone.shoot) if shots < KILLS else None
        if bullet:
            bullet.start()
        try:
            with suppress(Error, AssertionError):
                phone.context.add_cookies([signed_in])
                work(phone.context.new_page(), db, here, address)
                while bullet and bullet.is_alive():
                    time.sleep(0.1)  # all is written and sent: the shot hits a phone at rest
        finally:
            if bullet:
                bullet.join()
        shots += bullet is not None
        if bullet is None and arrived(db) == (VISITS, VISITS * EACH):
            break
        if time.monotonic() - begun > 900:
            break
        if phone.process.poll() is not None:
            phone.kill()
            phone.start()
    phone.kill()
    visits, photos = arrived(db)
    yield Line("visits on the server of 50, phone killed 20 times", visits, "≥ 50")
    yield Line("  and no more than 50", visits, "≤ 50")
    yield Line("  photos of 200", photos, "≥ 200")
    yield Line("  and no more than 200", photos, "≤ 200")
    with reading(db) as session:
        yield Line("  pictures taken whose digest is not there, or not there once", unlike(session, folder), "≤ 0")
    yield Line("  shots fired", shots, "≥ 20")


def work(page: Page, db: Database, here: Site, address: str) -> None:
    """Write what is not yet on the phone or the server, going on with a draft that is found; then stay until all is sent."""
    form_opened(page, address, here)
    while True:
        on_phone = page.evaluate(ON_THE_PHONE)
        with reading(db) as session:
            there = {*on_phone["queued"], *session.exec(select(Visit.place)).all()}
        missing = [place(n) for n in range(VISITS) if place(n) not in there]
        if not missing:
            break
        typed = page.input_value("#f-place")
        where = typed if typed in missing else missing[0]
        write(page, where)
        have = {digest for draft, digests in on_phone["drafts"] if draft == typed for digest in digests}
        taken = [one for one in shots_of(where) if sha256(one).hexdigest() not in have]
        files = [{"name": "i.jpg", "mimeType": "image/jpeg", "buffer": one} for one in taken]
        if files:
            page.set_input_files(GALLERY, files)
        page.wait_for_function("n => document.querySelectorAll('form [data-outbox-row]').length === n", arg=EACH)
        page.click("form[data-outbox] button.go")
        page.wait_for_function("() => document.querySelector('#f-place').value === ''")
    while page.evaluate(ON_THE_PHONE)["left"]:
        page.wait_for_timeout(200)


def form_opened(page: Page, address: str, here: Site) -> None:
    page.goto(f"{address}/c/fengshu/works/projects/{here.project.id}/visits/new")
    page.wait_for_selector('form[data-outbox-ready="kept"]')


def write(page: Page, where: str) -> None:
    page.fill("#f-place", where)
    page.fill("#f-progress", "电缆沟盖板铺了一半")


def place(n: int) -> str:
    return f"{n + 1}栋地下室"


@cache
def shots_of(where: str) -> list[bytes]:
    n = int(where.partition("栋")[0]) - 1
    return [picture(n * EACH + k) for k in range(EACH)]


def arrived(db: Database) -> tuple[int, int]:
    with reading(db) as session:
        return len(session.exec(select(Visit.id)).all()), len(session.exec(select(Photo.id)).all())


def unlike(session: Session, folder: Path) -> int:
    """Of the pictures that were taken, those that some visit did not announce exactly once, or whose file on the server is not
    what its phone said it had sent.
    """
    announced = list(session.exec(select(VisitPhoto.announced_sha256)).all())
    taken = [sha256(one).hexdigest() for n in range(VISITS) for one in shots_of(place(n))]
    wrong = sum(announced.count(digest) != 1 for digest in taken)
    for photo in session.exec(select(Photo)).all():
        if photo.original_key:
            kept = folder / "photos" / photo.original_key[:2] / photo.original_key
            wrong += sha256(kept.read_bytes()).hexdigest() != photo.sha256
    return wrong
