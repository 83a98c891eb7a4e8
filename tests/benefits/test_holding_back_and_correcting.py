"""Units that are left out or kept waiting, each with its reason; and a published roll that was wrong, published again."""

from collections import Counter
from dataclasses import replace

import pytest
from sqlmodel import col, select

from app.benefits import publishing, service
from app.benefits.roll_models import Entitlement, Hold
from app.compounds.models import Compound
from app.notices.models import Notice
from app.publiclog.models import LogEntry
from tests.benefits.giving import (
    OIL,
    PACK,
    RICE,
    approved,
    area_of,
    check_the_books,
    corrected,
    hand_out,
    let_it_take_effect,
    line,
    lines,
    money,
    opened,
    plan,
    planned,
    publish,
    published,
)
from tests.cast import Answer, House
from tests.making import fresh, make_unit

STEPS = [{"from_area": "0", "pieces": 1}, {"from_area": "90.00", "pieces": 2}]


def note(house: House, id: str, what: str, unit: str = "3-2-602", why: str = "开发商自留的空房") -> Answer:
    wish = {"unit": unit} | ({"why": why} if what in ("exclusions", "holds") else {})
    return house.liu.api.ask("POST", f"/distributions/{id}/{what}", json=wish)


def test_a_unit_is_left_out_only_with_a_reason_that_it_reads(house: House) -> None:
    id = planned(house)
    assert note(house, id, "exclusions", why="").status == 422
    assert note(house, id, "exclusions").json["excluded"] == [{"unit": "3-2-602", "why": "开发商自留的空房"}]
    assert note(house, id, "exclusions").status == 200, "said twice is said once"
    assert note(house, id, "exclusions", why="别的理由").json["code"] == "AlreadyExcluded"
    assert note(house, id, "exclusions", unit="9-9-999").status == 404
    assert note(house, id, "inclusions", unit="3-2-603").status == 404
    approved(house, id)
    assert publish(house, id).json["units"] == 7
    assert plan(house, id)["excluded"] == 1
    assert "开发商自留的空房" in house.li.get(f"/benefits/{id}").words
    for other in (house.wang, house.nobody):
        page = other.get(f"/benefits/{id}")
        assert "1 户，理由他们自己看得到" in page.words
        assert "开发商自留的空房" not in page.text
        assert "3-2-602" not in page.text
    assert house.li.api.get("/entitlements").json["items"] == []
    check_the_books(house, id)


def test_an_exclusion_is_taken_back(house_sqlite: House) -> None:
    house = house_sqlite
    id = planned(house)
    assert house.liu.post(f"/benefits/{id}/exclude", {"unit": "3-2-602", "why": ""}).status == 422
    assert house.liu.post(f"/benefits/{id}/exclude", {"unit": "3-2-602", "why": "空置"}).status == 303
    assert "3-2-602 不发，理由：空置" in house.liu.get(f"/benefits/{id}").words
    assert house.liu.post(f"/benefits/{id}/include", {"unit": "3-2-602"}).status == 303
    approved(house, id)
    assert publish(house, id).json["units"] == 8


def test_what_is_held_stays_with_its_unit(house: House) -> None:
    """Withholding from fee debtors is contestable: visible, with its basis, and never a silent exclusion (DOMAIN §4)."""
    id = opened(house)
    assert note(house, id, "holds", why="").status == 422
    assert note(house, id, "holds", why="继承人没有定").json["held"] == [{"unit": "3-2-602", "why": "继承人没有定"}]
    assert note(house, id, "holds", why="别的").json["code"] == "AlreadyOnHold"
    refused = hand_out(house, id, house.li)
    assert (refused.status, refused.json["code"]) == (409, "OnHold")
    assert "继承人没有定" in refused.json["detail"]
    assert "继承人没有定" in house.li.get(f"/benefits/{id}/code").words
    assert house.li.api.get("/entitlements").json["items"][0]["hold"] == "继承人没有定"
    assert "先留着" in house.liu.get(f"/benefits/{id}/desk?q=602").words
    assert "继承人没有定" not in house.wang.get(f"/benefits/{id}").text
    assert plan(house, id)["left"]["amount"] == "768.00", "it is owed all the same"
    check_the_books(house, id)
    assert note(house, id, "lifted-holds").status == 200
    assert note(house, id, "lifted-holds").status == 404
    assert hand_out(house, id, house.li).status == 201
    assert note(house, id, "holds", unit="3-2-603").status == 200
    assert house.liu.post(f"/benefits/{id}/lift", {"unit": "3-2-603"}).status == 303
    check_the_books(house, id)
    with house.session() as session:
        assert {hold.lifted_by_id for hold in session.exec(select(Hold))} == {house.liu.id}


def test_control_without_the_look_at_holds_it_is_handed_out(house_sqlite: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "hold_of", lambda *_: None)
    id = opened(house_sqlite)
    note(house_sqlite, id, "holds", why="继承人没有定")
    assert hand_out(house_sqlite, id, house_sqlite.li).status == 201


def test_an_objection_is_met_by_a_new_version(house: House) -> None:
    """By area a corrected area changes everybody's part a little; what was published stays to be read."""
    id = published(house, money("1000.00"))
    code = line(house, id, house.li).code
    area_of(house, "3-2-602", 9950)
    answer = corrected(house, id)
    assert answer.status == 200, answer
    assert answer.json["version"] == 2
    check_the_books(house, id)
    now_due = line(house, id, house.li)
    assert (now_due.version, now_due.area, now_due.code) == (2, 9950, code)
    mine = house.li.api.get("/entitlements").json["items"]
    assert [(each["id"], each["version"]) for each in mine] == [(str(now_due.id), 2)], "one of it, the one in force"
    newest, first = house.nobody.api.get("/notices").json["items"]
    assert newest["title"] == "端午礼包（第1次更正）"
    assert (newest["state"], first["state"]) == ("open", "superseded")
    frozen = house.nobody.api.get(f"/notices/{newest['id']}/frozen").json
    assert (frozen["because"], frozen["supersedes"], frozen["version"]) == ("面积登记错了", first["id"], 2)
    assert "更正过 1 次" in house.nobody.get(f"/benefits/{id}").words
    with house.session() as session:
        versions = session.exec(select(Entitlement.version).where(Entitlement.unit_id == now_due.unit_id)).all()
        log = b"".join(session.exec(select(LogEntry.entry))).decode()
    assert sorted(versions) == [1, 2]
    assert '"type":"roll.corrected"' in log
    assert "3-2-602" not in log
    let_it_take_effect(house, id)
    assert hand_out(house, id, house.li).status == 201
    check_the_books(house, id)


def test_a_correction_touches_only_what_changes(house: House) -> None:
    id = published(house)
    note(house, id, "exclusions", unit="3-2-602")
    with house.session() as session:
        make_unit(session, session.get_one(Compound, house.compound.id), room="999")
    assert corrected(house, id, "漏了一户，多算了一户").json["units"] == 8
    with house.session() as session:
        rows = session.exec(select(Entitlement).where(col(Entitlement.version) == 2)).all()
    assert {(row.label, row.amount_fen) for row in rows} == {("3-2-999", 9600), ("3-2-602", 0)}
    assert house.li.api.get("/entitlements").json["items"] == []
    check_the_books(house, id)


def test_a_correction_without_a_change_is_none(house: House) -> None:
    id = published(house)
    refused = corrected(house, id)
    assert (refused.status, refused.json["code"]) == (409, "NothingToCorrect")
    draft = house.liu.api.ask("POST", f"/distributions/{planned(house)}/corrections", json={"reason": "早了"})
    assert (draft.status, draft.json["code"]) == (409, "NotSubmitted")
    assert house.liu.api.ask("POST", f"/distributions/{id}/corrections", json={"reason": ""}).status == 422


def test_a_withdrawn_plan_can_be_published_again(house: House) -> None:
    id = published(house)
    notice = house.nobody.api.get("/notices").json["items"][0]["id"]
    assert house.liu.api.ask("POST", f"/notices/{notice}/withdraw", json={"reason": "贴错了"}).status == 200
    let_it_take_effect(house, id)
    assert hand_out(house, id, house.wang).json["code"] == "NotEffective"
    assert corrected(house, id, "重新贴出").json["version"] == 2
    check_the_books(house, id)


def test_a_claimed_line_is_voided_before_it_is_corrected(house: House) -> None:
    id = opened(house, OIL | {"rule": "by_area_steps", "pieces": None, "steps": STEPS})
    made = hand_out(house, id, house.li).json
    area_of(house, "3-2-602", 9950)
    refused = corrected(house, id)
    assert (refused.status, refused.json["code"]) == (409, "ClaimedLine")
    assert "3-2-602" in refused.json["detail"]
    check_the_books(house, id)
    assert house.chen.api.ask("POST", f"/claims/{made['id']}/void", json={"reason": "要更正"}).status == 200
    assert publish(house, id).status == 200, "it is approved already"
    assert line(house, id, house.li).amount_fen == 2 * 3600
    check_the_books(house, id)


def test_the_table_goes_on_for_whom_a_correction_leaves_alone(house: House) -> None:
    id = opened(house, OIL | {"rule": "by_area_steps", "pieces": None, "steps": STEPS})
    old = line(house, id, house.li)
    area_of(house, "3-2-602", 9950)
    assert corrected(house, id).status == 200
    waits = hand_out(house, id, house.li)
    assert (waits.status, waits.json["code"]) == (409, "NotEffective"), "its corrected part is under objection"
    assert hand_out(house, id, house.wang).status == 201
    wish = {"way": "tick_with_witness", "owner_id": str(house.li.id), "ticked": True}
    gone = house.liu.api.put(f"/entitlements/{old.id}/claims/{fresh()}", wish)
    assert (gone.status, gone.json["code"]) == (409, "Corrected"), "the earlier row hands out nothing"
    let_it_take_effect(house, id)
    assert hand_out(house, id, house.li).status == 201
    assert {name: each["quantity"] for name, each in lines(house, id, house.li).items()} == {"菜籽油": 2}
    check_the_books(house, id)


def test_claims_and_a_correction_at_once_leave_the_books_true(house: House) -> None:
    id = opened(house, RICE, OIL | {"rule": "by_area_steps", "pieces": None, "steps": STEPS})
    area_of(house, "3-2-602", 9950)
    house.liu.api.ask("POST", f"/distributions/{id}/corrections", json={"reason": "面积登记错了"})
    approved(house, id)
    wish = {"way": "tick_with_witness", "owner_id": str(house.li.id), "ticked": True}
    claims = [
        (house.liu.api, "PUT", f"/entitlements/{line(house, id, house.li).id}/claims/{fresh()}", {"json": wish}) for _ in range(6)
    ]
    answers = house.at_once(*claims[:3], (house.liu.api, "POST", f"/distributions/{id}/publish", {}), *claims[3:])
    assert {answer.status for answer in answers} <= {200, 201, 409}
    assert sum(answer.status in (200, 201) for answer in answers) == 1, Counter(a.status for a in answers)
    check_the_books(house, id)


def test_control_without_the_look_at_claims_a_correction_loses_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    id = opened(house, OIL | {"rule": "by_area_steps", "pieces": None, "steps": STEPS})
    hand_out(house, id, house.li)
    area_of(house, "3-2-602", 9950)
    seen = publishing.lines_of_roll
    blind = lambda *asked: {id: tuple(replace(each, claim_id=None) for each in due) for id, due in seen(*asked).items()}  # noqa: E731
    monkeypatch.setattr(publishing, "lines_of_roll", blind)
    assert corrected(house, id).status == 200
    with pytest.raises(AssertionError, match="in the roll in force"):
        check_the_books(house, id)


def test_a_correction_is_asked_for_and_shown_on_the_pages(house_sqlite: House) -> None:
    house = house_sqlite
    id = published(house, PACK)
    note(house, id, "exclusions")
    assert house.liu.post(f"/benefits/{id}/correction", {"reason": ""}).status == 422
    asked = house.liu.follow(house.liu.post(f"/benefits/{id}/correction", {"reason": "3栋有一户是空房"}))
    assert "要更正公示过的名册" in asked.words
    assert "3栋有一户是空房" in house.chen.get(f"/benefits/{id}").words
    assert "3栋有一户是空房" not in house.wang.get(f"/benefits/{id}").words
    approved(house, id)
    assert "公示这次更正" in house.liu.get(f"/benefits/{id}").words
    assert "更正公示了，改到的户都看得到" in house.liu.follow(house.liu.post(f"/benefits/{id}/publish")).words
    with house.session() as session:
        assert len(session.exec(select(Notice)).all()) == 2
