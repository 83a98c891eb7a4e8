"""What there is to see: decisions are public."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.council.models import Decision
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns
from app.kit.refusals import NotFound


@dataclass(frozen=True, slots=True)
class DecisionCard:
    id: UUID
    reference: str
    kind: str
    title: str
    what: str
    decided_on: date
    votes_for: int
    votes_against: int
    votes_abstained: int


def _card(row: Row[Any]) -> DecisionCard:
    named = {name: getattr(row, name) for name in DecisionCard.__slots__ if name != "reference"}
    return DecisionCard(reference=f"{row.year}-{row.number}", **named)


DECISIONS = Listing(
    "decisions",
    columns(
        Decision.id,
        Decision.year,
        Decision.number,
        Decision.kind,
        Decision.title,
        Decision.what,
        Decision.decided_on,
        Decision.votes_for,
        Decision.votes_against,
        Decision.votes_abstained,
    ).where(Decision.compound_id == bindparam("compound_id")),
    col(Decision.decided_on),
    col(Decision.id),
    _card,
    newest_first=True,
)


def decisions(session: Session, visitor: Visitor, asked: Asked) -> Page[DecisionCard]:
    """Newest first. Raises BadCursor."""
    return DECISIONS.page(session, asked, compound_id=visitor.compound.id)


def decision_for(session: Session, visitor: Visitor, id: UUID) -> Decision:
    """Raises NotFound for absent and foreign alike."""
    decision = session.get(Decision, (visitor.compound.id, id))
    if decision is None:
        raise NotFound
    return decision


def decision_choices(session: Session, visitor: Visitor) -> list[tuple[UUID, str]]:
    """The latest hundred, for a select: (id, "2026-3 端午礼包")."""
    rows = session.exec(
        select(Decision)
        .where(Decision.compound_id == visitor.compound.id)
        .order_by(col(Decision.decided_on).desc(), col(Decision.id).desc())
        .limit(100)
    )
    return [(d.id, f"{d.reference} {d.title}") for d in rows]
