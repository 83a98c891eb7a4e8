"""The published statements, and the periods that wait for one."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.kit.clock import today
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns
from app.kit.refusals import NotFound
from app.notices.models import Notice
from app.notices.periods import Span, span_in
from app.notices.queries import notice_for
from app.treasury.models import EntryKind, JournalEntry
from app.treasury.queries import ENTRY_CARDS, EntryCard, card_from
from app.treasury.statement import Changes, Document, changes
from app.treasury.statement_models import Statement
from app.treasury.voucher_models import DraftVoucher

MOST_TAKEN_IN = 20
"""Later entries that are offered to be taken into a correction."""

LONG_PERIODS = (3, 6, 12)
"""Months of what is published beside the months themselves."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement in the list. `superseded_by_id`: of the one that corrects it."""

    statement: Statement
    superseded_by_id: UUID | None


_later = aliased(Statement)


def _stated(row: Row[Any]) -> Stated:
    return Stated(row.Statement, row.superseded_by_id)


STATEMENTS = Listing(
    "statements",
    columns(Statement, col(_later.id).label("superseded_by_id"))
    .outerjoin(_later, and_(col(_later.compound_id) == Statement.compound_id, col(_later.supersedes_id) == Statement.id))
    .where(Statement.compound_id == bindparam("compound_id")),
    col(Statement.to_on),
    col(Statement.id),
    _stated,
    newest_first=True,
)


def statements(session: Session, visitor: Visitor, asked: Asked) -> Page[Stated]:
    """The latest end first, superseded ones too. Raises BadCursor."""
    return STATEMENTS.page(session, asked, compound_id=visitor.compound.id)


def statement_for(session: Session, visitor: Visitor, id: UUID) -> Statement:
    """Raises NotFound for absent and foreign alike."""
    statement = session.get(Statement, (visitor.compound.id, id))
    if statement is None:
        raise NotFound
    return statement


def document_of(session: Session, visitor: Visitor, statement: Statement) -> Document:
    """As it was published."""
    return Document.read(notice_for(session, visitor, statement.notice_id).frozen)


def changes_of(session: Session, visitor: Visitor, statement: Statement) -> tuple[Document, Changes]:
    """A correction, and what it changed. Raises NotFound for a statement that corrects none."""
    if statement.supersedes_id is None:
        raise NotFound
    document = document_of(session, visitor, statement)
    before = statement_for(session, visitor, statement.supersedes_id)
    return document, changes(document_of(session, visitor, before), document)


def correction_of(session: Session, statement: Statement) -> Statement | None:
    """The statement that supersedes this one."""
    return session.exec(
        select(Statement).where(Statement.compound_id == statement.compound_id, Statement.supersedes_id == statement.id)
    ).one_or_none()


def statement_of(session: Session, compound_id: UUID, span: Span) -> Statement | None:
    """The last version of what was published for a period."""
    return session.exec(
        select(Statement)
        .where(Statement.compound_id == compound_id, Statement.from_on == span[0], Statement.to_on == span[1])
        .order_by(col(Statement.version).desc())
        .limit(1)
    ).first()


def begun_on(session: Session, compound_id: UUID, *, opened: bool = True) -> date | None:
    """The day of the first entry; `opened`: openings, which stand on the eve of the first month, count as well."""
    days = select(col(JournalEntry.on_date)).where(JournalEntry.compound_id == compound_id).limit(1)
    if not opened:
        days = days.where(JournalEntry.kind != EntryKind.OPENING)
    return session.exec(days.order_by(col(JournalEntry.on_date))).first()


def periods_to_publish(session: Session, compound_id: UUID) -> list[Span]:
    """What is over and not published: the months that no statement covers, then quarters, halves and years, oldest first.

    A month that was left out is closed with the later one that was published; its statement is still owed.
    """
    begun = begun_on(session, compound_id)
    if begun is None:
        return []
    stated = {
        (first, last)
        for first, last in session.execute(
            columns(Statement.from_on, Statement.to_on).where(Statement.compound_id == compound_id)
        )
    }
    worked = begun_on(session, compound_id, opened=False) if stated else None
    months = [m for m in _over(worked or begun, 1) if not any(first <= m[0] and m[1] <= last for first, last in stated)]
    longer = sorted(span for length in LONG_PERIODS for span in _over(begun, length))
    return [*months, *(span for span in longer if span not in stated)]


def _over(since: date, months: int) -> list[Span]:
    """Periods of so many months that have ended, from the one in which `since` lies."""
    spans, span = [], span_in(since, months)
    while span[1] < today():
        spans.append(span)
        span = span_in(span[1] + timedelta(days=1), months)
    return spans


_LATER = (
    ENTRY_CARDS.where(
        col(JournalEntry.on_date) > bindparam("to"),
        col(JournalEntry.reverses_id).is_(None),
        col(JournalEntry.kind).in_((EntryKind.INCOME, EntryKind.EXPENSE)),
    )
    .order_by(col(JournalEntry.posted_at).desc(), col(JournalEntry.id))
    .limit(MOST_TAKEN_IN)
)


def taken_in_elsewhere(session: Session, compound_id: UUID, span: Span) -> dict[UUID, tuple[str, str]]:
    """Entries of later days that corrections of other periods count as they stand: (number, that period in words) of each.

    A longer period says again what its months say, and so may count the same.
    """
    rows = session.execute(_STANDING_CORRECTIONS, {"compound_id": compound_id, "from": span[0], "to": span[1]}).scalars()
    documents = [Document.read(frozen) for frozen in rows]
    return {
        UUID(line.entry): (line.number, document.period)
        for document in documents
        for line in document.lines
        if line.on > document.to_on
    }


_STANDING_CORRECTIONS = (
    columns(Notice.frozen)
    .join(Statement, and_(col(Statement.compound_id) == Notice.compound_id, col(Statement.notice_id) == Notice.id))
    .outerjoin(_later, and_(col(_later.compound_id) == Statement.compound_id, col(_later.supersedes_id) == Statement.id))
    .where(
        Statement.compound_id == bindparam("compound_id"),
        Statement.version > 1,
        or_(col(Statement.to_on) < bindparam("from"), col(Statement.from_on) > bindparam("to")),
        col(_later.id).is_(None),
        col(Notice.withdrawn_at).is_(None),
    )
)


def replacements(session: Session, statement: Statement) -> list[EntryCard]:
    """The newest entries of later days that stand: what may have been booked in the place of something wrong or forgotten."""
    cards = map(card_from, session.execute(_LATER, {"compound_id": statement.compound_id, "to": statement.to_on}))
    elsewhere = taken_in_elsewhere(session, statement.compound_id, (statement.from_on, statement.to_on))
    return [card for card in cards if card.reversed_by_id is None and card.id not in elsewhere]


def public_copies(session: Session, compound_id: UUID, entries: list[UUID]) -> dict[UUID, UUID]:
    """Of each entry the first voucher's public copy, as it is shown today."""
    rows = session.execute(
        columns(JournalEntry.id, DraftVoucher.public_id)
        .join(
            DraftVoucher,
            and_(col(DraftVoucher.compound_id) == JournalEntry.compound_id, col(DraftVoucher.draft_id) == JournalEntry.draft_id),
        )
        .where(
            JournalEntry.compound_id == compound_id,
            col(JournalEntry.id).in_(entries),
            col(DraftVoucher.public_id).is_not(None),
        )
        .order_by(col(DraftVoucher.position).desc(), col(DraftVoucher.id).desc())
    )
    return {row.id: row.public_id for row in rows}
