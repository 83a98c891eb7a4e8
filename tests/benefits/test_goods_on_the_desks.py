"""Goods and desks: what came, what moved, what spoiled; of each item at each desk nothing is lost, whoever counts at once."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from app.benefits import stocking
from app.benefits.stock_models import Stock
from app.treasury.chart_models import Code
from tests.benefits.giving import OIL, RICE, arrived, balance, check_the_books, goods, hand_out, opened, planned
from tests.cast import Answer, House
from tests.making import fresh

ANY_DESK = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"


def second_desk(house: House, id: str, name: str = "北门") -> tuple[str, str]:
    """The ids of the first desk and of one more."""
    made = house.liu.api.ask("POST", f"/distributions/{id}/desks", json={"name": name})
    assert made.status == 201, made
    first = house.liu.api.get(f"/distributions/{id}/stock").json["items"][0]["desk_id"]
    return first, made.json["id"]


def moved(house: House, id: str, item: UUID, kind: str, quantity: int, **changes: Any) -> Answer:
    return arrived(house, id, item, quantity, kind=kind, **changes)


def test_goods_arrive_move_spoil_and_are_counted_again(house: House) -> None:
    id = opened(house, RICE, OIL, stock=10)
    rice, _oil = goods(house, id)
    here, there = second_desk(house, id)
    assert moved(house, id, rice, "moved", 4, from_desk_id=here, to_desk_id=there).status == 201
    assert moved(house, id, rice, "spoiled", 1, from_desk_id=there, reason="摔破了").status == 201
    assert moved(house, id, rice, "counted", 1, from_desk_id=here, reason="少点了一袋").status == 201
    assert moved(house, id, rice, "counted", 2, to_desk_id=there, reason="多出两袋").status == 201
    stocks = house.chen.api.get(f"/distributions/{id}/stock").json["items"]
    of_rice = {stock["desk"]: stock for stock in stocks if stock["item_id"] == str(rice)}
    assert {desk: (stock["received"], stock["spoiled"], stock["left"]) for desk, stock in of_rice.items()} == {
        "发放台": (5, 0, 5),
        "北门": (6, 1, 5),
    }
    check_the_books(house, id)
    assert hand_out(house, id, house.wang, desk_id=there).json["code"] == "OutOfStock", "there is no oil at that desk"
    assert hand_out(house, id, house.wang).status == 201
    check_the_books(house, id)


def test_what_is_not_there_any_more_is_a_loss_and_what_is_found_is_a_loss_less(house: House) -> None:
    id = opened(house, RICE, stock=10)
    (rice,) = goods(house, id)
    here, _there = second_desk(house, id)

    def worth() -> tuple[int, int]:
        with house.session() as session:
            return tuple(balance(session, house.compound.id, code) for code in (Code.STOCK, Code.OTHER_EXPENSE))  # type: ignore[return-value]

    assert worth() == (0, 0)
    assert moved(house, id, rice, "counted", 3, from_desk_id=here, reason="少了三袋").status == 201
    assert worth() == (-180_00, 180_00)
    assert moved(house, id, rice, "counted", 1, to_desk_id=here, reason="找到一袋").status == 201
    assert worth() == (-120_00, 120_00)
    history = house.chen.get(f"/benefits/{id}/stock/items/{rice}").page
    booked = {row.get_text(" ", strip=True): row.find("a") is not None for row in history.select("main li")}
    assert all(there for said, there in booked.items() if "点出来" in said), booked
    check_the_books(house, id)


def test_no_more_leaves_a_desk_than_stands_on_it(house: House) -> None:
    id = opened(house, RICE, stock=1)
    (rice,) = goods(house, id)
    here, there = second_desk(house, id)
    for kind, desks in (
        ("moved", {"from_desk_id": here, "to_desk_id": there}),
        ("spoiled", {"from_desk_id": here, "reason": "摔破了"}),
        ("counted", {"from_desk_id": here, "reason": "少了"}),
        ("spoiled", {"from_desk_id": there, "reason": "空台"}),
    ):
        answer = moved(house, id, rice, kind, 2, **desks)
        assert (answer.status, answer.json["code"]) == (409, "NotThatMany"), kind
    check_the_books(house, id)


@pytest.mark.parametrize(
    "broken",
    [
        {"quantity": 0},
        {"quantity": -1},
        {"quantity": 2**63},
        {"quantity": "三"},
        {"quantity": "\x00"},
        {"quantity": None},
        {"kind": "eaten"},
        {"kind": "moved"},
        {"kind": "spoiled", "reason": "摔破了"},
        {"kind": "arrived", "from_desk_id": ANY_DESK},
        {"kind": "counted", "reason": "没有台"},
        {"kind": "spoiled", "from_desk_id": ANY_DESK},
    ],
    ids=str,
)
def test_a_broken_count_is_told_so(house: House, broken: dict[str, object]) -> None:
    id = opened(house, stock=0)
    wish = {"item_id": str(goods(house, id)[0]), "quantity": 1} | broken
    assert house.liu.api.put(f"/distributions/{id}/stock-moves/{fresh()}", wish).status == 422
    form = {name: str(value) for name, value in wish.items()}
    assert house.liu.post(f"/benefits/{id}/stock/arrived", form | {"id": str(fresh())}).status == 422


def test_what_is_not_there_is_not_found(house_sqlite: House) -> None:
    house = house_sqlite
    id, other = opened(house, RICE, stock=0), opened(house, OIL, stock=0)
    assert arrived(house, id, goods(house, other)[0]).status == 404
    (rice,) = goods(house, id)
    assert arrived(house, id, rice, to_desk_id=second_desk(house, other)[0]).status == 404
    draft = arrived(house, planned(house), rice)
    assert (draft.status, draft.json["code"]) == (409, "NotEffective")
    assert hand_out(house, id, house.wang, desk_id=str(fresh())).status == 404


def test_goods_are_counted_once(house: House) -> None:
    id = opened(house, RICE, stock=0)
    (rice,) = goods(house, id)
    path, wish = f"/distributions/{id}/stock-moves/{fresh()}", {"item_id": str(rice), "quantity": 7}
    assert [house.liu.api.put(path, wish).status for _ in range(2)] == [201, 200]
    with house.session() as session:
        assert session.exec(select(Stock)).one().received == 7
    form = {"quantity": "３", "item_id": str(rice), "id": str(fresh())}
    leads = house.liu.get(f"/benefits/{id}").page.find("a", href=f"/c/fengshu/benefits/{id}/stock/arrived")
    assert "登记到货" in leads.get_text()
    assert house.liu.post(f"/benefits/{id}/stock/arrived", form).status == 303
    assert "大米 还有 10" in house.liu.get(f"/benefits/{id}").words
    check_the_books(house, id)


def test_a_desk_is_set_up_once_by_its_name(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house)
    again = [house.liu.api.ask("POST", f"/distributions/{id}/desks", json={"name": "北门"}) for _ in range(2)]
    assert [answer.status for answer in again] == [201, 200]
    assert again[0].json == again[1].json
    assert "从哪个发放台发？" in house.liu.get(f"/benefits/{id}/desk?q=601").words
    refused = house.liu.api.ask("POST", f"/distributions/{planned(house)}/desks", json={"name": "北门"})
    assert (refused.status, refused.json["code"]) == (409, "NotEffective")


def rush_away(house: House) -> list[Answer]:
    id = opened(house, RICE, stock=1)
    (rice,) = goods(house, id)
    here, there = second_desk(house, id)
    path = f"/distributions/{id}/stock-moves"
    wish = {"item_id": str(rice), "quantity": 1, "kind": "moved", "from_desk_id": here, "to_desk_id": there}
    answers = house.at_once(*[(house.liu.api, "PUT", f"{path}/{fresh()}", {"json": wish}) for _ in range(20)])
    if all(answer.status in (201, 409) for answer in answers):
        check_the_books(house, id)
    return answers


def test_the_last_bag_is_carried_away_once(house: House) -> None:
    assert Counter(answer.status for answer in rush_away(house)) == {201: 1, 409: 19}


def test_control_whoever_does_not_count_carries_it_away_twenty_times(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stocking, "shift", lambda *_: True)
    with pytest.raises(AssertionError):
        rush_away(house)


def test_whatever_is_done_with_goods_nothing_is_lost(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house, RICE, OIL, stock=3)
    desks = second_desk(house, id)
    items = goods(house, id)
    owners = [house.wang, house.li, house.he, house.zhang]
    acts = st.tuples(
        st.sampled_from(["claim", "void", "arrived", "moved", "spoiled", "counted", "found"]),
        st.integers(0, 1),
        st.integers(0, 1),
        st.integers(0, 3),
    )

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(acts, min_size=1, max_size=8))
    def play(sequence: list[tuple[str, int, int, int]]) -> None:
        for act, item, desk, n in sequence:
            here, there = desks[desk], desks[1 - desk]
            why = {"reason": "试一试"}
            match act:
                case "claim":
                    answer = hand_out(house, id, owners[n], desk_id=here)
                case "void":
                    mine = owners[n].api.get("/entitlements").json["items"][0]["lines"]
                    claim = next((line["claim_id"] for line in mine if line["claim_id"]), None)
                    if claim is None:
                        continue
                    answer = house.chen.api.ask("POST", f"/claims/{claim}/void", json={"reason": "发错了"})
                case "moved":
                    answer = moved(house, id, items[item], act, n + 1, from_desk_id=here, to_desk_id=there)
                case "found":
                    answer = moved(house, id, items[item], "counted", n + 1, to_desk_id=here, **why)
                case "arrived":
                    answer = moved(house, id, items[item], act, n + 1, to_desk_id=here)
                case _:
                    answer = moved(house, id, items[item], act, n + 1, from_desk_id=here, **why)
            assert answer.status in (200, 201, 409), answer
        check_the_books(house, id)

    play()


def test_officers_read_how_the_pieces_add_up_and_put_them_right_on_pages(house: House) -> None:
    id = opened(house, RICE, OIL, stock=10)
    rice, _oil = goods(house, id)
    at = f"/benefits/{id}/stock"
    assert "换一个发放台" not in house.liu.get(at).words, "there is one desk only"
    assert house.liu.post(f"{at}/desks", {"name": " "}).status == 422
    assert "发放台加好了" in house.liu.follow(house.liu.post(f"{at}/desks", {"name": "北门"})).words
    stocks = house.liu.api.get(f"/distributions/{id}/stock").json["items"]
    here, there = (stock["desk_id"] for stock in stocks if stock["item_id"] == str(rice))
    hand_out(house, id, house.wang)
    for act, typed in (
        ("moved", {"kind": "moved", "quantity": "4", "from_desk_id": here, "to_desk_id": there}),
        ("spoiled", {"kind": "spoiled", "quantity": "1", "from_desk_id": there, "reason": "摔破了"}),
        ("fewer", {"kind": "counted", "quantity": "2", "from_desk_id": here, "reason": "早上点错了"}),
        ("more", {"kind": "counted", "quantity": "3", "to_desk_id": there, "reason": "车上还有三袋"}),
    ):
        assert f'value="{typed["kind"]}"' in house.liu.get(f"{at}/{act}").text
        form = {"id": str(fresh()), "item_id": str(rice)} | typed
        assert house.liu.post(f"{at}/{act}", form | {"quantity": ""}).status == 422
        assert "登记好了" in house.liu.follow(house.liu.post(f"{at}/{act}", form)).words
    words = house.chen.get(at).words
    assert "收到 4 ＝ 发出 1 ＋ 有冲突 0 ＋ 坏了 0 ＋ 还剩 3" in words
    assert "收到 7 ＝ 发出 0 ＋ 有冲突 0 ＋ 坏了 1 ＋ 还剩 6" in words
    assert "收到 11 ＝ 发出 1 ＋ 有冲突 0 ＋ 坏了 1 ＋ 还剩 9" in words, "over all desks"
    history = house.chen.get(f"{at}/items/{rice}").words
    for said in ("到货 10，发放台", "换发放台 4，发放台 → 北门", "坏了 1，北门", "点出来少了 2，发放台", "点出来多了 3，北门"):
        assert said in history
    assert "车上还有三袋" in history
    check_the_books(house, id)


def test_a_piece_that_is_not_there_is_not_moved_on_a_page_either(house: House) -> None:
    id = opened(house, RICE, stock=1)
    (rice,) = goods(house, id)
    here, there = second_desk(house, id)
    form = {"id": str(fresh()), "kind": "moved", "item_id": str(rice), "from_desk_id": here, "to_desk_id": there}
    assert house.liu.post(f"/benefits/{id}/stock/moved", form | {"quantity": "2"}).status == 409
    assert house.liu.get(f"/benefits/{id}/stock/items/{fresh()}").status == 404
    assert house.chen.get(f"/benefits/{id}/stock/moved").status == 403
    assert house.wang.get(f"/benefits/{id}/stock").status == 403
    check_the_books(house, id)
