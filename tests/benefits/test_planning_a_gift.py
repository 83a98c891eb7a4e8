"""From a surplus to a frozen roll: who may plan, what it must name, how it is divided, what is published."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlmodel import select

from app.benefits.roll_models import Entitlement
from app.compounds.models import Compound, Ownership
from app.kit.clock import now, today
from app.publiclog.models import LogEntry
from tests.benefits.giving import (
    PACK,
    arrived,
    asked,
    batch,
    check_the_books,
    decided,
    goods,
    let_it_take_effect,
    line,
    money,
    more_units,
    planned,
    published,
    yuan,
)
from tests.cast import House
from tests.making import fresh, make_person


def typed(**changes: object) -> dict[str, object]:
    """A plan of one batch as the form sends it."""
    return {
        "id": str(fresh()),
        "title": "端午礼包",
        "kind": "goods",
        "rule": "fixed_per_unit",
        "goods": ["大米", "菜籽油", ""],
        "price": ["60", "36", ""],
        "pieces": ["1", "1", ""],
        "unit_kinds": ["dwelling"],
        **batch(),
    } | changes


def test_by_area_every_fen_finds_its_unit(house: House) -> None:
    more_units(house, 7)
    id = published(house, money("30000.01"))
    with house.session() as session:
        roll = session.exec(select(Entitlement).where(Entitlement.distribution_id == UUID(id))).all()
        areas = sum(e.area for e in roll)
        assert sum(e.amount_fen for e in roll) == 3_000_001
        assert all(abs(e.amount_fen * areas - 3_000_001 * e.area) < areas for e in roll), "nobody is a whole fen away"
    check_the_books(house, id)
    page = house.nobody.get(f"/benefits/{id}")
    assert "¥30,000.01" in page.words
    assert "3栋2单元" in page.words


def test_a_gift_per_unit_must_name_its_decision(house_sqlite: House) -> None:
    house = house_sqlite
    answer = house.liu.api.put(f"/distributions/{fresh()}", asked(house, decision_id=None))
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"].endswith("decision_id")
    form = typed(decision_id="")
    page = house.liu.post("/benefits/plan", form)
    assert page.status == 422
    assert "要有业主的决议" in page.words
    assert 'value="端午礼包"' in page.text, "what was typed is still there"
    made_up = house.liu.api.put(f"/distributions/{fresh()}", asked(house, decision_id=str(fresh())))
    assert made_up.status == 404


def test_a_plan_is_typed_reviewed_and_published_on_the_pages(house: House) -> None:
    planned(house)  # opens the books
    assert "端午礼包方案" in house.liu.get("/benefits/plan").words
    form = typed(decision_id=decided(house), title="中秋礼包", price=["６０.００", "36", ""], pieces=["", "2", ""])
    answer = house.liu.post("/benefits/plan", form)
    draft = house.liu.follow(answer)
    assert "中秋礼包" in draft.words
    assert "合计 8 户 ¥1,056.00" in draft.words, "the preview's exact sum: one of rice, two of oil"
    id = answer.place.rsplit("/", 1)[1]
    assert house.wang.get(f"/benefits/{id}").status == 404, "a draft is its planners' own"
    assert house.liu.post("/benefits/plan", form).place.endswith(id), "a second tap makes no second plan"
    assert house.liu.post(f"/benefits/{id}/publish").status == 409, "nobody has approved it"
    assert "等监督委员批准" in house.liu.follow(house.liu.post(f"/benefits/{id}/submit")).words
    page = house.chen.get(f"/benefits/{id}")
    (content,) = (one["value"] for one in page.page.find_all("input", attrs={"name": "content_hash"}))
    assert (
        "要 1 位批准，已经有 1 位"
        in house.chen.follow(house.chen.post(f"/benefits/{id}/approve", {"content_hash": content})).words
    )
    after = house.liu.follow(house.liu.post(f"/benefits/{id}/publish"))
    assert "公示中" in after.words
    assert "中秋礼包" in house.nobody.get("/benefits").words
    assert "中秋礼包" in house.nobody.get("/notices").words
    again = house.liu.post(f"/benefits/{id}/publish")
    assert again.status == 409
    assert "不能再改" in again.words


def test_only_planners_with_their_second_factor_plan(house_sqlite: House) -> None:
    house = house_sqlite
    wish = asked(house)
    assert house.wang.api.put(f"/distributions/{fresh()}", wish).status == 403
    assert house.chen.api.put(f"/distributions/{fresh()}", wish).status == 403
    assert house.nobody.api.put(f"/distributions/{fresh()}", wish).status == 401
    assert house.zhao.api.put(f"/distributions/{fresh()}", wish).status == 404, "the decision is not theirs"
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        late = house.liu.api.put(f"/distributions/{fresh()}", wish)
        assert (late.status, late.json["code"]) == (403, "SecondFactorNeeded")


def test_the_public_roll_has_no_room(house_sqlite: House) -> None:
    house = house_sqlite
    id = published(house, money("1000"))
    notice = house.nobody.api.get("/notices").json["items"][0]
    frozen = house.nobody.api.get(f"/notices/{notice['id']}/frozen").text
    assert '"units":8' in frozen
    with house.session() as session:
        log = b"".join(session.exec(select(LogEntry.entry))).decode()
    for public in (frozen, log, house.nobody.get(f"/benefits/{id}").text, house.wang.get(f"/benefits/{id}").text):
        assert "3-2-602" not in public
        assert "3-2-603" not in public
    assert '"type":"roll.frozen"' in log


def test_the_roll_is_frozen_and_the_unit_keeps_its_gift(house: House) -> None:
    """The new owner collects what the unit is due; the old owner does not see it any more."""
    id = published(house)
    with house.session() as session:
        compound = session.get_one(Compound, house.compound.id)
        old = session.exec(select(Ownership).where(Ownership.person_id == house.wang.id)).one()
        old.to_on = today() - timedelta(days=1)
        buyer = make_person(session, compound, "买房人")
        session.add(Ownership(compound_id=compound.id, unit_id=old.unit_id, person_id=buyer.id))
    more_units(house, 3)
    with house.session() as session:
        assert len(session.exec(select(Entitlement).where(Entitlement.distribution_id == UUID(id))).all()) == 8
    assert house.wang.get(f"/benefits/{id}/code").place == "/c/fengshu/me", "it was their only home: a resident no more"
    let_it_take_effect(house, id)
    arrived(house, id, goods(house, id)[0], 8)
    mine = line(house, id, label="3-2-601")
    wish = {"way": "tick_with_witness", "owner_id": str(house.wang.id), "ticked": True}
    gone = house.liu.api.put(f"/entitlements/{mine.id}/claims/{fresh()}", wish)
    assert (gone.status, gone.json["code"]) == (409, "NotAnOwner")
    assert house.liu.api.put(f"/entitlements/{mine.id}/claims/{fresh()}", wish | {"owner_id": str(buyer.id)}).status == 201


def test_a_unit_without_area_stops_a_plan_by_area(house_sqlite: House) -> None:
    house = house_sqlite
    with house.session() as session:
        from tests.making import make_unit

        make_unit(session, session.get_one(Compound, house.compound.id), room="999", area=0)
    id = planned(house, money("1000"))
    assert "有 1 户算出来是零" in house.liu.get(f"/benefits/{id}").words
    answer = house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert (answer.status, answer.json["code"]) == (409, "NothingForSomebody")


@pytest.mark.parametrize(
    "broken",
    [
        {"title": "端\x00午"},
        {"items": []},
        {"items": [PACK | {"price": {"amount": str(2**63)}}]},
        {"items": [PACK | {"price": {"amount": "0"}}]},
        {"items": [PACK | {"price": 96.0}]},
        {"items": [PACK | {"price": None}]},
        {"items": [PACK | {"pieces": 0}]},
        {"items": [PACK | {"pieces": 2**63}]},
        {"items": [PACK | {"pieces": None}]},
        {"items": [PACK | {"rule": "by_luck"}]},
        {"items": [PACK | {"rule": "per_square_metre"}]},
        {"items": [PACK | {"rule": "own_list", "pieces": None}]},
        {"items": [PACK | {"rule": "by_area_steps", "pieces": None, "steps": [{"from_area": "9", "pieces": 1}] * 2}]},
        {"items": [PACK | {"rule": "per_person", "persons": [{"unit": "3-2-601", "persons": 1}]}]},
        {"items": [PACK | {"rule": "own_list", "pieces": None, "listed": [{"unit": "3-2-601", "pieces": 1}] * 2}]},
        {"items": [PACK | {"rule": "by_unit_kind", "pieces": None, "by_kind": [{"unit_kind": "shop", "amount": yuan("1")}]}]},
        {"items": [money("5") | {"pieces": 1, "amount": None}]},
        {"items": [PACK | {"batch": 2}]},
        {"batches": []},
        {"batches": [batch(), batch()]},
        {"batches": [batch(name="一批"), batch(name="二批")]},
        {"batches": [batch(from_on="9999-12-31", until_on="9999-12-31")]},
        {"batches": [batch(until_on="2026-01-01", from_on="2026-01-02")]},
        {"unit_kinds": []},
        {"unit_kinds": ["dwelling"] * 4},
        {"decision_id": "nonsense"},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_broken_plan_is_told_so(house_sqlite: House, broken: dict[str, object]) -> None:
    wish = asked(house_sqlite, decision_id=str(fresh())) | broken
    answer = house_sqlite.liu.api.put(f"/distributions/{fresh()}", wish)
    assert answer.status == 422, answer


@pytest.mark.parametrize(
    "broken",
    [
        {"goods": [b"\xed\xa0\x80"]},
        {"goods": ["大米"], "price": ["贵"]},
        {"goods": ["大米"], "price": ["0"]},
        {"goods": [""], "price": ["3"]},
        {"goods": [], "price": []},
        {"pieces": ["-1"]},
        {"pieces": ["三"]},
        {"rule": "own_list"},
        {"rule": "per_square_metre"},
        {"kind": "money", "amount": ""},
        {"until_on": "2000-01-01"},
        {"from_on": "9999-01-01", "until_on": "9999-01-01"},
    ],
    ids=str,
)
def test_a_broken_form_is_drawn_again(house_sqlite: House, broken: dict[str, object]) -> None:
    page = house_sqlite.liu.post("/benefits/plan", typed(decision_id=decided(house_sqlite)) | broken)
    assert page.status in (400, 422), page


def test_a_sum_beyond_the_books_is_refused(house_sqlite: House) -> None:
    house = house_sqlite
    more_units(house, 1100)
    id = planned(house, PACK | {"price": {"amount": "9999999999.99"}})
    answer = house.liu.api.ask("POST", f"/distributions/{id}/submit")
    assert (answer.status, answer.json["code"]) == (409, "TotalTooLarge")


def test_the_list_of_plans_is_walked_page_by_page(house_sqlite: House) -> None:
    house = house_sqlite
    decision = decided(house)
    ids = [published(house, decision_id=decision, title=f"礼包{n}") for n in range(3)]
    first = house.nobody.api.get("/distributions?limit=2").json
    rest = house.nobody.api.get(f"/distributions?limit=2&cursor={first['next_cursor']}").json
    assert [d["id"] for d in first["items"] + rest["items"]] == ids[::-1]
    assert first["items"][0]["total"] == {"amount": "768.00", "currency": "CNY"}
