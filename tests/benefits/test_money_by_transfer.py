"""The bank has paid a list of units: each becomes its claim, exactly, once; what the bank refused is left out or voided."""

import csv
from datetime import timedelta

import pytest
from sqlmodel import select

from app.benefits import transfer_pages
from app.benefits.claim_models import Claim
from app.benefits.roll_models import EntitlementLine
from app.compounds.models import Residency, SeatKind, Unit
from app.kit.clock import today
from app.treasury.chart_models import Code
from tests.benefits.giving import (
    IN_BANK,
    RICE,
    balance,
    batch,
    check_the_books,
    hand_out,
    label_of,
    line,
    lines,
    money,
    more_units,
    opened,
    published,
    ticked,
)
from tests.cast import Answer, House, One
from tests.making import fresh

EACH = 100_00


def marked(house: House, id: str, *owners: One, by: One | None = None, to: str = "", **changes: object) -> Answer:
    wish = {"reference": "B2026-0614-7", "on_date": today().isoformat(), "lines": paid(house, id, *owners)} | changes
    return (by or house.liu).api.put(f"/distributions/{id}/paid-transfers/{to or fresh()}", wish)


def paid(house: House, id: str, *owners: One) -> list[str]:
    """All lines of money of these owners' units."""
    return [one["id"] for owner in owners for one in lines(house, id, owner).values() if not one["quantity"]]


def lives_with(house: House, one: One) -> None:
    """Whoever marks, in a unit that they do not own."""
    with house.session() as session:
        here = select(Unit).where(Unit.compound_id == house.compound.id, Unit.label == label_of(house, one))
        session.add(Residency(compound_id=house.compound.id, unit_id=session.exec(here).one().id, person_id=house.liu.id))


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
    due = [lines(house, id, one)["第一笔"]["id"] for one in (house.wang, house.li)]
    assert marked(house, id, lines=due, by=house.zhang).status == 201
    assert bank(house) == -200_00
    assert marked(house, id, lines=[lines(house, id, house.he)["第二笔"]["id"]]).json["code"] == "TransferDiffers"


def test_the_treasurer_sees_what_was_marked_as_paid(house: House) -> None:
    id = opened(house, money("100.00", "fixed_per_unit"))
    assert marked(house, id, house.wang, house.li, by=house.zhang).status == 201
    for one, sees in ((house.zhang, True), (house.liu, True), (house.chen, True), (house.wang, False), (house.nobody, False)):
        assert ("B2026-0614-7" in one.get(f"/benefits/{id}/progress").words) == sees


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
    assert (no.status, no.json["code"]) == (409, "TransferDiffers")
    assert "3-2-602 清单上 ¥100.00，现在 ¥0.00" in no.json["detail"]
    assert "3-2-601" not in no.json["detail"], "only what differs is named"
    assert bank(house) == -EACH, "what was handed out, and no more"
    twice = paid(house, id, house.wang)
    assert marked(house, id, lines=twice * 2).status == 201, "named twice, paid once"
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
    for wrong in ({"reference": " "}, {"on_date": tomorrow}, {"lines": []}):
        assert marked(house, id, house.wang, **wrong).status == 422, wrong
    assert marked(house, id, house.wang, by=house.chen).status == 403
    assert marked(house, id, house.wang, by=house.newcomer("发放员", SeatKind.MEMBER)).status == 403
    assert marked(house, id, lines=[str(fresh())]).status == 404
    at_the_table = ticked(house.wang, way="transfer")
    path = f"/entitlements/{line(house, id, house.wang).id}/claims/{fresh()}"
    assert house.liu.api.put(path, at_the_table).status == 422, "nobody claims a transfer at the table"
    early = published(house, money("50.00", "fixed_per_unit"))
    assert marked(house, early, house.wang).json["code"] == "NotEffective"
    unit = {"unit": "3-2-601", "why": "等法院的通知"}
    assert house.liu.api.ask("POST", f"/distributions/{id}/holds", json=unit).status == 200
    assert marked(house, id, house.wang).json["code"] == "TransferDiffers"
    house.liu.api.ask("POST", f"/distributions/{id}/close")
    assert marked(house, id, house.li).json["code"] == "DistributionClosed"
    assert bank(house) == 0


@pytest.mark.parametrize("left_out", [True, False])
def test_the_page_ticks_all_and_who_was_refused_is_unticked(house: House, left_out: bool) -> None:
    id = opened(house, money("100.00", "fixed_per_unit"))
    page = house.liu.get(f"/benefits/{id}/transfer")
    assert "3-2-601 分红 ¥100.00" in page.words
    wang, li = paid(house, id, house.wang, house.li)
    assert f'value="{wang}" checked' in page.text
    path, form = f"/benefits/{id}/transfer", {"id": str(fresh()), "on_date": today().isoformat(), "lines": [wang, li]}
    assert house.liu.post(path, form).status == 422
    done = house.liu.post(path, form | {"reference": "B-1", "lines": [wang] if left_out else [wang, li]})
    assert "标好了" in house.liu.follow(done).words
    assert bank(house) == (-EACH if left_out else -2 * EACH)
    assert house.zhang.get(path).status == 200, "who keeps the books may"
    assert house.chen.get(path).status == 403


TWO_SUMS = (money("100.00", "fixed_per_unit", name="第一笔"), money("50.00", "fixed_per_unit", name="第二笔"))


def test_a_home_that_took_a_part_in_cash_meanwhile_is_named_with_both_sums(house: House) -> None:
    """What the bank paid twice is seen and not booked as if it were the rest."""
    id = opened(house, *TWO_SUMS)
    listed = paid(house, id, house.wang, house.li)
    mine = lines(house, id, house.wang)
    assert hand_out(house, id, house.wang, lines=[mine["第一笔"]["id"]], cash=True).status == 201
    no = marked(house, id, lines=listed)
    assert (no.status, no.json["code"]) == (409, "TransferDiffers")
    assert "3-2-601 清单上 ¥150.00，现在 ¥50.00" in no.json["detail"]
    assert "3-2-602" not in no.json["detail"]
    assert bank(house) == 0
    assert lines(house, id, house.wang)["第二笔"]["claim_id"] is None
    seen_now = [*paid(house, id, house.li), mine["第二笔"]["id"]]
    assert marked(house, id, lines=seen_now).status == 201
    assert bank(house) == -200_00
    check_the_books(house, id)


def test_the_page_says_so_and_keeps_what_was_ticked(house: House) -> None:
    id = opened(house, *TWO_SUMS)
    path, listed = f"/benefits/{id}/transfer", paid(house, id, house.wang, house.li)
    unticked = paid(house, id, house.he)
    first = lines(house, id, house.wang)["第一笔"]["id"]
    hand_out(house, id, house.wang, lines=[first])
    form = {"id": str(fresh()), "reference": "B-1", "on_date": today().isoformat(), "lines": listed}
    again = house.liu.post(path, form)
    assert again.status == 409
    assert "3-2-601 清单上 ¥150.00，现在 ¥50.00" in again.words
    boxes = {box["value"]: box.has_attr("checked") for box in again.page.find_all("input", type="checkbox")}
    assert first not in boxes
    assert all(boxes[one] for one in listed if one != first)
    assert not any(boxes[one] for one in unticked)
    assert 'value="B-1"' in again.text
    done = house.liu.post(path, form | {"lines": [one for one in listed if one != first]})
    assert "标好了" in house.liu.follow(done).words


def test_the_files_numbers_are_what_a_program_marks(house: House) -> None:
    id = opened(house, *TWO_SUMS)
    text = house.zhang.api.get(f"/distributions/{id}/transfers/csv").response.content.decode("utf-8-sig")
    rows = {(row["房号"], row["项目"]): row for row in csv.DictReader(text.splitlines())}
    assert marked(house, id, lines=[rows["3-2-601", "第二笔"]["编号"]]).status == 201
    mine = lines(house, id, house.wang)
    assert (mine["第一笔"]["claim_id"], mine["第二笔"]["claim_id"] is None) == (None, False)
    assert bank(house) == -50_00


def test_a_home_that_cannot_be_marked_is_named_with_its_reason_and_the_others_can_be(house: House) -> None:
    """The officer's own, one in which they live without owning it, and one without a known owner."""
    more_units(house, 1)
    lives_with(house, house.he)
    id = opened(house, money("100.00", "fixed_per_unit"))
    own, shared = paid(house, id, house.liu, house.he)
    of_nobody = line(house, id, label="8-1-1000").id
    with house.session() as session:
        ownerless = str(session.exec(select(EntitlementLine.id).where(EntitlementLine.entitlement_id == of_nobody)).one())
    page = house.liu.get(f"/benefits/{id}/transfer").page
    mine, nobody = "您自己家的，请别人来标", "名册里没有业主，请先补上"
    for one, why in ((own, mine), (shared, mine), (ownerless, nobody)):
        box = page.find("input", value=one)
        assert (box.has_attr("disabled"), box.has_attr("checked")) == (True, False), why
        assert why in box.parent.get_text()
    no = marked(house, id, house.wang, lines=[*paid(house, id, house.wang), own, shared, ownerless])
    assert (no.status, no.json["code"]) == (409, "TransferBarred")
    for said in (f"{label_of(house, house.liu)}（{mine}）", f"{label_of(house, house.he)}（{mine}）", f"8-1-1000（{nobody}）"):
        assert said in no.json["detail"], no.json["detail"]
    assert "3-2-601" not in no.json["detail"]
    assert bank(house) == 0
    form = {"id": str(fresh()), "reference": "B-1", "on_date": today().isoformat()}
    again = house.liu.post(f"/benefits/{id}/transfer", form | {"lines": [own, *paid(house, id, house.wang)]})
    assert again.status == 409
    assert f"{label_of(house, house.liu)}（{mine}）" in again.words
    assert marked(house, id, house.wang).status == 201
    check_the_books(house, id)


def test_homes_that_cannot_be_marked_never_take_the_place_of_those_that_can(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_pages, "MOST_LINES", 1)
    for one in (house.wang, house.li):
        lives_with(house, one)
    id = opened(house, money("100.00", "fixed_per_unit"))
    boxes = house.liu.get(f"/benefits/{id}/transfer").page.find_all("input", type="checkbox")
    assert [(box.parent.get_text()[:7], box.has_attr("disabled")) for box in boxes] == [("3-2-601", True), ("3-2-603", False)]
