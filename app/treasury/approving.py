"""Verbs of whoever checks: return a draft, approve and so post it; and the treasurer's proposal to reverse an entry."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.compounds.people import share_a_home
from app.council.queries import decision_for
from app.inbox.service import send
from app.kit import events
from app.kit.clock import now, today
from app.kit.i18n import _
from app.kit.money import yuan
from app.kit.once import already, digest
from app.kit.refusals import NotFound, NotThisState
from app.treasury.budget_queries import need_within_budget
from app.treasury.chart_models import LedgerAccount, Use
from app.treasury.contract_queries import contract_to_change
from app.treasury.draft_models import (
    AccountRetired,
    Approval,
    ContentChanged,
    ContractOfOther,
    Draft,
    DraftKind,
    DraftState,
    MoreThanHeld,
    OpeningTaken,
    OwnDraft,
    ReversalProposal,
    SameHousehold,
    SameHouseholdAsApprover,
    SignedByFamily,
)
from app.treasury.draft_queries import (
    approvals_needed,
    approvals_of,
    content_hash,
    counting,
    draft_for,
    entry_of_draft,
    held_fen,
    reversed_entry,
    signatures,
    voucher_digests,
)
from app.treasury.draft_schemas import ApproveWish, ReasonWish
from app.treasury.drafting import need_grounds, record
from app.treasury.journal import book, lock_books, opening_of, reversal_of, reverse, sides_of_entry
from app.treasury.models import AlreadyReversed, EntryKind, JournalEntry, NotReversible
from app.treasury.queries import entry_for


def return_draft(session: Session, actor: Actor, id: UUID, wish: ReasonWish) -> Draft:
    """Back to its author, with the reason. Raises NotFound, NotAllowed, NotThisState."""
    actor.need(Permission.APPROVE_MONEY)
    draft = draft_for(session, actor, id, to_change=True)
    signed = [one.approver_id for one in signatures(session, draft) if one.approver_id != actor.person_id]
    draft.give_back(actor.person_id, wish.reason)
    record(session, actor, draft, "draft.returned")
    words = _("%(what)s：%(reason)s", what=draft.purpose, reason=wish.reason)
    send(session, draft.compound_id, draft.author_id, _("一笔账退回来了"), words, f"/money/drafts/{draft.id}")
    for person_id in signed:
        send(session, draft.compound_id, person_id, _("您批过的一笔账退回了"), words, f"/money/drafts/{draft.id}")
    return draft


def approve(session: Session, actor: Actor, id: UUID, wish: ApproveWish) -> JournalEntry | None:
    """Sign what was seen; the last signature that is needed posts it. None: it waits for somebody else's. The same signature
    again counts once, and is answered with the same entry.

    Raises NotFound, NotAllowed, SecondFactorNeeded, NotThisState, ContentChanged, OwnDraft, SameHousehold,
    SameHouseholdAsApprover, SignedByFamily, VoucherMissing, DecisionMissing, OpeningUnproven, OverBudget, AccountRetired,
    ContractOfOther, MoreThanHeld, BooksNotOpen, MonthPublished, MonthClosed; for a reversal also AlreadyReversed and
    NotReversible, for an opening OpeningTaken.
    """
    actor.need(Permission.APPROVE_MONEY)
    actor.need_second_factor()
    draft = draft_for(session, actor, id, to_change=True)
    given = approvals_of(session, draft)
    signed = _own(given, actor)
    if not draft.open:
        entry = entry_of_draft(session, draft)
        if entry and signed and signed.content_hash == wish.content_hash:
            return entry
        raise NotThisState
    if draft.state != DraftState.SUBMITTED:
        raise NotThisState
    if content_hash(session, draft) != wish.content_hash:
        raise ContentChanged
    others = [one for one in counting(session, draft, given, wish.content_hash) if one is not signed]
    need_independent(session, draft.compound_id, draft.author_id, actor.person_id, [one.approver_id for one in others])
    need_grounds(session, draft)
    need_within_budget(session, draft)
    again = signed is not None and signed.content_hash == wish.content_hash
    if not again:
        signed = signed or Approval(
            compound_id=draft.compound_id, draft_id=draft.id, approver_id=actor.person_id, content_hash=wish.content_hash
        )
        signed.content_hash, signed.approved_at = wish.content_hash, now()
        session.add(signed)
        session.flush()
        record(session, actor, draft, "draft.approved")
    words = _("%(what)s，%(amount)s", what=draft.purpose, amount=yuan(draft.amount_fen))
    if len(others) + 1 < approvals_needed(session, draft):
        if not again:
            send(session, draft.compound_id, draft.author_id, _("一笔账批了一位，还差一位"), words, f"/money/drafts/{draft.id}")
        return None
    draft.state = DraftState.POSTED
    entry = _post(session, actor, draft)
    events.tell(session, draft.compound_id, "entry.posted", entry_id=entry.id)
    send(session, draft.compound_id, draft.author_id, _("一笔账批准入账了"), words, f"/money/entries/{entry.id}")
    return entry


def need_independent(session: Session, compound_id: UUID, author_id: UUID, approver_id: UUID, signed: Sequence[UUID]) -> None:
    """Whether this approver may sign what `author_id` wrote beside those who have `signed` it: no two hands of one home.

    Raises OwnDraft, SameHousehold, SameHouseholdAsApprover, SignedByFamily.
    """
    if author_id == approver_id:
        raise OwnDraft
    if share_a_home(session, compound_id, author_id, approver_id):
        raise SameHousehold
    if any(share_a_home(session, compound_id, one, approver_id) for one in signed):
        raise SameHouseholdAsApprover
    if any(share_a_home(session, compound_id, one, author_id) for one in signed):
        raise SignedByFamily


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
    if entry.reverses_id or entry.kind == EntryKind.INTERNAL or (entry.draft_id is None and entry.kind != EntryKind.OPENING):
        raise NotReversible  # what no draft asked for belongs to another room (a claim of money), which undoes it itself
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
    record(session, actor, draft, "reversal.proposed")
    return draft, True


def _need_reversible(session: Session, entry: JournalEntry) -> None:
    """Raises AlreadyReversed, AccountRetired, MoreThanHeld for a deposit that was given back since."""
    if reversal_of(session, entry):
        raise AlreadyReversed
    for account, fen in sides_of_entry(session, entry):
        if account.retired_at:
            raise AccountRetired(account=account.name)
        if account.use == Use.HELD and fen < 0:
            _need_held(session, account, -fen)


def _need_held(session: Session, account: LedgerAccount, fen: int) -> None:
    """Nobody is given back what is not held for them. Raises MoreThanHeld."""
    held = held_fen(session, account)
    if held < fen:
        raise MoreThanHeld(account=account.name, amount=yuan(held))


def _own(given: Iterable[Approval], actor: Actor) -> Approval | None:
    return next((one for one in given if one.approver_id == actor.person_id), None)


def _post(session: Session, actor: Actor, draft: Draft) -> JournalEntry:
    lock_books(session, draft.compound_id)
    if draft.kind == DraftKind.REVERSAL:
        entry = reversed_entry(session, draft)
        if entry is None:
            raise NotFound
        _need_reversible(session, entry)
        return reverse(session, entry, draft.purpose, draft_id=draft.id, vouchers=voucher_digests(session, draft))
    if draft.contract_id and contract_to_change(session, actor, draft.contract_id).account_id != draft.category_id:
        raise ContractOfOther
    money, category = (
        session.get_one(LedgerAccount, (draft.compound_id, id), populate_existing=True)
        for id in (draft.money_id, draft.category_id)
    )
    for account in (money, category):
        if account.retired_at:
            raise AccountRetired(account=account.name)
    if draft.kind == DraftKind.OPENING and opening_of(session, money):
        raise OpeningTaken
    if draft.kind == DraftKind.HELD_OUT:
        _need_held(session, category, draft.amount_fen)
    return book(
        session,
        draft.compound_id,
        draft.on_date,
        draft.purpose,
        draft.lines(money, category),
        counterparty=draft.counterparty,
        decision=decision_for(session, actor, draft.decision_id) if draft.decision_id else None,
        draft_id=draft.id,
        contract_id=draft.contract_id,
        building_id=draft.building_id,
        vouchers=voucher_digests(session, draft),
    )
