"""Verbs towards everybody: publish a period, and publish it again corrected."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.compounds.names import masked
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.ids import new_id
from app.notices.models import Notice, NoticeKind
from app.notices.periods import Span, said_period
from app.notices.queries import notice_to_change
from app.notices.service import publish_notice
from app.treasury.bank_queries import need_balances
from app.treasury.journal import lock_books
from app.treasury.period_models import PeriodNotOver
from app.treasury.statement import Document, changes
from app.treasury.statement_content import SUMS, later_of, statement_document
from app.treasury.statement_models import (
    AlreadyCorrected,
    AlreadyStated,
    NothingToCorrect,
    NothingToState,
    Statement,
    TakenInElsewhere,
)
from app.treasury.statement_queries import begun_on, correction_of, statement_for, statement_of, taken_in_elsewhere
from app.treasury.statement_schemas import CorrectionWish, PeriodWish


def publish_period(session: Session, actor: Actor, wish: PeriodWish) -> Statement:
    """Freeze a month, quarter, half or year and open it to objections; from then on nothing is posted in it or before.

    It may lie over periods that are published already: it says them again, together, and closes nothing new.
    Raises NotAllowed, SecondFactorNeeded, BooksNotOpen, PeriodNotOver, AlreadyStated, NothingToState, BalanceFails,
    BalanceUnchecked.
    """
    _may(actor)
    span = wish.span
    if span[1] >= today():
        raise PeriodNotOver
    lock_books(session, actor.compound.id)
    if statement_of(session, actor.compound.id, span):
        raise AlreadyStated
    begun = begun_on(session, actor.compound.id)
    if begun is None or begun > span[1]:
        raise NothingToState
    need_balances(session, actor.compound.id, span[1])
    document = statement_document(session, actor.compound.id, span)
    return _publish(session, actor, span, document, statement_title(span))


def correct_statement(session: Session, actor: Actor, id: UUID, wish: CorrectionWish) -> Statement:
    """Publish a period once more, with what was reversed later taken in. What it supersedes stays to be read.

    Raises NotAllowed, SecondFactorNeeded, BooksNotOpen, NotFound, AlreadyCorrected, NotOfLater, TakenInElsewhere,
    NothingToCorrect, AnswerFirst.
    """
    _may(actor)
    lock_books(session, actor.compound.id)
    before = statement_for(session, actor, id)
    if correction_of(session, before):
        raise AlreadyCorrected
    span = (before.from_on, before.to_on)
    document = corrected_document(session, before, wish.entries)
    notice = notice_to_change(session, actor, before.notice_id)
    if notice.withdrawn_at is None and not changes(Document.read(notice.frozen), Document.of(document)):
        raise NothingToCorrect
    said = document | {"supersedes": str(before.id), "because": wish.reason}
    title = _("%(title)s（第%(n)s次更正）", title=statement_title(span), n=before.version)
    return _publish(session, actor, span, said, title, before, notice)


def corrected_document(session: Session, before: Statement, wanted: list[UUID]) -> dict[str, Any]:
    """What a correction would say. Raises NotOfLater, TakenInElsewhere."""
    span = (before.from_on, before.to_on)
    elsewhere = taken_in_elsewhere(session, before.compound_id, span)
    for number, period in (elsewhere[id] for id in wanted if id in elsewhere):
        raise TakenInElsewhere(number=number, period=period)
    return statement_document(session, before.compound_id, span, later_of(session, before.compound_id, span, wanted))


def statement_title(span: Span) -> str:
    return _("%(period)s公共收益收支表", period=said_period(span))


def next_version(before: Statement | None) -> int:
    return before.version + 1 if before else 1


def _may(actor: Actor) -> None:
    actor.need(Permission.PUBLISH_MONEY)
    actor.need_second_factor()


def _publish(
    session: Session,
    actor: Actor,
    span: Span,
    document: Mapping[str, Any],
    title: str,
    before: Statement | None = None,
    superseded: Notice | None = None,
) -> Statement:
    id = new_id()
    said = {
        **document,
        "title": title,
        "compound": actor.compound.name,
        "phone": actor.compound.help_phone,
        "prepared_by": masked(actor.name),
        "approvers": sorted({name for line in document["lines"] for name in line["approvers"]}),
    }
    notice = publish_notice(
        session,
        actor,
        NoticeKind.STATEMENT,
        title,
        f"/money/statements/{id}",
        id,
        said,
        covers=span,
        supersedes=superseded,
    )
    session.flush()
    statement = Statement(
        compound_id=actor.compound.id,
        id=id,
        from_on=span[0],
        to_on=span[1],
        notice_id=notice.id,
        published_by_id=actor.person_id,
        version=next_version(before),
        supersedes_id=before.id if before else None,
        **{name: document[name] for name in SUMS},
    )
    session.add(statement)
    session.flush()
    return statement
