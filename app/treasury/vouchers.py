"""Verbs about a voucher: say what paper it is, paint over what is nobody's business, release it to everybody.

Lock order: the draft first, as everywhere in this room.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit import events
from app.photos.boxes import RedactWish, written
from app.photos.intake import TakenIn
from app.photos.models import Photo
from app.photos.service import Kept, keep_redacted
from app.publiclog.queries import entries_of_record
from app.publiclog.service import Attachment, Entry, publish
from app.treasury.draft_queries import draft_for, entry_of_draft, voucher_for, vouchers_of
from app.treasury.drafting import draft_of_mine, record
from app.treasury.models import JournalEntry
from app.treasury.queries import entry_for
from app.treasury.voucher_models import CopyChanged, DraftVoucher, NotReleased
from app.treasury.voucher_schemas import PaperWish, ReleaseAllWish, ReleaseWish


def describe_voucher(session: Session, actor: Actor, voucher_id: UUID, wish: PaperWish) -> DraftVoucher:
    """What paper it is, its invoice number, and its place among the others. The draft is another version afterwards, so that
    what was approved of it is void; the same words again change nothing.

    Raises NotFound, NotAllowed, NotThisState once posted.
    """
    voucher, _photo = voucher_for(session, actor, voucher_id)
    draft = draft_of_mine(session, actor, voucher.draft_id)
    voucher, _photo = voucher_for(session, actor, voucher_id)
    others = vouchers_of(session, draft.compound_id, draft.id)
    place = others.index(voucher) + 1
    if (voucher.paper, voucher.invoice_number, place) == (wish.paper, wish.invoice_number, wish.position or place):
        return voucher
    draft.changed()
    voucher.paper, voucher.invoice_number = wish.paper, wish.invoice_number
    others.remove(voucher)
    others.insert((wish.position or place) - 1, voucher)
    for position, other in enumerate(others, 1):
        other.position = position
    record(session, actor, draft, "draft.voucher_described")
    return voucher


def redact_voucher(session: Session, actor: Actor, voucher_id: UUID, copy_id: UUID, copy: TakenIn, wish: RedactWish) -> Kept:
    """Keep a copy that was made with `wish` painted over; it waits to be released. Nothing that was there before is changed.

    Raises NotAllowed, NotFound, PhotoDiffers.
    """
    actor.need(Permission.PUBLISH_MONEY)
    voucher, photo = voucher_for(session, actor, voucher_id)
    draft_for(session, actor, voucher.draft_id, to_change=True)
    voucher, photo = voucher_for(session, actor, voucher_id)
    kept = keep_redacted(session, photo, copy_id, copy, written(box.box for box in wish.boxes), actor.person_id)
    if kept.outcome == "created":
        voucher.copy_id = copy_id
        on_record(session, actor, "voucher.covered", voucher.id)
    return kept


def release_voucher(session: Session, actor: Actor, voucher_id: UUID, shown: Attachment, wish: ReleaseWish) -> DraftVoucher:
    """Show the newest copy to everybody, in the place of the one before. A second tap counts once.

    `shown`: the file that will be public. `wish` is the treasurer's word that they have looked at just that file and that
    nobody's personal data is on it. Raises NotAllowed, NotFound, NotReleased, CopyChanged.
    """
    actor.need(Permission.PUBLISH_MONEY)
    voucher, _photo = voucher_for(session, actor, voucher_id)
    draft = draft_for(session, actor, voucher.draft_id, to_change=True)
    voucher, _photo = voucher_for(session, actor, voucher_id)
    entry = entry_of_draft(session, draft)
    if entry is None:
        raise NotReleased
    _release(session, actor, entry, voucher, shown, {wish.seen_sha256})
    return voucher


def release_all(
    session: Session, actor: Actor, entry_id: UUID, shown: Mapping[UUID, Attachment], wish: ReleaseAllWish
) -> list[DraftVoucher]:
    """Every page of an entry that waits, or none of them. A second tap finds none waiting, and changes nothing.

    `shown`: the files that will be public, by voucher; `wish` as in `release_voucher`, of each. Raises NotAllowed, NotFound,
    CopyChanged where one page is not among what was seen.
    """
    actor.need(Permission.PUBLISH_MONEY)
    entry = entry_for(session, actor, entry_id)
    if entry.draft_id is None:
        return []
    draft_for(session, actor, entry.draft_id, to_change=True)
    vouchers = vouchers_of(session, entry.compound_id, entry.draft_id)
    for voucher in vouchers:
        session.refresh(voucher)
        if voucher.waits:
            _release(session, actor, entry, voucher, shown.get(voucher.id), set(wish.seen_sha256))
    return vouchers


def _release(
    session: Session, actor: Actor, entry: JournalEntry, voucher: DraftVoucher, shown: Attachment | None, seen: set[str]
) -> None:
    chosen = session.get_one(Photo, (voucher.compound_id, voucher.next_id))
    if shown is None or shown.sha256 != chosen.k960 or shown.sha256 not in seen:
        raise CopyChanged
    if not voucher.waits:
        return
    before = entries_of_record(session, voucher.compound_id, voucher.id)
    voucher.release(chosen, actor.person_id)
    line = Entry(
        type="voucher.redacted" if before else "voucher.released",
        compound_id=voucher.compound_id,
        record_id=voucher.id,
        record_version=voucher.public_version,
        attachments=(shown,),
        supersedes=before[-1].index if before else None,
        facts={"entry": str(entry.id), "clean": True},
    )
    publish(session, voucher.compound_id, lambda _index: line.values())
    events.tell(session, voucher.compound_id, line.type, voucher_id=voucher.id, entry_id=entry.id)
    on_record(session, actor, line.type, voucher.id)
