"""Objections are shown without the name of who made them, their pictures to few (policy)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Known, Visitor
from app.compounds.models import Person
from app.compounds.names import known_as
from app.kit.clock import now
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.notices import policy
from app.notices.models import Answer, Notice, Objection, ObjectionPhoto
from app.photos.models import Photo


@dataclass(frozen=True, slots=True)
class ObjectionCard:
    """`photos` are the ids that this reader may open; `attached` is how many there are. `made_by`, `entered_by`: for officers."""

    id: UUID
    text: str | None
    made_at: datetime
    answer_by_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    withdrawn_at: datetime | None
    overdue: bool
    attached: int
    photos: tuple[UUID, ...]
    made_by: str | None
    entered_by: str | None
    mine: bool
    can_withdraw: bool


_writer = aliased(Person)
_enterer = aliased(Person)
_answerer = aliased(Person)


def objections_to(session: Session, visitor: Visitor, notice: Notice) -> list[ObjectionCard]:
    """In the order in which they were made."""
    rows = session.execute(
        columns(Objection, Answer, _answerer.name, _writer.name, _enterer.name)
        .outerjoin(Answer, pointing(Answer, "objection_id", Objection))
        .outerjoin(_answerer, pointing(Answer, "person_id", _answerer))
        .join(_writer, pointing(Objection, "person_id", _writer))
        .outerjoin(_enterer, pointing(Objection, "entered_by_id", _enterer))
        .where(Objection.compound_id == notice.compound_id, Objection.notice_id == notice.id)
        .order_by(col(Objection.made_at))
    ).all()
    photos: dict[UUID, list[UUID]] = {}
    for photo in session.exec(
        select(ObjectionPhoto)
        .where(
            ObjectionPhoto.compound_id == notice.compound_id, col(ObjectionPhoto.objection_id).in_([o.id for o, *_rest in rows])
        )
        .order_by(col(ObjectionPhoto.made_at), col(ObjectionPhoto.id))
    ):
        photos.setdefault(photo.objection_id, []).append(photo.id)
    return [_objection_card(visitor, notice, photos.get(row[0].id, []), *row) for row in rows]


def _objection_card(
    visitor: Visitor,
    notice: Notice,
    photos: Sequence[UUID],
    objection: Objection,
    settled: Answer | None,
    answerer: str | None,
    writer: str,
    enterer: str | None,
) -> ObjectionCard:
    answer = settled if settled and not settled.withdrawn else None
    officer = policy.can_answer(visitor)
    return ObjectionCard(
        objection.id,
        objection.text if settled is answer else None,
        objection.made_at,
        objection.answer_by_at,
        answer.text if answer else None,
        known_as(answerer, full=visitor.is_resident) if answer and answerer else None,
        answer.made_at if answer else None,
        settled.made_at if settled and settled.withdrawn else None,
        settled is None and notice.withdrawn_at is None and objection.answer_by_at <= now(),
        len(photos),
        tuple(photos) if policy.can_see_attachments(visitor, objection) else (),
        writer if officer else None,
        enterer if officer else None,
        isinstance(visitor, Known) and visitor.person_id == objection.person_id,
        settled is None and policy.can_withdraw_objection(visitor, objection),
    )


def objection_for(session: Session, visitor: Visitor, id: UUID) -> Objection:
    """Raises NotFound for absent and foreign alike."""
    objection = session.get(Objection, (visitor.compound.id, id))
    if objection is None:
        raise NotFound
    return objection


def photos_of_objection(session: Session, objection: Objection) -> Sequence[ObjectionPhoto]:
    return session.exec(
        select(ObjectionPhoto).where(
            ObjectionPhoto.compound_id == objection.compound_id, ObjectionPhoto.objection_id == objection.id
        )
    ).all()


def objection_photo_for(session: Session, visitor: Visitor, objection_id: UUID, photo_id: UUID) -> Photo:
    """Raises NotFound also for who may not see it."""
    objection = objection_for(session, visitor, objection_id)
    attached = session.get(ObjectionPhoto, (objection.compound_id, photo_id))
    if attached is None or attached.objection_id != objection.id or not policy.can_see_attachments(visitor, objection):
        raise NotFound
    return session.get_one(Photo, (objection.compound_id, photo_id))
