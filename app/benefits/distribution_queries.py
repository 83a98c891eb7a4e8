"""What there is to see of the plans: their items, batches and desks, and how far each is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.benefits import policy
from app.benefits.claim_models import Claim
from app.benefits.models import Batch, Distribution, DistributionState, Exclusion, Item, PlanWriter, ShareRule, Term
from app.benefits.roll_models import Hold
from app.benefits.roll_queries import progress_of
from app.benefits.stock_models import Desk, Stock
from app.compounds.crowds import untold_since
from app.compounds.models import Ownership, Unit
from app.compounds.terms import holds
from app.kit.clock import local, start_of, today
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing, rows_of
from app.kit.refusals import NotFound
from app.notices.queries import is_effective, is_effective_to_act


@dataclass(frozen=True, slots=True)
class BatchCard:
    id: UUID
    position: int
    name: str
    place: str
    hours: str
    bring: str
    from_on: date
    until_on: date
    numbered: bool


@dataclass(frozen=True, slots=True)
class ItemCard:
    """Amounts by value; `pieces`, `pieces_claimed` and `stock_left` are None of money. `asked` is in fen or pieces. What
    is left in stock is known of this moment only.
    """

    id: UUID
    batch_id: UUID
    kind: str
    name: str
    supplier: str
    unit: str
    price_fen: int | None
    spare: int
    rule: str
    rounding: str
    asked: int
    given_fen: int
    residue_fen: int
    claimed_fen: int
    pieces: int | None
    pieces_claimed: int | None
    stock_left: int | None

    @property
    def is_goods(self) -> bool:
        return self.pieces is not None


@dataclass(frozen=True, slots=True)
class DistributionCard:
    """`left_fen`: still owed, to the `left` units that have not collected it all. `claimed` counts units that signed for it all;
    what a decision converted is neither. `as_of`: the last day of which they tell; None: up to this moment.
    """

    id: UUID
    reference: str
    title: str
    fund: str
    state: DistributionState
    version: int
    decision_id: UUID | None
    record_on: date | None
    as_of: date | None
    total_fen: int
    left_fen: int
    units: int
    claimed: int
    left: int
    excluded: int
    batches: tuple[BatchCard, ...]
    items: tuple[ItemCard, ...]

    @property
    def as_of_yesterday(self) -> bool:
        return self.as_of == today() - timedelta(days=1)

    @property
    def numbered(self) -> bool:
        """Whether a batch gives numbers."""
        return any(batch.numbered for batch in self.batches)

    @property
    def residue_fen(self) -> int:
        """What could not be divided and stays in its fund."""
        return sum(item.residue_fen for item in self.items)

    @property
    def goods(self) -> tuple[ItemCard, ...]:
        return tuple(item for item in self.items if item.is_goods)

    @property
    def what(self) -> str:
        """The goods, as they are named: 大米10斤、菜籽油5升; "" where it is all money."""
        return "、".join(dict.fromkeys(item.name for item in self.goods))


@dataclass(frozen=True, slots=True)
class StockCard:
    """Of one item at one desk."""

    item_id: UUID
    desk_id: UUID
    desk: str
    item: str
    received: int
    handed: int
    conflicted: int
    spoiled: int

    @property
    def left(self) -> int:
        return self.received - self.handed - self.conflicted - self.spoiled


PUBLISHED = Listing(
    "distributions",
    columns(Distribution).where(Distribution.compound_id == bindparam("compound_id"), col(Distribution.frozen_at).is_not(None)),
    col(Distribution.frozen_at),
    col(Distribution.id),
    lambda row: row.Distribution,
    newest_first=True,
)


def distributions(session: Session, visitor: Visitor, asked: Asked) -> Page[DistributionCard]:
    """Published plans, newest first. Raises BadCursor."""
    page = PUBLISHED.page(session, asked, compound_id=visitor.compound.id)
    return Page(items=[card_of(session, d, told_until(session, visitor, d)) for d in page.items], next_cursor=page.next_cursor)


def unpublished(session: Session, actor: Visitor) -> list[Distribution]:
    """Drafts for who plans, and for who approves those that wait for it."""
    if not policy.can_see_plans(actor):
        return []
    wanted = select(Distribution).where(Distribution.compound_id == actor.compound.id, col(Distribution.frozen_at).is_(None))
    if not policy.can_plan(actor):
        wanted = wanted.where(col(Distribution.submitted_at).is_not(None))
    return list(session.exec(wanted.order_by(col(Distribution.planned_at).desc()).limit(20)))


def distribution_for(session: Session, visitor: Visitor, id: UUID) -> Distribution:
    """A draft is there for its planners, and once it is submitted for who approves. Raises NotFound for absent and foreign
    alike."""
    distribution = session.get(Distribution, (visitor.compound.id, id))
    if distribution is None or not policy.can_see(visitor, distribution):
        raise NotFound
    return distribution


def distribution_to_change(session: Session, visitor: Visitor, id: UUID) -> Distribution:
    """With its row locked: first in the lock order. Raises NotFound."""
    locked = session.get(Distribution, (visitor.compound.id, id), with_for_update=True, populate_existing=True)
    return distribution_for(session, visitor, locked.id if locked else id)


def writers_of(session: Session, distribution: Distribution) -> set[UUID]:
    """Whoever wrote to what it says, or handed it in."""
    since = session.exec(
        select(PlanWriter.person_id).where(
            PlanWriter.compound_id == distribution.compound_id, PlanWriter.distribution_id == distribution.id
        )
    )
    return {distribution.planned_by_id, distribution.submitted_by_id or distribution.planned_by_id, *since}


def effective(session: Session, distribution: Distribution) -> bool:
    return distribution.frozen_at is not None and is_effective(session, distribution.compound_id, distribution.id)


def effective_to_act(session: Session, distribution: Distribution) -> bool:
    """For who hands something out: an objection made at the closing instant is waited for."""
    return distribution.frozen_at is not None and is_effective_to_act(session, distribution.compound_id, distribution.id)


_TERM = columns(func.min(Batch.from_on), func.max(Batch.until_on)).where(
    Batch.compound_id == bindparam("compound_id"), Batch.distribution_id == bindparam("distribution_id")
)


def term_of(session: Session, distribution: Distribution) -> Term:
    of_plan = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    return Term._make(rows_of(session, _TERM, of_plan).one())


def state_of(session: Session, distribution: Distribution) -> DistributionState:
    return distribution.state(effective(session, distribution), term_of(session, distribution).from_on)


def batches_of(session: Session, distribution: Distribution) -> list[Batch]:
    """In their order."""
    return list(
        session.exec(
            select(Batch)
            .where(Batch.compound_id == distribution.compound_id, Batch.distribution_id == distribution.id)
            .order_by(col(Batch.position))
        )
    )


def items_of(session: Session, distribution: Distribution) -> list[Item]:
    """In their order."""
    return list(
        session.exec(
            select(Item)
            .where(Item.compound_id == distribution.compound_id, Item.distribution_id == distribution.id)
            .order_by(col(Item.position))
        )
    )


def item_for(session: Session, distribution: Distribution, id: UUID) -> Item:
    """One of its items. Raises NotFound."""
    item = session.get(Item, (distribution.compound_id, id))
    if item is None or item.distribution_id != distribution.id:
        raise NotFound
    return item


def listed_item_for(session: Session, distribution: Distribution, id: UUID) -> Item:
    """One of its items that go by a list. Raises NotFound."""
    item = item_for(session, distribution, id)
    if not ShareRule(item.rule).by_list:
        raise NotFound
    return item


def exclusions_of(session: Session, distribution: Distribution) -> list[tuple[str, Exclusion]]:
    """With the units' labels, in the order of these."""
    rows = session.exec(
        select(Unit.label, Exclusion)
        .join(Unit, pointing(Exclusion, "unit_id", Unit))
        .where(Exclusion.compound_id == distribution.compound_id, Exclusion.distribution_id == distribution.id)
        .order_by(Unit.label)
    )
    return list(rows)


def holds_of(session: Session, distribution: Distribution) -> list[tuple[str, Hold]]:
    """Those that stand, with the units' labels, in the order of these."""
    rows = session.exec(
        select(Unit.label, Hold)
        .join(Unit, pointing(Hold, "unit_id", Unit))
        .where(
            Hold.compound_id == distribution.compound_id,
            Hold.distribution_id == distribution.id,
            col(Hold.lifted_at).is_(None),
        )
        .order_by(Unit.label)
    )
    return list(rows)


def exclusion_of(session: Session, distribution: Distribution, unit: Unit) -> Exclusion | None:
    return session.exec(
        select(Exclusion).where(
            Exclusion.compound_id == unit.compound_id,
            Exclusion.distribution_id == distribution.id,
            Exclusion.unit_id == unit.id,
        )
    ).one_or_none()


def hold_of(session: Session, compound_id: UUID, distribution_id: UUID, unit_id: UUID) -> Hold | None:
    """The one that stands."""
    found = session.scalars(_HOLD, {"compound_id": compound_id, "distribution_id": distribution_id, "unit_id": unit_id})
    return found.one_or_none()


_HOLD = select(Hold).where(
    Hold.compound_id == bindparam("compound_id"),
    Hold.distribution_id == bindparam("distribution_id"),
    Hold.unit_id == bindparam("unit_id"),
    col(Hold.lifted_at).is_(None),
)


def my_exclusions(session: Session, actor: Actor, distribution: Distribution) -> list[tuple[str, str]]:
    """(Label, reason) of the units that I own today and that are left out of it."""
    rows = session.execute(
        columns(Unit.label, Exclusion.reason)
        .select_from(Exclusion)
        .join(Unit, pointing(Exclusion, "unit_id", Unit))
        .join(
            Ownership,
            (col(Ownership.compound_id) == Exclusion.compound_id) & (col(Ownership.unit_id) == Exclusion.unit_id),
        )
        .where(
            Exclusion.compound_id == distribution.compound_id,
            Exclusion.distribution_id == distribution.id,
            Ownership.person_id == actor.person_id,
            holds(Ownership),
        )
        .order_by(Unit.label)
    )
    return [(label, reason) for label, reason in rows]


def desks_of(session: Session, distribution: Distribution) -> list[Desk]:
    """The first one first; none of a draft."""
    return list(session.scalars(_DESKS, {"compound_id": distribution.compound_id, "distribution_id": distribution.id}))


_DESKS = (
    select(Desk)
    .where(Desk.compound_id == bindparam("compound_id"), Desk.distribution_id == bindparam("distribution_id"))
    .order_by(col(Desk.position))
)

_STOCKS = (
    columns(
        Stock.item_id,
        Stock.desk_id,
        col(Desk.name).label("desk"),
        col(Item.name).label("item"),
        Stock.received,
        Stock.handed,
        Stock.conflicted,
        Stock.spoiled,
    )
    .select_from(Stock)
    .join(Desk, pointing(Stock, "desk_id", Desk))
    .join(Item, pointing(Stock, "item_id", Item))
    .where(Desk.compound_id == bindparam("compound_id"), Desk.distribution_id == bindparam("distribution_id"))
    .order_by(col(Item.position), col(Desk.position))
)
_stock_card = made_into(StockCard, _STOCKS)


def stocks_of(session: Session, distribution: Distribution) -> list[StockCard]:
    """Of every item at every desk; none of money, none of a draft."""
    of_plan = {"compound_id": distribution.compound_id, "distribution_id": distribution.id}
    return [_stock_card(row) for row in rows_of(session, _STOCKS, of_plan)]


_CHANGES = columns(Claim.entitlement_id, Claim.made_at, Claim.voided_at).where(
    Claim.compound_id == bindparam("compound_id"), Claim.distribution_id == bindparam("distribution_id")
)


def told_until(session: Session, visitor: Visitor, d: Distribution) -> datetime | None:
    """The moment of the sums that the visitor reads: last midnight, or an earlier one while too few homes came since; None, this
    one, for officers, and of a closed plan, whose report tells the same.
    """
    if policy.sees_live(visitor) or d.frozen_at is None or d.closed_at:
        return None
    claims = rows_of(session, _CHANGES, {"compound_id": d.compound_id, "distribution_id": d.id})
    changes = [(local(at).date(), row.entitlement_id) for row in claims for at in (row.made_at, row.voided_at) if at]
    return start_of(untold_since(changes, today()))


def card_of(session: Session, d: Distribution, until: datetime | None = None) -> DistributionCard:
    """With its sums of this moment, or as they stood at `until`."""
    done = progress_of(session, d, until)
    left: dict[UUID, int] = {}
    for stock in stocks_of(session, d) if until is None else ():
        left[stock.item_id] = left.get(stock.item_id, 0) + stock.left
    batches = tuple(BatchCard(b.id, b.position, b.name, b.place, b.hours, b.bring, b.from_on, b.until_on, b.numbered)
                    for b in batches_of(session, d))  # fmt: skip
    items = tuple(_item_card(item, *done.items.get(item.id, (0, 0)), left.get(item.id)) for item in items_of(session, d))
    as_of = local(until).date() - timedelta(days=1) if until else None
    return DistributionCard(
        d.id, d.reference, d.title, d.fund, d.state(effective(session, d), min(b.from_on for b in batches)), d.version,
        d.decision_id, d.record_on, as_of, d.total_fen, done.left_fen, d.units, done.claimed, done.left,
        len(exclusions_of(session, d)), batches, items,
    )  # fmt: skip


def _item_card(i: Item, claimed_fen: int, claimed: int, stock_left: int | None) -> ItemCard:
    goods = i.is_goods
    return ItemCard(
        i.id, i.batch_id, i.kind, i.name, i.supplier, i.unit, i.unit_price_fen if goods else None, i.spare, i.rule, i.rounding,
        i.asked, i.worth_fen(i.given), i.worth_fen(i.residue), claimed_fen,
        i.given if goods else None, claimed if goods else None, stock_left,
    )  # fmt: skip
