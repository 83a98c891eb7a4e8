"""The leader's door: who has come, who leaves, whose hours are written afterwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.compounds.models import Person
from app.kit.clock import now
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import attendance
from app.volunteering.check_in_queries import Attendant, attendants
from app.volunteering.hour_keeping import add_hours
from app.volunteering.hour_models import AlreadyProposed, MoreThanPlanned
from app.volunteering.hour_schemas import HoursWish
from app.volunteering.models import Door
from app.volunteering.queries import ShiftCard, card_of, shift_for, signup_for

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledHours = Annotated[Filled[HoursWish], filled(HoursWish)]


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
    try:
        add_hours(session, actor, signup_id, form.id, form.wish)
    except (MoreThanPlanned, AlreadyProposed) as no:
        wrong = form.with_problem("minutes", no.message)
        return attendance_page(session, actor, signup.shift_id, signup_id, wrong).reply(request, 422)
    return back_to_list(actor, signup.shift_id, _("交上去了，等另一位负责人核准。"))


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
