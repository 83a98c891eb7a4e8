"""The steps to items, batches and desks and to erased words, taken back and taken again under a gift that is handed out."""

import pytest
import sqlalchemy as sa

from app.kit.migrations import downgrade, upgrade
from tests.benefits.giving import BY_PHONE, OIL, RICE, check_the_books, hand_out, line, lines, money, opened, plan, planned
from tests.cast import House
from tests.making import fresh

BEFORE = "248c581e5114"
BEFORE_ERASING = "4b9a7a540042"


def url_of(house: House) -> str:
    return house.db.url.render_as_string(hide_password=False)


def change(house: House, said: str) -> None:
    with house.session() as session:
        session.execute(sa.text(said))


def rows(house: House, asked: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(house.db.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(asked))]


def test_a_gift_of_goods_stands_as_it_stood(house: House) -> None:
    id = opened(house, RICE, stock=5)
    made = hand_out(house, id, house.wang, proxy_name="小王", proxy_relation="女儿", **BY_PHONE).json
    wrong = hand_out(house, id, house.li).json
    assert house.chen.api.ask("POST", f"/claims/{wrong['id']}/void", json={"reason": "发错了"}).status == 200
    code, before = line(house, id, house.wang).code, plan(house, id)
    downgrade(url_of(house), BEFORE)
    assert rows(house, "SELECT kind, goods, rule, asked_fen, place, total_fen, units FROM distribution") == [
        ("goods", "大米", "fixed_per_unit", 6000, "议事厅", 48_000, 8)
    ]
    assert rows(house, "SELECT received, handed FROM stock") == [(5, 1)]
    assert rows(house, "SELECT quantity FROM delivery") == [(5,)]
    assert rows(house, "SELECT DISTINCT amount_fen, quantity FROM entitlement") == [(6000, 1)]
    upgrade(url_of(house))
    after = plan(house, id)
    unnamed = {"id", "batch_id", "unit"}  # a new row has a new id, and pieces had no unit
    assert {k: v for k, v in after["items"][0].items() if k not in unnamed} == {
        k: v for k, v in before["items"][0].items() if k not in unnamed
    }
    assert {k: v for k, v in after.items() if k not in ("items", "batches")} == {
        k: v for k, v in before.items() if k not in ("items", "batches")
    }
    assert line(house, id, house.wang).code == code
    assert {each["claim_id"] for each in lines(house, id, house.wang).values()} == {made["id"]}
    assert {each["claim_id"] for each in lines(house, id, house.li).values()} == {None}
    assert house.wang.api.get(f"/claims/{made['id']}").json["authority"] == "unrecorded", "nobody had asked"
    assert "当时没有记" in house.wang.get(f"/benefits/claims/{made['id']}").words
    check_the_books(house, id)
    assert hand_out(house, id, house.wang).json["code"] == "AlreadyClaimed"
    assert hand_out(house, id, house.li).status == 201
    assert house.chen.api.ask("POST", f"/claims/{made['id']}/void", json={"reason": "发错了"}).status == 200
    check_the_books(house, id)


def test_money_by_area_stands_as_it_stood(house: House) -> None:
    id = opened(house, money("1000.01"))
    hand_out(house, id, house.wang)
    draft = planned(house, title="草稿")
    downgrade(url_of(house), BEFORE)
    assert rows(house, "SELECT kind, goods, rule, asked_fen FROM distribution WHERE frozen_at IS NOT NULL") == [
        ("money", "", "by_area", 100_001)
    ]
    upgrade(url_of(house))
    assert lines(house, id, house.li)["端午礼包"]["weight"] == 8950
    assert "乘以 您家面积 89.50 m²" in house.li.get(f"/benefits/{id}/code").words
    check_the_books(house, id)
    assert hand_out(house, id, house.li).status == 201
    assert house.liu.api.ask("POST", f"/distributions/{draft}/submit").status == 200


def test_a_draft_of_goods_by_area_gets_a_price_and_needs_its_decision(house: House) -> None:
    """A parcel for each unit whose worth followed the area: what it was worth on average is its price now."""
    id = planned(house, RICE)
    downgrade(url_of(house), BEFORE)
    change(house, "UPDATE distribution SET rule = 'by_area', asked_fen = 80001, decision_id = NULL")
    upgrade(url_of(house))
    (item,) = plan(house, id)["items"]
    assert (item["rule"], item["price"]["amount"], item["kind"]) == ("fixed_per_unit", "100.00", "goods")
    refused = house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert (refused.status, refused.json["code"]) == (409, "NamesNoDecision")


def test_what_had_no_place_before_is_not_taken_back(house: House) -> None:
    opened(house, RICE, OIL)
    with pytest.raises(RuntimeError, match="no place before"):
        downgrade(url_of(house), BEFORE)
    assert len(rows(house, "SELECT id FROM distribution_item")) == 2


def test_why_somebody_could_not_come_to_a_closed_table_is_erased(house: House) -> None:
    for title in ("端午礼包", "中秋礼包"):
        id = opened(house, title=title)
        wish = {"unit": "3-2-601", "reason": "腿脚不便", "phone": "13800001111"}
        assert house.wang.api.put(f"/distributions/{id}/deliveries/{fresh()}", wish).status == 201
    downgrade(url_of(house), BEFORE_ERASING)
    change(house, "UPDATE distribution SET closed_at = frozen_at WHERE title = '端午礼包'")
    upgrade(url_of(house))
    kept = (
        "SELECT title, reason, phone, withdrawn_at IS NULL FROM home_delivery d JOIN distribution p ON p.id = d.distribution_id"
    )
    assert rows(house, f"{kept} ORDER BY title DESC") == [
        ("端午礼包", "", "", False),
        ("中秋礼包", "腿脚不便", "13800001111", True),
    ]
