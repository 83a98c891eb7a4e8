"""The coordinator's door: plan, change, call off."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Officer
from app.access.permissions import Permission
from app.kit.clock import said_span
from app.kit.forms import Filled, changing, empty, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.volunteering import planning
from app.volunteering.models import BeginsInThePast, BelowTaken, kind_names
from app.volunteering.prefilled import repeat_choices, shape_of, times_of, words_of
from app.volunteering.queries import (
    ShiftCard,
    card_of,
    shift_for,
)
from app.volunteering.schemas import ActivityChange, ActivityWish, ShiftChange

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledActivity = Annotated[Filled[ActivityWish], filled(ActivityWish)]
FilledActivityChange = Annotated[Filled[ActivityChange], filled(ActivityChange)]
FilledShiftChange = Annotated[Filled[ShiftChange], filled(ShiftChange)]


@dataclass(frozen=True)
class PlanPage(View):
    template = "volunteering/plan.html"

    form: Filled[ActivityWish]
    kinds: dict[str, str]
    repeats: list[tuple[str, str]]


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


@router.get("/plan")
def show_plan(session: DbSession, actor: Officer, like: UUID | None = None) -> PlanPage:
    """With `like`, as a shift that there was: whatever was planned once is the template of the next."""
    actor.need(Permission.PLAN_SERVICE)
    typed: dict[str, Any] = {"rrule": "", "skip_holidays": True}
    if like:
        shift, activity = shift_for(session, actor, like)
        typed |= words_of(activity) | shape_of(session, shift)
    return PlanPage(actor.frame, empty(typed), kind_names(), repeat_choices())


@router.post("/plan")
def post_plan(session: DbSession, actor: Officer, request: Request, form: FilledActivity) -> Response:
    actor.need(Permission.PLAN_SERVICE)
    if form.wish is None:
        return PlanPage(actor.frame, form, kind_names(), repeat_choices()).reply(request, 422)
    planning.plan(session, actor, form.id, form.wish)
    return see_other(f"{actor.frame.base}/volunteering", _("安排好了，邻居们看得到了。"))


@router.get("/shifts/{shift_id}/change")
def show_change(session: DbSession, actor: Officer, shift_id: UUID) -> ChangeShiftPage:
    actor.need(Permission.PLAN_SERVICE)
    shift, activity = shift_for(session, actor, shift_id)
    typed = times_of(shift) | shape_of(session, shift) | {"meets_at": shift.meets_at}
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
    return see_other(f"{actor.frame.base}/volunteering/shifts/{shift_id}", _("改好了。时间、地方变了的，已通知报名的人。"))


@router.get("/shifts/{shift_id}/activity")
def show_activity(session: DbSession, actor: Officer, shift_id: UUID) -> ChangeActivityPage:
    actor.need(Permission.PLAN_SERVICE)
    shift, activity = shift_for(session, actor, shift_id)
    form = changing(words_of(activity), activity.version)
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
