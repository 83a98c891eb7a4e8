"""The bank has paid a list of units: each becomes its claim, exactly, once; what the bank refused is left out or voided."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.benefits.claim_models import Claim
from app.compounds.models import SeatKind
from app.kit.clock import today
from app.treasury.chart_models import Code
from tests.benefits.giving import (
    IN_BANK,
    RICE,
    balance,
    batch,
    check_the_books,
    hand_out,
    line,
    lines,
    money,
    opened,
    published,
    ticked,
)
from tests.cast import Answer, House, One
from tests.making import fresh

EACH = 100_00


def marked(house: House, id: str, *owners: One, by: One | None = None, to: str = "", **changes: object) -> Answer:
    wish = {"reference": "B2026-0614-7", "on_date": today().isoformat(), "entitlements": units(house, id, *owners)} | changes
    return (by or house.liu).api.put(f"/distributions/{id}/paid-transfers/{to or fresh()}", wish)


def units(house: House, id: str, *owners: One) -> list[str]:
    return [str(line(house, id, owner).id) for owner in owners]


def bank(house: House) -> int:
    with house.session() as session:
        return balance(session, house.compound.id, Code.BANK) - IN_BANK


def test_the_treasurer_marks_what_the_bank_paid_and_only_what_is_due_by_now(house: House) -> None:
    """Money of a later batch is on no list yet."""
    batches = [batch(name="六月"), batch(begins=30, ends=40, name="九月")]
    first = money("100.00", "fixed_per_unit", name="第一笔")
    id = opened(house, first, money("50.00", "fixed_per_unit", name="第二笔", batch=2), batches=batches)
    listed = house.zhang.api.get(f"/distributions/{id}/transfers/csv").response.content.decode("utf-8-sig")
    assert "第一笔" in listed
    assert "第二笔" not in listed
    assert marked(house, id, house.wang, house.li, by=house.zhang).status == 201
    assert bank(house) == -200_00


def test_each_unit_of_the_list_has_a_claim_and_the_bank_is_less_by_their_sum(house: House) -> None:
    id = opened(house, money("100.00", "fixed_per_unit"), RICE, stock=10)
    answer = marked(house, id, house.wang, house.li)
    assert (answer.status, answer.json["reference"]) == (201, "B2026-0614-7")
    assert bank(house) == -2 * EACH
    mine = lines(house, id, house.wang)
    assert mine["大米"]["claim_id"] is None, "goods are not transferred"
    claim = house.wang.api.get(f"/claims/{mine['分红']['claim_id']}").json
    assert (claim["way"], claim["collector"], claim["lines"]) == ("transfer", "王阿姨", [mine["分红"]["id"]])
    assert "端午礼包已领" in house.wang.get("/me/messages").words
    check_the_books(house, id)
    progress = house.liu.get(f"/benefits/{id}/progress").words
    assert "B2026-0614-7" in progress
    assert "2 户，¥200.00" in progress
    assert "B2026-0614-7" not in house.wang.get(f"/benefits/{id}/progress").words
    assert hand_out(house, id, house.wang, lines=[mine["分红"]["id"]]).json["code"] == "AlreadyClaimed"


def test_a_list_sent_again_is_the_same_list(house: House) -> None:
    id, list_id = opened(house, money("100.00", "fixed_per_unit")), str(fresh())
    assert [marked(house, id, house.wang, to=list_id).status for _ in range(3)] == [201, 200, 200]
    assert marked(house, id, house.li, to=list_id).json["code"] == "SameIdOtherContent"
    assert bank(house) == -EACH
    with house.session() as session:
        assert len(session.exec(select(Claim)).all()) == 1


def test_a_list_is_marked_whole_or_not_at_all(house: House) -> None:
    id = opened(house, money("100.00", "fixed_per_unit"))
    assert hand_out(house, id, house.li).status == 201
    no = marked(house, id, house.wang, house.li)
    assert (no.status, no.json["code"]) == (409, "NothingToTransfer")
    assert "3-2-60" in no.json["detail"]
    assert bank(house) == -EACH, "what was handed out, and no more"
    twice = units(house, id, house.wang)
    assert marked(house, id, entitlements=twice * 2).status == 201, "named twice, paid once"
    assert bank(house) == -2 * EACH
    check_the_books(house, id)


def test_a_transfer_that_came_back_is_voided_by_another_and_can_be_collected(house: House) -> None:
    id = opened(house, money("100.00", "fixed_per_unit"))
    marked(house, id, house.wang, house.li)
    claim = lines(house, id, house.wang)["分红"]["claim_id"]
    assert house.liu.api.ask("POST", f"/claims/{claim}/void", json={"reason": "退票"}).status == 403
    assert house.chen.api.ask("POST", f"/claims/{claim}/void", json={"reason": "卡号不对，退票"}).status == 200
    assert bank(house) == -EACH
    assert "退回 1 户" in house.liu.get(f"/benefits/{id}/progress").words
    assert hand_out(house, id, house.wang, cash=True).status == 201
    check_the_books(house, id)


def test_what_the_bank_cannot_have_done_is_refused(house: House) -> None:
    id = opened(house, money("100.00", "fixed_per_unit"))
    tomorrow = (today() + timedelta(days=1)).isoformat()
    for wrong in ({"reference": " "}, {"on_date": tomorrow}, {"entitlements": []}):
        assert marked(house, id, house.wang, **wrong).status == 422, wrong
    assert marked(house, id, house.liu).json["code"] == "OwnUnit"
    assert marked(house, id, house.wang, by=house.chen).status == 403
    assert marked(house, id, house.wang, by=house.newcomer("发放员", SeatKind.MEMBER)).status == 403
    assert marked(house, id, entitlements=[str(fresh())]).status == 404
    at_the_table = ticked(house.wang, way="transfer")
    path = f"/entitlements/{line(house, id, house.wang).id}/claims/{fresh()}"
    assert house.liu.api.put(path, at_the_table).status == 422, "nobody claims a transfer at the table"
    early = published(house, money("50.00", "fixed_per_unit"))
    assert marked(house, early, house.wang).json["code"] == "NotEffective"
    unit = {"unit": "3-2-601", "why": "等法院的通知"}
    assert house.liu.api.ask("POST", f"/distributions/{id}/holds", json=unit).status == 200
    assert marked(house, id, house.wang).json["code"] == "NothingToTransfer"
    house.liu.api.ask("POST", f"/distributions/{id}/close")
    assert marked(house, id, house.li).json["code"] == "DistributionClosed"
    assert bank(house) == 0


@pytest.mark.parametrize("left_out", [True, False])
def test_the_page_ticks_all_and_who_was_refused_is_unticked(house: House, left_out: bool) -> None:
    id = opened(house, money("100.00", "fixed_per_unit"))
    page = house.liu.get(f"/benefits/{id}/transfer")
    assert "3-2-601 ¥100.00" in page.words
    own, wang, li = units(house, id, house.liu, house.wang, house.li)
    assert own not in page.text, "somebody else marks the officer's own home"
    assert f'value="{wang}" checked' in page.text
    path, form = f"/benefits/{id}/transfer", {"id": str(fresh()), "on_date": today().isoformat(), "entitlements": [wang, li]}
    assert house.liu.post(path, form).status == 422
    done = house.liu.post(path, form | {"reference": "B-1", "entitlements": [wang] if left_out else [wang, li]})
    assert "标好了" in house.liu.follow(done).words
    assert bank(house) == (-EACH if left_out else -2 * EACH)
    assert house.zhang.get(path).status == 200, "who keeps the books may"
    assert house.chen.get(path).status == 403
