"""A dying database, a full phone, a wrong clock, a camera that takes the page away, and SIGKILL."""

import io
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Error, Playwright, expect

from .conftest import CAMERA, GALLERY, open_form, photograph, picture, rows, submit, unsent, until, wait_for
from .killable import Killable
from .toy import Toy

pytestmark = pytest.mark.browser

REMEMBER_DATABASES = """
    window.databases = [];
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...how) {
        const opening = open.apply(this, how);
        opening.addEventListener('success', () => window.databases.push(opening.result));
        return opening; };"""


def test_a_database_that_died_in_the_background_is_opened_again(phone: BrowserContext, toy: Toy) -> None:
    """Enketo PR 1576."""
    phone.add_init_script(REMEMBER_DATABASES)
    page = open_form(phone, toy)
    kill = "window.databases.forEach(database => database.close())"
    page.fill("#progress", "一")
    page.evaluate(kill)
    page.fill("#progress", "二")
    page.evaluate(kill)
    photograph(page, picture(1))
    page.evaluate(kill)
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    assert toy.only.body["progress"] == "二"
    assert page.evaluate("window.databases.length") > 3, "the control: it really was opened again"


def test_a_connection_lost_inside_a_transaction_is_tried_once_more(phone: BrowserContext, toy: Toy) -> None:
    """What WebKit does: the request fails with UnknownError and every later one as well."""
    phone.add_init_script("""
        const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (row) {
            if (window.failing > 0) { window.failing -= 1; throw new DOMException('Connection lost', 'UnknownError'); }
            return put.call(this, row); };""")
    page = open_form(phone, toy)
    page.fill("#progress", "三")
    wait_for(page, lambda: rows(page, "drafts"), "kept")
    page.evaluate("window.failing = 1")
    submit(page)
    until(lambda: toy.visits, "delivered")
    assert page.evaluate("window.failing") == 0
    assert toy.only.body["progress"] == "三"


# Chromium's own Storage.overrideQuotaForOrigin does not reach IndexedDB (tried with 156), so the refusal is played.
FULL = """
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (row) {
        const room = window.room === undefined ? Infinity : window.room;
        if (!row.bytes || row.bytes.byteLength <= room) return put.call(this, row);
        this.transaction.abort();
        throw new DOMException('full', 'QuotaExceededError'); };"""


def test_a_full_phone_keeps_the_text_and_says_so(phone: BrowserContext, toy: Toy) -> None:
    """Quota."""
    phone.add_init_script(FULL)
    page = open_form(phone, toy)
    page.fill("#progress", "手机满了")
    photograph(page, picture(1))
    page.evaluate("window.room = 5000")
    photograph(page, picture(2), saved=2)
    page.wait_for_selector("text=手机存满了。文字已存，照片请别关页。")
    page.wait_for_selector("text=手机满了，这张还没存下。")
    page.fill("#problems", "满了以后写的")
    wait_for(page, lambda: ["problems", "满了以后写的"] in rows(page, "drafts")[0]["fields"], "text kept")
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "and all is sent from the open page")
    assert toy.only.body["problems"] == "满了以后写的"
    assert len(toy.only.photos) == 2


def test_room_that_was_made_is_used(phone: BrowserContext, toy: Toy) -> None:
    """Too big as it came, it fits when it is smaller; and what was kept in the page moves in before it is handed in."""
    phone.add_init_script(FULL)
    page = open_form(phone, toy)
    page.evaluate("window.room = 900000")
    noise = picture_of_noise(2400)
    photograph(page, noise)
    expect(page.locator("form .fix:visible")).to_have_count(0)
    page.evaluate("window.room = 100")
    photograph(page, picture(1), saved=2)
    page.wait_for_selector("text=手机满了，这张还没存下。")
    page.evaluate("window.room = Infinity")
    phone.set_offline(True)
    submit(page)
    page.close()
    phone.set_offline(False)
    phone.new_page().goto(f"{toy.address}/other")
    until(lambda: toy.visits and toy.only.complete, "sent by another page")


def picture_of_noise(side: int) -> bytes:
    """A soft noise: some 1 MB as it comes, half of it at 1600 px."""
    out = io.BytesIO()
    Image.effect_noise((side // 8, side // 8), 90).resize((side, side)).save(out, "JPEG", quality=95)
    return out.getvalue()


def test_text_survives_a_database_without_any_room(phone: BrowserContext, toy: Toy) -> None:
    phone.add_init_script("""IDBObjectStore.prototype.put = function () {
        this.transaction.abort(); throw new DOMException('full', 'QuotaExceededError'); };""")
    page = open_form(phone, toy)
    page.fill("#progress", "只剩一点地方")
    wait_for(page, lambda: rows(page, "drafts"), "kept elsewhere")
    page.close()
    phone.set_offline(True)
    phone.set_offline(False)
    page = open_form(phone, toy)
    assert page.input_value("#progress") == "只剩一点地方"
    phone.set_offline(True)
    submit(page)
    page.fill("#progress", "第二条")
    submit(page)
    page.wait_for_timeout(100)
    phone.set_offline(False)
    until(lambda: len(toy.visits) == 2, "delivered")
    assert [visit.body["progress"] for visit in toy.visits.values()] == ["只剩一点地方", "第二条"]


def test_a_picture_kept_only_in_an_open_page_is_not_called_lost_by_another(phone: BrowserContext, toy: Toy) -> None:
    phone.add_init_script(FULL)
    page = open_form(phone, toy)
    page.fill("#progress", "满")
    wait_for(page, lambda: rows(page, "drafts"), "kept")
    page.evaluate("window.room = 0")
    photograph(page, picture(1))
    phone.set_offline(True)
    submit(page)
    item = rows(page, "outbox")[0]
    page.close()
    phone.set_offline(False)
    other = phone.new_page()
    other.goto(f"{toy.address}/queue")
    other.wait_for_selector("text=这张只在另一页里")
    until(lambda: toy.visits, "the text went, with the digest as evidence")
    assert [photo["id"] for photo in toy.only.body["photos"]] == [photo["id"] for photo in item["photos"]]
    other.on("dialog", lambda dialog: dialog.accept())
    other.click('#queue [data-outbox-act="drop"]')
    wait_for(other, lambda: unsent(other) == 0, "given up by a person, not by us")


def test_bytes_that_vanished_are_said_and_the_rest_arrives(phone: BrowserContext, toy: Toy) -> None:
    """Enketo #1043, a lost signature image."""
    toy.on("PUT", "/visits/[^/]+$", 503)
    page = open_form(phone, toy)
    photograph(page, picture(1), picture(2))
    gone = rows(page, "drafts")[0]["photos"][0]["id"]
    page.evaluate(
        """id => new Promise(done => { indexedDB.open('gongzhi-outbox').onsuccess = ({ target }) => {
        const tx = target.result.transaction('blobs', 'readwrite');
        tx.objectStore('blobs').delete(id); tx.oncomplete = () => done(0); }; })""",
        gone,
    )
    submit(page)
    until(lambda: toy.visits and len(toy.only.photos) == 1, "the other one arrived")
    page.wait_for_selector("text=照片已不在手机里。")


@pytest.mark.parametrize("end", ["close", "reload", "crash"])
def test_the_camera_may_take_the_page_away(phone: BrowserContext, toy: Toy, end: str) -> None:
    """vant #3732, and a tab killed in the camera."""
    page = open_form(phone, toy)
    page.fill("#progress", "拍照前写的")
    photograph(page, picture(1))
    page.evaluate("document.querySelector('#problems').value = '没有事件的一笔'")
    with page.expect_file_chooser():
        page.click(CAMERA)
    if end == "crash":
        with pytest.raises(Error, match="crash"):
            page.goto("chrome://crash")
        page = open_form(phone, toy)
    elif end == "reload":
        page.reload()
        page.wait_for_selector("[data-outbox-ready]")
    else:
        page.close()
        page = open_form(phone, toy)
    assert page.input_value("#progress") == "拍照前写的"
    assert page.input_value("#problems") == "没有事件的一笔", "saved at the press itself, not at the last letter"
    expect(page.locator("form [data-outbox-row]")).to_have_count(1)
    page.wait_for_selector("text=相机没回来？请从相册选。")
    photograph(page, picture(2), saved=2)
    assert page.locator("text=相机没回来").is_hidden()
    submit(page)
    until(lambda: toy.visits and len(toy.only.photos) == 2, "delivered")


def test_a_picture_that_ended_the_page_goes_as_it_is(phone: BrowserContext, toy: Toy) -> None:
    """Decoding 108 megapixels can end the tab; after that, never again."""
    page = open_form(phone, toy)
    page.evaluate("window.createImageBitmap = () => new Promise(() => {}); 0")
    page.set_input_files(GALLERY, {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": picture(1, 2400, 1800)})
    wait_for(page, lambda: [photo["tried"] for draft in rows(page, "drafts") for photo in draft["photos"]] == [True], "decoding")
    page.close()
    page = open_form(phone, toy)
    wait_for(page, lambda: rows(page, "drafts")[0]["photos"][0]["settled"], "settled")
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    assert list(toy.only.photos.values()) == [toy.only.body["photos"][0]["announced_sha256"]]


@pytest.mark.parametrize("years", [-1, 1])
def test_a_clock_a_year_off_stops_nothing(new_phone: Callable[..., BrowserContext], toy: Toy, years: int) -> None:
    """Clock a year off."""
    phone = new_phone()
    wrong = datetime.now(UTC) + timedelta(days=365 * years)
    phone.add_init_script("delete Navigator.prototype.locks;")
    phone.clock.set_fixed_time(wrong)
    toy.on("PUT", "/visits/", 503, 503)
    page = open_form(phone, toy)
    page.fill("#progress", "钟不准")
    photograph(page, picture(1))
    submit(page)
    page.close()
    phone.clock.set_fixed_time(datetime.now(UTC))
    page = phone.new_page()
    page.goto(f"{toy.address}/queue")
    until(lambda: toy.visits and toy.only.complete, "delivered")
    assert toy.only.body["device_at"][:4] == str(wrong.year)
    wait_for(page, lambda: rows(page, "receipts"), "receipt")
    page.click("text=现在送出")
    page.wait_for_timeout(200)
    assert len(rows(page, "receipts")) == 1


def test_receipts_are_forgotten_after_thirty_days_of_the_servers_clock(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    page.fill("#progress", "收据")
    submit(page)
    wait_for(page, lambda: rows(page, "receipts"), "receipt")
    for days, left in ((29, 1), (31, 0)):
        toy.now = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        page.evaluate("import('/static/js/outbox/drain.js').then(m => m.wake())")
        wait_for(page, lambda left=left: len(rows(page, "receipts")) == left, f"after {days} days")


def test_a_page_from_an_older_cache_opens_a_newer_database(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    page.fill("#progress", "老页面")
    wait_for(page, lambda: rows(page, "drafts"), "kept")
    page.goto(f"{toy.address}/secret")
    page.evaluate("""() => new Promise(done => { const opening = indexedDB.open('gongzhi-outbox', 2);
        opening.onupgradeneeded = () => opening.result.createObjectStore('later');
        opening.onsuccess = () => { opening.result.close(); done(0); }; })""")
    page = open_form(phone, toy)
    assert page.input_value("#progress") == "老页面"
    submit(page)
    until(lambda: toy.visits, "delivered")


def test_a_newer_page_upgrades_while_an_older_one_is_open(phone: BrowserContext, toy: Toy) -> None:
    """Nobody blocks the upgrade, queued rows stay, and the older page goes on."""
    page = open_form(phone, toy)
    phone.set_offline(True)
    page.fill("#progress", "排着队")
    submit(page)
    page.evaluate("""() => new Promise((done, blocked) => { const opening = indexedDB.open('gongzhi-outbox', 2);
        opening.onblocked = blocked; opening.onsuccess = () => { opening.result.close(); done(0); }; })""")
    page.fill("#progress", "还在写")
    wait_for(page, lambda: rows(page, "drafts"), "kept")
    phone.set_offline(False)
    until(lambda: toy.visits, "delivered")
    assert toy.only.body["progress"] == "排着队"


@pytest.fixture
def killable(playwright: Playwright, tmp_path: Path) -> Iterator[Killable]:
    phone = Killable(playwright, tmp_path / "profile")
    yield phone
    phone.kill()
    shutil.rmtree(phone.profile, ignore_errors=True)


def test_a_browser_killed_at_any_moment_loses_nothing_saved(killable: Killable, toy: Toy) -> None:
    page = open_form(killable.context, toy)
    page.fill("#progress", "第一条")
    photograph(page, picture(1), picture(2))
    with page.expect_file_chooser():
        page.click(CAMERA)
    killable.kill()

    killable.start()
    page = open_form(killable.context, toy)
    assert page.input_value("#progress") == "第一条"
    expect(page.locator("form [data-outbox-row]")).to_have_count(2)
    gate = Event()
    toy.on("PUT", "/photos/", gate)
    submit(page)
    until(lambda: toy.visits and toy.only.photos, "the first picture is stored, its answer on the way")
    killable.kill()
    gate.set()

    killable.start()
    killable.context.new_page().goto(f"{toy.address}/queue")
    until(lambda: toy.only.complete, "delivered")
    assert len(toy.only.photos) == 2
    assert {status for method, path, status in toy.seen if method == "PUT" and "/photos/" in path} == {201}, "nothing went twice"
