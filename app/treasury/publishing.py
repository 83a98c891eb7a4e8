"""Verbs towards everybody: release a voucher's public copy, publish a month."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.rules import rule
from app.kit import events
from app.kit.clock import now, said_month, today
from app.kit.i18n import _
from app.kit.ids import new_id
from app.notices.models import NoticeKind
from app.notices.service import publish_notice
from app.publiclog.service import Attachment, Entry, publish
from app.treasury.bank_queries import need_balances
from app.treasury.journal import lock_books
from app.treasury.models import (
    AlreadyStated,
    DraftVoucher,
    MonthNotOver,
    NotReleased,
    Statement,
)
from app.treasury.queries import (
    draft_to_change,
    entry_of_draft,
    last_day,
    statement_document,
    voucher_for,
)
from app.treasury.schemas import MonthWish, ReleaseWish


def release_voucher(session: Session, actor: Actor, voucher_id: UUID, size: int, wish: ReleaseWish) -> DraftVoucher:
    """Show the 960 px copy to everybody; `size` of it in bytes. A second tap counts once.

    `wish` is the treasurer's word that nobody's personal data is on it. Raises NotAllowed, NotFound, NotReleased.
    """
    actor.need(Permission.PUBLISH_MONEY)
    voucher, photo = voucher_for(session, actor, voucher_id)
    draft = draft_to_change(session, actor, voucher.draft_id)
    session.refresh(voucher)
    entry = entry_of_draft(session, draft)
    if entry is None:
        raise NotReleased
    if voucher.released_at:
        return voucher
    voucher.public_sha256, voucher.released_at, voucher.released_by_id = photo.k960, now(), actor.person_id
    line = Entry(
        type="voucher.released",
        compound_id=voucher.compound_id,
        record_id=voucher.id,
        attachments=(Attachment(photo.k960, size, "image/jpeg"),),
        facts={"entry": str(entry.id), "clean": wish.clean},
    )
    publish(session, voucher.compound_id, lambda _index: line.values())
    events.tell(session, voucher.compound_id, "voucher.released", voucher_id=voucher.id, entry_id=entry.id)
    on_record(session, actor, "voucher.released", voucher.id)
    return voucher


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
        days=rule(session, actor.compound.id, "objection_days"),
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
