"""The paper on the board, as its photos show it: those that were put up, taken back, and those that are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.kit.clock import now
from app.kit.i18n import _
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.notices import policy
from app.notices.models import BOARD_SAYS, BoardMoment, BoardPhoto, BoardPhotoWithdrawal, Notice
from app.photos.models import Photo, PhotoSize


@dataclass(frozen=True, slots=True)
class BoardCard:
    """`taken_back_at`, `taken_back_because`: of a wrong one, whose picture is no longer shown."""

    id: UUID
    moment: BoardMoment
    taken_at: datetime
    received_at: datetime
    taken_back_at: datetime | None
    taken_back_because: str | None
    can_take_back: bool


def board_photos(session: Session, visitor: Visitor, notice: Notice) -> list[BoardCard]:
    """As they were put up."""
    rows = session.execute(
        columns(BoardPhoto, Photo.received_at, BoardPhotoWithdrawal)
        .join(Photo, pointing(BoardPhoto, "id", Photo))
        .outerjoin(BoardPhotoWithdrawal, pointing(BoardPhotoWithdrawal, "id", BoardPhoto))
        .where(BoardPhoto.compound_id == notice.compound_id, BoardPhoto.notice_id == notice.id)
        .order_by(col(BoardPhoto.taken_at))
    )
    return [
        BoardCard(
            photo.id,
            BoardMoment(photo.moment),
            photo.taken_at,
            received_at,
            gone.made_at if gone else None,
            gone.because if gone else None,
            gone is None and policy.can_take_back(visitor, photo),
        )
        for photo, received_at, gone in rows
    ]


def board_photo_of(session: Session, visitor: Visitor, notice_id: UUID, photo_id: UUID) -> BoardPhoto:
    """Raises NotFound for absent and foreign alike."""
    posted = session.get(BoardPhoto, (visitor.compound.id, photo_id))
    if posted is None or posted.notice_id != notice_id:
        raise NotFound
    return posted


def was_taken_back(session: Session, posted: BoardPhoto) -> bool:
    return session.get(BoardPhotoWithdrawal, (posted.compound_id, posted.id)) is not None


def board_photo_for(session: Session, visitor: Visitor, notice_id: UUID, photo_id: UUID, size: PhotoSize) -> Photo:
    """The cleaned copies are everybody's; what the camera made, and what was taken back, is the officers'. Raises NotFound."""
    posted = board_photo_of(session, visitor, notice_id, photo_id)
    if not policy.can_post(visitor) and (size is PhotoSize.ORIGINAL or was_taken_back(session, posted)):
        raise NotFound
    return session.get_one(Photo, (visitor.compound.id, photo_id))


def moments_posted(session: Session, compound_id: UUID) -> dict[UUID, list[BoardMoment]]:
    """Of every notice, those of which a photo stands."""
    posted: dict[UUID, list[BoardMoment]] = {}
    for notice_id, moment in session.exec(
        select(BoardPhoto.notice_id, BoardPhoto.moment)
        .outerjoin(BoardPhotoWithdrawal, pointing(BoardPhotoWithdrawal, "id", BoardPhoto))
        .where(BoardPhoto.compound_id == compound_id, col(BoardPhotoWithdrawal.id).is_(None))
    ):
        posted.setdefault(notice_id, []).append(BoardMoment(moment))
    return posted


def missing_moments(notice: Notice, posted: Sequence[BoardMoment]) -> list[BoardMoment]:
    """Which photos of the board should be there by now and are not."""
    if not notice.stands:
        return []
    wanted = [BoardMoment.START, *([BoardMoment.END] if notice.objections_until_at <= now() else [])]
    return [moment for moment in wanted if moment not in posted]


def said_moments() -> dict[BoardMoment, str]:
    return {moment: _(says) for moment, says in BOARD_SAYS.items()}
