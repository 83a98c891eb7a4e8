"""The people's door. Each write answers 303 with a sentence; a form with mistakes is drawn again as it was typed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident, Visitor
from app.access.permissions import Permission
from app.compounds.models import Person
from app.compounds.names import known_as
from app.compounds.people import PersonChoice, find_people
from app.kit.clock import local, now, said_span, today
from app.kit.forms import Filled, changing, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.volunteering import attendance, planning, policy, signing_up
from app.volunteering.models import (
    KIND_SAYS,
    Activity,
    BeginsInThePast,
    BelowTaken,
    Door,
    ServiceKind,
    Shift,
    Signup,
    SignupState,
)
from app.volunteering.queries import (
    Attendant,
    MyHour,
    MyShift,
    ShiftCard,
    YearOfHours,
    attendants,
    card_of,
    coming_shifts,
    led_shifts,
    live_signup,
    my_hours,
    my_shifts,
    my_years,
    shift_for,
    signup_for,
    waiting_before,
)
from app.volunteering.schemas import ActivityChange, ActivityWish, HoursWish, ShiftChange, SignupWish

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledSignup = Annotated[Filled[SignupWish], filled(SignupWish)]
FilledActivity = Annotated[Filled[ActivityWish], filled(ActivityWish)]
FilledActivityChange = Annotated[Filled[ActivityChange], filled(ActivityChange)]
FilledShiftChange = Annotated[Filled[ShiftChange], filled(ShiftChange)]
FilledHours = Annotated[Filled[HoursWish], filled(HoursWish)]


@dataclass(frozen=True)
class ShiftsPage(View):
    template = "volunteering/list.html"
    tab = "volunteering"

    mine: list[MyShift]
    led: list[ShiftCard]
    """For whoever checks in: what has begun."""
    coming: Page[ShiftCard]
    kind: str
    """Only this one is shown; "" for all."""
    hours: YearOfHours | None
    """Of this year."""
    kinds: dict[str, str]
    known: bool
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
    too_late: bool
    """They could have withdrawn, but it begins soon: the page says whom to tell instead."""


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
    door: Door
    over: bool
    adding: UUID | None
    """The sign-up whose hours are being written."""
    form: Filled[HoursWish]


@dataclass(frozen=True)
class SheetPage(View):
    template = "volunteering/sheet.html"

    shift: ShiftCard
    leader: str
    people: list[Attendant]
    printed_at: datetime


@dataclass(frozen=True)
class HoursPage(View):
    template = "volunteering/hours.html"
    tab = "volunteering"

    years: list[YearOfHours]
    hours: Page[MyHour]


@dataclass(frozen=True)
class PlanPage(View):
    template = "volunteering/plan.html"

    form: Filled[ActivityWish]
    kinds: dict[str, str]


@dataclass(frozen=True)
class ChangeActivityPage(View):
    template = "volunteering/change_activity.html"

    shift: ShiftCard
    """From which the officer came, and to which they return."""
    form: Filled[ActivityChange]
    kinds: dict[str, str]


@dataclass(frozen=True)
class ChangeShiftPage(View):
    template = "volunteering/change_shift.html"

    shift: ShiftCard
    form: Filled[ShiftChange]


@router.get("")
def show_shifts(session: DbSession, visitor: Anyone, asked: AskedPage, kind: ServiceKind | Literal[""] = "") -> ShiftsPage:
    actor = visitor if isinstance(visitor, Actor) else None
    years = my_years(session, actor) if actor else []
    return ShiftsPage(
        visitor.frame,
        my_shifts(session, actor) if actor else [],
        led_shifts(session, actor) if actor and policy.can_check_in(actor) else [],
        coming_shifts(session, visitor, asked, kind),
        kind,
        next((one for one in years if one.year == today().year), None),
        kind_names(),
        actor is not None,
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


@router.get("/hours")
def show_hours(session: DbSession, actor: Resident, asked: AskedPage) -> HoursPage:
    return HoursPage(actor.frame, my_years(session, actor), my_hours(session, actor, asked))


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


@router.get("/shifts/{shift_id}/change")
def show_change(session: DbSession, actor: Officer, shift_id: UUID) -> ChangeShiftPage:
    actor.need(Permission.PLAN_SERVICE)
    shift, activity = shift_for(session, actor, shift_id)
    typed = {
        "starts_at": f"{local(shift.starts_at):%Y-%m-%dT%H:%M}",
        "ends_at": f"{local(shift.ends_at):%Y-%m-%dT%H:%M}",
        "capacity": shift.capacity,
    }
    return ChangeShiftPage(actor.frame, card_of(session, shift, activity), changing(typed, shift.version))


@router.post("/shifts/{shift_id}/change")
def post_change(session: DbSession, actor: Officer, request: Request, shift_id: UUID, form: FilledShiftChange) -> Response:
    actor.need(Permission.PLAN_SERVICE)
    shift, activity = shift_for(session, actor, shift_id)
    card = card_of(session, shift, activity)
    if form.wish is None:
        return ChangeShiftPage(actor.frame, card, form).reply(request, 422)
    try:
        planning.change_shift(session, actor, shift_id, form.version or 0, form.wish)
    except BelowTaken as no:
        return ChangeShiftPage(actor.frame, card, form.with_problem("capacity", no.message)).reply(request, 422)
    except BeginsInThePast as no:
        return ChangeShiftPage(actor.frame, card, form.with_problem("starts_at", no.message)).reply(request, 422)
    except Stale as no:
        span = said_span(shift.starts_at, shift.ends_at)
        now_says = _("现在写的是：%(at)s，%(n)s 人。再按一次，就改成您写的。", at=span, n=shift.capacity)
        mine = form.seen_again(shift.version, "starts_at", f"{no.message}{now_says}")
        return ChangeShiftPage(actor.frame, card, mine).reply(request, no.status)
    return see_other(f"{actor.frame.base}/volunteering/shifts/{shift_id}", _("改好了。时间变了的，已通知报名的人。"))


@router.get("/shifts/{shift_id}/activity")
def show_activity(session: DbSession, actor: Officer, shift_id: UUID) -> ChangeActivityPage:
    actor.need(Permission.PLAN_SERVICE)
    shift, activity = shift_for(session, actor, shift_id)
    typed = {"kind": activity.kind, "title": activity.title, "place": activity.place, "what": activity.what}
    form = changing(typed, activity.version)
    return ChangeActivityPage(actor.frame, card_of(session, shift, activity), form, kind_names())


@router.post("/shifts/{shift_id}/activity")
def post_activity(session: DbSession, actor: Officer, request: Request, shift_id: UUID, form: FilledActivityChange) -> Response:
    actor.need(Permission.PLAN_SERVICE)
    shift, activity = shift_for(session, actor, shift_id)
    card = card_of(session, shift, activity)
    if form.wish is None:
        return ChangeActivityPage(actor.frame, card, form, kind_names()).reply(request, 422)
    try:
        planning.change_activity(session, actor, activity.id, form.version or 0, form.wish)
    except Stale as no:
        now_says = _("现在写的是：%(title)s，%(place)s。再按一次，就改成您写的。", title=activity.title, place=activity.place)
        mine = form.seen_again(activity.version, "title", f"{no.message}{now_says}")
        return ChangeActivityPage(actor.frame, card, mine, kind_names()).reply(request, no.status)
    return see_other(f"{actor.frame.base}/volunteering/shifts/{shift_id}", _("改好了。地方变了的，已通知报名的人。"))


@router.post("/shifts/{shift_id}/cancel")
def post_cancel(session: DbSession, actor: Officer, shift_id: UUID) -> Response:
    planning.cancel(session, actor, shift_id)
    return see_other(f"{actor.frame.base}/volunteering/shifts/{shift_id}", _("已取消，并通知了报名的人。"))


@router.get("/shifts/{shift_id}/attendance")
def show_attendance(session: DbSession, actor: Officer, shift_id: UUID, adding: UUID | None = None) -> AttendancePage:
    """With `adding`, the form for that sign-up's hours stands open."""
    actor.need(Permission.CHECK_IN)
    return attendance_page(session, actor, shift_id, adding, empty())


@router.get("/shifts/{shift_id}/sheet")
def show_sheet(session: DbSession, actor: Officer, shift_id: UUID) -> SheetPage:
    """For a coordinator who would rather tick on paper."""
    actor.need(Permission.CHECK_IN)
    shift, activity = shift_for(session, actor, shift_id)
    leader = session.get_one(Person, (shift.compound_id, activity.leader_id))
    return SheetPage(actor.frame, card_of(session, shift, activity), leader.name, attendants(session, actor, shift), now())


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
        waiting_before(session, actor.compound.id, shift.id, signup.asked_at),
        other.name if other else None,
        signup.offer_is_dead(),
        policy.can_decide(actor, signup) and not too_late,
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
def post_hours(session: DbSession, actor: Officer, request: Request, signup_id: UUID, form: FilledHours) -> Response:
    actor.need(Permission.CHECK_IN)
    signup = signup_for(session, actor, signup_id)
    if form.wish is None:
        return attendance_page(session, actor, signup.shift_id, signup_id, form).reply(request, 422)
    attendance.add_hours(session, actor, signup_id, form.id, form.wish)
    return back_to_list(actor, signup.shift_id, _("补记好了，会和签到时长分开显示。"))


def back_to_list(actor: Actor, shift_id: UUID, words: str) -> Response:
    return see_other(f"{actor.frame.base}/volunteering/shifts/{shift_id}/attendance", words)


def attendance_page(
    session: Session, actor: Actor, shift_id: UUID, adding: UUID | None, form: Filled[HoursWish]
) -> AttendancePage:
    shift, activity = shift_for(session, actor, shift_id)
    return AttendancePage(
        actor.frame,
        card_of(session, shift, activity),
        attendants(session, actor, shift),
        attendance.door_of(session, shift),
        shift.ends_at <= now(),
        adding,
        form,
    )


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
