"""What a resident sees of a receipt: the copy that the treasurer has painted over, looked at and released, and nothing else."""

import json
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.photos.models import Photo
from app.publiclog.models import LogEntry
from app.treasury.covering import waiting_files
from app.treasury.voucher_models import CopyChanged, DraftVoucher
from app.treasury.voucher_schemas import ReleaseAllWish
from app.treasury.vouchers import release_all
from tests.cast import House, One, actor_of
from tests.making import fresh
from tests.photos.papers import pdf
from tests.photos.snapshots import exif, written
from tests.treasury.bookkeeping import (
    approved,
    covered,
    next_copy,
    opened,
    photograph,
    picture,
    posted,
    released,
    submitted,
    typed,
    wish,
)

STRIP = {"left": 10, "top": 20, "width": 60, "height": 30}
CORNER = {"left": 0, "top": 90, "width": 100, "height": 10}


def logged(house: House) -> list[dict[str, Any]]:
    with house.session() as session:
        return [json.loads(line.entry) for line in session.exec(select(LogEntry).order_by(LogEntry.index))]  # type: ignore[arg-type]


def of_voucher(house: House, voucher: str) -> list[dict[str, Any]]:
    return [line for line in logged(house) if line["record_id"] == voucher]


def voucher_of(house: House, entry: str) -> str:
    return str(house.nobody.api.get(f"/entries/{entry}").json["papers"][0]["id"])


def dark_under(content: bytes, box: dict[str, float]) -> bool:
    """Whether everything under a box is black, apart from the pixels that JPEG mixes at its edge."""
    with Image.open(BytesIO(content)) as opened_:
        whole = opened_.convert("L")
    left, top = int(whole.width * box["left"] / 100) + 4, int(whole.height * box["top"] / 100) + 4
    right = int(whole.width * (box["left"] + box["width"]) / 100) - 4
    bottom = int(whole.height * (box["top"] + box["height"]) / 100) - 4
    return max(whole.crop((left, top, right, bottom)).tobytes()) < 24


def photos_of(house: House, voucher: str) -> list[Photo]:
    """The voucher's own and its copies, the oldest first."""
    with house.session() as session:
        own = session.get_one(Photo, (house.compound.id, UUID(voucher)))
        copies = session.exec(select(Photo).where(Photo.redacts_id == own.id).order_by(Photo.received_at)).all()  # type: ignore[arg-type]
    return [own, *copies]


def test_a_voucher_is_public_once_the_treasurer_has_looked_at_it(house: House) -> None:
    opened(house)
    draft = submitted(house)
    voucher = draft["vouchers"][0]
    assert released(house, voucher).json["code"] == "NotReleased"
    entry = approved(house, house.chen, draft).json["entry_id"]
    seen = next_copy(house, voucher)
    assert house.zhang.api.post(f"/vouchers/{voucher}/release", json=seen | {"clean": False}).status == 422
    assert house.chen.api.post(f"/vouchers/{voucher}/release", json=seen).status == 403
    assert house.nobody.get(f"/money/vouchers/{voucher}/960").status == 404
    for _ in range(2):
        assert released(house, voucher).status == 200
    (line,) = of_voucher(house, voucher)
    shown = house.nobody.get(f"/money/vouchers/{voucher}/960").response.content
    assert line["type"] == "voucher.released"
    assert line["attachments"] == [{"sha256": sha256(shown).hexdigest(), "size": len(shown), "type": "image/jpeg"}]
    assert line["attachments"][0]["sha256"] == seen["seen_sha256"]
    read = house.nobody.api.get(f"/entries/{entry}").json
    assert (read["vouchers"], read["released"]) == (1, 1)
    assert read["papers"][0]["public_sha256"] == seen["seen_sha256"]
    assert "票据 1 张" in house.nobody.get("/money").words


def test_a_mistake_in_the_form_draws_it_again_beside_what_would_be_public(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    voucher = voucher_of(house, posted(house))
    page = house.zhang.get(f"/money/vouchers/{voucher}/release").page
    seen = page.find("input", {"name": "seen_sha256"})["value"]
    shown = page.find("img", {"class": "whole"})["src"].removeprefix("/c/fengshu")
    assert sha256(house.zhang.get(shown).response.content).hexdigest() == seen, "the preview is the very file"
    unticked = house.zhang.post(f"/money/vouchers/{voucher}/release", {"seen_sha256": seen})
    assert unticked.status == 422
    assert "这里还没有填" in unticked.words
    assert unticked.page.find("img", {"class": "whole"})
    assert of_voucher(house, voucher) == []
    assert house.zhang.post(f"/money/vouchers/{voucher}/release", {"seen_sha256": seen, "clean": "true"}).status == 303
    assert len(of_voucher(house, voucher)) == 1


def test_what_was_seen_is_what_is_released(house: House) -> None:
    """A copy made in another window meanwhile: the tick was about other bytes."""
    opened(house)
    voucher = voucher_of(house, posted(house))
    seen = next_copy(house, voucher)
    assert covered(house, voucher, STRIP).status == 201
    assert house.zhang.api.post(f"/vouchers/{voucher}/release", json=seen).json["code"] == "CopyChanged"
    assert house.zhang.post(f"/money/vouchers/{voucher}/release", seen | {"clean": "true"}).status == 409
    assert of_voucher(house, voucher) == []


def test_nothing_under_a_box_is_in_any_public_file_and_no_door_gives_the_rest(house: House) -> None:
    opened(house)
    draft, voucher = str(fresh()), str(fresh())
    house.zhang.api.put(f"/drafts/{draft}", wish())
    photo = written(Image.new("RGB", (2400, 1800), (250, 240, 220)), exif=exif(1, make="Phone", gps=(28.2, 112.9)))
    sent = {"content": photo, "headers": {"content-type": "image/jpeg"}}
    assert house.zhang.api.ask("PUT", f"/drafts/{draft}/vouchers/{voucher}", **sent).status == 201
    signed = house.zhang.api.post(f"/drafts/{draft}/submit").json
    entry = approved(house, house.chen, signed).json["entry_id"]
    answer = covered(house, voucher, STRIP, CORNER)
    assert answer.json["boxes"] == [{k: float(v) for k, v in box.items()} for box in (STRIP, CORNER)]
    released(house, voucher)
    copy = answer.json["id"]
    for size in ("960", "320"):
        for path in (f"/money/vouchers/{copy}/{size}", f"//api/v1/c/fengshu/voucher-pictures/{copy}/{size}"):
            shown = house.nobody.get(path)
            assert shown.status == 200, path
            assert b"Exif" not in shown.response.content
            for box in (STRIP, CORNER):
                assert dark_under(shown.response.content, box), (size, box)
            assert not dark_under(shown.response.content, {"left": 75, "top": 20, "width": 25, "height": 60})
    own, made = photos_of(house, voucher)
    secret = {own.original_key, own.k1600, own.k960, own.k320, made.k1600}
    for one in (house.nobody, house.wang, house.zhao, house.zhao_here):
        given = {path: one.get(f"/{path}") for path in every_public_address(house, entry, voucher, copy)}
        shown = {path: sha256(answer.response.content).hexdigest() for path, answer in given.items()}
        assert not secret & set(shown.values())
        assert {shown[path] for path, answer in given.items() if answer.status == 200} == {made.k960, made.k320}
    for one in (house.chen, house.liu, house.zhang):
        assert sha256(one.get(f"/money/vouchers/{voucher}/original").response.content).hexdigest() == own.sha256, (
            "it stays for officers"
        )
        assert sha256(one.get(f"/money/vouchers/{voucher}/960").response.content).hexdigest() == own.k960


def every_public_address(house: House, entry: str, voucher: str, copy: str) -> list[str]:
    """The picture doors with both ids in every size, and every picture that a page of the entry names."""
    doors = ("/c/fengshu/money/vouchers", "/c/gonghang/money/vouchers", "/api/v1/c/fengshu/voucher-pictures")
    named = [f"{door}/{id}/{size}" for door in doors for id in (voucher, copy) for size in ("320", "960", "1600", "original")]
    for path in ("/money", "/money/entries", f"/money/entries/{entry}"):
        page = house.nobody.get(path).page
        found = [str(tag["src"]) for tag in page.find_all("img")] + [str(tag["href"]) for tag in page.find_all("a", href=True)]
        named += [address for address in found if "vouchers" in address]
    assert any(copy in address for address in named[24:]), "the page shows the copy"
    return named


def test_a_photo_that_is_no_voucher_has_no_door_here(house: House) -> None:
    opened(house)
    stray = house.zhang.post("/money/book", typed(id=str(fresh()), amount="很多"), files=[("photos", ("1.jpg", picture(3)))])
    kept = stray.page.find("input", {"name": "kept"})["value"]
    assert house.zhang.get(f"/money/vouchers/{kept}/960").status == 404


def test_a_copy_after_the_release_supersedes_visibly_and_the_old_one_is_nobodys_any_more(house: House) -> None:
    opened(house)
    entry = posted(house)
    voucher = voucher_of(house, entry)
    released(house, voucher)
    before = house.nobody.get(f"/money/vouchers/{voucher}/960")
    copy = covered(house, voucher, STRIP).json["id"]
    assert house.nobody.get(f"/money/vouchers/{voucher}/960").response.content == before.response.content, "until it is released"
    assert house.nobody.get(f"/money/vouchers/{copy}/960").status == 404
    page = house.zhang.get(f"/money/vouchers/{voucher}/release").words
    assert "这一份会换下现在公开的" in page
    read = released(house, voucher).json
    assert (read["public_id"], read["public_version"]) == (copy, 2)
    assert house.nobody.get(f"/money/vouchers/{voucher}/960").status == 404
    assert house.nobody.get(f"/money/vouchers/{copy}/960").status == 200
    assert house.chen.get(f"/money/vouchers/{voucher}/960").response.content == before.response.content, (
        "the version before stays for officers"
    )
    lines = logged(house)
    old, new = of_voucher(house, voucher)
    assert (old["type"], new["type"], new["record_version"]) == ("voucher.released", "voucher.redacted", 2)
    assert lines[new["supersedes"]] == old
    words = house.nobody.get(f"/money/entries/{entry}").words
    assert "公开件换过，现在是第 2 版" in words
    assert f"第 {new['supersedes']} 条" in words
    assert "换了票据的公开件" in house.nobody.get(f"/proofs/{len(lines) - 1}").words


def test_the_database_holds_a_release_and_its_copy_together(house: House) -> None:
    opened(house)
    voucher = voucher_of(house, posted(house))
    with pytest.raises(IntegrityError), house.session() as session:
        session.get_one(DraftVoucher, (house.compound.id, UUID(voucher))).public_id = UUID(voucher)


def test_a_copy_is_made_once_however_often_it_is_asked_for(house: House) -> None:
    opened(house)
    voucher = voucher_of(house, posted(house))
    id = fresh()
    assert [covered(house, voucher, STRIP, id=id).status for _ in range(2)] == [201, 200]
    assert covered(house, voucher, CORNER, id=id).json["code"] == "PhotoDiffers"
    assert covered(house, voucher, CORNER).status == 201
    assert covered(house, voucher, STRIP, id=id).status == 200, "a late repetition"
    detail = house.zhang.api.get(f"/vouchers/{voucher}").json
    assert len(detail["copies"]) == 2
    assert detail["next_id"] == detail["copies"][1]["id"], "does not bring the older copy back"


@pytest.mark.parametrize(
    "boxes",
    [
        [],
        [{"left": 0, "top": 0, "width": 0, "height": 5}],
        [{"left": 100, "top": 0, "width": 5, "height": 5}],
        [{"left": -1, "top": 0, "width": 5, "height": 5}],
        [{"left": 0, "top": 0, "width": 101, "height": 5}],
        [{"left": 0, "top": 0, "width": 5}],
        [{"left": "NaN", "top": 0, "width": 5, "height": 5}],
        [{"left": 1e300, "top": 0, "width": 5, "height": 5}],
        [STRIP] * 41,
    ],
)
def test_boxes_that_cover_nothing_are_malformed(house_sqlite: House, boxes: list[dict[str, Any]]) -> None:
    house = opened(house_sqlite)
    voucher = submitted(house)["vouchers"][0]
    assert covered(house, voucher, *boxes).status == 422


def test_without_script_boxes_are_written_as_numbers_and_a_slip_loses_none(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    voucher = submitted(house)["vouchers"][0]
    page = house.zhang.get(f"/money/vouchers/{voucher}/redact").page
    id = page.find("input", {"name": "id"})["value"]
    assert len(page.find("details").find_all("fieldset")) == 3
    rows = {"left": ["１０", "0", ""], "top": ["20", "90", ""], "width": ["60", "", ""], "height": ["30.5", "10", ""]}
    wrong = house.zhang.post(f"/money/vouchers/{voucher}/redact", {"id": id, **rows})
    assert wrong.status == 422
    assert "第 2 个框" in wrong.words
    assert [field["value"] for field in wrong.page.find("details").find_all("input", {"name": "height"})][:2] == ["30.5", "10"]
    assert house.zhang.post(f"/money/vouchers/{voucher}/redact", {"id": id}).status == 422
    rows["width"][1] = "100"
    for _ in range(2):
        assert house.zhang.post(f"/money/vouchers/{voucher}/redact", {"id": id, **rows}).status == 303
    (copy,) = house.zhang.api.get(f"/vouchers/{voucher}").json["copies"]
    assert (copy["id"], copy["boxes"]) == (id, [STRIP | {"height": 30.5}, {k: float(v) for k, v in CORNER.items()}])
    again = house.zhang.get(f"/money/vouchers/{voucher}/redact").page.find("details")
    assert [field["value"] for field in again.find_all("input", {"name": "width"})] == ["60", "100", "", "", ""]


def test_only_the_treasurer_paints_over_and_before_any_picture_is_opened(house: House) -> None:
    opened(house)
    voucher = submitted(house)["vouchers"][0]
    for one, status in ((house.wang, 403), (house.chen, 403), (house.liu, 403), (house.nobody, 401), (house.zhao, 403)):
        assert one.api.put(f"/vouchers/{voucher}/copies/{fresh()}", {"boxes": [STRIP]}).status == status
    assert house.zhang.api.put(f"/vouchers/{fresh()}/copies/{fresh()}", {"boxes": [STRIP]}).status == 404
    assert len(photos_of(house, voucher)) == 1


def test_a_copy_is_no_voucher(house: House) -> None:
    """Drawn into another draft by its id, it would be a second receipt for the same money."""
    opened(house)
    voucher = voucher_of(house, posted(house))
    copy = covered(house, voucher, STRIP).json["id"]
    answer = house.zhang.post("/money/book", typed(id=str(fresh()), act="save", kept=copy))
    assert answer.status == 409
    assert "已经用在别的账上" in answer.words


# papers with pages


def sent_pdf(one: One, draft: str, content: bytes, id: UUID | None = None) -> Any:
    return one.api.ask(
        "PUT", f"/drafts/{draft}/vouchers/{id or fresh()}", content=content, headers={"content-type": "application/pdf"}
    )


def test_each_page_of_a_pdf_is_a_voucher_with_the_same_private_original(house: House) -> None:
    opened(house)
    draft, id, content = str(fresh()), fresh(), pdf(3, busy=True)
    house.zhang.api.put(f"/drafts/{draft}", wish())
    assert [sent_pdf(house.zhang, draft, content, id).status for _ in range(2)] == [201, 200]
    assert sent_pdf(house.zhang, draft, pdf(2), id).json["code"] == "PhotoDiffers"
    vouchers = house.zhang.api.get(f"/drafts/{draft}").json["vouchers"]
    assert (len(vouchers), vouchers[0]) == (3, str(id))
    assert [house.zhang.api.get(f"/vouchers/{v}").json["page"] for v in vouchers] == [1, 2, 3]
    for voucher in vouchers:
        original = house.chen.get(f"/money/vouchers/{voucher}/original")
        assert original.response.content == content
        assert original.headers["content-type"] == "application/pdf"
        assert original.headers["content-disposition"].startswith("attachment")
    signed = house.zhang.api.post(f"/drafts/{draft}/submit").json
    assert approved(house, house.chen, signed).status == 200
    covered(house, vouchers[1], CORNER)
    assert released(house, vouchers[1]).status == 200
    shown = house.zhang.api.get(f"/vouchers/{vouchers[1]}").json["public_id"]
    assert dark_under(house.nobody.get(f"/money/vouchers/{shown}/960").response.content, CORNER)
    assert house.nobody.get(f"/money/vouchers/{shown}/original").status == 403
    assert house.nobody.get(f"/money/vouchers/{vouchers[0]}/960").status == 404, "each page is released by itself"


def test_a_pdf_comes_with_the_form_too_and_a_broken_one_is_said_beside_it(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    id = str(fresh())
    files = [("photos", ("发票.pdf", pdf(2), "application/pdf")), ("photos", ("1.jpg", picture(1), "image/jpeg"))]
    assert house.zhang.post("/money/book", typed(id=id, act="submit"), files=files).status == 303
    assert len(house.zhang.api.get(f"/drafts/{id}").json["vouchers"]) == 3
    for content, says in ((pdf(locked=True), "PDF 有密码"), (pdf()[:99], "PDF 文件坏了"), (pdf(21), "PDF 超过 20 页")):
        answer = house.zhang.post("/money/book", typed(id=str(fresh())), files=[("photos", ("x.pdf", content))])
        assert answer.status == 422
        assert says in answer.words


def test_pages_beyond_what_an_entry_may_have_are_refused_whole(house: House) -> None:
    opened(house)
    draft = str(fresh())
    house.zhang.api.put(f"/drafts/{draft}", wish())
    for n in (1, 2):
        assert sent_pdf(house.zhang, draft, pdf(20, size=(100, 100 + n))).status == 201
    assert photograph(house.zhang, draft).json["code"] == "TooManyVouchers"
    assert len(house.zhang.api.get(f"/drafts/{draft}").json["vouchers"]) == 40


# what a paper is


def test_a_voucher_is_named_numbered_and_put_in_its_place(house: House) -> None:
    opened(house)
    draft = submitted(house, shade=1)
    photograph(house.zhang, draft["id"], 2)
    first, second = house.zhang.api.get(f"/drafts/{draft['id']}").json["vouchers"]
    before = house.zhang.api.post(f"/drafts/{draft['id']}/submit").json
    body = {"paper": "invoice", "invoice_number": "2443 2000 0000 1234 5678", "position": 1}
    assert house.zhang.api.ask("PATCH", f"/vouchers/{second}", json=body).json["paper"] == "invoice"
    after = house.zhang.api.get(f"/drafts/{draft['id']}").json
    assert after["vouchers"] == [second, first]
    assert house.zhang.api.get(f"/vouchers/{second}").json["invoice_number"] == "24432000000012345678"
    assert after["state"] == "draft"
    assert approved(house, house.chen, before).json["code"] == "NotThisState", "what was seen is void"
    house.zhang.api.ask("PATCH", f"/vouchers/{second}", json=body)
    assert house.zhang.api.get(f"/drafts/{draft['id']}").json["version"] == after["version"], (
        "the same words again change nothing"
    )
    page = house.chen.get(f"/money/drafts/{draft['id']}").words
    assert "发票" in page
    assert "发票号 24432000000012345678" in page


def test_the_form_of_a_paper_says_what_is_wrong_and_keeps_what_was_typed(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    draft = submitted(house)
    path = f"/money/vouchers/{draft['vouchers'][0]}/paper"
    assert "第 1 张" in house.zhang.get(path).words
    wrong = house.zhang.post(path, {"paper": "receipt", "invoice_number": "没有号", "position": "1"})
    assert wrong.status == 422
    assert "发票号是 4 到 30 个数字或字母。" in wrong.words
    assert wrong.page.find("input", {"name": "invoice_number"})["value"] == "没有号"
    assert "记下了。" in house.zhang.follow(house.zhang.post(path, {"paper": "receipt", "position": "1"})).words
    assert house.chen.get(path).status == 403


def test_a_posted_voucher_is_neither_described_nor_removed(house: House) -> None:
    opened(house)
    draft = submitted(house)
    voucher = draft["vouchers"][0]
    approved(house, house.chen, draft)
    assert house.zhang.api.ask("PATCH", f"/vouchers/{voucher}", json={"paper": "invoice"}).json["code"] == "NotThisState"
    etag = house.zhang.api.get(f"/drafts/{draft['id']}").headers["etag"]
    removal = wish(remove=[voucher])
    answer = house.zhang.api.ask("PATCH", f"/drafts/{draft['id']}", json=removal, headers={"if-match": etag})
    assert answer.json["code"] == "NotThisState"


def test_a_removed_voucher_leaves_the_others_in_their_order(house: House) -> None:
    opened(house)
    draft = submitted(house, shade=1)
    for shade in (2, 3):
        photograph(house.zhang, draft["id"], shade)
    one, two, three = house.zhang.api.get(f"/drafts/{draft['id']}").json["vouchers"]
    etag = house.zhang.api.get(f"/drafts/{draft['id']}").headers["etag"]
    covered(house, two, STRIP)
    answer = house.zhang.api.ask("PATCH", f"/drafts/{draft['id']}", json=wish(remove=[two]), headers={"if-match": etag})
    assert answer.json["vouchers"] == [one, three]
    assert house.nobody.get(f"/money/vouchers/{two}/960").status == 404


def test_an_invoice_number_seen_before_is_named_to_the_approver(house: House) -> None:
    opened(house)
    number = "24432000000012345678"
    for shade, purpose in ((1, "5栋下水道疏通"), (2, "同一张发票再报一次")):
        draft = submitted(house, shade=shade, purpose=purpose)
        house.zhang.api.ask("PATCH", f"/vouchers/{draft['vouchers'][0]}", json={"invoice_number": f" {number[:8]} {number[8:]}"})
        house.zhang.api.post(f"/drafts/{draft['id']}/submit")
        words = house.chen.get(f"/money/drafts/{draft['id']}").words
        if shade == 1:
            assert "通过：发票号没有用过" in words
    assert f"请看：发票号 {number} 用过，在“5栋下水道疏通”" in words
    assert "请看：同一张票据别处用过" not in words, "the photos are different ones"


# all pages of an entry at once


def with_pages(house: House, count: int = 3) -> tuple[str, list[dict[str, Any]]]:
    """A posted entry with some pages that wait, and what the treasurer knows of each."""
    opened(house)
    draft = submitted(house, shade=1)
    for page in range(1, count):
        photograph(house.zhang, draft["id"], 60 * page)
    ready = house.zhang.api.post(f"/drafts/{draft['id']}/submit").json
    entry = approved(house, house.chen, ready).json["entry_id"]
    return entry, [house.zhang.api.get(f"/vouchers/{voucher}").json for voucher in ready["vouchers"]]


def test_all_pages_are_released_by_one_button_after_each_was_looked_at(house: House) -> None:
    entry, papers = with_pages(house)
    path = f"/money/entries/{entry}/release"
    assert house.zhang.get(f"/money/entries/{entry}").page.select(f'a[href$="{path}"]')
    page = house.zhang.get(path).page
    boxes = [box["value"] for box in page.select('input[name="seen_sha256"]')]
    shown = [picture["src"].removeprefix("/c/fengshu") for picture in page.select("img.whole")]
    assert [sha256(house.zhang.get(src).response.content).hexdigest() for src in shown] == boxes, "the previews are the files"
    unticked = house.zhang.post(path, {"seen_sha256": boxes[:2], "clean": "true"})
    assert unticked.status == 422
    assert "还有 1 张没有打勾" in unticked.words
    assert len(unticked.page.select('input[name="seen_sha256"][checked]')) == 2
    assert house.zhang.post(path, {"seen_sha256": boxes}).status == 422, "the statement is missing"
    assert house.nobody.api.get(f"/entries/{entry}").json["released"] == 0
    for _ in range(2):
        sent = house.zhang.post(path, {"seen_sha256": boxes, "clean": "true"})
        assert "票据都公开了" in house.zhang.follow(sent).words
    assert house.nobody.api.get(f"/entries/{entry}").json["released"] == 3
    lines = [of_voucher(house, paper["id"]) for paper in papers]
    assert [[line["type"] for line in of_one] for of_one in lines] == [["voucher.released"]] * 3
    assert all(line["facts"]["clean"] is True for of_one in lines for line in of_one)
    assert "没有等着公开的票据" in house.zhang.get(path).words
    assert not house.zhang.get(f"/money/entries/{entry}").page.select(f'a[href$="{path}"]')


def test_one_page_that_changed_meanwhile_holds_back_all(house: House) -> None:
    entry, papers = with_pages(house)
    seen = {"clean": True, "seen_sha256": [paper["next_sha256"] for paper in papers]}
    assert covered(house, papers[1]["id"], STRIP).status == 201
    assert house.zhang.api.post(f"/entries/{entry}/release", json=seen).json["code"] == "CopyChanged"
    assert house.zhang.post(f"/money/entries/{entry}/release", seen | {"clean": "true"}).status == 422
    assert house.nobody.api.get(f"/entries/{entry}").json["released"] == 0
    assert all(of_voucher(house, paper["id"]) == [] for paper in papers)
    fresh_look = [house.zhang.api.get(f"/vouchers/{paper['id']}").json["next_sha256"] for paper in papers]
    answer = house.zhang.api.post(f"/entries/{entry}/release", json=seen | {"seen_sha256": fresh_look})
    assert [paper["public_sha256"] for paper in answer.json["papers"]] == fresh_look
    assert answer.json["papers"][1]["public_id"] != papers[1]["id"], "the copy, not the page"


def test_pages_that_are_public_already_are_left_alone(house_sqlite: House) -> None:
    house = house_sqlite
    entry, papers = with_pages(house)
    released(house, papers[0]["id"])
    seen = {"clean": True, "seen_sha256": [paper["next_sha256"] for paper in papers[1:]]}
    assert house.zhang.api.post(f"/entries/{entry}/release", json=seen).status == 200
    assert [len(of_voucher(house, paper["id"])) for paper in papers] == [1, 1, 1]


def test_only_the_treasurer_releases_all(house_sqlite: House) -> None:
    house = house_sqlite
    entry, papers = with_pages(house)
    seen = {"clean": True, "seen_sha256": [paper["next_sha256"] for paper in papers]}
    for one in (house.chen, house.liu, house.wang):
        assert one.api.post(f"/entries/{entry}/release", json=seen).status == 403
        assert one.get(f"/money/entries/{entry}/release").status == 403
    assert house.zhang.api.post(f"/entries/{entry}/release", json=seen | {"clean": False}).status == 422


def test_a_copy_that_came_between_the_look_and_the_lock_is_not_released(house_sqlite: House) -> None:
    house = house_sqlite
    entry, papers = with_pages(house)
    seen = ReleaseAllWish(seen_sha256=[paper["next_sha256"] for paper in papers], clean=True)
    with house.session() as session:
        shown = waiting_files(session, actor_of(house.zhang), UUID(entry), house.app.state.blobs)
    covered(house, papers[1]["id"], STRIP)
    with pytest.raises(CopyChanged), house.session() as session:
        release_all(session, actor_of(house.zhang), UUID(entry), shown, seen)
    assert house.nobody.api.get(f"/entries/{entry}").json["released"] == 0
