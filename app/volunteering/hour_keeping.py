"""Verbs: hours are recorded once for each sign-up; what is written afterwards, or corrected, takes two officers."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.holders import holders_of
from app.access.permissions import Permission
from app.access.record import on_record
from app.inbox.service import send
from app.kit import events
from app.kit.clock import now, short_day
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import NotThisState
from app.volunteering import policy
from app.volunteering.hour_models import (
    AlreadyProposed,
    HourEntry,
    HourProposal,
    HourSource,
    MoreThanPlanned,
    NothingToCorrect,
    ProposalState,
)
from app.volunteering.hour_queries import entry_for, lines_of, proposal_for, waiting_for
from app.volunteering.hour_schemas import HourCorrectionWish, HoursWish, RefusalWish
from app.volunteering.models import Shift
from app.volunteering.queries import shift_for, shift_to_change, signup_for
from app.volunteering.signup_models import Signup, SignupState


def credit(session: Session, shift: Shift, signup: Signup, source: HourSource, recorded_by_id: UUID | None) -> None:
    """The minutes between coming and going, at most the shift's length. The shift's row is locked by the caller.

    Where hours stand already, as after a check-out that a phone told of too late, the difference is a correction.
    """
    minutes = signup.minutes_there(shift.minutes)
    lines = lines_of(session, signup)
    if lines:
        _correct(session, signup, lines, minutes, _("签退后来才送到"), recorded_by_id)
    elif minutes:
        _write(session, signup, HourEntry(minutes=minutes, source=source, recorded_by_id=recorded_by_id, **_whose(signup)))


def add_hours(session: Session, actor: Actor, signup_id: UUID, id: UUID, wish: HoursWish) -> tuple[HourProposal, bool]:
    """Propose hours for somebody who came and has none recorded; another officer approves them. And whether this call made it.

    Raises NotFound, NotAllowed, SameIdOtherContent, AlreadyProposed, MoreThanPlanned, NotThisState (the shift has not ended,
    or hours are recorded already).
    """
    signup, shift = _to_record(session, actor, signup_id)
    sent = digest(wish, actor.person_id, signup_id)
    if before := already(session, HourProposal, actor.compound.id, id, sent):
        return before, False
    if shift.ends_at > now() or shift.cancelled_at or lines_of(session, signup) or signup.state != SignupState.CONFIRMED:
        raise NotThisState
    proposal = HourProposal(
        id=id, minutes=wish.minutes, reason=wish.reason, proposed_by_id=actor.person_id, sent_sha256=sent, **_whose(signup)
    )
    _propose(session, actor, shift, signup, proposal)
    return proposal, True


def correct_hours(
    session: Session, actor: Actor, entry_id: UUID, id: UUID, wish: HourCorrectionWish
) -> tuple[HourProposal, bool]:
    """Propose what the sign-up should have in all; the line itself stays. And whether this call made it.

    Raises NotFound, NotAllowed, SameIdOtherContent, AlreadyProposed, MoreThanPlanned, NothingToCorrect, NotThisState (another
    correction stands over the line that was seen).
    """
    actor.need(Permission.CHECK_IN)
    entry = entry_for(session, actor, entry_id)
    signup, shift = _to_record(session, actor, entry.signup_id)
    sent = digest(wish, actor.person_id, entry_id)
    if before := already(session, HourProposal, actor.compound.id, id, sent):
        return before, False
    lines = lines_of(session, signup)
    if lines[-1].id != entry.id:
        raise NotThisState
    if sum(line.minutes for line in lines) == wish.minutes:
        raise NothingToCorrect
    proposal = HourProposal(
        id=id, minutes=wish.minutes, reason=wish.reason, proposed_by_id=actor.person_id, sent_sha256=sent,
        corrects_id=entry.id, **_whose(signup),
    )  # fmt: skip
    _propose(session, actor, shift, signup, proposal)
    return proposal, True


def approve_hours(session: Session, actor: Actor, id: UUID) -> HourProposal:
    """A second officer, of another home than the first and than the volunteer. A second tap counts once.

    Raises NotFound, NotAllowed, OwnProposal, OwnHours, OfOneHome, NotThisState (decided, or other hours stand there now).
    """
    proposal, signup = _to_decide(session, actor, id)
    if proposal.state == ProposalState.APPROVED and proposal.decided_by_id == actor.person_id:
        return proposal
    proposal.decide(actor.person_id, ProposalState.APPROVED)
    lines = lines_of(session, signup)
    if (lines[-1].id if lines else None) != proposal.corrects_id:
        raise NotThisState
    if lines:
        _correct(session, signup, lines, proposal.minutes, proposal.reason, proposal.proposed_by_id, actor.person_id)
    else:
        entry = HourEntry(
            minutes=proposal.minutes, source=HourSource.ADDED_LATER, reason=proposal.reason,
            recorded_by_id=proposal.proposed_by_id, approved_by_id=actor.person_id, **_whose(signup),
        )  # fmt: skip
        _write(session, signup, entry)
    words = _("这一班现在一共记 %(n)s 分钟。%(why)s", n=proposal.minutes, why=proposal.reason)
    send(session, signup.compound_id, signup.person_id, _("您的服务时长有改动"), words, "/volunteering/hours")
    on_record(session, actor, "hours.approved", proposal.id)
    return proposal


def refuse_hours(session: Session, actor: Actor, id: UUID, wish: RefusalWish) -> HourProposal:
    """Nothing is recorded, and whoever proposed it reads why.

    Raises NotFound, NotAllowed, OwnProposal, OwnHours, OfOneHome, NotThisState.
    """
    proposal, signup = _to_decide(session, actor, id)
    proposal.decide(actor.person_id, ProposalState.REFUSED, wish.reason)
    address = f"/volunteering/shifts/{signup.shift_id}/attendance"
    send(session, signup.compound_id, proposal.proposed_by_id, _("补记的时长没有核准"), wish.reason, address)
    on_record(session, actor, "hours.refused", proposal.id)
    return proposal


def _propose(session: Session, actor: Actor, shift: Shift, signup: Signup, proposal: HourProposal) -> None:
    if proposal.minutes > shift.minutes:
        raise MoreThanPlanned(minutes=shift.minutes)
    if waiting_for(session, signup):
        raise AlreadyProposed
    session.add(proposal)
    activity = shift_for(session, actor, shift.id)[1]
    words = _("%(title)s，%(day)s：%(why)s", title=activity.title, day=short_day(shift.starts_at), why=proposal.reason)
    for person_id in holders_of(session, signup.compound_id, Permission.CHECK_IN):
        if person_id not in (actor.person_id, signup.person_id):
            send(session, signup.compound_id, person_id, _("有服务时长等您核准"), words, "/volunteering/hours/proposals")
    on_record(session, actor, "hours.proposed", proposal.id)


def _correct(
    session: Session, signup: Signup, lines: list[HourEntry], minutes: int, reason: str,
    recorded_by_id: UUID | None, approved_by_id: UUID | None = None,
) -> None:  # fmt: skip
    """One more line, by which all of them together are `minutes`; none where they are already."""
    if difference := minutes - sum(line.minutes for line in lines):
        entry = HourEntry(
            minutes=difference, source=HourSource.CORRECTION, corrects_id=lines[-1].id, reason=reason,
            recorded_by_id=recorded_by_id, approved_by_id=approved_by_id, **_whose(signup),
        )  # fmt: skip
        _write(session, signup, entry)


def _whose(signup: Signup) -> dict[str, Any]:
    return {"compound_id": signup.compound_id, "signup_id": signup.id, "person_id": signup.person_id}


def _write(session: Session, signup: Signup, entry: HourEntry) -> None:
    session.add(entry)
    session.flush()
    events.tell(session, signup.compound_id, "hours.recorded", signup_id=signup.id)


def _to_record(session: Session, actor: Actor, signup_id: UUID) -> tuple[Signup, Shift]:
    """With the shift's row locked. Raises NotFound, NotAllowed."""
    actor.need(Permission.CHECK_IN)
    seen = signup_for(session, actor, signup_id)
    shift = shift_to_change(session, actor, seen.shift_id)
    return signup_for(session, actor, signup_id), shift


def _to_decide(session: Session, actor: Actor, id: UUID) -> tuple[HourProposal, Signup]:
    """The proposal, read again once the shift's row is ours. Raises NotFound, NotAllowed, OwnProposal, OwnHours, OfOneHome."""
    actor.need(Permission.CHECK_IN)
    signup, _shift = _to_record(session, actor, proposal_for(session, actor, id).signup_id)
    proposal = proposal_for(session, actor, id)
    if no := policy.why_not_approve(session, actor, proposal):
        raise no
    return proposal, signup
