"""Verbs: publish a notice, withdraw it."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.record import on_record
from app.compounds.rules import rule
from app.compounds.workdays import calendar
from app.inbox.service import send
from app.kit import events
from app.kit.clock import now
from app.kit.i18n import _
from app.kit.refusals import NotAllowed
from app.notices import policy
from app.notices.models import AnswerFirst, Notice, NoticeKind, Objection
from app.notices.queries import notice_for, notice_to_change, unanswered
from app.notices.schemas import WithdrawalWish
from app.publiclog.canonical import Value, canonical
from app.publiclog.queries import first_index_of
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
    covers: tuple[date, date] | None = None,
    decision_ref: str | None = None,
    supersedes: Notice | None = None,
) -> Notice:
    """Freeze what is published and open it to objections for as long as the compound's rules say for its kind.

    The caller's verb has checked who may. `frozen` holds nothing personal: it is served to anyone, and its hash stands in
    the public log. `covers`: the first and last day of the period it is about. `supersedes`: a notice that this one
    corrects, with its row locked; it stays to be read and takes no more objections. Raises AnswerFirst while one that was
    made there waits, or a correction would be a way around it.
    """
    days, working = (rule(session, actor.compound.id, name) for name in kind.period_rules)
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
        objections_until_at=calendar().end_of(now(), days, working=bool(working)),
        days=days,
        working=bool(working),
        covers_from_on=covers[0] if covers else None,
        covers_to_on=covers[1] if covers else None,
    )
    session.add(notice)
    if supersedes:
        if waiting := unanswered(session, supersedes):
            raise AnswerFirst(n=waiting)
        session.flush()  # the row that the other one points to
        supersedes.superseded_by_id = notice.id
    entry = Entry(
        type=f"{kind}.published",
        compound_id=notice.compound_id,
        record_id=notice.id,
        decision_ref=decision_ref,
        attachments=(Attachment(notice.sha256.hex(), len(content), "application/json"),),
        commits={"title": commit_to(session, notice.compound_id, title)},
        supersedes=first_index_of(session, supersedes) if supersedes else None,
        facts={"objections_until": notice.objections_until_at.isoformat()},
    )
    publish(session, notice.compound_id, lambda _index: entry.values())
    events.tell(session, notice.compound_id, "notice.published", notice_id=notice.id)
    on_record(session, actor, f"{kind}.published", notice.id)
    return notice


def withdraw_notice(session: Session, actor: Actor, notice_id: UUID, wish: WithdrawalWish) -> Notice:
    """Take back what one has published oneself. It stays to be seen, with the reason, and is not in effect from then on.

    Raises NotFound, NotAllowed, SecondFactorNeeded, NoticeWithdrawn.
    """
    if not policy.can_withdraw(actor, notice_for(session, actor, notice_id)):
        raise NotAllowed
    actor.need_second_factor()
    notice = notice_to_change(session, actor, notice_id)
    notice.withdraw(actor.person_id, wish.reason)
    entry = Entry(
        type="notice.withdrawn",
        compound_id=notice.compound_id,
        record_id=notice.id,
        record_version=2,
        supersedes=first_index_of(session, notice),
        commits={
            "because": commit_to(session, notice.compound_id, wish.reason),
            "by": commit_to(session, notice.compound_id, actor.name, of=actor.person_id),
        },
    )
    publish(session, notice.compound_id, lambda _index: entry.values())
    events.tell(session, notice.compound_id, "notice.withdrawn", notice_id=notice.id)
    on_record(session, actor, "notice.withdrawn", notice.id)
    made_by = select(Objection.person_id).where(
        Objection.compound_id == notice.compound_id, Objection.notice_id == notice.id, Objection.person_id != actor.person_id
    )
    for person_id in session.exec(made_by.distinct()):
        words = _("%(title)s：%(why)s", title=notice.title, why=wish.reason)
        send(session, notice.compound_id, person_id, _("您提过异议的公示撤回了"), words, f"/notices/{notice.id}")
    return notice
