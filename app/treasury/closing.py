"""Verbs: close a month, and open it again. Under the books' row lock, like posting and publishing."""

from datetime import date, timedelta

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit import events
from app.kit.clock import today
from app.notices.periods import last_of_month
from app.treasury.journal import closed_until, lock_books, published_until
from app.treasury.models import Books
from app.treasury.period_models import AlreadyClosed, NotClosed, PeriodAct, PeriodChange, PeriodNotOver, PublishedForGood
from app.treasury.period_schemas import MonthWish, ReopenWish


def close_month(session: Session, actor: Actor, wish: MonthWish) -> PeriodChange:
    """From now on nothing is posted in it or before.

    Raises NotAllowed, SecondFactorNeeded, BooksNotOpen, PeriodNotOver, AlreadyClosed.
    """
    actor.need(Permission.PUBLISH_MONEY)
    actor.need_second_factor()
    lock_books(session, actor.compound.id)
    until = last_of_month(wish.first_day)
    if until >= today():
        raise PeriodNotOver
    if until <= max(
        closed_until(session, actor.compound.id) or date.min, published_until(session, actor.compound.id) or date.min
    ):
        raise AlreadyClosed
    return _change(session, actor, PeriodAct.CLOSED, wish.first_day, until)


def reopen_month(session: Session, actor: Actor, wish: ReopenWish) -> PeriodChange:
    """It and all after it take entries again.

    Raises NotAllowed, SecondFactorNeeded, BooksNotOpen, NotClosed, PublishedForGood.
    """
    actor.need(Permission.PUBLISH_MONEY)
    actor.need_second_factor()
    lock_books(session, actor.compound.id)
    if wish.first_day <= (published_until(session, actor.compound.id) or date.min):
        raise PublishedForGood
    if wish.first_day > (closed_until(session, actor.compound.id) or date.min):
        raise NotClosed
    return _change(session, actor, PeriodAct.REOPENED, wish.first_day, wish.first_day - timedelta(days=1), wish.reason)


def _change(session: Session, actor: Actor, act: PeriodAct, month: date, until: date, reason: str = "") -> PeriodChange:
    compound_id = actor.compound.id
    session.get_one(Books, (compound_id, compound_id), populate_existing=True).closed_until = until
    change = PeriodChange(compound_id=compound_id, act=act, month=month, reason=reason, by_id=actor.person_id)
    session.add(change)
    session.flush()
    events.tell(session, compound_id, f"month.{act}", change_id=change.id)
    on_record(session, actor, f"month.{act}", change.id)
    return change
