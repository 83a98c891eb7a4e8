"""Who stands at the same table sees for whom something is booked at that moment, and reads nowhere how much."""

import json
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import col, select

from app.benefits.claim_models import Claim
from app.proofs.stored import not_as_published
from app.publiclog.models import Commitment, LogEntry
from app.treasury.chart_models import Code
from tests.benefits.giving import RICE, check_the_books, hand_out, lines, money, opened
from tests.benefits.test_money_by_transfer import marked
from tests.benefits.test_what_nobody_collects import converted, turned
from tests.cast import House, One


def posted(house: House) -> dict[str, Any]:
    """The last entry of the journal, as the public log has it."""
    return logged(house, "entry.posted")[-1]


def logged(house: House, type: str) -> list[dict[str, Any]]:
    with house.session() as session:
        found = select(LogEntry).where(LogEntry.compound_id == house.compound.id, LogEntry.type == type)
        return [json.loads(one.entry) for one in session.exec(found.order_by(col(LogEntry.index)))]


def owed_and_stock(one: One) -> set[str]:
    codes = {account["code"] for account in one.api.get("/balances").json["accounts"]}
    return codes & {Code.OWED.value, Code.STOCK.value}


def test_what_a_home_was_given_is_booked_at_once_and_its_amount_only_committed_to(house: House) -> None:
    id = opened(house, RICE)
    assert posted(house)["facts"]["lines"], "that it is owed to all is public"
    made = hand_out(house, id, house.wang)
    said = posted(house)
    assert "lines" in said["commits"]
    assert not said.keys() & {"amount_fen", "running_balance_fen"}
    assert "6000" not in json.dumps(said["facts"])
    entry = said["record_id"]
    for one, status in ((house.nobody, 404), (house.li, 404), (house.zhang, 200)):
        assert one.get(f"/money/entries/{entry}").status == status
        assert one.api.get(f"/entries/{entry}").status == status
    assert owed_and_stock(house.nobody) == owed_and_stock(house.li) == set()
    stock = f"/accounts/{Code.STOCK.value}"
    assert [one.api.get(stock).status for one in (house.nobody, house.li, house.zhang)] == [404, 404, 200]
    assert owed_and_stock(house.zhang) == {Code.OWED.value, Code.STOCK.value}
    wrong = house.chen.api.ask("POST", f"/claims/{made.json['id']}/void", json={"reason": "发错了"})
    assert wrong.status == 200
    assert "lines" in posted(house)["commits"], "nor how much came back"
    check_the_books(house, id)


def test_what_was_committed_to_is_held_against_the_books(house: House) -> None:
    hand_out(house, opened(house, RICE), house.wang)
    said = posted(house)
    commitment = Commitment.commitment == bytes.fromhex(said["commits"]["lines"])
    with house.session() as session:
        assert list(not_as_published(session, house.compound.id)) == []
        kept = session.exec(select(Commitment).where(commitment)).one()
        kept.value = kept.value.replace("6000", "7000")
        session.flush()
        changed = f"entry {said['facts']['number']} is not what was published"
        assert list(not_as_published(session, house.compound.id)) == [changed]
        session.delete(kept)
        session.flush()
        assert list(not_as_published(session, house.compound.id)) == [changed], "what is gone hides nothing"


def test_cash_names_neither_room_nor_number_and_hides_the_goods_beside_it(house: House) -> None:
    made = hand_out(house, opened(house, RICE, money("12.34", "fixed_per_unit")), house.wang, cash=True)
    said = posted(house)
    assert (said["amount_fen"], "lines" in said["facts"]) == (-1234, False)
    page = house.nobody.get(f"/money/entries/{said['record_id']}").words
    assert "12.34" in page
    assert "60.00" not in page
    assert "60.00" in house.zhang.get(f"/money/entries/{said['record_id']}").words
    assert f"{made.json['number']} 号" not in page, "who signed before and after knows the numbers"


def test_a_list_of_transfers_is_booked_in_no_order_of_rooms(house: House) -> None:
    id = opened(house, money("100.00", "fixed_per_unit"))
    list_id = UUID(marked(house, id, house.wang, house.li, house.he, house.zhang).json["id"])
    with house.session() as session:
        units = session.exec(select(Claim.entitlement_id).where(Claim.transfer_id == list_id)).all()
    assert len(units) == 4
    assert [said["record_id"] for said in logged(house, "claim.made")] == sorted(str(uuid5(list_id, str(unit))) for unit in units)


def test_the_sum_of_a_conversion_is_told_from_three_homes_on(house: House) -> None:
    id = opened(house, RICE)
    turned(house, id)
    mine, *others = (lines(house, id, one)["大米"] for one in (house.wang, house.zhang, house.li, house.he))
    one_home = converted(house, id, mine).json
    assert "fen" in logged(house, "distribution.converted")[0]["commits"]
    seen = house.nobody.get(f"/benefits/{id}/progress").words
    assert "几户的，金额不公开" in seen
    assert "60.00" in house.liu.get(f"/benefits/{id}/progress").words
    many = converted(house, id, *others).json
    assert logged(house, "distribution.converted")[1]["facts"]["fen"] == 3 * 6000
    assert "180.00" in house.nobody.get(f"/benefits/{id}/progress").words
    assert house.nobody.get(f"/money/entries/{one_home['entry_id']}").status == 404
    assert house.nobody.get(f"/money/entries/{many['entry_id']}").status == 200
