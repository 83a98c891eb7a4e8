"""Two tabs, two people, and the way out with everything on a ZIP."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from threading import Event

import pytest
from playwright.sync_api import BrowserContext

from .conftest import STORE, open_form, photograph, picture, rows, submit, unsent, until, wait_for
from .toy import Toy

pytestmark = pytest.mark.browser

WITHOUT_LOCKS = "delete Navigator.prototype.locks;"
# every request for a lock is granted: the tab that held it was asleep and does not know
BLIND_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { value: { request: async (name, how, then) => then({}) } });"


@pytest.mark.parametrize("kernel", ["", WITHOUT_LOCKS], ids=["locks", "beats"])
def test_two_tabs_write_two_drafts(new_phone: Callable[..., BrowserContext], toy: Toy, kernel: str) -> None:
    """Enketo #942."""
    phone = new_phone()
    phone.add_init_script(kernel)
    first = open_form(phone, toy)
    first.fill("#progress", "左边")
    photograph(first, picture(1))
    second = open_form(phone, toy)
    assert second.input_value("#progress") == ""
    assert second.inner_text("[data-outbox-status]") == "另一页正在写一份，这里是新的一份。"
    second.fill("#progress", "右边")
    photograph(second, picture(2), saved=2)
    first.fill("#problems", "左边补一句")
    submit(second)
    submit(first)
    until(lambda: len(toy.visits) == 2 and all(visit.complete for visit in toy.visits.values()), "delivered")
    found = {visit.body["progress"]: visit.body for visit in toy.visits.values()}
    assert found["左边"]["problems"] == "左边补一句"
    assert [photo["announced_sha256"] for photo in found["左边"]["photos"]] == [hashlib.sha256(picture(1)).hexdigest()]
    assert [photo["announced_sha256"] for photo in found["右边"]["photos"]] == [hashlib.sha256(picture(2)).hexdigest()]


def test_a_tab_that_slept_does_not_overwrite_what_another_took_over(new_phone: Callable[..., BrowserContext], toy: Toy) -> None:
    phone = new_phone()
    phone.add_init_script(BLIND_LOCKS)
    asleep = open_form(phone, toy)
    asleep.fill("#progress", "共同的")
    photograph(asleep, picture(1))
    awake = open_form(phone, toy)
    assert awake.input_value("#progress") == "共同的"
    awake.fill("#progress", "醒着的写的")
    asleep.fill("#problems", "睡醒了又写")
    asleep.wait_for_selector("text=另一页已交了那份")
    submit(awake)
    submit(asleep)
    until(lambda: len(toy.visits) == 2 and all(visit.complete for visit in toy.visits.values()), "delivered")
    one, other = toy.visits.values()
    assert [one.body["progress"], other.body["progress"]] == ["醒着的写的", "共同的"]
    assert other.body["problems"] == "睡醒了又写"
    assert len(one.photos) == len(other.photos) == 1
    assert not set(one.photos) & set(other.photos), "each picture belongs to one visit"


def test_a_submitted_draft_does_not_rise_again_in_the_tab_that_slept(new_phone: Callable[..., BrowserContext], toy: Toy) -> None:
    phone = new_phone()
    phone.add_init_script(BLIND_LOCKS)
    asleep = open_form(phone, toy)
    asleep.fill("#progress", "交了的")
    wait_for(asleep, lambda: rows(asleep, "drafts"), "kept")
    awake = open_form(phone, toy)
    submit(awake)
    until(lambda: toy.visits, "delivered")
    asleep.evaluate("document.querySelector('form').requestSubmit()")
    until(lambda: len(toy.visits) == 2, "handed in as another one, under its own id: the server never sees two contents of one")
    sent = {status for method, path, status in toy.seen if method == "PUT"}
    assert 201 in sent <= {200, 201}, "without locks both tabs may send it: the same again, never another content"


def test_what_is_written_between_two_halves_of_an_upload_is_another_visit(phone: BrowserContext, toy: Toy) -> None:
    """Enketo #1405: the text of one version with the attachments of the next."""
    gate = Event()
    toy.on("PUT", "/photos/", gate)
    page = open_form(phone, toy)
    page.fill("#progress", "第一版")
    photograph(page, picture(1))
    submit(page)
    until(lambda: toy.visits and toy.count("PUT", "/visits/[^/]+$"), "the first half arrived")
    page.fill("#progress", "第二版")
    photograph(page, picture(2))
    gate.set()
    until(lambda: toy.only.complete, "the second half arrived")
    wait_for(page, lambda: unsent(page) == 0, "delivered")
    assert toy.only.body["progress"] == "第一版"
    assert [photo["announced_sha256"] for photo in toy.only.body["photos"]] == [hashlib.sha256(picture(1)).hexdigest()]
    (draft,) = rows(page, "drafts")
    assert (["progress", "第二版"] in draft["fields"], len(draft["photos"])) == (True, 1)


def test_another_person_on_the_same_phone_neither_sees_nor_sends(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    phone.set_offline(True)
    page.fill("#progress", "王的秘密")
    photograph(page, picture(1))
    submit(page)
    page.fill("#progress", "王没写完")
    wait_for(page, lambda: rows(page, "drafts"), "kept")
    page.close()
    phone.set_offline(False)
    toy.user = "li"
    page = open_form(phone, toy)
    assert page.input_value("#progress") == ""
    page.fill("#progress", "李的")
    submit(page)
    wait_for(page, lambda: [row["owner"] for row in rows(page, "outbox")] == ["wang"], "li's own went")
    page.goto(f"{toy.address}/queue")
    page.wait_for_selector("text=都送出了。")
    page.click("text=现在送出")
    page.wait_for_timeout(500)
    assert "王" not in page.inner_text("main")
    assert toy.only.body["progress"] == "李的"
    with page.expect_download() as rescue:
        page.click("#export")
    with zipfile.ZipFile(rescue.value.path()) as archive:
        assert archive.namelist() == []
    toy.user = "wang"
    page.goto(f"{toy.address}/other")
    until(lambda: len(toy.visits) == 2, "and wang's when wang is back")
    page = open_form(phone, toy)
    assert page.input_value("#progress") == "王没写完"


def test_whoever_signed_in_meanwhile_sends_nothing_of_this_pages_reader(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    phone.set_offline(True)
    page.fill("#progress", "王的")
    submit(page)
    toy.user = "li"
    phone.set_offline(False)
    page.wait_for_timeout(700)
    assert toy.count("GET", "/ping") > 1, "the control: it did try"
    assert toy.visits == {}
    assert unsent(page) == 1


def test_the_zip_holds_queue_and_drafts(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    phone.set_offline(True)
    page.fill("#progress", "带走")
    photograph(page, picture(1), picture(2))
    submit(page)
    page.fill("#progress", "草稿也带走")
    photograph(page, picture(3))
    page.close()
    phone.set_offline(False)
    toy.on("PUT", "/visits/", *[503] * 99)
    page = phone.new_page()
    page.goto(f"{toy.address}/queue")
    page.wait_for_selector("#queue .card")
    assert page.inner_text("#drafts [data-outbox-title]") == "没写完的监督日志"
    phone.set_offline(True)
    with page.expect_download() as rescue:
        page.click("#export")
    data = rescue.value.path().read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    pictures = {hashlib.sha256(content).hexdigest() for name, content in files.items() if name.endswith(".jpg")}
    sent, draft = rows(page, "outbox")[0], rows(page, "drafts")[0]
    assert pictures == {photo["sha"] for photo in sent["photos"] + draft["photos"]}
    texts = [json.loads(content) for name, content in files.items() if name.endswith("record.json")]
    assert texts[0]["progress"] == "带走"
    assert ["progress", "草稿也带走"] in texts[1]["fields"]


def test_an_unfinished_draft_is_continued_from_the_list(phone: BrowserContext, toy: Toy) -> None:
    first = open_form(phone, toy)
    first.fill("#progress", "老的")
    wait_for(first, lambda: rows(first, "drafts"), "kept")
    second = open_form(phone, toy)
    second.fill("#progress", "新的")
    wait_for(second, lambda: len(rows(second, "drafts")) == 2, "kept")
    first.close()
    second.close()
    page = phone.new_page()
    page.goto(f"{toy.address}/queue")
    page.click("#drafts .card:has-text('老的') a")
    page.wait_for_selector("[data-outbox-ready]")
    assert page.input_value("#progress") == "老的"
    page.goto(f"{toy.address}/queue")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#drafts .card:has-text('老的') button")
    wait_for(page, lambda: [dict(draft["fields"])["progress"] for draft in rows(page, "drafts")] == ["新的"], "deleted")


def test_signing_out_says_what_would_stay_behind(phone: BrowserContext, toy: Toy) -> None:
    toy.on("PUT", "/visits/", *[503] * 99)
    page = open_form(phone, toy)
    page.fill("#progress", "没送出")
    submit(page)
    page.goto(f"{toy.address}/other")
    page.wait_for_selector("text=未送出 1 条")
    page.goto(f"{toy.address}/me")
    page.click("#signout")
    page.wait_for_selector("text=还有 1 条没送出，只在这台手机里。")
    with page.expect_download() as rescue:
        page.click("text=先导出")
    with zipfile.ZipFile(rescue.value.path()) as archive:
        assert len(archive.namelist()) == 1
    page.click("text=先不退出")
    assert page.locator("[data-outbox-ask]").is_hidden()
    assert toy.user == "wang"
    page.click("#signout")
    page.click("text=仍然退出")
    page.wait_for_url("**/signout")
    assert toy.user is None
    toy.faults.clear()
    toy.user = "wang"
    page.goto(f"{toy.address}/other")
    until(lambda: toy.visits, "it waited for its owner")
    page.goto(f"{toy.address}/me")
    wait_for(page, lambda: unsent(page) == 0, "sent")
    page.click("#signout")
    page.wait_for_url("**/signout")


def test_a_deleted_entry_is_not_revived_by_the_upload_under_way(phone: BrowserContext, toy: Toy) -> None:
    gate = Event()
    toy.on("PUT", "/photos/", gate)
    page = open_form(phone, toy)
    page.fill("#progress", "删掉")
    photograph(page, picture(1))
    submit(page)
    until(lambda: toy.visits and toy.only.photos, "under way")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click('[data-outbox-list] > [data-outbox-row] > [data-outbox-act="delete"]')
    wait_for(page, lambda: unsent(page) == 0, "deleted")
    gate.set()
    page.wait_for_timeout(300)
    assert unsent(page) == 0
    assert page.evaluate(f"{STORE}.then(m => m.queue())") == []
