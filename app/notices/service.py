"""Verbs: publish a notice, object by name, answer by name, withdraw."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.rules import rule
from app.inbox.service import send
from app.kit import events
from app.kit.clock import now
from app.kit.i18n import _
from app.kit.once import already, digest
from app.notices.models import AlreadyAnswered, Answer, Notice, NoticeKind, Objection
from app.notices.queries import notice_for, objection_for
from app.notices.schemas import AnswerWish, ObjectionWish
from app.publiclog.canonical import Value, canonical
from app.publiclog.service import Attachment, Entry, commit_to, publish


def publish_notice(
    session: Session,
    actor: Actor,
    kind: NoticeKind,
    title: str,
    path: str,
    record_id: UUID,
    frozen: Mapping[str, Value],
    *,
    days: int,
    decision_ref: str | None = None,
) -> Notice:
    """Freeze what is published and open it to objections for `days`. The caller's verb has checked who may.

    `frozen` holds nothing personal: it is served to anyone, and its hash stands in the public log.
    """
    content = canonical(dict(frozen))
    notice = Notice(
        compound_id=actor.compound.id,
        kind=kind,
        title=title,
        path=path,
        record_id=record_id,
        frozen=content,
        sha256=sha256(content).digest(),
        published_by_id=actor.person_id,
        objections_until_at=now() + timedelta(days=days),
    )
    session.add(notice)
    entry = Entry(
        type=f"{kind}.published",
        compound_id=notice.compound_id,
        record_id=notice.id,
        decision_ref=decision_ref,
        attachments=(Attachment(notice.sha256.hex(), len(content), "application/json"),),
        commits={"title": commit_to(session, notice.compound_id, title)},
        facts={"objections_until": notice.objections_until_at.isoformat()},
    )
    publish(session, notice.compound_id, lambda _index: entry.values())
    events.tell(session, notice.compound_id, "notice.published", notice_id=notice.id)
    on_record(session, actor, f"{kind}.published", notice.id)
    return notice


def object_to(session: Session, actor: Actor, notice_id: UUID, id: UUID, wish: ObjectionWish) -> tuple[Objection, bool]:
    """Raises NotFound, ObjectionPeriodOver, NoticeWithdrawn, SameIdOtherContent."""
    notice = _locked(session, actor, notice_id)
    sent = digest(wish, actor.person_id, notice_id)
    if before := already(session, Objection, actor.compound.id, id, sent):
        return before, False
    notice.check_open()
    objection = Objection(
        compound_id=actor.compound.id,
        id=id,
        notice_id=notice.id,
        person_id=actor.person_id,
        text=wish.text,
        answer_by_at=now() + timedelta(days=rule(session, actor.compound.id, "answer_days")),
        sent_sha256=sent,
    )
    session.add(objection)
    _log(session, notice, objection.id, "objection.made", objection.text, actor, own_words=True)
    events.tell(session, actor.compound.id, "objection.made", notice_id=notice.id, objection_id=objection.id)
    on_record(session, actor, "objection.made", objection.id)
    send(
        session,
        actor.compound.id,
        notice.published_by_id,
        _("有人提了异议"),
        _("%(title)s，请答复。", title=notice.title),
        f"/notices/{notice.id}",
    )
    return objection, True


def answer(session: Session, actor: Actor, objection_id: UUID, wish: AnswerWish) -> Answer:
    """Answer by name, also after the period; an unanswered objection keeps the notice from taking effect.

    Raises NotAllowed, NotFound, AlreadyAnswered, NoticeWithdrawn.
    """
    actor.need(Permission.ANSWER_OBJECTION)
    objection = objection_for(session, actor, objection_id)
    notice = _locked(session, actor, objection.notice_id)
    given = session.exec(
        select(Answer.id).where(Answer.compound_id == actor.compound.id, Answer.objection_id == objection.id)
    ).first()
    if given is not None:
        raise AlreadyAnswered
    reply = Answer(compound_id=actor.compound.id, objection_id=objection.id, person_id=actor.person_id, text=wish.text)
    session.add(reply)
    _log(session, notice, objection.id, "objection.answered", reply.text, actor)
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


def _locked(session: Session, actor: Actor, notice_id: UUID) -> Notice:
    notice_for(session, actor, notice_id)
    return session.get_one(Notice, (actor.compound.id, notice_id), with_for_update=True, populate_existing=True)


def _log(session: Session, notice: Notice, id: UUID, type: str, text: str, by: Actor, *, own_words: bool = False) -> None:
    """What people wrote goes into the log as commitments: erasing it later leaves the log verifiable.

    An objection is its maker's own; an answer was given for the committee, only the name under it is a person's.
    """
    commits = {
        "text": commit_to(session, notice.compound_id, text, of=by.person_id if own_words else None),
        "by": commit_to(session, notice.compound_id, by.name, of=by.person_id),
    }
    entry = Entry(type=type, compound_id=notice.compound_id, record_id=id, commits=commits, facts={"notice": str(notice.id)})
    publish(session, notice.compound_id, lambda _index: entry.values())
