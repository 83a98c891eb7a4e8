"""The people's door. Each write answers 303 with a sentence; a form with mistakes is drawn again as it was typed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident, Visitor
from app.access.permissions import Permission
from app.compounds.models import Person
from app.compounds.names import known_as
from app.compounds.people import PersonChoice, find_people
from app.kit.clock import ZONE, local, now
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import attendance, planning, policy, signing_up
from app.volunteering.models import KIND_SAYS, Activity, Shift, Signup, SignupState
from app.volunteering.queries import (
    Attendant,
    Hours,
    MyShift,
    ShiftCard,
    attendants,
    card_of,
    coming_shifts,
    hours_of,
    live_signup,
    my_shifts,
    shift_for,
    signup_for,
    waiting_before,
)
from app.volunteering.schemas import ActivityWish, HoursWish, SignupWish

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledSignup = Annotated[Filled[SignupWish], filled(SignupWish)]
FilledActivity = Annotated[Filled[ActivityWish], filled(ActivityWish)]
FilledHours = Annotated[Filled[HoursWish], filled(HoursWish)]


@dataclass(frozen=True)
class ShiftsPage(View):
    template = "volunteering/list.html"
    tab = "volunteering"

    mine: list[MyShift]
    coming: Page[ShiftCard]
    hours: Hours | None
    kinds: dict[str, str]
    can_plan: bool


@dataclass(frozen=True)
class ShiftPage(View):
    template = "volunteering/shift.html"
    tab = "volunteering"

    shift: ShiftCard
    kind: str
    what: str
    leader: str
    mine: Signup | None
    form: Filled[SignupWish]
    known: bool
    started: bool
    can_act_for_others: bool
    can_check_in: bool
    can_plan: bool


@dataclass(frozen=True)
class SignupPage(View):
    template = "volunteering/signup.html"

    signup: Signup
    shift: ShiftCard
    ahead: int
    for_whom: str | None
    lapsed: bool
    can_withdraw: bool


@dataclass(frozen=True)
class ForOthersPage(View):
    template = "volunteering/for_others.html"

    shift: ShiftCard
    form: Filled[SignupWish]
    q: str
    people: list[PersonChoice]


@dataclass(frozen=True)
class AttendancePage(View):
    template = "volunteering/attendance.html"

    shift: ShiftCard
    people: list[Attendant]
    over: bool


@dataclass(frozen=True)
class PlanPage(View):
    template = "volunteering/plan.html"

    form: Filled[ActivityWish]
    kinds: dict[str, str]


@router.get("")
def show_shifts(session: DbSession, visitor: Anyone, asked: AskedPage) -> ShiftsPage:
    actor = visitor if isinstance(visitor, Actor) else None
    year = datetime(local(now()).year, 1, 1, tzinfo=ZONE)
    return ShiftsPage(
        visitor.frame,
        my_shifts(session, actor) if actor else [],
        coming_shifts(session, visitor, asked),
        hours_of(session, actor.compound.id, actor.person_id, year) if actor else None,
        kind_names(),
        policy.can_plan(visitor),
    )


@router.get("/plan")
def show_plan(actor: Officer) -> PlanPage:
    actor.need(Permission.PLAN_SERVICE)
    return PlanPage(actor.frame, empty({"weeks": 1}), kind_names())


@router.post("/plan")
def post_plan(session: DbSession, actor: Officer, request: Request, form: FilledActivity) -> Response:
    actor.need(Permission.PLAN_SERVICE)
    if form.wish is None:
        return PlanPage(actor.frame, form, kind_names()).reply(request, 422)
    planning.plan(session, actor, form.id, form.wish)
    return see_other(f"{actor.frame.base}/volunteering", _("安排好了，邻居们看得到了。"))


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
    words = _("报名成功。") if signup.state == SignupState.CONFIRMED else _("已经排上候补。")
    return see_other(f"{actor.frame.base}/volunteering/signups/{signup.id}", words)


@router.get("/shifts/{shift_id}/for-others")
def show_for_others(session: DbSession, actor: Officer, shift_id: UUID, q: str = "") -> ForOthersPage:
    actor.need(Permission.ACT_FOR_OTHERS)
    shift, activity = shift_for(session, actor, shift_id)
    return ForOthersPage(
        actor.frame, card_of(session, shift, activity), empty(), q[:60], find_people(session, actor.compound.id, q[:60])
    )


@router.post("/shifts/{shift_id}/cancel")
def post_cancel(session: DbSession, actor: Officer, shift_id: UUID) -> Response:
    planning.cancel(session, actor, shift_id)
    return see_other(f"{actor.frame.base}/volunteering/shifts/{shift_id}", _("已取消，并通知了报名的人。"))


@router.get("/shifts/{shift_id}/attendance")
def show_attendance(session: DbSession, actor: Officer, shift_id: UUID) -> AttendancePage:
    actor.need(Permission.CHECK_IN)
    shift, activity = shift_for(session, actor, shift_id)
    return AttendancePage(
        actor.frame, card_of(session, shift, activity), attendants(session, actor, shift), shift.ends_at <= now()
    )


@router.get("/signups/{signup_id}")
def show_signup(session: DbSession, actor: Resident, signup_id: UUID) -> SignupPage:
    signup = signup_for(session, actor, signup_id)
    shift, activity = shift_for(session, actor, signup.shift_id)
    other = session.get_one(Person, (actor.compound.id, signup.person_id)) if signup.person_id != actor.person_id else None
    return SignupPage(
        actor.frame,
        signup,
        card_of(session, shift, activity),
        waiting_before(session, actor.compound.id, shift.id, signup.asked_at),
        other.name if other else None,
        signup.offer_is_dead(),
        policy.can_withdraw(actor, signup) and not signing_up.too_late_to_withdraw(session, actor, shift),
    )


@router.post("/signups/{signup_id}/confirm")
def post_confirm(session: DbSession, actor: Resident, signup_id: UUID) -> Response:
    signing_up.confirm(session, actor, signup_id)
    return see_other(f"{actor.frame.base}/volunteering/signups/{signup_id}", _("名额是您的了。"))


@router.post("/signups/{signup_id}/withdraw")
def post_withdraw(session: DbSession, actor: Resident, signup_id: UUID) -> Response:
    signing_up.withdraw(session, actor, signup_id)
    return see_other(f"{actor.frame.base}/volunteering", _("已取消报名，名额让给了下一位。"))


@router.post("/signups/{signup_id}/check-in")
def post_check_in(session: DbSession, actor: Officer, signup_id: UUID) -> Response:
    signup = attendance.check_in(session, actor, signup_id)
    return back_to_list(actor, signup.shift_id, _("已签到。"))


@router.post("/signups/{signup_id}/undo-check-in")
def post_undo_check_in(session: DbSession, actor: Officer, signup_id: UUID) -> Response:
    signup = attendance.undo_check_in(session, actor, signup_id)
    return back_to_list(actor, signup.shift_id, _("已撤销签到。"))


@router.post("/signups/{signup_id}/check-out")
def post_check_out(session: DbSession, actor: Officer, signup_id: UUID) -> Response:
    signup = attendance.check_out(session, actor, signup_id)
    return back_to_list(actor, signup.shift_id, _("已签退，时长记好了。"))


@router.post("/signups/{signup_id}/hours")
def post_hours(session: DbSession, actor: Officer, signup_id: UUID, form: FilledHours) -> Response:
    actor.need(Permission.CHECK_IN)
    signup = signup_for(session, actor, signup_id)
    if form.wish is None:
        return back_to_list(actor, signup.shift_id, next(iter(form.problems.values())))
    attendance.add_hours(session, actor, signup_id, form.id, form.wish)
    return back_to_list(actor, signup.shift_id, _("补记好了，会和签到时长分开显示。"))


def back_to_list(actor: Actor, shift_id: UUID, words: str) -> Response:
    return see_other(f"{actor.frame.base}/volunteering/shifts/{shift_id}/attendance", words)


def shift_page(session: Session, visitor: Visitor, shift: Shift, activity: Activity, form: Filled[SignupWish]) -> ShiftPage:
    actor = visitor if isinstance(visitor, Actor) else None
    leader = session.get_one(Person, (shift.compound_id, activity.leader_id))
    return ShiftPage(
        visitor.frame,
        card_of(session, shift, activity),
        kind_names()[activity.kind],
        activity.what,
        known_as(leader.name, full=visitor.is_resident),
        live_signup(session, shift, actor.person_id) if actor else None,
        form,
        visitor.is_resident,
        shift.started,
        policy.can_act_for_others(visitor),
        policy.can_check_in(visitor),
        policy.can_plan(visitor),
    )


def kind_names() -> dict[str, str]:
    return {kind.value: _(says) for kind, says in KIND_SAYS.items()}
