"""Each rule of sharing, from the plan to the roll: who gets what, what stays, what must be named."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.compounds.models import Compound, Residency, Unit, UnitKind
from app.kit.clock import today
from tests.benefits.giving import area_of, asked, check_the_books, decided, line, lines, money, plan, planned, published, yuan
from tests.cast import House
from tests.making import fresh, make_unit

FLOUR = {"kind": "goods", "name": "面粉", "unit": "袋", "price": yuan("30.00")}


def fen(house: House, id: str, label: str) -> int:
    return line(house, id, label=label).amount_fen


def test_by_area_in_whole_yuan_leaves_a_residue_that_everybody_sees(house: House) -> None:
    id = published(house, money("1000.55", rounding="yuan"))
    (item,) = plan(house, id)["items"]
    assert (item["given"]["amount"], item["residue"]["amount"]) == ("1000.00", "0.55")
    assert fen(house, id, "3-2-601") == 125_00
    assert "¥0.55，留在公共收益里" in house.nobody.get(f"/benefits/{id}").words
    check_the_books(house, id)


def test_nine_yuan_a_square_metre_is_by_area_and_needs_no_decision(house_sqlite: House) -> None:
    house = house_sqlite
    area_of(house, "3-2-602", 7235)
    id = published(house, money("9.00", "per_square_metre", rounding="yuan"), decision_id=None)
    assert (fen(house, id, "3-2-602"), fen(house, id, "3-2-601")) == (651_00, 806_00)
    assert "乘以 您家面积 72.35 m²" in house.li.get(f"/benefits/{id}/code").words
    check_the_books(house, id)


def test_shops_get_another_share_than_dwellings(house: House) -> None:
    with house.session() as session:
        compound = session.get_one(Compound, house.compound.id)
        make_unit(session, compound, building="9栋", room="101").kind = UnitKind.SHOP
        make_unit(session, compound, building="9栋", room="102").kind = UnitKind.GARAGE
    by_kind = [{"unit_kind": "dwelling", "pieces": 2}, {"unit_kind": "shop", "pieces": 1}]
    kinds = ["dwelling", "shop", "garage"]
    id = published(house, FLOUR | {"rule": "by_unit_kind", "by_kind": by_kind}, unit_kinds=kinds)
    assert (fen(house, id, "3-2-601"), fen(house, id, "9-2-101")) == (60_00, 30_00)
    assert plan(house, id)["units"] == 9, "whom the plan names nothing for is not in the roll"
    check_the_books(house, id)


def test_each_who_lives_there_on_the_day_counts(house: House) -> None:
    with house.session() as session:
        homes = {unit.label: unit.id for unit in session.exec(select(Unit).where(Unit.compound_id == house.compound.id))}
        here = {"compound_id": house.compound.id}
        session.add(Residency(**here, unit_id=homes["3-2-601"], person_id=house.wang.id))
        session.add(Residency(**here, unit_id=homes["3-2-601"], person_id=house.li.id))
        session.add(Residency(**here, unit_id=homes["3-2-601"], person_id=house.he.id, tenant=True))
        moved = today() - timedelta(days=1)
        session.add(Residency(**here, unit_id=homes["3-2-602"], person_id=house.li.id, to_on=moved, from_on=moved))
    id = published(house, money("50.00", "per_resident"))
    assert plan(house, id)["units"] == 1
    assert fen(house, id, "3-2-601") == 100_00
    assert lines(house, id, house.wang)["分红"]["weight"] == 2
    assert "2 人" in house.wang.get(f"/benefits/{id}/code").words
    with_tenants = published(house, money("50.00", "per_resident", tenants=True), title="连租户")
    assert fen(house, with_tenants, "3-2-601") == 150_00


def test_persons_of_a_named_group_are_listed_by_unit(house: House) -> None:
    elders = [{"unit": "3-2-601", "persons": 2}, {"unit": "3-2-603", "persons": 1}]
    item = money("5000.00", "per_person", group="70岁以上老人", persons=elders)
    id = published(house, item)
    assert (plan(house, id)["units"], plan(house, id)["total"]["amount"]) == (2, "15000.00")
    notice = house.nobody.api.get("/notices").json["items"][0]["id"]
    frozen = house.nobody.api.get(f"/notices/{notice}/frozen")
    assert frozen.json["items"][0]["terms"] == {"group": "70岁以上老人"}, "no room stands in public"
    assert "3-2-60" not in frozen.text
    check_the_books(house, id)


def test_an_own_list_says_it_all(house: House) -> None:
    listed = [{"unit": "3-2-601", "amount": yuan("113.00")}, {"unit": "3-2-602", "amount": yuan("0.01")}]
    id = published(house, {"kind": "money", "name": "补助", "rule": "own_list", "listed": listed})
    assert (fen(house, id, "3-2-601"), fen(house, id, "3-2-602")) == (113_00, 1)
    assert plan(house, id)["units"] == 2
    check_the_books(house, id)


def test_a_list_that_names_nobody_known_is_refused(house_sqlite: House) -> None:
    house = house_sqlite
    listed = [{"unit": "3-2-601", "amount": yuan("1.00")}, {"unit": "9-9-999", "amount": yuan("1.00")}]
    id = planned(house, {"kind": "money", "name": "补助", "rule": "own_list", "listed": listed})
    refused = house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert (refused.status, refused.json["code"]) == (409, "UnknownUnits")
    assert "9-9-999" in house.liu.get(f"/benefits/{id}").words


def test_goods_by_area_come_in_whole_pieces(house_sqlite: House) -> None:
    house = house_sqlite
    id = published(house, FLOUR | {"rule": "equal", "pieces": 20})
    assert sorted(fen(house, id, f"3-2-60{n}") for n in range(1, 9)) == [60_00] * 4 + [90_00] * 4
    check_the_books(house, id)


@pytest.mark.parametrize("rule", ["equal", "fixed_per_unit", "per_resident"])
def test_what_is_not_by_area_names_its_decision(house_sqlite: House, rule: str) -> None:
    house = house_sqlite
    answer = house.liu.api.put(f"/distributions/{fresh()}", asked(house, money("10.00", rule), decision_id=None))
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/body/decision_id"
    mixed = asked(house, money("10.00"), money("10.00", rule), decision_id=decided(house))
    assert house.liu.api.put(f"/distributions/{fresh()}", mixed).status == 201
