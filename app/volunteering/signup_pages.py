"""The people's door to one sign-up: where it stands, take the place, give it back."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Response

from app.access.actors import Resident
from app.compounds.models import Person
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import attendance, policy, signing_up
from app.volunteering.cover_models import CoverCall
from app.volunteering.cover_queries import cover_of
from app.volunteering.queries import (
    ShiftCard,
    card_of,
    shift_for,
    signup_for,
    waiting_before,
)
from app.volunteering.signup_models import Signup, SignupState

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)


@dataclass(frozen=True)
class SignupPage(View):
    template = "volunteering/signup.html"

    signup: Signup
    shift: ShiftCard
    ahead: int
    for_whom: str | None
    lapsed: bool
    cover: CoverCall | None
    can_ask_cover: bool
    can_withdraw: bool
    at_the_door: bool
    """It is their own, and people are checked in now."""
    too_late: bool
    """They could have withdrawn, but it begins soon: the page says whom to tell instead."""


@router.get("/signups/{signup_id}")
def show_signup(session: DbSession, actor: Resident, signup_id: UUID) -> SignupPage:
    signup = signup_for(session, actor, signup_id)
    shift, activity = shift_for(session, actor, signup.shift_id)
    other = session.get_one(Person, (actor.compound.id, signup.person_id)) if signup.person_id != actor.person_id else None
    too_late = signing_up.too_late_to_withdraw(session, actor, shift)
    return SignupPage(
        actor.frame,
        signup,
        card_of(session, shift, activity),
        waiting_before(session, actor.compound.id, signup),
        other.name if other else None,
        signup.offer_is_dead(),
        cover_of(session, signup),
        policy.can_decide(actor, signup)
        and signup.state == SignupState.CONFIRMED
        and not signup.checked_in_at
        and not shift.started
        and not shift.cancelled_at,
        policy.can_decide(actor, signup) and not too_late,
        signup.person_id == actor.person_id
        and signup.state == SignupState.CONFIRMED
        and not shift.cancelled_at
        and attendance.door_of(session, shift).open,
        policy.can_decide(actor, signup) and too_late and not shift.started and not shift.cancelled_at,
    )


@router.post("/signups/{signup_id}/confirm")
def post_confirm(session: DbSession, actor: Resident, signup_id: UUID) -> Response:
    signing_up.confirm(session, actor, signup_id)
    return see_other(f"{actor.frame.base}/volunteering/signups/{signup_id}", _("名额是您的了。"))


@router.post("/signups/{signup_id}/withdraw")
def post_withdraw(session: DbSession, actor: Resident, signup_id: UUID) -> Response:
    signing_up.withdraw(session, actor, signup_id)
    return see_other(f"{actor.frame.base}/volunteering", _("已取消报名。"))
