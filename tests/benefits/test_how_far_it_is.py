"""Progress for everybody: counts by building, goods and money apart; rooms only for neighbours, and only by the rule."""

import re

from app.access.permissions import Permission
from app.compounds.models import Rule
from app.kit.clock import today
from tests.benefits.giving import RICE, hand_out, label_of, let_days_pass, lines, money, more_units, opened, plan
from tests.cast import House
from tests.making import fresh


def shown_to_neighbours(house: House) -> None:
    with house.session() as session:
        session.add(
            Rule(
                compound_id=house.compound.id,
                id=fresh(),
                name="gift_units_shown",
                value=1,
                source="业主大会",
                decided_by="业主大会",
                valid_from_on=today(),
            )
        )


def test_everybody_sees_each_building_with_goods_and_money_apart(house: House) -> None:
    more_units(house, 12)
    id = opened(house, RICE, money("100.00"))
    for owner in (house.wang, house.li, house.zhang):
        hand_out(house, id, owner, lines=[lines(house, id, owner)["大米"]["id"]])
    let_days_pass(house, id)
    told = house.nobody.api.get(f"/distributions/{id}/progress").json
    assert [(b["building"], b["kind"], b["units"], b["claimed"]) for b in told["buildings"]] == [
        ("3栋", "goods", 8, 3),
        ("8栋", "goods", 12, 0),
        ("3栋", "money", 8, 0),
        ("8栋", "money", 12, 0),
    ]
    assert (told["units"], told["claimed"], told["left"]) == (20, 0, 20)
    assert told["left_amount"] == plan(house, id)["left"]
    for owner in (house.wang, house.li, house.zhang):
        hand_out(house, id, owner)
    let_days_pass(house, id)
    again = house.nobody.api.get(f"/distributions/{id}/progress").json
    assert (again["claimed"], [b["claimed"] for b in again["buildings"]]) == (3, [3, 0, 3, 0])
    page = house.nobody.get(f"/benefits/{id}/progress")
    assert page.status == 200
    assert "8 户，领了 3" in page.words, "the bar has its words"
    assert "37%" in page.words, "rounded down: 100% is everybody"


def test_nobody_outside_reads_a_room_or_what_it_gets(house_sqlite: House) -> None:
    house = house_sqlite
    shown_to_neighbours(house)
    id = opened(house, RICE, money("100.00"))
    hand_out(house, id, house.wang)
    for path in (f"/benefits/{id}/progress", f"/benefits/{id}"):
        assert not re.search(r"3-2-60\d", house.nobody.get(path).words)
    assert house.nobody.api.get(f"/distributions/{id}/units").status == 401
    assert house.zhao.api.get(f"/distributions/{id}/units").status in (401, 403, 404)
    neighbours = house.wang.get(f"/benefits/{id}/progress").words
    assert label_of(house, house.wang) in neighbours
    mine = lines(house, id, house.wang)["分红"]["amount"]["amount"]
    assert mine not in neighbours, "no room with an amount, for neighbours either"


def test_neighbours_see_which_rooms_have_collected_only_if_the_rule_says_so(house: House) -> None:
    id = opened(house, RICE, money("100.00"))
    hand_out(house, id, house.wang)
    hand_out(house, id, house.zhang, lines=[lines(house, id, house.zhang)["大米"]["id"]])
    assert house.wang.api.get(f"/distributions/{id}/units").status == 403
    assert label_of(house, house.zhang) not in house.wang.get(f"/benefits/{id}/progress").words
    assert house.chen.api.get(f"/distributions/{id}/units").status == 200, "who checks sees them anyway"
    shown_to_neighbours(house)
    told = house.wang.api.get(f"/distributions/{id}/units").json["items"]
    by_room = {unit["label"]: unit["collected"] for unit in told}
    assert (by_room[label_of(house, house.wang)], by_room[label_of(house, house.zhang)]) == ("all", "partly")
    assert sorted(set(by_room.values())) == ["all", "nothing", "partly"]
    assert {name for unit in told for name in unit} == {"id", "label", "collected"}
    assert "领了一部分" in house.wang.get(f"/benefits/{id}/progress").words
    assert "哪些户领过福利" in house.nobody.get("/rules").words, "the rule and its source stand on the page of rules"


def test_the_lists_are_walked_a_page_at_a_time(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house, RICE)
    for path in (f"/distributions/{id}/units", f"/distributions/{id}/entitlements"):
        labels: list[str] = []
        following = f"{path}?limit=3"
        while following:
            page = house.liu.api.get(following)
            labels += [unit["label"] for unit in page.json["items"]]
            cursor = page.json.get("next_cursor")
            following = f"{path}?limit=3&cursor={cursor}" if cursor else ""
        assert len(labels) == len(set(labels)) == 8
    assert house.wang.api.get(f"/distributions/{id}/entitlements").status == 403
    assert house.zhang.api.get(f"/distributions/{id}/entitlements").status == 403, Permission.HAND_OUT
