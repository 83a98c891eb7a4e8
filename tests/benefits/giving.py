"""A gift on its way: plans, rolls and tables for the tests of this room, made through the doors."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.benefits.models import Claim, Distribution, Entitlement, Stock
from app.compounds.models import Compound
from app.kit.clock import now, today
from app.notices.models import Notice
from app.treasury.chart_models import Code, LedgerAccount
from app.treasury.journal import open_books
from app.treasury.models import Books, Posting
from tests.cast import SEATS, Answer, House, One
from tests.making import fresh, make_unit

DECISION = {
    "kind": "owners",
    "title": "端午礼包方案",
    "what": "每户一份，从公共收益里出。",
    "votes_for": 81,
    "votes_against": 11,
}


def decided(house: House) -> str:
    id = str(fresh())
    assert house.liu.api.put(f"/decisions/{id}", DECISION | {"decided_on": today().isoformat()}).status == 201
    return id


def asked(house: House, **changes: Any) -> dict[str, Any]:
    """A gift pack of 96 yuan for every dwelling, as a program asks for it."""
    wish = {
        "title": "端午礼包",
        "kind": "goods",
        "goods": "大米10斤、菜籽油5升",
        "rule": "fixed_per_unit",
        "amount": {"amount": "96.00"},
        "place": "议事厅",
        "hours": "上午9:00至11:30",
        "bring": "身份证或房产证",
        "from_on": today().isoformat(),
        "until_on": (today() + timedelta(days=8)).isoformat(),
    } | changes
    if wish["rule"] != "by_area" and "decision_id" not in wish:
        wish["decision_id"] = decided(house)
    return wish


def planned(house: House, **changes: Any) -> str:
    with house.session() as session:
        if session.get(Books, (house.compound.id, house.compound.id)) is None:
            open_books(session, house.compound.id, 10_000_000)
    id = str(fresh())
    answer = house.liu.api.put(f"/distributions/{id}", asked(house, **changes))
    assert answer.status == 201, answer
    return id


def published(house: House, **changes: Any) -> str:
    id = planned(house, **changes)
    answer = house.liu.api.ask("POST", f"/distributions/{id}/publish")
    assert answer.status == 200, answer
    return id


def opened(house: House, stock: int = 100, **changes: Any) -> str:
    """Published, its objection period over, the parcels on the table."""
    id = published(house, **changes)
    let_it_take_effect(house, id)
    if stock and changes.get("kind") != "money":
        delivery = house.liu.api.put(f"/distributions/{id}/deliveries/{fresh()}", {"quantity": stock})
        assert delivery.status == 201, delivery
    return id


def let_it_take_effect(house: House, id: str) -> None:
    """As if the days had gone by, without making everybody's second factor old."""
    with house.session() as session:
        notice = session.exec(select(Notice).where(Notice.record_id == UUID(id))).one()
        notice.objections_until_at = now() - timedelta(seconds=1)


def line(house: House, id: str, one: One | None = None, label: str = "") -> Entitlement:
    """Somebody's line of the roll; the cast live in 3-2-601, 3-2-602 … in the order of SEATS."""
    if one is not None:
        label = f"3-2-{601 + list(SEATS).index(next(key for key, person in house.people.items() if person is one))}"
    with house.session() as session:
        return session.exec(select(Entitlement).where(Entitlement.distribution_id == UUID(id), Entitlement.label == label)).one()


def ticked(owner: One, **changes: Any) -> dict[str, Any]:
    return {"way": "tick_with_witness", "owner_id": str(owner.id), "ticked": True} | changes


def hand_out(house: House, id: str, owner: One, by: One | None = None, **changes: Any) -> Answer:
    path = f"/entitlements/{line(house, id, owner).id}/claims/{fresh()}"
    return (by or house.liu).api.put(path, ticked(owner, **changes))


def balance(session: Session, compound_id: UUID, code: Code) -> int:
    return int(
        session.exec(
            select(func.coalesce(func.sum(Posting.amount_fen), 0))
            .join(
                LedgerAccount,
                (col(LedgerAccount.id) == Posting.account_id) & (col(LedgerAccount.compound_id) == Posting.compound_id),
            )
            .where(Posting.compound_id == compound_id, LedgerAccount.code == code)
        ).one()
    )


def check_the_books(house: House, id: str) -> None:
    """Nothing is lost: the journal sums to zero, what is owed is what nobody has collected, the stock is what is left."""
    with house.session() as session:
        distribution = session.get_one(Distribution, (house.compound.id, UUID(id)))
        live = select(Claim.entitlement_id).where(Claim.distribution_id == distribution.id, col(Claim.voided_at).is_(None))
        lines = session.exec(select(Entitlement).where(Entitlement.distribution_id == distribution.id)).all()
        claimed = set(session.exec(live))
        unclaimed_fen = sum(e.amount_fen for e in lines if e.id not in claimed)
        handed_fen = sum(e.amount_fen for e in lines if e.id in claimed)
        assert sum(e.amount_fen for e in lines) == distribution.total_fen
        assert int(session.exec(select(func.sum(Posting.amount_fen))).one()) == 0
        assert -balance(session, house.compound.id, Code.OWED) == unclaimed_fen
        assert balance(session, house.compound.id, Code.BENEFITS) == distribution.total_fen
        given_from, before = (Code.STOCK, 0) if distribution.kind == "goods" else (Code.BANK, 10_000_000)
        assert balance(session, house.compound.id, given_from) == before - handed_fen
        if distribution.kind == "goods":
            stock = session.exec(select(Stock).where(Stock.distribution_id == distribution.id)).one()
            assert stock.handed == len(claimed)


def more_units(house: House, count: int) -> None:
    with house.session() as session:
        compound = session.get_one(Compound, house.compound.id)
        for room in range(count):
            make_unit(
                session, compound, building="8栋", entrance=f"{room % 3 + 1}单元", room=str(1000 + room), area=5000 + 37 * room
            )
