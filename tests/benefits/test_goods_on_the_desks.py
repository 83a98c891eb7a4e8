"""Goods and desks: what came, what moved, what spoiled; of each item at each desk nothing is lost, whoever counts at once."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.benefits import stocking
from app.benefits.stock_models import Stock, StockMove
from app.treasury.chart_models import Code
from tests.benefits.giving import OIL, RICE, arrived, balance, check_the_books, goods, hand_out, opened, planned
from tests.cast import Answer, House, One
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
    assert "收到 4 ＝ 发出 1 ＋ 对不上 0 ＋ 坏了 0 ＋ 还剩 3" in words
    assert "收到 7 ＝ 发出 0 ＋ 对不上 0 ＋ 坏了 1 ＋ 还剩 6" in words
    assert "收到 11 ＝ 发出 1 ＋ 对不上 0 ＋ 坏了 1 ＋ 还剩 9" in words, "over all desks"
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


def put_right(house: House, id: str, move: str, quantity: int, to: object = None, by: One | None = None) -> Answer:
    path = f"/distributions/{id}/stock-moves/{move}/corrections/{to or fresh()}"
    return (by or house.liu).api.put(path, {"quantity": quantity, "reason": "多写了一个零"})


def stock_of(house: House, id: str, item: UUID) -> dict[str, tuple[int, int, int]]:
    """Of each desk: received, spoiled, left."""
    stocks = house.chen.api.get(f"/distributions/{id}/stock").json["items"]
    return {s["desk"]: (s["received"], s["spoiled"], s["left"]) for s in stocks if s["item_id"] == str(item)}


def test_a_number_that_was_written_wrongly_is_put_right_and_both_are_kept(house: House) -> None:
    id = opened(house, RICE, stock=0)
    (rice,) = goods(house, id)
    wrong = arrived(house, id, rice, 1000).json["id"]
    hand_out(house, id, house.wang)
    done = put_right(house, id, wrong, 100)
    assert (done.status, done.json["quantity"], done.json["corrects_id"]) == (201, -900, wrong)
    assert stock_of(house, id, rice) == {"发放台": (100, 0, 99)}
    assert put_right(house, id, wrong, 100).json["code"] == "NothingToPutRight"
    assert put_right(house, id, wrong, 110).json["quantity"] == 10, "once more, and up"
    assert put_right(house, id, done.json["id"], 5).status == 404, "the first is corrected, never a correction"
    assert put_right(house, id, wrong, 5, by=house.chen).status == 403
    listed = house.chen.api.get(f"/distributions/{id}/stock-moves").json["items"]
    assert [(m["quantity"], m["corrects_id"]) for m in listed] == [(10, wrong), (-900, wrong), (1000, None)]
    check_the_books(house, id)


def test_never_below_what_was_handed_out(house: House) -> None:
    id = opened(house, RICE, stock=0)
    (rice,) = goods(house, id)
    wrong = arrived(house, id, rice, 3).json["id"]
    for one in (house.wang, house.li):
        hand_out(house, id, one)
    no = put_right(house, id, wrong, 1)
    assert (no.status, no.json["code"]) == (409, "MoreIsGone")
    assert stock_of(house, id, rice) == {"发放台": (3, 0, 1)}
    assert put_right(house, id, wrong, 2).status == 201
    assert stock_of(house, id, rice) == {"发放台": (2, 0, 0)}
    check_the_books(house, id)


def test_what_moved_spoiled_or_was_counted_wrongly_goes_back_the_way_it_came(house: House) -> None:
    id = opened(house, RICE, stock=10)
    (rice,) = goods(house, id)
    here, there = second_desk(house, id)
    moves = [
        moved(house, id, rice, "moved", 5, from_desk_id=here, to_desk_id=there),
        moved(house, id, rice, "spoiled", 4, from_desk_id=there, reason="摔破了"),
        moved(house, id, rice, "counted", 3, from_desk_id=here, reason="少了"),
        moved(house, id, rice, "counted", 2, to_desk_id=there, reason="多了"),
    ]
    for move in reversed(moves):
        assert put_right(house, id, move.json["id"], 1).status == 201
        check_the_books(house, id)
    assert stock_of(house, id, rice) == {"发放台": (8, 0, 8), "北门": (2, 1, 1)}
    assert put_right(house, id, moves[0].json["id"], 0).status == 201
    assert put_right(house, id, moves[3].json["id"], 0).json["code"] == "MoreIsGone", "it spoiled there"
    assert put_right(house, id, moves[1].json["id"], 0).status == 201
    assert put_right(house, id, moves[3].json["id"], 0).status == 201
    assert stock_of(house, id, rice) == {"发放台": (9, 0, 9), "北门": (0, 0, 0)}
    check_the_books(house, id)


def test_a_correction_is_made_once_and_says_why(house: House) -> None:
    id, other = opened(house, RICE, stock=0), opened(house, RICE, stock=0)
    (rice,) = goods(house, id)
    wrong, to = arrived(house, id, rice, 1000).json["id"], fresh()
    assert [put_right(house, id, wrong, 100, to).status for _ in range(2)] == [201, 200]
    assert put_right(house, id, wrong, 99, to).json["code"] == "SameIdOtherContent"
    assert put_right(house, other, wrong, 99).status == 404, "of another plan"
    path = f"/distributions/{id}/stock-moves/{wrong}/corrections/{fresh()}"
    assert house.liu.api.put(path, {"quantity": 5, "reason": " "}).status == 422
    assert house.liu.api.put(path, {"quantity": -1, "reason": "少"}).status == 422
    assert stock_of(house, id, rice) == {"发放台": (100, 0, 100)}


def test_officers_put_a_number_right_on_its_page(house: House) -> None:
    id = opened(house, RICE, stock=0)
    (rice,) = goods(house, id)
    wrong = arrived(house, id, rice, 1000).json["id"]
    leads = f"/benefits/{id}/stock/moves/{wrong}"
    assert f'href="/c/fengshu{leads}"' in house.liu.get(f"/benefits/{id}/stock/items/{rice}").text
    assert "现在算 1000 份" in house.liu.get(leads).words
    assert "数写错了？" not in house.chen.get(leads).words, "who checks only reads it"
    assert house.wang.get(leads).status == 403
    form = {"id": str(fresh()), "quantity": "１００", "reason": ""}
    assert house.liu.post(leads, form).status == 422
    history = house.liu.follow(house.liu.post(leads, form | {"reason": "多写了一个零"})).words
    assert "改好了" in history
    assert "更正：到货 −900，发放台" in history
    assert "到货 1000，发放台" in history
    assert "现在算 100 份" in house.liu.get(leads).words


def test_the_database_refuses_fewer_than_nothing_but_for_a_correction(house: House) -> None:
    id = opened(house, RICE, stock=1)
    with house.session() as session:
        right = session.exec(select(StockMove)).one()
        for wrong in ({"quantity": -1}, {"quantity": 0, "corrects_id": right.id}, {"corrects_id": right.id, "reason": ""}):
            with session.begin_nested() as tried:
                session.add(StockMove(**right.model_dump(exclude={"id"}) | {"reason": "试一试"} | wrong))
                with pytest.raises(IntegrityError):
                    session.flush()
                tried.rollback()
    check_the_books(house, id)


def rename(house: House, id: str, desk: str, name: str, etag: str | None, by: One | None = None) -> Answer:
    headers = {"if-match": etag} if etag else {}
    return (by or house.liu).api.ask("PATCH", f"/distributions/{id}/desks/{desk}", json={"name": name}, headers=headers)


def test_a_desk_gets_another_name_and_keeps_its_goods(house: House) -> None:
    id = opened(house, RICE, stock=5)
    (rice,) = goods(house, id)
    here, there = second_desk(house, id)
    seen = house.chen.api.get(f"/distributions/{id}/desks/{there}")
    etag = seen.response.headers["etag"]
    assert seen.json["name"] == "北门"
    assert rename(house, id, there, "东门", None).status == 428
    assert rename(house, id, there, "发放台", etag).json["code"] == "DeskNameTaken"
    assert rename(house, id, there, "东门", etag, by=house.chen).status == 403
    done = rename(house, id, there, "东门", etag)
    assert (done.status, done.json["name"]) == (200, "东门")
    assert rename(house, id, there, "西门", etag).status == 412, "somebody else was first"
    assert rename(house, opened(house, RICE), there, "西门", etag).status == 404, "of another plan"
    assert set(stock_of(house, id, rice)) == {"发放台", "东门"}
    first = house.liu.api.get(f"/distributions/{id}/desks/{here}").response.headers["etag"]
    assert rename(house, id, here, "议事厅", first).status == 200
    assert stock_of(house, id, rice) == {"议事厅": (5, 0, 5), "东门": (0, 0, 0)}


def test_a_desk_is_renamed_on_its_page(house: House) -> None:
    id = opened(house, RICE, stock=5)
    _here, there = second_desk(house, id)
    at = f"/benefits/{id}/stock/desks/{there}"
    assert f'href="/c/fengshu{at}"' in house.liu.get(f"/benefits/{id}/stock").text
    page = house.liu.get(at).page.find("form", action=f"/c/fengshu{at}")
    form = {i["name"]: i.get("value", "") for i in page.find_all("input")}
    assert form["name"] == "北门"
    assert house.liu.post(at, form | {"name": " "}).status == 422
    taken = house.liu.post(at, form | {"name": "发放台"})
    assert (taken.status, "已经有一个发放台叫这个名字" in taken.words) == (409, True)
    assert "东门" in house.liu.follow(house.liu.post(at, form | {"name": "东门"})).words
    late = house.liu.post(at, form | {"name": "西门"})
    assert (late.status, "现在叫：东门" in late.words) == (412, True)


def test_a_count_of_the_time_before_losses_were_booked_is_counted_again_and_not_corrected(house: House) -> None:
    id = opened(house, RICE, stock=10)
    (rice,) = goods(house, id)
    here, _there = second_desk(house, id)
    with house.session() as session:
        some = session.exec(select(StockMove)).one().model_dump(exclude={"id", "kind", "to_desk_id", "from_desk_id", "quantity"})
        session.add(old := StockMove(**some, kind="counted", from_desk_id=UUID(here), quantity=2))
        session.flush()
        stock = balance(session, house.compound.id, Code.STOCK)
    told = put_right(house, id, str(old.id), 1)
    assert (told.status, told.json["code"]) == (409, "NeverBooked")
    with house.session() as session:
        assert balance(session, house.compound.id, Code.STOCK) == stock
    assert moved(house, id, rice, "counted", 1, from_desk_id=here, reason="重新点").status == 201
