"""The people's door to one shift: read it, sign up, sign a neighbour up."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident, Visitor
from app.access.permissions import Permission
from app.compounds.models import Person
from app.compounds.names import known_as
from app.compounds.people import PersonChoice, find_people
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import policy, signing_up
from app.volunteering.census_models import slot_of
from app.volunteering.models import Activity, Shift, kind_names
from app.volunteering.queries import (
    ShiftCard,
    card_of,
    live_signup,
    shift_for,
)
from app.volunteering.schemas import SignupWish
from app.volunteering.signup_models import OUTCOMES, Answer, Signup, SignupOutcome, SignupState
from app.volunteering.skill_queries import NeedSaid, needs_said

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledSignup = Annotated[Filled[SignupWish], filled(SignupWish)]


@dataclass(frozen=True)
class ShiftPage(View):
    template = "volunteering/shift.html"
    tab = "volunteering"

    shift: ShiftCard
    kind: str
    needs: list[NeedSaid]
    what: str
    bring: str
    contact: str
    """For residents."""
    leader: str
    mine: Signup | None
    form: Filled[SignupWish]
    answer: Answer | None
    """What would come of signing up now; None for who is not known."""
    started: bool
    can_act_for_others: bool
    can_check_in: bool
    can_plan: bool
    slot: str
    """Of the census: who has time then."""


@dataclass(frozen=True)
class ForOthersPage(View):
    template = "volunteering/for_others.html"

    shift: ShiftCard
    form: Filled[SignupWish]
    q: str
    people: list[PersonChoice]
    despite: bool
    can_override: bool
    """Whoever leads may say that they know of another shift at that time."""


@router.get("/shifts/{shift_id}")
def show_shift(session: DbSession, visitor: Anyone, shift_id: UUID) -> ShiftPage:
    shift, activity = shift_for(session, visitor, shift_id)
    return shift_page(session, visitor, shift, activity, empty())


@router.post("/shifts/{shift_id}/signups")
def post_signup(session: DbSession, actor: Resident, request: Request, shift_id: UUID, form: FilledSignup) -> Response:
    if form.wish is None:
        shift, activity = shift_for(session, actor, shift_id)
        return shift_page(session, actor, shift, activity, form).reply(request, 422)
    signup, _made = signing_up.sign_up(session, actor, shift_id, form.id, form.wish)
    outcome = SignupOutcome.SIGNED_UP if signup.state == SignupState.CONFIRMED else SignupOutcome.WAITLISTED
    return see_other(f"{actor.frame.base}/volunteering/signups/{signup.id}", _(OUTCOMES[outcome].says))


@router.get("/shifts/{shift_id}/for-others")
def show_for_others(session: DbSession, actor: Officer, shift_id: UUID, q: str = "", despite: bool = False) -> ForOthersPage:
    actor.need(Permission.ACT_FOR_OTHERS)
    shift, activity = shift_for(session, actor, shift_id)
    leads = policy.can_check_in(actor)
    people = find_people(session, actor.compound.id, q[:60])
    return ForOthersPage(actor.frame, card_of(session, shift, activity), empty(), q[:60], people, despite and leads, leads)


def shift_page(session: Session, visitor: Visitor, shift: Shift, activity: Activity, form: Filled[SignupWish]) -> ShiftPage:
    actor = visitor if isinstance(visitor, Actor) else None
    leader = session.get_one(Person, (shift.compound_id, activity.leader_id))
    return ShiftPage(
        visitor.frame,
        card_of(session, shift, activity),
        kind_names()[activity.kind],
        needs_said(session, shift.compound_id, [shift.id]).get(shift.id, []) if shift.kept else [],
        activity.what,
        activity.bring,
        activity.contact if visitor.is_resident else "",
        known_as(leader.name, full=visitor.is_resident),
        live_signup(session, shift, actor.person_id) if actor else None,
        form,
        signing_up.what_would_come(session, actor, shift) if actor else None,
        shift.started,
        policy.can_act_for_others(visitor),
        policy.can_check_in(visitor),
        policy.can_plan(visitor),
        slot_of(shift.starts_at),
    )
