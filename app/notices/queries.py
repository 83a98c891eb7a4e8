"""What there is to see: notices are public; an objection is shown without the name of who made it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Person
from app.compounds.names import known_as
from app.kit.clock import now
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.notices.models import Answer, Notice, NoticeState, Objection


@dataclass(frozen=True, slots=True)
class NoticeCard:
    id: UUID
    kind: str
    title: str
    state: NoticeState
    published_at: datetime
    objections_until_at: datetime
    days_left: int
    """Begun days until the objection period ends; 0 when it is over."""
    sha256: str


@dataclass(frozen=True, slots=True)
class ObjectionCard:
    id: UUID
    text: str
    made_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    overdue: bool


_unanswered = (
    select(func.count())
    .select_from(Objection)
    .outerjoin(Answer, pointing(Answer, "objection_id", Objection))
    .where(
        col(Objection.compound_id) == Notice.compound_id,
        col(Objection.notice_id) == Notice.id,
        col(Answer.id).is_(None),
    )
    .correlate(Notice)
    .scalar_subquery()
)


def _card(row: Row[Any]) -> NoticeCard:
    return card_of(row.Notice, row.unanswered)


NOTICES = Listing(
    "notices",
    columns(Notice, _unanswered.label("unanswered")).where(Notice.compound_id == bindparam("compound_id")),
    col(Notice.published_at),
    col(Notice.id),
    _card,
    newest_first=True,
)


def notices(session: Session, visitor: Visitor, asked: Asked) -> Page[NoticeCard]:
    """Newest first. Raises BadCursor."""
    return NOTICES.page(session, asked, compound_id=visitor.compound.id)


def card_of(notice: Notice, unanswered: int) -> NoticeCard:
    left = (notice.objections_until_at - now()).total_seconds()
    return NoticeCard(
        notice.id,
        notice.kind,
        notice.title,
        notice.state(unanswered),
        notice.published_at,
        notice.objections_until_at,
        max(0, -int(-left // 86_400)),
        notice.sha256.hex(),
    )


def notice_for(session: Session, visitor: Visitor, id: UUID) -> Notice:
    """Raises NotFound for absent and foreign alike."""
    notice = session.get(Notice, (visitor.compound.id, id))
    if notice is None:
        raise NotFound
    return notice


_OF_RECORD = (
    columns(Notice, _unanswered.label("unanswered"))
    .where(Notice.compound_id == bindparam("compound_id"), Notice.record_id == bindparam("record_id"))
    .order_by(col(Notice.published_at).desc())
    .limit(1)
)


def notice_of_record(session: Session, compound_id: UUID, record_id: UUID) -> tuple[Notice, int] | None:
    """The latest notice that publishes a record, and how many objections to it are unanswered."""
    row = session.execute(_OF_RECORD, {"compound_id": compound_id, "record_id": record_id}).first()
    return (row.Notice, row.unanswered) if row else None


def unanswered(session: Session, notice: Notice) -> int:
    return int(session.exec(_UNANSWERED, params={"compound_id": notice.compound_id, "id": notice.id}).one())


_UNANSWERED = select(_unanswered).where(Notice.compound_id == bindparam("compound_id"), Notice.id == bindparam("id"))


def is_effective(session: Session, compound_id: UUID, record_id: UUID) -> bool:
    """Whether what was published may be acted on: its period is over and every objection is answered."""
    found = notice_of_record(session, compound_id, record_id)
    return found is not None and found[0].state(found[1]) == NoticeState.EFFECTIVE


def objections_to(session: Session, visitor: Visitor, notice: Notice) -> list[ObjectionCard]:
    rows = session.execute(
        columns(Objection, Answer, Person)
        .outerjoin(Answer, pointing(Answer, "objection_id", Objection))
        .outerjoin(Person, pointing(Answer, "person_id", Person))
        .where(Objection.compound_id == notice.compound_id, Objection.notice_id == notice.id)
        .order_by(col(Objection.made_at))
    )
    return [
        ObjectionCard(
            objection.id,
            objection.text,
            objection.made_at,
            answer.text if answer else None,
            known_as(person.name, full=visitor.is_resident) if person else None,
            answer.made_at if answer else None,
            answer is None and objection.answer_by_at <= now(),
        )
        for objection, answer, person in rows
    ]


def objection_for(session: Session, visitor: Visitor, id: UUID) -> Objection:
    """Raises NotFound for absent and foreign alike."""
    objection = session.get(Objection, (visitor.compound.id, id))
    if objection is None:
        raise NotFound
    return objection
