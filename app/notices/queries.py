"""What there is to see: notices, and what waits for the officers."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Compound
from app.compounds.rules import rule
from app.kit.clock import local, now, today
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.kit.sightings import times_seen
from app.notices import policy
from app.notices.board_queries import missing_moments, moments_posted
from app.notices.due import Due, due
from app.notices.models import (
    AnnouncementPhoto,
    Answer,
    BoardMoment,
    Notice,
    NoticeKind,
    NoticeState,
    Objection,
    Standing,
)
from app.photos.models import Photo, PhotoSize

VIEWED = "notice.viewed"
"""The sighting of a notice."""

BOARD_ASKED_FOR = timedelta(days=180)
"""How long officers are reminded of a missing photo of the board."""


@dataclass(frozen=True, slots=True)
class NoticeCard:
    id: UUID
    kind: str
    title: str
    state: NoticeState
    published_at: datetime
    objections_until_at: datetime
    last_on: date
    """The last day on which one may object; it ends at midnight."""
    days: int
    working: bool
    days_left: int
    """Begun days until the objection period ends; 0 when it is over."""
    effective_at: datetime | None
    overdue: bool
    """An objection waits longer for its answer than the rule allows."""
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    superseded_by_id: UUID | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    notice_id: UUID
    title: str
    objections: int
    answer_by_at: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class MissingPhoto:
    notice_id: UUID
    title: str
    moment: BoardMoment


@dataclass(frozen=True, slots=True)
class Tasks:
    """What waits for the officers: objections, photos of the board, figures that the compound's rules demand."""

    to_answer: tuple[Unanswered, ...] = ()
    photos_missing: tuple[MissingPhoto, ...] = ()
    statements_due: tuple[Due, ...] = ()


def _of_objections(*wanted: Any) -> Any:
    """About the objections to `Notice`, as a column beside it."""
    return (
        select(*wanted)
        .select_from(Objection)
        .outerjoin(Answer, pointing(Answer, "objection_id", Objection))
        .where(col(Objection.compound_id) == Notice.compound_id, col(Objection.notice_id) == Notice.id)
        .correlate(Notice)
    )


_waits = col(Answer.id).is_(None)
_STANDING = (
    _of_objections(func.count()).where(_waits).scalar_subquery().label("unanswered"),
    _of_objections(func.min(Objection.answer_by_at)).where(_waits).scalar_subquery().label("first_due_at"),
    _of_objections(func.max(Answer.made_at)).scalar_subquery().label("settled_at"),
)
_NOTICES = columns(Notice, *_STANDING).where(Notice.compound_id == bindparam("compound_id"))
# Lists show no frozen bytes, and those of a year's statement are a megabyte.
_NOTICES = _NOTICES.options(defer(Notice.frozen))  # type: ignore[arg-type]


def _card(row: Row[Any]) -> NoticeCard:
    return card_of(row.Notice, _standing(row))


def _standing(row: Row[Any]) -> Standing:
    return Standing(row.unanswered, row.first_due_at, row.settled_at)


NOTICES = Listing(
    "notices",
    _NOTICES,
    col(Notice.published_at),
    col(Notice.id),
    _card,
    newest_first=True,
)


def notices(session: Session, visitor: Visitor, asked: Asked) -> Page[NoticeCard]:
    """Newest first. Raises BadCursor."""
    return NOTICES.page(session, asked, compound_id=visitor.compound.id)


_OVERDUE = (
    _NOTICES.where(
        col(Notice.withdrawn_at).is_(None),
        _of_objections(Objection.id).where(_waits, col(Objection.answer_by_at) <= bindparam("now")).exists(),
    )
    .order_by(col(Notice.published_at))
    .limit(10)
)


def overdue_notices(session: Session, visitor: Visitor) -> list[NoticeCard]:
    """Those with an objection that nobody answered in time, for everybody to see; the oldest first."""
    return [_card(row) for row in session.execute(_OVERDUE, {"compound_id": visitor.compound.id, "now": now()})]


def card_of(notice: Notice, standing: Standing) -> NoticeCard:
    left = (notice.objections_until_at - now()).total_seconds()
    return NoticeCard(
        notice.id,
        notice.kind,
        notice.title,
        notice.state(standing),
        notice.published_at,
        notice.objections_until_at,
        notice.last_on,
        notice.days,
        notice.working,
        max(0, -int(-left // 86_400)),
        notice.effective_at(standing),
        notice.is_overdue(standing),
        notice.withdrawn_at,
        notice.withdrawn_because or None,
        notice.superseded_by_id,
        notice.sha256.hex(),
    )


def notice_for(session: Session, visitor: Visitor, id: UUID) -> Notice:
    """Raises NotFound for absent and foreign alike."""
    notice = session.get(Notice, (visitor.compound.id, id))
    if notice is None:
        raise NotFound
    return notice


def notice_to_change(session: Session, visitor: Visitor, id: UUID) -> Notice:
    """With its row locked. Raises NotFound."""
    locked = session.get(Notice, (visitor.compound.id, id), with_for_update=True, populate_existing=True)
    return notice_for(session, visitor, locked.id if locked else id)


_OF_RECORD = _NOTICES.where(Notice.record_id == bindparam("record_id")).order_by(col(Notice.published_at).desc()).limit(1)


def notice_of_record(session: Session, compound_id: UUID, record_id: UUID) -> tuple[Notice, Standing] | None:
    """The latest notice that publishes a record, and how the objections to it stand."""
    row = session.execute(_OF_RECORD, {"compound_id": compound_id, "record_id": record_id}).first()
    return (row.Notice, _standing(row)) if row else None


_OF_NOTICE = columns(*_STANDING).where(Notice.compound_id == bindparam("compound_id"), Notice.id == bindparam("id"))


def standing_of(session: Session, notice: Notice) -> Standing:
    return _standing(session.execute(_OF_NOTICE, {"compound_id": notice.compound_id, "id": notice.id}).one())


def is_effective(session: Session, compound_id: UUID, record_id: UUID) -> bool:
    """Whether what was published may be acted on: its period is over and every objection is settled."""
    found = notice_of_record(session, compound_id, record_id)
    return found is not None and found[0].state(found[1]) == NoticeState.EFFECTIVE


def is_effective_to_act(session: Session, compound_id: UUID, record_id: UUID) -> bool:
    """The same for who acts on it now: an objection that is being made at the closing instant is waited for."""
    held = select(Notice.id).where(Notice.compound_id == compound_id, Notice.record_id == record_id)
    session.exec(held.with_for_update(read=True)).all()
    return is_effective(session, compound_id, record_id)


def unanswered(session: Session, notice: Notice) -> int:
    """How many objections to it wait for an answer."""
    waiting = (
        select(func.count(col(Objection.id)))
        .outerjoin(Answer, pointing(Answer, "objection_id", Objection))
        .where(Objection.compound_id == notice.compound_id, Objection.notice_id == notice.id, col(Answer.id).is_(None))
    )
    return session.exec(waiting).one()


def text_of(notice: Notice) -> str | None:
    """The words of a general notice, as they were published."""
    return str(json.loads(notice.frozen)["text"]) if notice.kind == NoticeKind.GENERAL else None


def announcement_photos(session: Session, notice: Notice) -> list[UUID]:
    """In the order of who published them; none for what is no general notice."""
    return list(
        session.exec(
            select(AnnouncementPhoto.id)
            .where(AnnouncementPhoto.compound_id == notice.compound_id, AnnouncementPhoto.announcement_id == notice.record_id)
            .order_by(col(AnnouncementPhoto.position))
        )
    )


def announcement_photo_for(session: Session, visitor: Visitor, notice_id: UUID, photo_id: UUID, size: PhotoSize) -> Photo:
    """The cleaned copies are everybody's; what the camera made is nobody's. Raises NotFound."""
    notice = notice_for(session, visitor, notice_id)
    if size is PhotoSize.ORIGINAL or photo_id not in announcement_photos(session, notice):
        raise NotFound
    return session.get_one(Photo, (notice.compound_id, photo_id))


def views_of(session: Session, notice: Notice) -> int:
    return times_seen(session, VIEWED, notice.id)


_LATELY = _NOTICES.where(col(Notice.withdrawn_at).is_(None), Notice.published_at > bindparam("after")).order_by(
    col(Notice.published_at)
)
_WAITING = _NOTICES.where(col(Notice.withdrawn_at).is_(None), _of_objections(Objection.id).where(_waits).exists()).order_by(
    col(Notice.published_at)
)


def tasks_of(session: Session, visitor: Visitor) -> Tasks:
    """Empty for who answers for nothing."""
    if not policy.can_answer(visitor):
        return Tasks()
    here = {"compound_id": visitor.compound.id}
    to_answer = [
        Unanswered(row.Notice.id, row.Notice.title, row.unanswered, row.first_due_at, row.first_due_at <= now())
        for row in session.execute(_WAITING, here)
    ]
    posted = moments_posted(session, visitor.compound.id)
    lately = session.execute(_LATELY, here | {"after": now() - BOARD_ASKED_FOR})
    missing = [
        MissingPhoto(row.Notice.id, row.Notice.title, moment)
        for row in lately
        for moment in missing_moments(row.Notice, posted.get(row.Notice.id, ()))
    ]
    return Tasks(
        tuple(sorted(to_answer, key=lambda waits: waits.answer_by_at)), tuple(missing), tuple(statements_due(session, visitor))
    )


def statements_due(session: Session, visitor: Visitor) -> list[Due]:
    """Asked for since the compound is here."""
    covered: list[tuple[date, date]] = [
        (first, last)
        for first, last in session.execute(
            columns(Notice.covers_from_on, Notice.covers_to_on).where(
                Notice.compound_id == visitor.compound.id,
                Notice.kind == NoticeKind.STATEMENT,
                col(Notice.withdrawn_at).is_(None),
            )
        )
        if first and last
    ]
    since = session.get_one(Compound, visitor.compound.id).created_at
    every_months, within_months = (
        rule(session, visitor.compound.id, name) for name in ("statement_every_months", "statement_due_months")
    )
    return due(covered, today(), local(since).date(), every_months=every_months, within_months=within_months)
