"""What there is to see of check lists: they are public, like what was found by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, bindparam
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.kit.i18n import _
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.renovation.check_models import FOUND_SAYS, SEEN_SAYS, CheckFound, CheckItem, CheckList, VisitCheck, VisitRecheck
from app.renovation.finding_models import Finding
from app.renovation.models import Visit


@dataclass(frozen=True, slots=True)
class ListCard:
    """A check list with its items in their order."""

    id: UUID
    trade: str
    items: tuple[CheckItem, ...]

    def answered_in(self, typed: Mapping[str, Any]) -> bool:
        """Whether a form holds an answer to one of its items."""
        return any(f"{name}:{item.id}" in typed for item in self.items for name in ("found", "words"))

    @property
    def line_of_each(self) -> str:
        """As they are typed."""
        return "\n".join(f"{item.text} {_('要拍照')}" if item.photo_required else item.text for item in self.items)


@dataclass(frozen=True, slots=True)
class Check:
    """What a visit answered to one item. `photo_missing`: one was owed for this answer, and none was announced."""

    item_id: UUID
    trade: str
    text: str
    found: str
    words: str
    photo_required: bool
    photo_missing: bool


def lists_in_use(session: Session, visitor: Visitor) -> list[ListCard]:
    """In the order in which they were made."""
    return _cards(session, _LISTS.where(col(CheckList.ended_at).is_(None)), visitor.compound.id)


def list_for(session: Session, visitor: Visitor, id: UUID) -> ListCard:
    """Also one that is not in use any more. Raises NotFound for absent and foreign alike."""
    found = _cards(session, _LISTS.where(CheckList.id == id), visitor.compound.id)
    if not found:
        raise NotFound
    return found[0]


def items_asked(session: Session, compound_id: UUID, item_ids: Sequence[UUID]) -> list[CheckItem]:
    """Every item of the lists that these items are of. Raises NotFound for an item that this compound does not have."""
    asked = select(CheckItem.list_id).where(CheckItem.compound_id == compound_id, col(CheckItem.id).in_(item_ids))
    items = session.exec(
        select(CheckItem)
        .where(CheckItem.compound_id == compound_id, col(CheckItem.list_id).in_(asked))
        .order_by(col(CheckItem.list_id), col(CheckItem.position))
    ).all()
    if not set(item_ids) <= {item.id for item in items}:
        raise NotFound
    return list(items)


def checks_of(
    session: Session, compound_id: UUID, visit_ids: Sequence[UUID], pictured: dict[UUID, set[UUID]]
) -> dict[UUID, list[Check]]:
    """By visit, in their order. `pictured`: by visit, the items that it announced a photo of."""
    rows = session.execute(_CHECKS, {"compound_id": compound_id, "visit_ids": list(visit_ids)})
    found: dict[UUID, list[Check]] = {}
    for check, item, trade in rows:
        missing = item.photo_required and check.found != CheckFound.NOT_SEEN and item.id not in pictured.get(check.visit_id, ())
        line = Check(item.id, trade, item.text, check.found, check.words, item.photo_required, missing)
        found.setdefault(check.visit_id, []).append(line)
    return found


_CHECKS = (
    columns(VisitCheck, CheckItem, CheckList.trade)
    .join(CheckItem, pointing(VisitCheck, "item_id", CheckItem))
    .join(CheckList, pointing(CheckItem, "list_id", CheckList))
    .where(
        VisitCheck.compound_id == bindparam("compound_id"), col(VisitCheck.visit_id).in_(bindparam("visit_ids", expanding=True))
    )
    .order_by(col(VisitCheck.visit_id), col(VisitCheck.position))
)
_LISTS = (
    columns(CheckList.id, CheckList.trade, CheckItem)
    .join(CheckItem, pointing(CheckItem, "list_id", CheckList))
    .where(CheckList.compound_id == bindparam("compound_id"))
    .order_by(col(CheckList.made_at), col(CheckList.id), col(CheckItem.position))
)


def _cards(session: Session, statement: Executable, compound_id: UUID) -> list[ListCard]:
    rows = session.execute(statement, {"compound_id": compound_id})
    return [
        ListCard(id, trade, tuple(row[2] for row in group))
        for (id, trade), group in groupby(rows, key=lambda row: (row[0], row[1]))
    ]


@dataclass(frozen=True, slots=True)
class Recheck:
    """A finding that a visit looked at again."""

    finding_id: UUID
    number: int
    place: str
    seen: str
    words: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A visit that looked at a finding again."""

    visit_id: UUID
    number: int
    received_at: datetime
    seen: str
    words: str


def rechecks_of(session: Session, compound_id: UUID, visit_ids: Sequence[UUID]) -> dict[UUID, list[Recheck]]:
    """By visit, in their order."""
    found: dict[UUID, list[Recheck]] = {}
    for one, number, place in session.execute(_RECHECKS, {"compound_id": compound_id, "visit_ids": list(visit_ids)}):
        found.setdefault(one.visit_id, []).append(Recheck(one.finding_id, number, place, one.seen, one.words))
    return found


def looked_at(session: Session, compound_id: UUID, finding_id: UUID) -> list[LookedAt]:
    """The visits that looked at a finding again, the earliest first."""
    rows = session.execute(_LOOKED, {"compound_id": compound_id, "finding_id": finding_id})
    return [LookedAt(one.visit_id, number, at, one.seen, one.words) for one, number, at in rows]


_RECHECKS = (
    columns(VisitRecheck, Finding.number, Finding.place)
    .join(Finding, pointing(VisitRecheck, "finding_id", Finding))
    .where(
        VisitRecheck.compound_id == bindparam("compound_id"),
        col(VisitRecheck.visit_id).in_(bindparam("visit_ids", expanding=True)),
    )
    .order_by(col(VisitRecheck.visit_id), col(VisitRecheck.position))
)
_LOOKED = (
    columns(VisitRecheck, Visit.number, Visit.received_at)
    .join(Visit, pointing(VisitRecheck, "visit_id", Visit))
    .where(VisitRecheck.compound_id == bindparam("compound_id"), VisitRecheck.finding_id == bindparam("finding_id"))
    .order_by(col(Visit.received_at), col(Visit.id))
)


def seen_names() -> dict[str, str]:
    return {seen.value: _(says) for seen, says in SEEN_SAYS.items()}


def found_names() -> dict[str, str]:
    return {found.value: _(says) for found, says in FOUND_SAYS.items()}
