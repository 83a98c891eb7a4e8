"""No network, a slow one, a lying one; answers that get lost; a server that says no."""

import re
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from .conftest import STORE, open_form, photograph, picture, rows, submit, unsent, until, wait_for
from .toy import CUT, LIE, LOST, PORTAL, Toy

pytestmark = pytest.mark.browser

VISIT = "/visits/[^/]+$"
PHOTO = "/photos/"


def written(toy: Toy, path: str) -> list[int]:
    return [status for method, where, status in toy.seen if method == "PUT" and re.search(path, where)]


def write(page: Page, text: str, *pictures: bytes) -> None:
    page.fill("#progress", text)
    if pictures:
        photograph(page, *pictures)
    submit(page)


def test_in_the_cellar_nothing_is_lost_and_above_ground_it_goes_by_itself(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    phone.set_offline(True)
    page.wait_for_selector("text=没有信号，放心写")
    write(page, "地下室一", *[picture(n) for n in range(8)])
    write(page, "地下室二", picture(9))
    page.wait_for_selector("text=待上传")
    waiting = page.locator("[data-outbox-list] .kept:visible")
    wait_for(page, lambda: waiting.all_inner_texts() == ["已保存在手机"] * 9, "each picture says where it is")
    assert toy.visits == {}
    phone.set_offline(False)
    until(lambda: len(toy.visits) == 2 and all(visit.complete for visit in toy.visits.values()), "delivered")
    wait_for(page, lambda: page.locator("text=没有信号，放心写").is_hidden(), "the note is gone")
    assert [visit.body["progress"] for visit in toy.visits.values()] == ["地下室一", "地下室二"]
    assert [len(visit.photos) for visit in toy.visits.values()] == [8, 1]
    assert {visit.body["nonce"] for visit in toy.visits.values()} <= {None, "signed-not-before"}


def test_an_answer_under_way_when_the_signal_goes_does_not_say_that_it_is_there(phone: BrowserContext, toy: Toy) -> None:
    page = phone.new_page()
    page.add_init_script("""
        const ask = window.fetch;
        window.fetch = async (...what) => {
            if (!String(what[0]).includes('/ping')) return ask(...what);
            if (window.answered) throw new TypeError('no signal');
            const answer = await ask(...what);
            window.answered = answer.status;
            window.dispatchEvent(new Event('offline'));
            return answer;
        };""")
    page.goto(f"{toy.address}/visit")
    wait_for(page, lambda: page.evaluate("window.answered") == 200, "answered")
    page.wait_for_selector('form[data-outbox-ready="kept"]')
    settled = "import('/static/js/outbox/drain.js').then(({ state }) => !state.busy && state.net)"
    wait_for(page, lambda: page.evaluate(settled), "it has made up its mind")
    assert page.evaluate(settled) == "offline"
    assert page.locator("text=没有信号，放心写").is_visible()


def test_answers_lost_after_the_commit_make_no_second_visit(phone: BrowserContext, toy: Toy) -> None:
    """Reply lost after commit."""
    toy.on("PUT", VISIT, LOST, LOST, LOST)
    toy.on("PUT", PHOTO, LOST, LOST)
    page = open_form(phone, toy)
    write(page, "一次", picture(1))
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert toy.only.complete
    assert written(toy, VISIT).count(201) == 0, "the control: the first answer must really have been lost"
    assert written(toy, VISIT).count(200) == 1


def test_a_line_that_breaks_again_and_again_only_delays(phone: BrowserContext, toy: Toy) -> None:
    toy.on("PUT", VISIT, CUT, 503, 429, 408, 425, 500)
    toy.on("PUT", PHOTO, CUT, 500, CUT)
    page = open_form(phone, toy)
    write(page, "慢慢来", picture(1), picture(2))
    wait_for(page, lambda: unsent(page) == 0, "delivered", 15)
    assert toy.only.complete


def test_an_impatient_thumb_on_a_slow_server_sends_once(phone: BrowserContext, toy: Toy) -> None:
    """formhub #678: ten duplicates on a slow server."""
    gate = Event()
    toy.on("PUT", VISIT, gate)
    page = open_form(phone, toy)
    write(page, "别急")
    until(lambda: toy.visits, "the first try is under way")
    for _ in range(10):
        page.evaluate("import('/static/js/outbox/drain.js').then(m => { m.wake(); })")
    page.wait_for_timeout(300)
    gate.set()
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert written(toy, VISIT) == [201]


def test_tries_given_up_on_a_slow_server_make_no_second_visit(phone: BrowserContext, toy: Toy) -> None:
    gate = Event()
    toy.on("PUT", VISIT, gate, gate, gate)
    page = open_form(phone, toy)
    page.evaluate("import('/static/js/outbox/wire.js').then(m => { m.timing.text = 150; })")
    write(page, "太慢")
    until(lambda: toy.visits, "stored")
    page.wait_for_timeout(500)
    gate.set()
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert len(toy.visits) == 1


def test_pictures_of_later_tries_are_not_dropped(phone: BrowserContext, toy: Toy) -> None:
    """kobocat #432: the record exists already, its attachments come days later, from another page."""
    toy.on("PUT", PHOTO, *[503] * 200)
    page = open_form(phone, toy)
    write(page, "先到文字", picture(1), picture(2), picture(3))
    until(lambda: toy.visits and toy.count("PUT", PHOTO) >= 3, "tried")
    assert toy.only.photos == {}
    page.close()
    toy.faults.clear()
    phone.new_page().goto(f"{toy.address}/other")
    until(lambda: toy.only.complete, "all three arrived")
    assert written(toy, VISIT) == [201]


def test_a_sign_in_page_of_a_cafe_is_not_an_answer(phone: BrowserContext, toy: Toy) -> None:
    toy.on("PUT", VISIT, PORTAL)
    toy.on("PUT", PHOTO, PORTAL)
    page = open_form(phone, toy)
    write(page, "咖啡馆", picture(1))
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert toy.only.complete
    assert len(written(toy, PHOTO)) == 2


def test_a_yes_in_the_servers_name_is_found_out(phone: BrowserContext, toy: Toy) -> None:
    """A proxy that answers JSON, or a server that came back from an older backup: the manifest knows better."""
    toy.on("PUT", VISIT, {"status": 201, "id": "lie"})
    toy.on("PUT", PHOTO, {"status": 201, "received_sha256": "0" * 64}, LIE)
    page = open_form(phone, toy)
    write(page, "备份", picture(1))
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert toy.only.complete
    assert (len(written(toy, VISIT)), len(written(toy, PHOTO))) == (2, 3)


def test_a_session_that_ends_in_the_middle_keeps_the_queue(phone: BrowserContext, toy: Toy) -> None:
    """401 in the middle."""
    gate = Event()
    toy.on("PUT", VISIT, gate)
    page = open_form(phone, toy)
    write(page, "登录过期", picture(1), picture(2))
    until(lambda: toy.visits, "text arrived")
    toy.user = None
    gate.set()
    page.wait_for_selector("text=登录过期了")
    assert toy.only.photos == {}
    assert unsent(page) == 1
    toy.user = "wang"
    page.goto(f"{toy.address}/other")
    until(lambda: toy.only.complete, "delivered after signing in, from whatever page")


def test_a_token_that_changes_in_the_middle_is_fetched_again(phone: BrowserContext, toy: Toy) -> None:
    """Token refresh dropping the queue. Two pictures are under way at once, so the third is the one that finds out."""
    gate = Event()
    toy.on("PUT", PHOTO, gate, gate)
    page = open_form(phone, toy)
    write(page, "换了令牌", picture(1, 64, 48), picture(2, 64, 48), picture(3))
    until(lambda: toy.visits and len(toy.only.photos) == 2, "two pictures under way")
    toy.csrf = "token-2"
    gate.set()
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert toy.only.complete
    assert sorted(written(toy, PHOTO)) == [201, 201, 201, 403]


def test_a_no_for_want_of_a_token_is_not_taken_for_a_sign_out(phone: BrowserContext, toy: Toy) -> None:
    """A server that takes an unproven request for nobody's says 401; whoever is signed in still is."""
    toy.on("PUT", VISIT, 401)
    page = open_form(phone, toy)
    write(page, "还登录着")
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert written(toy, VISIT) == [401, 201]


def test_poisoned_records_never_block_the_others(phone: BrowserContext, toy: Toy) -> None:
    toy.on("PUT", VISIT, 400, 413, 415, 422)
    page = open_form(phone, toy)
    phone.set_offline(True)
    for text in ("坏一", "坏二", "坏三", "坏四", "好的"):
        write(page, text)
    phone.set_offline(False)
    until(lambda: toy.visits, "the good one went")
    assert toy.only.body["progress"] == "好的"
    wait_for(page, lambda: unsent(page) == 4, "delivered")
    assert [row["parked"]["status"] for row in rows(page, "outbox")] == [400, 413, 415, 422]
    page.wait_for_timeout(600)
    assert len(written(toy, VISIT)) == 5, "a parked record waits for a person"
    said = page.locator('[data-outbox-list] [data-state="fix"] > [data-outbox-why]').all_inner_texts()
    assert said == ["故意", "照片太大，服务器不收。", "故意", "故意"]
    page.click('[data-outbox-list] [data-state="fix"] > [data-outbox-act="retry"] >> nth=1')
    wait_for(page, lambda: unsent(page) == 3, "retried by hand")
    assert [visit.body["progress"] for visit in toy.visits.values()] == ["好的", "坏二"]


def test_one_bad_picture_never_blocks_the_others(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    write(page, "一张坏的", b"not a picture", picture(2), picture(3))
    until(lambda: toy.visits and len(toy.only.photos) == 2, "the good ones arrived")
    page.wait_for_selector("text=不是照片")
    wait_for(page, lambda: page.inner_text("[data-outbox-sum]") == "2 张已送达。1 张要处理。", "said")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click('[data-outbox-list] [data-outbox-photos] [data-state="fix"] [data-outbox-act="drop"]')
    wait_for(page, lambda: unsent(page) == 0, "done without it")
    assert sorted(photo["state"] for photo in rows(page, "receipts")[0]["photos"]) == ["delivered", "delivered", "dropped"]


def test_a_twin_still_running_on_the_server_is_waited_for(phone: BrowserContext, toy: Toy) -> None:
    toy.on("PUT", VISIT, {"status": 409, "code": "StillRunning"})
    page = open_form(phone, toy)
    write(page, "另一个还在跑")
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert written(toy, VISIT) == [409, 201]


def test_other_content_under_the_same_id_can_be_handed_in_afresh(phone: BrowserContext, toy: Toy) -> None:
    toy.on("PUT", VISIT, {"status": 409, "code": "OtherContent", "detail": "同号不同文"})
    page = open_form(phone, toy)
    write(page, "另交", picture(1))
    page.wait_for_selector("text=同号不同文")
    before = rows(page, "outbox")[0]["id"]
    page.click('[data-outbox-act="afresh"]')
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert before not in toy.visits
    assert toy.only.complete


def test_a_picture_the_server_holds_already_counts_as_delivered(phone: BrowserContext, toy: Toy) -> None:
    """And another picture under its id is shown to a person, with its bytes kept."""
    page = open_form(phone, toy)
    gate = Event()
    toy.on("PUT", VISIT, gate)
    write(page, "先到", picture(1, 64, 48), picture(2))
    until(lambda: toy.visits, "text arrived")
    small, big = rows(page, "outbox")[0]["photos"]
    toy.only.photos.update({small["id"]: small["sha"], big["id"]: "f" * 64})
    gate.set()
    wait_for(page, lambda: [photo["state"] for photo in rows(page, "outbox")[0]["photos"]] == ["delivered", ""], "known")
    wait_for(page, lambda: (rows(page, "outbox")[0]["photos"][1]["problem"] or {}).get("code") == "OtherPhoto", "parked")
    assert written(toy, PHOTO) == [409]
    assert page.evaluate(f"id => {STORE}.then(m => m.bytesOf(id)).then(b => b.byteLength)", big["id"]) == big["size"]


POISON: list[dict[str, Any]] = [
    {"id": "p1", "kind": "visit", "owner": "wang", "seq": 0, "body": None, "photos": None},
    {"id": "p2", "kind": "unheard-of", "owner": "wang", "seq": 0},
    {"id": "p3", "kind": "visit", "owner": "wang", "seq": 0, "body": "{", "photos": [{"id": "x"}], "text_sent": True},
]


def test_broken_entries_can_be_deleted_and_block_nobody(phone: BrowserContext, toy: Toy) -> None:
    """Enketo #1226."""
    page = open_form(phone, toy)
    put = """rows => new Promise(done => { indexedDB.open('gongzhi-outbox').onsuccess = ({ target }) => {
        const tx = target.result.transaction('outbox', 'readwrite');
        for (const row of rows) tx.objectStore('outbox').put(row);
        tx.oncomplete = () => done(0); }; })"""
    page.evaluate(put, POISON)
    write(page, "后面的", picture(1))
    wait_for(page, lambda: unsent(page) == len(POISON), "the next one went")
    assert [visit.body["progress"] for visit in toy.visits.values() if visit.text != b"null" and visit.complete] == ["后面的"]
    page.goto(f"{toy.address}/queue")
    wait_for(page, lambda: page.locator("text=一条坏掉的记录").count() == len(POISON), "they are shown")
    with page.expect_download() as rescue:
        page.click("#export")
    assert rescue.value.path().stat().st_size > 100
    page.on("dialog", lambda dialog: dialog.accept())
    for left in (2, 1, 0):
        # The list is drawn anew after each: a click on the card that has just gone would do nothing.
        cards = page.locator("#queue [data-outbox-act=delete]")
        wait_for(page, lambda left=left, cards=cards: cards.count() == left + 1, "the list is drawn anew")
        cards.first.click()
        wait_for(page, lambda left=left: unsent(page) == left, "gone")


def test_an_entry_that_cannot_even_be_read_can_be_deleted(phone: BrowserContext, toy: Toy) -> None:
    phone.add_init_script("""
        const get = IDBObjectStore.prototype.get;
        IDBObjectStore.prototype.getAll = function () { throw new DOMException('corrupt', 'DataError'); };
        IDBObjectStore.prototype.get = function (key) {
            if (key === sessionStorage.unreadable) throw new DOMException('corrupt', 'DataError');
            return get.call(this, key); };""")
    page = open_form(phone, toy)
    phone.set_offline(True)
    put = """() => new Promise(done => { indexedDB.open('gongzhi-outbox').onsuccess = ({ target }) => {
        const tx = target.result.transaction('outbox', 'readwrite');
        tx.objectStore('outbox').put({id: 'p', owner: 'wang', kind: 'visit'}); tx.oncomplete = () => done(0); }; })"""
    page.evaluate(put)
    page.evaluate("sessionStorage.unreadable = 'p'")
    phone.set_offline(False)
    page.goto(f"{toy.address}/queue")
    page.wait_for_selector("text=一条坏掉的记录")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#queue [data-outbox-act=delete]")
    wait_for(page, lambda: page.locator("#queue .card").count() == 0, "gone")


def test_two_pages_draining_at_once_do_no_harm(new_phone: Callable[..., BrowserContext], toy: Toy) -> None:
    """Locks and leases are courtesy: here both are blind."""
    phone = new_phone()
    phone.add_init_script("""
        delete Navigator.prototype.locks;
        const get = Storage.prototype.getItem;
        Storage.prototype.getItem = function (key) { return key === 'gz-drain' ? null : get.call(this, key); };""")
    page, other = open_form(phone, toy), phone.new_page()
    gate = Event()
    toy.on("PUT", VISIT, gate, gate)
    write(page, "两边一起送", picture(1), picture(2))
    until(lambda: toy.visits, "the first is sending")
    other.goto(f"{toy.address}/queue")
    other.wait_for_timeout(500)
    gate.set()
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert toy.only.complete
    assert toy.count("PUT", VISIT) == 2, "the control: both really sent"
    assert set(written(toy, VISIT) + written(toy, PHOTO)) <= {200, 201}
    wait_for(other, lambda: len(rows(other, "receipts")) == 1, "one receipt")


def test_of_two_pages_only_one_drains(phone: BrowserContext, toy: Toy) -> None:
    page, other = open_form(phone, toy), phone.new_page()
    gate = Event()
    toy.on("PUT", VISIT, gate, gate)
    write(page, "只送一次")
    until(lambda: toy.visits, "the first is sending")
    other.goto(f"{toy.address}/queue")
    other.wait_for_timeout(500)
    gate.set()
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert written(toy, VISIT) == [201]


def test_a_page_that_draws_while_an_item_arrives_does_not_forget_that_it_waits(phone: BrowserContext, toy: Toy) -> None:
    """The mark by which every other page knows that there is something to send: a look at the empty store must not clear it."""
    page = open_form(phone, toy)
    phone.set_offline(True)
    page.evaluate("setInterval(() => document.dispatchEvent(new CustomEvent('outbox:change')), 1)")
    for n in range(8):
        write(page, f"第{n}篇")
        assert page.evaluate("localStorage.getItem('gz-outbox-waiting')") == "yes"
        page.evaluate(f"{STORE}.then(async m => {{ for (const row of await m.queue()) await m.remove('outbox', row.id) }})")
        assert page.evaluate("localStorage.getItem('gz-outbox-waiting')") is None
