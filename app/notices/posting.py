"""Verbs of the board: show that a notice's paper hangs there, and take a wrong photo back."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.record import on_record
from app.kit import events
from app.kit.refusals import NotAllowed
from app.notices import policy
from app.notices.board_queries import board_photo_of, was_taken_back
from app.notices.models import BoardPhoto, BoardPhotoWithdrawal, PhotoTakenBack
from app.notices.queries import notice_to_change
from app.notices.schemas import BoardWish, WithdrawalWish
from app.photos.intake import TakenIn
from app.photos.models import PhotoDiffers
from app.photos.service import keep
from app.publiclog.queries import first_index_of
from app.publiclog.service import Entry, commit_to, publish


def post_on_board(
    session: Session, actor: Actor, notice_id: UUID, photo_id: UUID, wish: BoardWish, taken_in: TakenIn
) -> tuple[BoardPhoto, bool]:
    """A photo of the paper as it hangs, seen by everybody; and whether this call made it.

    Raises NotAllowed, NotFound, NoticeWithdrawn, NotPostedThen, PhotoDiffers.
    """
    if not policy.can_post(actor):
        raise NotAllowed
    notice = notice_to_change(session, actor, notice_id)
    kept = keep(session, actor.compound.id, photo_id, taken_in, actor.person_id)
    known = session.get(BoardPhoto, (notice.compound_id, photo_id))
    if known is not None and known.notice_id == notice.id:
        return known, False
    if kept.outcome == "same":  # somebody else's picture under this id, of another room
        raise PhotoDiffers(stored_sha256=kept.photo.sha256)
    notice.check_posted(wish.moment, wish.taken_at)
    posted = BoardPhoto(
        compound_id=notice.compound_id,
        id=photo_id,
        notice_id=notice.id,
        moment=wish.moment,
        taken_at=wish.taken_at,
        posted_by_id=actor.person_id,
    )
    session.add(posted)
    entry = Entry(
        type="notice.posted",
        compound_id=notice.compound_id,
        record_id=posted.id,
        facts={
            "notice": str(notice.id),
            "moment": wish.moment,
            "taken_at": wish.taken_at.isoformat(),
            "photo_sha256": kept.photo.k960,
        },
    )
    publish(session, notice.compound_id, lambda _index: entry.values())
    events.tell(session, notice.compound_id, "notice.posted", notice_id=notice.id, photo_id=posted.id)
    on_record(session, actor, "notice.posted", posted.id)
    return posted, True


def take_back_photo(session: Session, actor: Actor, notice_id: UUID, photo_id: UUID, wish: WithdrawalWish) -> BoardPhoto:
    """A photo that oneself put up wrongly is no longer shown; that there was one, and why it went, stays to be read.

    Raises NotFound, NotAllowed, PhotoTakenBack.
    """
    posted = board_photo_of(session, actor, notice_id, photo_id)
    if not policy.can_take_back(actor, posted):
        raise NotAllowed
    notice_to_change(session, actor, notice_id)
    if was_taken_back(session, posted):
        raise PhotoTakenBack
    session.add(
        BoardPhotoWithdrawal(compound_id=posted.compound_id, id=posted.id, person_id=actor.person_id, because=wish.reason)
    )
    entry = Entry(
        type="notice.posting_withdrawn",
        compound_id=posted.compound_id,
        record_id=posted.id,
        record_version=2,
        supersedes=first_index_of(session, posted),
        commits={
            "because": commit_to(session, posted.compound_id, wish.reason),
            "by": commit_to(session, posted.compound_id, actor.name, of=actor.person_id),
        },
    )
    publish(session, posted.compound_id, lambda _index: entry.values())
    events.tell(session, posted.compound_id, "notice.posting_withdrawn", notice_id=notice_id, photo_id=posted.id)
    on_record(session, actor, "notice.posting_withdrawn", posted.id)
    return posted
