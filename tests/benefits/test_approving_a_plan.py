"""Between the plan and its publication: who signs, what they sign, and what makes a signature void."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from app.benefits import publishing
from app.benefits.models import Item, PlanApproval
from app.benefits.roll_models import Entitlement
from app.compounds.models import Compound, Residency, SeatKind, Unit
from app.inbox.models import Message
from app.kit.clock import now
from tests.benefits.giving import (
    PACK,
    approved,
    area_of,
    asked,
    batch,
    check_the_books,
    decided,
    money,
    more_units,
    plan,
    planned,
    publish,
)
from tests.cast import Answer, House, One
from tests.making import fresh, make_seat, make_unit


def submitted(house: House, **changes: Any) -> str:
    id = planned(house, **changes)
    assert house.liu.api.ask("POST", f"/distributions/{id}/submit").status == 200
    return id


def standing(house: House, id: str, by: One | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = (by or house.liu).api.get(f"/distributions/{id}/standing").json
    return answer


def sign(house: House, id: str, by: One, content: str | None = None) -> Answer:
    return by.api.ask(
        "POST", f"/distributions/{id}/approve", json={"content_hash": content or standing(house, id)["content_hash"]}
    )


def test_nothing_is_published_unapproved(house: House) -> None:
    id = planned(house)
    early = publish(house, id)
    assert (early.status, early.json["code"]) == (409, "NotSubmitted")
    house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert publish(house, id).json["code"] == "NotApproved"
    signed = sign(house, id, house.chen)
    assert (signed.json["approvals_had"], signed.json["approvals_needed"]) == (1, 1)
    assert sign(house, id, house.chen).json["approvals_had"] == 1, "twice by one is once"
    assert publish(house, id).status == 200
    assert publish(house, id).json["code"] == "AlreadyPublished"
    check_the_books(house, id)


def test_two_hands_sign_what_is_large(house: House) -> None:
    more_units(house, 50)
    id = submitted(house)
    assert standing(house, id)["approvals_needed"] == 2
    sign(house, id, house.chen)
    assert publish(house, id).json["code"] == "NotApproved"
    page = house.liu.get(f"/benefits/{id}").words
    assert "要 2 位批准，已经有 1 位" in page
    assert "定名册，公示" not in page
    sign(house, id, house.zhou)
    assert publish(house, id).status == 200
    with house.session() as session:
        told = session.exec(select(Message.title).where(Message.person_id == house.liu.id)).all()
    assert told.count("端午礼包批准了") == 2


def test_a_draft_is_seen_by_who_approves_once_it_is_submitted(house_sqlite: House) -> None:
    house = house_sqlite
    id = planned(house)
    assert house.chen.api.get(f"/distributions/{id}").status == 404
    assert house.chen.api.get(f"/distributions/{id}/standing").status == 404
    house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert house.chen.api.get(f"/distributions/{id}").json["state"] == "submitted"
    assert "端午礼包" in house.chen.get("/benefits").words
    assert "看过了，批准" in house.chen.get(f"/benefits/{id}").words
    assert house.wang.api.get(f"/distributions/{id}").status == 404
    assert "端午礼包" not in house.wang.get("/benefits").words


@pytest.mark.parametrize("edit", ["plan", "exclusion", "roster", "return"])
def test_an_edit_voids_what_was_signed(house: House, edit: str) -> None:
    id = submitted(house)
    sign(house, id, house.chen)
    match edit:
        case "plan":
            wish = asked(house, PACK | {"pieces": 2}, decision_id=decided(house))
            tag = house.liu.api.get(f"/distributions/{id}").headers["etag"]
            changed = house.liu.api.ask("PATCH", f"/distributions/{id}", json=wish, headers={"if-match": tag})
            assert changed.json["items"][0]["name"] == PACK["name"]
            stale = house.liu.api.ask("PATCH", f"/distributions/{id}", json=wish, headers={"if-match": tag})
            assert stale.status == 412
        case "exclusion":
            note = {"unit": "3-2-602", "why": "空置，开发商自留"}
            assert house.liu.api.ask("POST", f"/distributions/{id}/exclusions", json=note).json["approvals_had"] == 0
        case "roster":
            with house.session() as session:
                make_unit(session, session.get_one(Compound, house.compound.id), room="999")
        case _:
            back = house.chen.post(f"/benefits/{id}/return", {"reason": "金额写错了"})
            assert back.status == 303
            assert "金额写错了" in house.liu.get(f"/benefits/{id}").words
    refused = publish(house, id)
    assert (refused.status, refused.json["code"]) == (409, "NotApproved" if edit == "roster" else "NotSubmitted")
    approved(house, id)
    assert publish(house, id).status == 200
    check_the_books(house, id)


def test_what_is_signed_is_what_was_seen(house: House) -> None:
    id = submitted(house)
    seen = standing(house, id)["content_hash"]
    area_of(house, "3-2-602", 8951)
    refused = sign(house, id, house.chen, seen)
    assert (refused.status, refused.json["code"]) == (409, "ContentChanged")
    assert sign(house, id, house.chen, "f" * 64).json["code"] == "ContentChanged"
    assert house.chen.api.ask("POST", f"/distributions/{id}/approve", json={"content_hash": "x"}).status == 422


def test_no_two_hands_of_one_home(house: House) -> None:
    id = submitted(house)
    with house.session() as session:
        make_seat(session, house.zhang.person, SeatKind.SUPERVISOR)
        homes = {unit.label: unit.id for unit in session.exec(select(Unit))}
        session.add(Residency(compound_id=house.compound.id, unit_id=homes["3-2-607"], person_id=house.chen.id))
    family = sign(house, id, house.chen)
    assert (family.status, family.json["code"]) == (403, "SameHousehold"), "陈工 moved in with 刘主任, who planned it"
    mine = str(fresh())
    assert house.zhang.api.put(f"/distributions/{mine}", asked(house)).status == 201
    house.liu.api.ask("POST", f"/distributions/{mine}/submit")
    own = sign(house, mine, house.zhang)
    assert (own.status, own.json["code"]) == (403, "OwnPlan"), "who wrote it does not sign it, whoever submits it"
    assert sign(house, mine, house.zhou).status == 200


@pytest.mark.parametrize("edit", ["plan", "batch", "exclusion", "inclusion", "correction"])
def test_who_wrote_to_a_plan_does_not_sign_it(house: House, edit: str) -> None:
    """Two seats in one pair of hands: what they planned they do not approve, whoever began it and whoever hands it in."""
    two = house.newcomer("张委员", SeatKind.TREASURER)
    with house.session() as session:
        make_seat(session, two.person, SeatKind.SUPERVISOR)
    id = planned(house)
    note = {"unit": "3-2-602", "why": "空置，开发商自留"}
    tag = house.liu.api.get(f"/distributions/{id}").headers["etag"]
    match edit:
        case "plan":
            wish = asked(house, PACK | {"pieces": 2}, decision_id=decided(house))
            assert two.api.ask("PATCH", f"/distributions/{id}", json=wish, headers={"if-match": tag}).status == 200
        case "batch":
            assert two.post(f"/benefits/{id}/batch", batch(name="二批")).status == 303
            assert (
                house.liu.post(f"/benefits/{id}/batches/{plan(house, id)['batches'][1]['id']}/remove", {"version": "2"}).status
                == 303
            )
        case "exclusion":
            assert two.api.ask("POST", f"/distributions/{id}/exclusions", json=note).status == 200
        case "inclusion":
            house.liu.api.ask("POST", f"/distributions/{id}/exclusions", json=note)
            assert two.api.ask("POST", f"/distributions/{id}/inclusions", json={"unit": "3-2-602"}).status == 200
        case _:
            approved(house, id)
            assert publish(house, id).status == 200
            with house.session() as session:
                make_unit(session, session.get_one(Compound, house.compound.id), room="999")
            reason = {"reason": "漏了一户"}
            assert two.api.ask("POST", f"/distributions/{id}/corrections", json=reason).status == 200
            assert house.chen.post(f"/benefits/{id}/return", reason).status == 303
            assert house.liu.api.ask("POST", f"/distributions/{id}/corrections", json=reason).status == 200
    if edit != "correction":
        assert house.liu.api.ask("POST", f"/distributions/{id}/submit").status == 200
    page = two.get(f"/benefits/{id}").words
    assert "请别的监督委员来批准" in page
    assert "看过了，批准" not in page
    refused = sign(house, id, two)
    assert (refused.status, refused.json["code"]) == (403, "OwnPlan")
    other = submitted(house, title="中秋礼包")
    assert sign(house, other, two).status == 200, "what others wrote"
    assert sign(house, id, house.chen).status == 200
    assert publish(house, id).status == 200


def test_nobody_of_a_writers_home_signs(house_sqlite: House) -> None:
    house = house_sqlite
    id = planned(house)
    note = {"unit": "3-2-602", "why": "空置，开发商自留"}
    assert house.zhang.api.ask("POST", f"/distributions/{id}/exclusions", json=note).status == 200
    with house.session() as session:
        homes = {unit.label: unit.id for unit in session.exec(select(Unit))}
        session.add(Residency(compound_id=house.compound.id, unit_id=homes["3-2-603"], person_id=house.chen.id))
    assert house.liu.api.ask("POST", f"/distributions/{id}/submit").status == 200
    assert sign(house, id, house.chen).json["code"] == "SameHousehold"
    assert sign(house, id, house.zhou).status == 200


def test_two_signatures_of_one_home_are_refused(house: House) -> None:
    more_units(house, 50)
    id = submitted(house)
    with house.session() as session:
        homes = {unit.label: unit.id for unit in session.exec(select(Unit))}
        session.add(Residency(compound_id=house.compound.id, unit_id=homes["3-2-604"], person_id=house.zhou.id))
    assert sign(house, id, house.chen).status == 200
    second = sign(house, id, house.zhou)
    assert (second.status, second.json["code"]) == (403, "SameHouseholdAsApprover")
    assert publish(house, id).json["code"] == "NotApproved"


def test_signing_asks_the_second_factor(house_sqlite: House) -> None:
    house = house_sqlite
    id = submitted(house)
    content = standing(house, id)["content_hash"]
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        late = sign(house, id, house.chen, content)
        assert (late.status, late.json["code"]) == (403, "SecondFactorNeeded")
    assert sign(house, id, house.liu, content).status == 403
    assert sign(house, id, house.wang, content).status == 403


def test_a_plan_that_came_without_its_decision_is_not_published(house_sqlite: House) -> None:
    """As it can stand in a database of before: the shapes at the border take none."""
    house = house_sqlite
    id = planned(house, money("100.00"))
    with house.session() as session:
        session.exec(select(Item)).one().rule = "equal"
    refused = house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert (refused.status, refused.json["code"]) == (409, "NamesNoDecision")


def rivals_publish(house: House) -> tuple[str, list[Answer]]:
    id = submitted(house)
    sign(house, id, house.chen)
    calls = [(one.api, "POST", f"/distributions/{id}/publish", {}) for one in (house.liu, house.zhang) for _ in range(5)]
    return id, house.at_once(*calls)


def test_a_plan_is_published_once(house: House) -> None:
    id, answers = rivals_publish(house)
    assert Counter(answer.status for answer in answers) == {200: 1, 409: 9}
    check_the_books(house, id)
    with house.session() as session:
        assert len(session.exec(select(Entitlement)).all()) == 8


def test_one_hand_signing_at_once_from_two_phones_counts_once(house: House) -> None:
    more_units(house, 50)
    id = submitted(house)
    body = {"json": {"content_hash": standing(house, id)["content_hash"]}}
    answers = house.at_once(*[(house.chen.api, "POST", f"/distributions/{id}/approve", body) for _ in range(10)])
    assert {answer.status for answer in answers} == {200}
    with house.session() as session:
        assert len(session.exec(select(PlanApproval)).all()) == 1
    assert publish(house, id).json["code"] == "NotApproved"


def test_control_without_the_check_an_unapproved_plan_is_published(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "need_approved", lambda *_: None)
    assert publish(house, submitted(house)).status == 200
