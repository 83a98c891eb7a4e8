"""Verb: put a decision on record, in public."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.numbers import next_number
from app.council.models import Decision
from app.council.schemas import DecisionWish
from app.kit import events
from app.kit.clock import today
from app.kit.once import already, digest
from app.publiclog.service import Entry, commit_to, publish


def record_decision(session: Session, actor: Actor, id: UUID, wish: DecisionWish) -> tuple[Decision, bool]:
    """A numbered decision, published at once; False: an equal request made it before.

    Its words name people (elections do): in the log they are commitments.

    Raises NotAllowed, SameIdOtherContent.
    """
    actor.need(Permission.RECORD_DECISION)
    sent = digest(wish, actor.person_id)
    if before := already(session, Decision, actor.compound.id, id, sent):
        return before, False
    decision = Decision(
        compound_id=actor.compound.id,
        id=id,
        year=today().year,
        number=next_number(session, actor.compound.id, "decision"),
        recorded_by_id=actor.person_id,
        sent_sha256=sent,
        **wish.model_dump(),
    )
    session.add(decision)
    entry = Entry(
        type="decision.recorded",
        compound_id=decision.compound_id,
        record_id=decision.id,
        decision_ref=decision.reference,
        commits={name: commit_to(session, decision.compound_id, getattr(wish, name)) for name in ("title", "what")},
        facts={
            "kind": decision.kind,
            "decided_on": decision.decided_on.isoformat(),
            "votes": [decision.votes_for, decision.votes_against, decision.votes_abstained],
        },
    )
    publish(session, decision.compound_id, lambda _index: entry.values())
    events.tell(session, decision.compound_id, "decision.recorded", decision_id=decision.id)
    on_record(session, actor, "decision.recorded", decision.id)
    return decision, True
