"""The treasurer writes, a supervisor signs what they saw, and everybody reads the line at once."""

import re
from datetime import date, timedelta

import pytest
from sqlmodel import select

from app.compounds.models import Ownership, Residency, SeatKind
from app.inbox.models import Message
from app.kit.clock import today
from app.treasury.draft_models import Approval
from app.treasury.models import JournalEntry
from tests.cast import House
from tests.making import fresh, make_key, make_login, make_seat
from tests.treasury.bookkeeping import approved, opened, photograph, picture, posted, submitted, typed, wish


def files(*contents: bytes) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("photos", (f"{n}.jpg", content, "image/jpeg")) for n, content in enumerate(contents)]


def test_an_expense_goes_from_the_form_to_the_public_page(house: House) -> None:
    opened(house)
    form = house.zhang.get("/money/book").page
    id = form.find("input", {"name": "id"})["value"]
    sent = house.zhang.post(
        "/money/book", typed(id=id, account="1002", act="submit", amount="３，２００．００"), files=files(picture(1), picture(2))
    )
    page = house.zhang.follow(sent)
    assert "等监督委员批准" in page.words
    waiting = house.chen.get("/money/drafts").words
    assert "待我批 1 笔" in waiting
    assert "−¥3,200.00" in waiting
    draft = house.chen.get(f"/money/drafts/{id}")
    assert "通过：票据 2 张" in draft.words
    assert "请看：没有写明决议" in draft.words
    seen = draft.page.find("input", {"name": "content_hash"})["value"]
    done = house.chen.follow(house.chen.post(f"/money/drafts/{id}/approve", {"content_hash": seen}))
    assert "已经入账公开" in done.words
    public = house.nobody.get("/money").words
    assert "¥6,800.00" in public
    assert "5栋下水道疏通" in public
    assert "票据待公开" in public
    entry = house.nobody.get("/money/entries").page.find("a", href=re.compile("/money/entries/."))["href"]
    line = house.nobody.get(entry.removeprefix("/c/fengshu")).words
    assert "张*" in line, "who wrote it, as a stranger may know them"
    assert "第 1 条，改了就看得出" in line
    with house.session() as session:
        told = session.exec(select(Message.title).where(Message.person_id == house.zhang.id)).all()
    assert told == ["一笔账批准入账了"]


def test_the_same_draft_sent_twice_is_one(house: House) -> None:
    opened(house)
    id = fresh()
    assert [house.zhang.api.put(f"/drafts/{id}", wish()).status for _ in range(2)] == [201, 200]
    assert house.zhang.api.put(f"/drafts/{id}", wish(purpose="别的")).json["code"] == "SameIdOtherContent"
    voucher = fresh()
    assert [photograph(house.zhang, id, 1, voucher).status for _ in range(2)] == [201, 200]
    assert photograph(house.zhang, id, 2, voucher).json["code"] == "PhotoDiffers"


def test_a_double_tap_on_the_form_makes_one_draft_with_its_vouchers_once(house: House) -> None:
    opened(house)
    id = str(fresh())
    answers = [house.zhang.post("/money/book", typed(id=id, act="submit"), files=files(picture(1))) for _ in range(2)]
    assert [a.status for a in answers] == [303, 303]
    assert len(house.zhang.api.get(f"/drafts/{id}").json["vouchers"]) == 1
    other = house.zhang.post("/money/book", typed(id=id, act="submit"), files=files(picture(1), picture(2)))
    assert other.status == 409, "a paper that came with the same form again is not dropped in silence"
    assert len(house.zhang.api.get(f"/drafts/{id}").json["vouchers"]) == 1


def test_a_picture_that_cannot_be_read_is_a_problem_beside_its_field_and_nothing_is_lost(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    id = str(fresh())
    answer = house.zhang.post("/money/book", typed(id=id, act="submit"), files=files(picture(1), b"not a picture"))
    assert answer.status == 422
    assert answer.page.find("input", {"name": "purpose"})["value"] == "5栋下水道疏通"
    assert answer.page.find("input", {"name": "amount"})["value"] == "3,200.00"
    assert "第 2 张" in answer.words
    assert "已收到 1 张，不用再拍" in answer.words
    kept = answer.page.find("input", {"name": "kept"})["value"]
    again = house.zhang.post("/money/book", typed(id=id, act="submit", kept=kept))
    assert again.status == 303
    assert house.zhang.api.get(f"/drafts/{id}").json["vouchers"] == [kept]


def test_pictures_survive_a_slip_of_the_pen(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    answer = house.zhang.post("/money/book", typed(id=str(fresh()), amount="很多"), files=files(picture(1)))
    assert answer.status == 422
    assert "金额请写成 1234.50 这样。" in answer.words
    assert "已收到 1 张" in answer.words


def test_an_expense_without_a_voucher_is_kept_as_a_draft_and_not_submitted(house: House) -> None:
    opened(house)
    id = str(fresh())
    page = house.zhang.follow(house.zhang.post("/money/book", typed(id=id, act="submit")))
    assert "已存成草稿" in page.words
    assert "先拍票据" in page.words
    assert house.zhang.api.post(f"/drafts/{id}/submit").json["code"] == "VoucherMissing"
    income = fresh()
    house.zhang.api.put(f"/drafts/{income}", wish(kind="income", category="4001"))
    assert house.zhang.api.post(f"/drafts/{income}/submit").json["state"] == "submitted"


def test_a_returned_draft_comes_back_with_its_reason_and_may_be_mended(house: House) -> None:
    opened(house)
    draft = submitted(house)
    assert house.chen.post(f"/money/drafts/{draft['id']}/return", {"reason": ""}).status == 422
    house.chen.post(f"/money/drafts/{draft['id']}/return", {"reason": "发票看不清"})
    page = house.zhang.get(f"/money/drafts/{draft['id']}").words
    assert "退回的原因" in page
    assert "发票看不清" in page
    edit = house.zhang.get(f"/money/drafts/{draft['id']}/edit").page
    version = edit.find("input", {"name": "version"})["value"]
    remove = edit.find("input", {"name": "remove"})["value"]
    sent = house.zhang.post(
        f"/money/drafts/{draft['id']}/edit",
        typed(id=draft["id"], version=version, act="submit", remove=remove),
        files=files(picture(9)),
    )
    assert "等监督委员批准" in house.zhang.follow(sent).words
    after = house.zhang.api.get(f"/drafts/{draft['id']}").json
    assert (after["state"], after["vouchers"] != draft["vouchers"], len(after["vouchers"])) == ("submitted", True, 1)


def test_an_edit_voids_what_was_seen(house: House) -> None:
    opened(house)
    draft = submitted(house)
    etag = house.zhang.api.get(f"/drafts/{draft['id']}").headers["etag"]
    edited = house.zhang.api.ask(
        "PATCH", f"/drafts/{draft['id']}", json=wish(purpose="6栋下水道疏通"), headers={"if-match": etag}
    )
    assert edited.json["state"] == "draft"
    assert approved(house, house.chen, draft).json["code"] == "NotThisState"
    again = house.zhang.api.post(f"/drafts/{draft['id']}/submit").json
    assert approved(house, house.chen, draft).json["code"] == "ContentChanged"
    back = house.zhang.api.ask("PATCH", f"/drafts/{draft['id']}", json=wish(), headers={"if-match": f'"{again["version"]}"'})
    assert back.json["purpose"] == draft["purpose"]
    house.zhang.api.post(f"/drafts/{draft['id']}/submit")
    assert approved(house, house.chen, draft).json["code"] == "ContentChanged", "the same words again are another version"
    assert approved(house, house.chen, house.zhang.api.get(f"/drafts/{draft['id']}").json).status == 200


def test_a_late_tap_hands_in_nothing_that_was_returned_meanwhile(house: House) -> None:
    opened(house)
    draft = submitted(house)
    seen = {"if-match": f'"{draft["version"]}"'}
    again = house.zhang.api.ask("POST", f"/drafts/{draft['id']}/submit", headers=seen)
    assert (again.status, again.json["state"]) == (200, "submitted"), "a second tap counts once"
    assert house.chen.api.post(f"/drafts/{draft['id']}/return", json={"reason": "单价不对"}).status == 200
    late = house.zhang.api.ask("POST", f"/drafts/{draft['id']}/submit", headers=seen)
    assert (late.status, late.json["code"]) == (412, "Stale")
    assert house.zhang.post(f"/money/drafts/{draft['id']}/submit?version={draft['version']}").status == 412
    assert house.zhang.api.get(f"/drafts/{draft['id']}").json["state"] == "returned"
    form = house.zhang.get(f"/money/drafts/{draft['id']}").page.select_one("form[action*='/submit?version=']")
    assert house.zhang.post("/money" + str(form["action"]).split("/money", 1)[1]).status == 303, "the page says what it shows"
    assert house.zhang.api.get(f"/drafts/{draft['id']}").json["state"] == "submitted"


def test_one_more_voucher_voids_what_was_seen_too(house: House) -> None:
    opened(house)
    draft = submitted(house)
    photograph(house.zhang, draft["id"], 77)
    house.zhang.api.post(f"/drafts/{draft['id']}/submit")
    assert approved(house, house.chen, draft).json["code"] == "ContentChanged"


def test_a_change_says_which_version_it_changes(house: House) -> None:
    opened(house)
    draft = submitted(house)
    path = f"/drafts/{draft['id']}"
    assert house.zhang.api.ask("PATCH", path, json=wish()).status == 428
    for stale in ('"0"', '"99"', "rubbish", '"９"'):
        assert house.zhang.api.ask("PATCH", path, json=wish(), headers={"if-match": stale.encode()}).status == 412
    form = typed(id=draft["id"], version="99", purpose="我写的")
    answer = house.zhang.post(f"/money{path}/edit", form)
    assert answer.status == 412
    assert "现在写的是：5栋下水道疏通" in answer.words
    assert answer.page.find("input", {"name": "purpose"})["value"] == "我写的"
    version = answer.page.find("input", {"name": "version"})["value"]
    assert house.zhang.post(f"/money{path}/edit", form | {"version": version}).status == 303


def test_nobody_approves_what_they_wrote(house: House) -> None:
    opened(house)
    with house.session() as session:
        make_seat(session, house.zhang.person, SeatKind.SUPERVISOR)
    draft = submitted(house)
    assert approved(house, house.zhang, draft).json["code"] == "OwnDraft"
    assert "待我批 0 笔" in house.zhang.get("/money/drafts").words
    assert "不通过：自己记的账" in house.zhang.get(f"/money/drafts/{draft['id']}").words


def test_a_director_who_takes_a_supervisors_seat_approves_nothing(house: House) -> None:
    """Whoever says who sits where could otherwise seat themselves as the one who checks."""
    opened(house)
    with house.session() as session:
        make_seat(session, house.liu.person, SeatKind.SUPERVISOR)
    draft = submitted(house)
    assert approved(house, house.liu, draft).status == 403
    assert house.liu.post(f"/money/drafts/{draft['id']}/approve", {"content_hash": draft["content_hash"]}).status == 403
    assert approved(house, house.chen, draft).status == 200


@pytest.mark.parametrize("link", [Ownership, Residency])
def test_nobody_approves_for_their_own_household(house: House, link: type[Ownership] | type[Residency]) -> None:
    opened(house)
    with house.session() as session:
        home = session.exec(select(Ownership).where(Ownership.person_id == house.zhang.id)).one()
        shared = link(compound_id=home.compound_id, unit_id=home.unit_id, person_id=house.chen.id, from_on=date(2020, 1, 1))
        session.add(shared)
    draft = submitted(house)
    assert approved(house, house.chen, draft).json["code"] == "SameHousehold"
    assert "不通过：和记账人是一家人" in house.chen.get(f"/money/drafts/{draft['id']}").words
    with house.session() as session:
        session.get_one(link, (shared.compound_id, shared.id)).to_on = today() - timedelta(days=1)
    assert approved(house, house.chen, draft).status == 200, "who has moved out may"


def test_only_a_supervisor_approves_and_only_with_the_second_factor(house: House) -> None:
    opened(house)
    draft = submitted(house)
    path, body = f"/drafts/{draft['id']}/approve", {"json": {"content_hash": draft["content_hash"]}}
    for one, status in ((house.wang, 403), (house.liu, 403), (house.huang, 403), (house.nobody, 401), (house.zhao, 403)):
        assert one.api.post(path, **body).status == status
    with house.session() as session:
        bare = make_login(session, house.chen.person, second_factor=False)
    answer = house.chen.api.post(path, **body, cookies={"sid": bare})
    assert answer.json["code"] == "SecondFactorNeeded"
    assert house.zhou.api.post(path, **body).status == 200


def test_only_the_treasurer_books_and_drafts_are_not_public(house: House) -> None:
    opened(house)
    for one, status in ((house.wang, 403), (house.chen, 403), (house.liu, 403), (house.nobody, 401), (house.zhao_here, 401)):
        assert one.api.put(f"/drafts/{fresh()}", wish()).status == status
    draft = submitted(house)
    for one, status in ((house.wang, 404), (house.nobody, 401), (house.zhao, 404), (house.chen, 200), (house.liu, 200)):
        assert one.api.get(f"/drafts/{draft['id']}").status == status
    assert photograph(house.wang, draft["id"]).status == 403, "before any picture is opened"
    voucher = draft["vouchers"][0]
    for one, status in ((house.wang, 404), (house.nobody, 404), (house.zhao, 404), (house.chen, 200)):
        assert one.get(f"/money/vouchers/{voucher}/320").status == status


def test_a_voucher_seen_before_is_named_to_the_approver(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    posted(house, shade=5)
    draft = submitted(house, shade=5, purpose="同一张票")
    assert "请看：同一张票据别处用过" in house.chen.get(f"/money/drafts/{draft['id']}").words


@pytest.mark.parametrize(
    ("amount", "taken"),
    [
        ("1,234.5", "1234.50"),
        ("１２３４．５０", "1234.50"),
        ("￥1 234.50 元", "1234.50"),
        ("1,5", None),
        ("-3", None),
        ("0", None),
        ("0.001", None),
        ("9223372036854775808", None),
        ("92233720368547758.08", None),
        ("3\x00", None),
        ("\ud800", None),
        ("", None),
        ("=1+1", None),
    ],
)
def test_an_amount_is_understood_or_named(house_sqlite: House, amount: str, taken: str | None) -> None:
    house = opened(house_sqlite)
    id = str(fresh())
    body = {name: str(value) for name, value in typed(id=id, amount=amount).items()}
    if "\ud800" in amount:
        body["amount"] = "%ED%A0%80"
    answer = house.zhang.post("/money/book", body)
    assert answer.status == (303 if taken else 422), answer
    if taken:
        assert house.zhang.api.get(f"/drafts/{id}").json["amount"] == {"amount": taken, "currency": "CNY"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": {"amount": "-3.00"}},
        {"amount": {"amount": str(2**63)}},
        {"amount": 3200},
        {"purpose": "a\x00b"},
        {"purpose": "x" * 101},
        {"counterparty": ""},
        {"on_date": "2999-01-01"},
        {"on_date": "1066-01-01"},
        {"category": "4001"},
        {"category": "9999"},
        {"account": "5001"},
        {"kind": "reversal"},
    ],
)
def test_what_makes_no_sense_is_malformed_at_the_api(house_sqlite: House, wrong: dict[str, object]) -> None:
    house = opened(house_sqlite)
    answer = house.zhang.api.put(f"/drafts/{fresh()}", wish(**wrong))
    assert answer.status == 422, answer
    assert answer.json["errors"]


def test_a_decision_of_the_next_compound_is_none_here(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    assert house.zhang.api.put(f"/drafts/{fresh()}", wish(decision_id=str(fresh()))).status == 404


def test_a_compound_without_books_says_so(house: House) -> None:
    assert house.zhang.api.put(f"/drafts/{fresh()}", wish()).json["code"] == "BooksNotOpen"
    assert "还没有账" in house.nobody.get("/money").words


def test_an_approval_leaves_one_signature_with_the_hash_that_was_seen(house: House) -> None:
    opened(house)
    draft = submitted(house)
    answers = [approved(house, house.chen, draft) for _ in range(2)]
    assert [a.status for a in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert approved(house, house.zhou, draft).json["code"] == "NotThisState"
    with house.session() as session:
        assert session.exec(select(Approval.content_hash)).all() == [draft["content_hash"]]
        assert len(session.exec(select(JournalEntry).where(JournalEntry.draft_id != None)).all()) == 1  # noqa: E711


def test_a_key_cannot_approve_money_because_it_is_no_person(house: House) -> None:
    with house.session() as session:
        key = make_key(session, house.chen.person, "treasury:write", "treasury:read")
    id = fresh()
    answer = house.nobody.api.post(
        f"/drafts/{id}/approve", json={"content_hash": "0" * 64}, headers={"authorization": f"Bearer {key}"}
    )
    assert (answer.status, answer.json["code"]) == (403, "SecondFactorNeeded")


def test_a_paper_chosen_again_in_another_place_is_the_same_paper(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    id = str(fresh())
    first = house.zhang.post("/money/book", typed(id=id, amount="很多"), files=files(picture(1)))
    kept = first.page.find("input", {"name": "kept"})["value"]
    house.zhang.post("/money/book", typed(id=id, kept=kept), files=files(picture(90), picture(1), picture(90)))
    assert len(house.zhang.api.get(f"/drafts/{id}").json["vouchers"]) == 2


def test_too_many_pictures_at_once_are_refused_in_words(house_sqlite: House) -> None:
    files = [("photos", (f"{n}.jpg", picture(n), "image/jpeg")) for n in range(101)]
    refused = opened(house_sqlite).zhang.ask("POST", "/money/book", data=typed(id=str(fresh())), files=files)
    assert (refused.status, "超过 100 个" in refused.words) == (400, True)
