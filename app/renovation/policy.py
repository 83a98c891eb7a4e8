"""Who may: asked by the verbs and by the templates alike."""

from app.access.actors import Actor, Visitor
from app.access.permissions import Permission
from app.renovation.finding_models import MOVES, ActKind, Finding


def can_plan(actor: Visitor) -> bool:
    return actor.may(Permission.PLAN_WORKS)


def can_supervise(actor: Visitor) -> bool:
    return actor.may(Permission.SUPERVISE)


def can_prepare(actor: Visitor) -> bool:
    """What a visit goes by, check lists and photo points: by those who look, and by those who plan."""
    return can_supervise(actor) or can_plan(actor)


def can_see_originals(actor: Visitor) -> bool:
    """Originals carry positions, faces and plates: for supervisors only (TRUST.md)."""
    return can_supervise(actor)


def can_call_contractor(actor: Visitor) -> bool:
    """The contractor's telephone number is for those who deal with them."""
    return can_supervise(actor) or can_plan(actor)


def may(actor: Visitor, finding: Finding, kind: ActKind) -> bool:
    """Whether this supervisor may take this step now, by its state and whose it is."""
    if not isinstance(actor, Actor) or not can_supervise(actor):
        return False
    move = MOVES[kind]
    return finding.state in move.of and not (move.by_another and finding.number and actor.person_id == finding.raised_by_id)
