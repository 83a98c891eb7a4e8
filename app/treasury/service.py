"""Verbs: write a draft, submit it, return it, approve it; release a voucher's copy, propose a reversal, publish a month.

Lock order: the draft, then the books (a new draft has no other parent), then numbers; the log comes last by itself.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.rules import rule
from app.council.queries import decision_for
from app.inbox.service import send
from app.kit import events
from app.kit.clock import now, today
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.money import yuan
from app.kit.once import already, digest
from app.kit.refusals import Malformed, NotAllowed, NotFound
from app.notices.models import NoticeKind
from app.notices.service import publish_notice
from app.photos.models import Photo
from app.publiclog.service import Attachment, Entry, publish
from app.treasury import policy
from app.treasury.journal import accounts_by_code, book, lock_books, reversal_of, reverse
from app.treasury.models import (
    AlreadyReversed,
    AlreadyStated,
    Approval,
    ContentChanged,
    Draft,
    DraftKind,
    DraftState,
    DraftVoucher,
    EntryKind,
    JournalEntry,
    LedgerAccount,
    MonthNotOver,
    NotReleased,
    NotReversible,
    NotThisState,
    OwnDraft,
    ReversalProposal,
    SameHousehold,
    Stale,
    Statement,
    TooManyVouchers,
    Use,
    VoucherMissing,
    VoucherTaken,
)
from app.treasury.queries import (
    content_hash,
    draft_to_change,
    entry_for,
    entry_of_draft,
    last_day,
    photos_of_draft,
    reversed_entry,
    share_a_home,
    statement_document,
    voucher_for,
    voucher_needed,
    vouchers_of,
)
from app.treasury.schemas import MOST_VOUCHERS, ApproveWish, DraftWish, EditWish, MonthWish, ReasonWish, ReleaseWish


def save_draft(session: Session, actor: Actor, id: UUID, wish: DraftWish, photos: Sequence[Photo] = ()) -> tuple[Draft, bool]:
    """A new draft with its vouchers; False: an equal request made it before.

    Raises NotAllowed, BooksNotOpen, NotFound (the decision), Malformed (an account that does not fit), SameIdOtherContent.
    """
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    sent = digest(wish, actor.person_id)
    if before := already(session, Draft, actor.compound.id, id, sent):
        return before, False
    draft = Draft(
        compound_id=actor.compound.id,
        id=id,
        kind=wish.kind,
        amount_fen=wish.amount,
        on_date=wish.on_date,
        counterparty=wish.counterparty,
        purpose=wish.purpose,
        author_id=actor.person_id,
        sent_sha256=sent,
    )
    _fill(session, actor, draft, wish)
    session.add(draft)
    session.flush()
    for photo in photos:
        _attach(session, draft, photo)
    _record(session, actor, draft, "draft.saved")
    return draft, True


def edit_draft(session: Session, actor: Actor, id: UUID, version: int, wish: EditWish, photos: Sequence[Photo] = ()) -> Draft:
    """Other content under the same draft; whatever was approved of it is void.

    Raises NotFound, NotAllowed, Stale (`version` is not what stands there), NotThisState once posted.
    """
    draft = _mine(session, actor, id)
    if draft.kind == DraftKind.REVERSAL:
        raise NotThisState
    if draft.version != version and draft.open:
        raise Stale
    draft.changed()
    draft.kind, draft.amount_fen, draft.on_date = wish.kind, wish.amount, wish.on_date
    draft.counterparty, draft.purpose = wish.counterparty, wish.purpose
    _fill(session, actor, draft, wish)
    for voucher in vouchers_of(session, draft.compound_id, draft.id):
        if voucher.id in wish.remove:
            session.delete(voucher)
    session.flush()
    for photo in photos:
        _attach(session, draft, photo)
    _record(session, actor, draft, "draft.edited")
    return draft


def add_voucher(session: Session, actor: Actor, draft_id: UUID, photo: Photo) -> Draft:
    """One more voucher; the same one again changes nothing. Raises NotFound, NotAllowed, NotThisState, TooManyVouchers."""
    draft = _mine(session, actor, draft_id)
    if any(voucher.id == photo.id for voucher in vouchers_of(session, draft.compound_id, draft.id)):
        return draft
    draft.changed()
    _attach(session, draft, photo)
    _record(session, actor, draft, "draft.voucher_added")
    return draft


def submit(session: Session, actor: Actor, id: UUID) -> Draft:
    """Hand it to the supervisors. Raises NotFound, NotAllowed, NotThisState, VoucherMissing."""
    draft = _mine(session, actor, id)
    if draft.state == DraftState.SUBMITTED:
        return draft
    _need_vouchers(session, draft)
    draft.submit()
    _record(session, actor, draft, "draft.submitted")
    return draft


def return_draft(session: Session, actor: Actor, id: UUID, wish: ReasonWish) -> Draft:
    """Back to its author, with the reason. Raises NotFound, NotAllowed, NotThisState."""
    actor.need(Permission.APPROVE_MONEY)
    draft = draft_to_change(session, actor, id)
    draft.give_back(actor.person_id, wish.reason)
    _record(session, actor, draft, "draft.returned")
    words = _("%(what)s：%(reason)s", what=draft.purpose, reason=wish.reason)
    send(session, draft.compound_id, draft.author_id, _("一笔账退回来了"), words, f"/money/drafts/{draft.id}")
    return draft


def approve(session: Session, actor: Actor, id: UUID, wish: ApproveWish) -> JournalEntry:
    """Sign what was seen, and post it; the same signature again is answered with the same entry.

    Raises NotFound, NotAllowed, SecondFactorNeeded, NotThisState, ContentChanged, OwnDraft, SameHousehold, VoucherMissing,
    MonthPublished; for a reversal also AlreadyReversed.
    """
    actor.need(Permission.APPROVE_MONEY)
    actor.need_second_factor()
    draft = draft_to_change(session, actor, id)
    signed = _signature(session, draft, actor.person_id)
    if not draft.open:
        entry = entry_of_draft(session, draft)
        if entry and signed and signed.content_hash == wish.content_hash:
            return entry
        raise NotThisState
    if draft.state != DraftState.SUBMITTED:
        raise NotThisState
    if content_hash(session, draft) != wish.content_hash:
        raise ContentChanged
    if draft.author_id == actor.person_id:
        raise OwnDraft
    if share_a_home(session, draft.compound_id, draft.author_id, actor.person_id):
        raise SameHousehold
    _need_vouchers(session, draft)
    signed = signed or Approval(
        compound_id=draft.compound_id, draft_id=draft.id, approver_id=actor.person_id, content_hash=wish.content_hash
    )
    signed.content_hash, signed.approved_at = wish.content_hash, now()
    session.add(signed)
    draft.state = DraftState.POSTED
    entry = _post(session, actor, draft)
    _record(session, actor, draft, "draft.approved")
    events.tell(session, draft.compound_id, "entry.posted", entry_id=entry.id)
    words = _("%(what)s，%(amount)s", what=draft.purpose, amount=yuan(draft.amount_fen))
    send(session, draft.compound_id, draft.author_id, _("一笔账批准入账了"), words, f"/money/entries/{entry.id}")
    return entry


def propose_reversal(session: Session, actor: Actor, id: UUID, entry_id: UUID, wish: ReasonWish) -> tuple[Draft, bool]:
    """Ask the supervisors to reverse a posted entry, with the reason.

    Raises NotAllowed, NotFound, AlreadyReversed, NotReversible, SameIdOtherContent.
    """
    actor.need(Permission.BOOK_MONEY)
    lock_books(session, actor.compound.id)
    entry = entry_for(session, actor, entry_id)
    sent = digest(wish, actor.person_id, entry_id)
    if before := already(session, Draft, actor.compound.id, id, sent):
        return before, False
    if entry.reverses_id or entry.kind == EntryKind.INTERNAL:
        raise NotReversible  # what moved no money belongs to another room, which undoes it itself
    if reversal_of(session, entry):
        raise AlreadyReversed
    draft = Draft(
        compound_id=actor.compound.id,
        id=id,
        kind=DraftKind.REVERSAL,
        category_id=entry.category_id,
        amount_fen=-entry.amount_fen,
        on_date=today(),
        counterparty=entry.counterparty,
        purpose=wish.reason,
        decision_id=entry.decision_id,
        author_id=actor.person_id,
        state=DraftState.SUBMITTED,
        sent_sha256=sent,
    )
    session.add(draft)
    session.flush()
    session.add(ReversalProposal(compound_id=draft.compound_id, id=draft.id, entry_id=entry.id))
    _record(session, actor, draft, "reversal.proposed")
    return draft, True


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

    Raises NotAllowed, SecondFactorNeeded, BooksNotOpen, MonthNotOver, AlreadyStated.
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
    return _("%(year)s年%(month)s月公共收益收支表", year=month.year, month=month.month)


def _fill(session: Session, actor: Actor, draft: Draft, wish: DraftWish) -> None:
    chart = accounts_by_code(session, actor.compound.id)
    draft.category_id = _account(chart, "category", wish.category, Use(wish.kind)).id
    draft.money_id = _account(chart, "account", wish.account, Use.MONEY).id
    draft.decision_id = decision_for(session, actor, wish.decision_id).id if wish.decision_id else None


def _account(chart: dict[str, LedgerAccount], field: str, code: str, use: Use) -> LedgerAccount:
    account = chart.get(code)
    if account is None or account.use != use:
        raise Malformed(((f"/body/{field}", "account", _("请选一项。")),))
    return account


def _attach(session: Session, draft: Draft, photo: Photo) -> None:
    known = session.get(DraftVoucher, (draft.compound_id, photo.id))
    if known and known.draft_id != draft.id:
        raise VoucherTaken
    if known:
        return
    if len(vouchers_of(session, draft.compound_id, draft.id)) >= MOST_VOUCHERS:
        raise TooManyVouchers(most=MOST_VOUCHERS)
    session.add(DraftVoucher(compound_id=draft.compound_id, id=photo.id, draft_id=draft.id))
    session.flush()


def _mine(session: Session, actor: Actor, id: UUID) -> Draft:
    """Locked. Raises NotFound, NotAllowed."""
    actor.need(Permission.BOOK_MONEY)
    draft = draft_to_change(session, actor, id)
    if draft.open and not policy.can_edit(actor, draft):
        raise NotAllowed
    return draft


def _need_vouchers(session: Session, draft: Draft) -> None:
    if voucher_needed(session, draft) and not vouchers_of(session, draft.compound_id, draft.id):
        raise VoucherMissing


def _signature(session: Session, draft: Draft, person_id: UUID) -> Approval | None:
    return session.exec(
        select(Approval).where(
            Approval.compound_id == draft.compound_id, Approval.draft_id == draft.id, Approval.approver_id == person_id
        )
    ).one_or_none()


def _post(session: Session, actor: Actor, draft: Draft) -> JournalEntry:
    if draft.kind == DraftKind.REVERSAL:
        entry = reversed_entry(session, draft)
        if entry is None:
            raise NotFound
        return reverse(session, entry, draft.purpose, draft_id=draft.id)
    money = session.get_one(LedgerAccount, (draft.compound_id, draft.money_id))
    category = session.get_one(LedgerAccount, (draft.compound_id, draft.category_id))
    fen = draft.signed_fen
    return book(
        session,
        draft.compound_id,
        draft.on_date,
        draft.purpose,
        [(money.code, fen), (category.code, -fen)],
        counterparty=draft.counterparty,
        decision=decision_for(session, actor, draft.decision_id) if draft.decision_id else None,
        draft_id=draft.id,
        vouchers=[photo.sha256 for photo in photos_of_draft(session, draft).values()],
    )


def _record(session: Session, actor: Actor, draft: Draft, act: str) -> None:
    events.tell(session, draft.compound_id, act, draft_id=draft.id)
    on_record(session, actor, act, draft.id)
