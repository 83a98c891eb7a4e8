"""Drafts and their vouchers: they concern those who write, approve or audit them, until they are posted and released."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, exists
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.access.holders import may_still
from app.access.permissions import Permission
from app.compounds.models import Person
from app.compounds.names import known_as
from app.compounds.rules import rule
from app.kit.clock import today
from app.kit.records import columns, pointing, rows_of
from app.kit.refusals import NotAllowed, NotFound
from app.photos.models import Photo, PhotoSize
from app.photos.queries import photos_of
from app.publiclog.queries import entries_of_record
from app.treasury import policy
from app.treasury.bank_queries import booked_fen
from app.treasury.chart_models import LedgerAccount
from app.treasury.draft_models import Approval, Draft, DraftKind, DraftState, ReversalProposal
from app.treasury.models import JournalEntry
from app.treasury.queries import EntryCard, card_of, to_release
from app.treasury.voucher_models import DraftVoucher


@dataclass(frozen=True, slots=True)
class DraftCard:
    """`approved`: how many have signed what stands there now."""

    id: UUID
    kind: str
    state: str
    purpose: str
    category: str | None
    on_date: date
    said_amount: str
    author: str
    returned_because: str
    approved: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for this officer: drafts that they have not signed, their own that came back, lines with vouchers to release."""

    to_approve: list[DraftCard]
    returned: list[DraftCard]
    to_release: list[EntryCard]


def draft_for(session: Session, actor: Actor, id: UUID, *, to_change: bool = False) -> Draft:
    """Raises NotFound unless the actor may see drafts. `to_change`: with its row locked, first in the lock order."""
    if not policy.can_see_drafts(actor):
        raise NotFound
    draft = session.get(Draft, (actor.compound.id, id), populate_existing=True, with_for_update=to_change or None)
    if draft is None:
        raise NotFound
    return draft


_DRAFTS = (
    columns(Draft, LedgerAccount.name, Person.name, exists().where(pointing(Approval, "draft_id", Draft)).correlate(Draft))
    .outerjoin(LedgerAccount, pointing(Draft, "category_id", LedgerAccount))
    .join(Person, pointing(Draft, "author_id", Person))
    .where(Draft.compound_id == bindparam("compound_id"))
    .order_by(col(Draft.made_at), col(Draft.id))
)


_TO_APPROVE = _DRAFTS.where(Draft.state == DraftState.SUBMITTED, Draft.author_id != bindparam("me"))


_MINE = _DRAFTS.where(Draft.state != DraftState.POSTED, Draft.author_id == bindparam("me"))


_RETURNED = _MINE.where(Draft.state == DraftState.RETURNED)


def _draft_cards(session: Session, rows: Iterable[Any], unsigned_by: UUID | None = None) -> list[DraftCard]:
    """`unsigned_by`: without those whose present content this person has signed."""
    cards = []
    for d, category, author, touched in rows:
        signed = signatures(session, d) if touched and d.state == DraftState.SUBMITTED else []
        if all(one.approver_id != unsigned_by for one in signed):
            named = (d.id, d.kind, d.state, d.purpose, category, d.on_date, d.said_amount, author, d.returned_because)
            cards.append(DraftCard(*named, len(signed)))
    return cards


def waiting_for(session: Session, actor: Actor) -> Waiting:
    """Drafts of others that wait for my signature, mine that were returned, lines with vouchers to release; the oldest first."""
    me = {"compound_id": actor.compound.id, "me": actor.person_id}
    to_approve = _draft_cards(session, session.execute(_TO_APPROVE, me), actor.person_id) if policy.can_approve(actor) else []
    returned = _draft_cards(session, session.execute(_RETURNED, me)) if policy.can_book(actor) else []
    return Waiting(to_approve, returned, to_release(session, actor) if policy.can_publish(actor) else [])


def my_drafts(session: Session, actor: Actor) -> list[DraftCard]:
    """Mine that are not posted."""
    return _draft_cards(session, session.execute(_MINE, {"compound_id": actor.compound.id, "me": actor.person_id}))


def vouchers_of(session: Session, compound_id: UUID, draft_id: UUID | None) -> list[DraftVoucher]:
    """In their order, which is that of their arrival until somebody changes it."""
    return list(session.scalars(_VOUCHERS, {"compound_id": compound_id, "draft_id": draft_id}))


_OF_DRAFT = and_(col(DraftVoucher.compound_id) == bindparam("compound_id"), col(DraftVoucher.draft_id) == bindparam("draft_id"))
_VOUCHERS = select(DraftVoucher).where(_OF_DRAFT).order_by(col(DraftVoucher.position), col(DraftVoucher.id))


def photos_of_draft(session: Session, draft: Draft) -> dict[UUID, Photo]:
    return photos_of(session, draft.compound_id, [v.id for v in vouchers_of(session, draft.compound_id, draft.id)])


def voucher_digests(session: Session, draft: Draft) -> list[str]:
    """SHA-256 of the originals, in no order that means anything."""
    of_draft = {"compound_id": draft.compound_id, "draft_id": draft.id}
    return [row.sha256 for row in rows_of(session, _VOUCHER_DIGESTS, of_draft)]


_VOUCHER_DIGESTS = columns(Photo.sha256).join(DraftVoucher, pointing(DraftVoucher, "id", Photo)).where(_OF_DRAFT)


def content_hash(session: Session, draft: Draft) -> str:
    return draft.content_hash(voucher_digests(session, draft))


def voucher_for(session: Session, visitor: Visitor, id: UUID) -> tuple[DraftVoucher, Photo]:
    """Raises NotFound unless it is released or the visitor may see originals."""
    voucher = session.get(DraftVoucher, (visitor.compound.id, id), populate_existing=True)
    if voucher is None or not (voucher.released_at or policy.can_see_originals(visitor)):
        raise NotFound
    return voucher, session.get_one(Photo, (voucher.compound_id, voucher.id))


def released_in(session: Session, voucher: DraftVoucher) -> list[tuple[int, int]]:
    """(Version, index in the log) of each public copy there ever was, the first one first."""
    lines = entries_of_record(session, voucher.compound_id, voucher.id)
    return [(version, line.index) for version, line in enumerate(lines, 1)]


PUBLIC_SIZES = (PhotoSize.MIDDLE, PhotoSize.SMALL)


def picture_for(session: Session, visitor: Visitor, photo_id: UUID, size: PhotoSize) -> Photo:
    """A voucher's own photo or a copy of it: everything for who may see originals, for everybody the public copy alone.

    Raises NotFound; NotAllowed for a size of the public copy that is not public.
    """
    photo = session.get(Photo, (visitor.compound.id, photo_id))
    voucher = session.get(DraftVoucher, (visitor.compound.id, photo.redacts_id or photo.id)) if photo else None
    if photo is None or voucher is None:
        raise NotFound
    if not policy.can_see_originals(visitor):
        if voucher.public_id != photo.id:
            raise NotFound
        if size not in PUBLIC_SIZES:
            raise NotAllowed
    return photo


def sides_of(session: Session, draft: Draft) -> tuple[LedgerAccount | None, LedgerAccount | None]:
    """The accounts that its `money_id` and `category_id` name."""
    money, category = (
        session.get(LedgerAccount, (draft.compound_id, id)) if id else None for id in (draft.money_id, draft.category_id)
    )
    return money, category


def entry_of_draft(session: Session, draft: Draft) -> JournalEntry | None:
    return session.exec(
        select(JournalEntry).where(JournalEntry.compound_id == draft.compound_id, JournalEntry.draft_id == draft.id)
    ).one_or_none()


def reversed_entry(session: Session, draft: Draft) -> JournalEntry | None:
    """The entry that this draft would reverse."""
    proposal = session.get(ReversalProposal, (draft.compound_id, draft.id))
    return session.get(JournalEntry, (draft.compound_id, proposal.entry_id)) if proposal else None


def hands(session: Session, visitor: Visitor, draft: Draft) -> tuple[str, list[str]]:
    """Who wrote it and who approved it, as this viewer may know them."""
    ids = [draft.author_id, *(one.approver_id for one in signatures(session, draft))]
    people = [session.get_one(Person, (draft.compound_id, id)) for id in ids]
    author, *approvers = [known_as(person.name, full=visitor.is_resident) for person in people]
    return author, approvers


def signatures(session: Session, draft: Draft) -> list[Approval]:
    """The approvals that count, the earliest first: of what stands there now, by who may still approve; or once posted, of
    what was posted.
    """
    given = approvals_of(session, draft)
    if not given:
        return []
    if draft.open:
        return counting(session, draft, given, content_hash(session, draft))
    return [one for one in given if one.content_hash == given[-1].content_hash]


def counting(session: Session, draft: Draft, given: Iterable[Approval], stands: str) -> list[Approval]:
    """Those of what has the hash `stands`, by people whose seat still lets them approve."""
    may = partial(may_still, session, draft.compound_id, permission=Permission.APPROVE_MONEY)
    return [one for one in given if one.content_hash == stands and may(one.approver_id)]


def approvals_of(session: Session, draft: Draft) -> list[Approval]:
    """Everybody's last one, also of what stands there no longer, the earliest first."""
    return list(session.scalars(_APPROVALS, {"compound_id": draft.compound_id, "draft_id": draft.id}))


_APPROVALS = (
    select(Approval)
    .where(Approval.compound_id == bindparam("compound_id"), Approval.draft_id == bindparam("draft_id"))
    .order_by(col(Approval.approved_at), col(Approval.id))
)


def held_fen(session: Session, account: LedgerAccount) -> int:
    """What is held for others of a kind today."""
    return -booked_fen(session, account.compound_id, account.id, today())


def approvals_needed(session: Session, draft: Draft) -> int:
    """A reversal wants as many as what it takes back, also where that moved no balance."""
    entry = reversed_entry(session, draft) if draft.kind == DraftKind.REVERSAL else None
    fen = card_of(session, entry).turned_fen if entry else abs(draft.amount_fen)
    return hands_for(session, draft.compound_id, fen)


def hands_for(session: Session, compound_id: UUID, fen: int) -> int:
    """How many approve so much money."""
    return 2 if fen >= rule(session, compound_id, "two_approvers_fen") else 1


def voucher_needed(session: Session, draft: Draft) -> bool:
    limit = rule(session, draft.compound_id, "voucher_needed_fen")
    return draft.kind in (DraftKind.EXPENSE, DraftKind.HELD_OUT) and draft.amount_fen >= limit


def decision_needed(session: Session, draft: Draft) -> bool:
    limit = rule(session, draft.compound_id, "decision_needed_fen")
    return draft.kind == DraftKind.EXPENSE and draft.amount_fen >= limit
