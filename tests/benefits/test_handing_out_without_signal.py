"""The table without signal: what a device reports becomes the claim, or stays in conflict until somebody else settles it."""

from datetime import timedelta
from gzip import compress
from secrets import randbelow
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.benefits.claim_models import Claim
from app.benefits.handover_models import Handover
from app.benefits.schemas import OfflineRollRead, RollItemRead, RollLineRead, RollUnitRead
from app.benefits.stock_models import Stock, StockMove
from app.compounds.models import SeatKind
from app.kit.clock import now, today
from app.publiclog.models import LogEntry
from app.treasury.chart_models import Code
from tests.benefits.giving import (
    BY_PHONE,
    OIL,
    RICE,
    area_of,
    balance,
    check_the_books,
    corrected,
    hand_out,
    line,
    lines,
    money,
    opened,
    plan,
)
from tests.cast import Answer, House, One
from tests.making import fresh, make_seat


def reported(house: House, id: str, owner: One, /, **changes: Any) -> dict[str, Any]:
    """What a device sends of one unit that was handed all of the plan's items."""
    return {
        "entitlement_id": str(line(house, id, owner).id),
        "items": [item["id"] for item in plan(house, id)["items"]],
        "way": "tick_with_witness",
        "ticked": True,
        "owner": owner.person.name,
        "device_at": (now() - timedelta(hours=2)).isoformat(),
    } | changes


def report(house: House, id: str, owner: One, /, by: One | None = None, **changes: Any) -> Answer:
    return (by or house.liu).api.put(f"/handovers/{fresh()}", reported(house, id, owner, **changes))


def settle(house: House, handover: str, outcome: str, by: One | None = None, words: str = "两边各发了一份") -> Answer:
    return (by or house.chen).api.ask("POST", f"/handovers/{handover}/settle", json={"outcome": outcome, "words": words})


def stock(house: House) -> tuple[int, int, int, int, int]:
    """(received, handed, conflicted, spoiled, left) of the only stock."""
    with house.session() as session:
        s = session.exec(select(Stock)).one()
        return s.received, s.handed, s.conflicted, s.spoiled, s.left


def test_what_a_device_reports_becomes_the_claim(house: House) -> None:
    id = opened(house, RICE, OIL, stock=10)
    answer = report(house, id, house.wang)
    assert answer.status == 201, answer
    assert (answer.json["conflict"], answer.json["items"]) == ("", ["大米 1袋", "菜籽油 2桶"])
    claim = house.wang.api.get(f"/claims/{answer.json['id']}").json
    assert (claim["collector"], len(claim["lines"])) == ("王阿姨", 2)
    check_the_books(house, id)


def test_a_report_sent_again_is_the_same_report(house: House) -> None:
    id = opened(house, stock=10)
    path, wish = f"/handovers/{fresh()}", reported(house, id, house.wang)
    assert [house.liu.api.put(path, wish).status for _ in range(3)] == [201, 200, 200]
    assert house.liu.api.put(path, wish | {"owner": "别人"}).json["code"] == "SameIdOtherContent"
    with house.session() as session:
        assert len(session.exec(select(Claim)).all()) == len(session.exec(select(Handover)).all()) == 1


def test_a_second_device_stays_in_conflict_and_its_pieces_are_gone(house: House) -> None:
    id = opened(house, stock=10)
    assert hand_out(house, id, house.wang).status == 201
    second = report(house, id, house.wang).json
    assert (second["conflict"], second["why"], second["outcome"]) == ("AlreadyClaimed", "这一户先前已经领过", None)
    assert stock(house) == (10, 1, 1, 0, 8)
    check_the_books(house, id)
    listed = house.chen.api.get(f"/distributions/{id}/conflicts").json["items"]
    assert [(one["label"], one["desk"]) for one in listed] == [("3-2-601", "发放台")]


def test_what_nobody_had_claimed_of_a_second_report_becomes_its_claim(house: House) -> None:
    """One table gave the rice with a signal, another without one the rice and the oil: only the rice is there twice."""
    id = opened(house, RICE, OIL, stock=10)
    rice = lines(house, id, house.wang)["大米"]["id"]
    first = hand_out(house, id, house.wang, lines=[rice]).json["id"]
    both = report(house, id, house.wang).json
    assert (both["conflict"], both["items"], both["items_in_conflict"]) == (
        "AlreadyClaimed",
        ["大米 1袋", "菜籽油 2桶"],
        ["大米 1袋"],
    )
    with house.session() as session:
        stocks = {(s.received, s.handed, s.conflicted) for s in session.exec(select(Stock))}
    assert stocks == {(10, 1, 1), (10, 2, 0)}
    check_the_books(house, id)
    page = house.liu.get(f"/benefits/handovers/{both['id']}").words
    assert "其中对不上的" in page
    assert lines(house, id, house.wang)["菜籽油"]["claim_id"] == both["id"]
    assert settle(house, both["id"], "claimed").json["code"] == "AlreadyClaimed"
    assert house.zhou.api.ask("POST", f"/claims/{first}/void", json={"reason": "只给了一袋"}).status == 200
    assert settle(house, both["id"], "claimed", words="那一袋是北门给的").status == 200
    check_the_books(house, id)
    assert house.liu.api.get(f"/handovers/{both['id']}").json["items_in_conflict"] == ["大米 1袋"], "as it was reported"


@pytest.mark.parametrize("outcome", ["returned", "written_off"])
def test_only_what_is_in_conflict_of_a_report_is_settled(house: House, outcome: str) -> None:
    id = opened(house, RICE, OIL, stock=10)
    hand_out(house, id, house.wang, lines=[lines(house, id, house.wang)["大米"]["id"]])
    both = report(house, id, house.wang).json["id"]
    assert settle(house, both, outcome).status == 200
    assert lines(house, id, house.wang)["菜籽油"]["claim_id"] == both
    check_the_books(house, id)


def test_goods_that_came_back_stand_on_the_desk_again(house: House) -> None:
    id = opened(house, stock=10)
    hand_out(house, id, house.wang)
    second = report(house, id, house.wang).json["id"]
    answer = settle(house, second, "returned")
    assert (answer.status, answer.json["outcome"], answer.json["words"]) == (200, "returned", "两边各发了一份")
    assert stock(house) == (10, 1, 0, 0, 9)
    check_the_books(house, id)


def test_goods_that_are_lost_are_spoiled_and_a_loss_in_the_books(house: House) -> None:
    id = opened(house, stock=10)
    hand_out(house, id, house.wang)
    second = report(house, id, house.wang).json["id"]
    assert settle(house, second, "written_off").status == 200
    assert stock(house) == (10, 1, 0, 1, 8)
    check_the_books(house, id)


def test_cash_that_is_lost_is_a_loss_and_a_transfer_never_left(house: House) -> None:
    id = opened(house, money("100.00", "fixed_per_unit"))
    hand_out(house, id, house.wang)
    hand_out(house, id, house.li)
    for owner, cash in ((house.wang, True), (house.li, False)):
        assert settle(house, report(house, id, owner, cash=cash).json["id"], "written_off").status == 200
    with house.session() as session:
        assert balance(session, house.compound.id, Code.CASH) == -10_000
    check_the_books(house, id)


def test_a_conflict_is_settled_once_with_words_by_somebody_else(house: House) -> None:
    id = opened(house, stock=10)
    first = report(house, id, house.wang).json["id"]
    second = report(house, id, house.wang).json["id"]
    assert settle(house, first, "returned").json["code"] == "NoConflict"
    assert settle(house, second, "returned", words=" ").status == 422
    assert settle(house, second, "returned", by=house.liu).status == 403
    assert settle(house, second, "returned").status == 200
    assert settle(house, second, "written_off", by=house.zhou).json["code"] == "AlreadySettled"
    check_the_books(house, id)


def test_who_reported_it_does_not_settle_it(house: House) -> None:
    id = opened(house, stock=10)
    both = house.newcomer("两头跑", SeatKind.MEMBER)
    with house.session() as session:
        make_seat(session, both.person, SeatKind.SUPERVISOR)
    report(house, id, house.wang)
    second = report(house, id, house.wang, by=both).json["id"]
    assert settle(house, second, "returned", by=both).json["code"] == "ReporterSettles"
    check_the_books(house, id)


def test_nobody_settles_what_went_to_their_own_home(house: House) -> None:
    id = opened(house, stock=10)
    report(house, id, house.chen)
    second = report(house, id, house.chen).json["id"]
    assert settle(house, second, "returned").json["code"] == "OwnUnit"
    assert settle(house, second, "returned", by=house.zhou).status == 200


def test_a_table_that_closed_meanwhile_keeps_the_report(house: House) -> None:
    id = opened(house, stock=10)
    house.liu.api.ask("POST", f"/distributions/{id}/close")
    late = report(house, id, house.wang).json
    assert (late["conflict"], stock(house)) == ("DistributionClosed", (10, 0, 1, 0, 9))
    assert settle(house, late["id"], "claimed").json["code"] == "DistributionClosed"
    assert house.liu.api.ask("POST", f"/distributions/{id}/reopen").status == 200
    assert settle(house, late["id"], "claimed", words="收摊前就领走了").status == 200
    assert hand_out(house, id, house.wang).json["code"] == "AlreadyClaimed"
    assert stock(house) == (10, 1, 0, 0, 9)
    check_the_books(house, id)


def test_more_than_was_counted_left_the_table(house: House) -> None:
    """What was handed over had been there: the count is put right, visibly, and nothing is below zero."""
    id = opened(house, RICE, OIL, stock=1)
    short = report(house, id, house.wang).json
    assert short["conflict"] == "OutOfStock", "one bag and two bottles were handed over, one bottle was counted"
    with house.session() as session:
        stocks = sorted((s.received, s.handed, s.conflicted) for s in session.exec(select(Stock)))
        (more,) = session.exec(select(StockMove).where(StockMove.kind == "counted"))
    assert (stocks, more.quantity) == ([(1, 0, 1), (2, 0, 2)], 1)
    check_the_books(house, id)
    assert settle(house, short["id"], "claimed", words="到货时少点了一桶").status == 200
    check_the_books(house, id)


def test_what_would_have_been_refused_at_the_table_is_kept_all_the_same(house: House) -> None:
    id = opened(house, stock=10)
    own = report(house, id, house.liu).json
    assert own["conflict"] == "OwnUnit"
    stranger = report(house, id, house.li, owner="早就搬走的人").json
    assert stranger["conflict"] == "NotAnOwner"
    unit = {"unit": "3-2-601", "why": "等法院的通知"}
    assert house.liu.api.ask("POST", f"/distributions/{id}/holds", json=unit).status == 200
    held = report(house, id, house.wang).json
    assert held["conflict"] == "OnHold"
    assert stock(house) == (10, 0, 3, 0, 7)
    check_the_books(house, id)


def test_a_roll_corrected_meanwhile_keeps_the_report(house: House) -> None:
    id = opened(house, RICE, money("1000.00"), stock=10)
    before = reported(house, id, house.wang)
    area_of(house, "3-2-601", 12_345)
    assert corrected(house, id).status == 200
    late = house.liu.api.put(f"/handovers/{fresh()}", before).json
    assert late["conflict"] == "Corrected"
    check_the_books(house, id)


def test_what_is_no_report_is_refused_and_nothing_is_kept(house: House) -> None:
    id = opened(house, stock=10)
    path, whole = f"/handovers/{fresh()}", reported(house, id, house.wang)
    for wrong, status in (
        ({"items": []}, 422),
        ({"items": [str(fresh())]}, 404),
        ({"entitlement_id": str(fresh())}, 404),
        ({"desk_id": str(fresh())}, 404),
        ({"ticked": False}, 422),
        ({"way": "signature"}, 422),
        ({"device_at": "昨天"}, 422),
    ):
        assert house.liu.api.put(path, whole | wrong).status == status, wrong
    assert house.wang.api.put(path, whole).status in (403, 404)
    assert stock(house) == (10, 0, 0, 0, 10)


@pytest.mark.parametrize("table", ["handover", "handover_line", "handover_settlement"])
def test_a_report_is_written_once(house: House, table: str) -> None:
    id = opened(house, stock=10)
    report(house, id, house.wang)
    settle(house, report(house, id, house.wang).json["id"], "returned")
    with pytest.raises(Exception, match="append-only"), house.session() as session:
        session.execute(text(f"DELETE FROM {table}"))


def test_a_conflict_and_its_end_are_in_the_public_log_without_a_room(house: House) -> None:
    id = opened(house, stock=10)
    report(house, id, house.wang)
    settle(house, report(house, id, house.wang).json["id"], "returned")
    with house.session() as session:
        said = {e.type: e for e in session.exec(select(LogEntry)) if e.type.startswith("handover.")}
    assert set(said) == {"handover.conflicted", "handover.settled"}
    assert all("3-2-601" not in entry.entry.decode() and "各发" not in entry.entry.decode() for entry in said.values())


def test_the_roll_goes_along_with_what_a_desk_needs_and_no_more(house: House) -> None:
    id = opened(house, RICE, OIL, stock=10)
    hand_out(house, id, house.li)
    roll = house.liu.api.get(f"/distributions/{id}/roll-offline").json
    units = {unit["label"]: unit for unit in roll["units"]}
    wang = units["3-2-601"]
    assert wang["owners"] == ["王阿姨"]
    assert wang["code"] == line(house, id, house.wang).code
    assert [(roll["items"][one["item"]]["name"], one["said"], one["claimed"]) for one in wang["lines"]] == [
        ("大米", "大米 1袋", False),
        ("菜籽油", "菜籽油 2桶", False),
    ]
    assert [one["claimed"] for one in units["3-2-602"]["lines"]] == [True, True]
    assert str(house.wang.id) not in str(roll), "no id of a person leaves with it"
    house.liu.api.ask("POST", f"/distributions/{id}/close")
    assert house.liu.api.get(f"/distributions/{id}/roll-offline").json["code"] == "DistributionClosed"


def test_officers_see_the_conflicts_and_another_settles_them_on_a_page(house: House) -> None:
    id = opened(house, stock=10)
    hand_out(house, id, house.wang)
    assert "没有对不上的" in house.chen.get(f"/benefits/{id}/conflicts").words
    second = report(house, id, house.wang, proxy_name="小王", proxy_relation="女儿", **BY_PHONE).json["id"]
    assert "1 笔等处理" in house.chen.get("/").words
    assert "笔等处理" not in house.liu.get("/").words
    listed = house.liu.get(f"/benefits/{id}/conflicts").words
    assert "3-2-601" in listed
    assert "这一户先前已经领过" in listed
    mine = house.liu.get(f"/benefits/handovers/{second}").words
    assert "小王（代领，女儿）" in mine
    assert "谁发的，谁不能处理" in mine
    page = f"/benefits/handovers/{second}"
    assert house.chen.post(f"{page}/settle", {"id": str(fresh()), "outcome": "returned", "words": ""}).status == 422
    answer = house.chen.post(f"{page}/settle", {"id": str(fresh()), "outcome": "returned", "words": "女儿送回来了"})
    assert "处理好了" in house.chen.follow(answer).words
    assert "笔等处理" not in house.chen.get("/").words
    assert "女儿送回来了" in house.chen.get(f"/benefits/{id}/conflicts").words
    assert "追回来了" in house.liu.get(page).words
    assert house.wang.get(page).status in (403, 404)


def test_a_roll_of_five_thousand_homes_is_small_enough_to_take_along() -> None:
    """300 kB compressed, with three things for each home and two owners for every third (bench/rolls_offline.py reads one)."""
    things = [RollItemRead(id=fresh(), name=name, from_on=today(), is_money=False) for name in ("大米", "菜籽油", "粽子")]
    units = [
        RollUnitRead(
            id=fresh(),
            label=f"{n // 100 + 1}-{n // 25 % 4 + 1}-{n % 25 // 2 + 1}0{n % 2 + 1}",
            code=f"{randbelow(10**8):08d}",
            owners=[f"住户{randbelow(1000)}" for _ in range(1 + (n % 3 == 0))],
            hold=None,
            lines=[RollLineRead(item=n, said=f"{thing.name} 1份", claimed=False) for n, thing in enumerate(things)],
        )
        for n in range(5000)
    ]
    roll = OfflineRollRead(
        id=fresh(), title="端午礼包", version=1, taken_at=now(), until_on=today(), items=things, desks=[], units=units
    )
    assert 100_000 < len(compress(roll.model_dump_json().encode())) <= 300_000
