"""Closing publishes what became of it, frozen and open to objections; closing again puts a new report in its place."""

import json
from hashlib import sha256

from sqlmodel import col, select

from app.notices.models import Notice, NoticeKind
from tests.benefits.giving import OIL, RICE, arrived, check_the_books, goods, hand_out, money, opened, plan, published
from tests.cast import Answer, House


def closed(house: House, id: str) -> Answer:
    return house.liu.api.ask("POST", f"/distributions/{id}/close")


def report(house: House, id: str, number: int | None = None) -> Answer:
    return house.nobody.api.get(f"/distributions/{id}/report" + (f"?number={number}" if number else ""))


def test_closing_publishes_the_totals_of_each_item(house: House) -> None:
    id = opened(house, RICE, OIL, money("100.00", rounding="yuan"), stock=20)
    rice, _oil = goods(house, id)
    desk = house.chen.api.get(f"/distributions/{id}/stock").json["items"][0]["desk_id"]
    arrived(house, id, rice, 2, kind="spoiled", from_desk_id=desk, reason="受潮")
    hand_out(house, id, house.wang)
    hand_out(house, id, house.zhang)
    assert report(house, id).status == 404, "nothing is published before"
    before = plan(house, id)
    assert closed(house, id).status == 200
    told = report(house, id).json
    by_name = {item["name"]: item for item in told["items"]}
    pieces = ("due", "handed", "unclaimed", "received", "conflicted", "spoiled", "left")
    assert [by_name["大米"][name] for name in pieces] == [8, 2, 6, 20, 0, 2, 16]
    assert [by_name["菜籽油"][name] for name in pieces] == [16, 4, 12, 20, 0, 0, 16]
    for item in told["items"]:
        fen = {name: int(item[name]["amount"].replace(".", "")) for name in ("due_amount", "handed_amount", "unclaimed_amount")}
        assert fen["due_amount"] == fen["handed_amount"] + fen["unclaimed_amount"]
    assert by_name["分红"]["residue"]["amount"] == before["items"][2]["residue"]["amount"]
    assert (told["units"], told["claimed"], told["unclaimed"]) == (8, 2, 6)
    assert told["unclaimed_amount"] == before["left"]
    page = house.nobody.get(f"/benefits/{id}/report")
    assert page.status == 200
    assert "没领的，还欠着" in page.words
    check_the_books(house, id)


def test_the_report_is_a_notice_with_frozen_bytes_and_a_period(house: House) -> None:
    id = opened(house, RICE)
    closed(house, id)
    with house.session() as session:
        notice = session.exec(select(Notice).where(Notice.kind == NoticeKind.DISTRIBUTION_REPORT)).one()
        assert sha256(notice.frozen).digest() == notice.sha256
        assert json.loads(notice.frozen)["unclaimed"] == 8
        assert b"3-2-60" not in notice.frozen, "no room stands in it"
        notice_id, path = notice.id, notice.path
    assert house.nobody.get(path).status == 200
    said = house.nobody.get(f"/notices/{notice_id}").words
    assert "福利发放结果公示" in said
    made = house.wang.post(f"/notices/{notice_id}/objections", {"text": "我家领了，怎么没算？"})
    assert made.status == 303, made
    hand = house.liu.api.ask("POST", f"/distributions/{id}/reopen")
    assert hand.status == 200
    arrived(house, id, goods(house, id)[0], 1)
    assert hand_out(house, id, house.wang).status == 201, "an objection to the report does not stop the table"


def test_closing_again_puts_a_new_report_in_the_place_of_the_old(house: House) -> None:
    id = opened(house, RICE)
    hand_out(house, id, house.wang)
    closed(house, id)
    first = report(house, id).json
    assert closed(house, id).status == 200, "a closed table stays closed"
    assert report(house, id).json == first, "and publishes nothing twice"
    house.liu.api.ask("POST", f"/distributions/{id}/reopen")
    hand_out(house, id, house.zhang)
    closed(house, id)
    second = report(house, id).json
    assert (first["number"], second["number"]) == (1, 2)
    assert (first["claimed"], second["claimed"]) == (1, 2)
    assert report(house, id, 1).json == first, "what was published stays to be read"
    assert report(house, id, 3).status == 404
    old, new = (house.nobody.get(f"/benefits/{id}/report?number={n}").words for n in (1, 2))
    assert "后来又发过，有新的结果" in old
    assert "后来又发过" not in new
    with house.session() as session:
        kept = session.exec(
            select(Notice).where(Notice.kind == NoticeKind.DISTRIBUTION_REPORT).order_by(col(Notice.published_at))
        ).all()
        assert [notice.superseded_by_id for notice in kept] == [kept[1].id, None]


def test_what_never_took_effect_is_not_closed_and_reported(house_sqlite: House) -> None:
    house = house_sqlite
    id = published(house, RICE)
    assert (closed(house, id).status, closed(house, id).json["code"]) == (409, "NotEffective")
    assert report(house, id).status == 404
