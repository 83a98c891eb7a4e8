"""Who may: asked by the verbs and by the templates alike."""

from app.access.actors import Actor, Visitor
from app.access.permissions import Permission
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
