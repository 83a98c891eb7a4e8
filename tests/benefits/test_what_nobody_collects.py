"""What nobody collects stays a debt to its unit: in every statement, late, until a decision that is named ends it."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.benefits import converting
from app.benefits.claim_models import ClaimLine
from app.benefits.conversion_queries import owed_lines
from app.benefits.models import Distribution
from app.compounds.models import SeatKind
from app.kit.clock import now, today
from app.publiclog.models import LogEntry
from app.treasury.chart_models import Code
from app.treasury.statement_content import statement_document
from tests.benefits.giving import RICE, balance, decided, hand_out, label_of, line, lines, money, opened, plan
from tests.cast import Answer, House, One
from tests.making import fresh, make_seat


def turned(house: House, id: str, way: str = "close") -> None:
    assert house.liu.api.ask("POST", f"/distributions/{id}/{way}").status == 200


def converted(house: House, id: str, *of: dict[str, Any], by: One | None = None, **changes: Any) -> Answer:
    wish = {"decision_id": decided(house), "lines": [each["id"] for each in of]} | changes
    return (by or house.liu).api.put(f"/distributions/{id}/conversions/{fresh()}", wish)


def owed(house: House) -> int:
    with house.session() as session:
        return -balance(session, house.compound.id, Code.OWED)


def test_what_is_not_collected_stands_in_the_statement_and_is_collected_late(house: House) -> None:
    id = opened(house, RICE)
    hand_out(house, id, house.wang)
    turned(house, id)
    with house.session() as session:
        told = statement_document(session, house.compound.id, (today().replace(day=1), today()))
        assert told["owed_fen"] == 7 * 6000 == owed_of(house, id)
    turned(house, id, "reopen")
    assert hand_out(house, id, house.zhang).status == 201, "late, and never lapsed"
    with house.session() as session:
        told = statement_document(session, house.compound.id, (today().replace(day=1), today()))
        assert told["owed_fen"] == 6 * 6000


def owed_of(house: House, id: str) -> int:
    return int(plan(house, id)["left"]["amount"].replace(".", ""))


def test_a_decision_turns_named_lines_into_income(house: House) -> None:
    id = opened(house, RICE, money("10.00", "fixed_per_unit", name="红包"))
    hand_out(house, id, house.wang)
    turned(house, id)
    before = owed(house)
    mine = lines(house, id, house.zhang)
    made = converted(house, id, mine["大米"])
    assert (made.status, made.json["amount"]["amount"]) == (201, "60.00")
    assert owed(house) == before - 6000 == owed_of(house, id)
    with house.session() as session:
        assert balance(session, house.compound.id, Code.OTHER_INCOME) == -6000
    assert plan(house, id)["claimed"] == 1, "converted is not collected"
    entry = f"/money/entries/{made.json['entry_id']}"
    assert "端午礼包方案" in house.chen.get(entry).words, "the entry names its decision"
    assert house.nobody.get(entry).status == 404, "and is one home's"
    code = house.zhang.get(f"/benefits/{id}/code").words
    assert "没领的，按决议转为收入 大米 1袋" in code
    assert "端午礼包没领的，按决议转为公共收入了" in house.zhang.get("/me/messages").words
    assert "端午礼包方案" in house.nobody.get(f"/benefits/{id}/progress").words, "everybody reads by which decision"
    turned(house, id, "reopen")
    rest = hand_out(house, id, house.zhang)
    assert rest.json["lines"] == [mine["红包"]["id"]], "what was not named is still theirs"
    turned(house, id)
    told = house.nobody.api.get(f"/distributions/{id}/report").json
    rice = next(item for item in told["items"] if item["name"] == "大米")
    assert (rice["due"], rice["handed"], rice["unclaimed"], rice["converted"]) == (8, 1, 6, 1)
    assert told["converted_amount"]["amount"] == "60.00"


def test_nothing_is_converted_without_a_decision_or_while_it_is_handed_out(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house, RICE)
    rice = lines(house, id, house.zhang)["大米"]
    early = converted(house, id, rice)
    assert (early.status, early.json["code"]) == (409, "StillHandingOut")
    assert house.liu.get(f"/benefits/{id}/convert").status == 409
    turned(house, id)
    assert converted(house, id, rice, decision_id=None).status == 422
    assert converted(house, id, rice, decision_id=str(fresh())).status == 404
    assert converted(house, id, lines=[]).status == 422
    assert converted(house, id, rice, by=house.wang).status == 403
    assert converted(house, id, rice, by=house.chen).status == 403
    assert owed(house) == 8 * 6000, "and the debt stands"


def test_what_is_settled_or_held_is_not_converted(house: House) -> None:
    id = opened(house, RICE)
    hand_out(house, id, house.wang)
    house.liu.api.ask("POST", f"/distributions/{id}/holds", json={"unit": label_of(house, house.chen), "why": "产权有争议"})
    mine, held, free = (lines(house, id, one)["大米"] for one in (house.wang, house.chen, house.zhang))
    turned(house, id)
    assert converted(house, id, free, mine).json["code"] == "NothingOwed"
    assert converted(house, id, held).json["code"] == "OnHold"
    assert converted(house, id, free).status == 201
    assert converted(house, id, free).json["code"] == "NothingOwed", "once"
    turned(house, id, "reopen")
    late = hand_out(house, id, house.zhang)
    assert (late.status, late.json["code"]) == (409, "AlreadyClaimed")
    assert "按决议转为收入" in house.liu.get(f"/benefits/entitlements/{line(house, id, house.zhang).id}").words


def test_the_same_request_again_converts_once(house: House) -> None:
    id = opened(house, RICE)
    turned(house, id)
    wish = {"decision_id": decided(house), "lines": [lines(house, id, house.zhang)["大米"]["id"]]}
    path = f"/distributions/{id}/conversions/{fresh()}"
    assert [house.liu.api.put(path, wish).status for _again in range(2)] == [201, 200]
    assert owed(house) == 7 * 6000


def test_the_table_itself_refuses_a_line_that_is_claimed_and_converted(house: House) -> None:
    id = opened(house, RICE)
    mine = UUID(lines(house, id, house.zhang)["大米"]["id"])
    turned(house, id)
    conversion = UUID(converted(house, id, lines(house, id, house.zhang)["大米"]).json["id"])
    turned(house, id, "reopen")
    claim = UUID(hand_out(house, id, house.wang).json["id"])
    wrong = (
        ClaimLine(compound_id=house.compound.id, claim_id=claim, entitlement_line_id=mine),
        ClaimLine(compound_id=house.compound.id, claim_id=claim, conversion_id=conversion, entitlement_line_id=mine, live=False),
        ClaimLine(compound_id=house.compound.id, entitlement_line_id=mine, live=False),
    )
    for row in wrong:
        with pytest.raises(IntegrityError), house.session() as session:
            session.add(row)
    with house.session() as session:
        session.add(ClaimLine(compound_id=house.compound.id, claim_id=claim, entitlement_line_id=mine, live=False))


def rivals_for_one_debt(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
    """Each of twenty has seen that the line is owed."""
    id = opened(house, RICE)
    turned(house, id)
    line_id = lines(house, id, house.zhang)["大米"]["id"]
    wish = {"decision_id": decided(house), "lines": [line_id]}
    with house.session() as session:
        distribution = session.get_one(Distribution, (house.compound.id, UUID(id)))
        seen = owed_lines(session, distribution, [UUID(line_id)])
    monkeypatch.setattr(converting, "owed_lines", lambda *_: seen)
    paths = [f"/distributions/{id}/conversions/{fresh()}" for _ in range(20)]
    return house.at_once(*[(house.liu.api, "PUT", path, {"json": wish}) for path in paths])


def test_one_debt_is_ended_once_even_when_nobody_looks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Counter(a.status for a in rivals_for_one_debt(house, monkeypatch)) == {201: 1, 409: 19}
    assert owed(house) == 7 * 6000


def test_control_without_the_index_one_debt_is_ended_twenty_times(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.session() as session:
        session.execute(text("DROP INDEX uq_claim_line_live"))
    assert Counter(a.status for a in rivals_for_one_debt(house, monkeypatch)) == {201: 20}
    assert owed(house) == (8 - 20) * 6000


def test_a_conversion_and_a_correction_do_not_undo_each_other(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house, RICE)
    turned(house, id)
    converted(house, id, lines(house, id, house.zhang)["大米"])
    note = {"unit": label_of(house, house.zhang), "why": "登记错了"}
    assert house.liu.api.ask("POST", f"/distributions/{id}/exclusions", json=note).status == 200
    house.liu.api.ask("POST", f"/distributions/{id}/corrections", json={"reason": "登记错了"})
    standing = house.liu.api.get(f"/distributions/{id}/standing").json
    for one in (house.chen, house.zhou)[: standing["approvals_needed"]]:
        one.api.ask("POST", f"/distributions/{id}/approve", json={"content_hash": standing["content_hash"]})
    again = house.liu.api.ask("POST", f"/distributions/{id}/publish")
    assert (again.status, again.json["code"]) == (409, "ClaimedLine")


def test_an_officer_ticks_the_rooms_that_the_decision_names(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house, RICE)
    turned(house, id)
    page = house.liu.get(f"/benefits/{id}/convert")
    assert label_of(house, house.zhang) in page.words
    none = house.liu.post(f"/benefits/{id}/convert", {"id": str(fresh())})
    assert none.status == 422
    wish = {"decision_id": decided(house), "lines": lines(house, id, house.zhang)["大米"]["id"], "id": str(fresh())}
    assert house.liu.post(f"/benefits/{id}/convert", wish).status == 303
    assert label_of(house, house.zhang) not in house.liu.get(f"/benefits/{id}/convert").words
    assert "按决议转为收入" in house.liu.get(f"/benefits/{id}/roll?claimed=true").words


def test_a_unit_whose_gift_was_converted_is_not_waited_for(house: House) -> None:
    id = opened(house, RICE)
    hand_out(house, id, house.wang)
    turned(house, id)
    assert converted(house, id, lines(house, id, house.zhang)["大米"]).status == 201
    turned(house, id, "reopen")
    words = house.liu.get(f"/benefits/{id}").words
    assert "已领 1" in words
    assert "没领 6" in words, "eight homes: one has it, one was converted"
    assert "还有 6 户没领" in house.liu.get("/").words


def test_what_was_converted_is_told_with_the_day_it_was(house: House) -> None:
    id = opened(house, RICE)
    turned(house, id)
    assert converted(house, id, lines(house, id, house.zhang)["大米"]).status == 201
    turned(house, id, "reopen")

    def left() -> tuple[int, str]:
        told = house.nobody.api.get(f"/distributions/{id}/progress").json
        return told["left"], told["left_amount"]["amount"]

    assert left() == (8, "480.00")
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        assert left() == (7, "420.00")


def undone(house: House, id: str, conversion: str, by: One | None = None, **changes: str) -> Answer:
    path = f"/distributions/{id}/conversions/{conversion}/undo"
    wish = {"decision_id": decided(house), "reason": "选错了户"} | changes
    return (by or house.chen).api.ask("POST", path, json=wish)


def test_a_wrong_conversion_is_undone_by_another_and_its_lines_are_collected(house: House) -> None:
    id = opened(house, RICE)
    turned(house, id)
    before = owed(house)
    mine = lines(house, id, house.wang)["大米"]
    made = converted(house, id, mine).json["id"]
    answer = undone(house, id, made)
    assert (answer.status, answer.json["reason"]) == (200, "选错了户")
    assert owed(house) == before == owed_of(house, id)
    with house.session() as session:
        assert balance(session, house.compound.id, Code.OTHER_INCOME) == 0
    assert "端午礼包没领的，又可以领了" in house.wang.get("/me/messages").words
    progress = house.nobody.get(f"/benefits/{id}/progress")
    assert "撤销了" in progress.words
    assert "按这个决议撤销" in progress.page.find("a", href=f"/c/fengshu/decisions/{answer.json['decision_id']}").get_text()
    assert lines(house, id, house.wang)["大米"]["conversion_id"] is None
    assert converted(house, id, mine).status == 201, "by the right decision after all"
    assert undone(house, id, made).json["code"] == "AlreadyUndone"
    assert owed(house) == before - 6000


def test_who_converted_does_not_undo_and_a_decision_and_a_reason_are_named(house: House) -> None:
    id = opened(house, RICE)
    turned(house, id)
    both = house.newcomer("两头管", SeatKind.DIRECTOR)
    with house.session() as session:
        make_seat(session, both.person, SeatKind.SUPERVISOR)
    made = converted(house, id, lines(house, id, house.wang)["大米"], by=both).json["id"]
    assert undone(house, id, made, by=both).json["code"] == "ConverterUndoes"
    assert undone(house, id, made, reason=" ").status == 422
    without = house.chen.api.ask("POST", f"/distributions/{id}/conversions/{made}/undo", json={"reason": "选错了户"})
    assert without.status == 422
    assert undone(house, id, made, decision_id=str(fresh())).status == 404
    assert undone(house, id, made, by=house.liu).status == 403
    assert undone(house, id, str(fresh())).status == 404
    other = opened(house, RICE)
    assert undone(house, other, made).status == 404
    with pytest.raises(IntegrityError), house.session() as session:
        session.execute(text("DELETE FROM conversion"))


def test_an_undoing_is_in_the_log_without_its_words_and_written_once(house: House) -> None:
    id = opened(house, RICE)
    turned(house, id)
    made = converted(house, id, lines(house, id, house.wang)["大米"]).json["id"]
    page = f"/benefits/{id}/conversions/{made}/undo"
    assert "3-2-601 大米 1袋" in house.chen.get(page).words
    form = {"id": str(fresh()), "decision_id": decided(house), "reason": "张冠李戴"}
    for lacking in ("decision_id", "reason"):
        assert house.chen.post(page, form | {lacking: ""}).status == 422
    assert "撤销了" in house.chen.follow(house.chen.post(page, form)).words
    assert house.chen.get(page).status == 409
    with house.session() as session:
        said = [e.entry.decode() for e in session.exec(select(LogEntry)) if e.type == "distribution.conversion-undone"]
    assert len(said) == 1
    assert json.loads(said[0])["decision_ref"] in house.chen.get(f"/decisions/{form['decision_id']}").words
    assert "张冠李戴" not in said[0]
    assert "3-2-601" not in said[0]
    with pytest.raises(IntegrityError, match="append-only"), house.session() as session:
        session.execute(text("DELETE FROM conversion_undoing"))
