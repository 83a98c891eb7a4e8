"""A plan of several things, in several batches, of goods and money: each line is handed out for itself, once."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import select

from app.benefits import service
from app.benefits.models import Batch
from app.kit.clock import today
from app.treasury.chart_models import Code
from tests.benefits.giving import (
    IN_BANK,
    OIL,
    RICE,
    arrived,
    asked,
    balance,
    batch,
    check_the_books,
    goods,
    hand_out,
    line,
    lines,
    money,
    opened,
    plan,
    ticked,
)
from tests.cast import Answer, House
from tests.making import fresh

NAMED = [batch(name="第一批"), batch(begins=5, ends=9, name="第二批")]


def test_one_signature_takes_all_that_is_there(house: House) -> None:
    id = opened(house, RICE, OIL, money("10.00", "fixed_per_unit", name="红包"))
    made = hand_out(house, id, house.wang)
    assert len(made.json["lines"]) == 3
    assert {name: (each["quantity"], each["amount"]["amount"]) for name, each in lines(house, id, house.wang).items()} == {
        "大米": (1, "60.00"),
        "菜籽油": (2, "72.00"),
        "红包": (0, "10.00"),
    }
    by_item = {
        item["name"]: (item["pieces_claimed"], item["stock_left"], item["claimed"]["amount"]) for item in plan(house, id)["items"]
    }
    assert by_item == {"大米": (1, 99, "60.00"), "菜籽油": (2, 98, "72.00"), "红包": (None, None, "10.00")}
    check_the_books(house, id)
    page = house.wang.get(f"/benefits/claims/{made.json['id']}").words
    assert "大米 1袋、菜籽油 2桶、¥10.00" in page


def test_what_ran_out_is_collected_later(house: House) -> None:
    id = opened(house, RICE, OIL, stock=0)
    rice, oil = goods(house, id)
    arrived(house, id, rice, 5)
    empty = hand_out(house, id, house.wang)
    assert (empty.status, empty.json["code"]) == (409, "OutOfStock")
    assert "菜籽油" in empty.json["detail"]
    check_the_books(house, id)
    first = hand_out(house, id, house.wang, lines=[lines(house, id, house.wang)["大米"]["id"]])
    assert first.status == 201, first
    assert "领了一部分" in house.liu.get(f"/benefits/{id}/roll").words
    assert (plan(house, id)["claimed"], plan(house, id)["left"]["amount"]) == (0, f"{8 * 132 - 60}.00")
    again = hand_out(house, id, house.wang, lines=[lines(house, id, house.wang)["大米"]["id"]])
    assert (again.status, again.json["code"]) == (409, "AlreadyClaimed")
    confirm = house.liu.get(f"/benefits/{id}/desk?q=601").words
    assert "领过一部分" in confirm
    arrived(house, id, oil, 2)
    assert hand_out(house, id, house.wang).status == 201, "what is left needs no naming"
    assert plan(house, id)["claimed"] == 1
    assert hand_out(house, id, house.wang).json["code"] == "AlreadyClaimed"
    check_the_books(house, id)


def test_a_line_of_somebody_else_is_not_found(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house, RICE)
    assert hand_out(house, id, house.wang, lines=[lines(house, id, house.li)["大米"]["id"]]).status == 404
    assert hand_out(house, id, house.wang, lines=["nonsense"]).status == 422


def test_each_batch_has_its_days_and_late_is_not_lost(house: House) -> None:
    id = opened(house, RICE, OIL | {"batch": 2}, batches=NAMED)
    page = house.nobody.get(f"/benefits/{id}").words
    assert "第一批：大米" in page
    assert "第二批：菜籽油" in page
    rice, oil = (lines(house, id, house.wang)[name]["id"] for name in ("大米", "菜籽油"))
    early = hand_out(house, id, house.wang, lines=[oil])
    assert (early.status, early.json["code"]) == (409, "NotBegun")
    assert hand_out(house, id, house.wang).json["lines"] == [rice]
    again = hand_out(house, id, house.wang)
    assert (again.status, again.json["code"]) == (409, "NotBegun"), "the rest is of a later batch"
    with house.session() as session:
        for row in session.exec(select(Batch)):
            row.from_on = today() - timedelta(days=9)
            row.until_on = today() if row.position == 2 else today() - timedelta(days=4)
    assert hand_out(house, id, house.li).json["lines"] == [lines(house, id, house.li)["菜籽油"]["id"]], "today's batch first"
    assert hand_out(house, id, house.li).json["lines"] == [lines(house, id, house.li)["大米"]["id"]], "and then what is late"
    check_the_books(house, id)


def test_cash_is_counted_out_and_a_transfer_is_not(house: House) -> None:
    id = opened(house, money("10.00", "fixed_per_unit"))
    assert hand_out(house, id, house.wang, cash=True).status == 201
    assert hand_out(house, id, house.li).status == 201
    check_the_books(house, id)
    with house.session() as session:
        assert balance(session, house.compound.id, Code.CASH) == -1000
        assert balance(session, house.compound.id, Code.BANK) == IN_BANK - 1000


def test_the_table_asks_how_money_is_given_and_books_it_so(house: House) -> None:
    id = opened(house, money("10.00", "fixed_per_unit"))
    page = house.liu.get(f"/benefits/{id}/desk?q=601")
    assert "钱怎么给？" in page.words
    form = page.page.find("form", method="post", action=lambda to: to and to.endswith("/claims"))
    typed = {"id": str(fresh()), "way": "tick_with_witness", "ticked": "true", "owner_id": str(house.wang.id), "cash": "true"}
    assert house.liu.post(form["action"].removeprefix("/c/fengshu"), typed).status == 303
    with house.session() as session:
        assert balance(session, house.compound.id, Code.CASH) == -1000
    assert "钱怎么给？" not in house.liu.get(f"/benefits/{opened(house)}/desk?q=601").words, "of goods it is not asked"
    assert "钱怎么给？" in house.liu.get(f"/benefits/{id}/desk/offline").text


def test_a_table_where_nothing_is_ticked_hands_out_nothing(house: House) -> None:
    id = opened(house, RICE, OIL)
    form = house.liu.get(f"/benefits/{id}/desk?q=601").page.find("form", action=lambda to: to and to.endswith("/claims"))
    typed = {"id": str(fresh()), "way": "tick_with_witness", "ticked": "true", "owner_id": str(house.wang.id)}
    at = form["action"].removeprefix("/c/fengshu")
    refused = house.liu.post(at, typed)
    assert (refused.status, "请勾上他拿到的东西" in refused.words) == (422, True)
    assert {one["claim_id"] for one in lines(house, id, house.wang).values()} == {None}
    assert house.liu.post(at, typed | {"lines": lines(house, id, house.wang)["大米"]["id"]}).status == 303
    assert lines(house, id, house.wang)["菜籽油"]["claim_id"] is None


def test_a_void_gives_every_line_back(house: House) -> None:
    id = opened(house, RICE, OIL, money("10.00", "fixed_per_unit"), stock=2)
    made = hand_out(house, id, house.wang).json
    assert house.chen.api.ask("POST", f"/claims/{made['id']}/void", json={"reason": "发错了"}).status == 200
    assert {item["stock_left"] for item in plan(house, id)["items"]} == {2, None}
    assert plan(house, id)["claimed"] == 0
    assert hand_out(house, id, house.wang).status == 201
    check_the_books(house, id)


def test_a_plan_of_several_batches_names_them(house_sqlite: House) -> None:
    house = house_sqlite
    wish = asked(house, RICE, OIL | {"batch": 2}, batches=NAMED)
    made = house.liu.api.put(f"/distributions/{fresh()}", wish).json
    assert [each["name"] for each in made["batches"]] == ["第一批", "第二批"]
    assert [each["batch_id"] for each in made["items"]] == [each["id"] for each in made["batches"]]


def rivals_for_lines(house: House) -> tuple[str, list[Answer]]:
    """Twenty desks, half of them naming one line, half the other: the unit is due both, each once."""
    id = opened(house, RICE, OIL)
    mine = lines(house, id, house.wang)
    path = f"/entitlements/{line(house, id, house.wang).id}/claims"
    wishes = [ticked(house.wang, lines=[mine[("大米", "菜籽油")[n % 2]]["id"]]) for n in range(20)]
    return id, house.at_once(*[(house.liu.api, "PUT", f"{path}/{fresh()}", {"json": wish}) for wish in wishes])


def test_each_line_goes_once_to_one_of_many_desks(house: House) -> None:
    id, answers = rivals_for_lines(house)
    assert Counter(answer.status for answer in answers) == {201: 2, 409: 18}
    check_the_books(house, id)


def test_the_constraint_alone_keeps_each_line_single(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "claimed_lines", lambda *_: set())
    id, answers = rivals_for_lines(house)
    assert Counter(answer.status for answer in answers) == {201: 2, 409: 18}
    check_the_books(house, id)
