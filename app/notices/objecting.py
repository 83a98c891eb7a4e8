"""Verbs of an objection: make it by name, also for somebody else; attach to it; answer it by name; take it back.

Every verb decides with the notice's row locked: the period's end, an answer and a withdrawal see one truth.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.behalf import for_whom
from app.access.holders import holders_of
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.models import Person
from app.compounds.rules import rule
from app.inbox.service import send
from app.kit import events
from app.kit.clock import now
from app.kit.i18n import _
from app.kit.jobs import enqueue
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed, NotFound
from app.notices import policy
from app.notices.models import (
    MOST_PHOTOS,
    AlreadyAnswered,
    Answer,
    Notice,
    Objection,
    ObjectionPhoto,
    ObjectionWithdrawn,
    TooManyPhotos,
)
from app.notices.objection_queries import objection_for, photos_of_objection
from app.notices.queries import notice_to_change
from app.notices.schemas import AnswerWish, ObjectionWish
from app.photos.intake import TakenIn
from app.photos.models import PhotoDiffers
from app.photos.service import keep
from app.publiclog.service import Entry, commit_to, publish

TELL_OVERDUE = "notices.overdue"


def object_to(
    session: Session, actor: Actor, notice_id: UUID, id: UUID, wish: ObjectionWish, photos: Mapping[UUID, TakenIn] | None = None
) -> tuple[Objection, bool]:
    """Raises NotFound, NotAllowed (for somebody else without authority), ObjectionPeriodOver, NoticeWithdrawn,
    NoticeSuperseded, SameIdOtherContent, TooManyPhotos, PhotoDiffers.
    """
    person_id, photos = for_whom(session, actor, wish.person_id), photos or {}
    notice = notice_to_change(session, actor, notice_id)
    sent = digest(wish, actor.person_id, notice_id, *sorted(photos))
    if before := already(session, Objection, actor.compound.id, id, sent):
        return before, False
    notice.check_open()
    objection = Objection(
        compound_id=actor.compound.id,
        id=id,
        notice_id=notice.id,
        person_id=person_id,
        text=wish.text,
        answer_by_at=now() + timedelta(days=rule(session, actor.compound.id, "answer_days")),
        sent_sha256=sent,
        entered_by_id=actor.person_id if actor.person_id != person_id else None,
    )
    session.add(objection)
    session.flush()
    for photo_id, taken_in in photos.items():
        _attach(session, actor, objection, photo_id, taken_in)
    _log(session, notice, objection.id, "objection.made", objection.text, person_id, own_words=True)
    events.tell(session, actor.compound.id, "objection.made", notice_id=notice.id, objection_id=objection.id)
    on_record(session, actor, "objection.made", objection.id)
    ids = {"compound_id": str(objection.compound_id), "objection_id": str(objection.id)}
    enqueue(session, TELL_OVERDUE, ids, run_after=objection.answer_by_at, key=f"{TELL_OVERDUE}:{objection.id}")
    _tell_officers(session, notice, _("有人提了异议"), _("%(title)s，请答复。", title=notice.title), but=actor.person_id)
    if objection.entered_by_id:
        words = _("%(title)s，%(name)s替您写的。不是您的意思，可以撤回。", title=notice.title, name=actor.name)
        send(session, notice.compound_id, person_id, _("替您提了一条异议"), words, f"/notices/{notice.id}")
    return objection, True


def attach(session: Session, actor: Actor, objection_id: UUID, photo_id: UUID, taken_in: TakenIn) -> tuple[ObjectionPhoto, bool]:
    """One more picture with an objection of one's own that nobody has answered yet; and whether this call attached it.

    Raises NotFound, AlreadyAnswered, ObjectionWithdrawn, TooManyPhotos, PhotoDiffers.
    """
    objection = objection_for(session, actor, objection_id)
    if not policy.can_attach(actor, objection):
        raise NotFound
    notice = notice_to_change(session, actor, objection.notice_id)
    known = session.get(ObjectionPhoto, (objection.compound_id, photo_id))
    if known is not None and known.objection_id == objection.id:
        keep(session, objection.compound_id, photo_id, taken_in, actor.person_id)
        return known, False
    _check_unsettled(session, objection)
    attached = _attach(session, actor, objection, photo_id, taken_in)
    events.tell(session, actor.compound.id, "objection.attached", notice_id=notice.id, objection_id=objection.id)
    on_record(session, actor, "objection.attached", objection.id)
    return attached, True


def answer(session: Session, actor: Actor, objection_id: UUID, wish: AnswerWish) -> Answer:
    """Answer by name, also after the period; an unanswered objection keeps the notice from taking effect.

    Raises NotAllowed, NotFound, AlreadyAnswered, ObjectionWithdrawn.
    """
    actor.need(Permission.ANSWER_OBJECTION)
    objection = objection_for(session, actor, objection_id)
    notice = notice_to_change(session, actor, objection.notice_id)
    _check_unsettled(session, objection)
    reply = Answer(compound_id=actor.compound.id, objection_id=objection.id, person_id=actor.person_id, text=wish.text)
    session.add(reply)
    _log(session, notice, objection.id, "objection.answered", reply.text, actor.person_id)
    events.tell(session, actor.compound.id, "objection.answered", notice_id=notice.id, objection_id=objection.id)
    on_record(session, actor, "objection.answered", objection.id)
    send(
        session,
        actor.compound.id,
        objection.person_id,
        _("您的异议有答复了"),
        _("%(title)s，%(name)s答复了。", title=notice.title, name=actor.name),
        f"/notices/{notice.id}",
    )
    return reply


def withdraw_objection(session: Session, actor: Actor, objection_id: UUID) -> Answer:
    """Take an objection back before it is answered: its maker, or for them an officer where an officer wrote it. The log says
    by whom, and whoever objected is told when it was not they.

    Raises NotFound, NotAllowed, AlreadyAnswered, ObjectionWithdrawn.
    """
    objection = objection_for(session, actor, objection_id)
    if not policy.can_withdraw_objection(actor, objection):
        raise NotAllowed
    notice = notice_to_change(session, actor, objection.notice_id)
    _check_unsettled(session, objection)
    withdrawal = Answer(
        compound_id=actor.compound.id, objection_id=objection.id, person_id=actor.person_id, text="", withdrawn=True
    )
    session.add(withdrawal)
    entry = Entry(
        type="objection.withdrawn",
        compound_id=notice.compound_id,
        record_id=objection.id,
        record_version=2,
        commits={"by": commit_to(session, notice.compound_id, actor.name, of=actor.person_id)},
        facts={"notice": str(notice.id), "for_them": actor.person_id != objection.person_id},
    )
    publish(session, notice.compound_id, lambda _index: entry.values())
    if actor.person_id != objection.person_id:
        words = _("%(title)s，%(name)s替您撤回的。不是您的意思，可以再提。", title=notice.title, name=actor.name)
        send(session, notice.compound_id, objection.person_id, _("您的异议被撤回了"), words, f"/notices/{notice.id}")
    events.tell(session, actor.compound.id, "objection.withdrawn", notice_id=notice.id, objection_id=objection.id)
    on_record(session, actor, "objection.withdrawn", objection.id)
    return withdrawal


def tell_overdue(session: Session, payload: dict[str, str]) -> None:
    """The job at the end of the time to answer: it reminds the officers. Readers see the delay without it."""
    key = (UUID(payload["compound_id"]), UUID(payload["objection_id"]))
    objection = session.get(Objection, key)
    if objection is None or _settled(session, objection):
        return
    notice = session.get_one(Notice, (objection.compound_id, objection.notice_id))
    if notice.withdrawn_at is None:
        words = _("%(title)s。大家都看得到，请尽快答复。", title=notice.title)
        _tell_officers(session, notice, _("异议过了期限还没答复"), words)


def _attach(session: Session, actor: Actor, objection: Objection, photo_id: UUID, taken_in: TakenIn) -> ObjectionPhoto:
    if len(photos_of_objection(session, objection)) >= MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    kept = keep(session, objection.compound_id, photo_id, taken_in, actor.person_id)
    if kept.outcome == "same":  # this id names a picture of another room
        raise PhotoDiffers(stored_sha256=kept.photo.sha256)
    attached = ObjectionPhoto(compound_id=objection.compound_id, id=photo_id, objection_id=objection.id)
    session.add(attached)
    session.flush()
    return attached


def _settled(session: Session, objection: Objection) -> Answer | None:
    return session.exec(
        select(Answer).where(Answer.compound_id == objection.compound_id, Answer.objection_id == objection.id)
    ).first()


def _check_unsettled(session: Session, objection: Objection) -> None:
    """Raises AlreadyAnswered, ObjectionWithdrawn."""
    if settled := _settled(session, objection):
        raise ObjectionWithdrawn if settled.withdrawn else AlreadyAnswered


def _tell_officers(session: Session, notice: Notice, title: str, words: str, *, but: UUID | None = None) -> None:
    """Who published, and everybody who may answer."""
    officers = {notice.published_by_id, *holders_of(session, notice.compound_id, Permission.ANSWER_OBJECTION)}
    for person_id in sorted(officers - {but}):
        send(session, notice.compound_id, person_id, title, words, f"/notices/{notice.id}")


def _log(session: Session, notice: Notice, id: UUID, type: str, text: str, by_id: UUID, *, own_words: bool = False) -> None:
    """What people wrote goes into the log as commitments: erasing it later leaves the log verifiable.

    An objection is its maker's own; an answer was given for the committee, only the name under it is a person's.
    """
    by = session.get_one(Person, (notice.compound_id, by_id))
    commits = {
        "text": commit_to(session, notice.compound_id, text, of=by_id if own_words else None),
        "by": commit_to(session, notice.compound_id, by.name, of=by_id),
    }
    entry = Entry(type=type, compound_id=notice.compound_id, record_id=id, commits=commits, facts={"notice": str(notice.id)})
    publish(session, notice.compound_id, lambda _index: entry.values())
