"""Verbs of 调解: open a dispute between its parties, take the next step, look again on the day that was said.

Nothing of it is told to anybody but its parties and whoever may mediate: no event, no line of the public log, until all parties
consent that the outcome is.
"""

from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.holders import holders_of, may_still
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.people import is_at_home
from app.inbox.service import send
from app.kit import events
from app.kit.clock import start_of
from app.kit.i18n import _, mark
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.once import already, digest
from app.kit.refusals import NotFound
from app.publiclog.canonical import canonical
from app.publiclog.service import Attachment, Entry, publish
from app.renovation import policy
from app.renovation.dispute_models import (
    MOVES,
    Course,
    Dispute,
    DisputeAct,
    DisputeActKind,
    DisputeParty,
    DisputeSide,
)
from app.renovation.dispute_queries import course_of, dispute_for, officers_to_choose, persons_in
from app.renovation.dispute_schemas import DisputeActWish, DisputeWish
from app.renovation.finding_queries import finding_for
from app.renovation.queries import project_to_change

FOLLOW_UP = "renovation.dispute_follow_up"
"""Kind of the job on the day on which somebody is to ask whether an agreement holds."""

K = DisputeActKind

TOLD = {
    K.STATED: mark("调解：一方写了经过"),
    K.PROPOSED: mark("调解：有了方案，请您看"),
    K.AGREED: mark("调解：一方同意了方案"),
    K.DECLINED: mark("调解：一方不同意方案"),
    K.FAILED: mark("调解：没谈成，结束了"),
    K.WITHDRAWN: mark("调解：一方不谈了"),
    K.FOLLOWED_UP: mark("调解：回访记下了"),
    K.WORDED: mark("调解：这样公开行不行，请您定"),
    K.CONSENTED: mark("调解：一方同意公开"),
    K.TAKEN_BACK: mark("调解：一方收回了公开的同意"),
    K.PUBLISHED: mark("调解：结果公开了"),
}


def open_dispute(session: Session, actor: Actor, id: UUID, wish: DisputeWish) -> tuple[Dispute, bool]:
    """Between people of the compound, those in office and a contractor by name.

    Raises NotAllowed, NotImpartial, NotFound (the project; a finding that is not its own or not issued; who does not live here;
    who holds no office), SameIdOtherContent.
    """
    actor.need(Permission.MEDIATE)
    project = project_to_change(session, actor, wish.project_id)
    sent = digest(wish, actor.person_id)
    if before := already(session, Dispute, actor.compound.id, id, sent):
        return before, False
    if wish.finding_id:
        finding = finding_for(session, actor, wish.finding_id)
        if finding.project_id != project.id or finding.number is None:
            raise NotFound
    officers = {id for id, _name in officers_to_choose(session, project.compound_id)}
    if not officers.issuperset(wish.officer_ids):
        raise NotFound
    if not all(is_at_home(session, project.compound_id, person_id) for person_id in wish.person_ids):
        raise NotFound
    if no := policy.why_not_mediate(session, actor, (*wish.person_ids, *wish.officer_ids)):
        raise no
    dispute = Dispute(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        finding_id=wish.finding_id,
        subject=wish.subject,
        mediator_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(dispute)
    session.flush()
    people = [(DisputeSide.HOME, id, "") for id in wish.person_ids] + [(DisputeSide.OFFICER, id, "") for id in wish.officer_ids]
    named = [(DisputeSide.CONTRACTOR, None, wish.contractor)] if wish.contractor else []
    for position, (side, person_id, name) in enumerate([*people, *named], start=1):
        session.add(
            DisputeParty(
                compound_id=dispute.compound_id,
                id=new_id(),
                dispute_id=dispute.id,
                position=position,
                side=side,
                person_id=person_id,
                name=name,
            )
        )
    session.flush()
    _tell(session, actor, dispute, _("%(name)s请您来调解", name=actor.name))
    on_record(session, actor, "dispute.opened", dispute.id)
    return dispute, True


def act(session: Session, actor: Actor, dispute_id: UUID, id: UUID, wish: DisputeActWish) -> tuple[Dispute, bool]:
    """The next step: one's own as a party; as the mediator the mediator's, and for a party what it told or signed on paper.

    Raises NotFound, NotAllowed, NotImpartial, SameIdOtherContent, and what `Dispute.check` raises.
    """
    dispute = dispute_for(session, actor, dispute_id, lock=True)
    sent = digest(wish, actor.person_id, dispute_id)
    if already(session, DisputeAct, actor.compound.id, id, sent):
        return dispute, False
    course = course_of(session, dispute)
    party_id = _whose(session, actor, dispute, course, wish)
    dispute.move(wish.kind, course, party_id, wish.of_id)
    if wish.kind in (K.PROPOSED, K.FOLLOWED_UP):
        dispute.follow_up_on = wish.follow_up_on
    if dispute.follow_up_on and dispute.outcome:
        _remind(session, dispute, dispute.follow_up_on)
    session.add(
        DisputeAct(
            compound_id=dispute.compound_id,
            id=id,
            dispute_id=dispute.id,
            position=len(course.acts) + 1,
            kind=wish.kind,
            party_id=party_id,
            of_id=wish.of_id if MOVES[wish.kind].about else None,
            text=wish.text or "",
            follow_up_on=wish.follow_up_on,
            state=dispute.state,
            by_id=actor.person_id,
            sent_sha256=sent,
        )
    )
    session.flush()
    if wish.kind is K.PUBLISHED and (words := course.latest(K.WORDED)):
        _publish(session, dispute, words)
    _tell(session, actor, dispute, _(TOLD[wish.kind]))
    on_record(session, actor, f"dispute.{wish.kind}", dispute.id)
    return dispute, True


def tell_follow_up(session: Session, payload: dict[str, str]) -> None:
    """The job on the day: the mediator is told, or where they hold no such seat any more, all who may mediate."""
    dispute = session.get_one(Dispute, (UUID(payload["compound_id"]), UUID(payload["dispute_id"])))
    if dispute.follow_up_on is None or dispute.follow_up_on.isoformat() != payload["day"]:
        return
    still = may_still(session, dispute.compound_id, dispute.mediator_id, Permission.MEDIATE)
    parties = set(persons_in(session, dispute))
    others = set(holders_of(session, dispute.compound_id, Permission.MEDIATE)) - parties
    for person_id in [dispute.mediator_id] if still else sorted(others):
        send(session, dispute.compound_id, person_id, _("该回访这次调解了"), dispute.subject, _page(dispute))


def _whose(session: Session, actor: Actor, dispute: Dispute, course: Course, wish: DisputeActWish) -> UUID | None:
    """The party whose step it is; None for the mediator's own."""
    own = next((party.id for party in course.parties if party.person_id == actor.person_id), None)
    if MOVES[wish.kind].of_party and own and wish.party_id in (None, own):
        return own
    if no := policy.why_not_mediate(session, actor, persons_in(session, dispute)):
        raise no
    if not MOVES[wish.kind].of_party:
        return None
    if wish.party_id not in {party.id for party in course.parties}:
        raise NotFound
    return wish.party_id


def _remind(session: Session, dispute: Dispute, day: date) -> None:
    """The key makes it one for each day."""
    payload = {"compound_id": str(dispute.compound_id), "dispute_id": str(dispute.id), "day": day.isoformat()}
    key = f"{FOLLOW_UP}:{dispute.compound_id}:{dispute.id}:{day}"
    enqueue(session, FOLLOW_UP, payload, run_after=start_of(day) + timedelta(hours=8), key=key)


def _publish(session: Session, dispute: Dispute, words: DisputeAct) -> None:
    """A line of the public log: the words as their hash, how it ended in the open. No names, and nothing of what came before."""
    told = canonical({"v": 1, "dispute": str(dispute.id), "text": words.text})
    entry = Entry(
        type="dispute.published",
        compound_id=dispute.compound_id,
        record_id=dispute.id,
        attachments=(Attachment(sha256(told).hexdigest(), len(told), "application/json"),),
        facts={"project": str(dispute.project_id), "outcome": dispute.outcome},
    )
    publish(session, dispute.compound_id, lambda _index: entry.values())
    events.tell(session, dispute.compound_id, entry.type, dispute_id=dispute.id, project_id=dispute.project_id)


def _tell(session: Session, actor: Actor, dispute: Dispute, title: str) -> None:
    """The parties and the mediator; whoever took the step knows of it."""
    for person_id in sorted({dispute.mediator_id, *persons_in(session, dispute)} - {actor.person_id}):
        send(session, dispute.compound_id, person_id, title, dispute.subject, _page(dispute))


def _page(dispute: Dispute) -> str:
    return f"/works/disputes/{dispute.id}"
