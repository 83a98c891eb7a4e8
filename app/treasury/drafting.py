"""Verbs of whoever writes: save a draft, change it, add vouchers, submit it.

Lock order: the draft, then the books (a new draft has no other parent), then numbers; the log comes last by itself.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.models import Building
from app.council.queries import decision_for
from app.kit import events
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import Malformed, NotAllowed, NotFound, NotThisState
from app.kit.versions import Stale
from app.photos.models import Photo
from app.treasury import policy
from app.treasury.chart_models import AccountKind, Fund, LedgerAccount, Use
from app.treasury.contract_queries import contract_for
from app.treasury.draft_models import (
    OTHER_SIDE,
    DecisionMissing,
    Draft,
    DraftKind,
    DraftState,
    OpeningTaken,
    OpeningUnproven,
    VoucherMissing,
)
from app.treasury.draft_queries import decision_needed, draft_for, voucher_needed, vouchers_of
from app.treasury.draft_schemas import DraftWish, EditWish
from app.treasury.fund_charts import bank_of, opening_code
from app.treasury.journal import accounts_by_code, lock_books, opening_of
from app.treasury.voucher_models import DraftVoucher, TooManyVouchers, VoucherTaken
from app.treasury.voucher_schemas import MOST_VOUCHERS


def save_draft(session: Session, actor: Actor, id: UUID, wish: DraftWish, photos: Sequence[Photo] = ()) -> tuple[Draft, bool]:
    """A new draft with its vouchers; False: an equal request made it before.

    Raises NotAllowed, BooksNotOpen, NotFound (the decision, the contract, the building), Malformed (an account or a contract
    that does not fit), OpeningTaken, SameIdOtherContent.
    """
    actor.need(Permission.BOOK_MONEY)
    session.get(Draft, (actor.compound.id, id), with_for_update=True)  # sent again, it is there already, and comes first
    lock_books(session, actor.compound.id)
    sent = digest(wish, actor.person_id, *sorted({photo.sha256 for photo in photos}))
    if before := already(session, Draft, actor.compound.id, id, sent):
        return before, False
    draft = Draft(
        compound_id=actor.compound.id,
        id=id,
        kind=wish.kind,
        amount_fen=wish.amount,
        on_date=wish.on_date,
        counterparty=wish.counterparty,
        purpose="",
        author_id=actor.person_id,
        sent_sha256=sent,
    )
    _fill(session, actor, draft, wish)
    session.add(draft)
    session.flush()
    for photo in photos:
        _attach(session, draft, photo)
    record(session, actor, draft, "draft.saved")
    return draft, True


def edit_draft(session: Session, actor: Actor, id: UUID, version: int, wish: EditWish, photos: Sequence[Photo] = ()) -> Draft:
    """Other content under the same draft; whatever was approved of it is void.

    Raises NotFound, NotAllowed, Stale (`version` is not what stands there), NotThisState once posted.
    """
    draft = draft_of_mine(session, actor, id)
    if draft.kind == DraftKind.REVERSAL:
        raise NotThisState
    if draft.version != version and draft.open:
        raise Stale
    draft.changed()
    draft.kind, draft.amount_fen, draft.on_date = wish.kind, wish.amount, wish.on_date
    draft.counterparty = wish.counterparty
    _fill(session, actor, draft, wish)
    for voucher in vouchers_of(session, draft.compound_id, draft.id):
        if voucher.id in wish.remove:
            session.delete(voucher)
    session.flush()
    for photo in photos:
        _attach(session, draft, photo)
    record(session, actor, draft, "draft.edited")
    return draft


def add_vouchers(session: Session, actor: Actor, draft_id: UUID, photos: Sequence[Photo]) -> Draft:
    """One more paper, which may have pages; the same one again changes nothing.

    Raises NotFound, NotAllowed, NotThisState, TooManyVouchers, VoucherTaken.
    """
    draft = draft_of_mine(session, actor, draft_id)
    known = {voucher.id for voucher in vouchers_of(session, draft.compound_id, draft.id)}
    if known.issuperset(photo.id for photo in photos):
        return draft
    draft.changed()
    for photo in photos:
        _attach(session, draft, photo)
    record(session, actor, draft, "draft.voucher_added")
    return draft


def submit(session: Session, actor: Actor, id: UUID, seen: int | None = None) -> Draft:
    """Hand it to the supervisors. `seen`: the version that its author read; a tap that arrives after a return hands nothing in.

    Raises NotFound, NotAllowed, Stale, NotThisState, VoucherMissing, DecisionMissing, OpeningUnproven.
    """
    draft = draft_of_mine(session, actor, id)
    if seen not in (None, draft.version) and draft.open:
        raise Stale
    if draft.state == DraftState.SUBMITTED:
        return draft
    need_grounds(session, draft)
    draft.submit()
    record(session, actor, draft, "draft.submitted")
    return draft


def need_grounds(session: Session, draft: Draft) -> None:
    """What the compound's rules want before money moves. Raises VoucherMissing, DecisionMissing, OpeningUnproven."""
    proven = bool(vouchers_of(session, draft.compound_id, draft.id))
    if not proven and voucher_needed(session, draft):
        raise VoucherMissing
    if draft.decision_id is None and decision_needed(session, draft):
        raise DecisionMissing
    if not proven and draft.decision_id is None and draft.kind == DraftKind.OPENING:
        raise OpeningUnproven


def record(session: Session, actor: Actor, draft: Draft, act: str) -> None:
    events.tell(session, draft.compound_id, act, draft_id=draft.id)
    on_record(session, actor, act, draft.id)


def _fill(session: Session, actor: Actor, draft: Draft, wish: DraftWish) -> None:
    """Accounts, decision and, where nobody wrote one, the purpose."""
    chart = accounts_by_code(session, actor.compound.id)
    kind = DraftKind(wish.kind)
    if kind is DraftKind.OPENING:
        account = _offered(chart.get(wish.account or ""), "account", lambda one: one.holds)
        other = _offered(chart.get(opening_code(Fund(account.fund))), "account", lambda one: one.kind == AccountKind.EQUITY)
        if opening_of(session, account):
            raise OpeningTaken
    else:
        use = OTHER_SIDE[kind]
        other = _offered(chart.get(wish.category), "category", lambda one: one.use == use)
        account = _offered(chart.get(wish.account or bank_of(Fund(other.fund))), "account", lambda one: one.use == Use.MONEY)
    if account.fund != other.fund:
        raise Malformed((("/body/account", "account", _("两边要是同一种资金。")),))
    if account is other:
        raise Malformed((("/body/category", "account", _("要转到另一个账户。")),))
    draft.category_id, draft.money_id = other.id, account.id
    draft.purpose = wish.purpose or _purpose(kind, account, other)
    draft.decision_id = decision_for(session, actor, wish.decision_id).id if wish.decision_id else None
    draft.contract_id = _contract(session, actor, draft, wish.contract_id) if wish.contract_id else None
    if wish.building_id and session.get(Building, (actor.compound.id, wish.building_id)) is None:
        raise NotFound
    draft.building_id = wish.building_id


def _contract(session: Session, actor: Actor, draft: Draft, id: UUID) -> UUID:
    contract = contract_for(session, actor, id).contract
    if contract.account_id != draft.category_id:  # all contracts are of income
        raise Malformed((("/body/contract_id", "category", _("这份合同是另一类收入的。")),))
    return contract.id


def _offered(account: LedgerAccount | None, field: str, fits: Callable[[LedgerAccount], bool]) -> LedgerAccount:
    if account is None or account.retired_at or not fits(account):
        raise Malformed(((f"/body/{field}", "account", _("请选一项。")),))
    return account


def _purpose(kind: DraftKind, account: LedgerAccount, other: LedgerAccount) -> str:
    if kind is DraftKind.TRANSFER:
        return _("从%(one)s转到%(other)s", one=account.name, other=other.name)
    return _("期初余额：%(account)s", account=account.name) if kind is DraftKind.OPENING else other.name


def _attach(session: Session, draft: Draft, photo: Photo) -> None:
    known = session.get(DraftVoucher, (draft.compound_id, photo.id))
    theirs = photo.taken_by_id != draft.author_id  # a neighbour's evidence, whose id somebody has sent with the same bytes
    if theirs or photo.redacts_id or (known and known.draft_id != draft.id):
        raise VoucherTaken
    if known:
        return
    hanging = vouchers_of(session, draft.compound_id, draft.id)
    if len(hanging) >= MOST_VOUCHERS:
        raise TooManyVouchers(most=MOST_VOUCHERS)
    last = hanging[-1].position if hanging else 0
    session.add(DraftVoucher(compound_id=draft.compound_id, id=photo.id, draft_id=draft.id, position=last + 1))
    session.flush()


def draft_of_mine(session: Session, actor: Actor, id: UUID) -> Draft:
    """Locked. Raises NotFound, NotAllowed."""
    actor.need(Permission.BOOK_MONEY)
    draft = draft_for(session, actor, id, to_change=True)
    if draft.open and not policy.can_edit(actor, draft):
        raise NotAllowed
    return draft
