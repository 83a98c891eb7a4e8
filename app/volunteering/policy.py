"""Who may: asked by the verbs and by the templates alike."""

from sqlmodel import Session

from app.access.actors import Actor, Visitor
from app.access.permissions import Permission
from app.compounds.people import share_a_home
from app.kit.refusals import NotAllowed, Refusal
from app.volunteering.hour_models import HourProposal, OfOneHome, OwnHours, OwnProposal
from app.volunteering.signup_models import Signup


def can_plan(actor: Visitor) -> bool:
    return actor.may(Permission.PLAN_SERVICE)


def can_check_in(actor: Visitor) -> bool:
    return actor.may(Permission.CHECK_IN)


def can_act_for_others(actor: Visitor) -> bool:
    return actor.may(Permission.ACT_FOR_OTHERS)


def can_see(actor: Actor, signup: Signup) -> bool:
    return actor.person_id in (signup.person_id, signup.entered_by_id) or can_check_in(actor)


def can_decide(actor: Actor, signup: Signup) -> bool:
    """Confirm and withdraw: the person, or an officer for them, so that what was entered on somebody's behalf can be undone."""
    return actor.person_id == signup.person_id or can_act_for_others(actor) or can_check_in(actor)


def why_not_approve(session: Session, actor: Actor, proposal: HourProposal) -> Refusal | None:
    """Hours written afterwards take two officers: no two hands of one home, and nobody's own."""
    if not can_check_in(actor):
        return NotAllowed()
    if actor.person_id == proposal.proposed_by_id:
        return OwnProposal()
    if actor.person_id == proposal.person_id:
        return OwnHours()
    others = (proposal.proposed_by_id, proposal.person_id)
    if any(share_a_home(session, proposal.compound_id, one, actor.person_id) for one in others):
        return OfOneHome()
    return None
