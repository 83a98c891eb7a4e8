"""Who may: asked by the verbs and by the templates alike."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor, Visitor
from app.access.permissions import Permission
from app.compounds.people import share_a_home
from app.kit.refusals import NotAllowed, Refusal
from app.volunteering.certificate_models import Certificate
from app.volunteering.hour_models import HourProposal, OfOneHome, OwnHours, OwnProposal
from app.volunteering.request_models import MOVES, RequestActKind, RequestState, ServiceRequest, Side
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


def can_see_certificate(actor: Actor, certificate: Certificate) -> bool:
    return actor.person_id == certificate.person_id or can_check_in(actor)


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


def need_to_coordinate(actor: Actor) -> None:
    """Raises NotAllowed for anybody but a coordinator."""
    actor.need(Permission.PLAN_SERVICE)


def asks(actor: Actor, request: ServiceRequest) -> bool:
    """Speaks for the asker: they themselves, and for what was entered on somebody's behalf any officer who may act for others,
    but never whoever helps: nobody confirms their own work.
    """
    if actor.person_id in (request.person_id, request.claimed_by_id):
        return actor.person_id == request.person_id
    return request.on_behalf and can_act_for_others(actor)


def is_party_to(actor: Actor, request: ServiceRequest) -> bool:
    return can_plan(actor) or asks(actor, request) or actor.person_id == request.claimed_by_id


def may_move(actor: Actor, request: ServiceRequest, kind: RequestActKind) -> bool:
    """Whether this is the actor's step to take; whether it can be taken now is the request's own rule."""
    match MOVES[kind].by if kind in MOVES else Side.NOBODY:
        case Side.ASKER:
            by_telephone = can_plan(actor) and kind is not RequestActKind.RATED and actor.person_id != request.claimed_by_id
            return asks(actor, request) or by_telephone
        case Side.HELPER:
            return actor.person_id == request.claimed_by_id
        case Side.NEIGHBOUR:
            return actor.person_id != request.person_id
        case Side.COORDINATOR:
            return can_plan(actor)
        case Side.NOBODY:
            return False


def steps_open_to(actor: Actor, request: ServiceRequest) -> frozenset[str]:
    """What the actor may do now."""
    return frozenset(
        kind for kind, move in MOVES.items() if RequestState(request.state) in move.to and may_move(actor, request, kind)
    )


def writes_census_of(actor: Actor, person_id: UUID) -> bool:
    """Their own entry, or as any officer for somebody else: so that what was written down for them can be undone."""
    return actor.person_id == person_id or can_act_for_others(actor)


def may_count(actor: Visitor) -> bool:
    """The figures of the team are for coordinators and for the street office."""
    return can_plan(actor) or actor.may(Permission.OVERSEE)
