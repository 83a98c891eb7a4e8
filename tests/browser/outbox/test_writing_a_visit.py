"""From the first word to the receipt, when all goes well, and what a picture says about itself."""

import base64
import hashlib
import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Route, expect

from .conftest import CAMERA, GALLERY, MICRO_MESSENGER, open_form, photograph, picture, rows, submit, until, wait_for
from .toy import STATIC, Toy

pytestmark = pytest.mark.browser


def test_a_visit_with_pictures_arrives_whole(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    page.fill("#progress", "电缆沟盖板铺了一半")
    page.check('[value="阴"]')
    until(lambda: toy.count("POST", "nonce"), "the nonce was asked for")
    shots = [picture(1), picture(2)]
    photograph(page, *shots)
    expect(page.locator("[data-outbox-count]")).to_have_text("照片 2 张")
    expect(page.locator("form [data-outbox-row] .kept:visible")).to_have_text(["已保存在手机"] * 2)
    expect(page.locator("form [data-outbox-row] .bar:visible")).to_have_count(0)
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    body = toy.only.body
    assert (body["project_id"], body["place"], body["weather"], body["progress"]) == (
        "project-7",
        "5栋地下室",
        "阴",
        "电缆沟盖板铺了一半",
    )
    assert body["nonce"] == "signed-not-before"
    assert body["device_at"].endswith("+08:00")
    assert [photo["announced_sha256"] for photo in body["photos"]] == [hashlib.sha256(shot).hexdigest() for shot in shots]
    assert {photo["source"] for photo in body["photos"]} == {"gallery"}


def test_text_goes_first_and_small_pictures_before_big_ones(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    toy.on("PUT", "/visits/[^/]+$", 503)
    photograph(page, picture(1, 1500, 1200), picture(2, 100, 80), picture(3, 600, 500))
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    written = [path.rsplit("/", 1)[1] for method, path, status in toy.seen if method == "PUT" and status == 201]
    big, small, middle = (photo["id"] for photo in toy.only.body["photos"])
    assert written == [next(iter(toy.visits)), small, middle, big]


def test_after_success_nothing_is_left_to_send(phone: BrowserContext, toy: Toy) -> None:
    """Enketo #1072: "unsaved" after a successful send."""
    page = open_form(phone, toy)
    page.fill("#progress", "完成")
    photograph(page, picture(1))
    submit(page)
    page.wait_for_selector("li.from-server")
    assert page.inner_text("[data-outbox-status]") == "已送达，可以放心。"
    assert page.input_value("#progress") == ""
    expect(page.locator("form [data-outbox-row]")).to_have_count(0)
    page.reload()
    page.wait_for_selector("[data-outbox-ready]")
    assert page.input_value("#progress") == ""
    assert rows(page, "outbox") == rows(page, "drafts") == []
    assert [receipt["photos"][0]["state"] for receipt in rows(page, "receipts")] == ["delivered"]
    blobs = "new Promise(r => indexedDB.open('gongzhi-outbox').onsuccess = e => e.target.result.transaction('blobs')"
    assert page.evaluate(blobs + ".objectStore('blobs').count().onsuccess = c => r(c.target.result))") == 0


def test_what_is_typed_survives_closing_the_page(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    page.fill("#progress", "写到一半")
    page.select_option("#place", "充电棚")
    page.check('[value="晴"]')
    photograph(page, picture(5))
    page.close()
    page = open_form(phone, toy)
    assert page.input_value("#progress") == "写到一半"
    assert page.input_value("#place") == "充电棚"
    assert page.is_checked('[value="晴"]')
    assert page.inner_text("[data-outbox-status]") == "上次没写完的已找回。"
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    assert len(toy.only.photos) == 1


def test_a_photo_in_a_draft_that_was_found_again_is_sent_with_it(phone: BrowserContext, toy: Toy) -> None:
    """express #356: a photo lost in a recovered draft. Found twice, with a picture taken in between."""
    page = open_form(phone, toy)
    page.fill("#progress", "一半")
    photograph(page, picture(1))
    page.close()
    page = open_form(phone, toy)
    expect(page.locator("form [data-outbox-row] img[src^=blob]")).to_have_count(1)
    photograph(page, picture(2), saved=2)
    page.close()
    page = open_form(phone, toy)
    expect(page.locator("form [data-outbox-row]")).to_have_count(2)
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    announced = [photo["announced_sha256"] for photo in toy.only.body["photos"]]
    assert announced == [hashlib.sha256(picture(n)).hexdigest() for n in (1, 2)]
    assert len(toy.only.photos) == 2


def test_what_happened_before_the_script_had_loaded_is_kept_too(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    page.fill("#progress", "昨天写的")
    wait_for(page, lambda: rows(page, "drafts"), "kept")
    page.close()
    page = phone.new_page()
    held: list[Route] = []
    page.route("**/start.js", lambda route: held.append(route))
    page.goto(f"{toy.address}/visit", wait_until="commit")
    page.fill("#progress", "网慢时写的")
    page.set_input_files(GALLERY, {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": picture(1)})
    wait_for(page, lambda: held, "the script is on its way")
    held[0].continue_()
    wait_for(page, lambda: rows(page, "drafts")[0]["photos"], "kept")
    assert page.input_value("#progress") == "昨天写的\n网慢时写的"
    submit(page)
    until(lambda: toy.visits and len(toy.only.photos) == 1, "delivered")


def test_other_pages_load_next_to_nothing(phone: BrowserContext, toy: Toy) -> None:
    page = phone.new_page()
    page.goto(f"{toy.address}/other")
    page.wait_for_load_state("networkidle")
    assert toy.count("GET", "/outbox/start.js") == 1
    assert toy.count("GET", "/outbox/main.js") == 0


def test_looking_at_the_form_leaves_no_draft(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    page.fill("#progress", "算了")
    page.fill("#progress", "")
    wait_for(page, lambda: all(draft["blank"] for draft in rows(page, "drafts")), "nothing kept")
    page.reload()
    page.wait_for_selector("[data-outbox-ready]")
    assert page.inner_text("[data-outbox-status]") == ""


def test_the_same_picture_twice_is_two_pictures(phone: BrowserContext, toy: Toy) -> None:
    """ODK central #299."""
    page = open_form(phone, toy)
    shot = picture(7)
    photograph(page, shot, shot)
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    first, second = toy.only.body["photos"]
    assert first["announced_sha256"] == second["announced_sha256"]
    assert first["id"] != second["id"]
    assert len(toy.only.photos) == 2


def test_a_double_tap_on_submit_sends_once(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    page.fill("#progress", "一次")
    page.evaluate("for (let n = 0; n < 5; n += 1) document.querySelector('form').requestSubmit()")
    until(lambda: toy.visits, "delivered")
    wait_for(page, lambda: not rows(page, "outbox"), "queue empty")
    assert len(toy.visits) == 1


def test_what_is_typed_while_the_last_one_is_being_stored_stays(phone: BrowserContext, toy: Toy) -> None:
    phone.add_init_script("""
        const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (row) {
            if (row.body) setTimeout(() => {
                document.querySelector('#problems').value = '手快';
                document.querySelector('#problems').dispatchEvent(new Event('input', {bubbles: true})); }, 0);
            return put.call(this, row); };
        const add = EventTarget.prototype.addEventListener;
        Object.defineProperty(IDBTransaction.prototype, 'oncomplete', { set(then) {
            add.call(this, 'complete', event => setTimeout(() => then(event), 200)); } });""")
    page = open_form(phone, toy)
    page.fill("#progress", "第一篇")
    submit(page)
    until(lambda: toy.visits, "delivered")
    assert (toy.only.body["progress"], toy.only.body["problems"]) == ("第一篇", "")
    assert (page.input_value("#progress"), page.input_value("#problems")) == ("", "手快")
    wait_for(page, lambda: rows(page, "drafts"), "kept as the next draft")


def test_a_big_picture_is_made_smaller_and_upright(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    sent: list[bytes] = []
    page.on("request", lambda call: sent.append(call.post_data_buffer or b"") if "/photos/" in call.url else None)
    photograph(page, picture(3, 3200, 2400, orientation=6))
    submit(page)
    wait_for(page, lambda: sent and toy.only.complete, "delivered")
    with Image.open(io.BytesIO(sent[0])) as image:
        assert image.size == (1200, 1600)
        assert image.getexif().get(0x0112, 1) == 1


def test_all_eight_orientations_come_out_upright(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    make = """async (coded) => {
        const { shrink } = await import('/static/js/outbox/pictures.js');
        const { exifOf, typeOf } = await import('/static/js/outbox/exif.js');
        const bytes = Uint8Array.from(atob(coded), c => c.charCodeAt(0)).buffer;
        const facts = exifOf(bytes);
        const small = await shrink(bytes, Object.assign(facts, {type: typeOf(bytes)}));
        return [facts.orientation, btoa(String.fromCharCode(...new Uint8Array(small.bytes)))]; }"""
    upright = Image.new("RGB", (1800, 1200), "white")
    upright.paste("red", (0, 0, 900, 600))
    for orientation, undo in {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }.items():  # fmt: skip
        exif = Image.Exif()
        exif[0x0112] = orientation
        out = io.BytesIO()
        upright.transpose(undo).save(out, "JPEG", exif=exif, quality=95)
        read, coded = page.evaluate(make, base64.b64encode(out.getvalue()).decode())
        with Image.open(io.BytesIO(base64.b64decode(coded))) as image:
            corners = [image.getpixel(at) for at in ((100, 100), (1500, 100), (100, 960), (1500, 960))]
            assert (read, image.size) == (orientation, (1600, 1067))
        assert [corner[1] < 100 for corner in corners] == [True, False, False, False], orientation  # type: ignore[index]


def test_camera_facts_are_read_before_the_picture_is_made_smaller(new_phone: Callable[..., BrowserContext], toy: Toy) -> None:
    phone = new_phone(permissions=["geolocation"], geolocation={"latitude": 28.2, "longitude": 112.9, "accuracy": 12})
    page = open_form(phone, toy)
    page.check("[data-outbox-position]")
    gps = {1: "N", 2: (28.0, 12.0, 30.0), 3: "E", 4: (112.0, 56.0, 6.0), 0x1F: 8.5}
    photograph(page, picture(1, 2400, 1800, taken="2026:11:23 15:04:05", offset="+08:00", gps=gps), source=CAMERA)
    photograph(page, picture(2, 2400, 1800, taken="2026:11:23 15:05:00"), source=CAMERA, saved=2)
    wait_for(page, lambda: rows(page, "drafts")[0]["photos"][1]["lat"], "position of the phone")
    photograph(page, picture(3), source=GALLERY, saved=3)
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    own, phones, chosen = toy.only.body["photos"]
    assert (own["exif_at"], own["lat"], own["lon"], own["accuracy"]) == ("2026-11-23T15:04:05+08:00", 28.208333, 112.935, 8.5)
    assert (phones["exif_at"], phones["lat"], phones["accuracy"]) == ("2026-11-23T15:05:00+08:00", 28.2, 12)
    assert (chosen["exif_at"], chosen["lat"], chosen["source"]) == (None, None, "gallery")


def test_no_position_leaves_the_phone_without_consent(new_phone: Callable[..., BrowserContext], toy: Toy) -> None:
    phone = new_phone(permissions=["geolocation"], geolocation={"latitude": 28.2, "longitude": 112.9})
    page = open_form(phone, toy)
    photograph(page, picture(1, gps={1: "N", 2: (28.0, 12.0, 30.0), 3: "E", 4: (112.0, 56.0, 6.0)}), source=CAMERA)
    submit(page)
    until(lambda: toy.visits, "delivered")
    assert (toy.only.body["photos"][0]["lat"], toy.only.body["photos"][0]["lon"]) == (None, None)


def test_nonsense_in_a_header_is_no_fact(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    read = "numbers => import('/static/js/outbox/exif.js').then(m => m.exifOf(new Uint8Array(numbers).buffer))"
    whole = picture(1, taken="2026:11:23 15:04:05", gps={1: "N", 2: (28.0, 12.0, 30.0), 3: "E", 4: (112.0, 56.0, 6.0)})[:400]
    assert page.evaluate(read, list(whole))["lat"] == 28.208333, "the control: whole, it has facts"
    nothing = {"orientation": 1, "exif_at": None, "lat": None, "lon": None, "accuracy": None}
    for damaged in (b"", b"\xff\xd8\xff", whole[:40], whole.replace(b"MM\0*\0\0\0\x08", b"MM\0*\xff\xff\xff\xff"), whole[:150]):
        assert page.evaluate(read, list(damaged)) == nothing
    unset = picture(1, taken="0000:00:00 00:00:00", gps={1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)})[:400]
    assert page.evaluate(read, list(unset)) == nothing


def test_a_picture_the_phone_cannot_open_is_said_and_can_be_retaken(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    photograph(page, picture(1)[:400], source=CAMERA)
    page.wait_for_selector("text=照片打不开，请重拍。")
    with page.expect_file_chooser() as chooser:
        page.click('[data-outbox-act="retake"]')
    chooser.value.set_files({"name": "2.jpg", "mimeType": "image/jpeg", "buffer": picture(2)})
    expect(page.locator("form .fix:visible")).to_have_count(0)
    expect(page.locator("form [data-outbox-row]")).to_have_count(1)
    page.set_input_files(GALLERY, {"name": "3.jpg", "mimeType": "image/jpeg", "buffer": b""})
    page.wait_for_selector("text=照片是空的")


def test_what_this_phone_cannot_decode_goes_as_it_is(phone: BrowserContext, toy: Toy) -> None:
    page = open_form(phone, toy)
    heic = b"\x00\x00\x00\x18ftypheic" + b"not really" * 50
    photograph(page, heic, name="IMG.heic")
    expect(page.locator("form .fix:visible")).to_have_count(0)
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    assert list(toy.only.photos.values()) == [hashlib.sha256(heic).hexdigest()]


def test_it_works_inside_wechat_without_a_service_worker(new_phone: Callable[..., BrowserContext], toy: Toy) -> None:
    """No service worker. And without Web Locks and createImageBitmap, as on its older kernels."""
    phone = new_phone(user_agent=MICRO_MESSENGER)
    phone.add_init_script(
        "delete Navigator.prototype.locks; delete window.createImageBitmap; delete Navigator.prototype.serviceWorker;"
    )
    page = open_form(phone, toy)
    page.wait_for_selector("text=请在 Safari 打开")
    page.fill("#progress", "微信里写的")
    photograph(page, picture(1, 2000, 1500), picture(2, 2000, 1500, orientation=6))
    submit(page)
    until(lambda: toy.visits and toy.only.complete, "delivered")
    page.wait_for_selector("li.from-server")
    assert toy.only.body["progress"] == "微信里写的"


def test_without_script_the_same_form_posts(new_phone: Callable[..., BrowserContext], toy: Toy) -> None:
    page = new_phone(java_script_enabled=False).new_page()
    page.goto(f"{toy.address}/visit")
    page.fill("#progress", "plain words")
    page.set_input_files(CAMERA, {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": picture(1)})
    page.click("button.go")
    assert len(toy.plain) == 1
    assert b"plain words" in toy.plain[0]
    assert picture(1) in toy.plain[0]


def test_where_the_phone_refuses_storage_the_form_stays_plain(phone: BrowserContext, toy: Toy) -> None:
    phone.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };")
    page = open_form(phone, toy, kept="plain")
    page.fill("#progress", "still here")
    page.set_input_files(GALLERY, {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": picture(1)})
    page.click("button.go")
    page.wait_for_url("**/visit")
    until(lambda: toy.plain, "posted")
    assert b"still here" in toy.plain[0]
    assert picture(1) in toy.plain[0]


def test_old_kernels_can_parse_every_module() -> None:
    """Chrome 67 and Safari 13 stop at the first unknown token, and the whole outbox would be gone."""
    newer = re.compile(
        r"\?\.[a-z(\[]|\?\?|\|\|=|&&=|catch \{|replaceAll|\.at\(|\.flat|fromEntries|allSettled"
        r"|globalThis|structuredClone|replaceChildren|toggleAttribute|randomUUID\(|\.arrayBuffer\("
    )
    files = [*STATIC.glob("js/outbox/*.js"), STATIC / "js/sw.js"]
    assert len(files) > 10
    found = [(file.name, line) for file in files for line in file.read_text().splitlines() if newer.search(line)]
    assert found == []
