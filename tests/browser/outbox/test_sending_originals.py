"""The second tier: what the camera made follows the smaller copy, over Wi-Fi or when somebody asks (FIELD §3.5, §3.9)."""

import hashlib
import zipfile

import pytest
from playwright.sync_api import BrowserContext, Page

from .conftest import open_form, photograph, picture, rows, submit, until
from .toy import Toy

pytestmark = pytest.mark.browser

BIG = {"width": 2400, "height": 1800}
LINE = "Object.defineProperty(navigator, 'connection', {value: Object.assign(new EventTarget(), {type: '%s', saveData: %s})})"
ON_WIFI, BY_THE_MEGABYTE, SPARING = (LINE % how for how in (("wifi", "false"), ("cellular", "false"), ("wifi", "true")))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def blobs(page: Page) -> int:
    return page.evaluate(  # type: ignore[no-any-return]
        """() => new Promise(done => { const opening = indexedDB.open('gongzhi-outbox');
            opening.onsuccess = () => { const all = opening.result.transaction('blobs').objectStore('blobs').count();
                all.onsuccess = () => { opening.result.close(); done(all.result); }; }; })"""
    )


def test_on_wifi_originals_follow_by_themselves_and_last(phone: BrowserContext, toy: Toy) -> None:
    phone.add_init_script(ON_WIFI)
    page = open_form(phone, toy)
    big = [picture(1, **BIG), picture(2, **BIG)]
    photograph(page, *big)
    submit(page)
    until(lambda: len(toy.originals) == 2, "the originals")
    assert set(toy.originals.values()) == {digest(data) for data in big}
    puts = [path for method, path, _ in toy.seen if method == "PUT"]
    assert [path.endswith("/original") for path in puts] == [False] * 3 + [True] * 2
    until(lambda: not rows(page, "outbox"), "nothing waits")
    assert blobs(page) == 0


@pytest.mark.parametrize("line", [BY_THE_MEGABYTE, SPARING, "0"], ids=["mobile", "sparing", "it does not tell"])
def test_elsewhere_they_wait_and_are_sent_when_somebody_asks(phone: BrowserContext, toy: Toy, line: str) -> None:
    phone.add_init_script(line)
    page = open_form(phone, toy)
    big = picture(1, **BIG)
    photograph(page, big)
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "the visit is whole without them")
    page.goto(f"{toy.address}/queue")
    page.wait_for_selector("text=连上 Wi-Fi 就送")
    assert "原图 1 张" in page.inner_text("#queue")
    page.goto(f"{toy.address}/other")
    page.wait_for_function("() => document.querySelector('[data-outbox-badge]').textContent === ''")
    assert toy.originals == {}
    page.goto(f"{toy.address}/queue")
    page.click("text=现在送原图")
    until(lambda: list(toy.originals.values()) == [digest(big)], "the original")
    page.wait_for_selector("#receipts >> text=原图 1 张")


def test_a_network_that_becomes_free_wakes_them(phone: BrowserContext, toy: Toy) -> None:
    phone.add_init_script(BY_THE_MEGABYTE)
    page = open_form(phone, toy)
    photograph(page, picture(1, **BIG))
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "the visit")
    until(lambda: [row["kind"] for row in rows(page, "outbox")] == ["originals"], "waiting")
    page.evaluate("navigator.connection.type = 'wifi'; navigator.connection.dispatchEvent(new Event('change'))")
    until(lambda: len(toy.originals) == 1, "the original")


def test_one_that_the_server_does_not_take_stays_on_the_phone_and_parks_no_visit(phone: BrowserContext, toy: Toy) -> None:
    """108 megapixels: 未收原图."""
    phone.add_init_script(ON_WIFI)
    toy.on("PUT", "/original", {"status": 422, "code": "TooManyPixels", "detail": "照片像素太多，未收原图。"})
    page = open_form(phone, toy)
    big = [picture(1, **BIG), picture(2, **BIG)]
    photograph(page, *big)
    submit(page)
    until(lambda: len(toy.originals) == 1, "the other one goes")
    assert toy.only.complete
    page.goto(f"{toy.address}/queue")
    page.wait_for_selector("text=照片像素太多，未收原图。")
    with page.expect_download() as loading:
        page.click("text=导出这条")
    with zipfile.ZipFile(loading.value.path()) as archive:
        kept = {digest(archive.read(name)) for name in archive.namelist()}
    assert kept & {digest(data) for data in big}, "it can be carried off"


def test_the_rescue_holds_originals_and_deleting_leaves_none(phone: BrowserContext, toy: Toy) -> None:
    phone.add_init_script(BY_THE_MEGABYTE)
    page = open_form(phone, toy)
    big = picture(1, **BIG)
    photograph(page, big)
    phone.set_offline(True)
    submit(page)
    phone.set_offline(False)
    toy.on("PUT", "/visits/", *[503] * 400)
    page.goto(f"{toy.address}/queue")
    with page.expect_download() as loading:
        page.click("#export")
    with zipfile.ZipFile(loading.value.path()) as archive:
        assert digest(big) in {digest(archive.read(name)) for name in archive.namelist()}
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#queue >> text=删除")
    page.wait_for_selector("text=都送出了")
    assert blobs(page) == 0


def test_a_phone_with_room_for_one_keeps_the_small_one(phone: BrowserContext, toy: Toy) -> None:
    """Quota: the original has to go before anything that is needed does."""
    phone.add_init_script(
        """const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (row) {
            if (!row.bytes || !/original/.test(row.id)) return put.call(this, row);
            this.transaction.abort();
            throw new DOMException('full', 'QuotaExceededError'); };"""
    )
    phone.add_init_script(ON_WIFI)
    page = open_form(phone, toy)
    photograph(page, picture(1, **BIG))
    assert page.locator("text=手机满了").count() == 0
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "the visit")
    until(lambda: not rows(page, "outbox"), "and nothing is promised")
    assert toy.originals == {}
