"""Verb towards everybody: publish a month."""

from datetime import date

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.kit.clock import said_month, today
from app.kit.i18n import _
from app.kit.ids import new_id
from app.notices.models import NoticeKind
from app.notices.service import publish_notice
from app.treasury.bank_queries import need_balances
from app.treasury.journal import lock_books
from app.treasury.models import (
    AlreadyStated,
    MonthNotOver,
    Statement,
)
from app.treasury.queries import last_day
from app.treasury.schemas import MonthWish
from app.treasury.statement_queries import statement_document


def publish_month(session: Session, actor: Actor, wish: MonthWish) -> Statement:
    """Freeze a month and open it to objections; from then on nothing is posted in it or before.

    Raises NotAllowed, SecondFactorNeeded, BooksNotOpen, MonthNotOver, AlreadyStated, BalanceFails, BalanceUnchecked.
    """
    actor.need(Permission.PUBLISH_MONEY)
    actor.need_second_factor()
    from_on, to_on = wish.first_day, last_day(wish.first_day)
    if to_on >= today():
        raise MonthNotOver
    lock_books(session, actor.compound.id)
    later = select(Statement.id).where(Statement.compound_id == actor.compound.id, Statement.from_on >= from_on)
    if session.exec(later).first():
        raise AlreadyStated
    need_balances(session, actor.compound.id, to_on)
    document = statement_document(session, actor.compound.id, from_on, to_on)
    id, title = new_id(), month_title(from_on)
    notice = publish_notice(
        session,
        actor,
        NoticeKind.STATEMENT,
        title,
        f"/money/statements/{id}",
        id,
        document | {"title": title, "compound": actor.compound.name},
        covers=(from_on, to_on),
    )
    session.flush()
    statement = Statement(
        compound_id=actor.compound.id,
        id=id,
        from_on=from_on,
        to_on=to_on,
        notice_id=notice.id,
        published_by_id=actor.person_id,
        **{name: document[name] for name in ("opening_fen", "income_fen", "expense_fen", "closing_fen")},
    )
    session.add(statement)
    session.flush()
    return statement


def month_title(month: date) -> str:
    return _("%(month)s公共收益收支表", month=said_month(month))
