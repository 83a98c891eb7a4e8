"""A gift on its way: plans, rolls and tables for the tests of this room, made through the doors."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.benefits.claim_models import Claim, ClaimLine
from app.benefits.handover_models import Handover, HandoverLine, Settlement
from app.benefits.models import Distribution, Item
from app.benefits.roll_models import Entitlement, EntitlementLine
from app.benefits.stock_models import Desk, MoveKind, Stock, StockMove
from app.compounds.models import Compound, Unit
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
IN_BANK = 10_000_000


def decided(house: House) -> str:
    id = str(fresh())
    assert house.liu.api.put(f"/decisions/{id}", DECISION | {"decided_on": today().isoformat()}).status == 201
    return id


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount}


PACK = {"kind": "goods", "name": "大米10斤、菜籽油5升", "price": yuan("96.00"), "rule": "fixed_per_unit", "pieces": 1}
RICE = {"kind": "goods", "name": "大米", "unit": "袋", "price": yuan("60.00"), "rule": "fixed_per_unit", "pieces": 1}
OIL = {"kind": "goods", "name": "菜籽油", "unit": "桶", "price": yuan("36.00"), "rule": "fixed_per_unit", "pieces": 2}


def money(amount: str, rule: str = "by_area", **changes: Any) -> dict[str, Any]:
    return {"kind": "money", "name": "分红", "rule": rule, "amount": yuan(amount)} | changes


def batch(begins: int = 0, ends: int = 8, **changes: Any) -> dict[str, Any]:
    """At the table from so many days from now until so many."""
    days = {name: (today() + timedelta(days=n)).isoformat() for name, n in (("from_on", begins), ("until_on", ends))}
    return {"place": "议事厅", "hours": "上午9:00至11:30", "bring": "身份证或房产证"} | days | changes


def asked(house: House, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A gift pack of 96 yuan for every dwelling, or these items, as a program asks for it."""
    wish = {"title": "端午礼包", "batches": [batch()], "items": list(items or [PACK])} | changes
    if "decision_id" not in wish and any(item["rule"] != "by_area" for item in wish["items"]):
        wish["decision_id"] = decided(house)
    return wish


def planned(house: House, *items: dict[str, Any], **changes: Any) -> str:
    with house.session() as session:
        if session.get(Books, (house.compound.id, house.compound.id)) is None:
            open_books(session, house.compound.id, IN_BANK)
    id = str(fresh())
    answer = house.liu.api.put(f"/distributions/{id}", asked(house, *items, **changes))
    assert answer.status == 201, answer
    return id


def approved(house: House, id: str) -> None:
    """Submitted, and signed by as many supervisors as it needs."""
    standing = house.liu.api.get(f"/distributions/{id}/standing").json
    if not standing["submitted"]:
        answer = house.liu.api.ask("POST", f"/distributions/{id}/submit")
        assert answer.status == 200, answer
        standing = answer.json
    for one in (house.chen, house.zhou)[: standing["approvals_needed"]]:
        answer = one.api.ask("POST", f"/distributions/{id}/approve", json={"content_hash": standing["content_hash"]})
        assert answer.status == 200, answer


def publish(house: House, id: str) -> Answer:
    return house.liu.api.ask("POST", f"/distributions/{id}/publish")


def published(house: House, *items: dict[str, Any], **changes: Any) -> str:
    id = planned(house, *items, **changes)
    approved(house, id)
    answer = publish(house, id)
    assert answer.status == 200, answer
    return id


def opened(house: House, *items: dict[str, Any], stock: int = 100, **changes: Any) -> str:
    """Published, its objection period over, so many pieces of each of its goods on the table."""
    id = published(house, *items, **changes)
    let_it_take_effect(house, id)
    if stock:
        for item in goods(house, id):
            assert arrived(house, id, item, stock).status == 201
    return id


def corrected(house: House, id: str, reason: str = "面积登记错了") -> Answer:
    """Proposed, approved and published again."""
    proposed = house.liu.api.ask("POST", f"/distributions/{id}/corrections", json={"reason": reason})
    assert proposed.status == 200, proposed
    approved(house, id)
    return publish(house, id)


def goods(house: House, id: str) -> list[UUID]:
    return [UUID(item["id"]) for item in plan(house, id)["items"] if item["kind"] == "goods"]


def plan(house: House, id: str) -> dict[str, Any]:
    answer: dict[str, Any] = house.liu.api.get(f"/distributions/{id}").json
    return answer


def arrived(house: House, id: str, item: UUID, quantity: object = 1, **changes: Any) -> Answer:
    return house.liu.api.put(f"/distributions/{id}/stock-moves/{fresh()}", {"item_id": str(item), "quantity": quantity} | changes)


def let_it_take_effect(house: House, id: str) -> None:
    """As if the days had gone by, without making everybody's second factor old."""
    with house.session() as session:
        for notice in session.exec(select(Notice).where(Notice.record_id == UUID(id))):
            notice.objections_until_at = now() - timedelta(seconds=1)


def label_of(house: House, one: One) -> str:
    """The cast live in 3-2-601, 3-2-602 … in the order of SEATS."""
    return f"3-2-{601 + list(SEATS).index(next(key for key, person in house.people.items() if person is one))}"


def line(house: House, id: str, one: One | None = None, label: str = "") -> Entitlement:
    """A unit's row of the roll in force."""
    label = label_of(house, one) if one is not None else label
    with house.session() as session:
        return session.exec(
            select(Entitlement)
            .where(Entitlement.distribution_id == UUID(id), Entitlement.label == label)
            .order_by(col(Entitlement.version).desc())
        ).all()[0]


def lines(house: House, id: str, one: One) -> dict[str, dict[str, Any]]:
    """A unit's lines as its owner reads them, by what they are called."""
    mine = one.api.get(f"/entitlements/{line(house, id, one).id}").json
    return {item["name"]: item for item in mine["lines"]}


def ticked(owner: One, **changes: Any) -> dict[str, Any]:
    return {"way": "tick_with_witness", "owner_id": str(owner.id), "ticked": True} | changes


BY_PHONE = {"authority": "phone", "authority_note": "打给业主，同意代领"}


def hand_out(house: House, id: str, owner: One, by: One | None = None, **changes: Any) -> Answer:
    path = f"/entitlements/{line(house, id, owner).id}/claims/{fresh()}"
    return (by or house.liu).api.put(path, ticked(owner, **changes))


def let_days_pass(house: House, id: str, days: int = 1) -> None:
    """As if everything at the table had been done so many days earlier."""
    with house.session() as session:
        for claim in session.exec(select(Claim).where(Claim.distribution_id == UUID(id))):
            claim.made_at -= timedelta(days=days)
            claim.voided_at = claim.voided_at and claim.voided_at - timedelta(days=days)


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
    """Nothing is lost: the journal sums to zero, what is owed is what nobody has collected, and of every item at every desk
    what came is what was handed out, is in conflict, spoiled or is left.
    """
    with house.session() as session:
        distribution = session.get_one(Distribution, (house.compound.id, UUID(id)))
        items = session.exec(select(Item).where(Item.distribution_id == distribution.id)).all()
        latest: dict[UUID, Entitlement] = {}
        for e in session.exec(
            select(Entitlement).where(Entitlement.distribution_id == distribution.id).order_by(col(Entitlement.version))
        ):
            latest[e.unit_id] = e
        due = [
            each
            for each in session.exec(select(EntitlementLine).where(col(EntitlementLine.item_id).in_([i.id for i in items])))
            if each.entitlement_id in {e.id for e in latest.values()}
        ]
        live = session.exec(
            select(ClaimLine, Claim, EntitlementLine)
            .join(Claim, (col(Claim.id) == ClaimLine.claim_id) & (col(Claim.compound_id) == ClaimLine.compound_id))
            .join(EntitlementLine, col(EntitlementLine.id) == ClaimLine.entitlement_line_id)
            .where(Claim.distribution_id == distribution.id, col(ClaimLine.live))
        ).all()
        claimed = {each.id for _line, _claim, each in live}
        assert len(claimed) == len(live), "a line is claimed once"
        assert claimed <= {each.id for each in due}, "what is claimed stands in the roll in force"
        assert sum(e.amount_fen for e in latest.values()) == sum(each.amount_fen for each in due) == distribution.total_fen
        for item in items:
            of_item = [each for each in due if each.item_id == item.id]
            assert sum(each.quantity if item.is_goods else each.amount_fen for each in of_item) == item.given
            assert all(each.amount_fen == item.worth_fen(each.quantity or each.amount_fen) for each in of_item)
        assert int(session.exec(select(func.sum(Posting.amount_fen))).one()) == 0
        owed = sum(each.amount_fen for each in due if each.id not in claimed)
        assert -balance(session, house.compound.id, Code.OWED) == owed
        assert balance(session, house.compound.id, Code.BENEFITS) == distribution.total_fen
        worth = {item.id: item.unit_price_fen for item in items}
        moves = session.exec(select(StockMove).where(StockMove.distribution_id == distribution.id)).all()
        counted = {MoveKind.SPOILED, MoveKind.COUNTED}
        lost = sum((-1 if move.to_desk_id else 1) * move.quantity * worth[move.item_id] for move in moves if move.kind in counted)
        taken = {(claim.id, each.id) for _line, claim, each in live}
        left_in_conflict = session.exec(
            select(Handover, Settlement, EntitlementLine)
            .join(HandoverLine, col(HandoverLine.handover_id) == Handover.id)
            .join(EntitlementLine, col(EntitlementLine.id) == HandoverLine.entitlement_line_id)
            .outerjoin(Settlement, col(Settlement.handover_id) == Handover.id)
            .where(Handover.distribution_id == distribution.id, Handover.conflict != "")
        ).all()
        gone = [row for row in left_in_conflict if (row[0].id, row[2].id) not in taken]
        lost_cash = sum(
            each.amount_fen
            for h, settled, each in gone
            if settled and settled.outcome == "written_off" and h.cash and not each.quantity
        )
        goods_out = sum(each.amount_fen for _line, _claim, each in live if each.quantity)
        money_out = sum(each.amount_fen for _line, _claim, each in live if not each.quantity)
        assert balance(session, house.compound.id, Code.STOCK) == -goods_out - lost
        assert balance(session, house.compound.id, Code.OTHER_EXPENSE) == lost + lost_cash
        paid = balance(session, house.compound.id, Code.BANK) + balance(session, house.compound.id, Code.CASH)
        assert paid == IN_BANK - money_out - lost_cash
        desks = session.exec(select(Desk).where(Desk.distribution_id == distribution.id)).all()
        stocks = session.exec(select(Stock).where(col(Stock.desk_id).in_([desk.id for desk in desks]))).all()
        assert len(stocks) == len(desks) * sum(item.is_goods for item in items)
        for stock in stocks:
            here = [move for move in moves if move.item_id == stock.item_id]
            came = sum(m.quantity for m in here if m.to_desk_id == stock.desk_id)
            went = sum(m.quantity for m in here if m.from_desk_id == stock.desk_id and m.kind != MoveKind.SPOILED)
            spoiled = sum(m.quantity for m in here if m.from_desk_id == stock.desk_id and m.kind == MoveKind.SPOILED)
            handed = sum(e.quantity for _l, c, e in live if c.desk_id == stock.desk_id and e.item_id == stock.item_id)
            assert (stock.received, stock.handed, stock.spoiled) == (came - went, handed, spoiled)
            waits = [e for h, settled, e in gone if settled is None and h.desk_id == stock.desk_id and e.item_id == stock.item_id]
            assert stock.conflicted == sum(e.quantity for e in waits)
            assert stock.received == stock.handed + stock.conflicted + stock.spoiled + stock.left
            assert stock.left >= 0


def more_units(house: House, count: int) -> None:
    with house.session() as session:
        compound = session.get_one(Compound, house.compound.id)
        for room in range(count):
            make_unit(
                session, compound, building="8栋", entrance=f"{room % 3 + 1}单元", room=str(1000 + room), area=5000 + 37 * room
            )


def area_of(house: House, label: str, area: int) -> None:
    """Put a unit's registered area right, in 0.01 m²."""
    with house.session() as session:
        session.exec(select(Unit).where(Unit.label == label, Unit.compound_id == house.compound.id)).one().area = area
