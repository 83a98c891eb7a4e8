"""The coordinator's door: plan, change, call off."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Officer
from app.access.permissions import Permission
from app.kit.clock import local, said_span
from app.kit.forms import Filled, changing, empty, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.volunteering import planning
from app.volunteering.models import BeginsInThePast, BelowTaken, kind_names
from app.volunteering.queries import (
    ShiftCard,
    card_of,
    shift_for,
)
from app.volunteering.schemas import ActivityChange, ActivityWish, ShiftChange
from app.volunteering.skill_queries import needs_said

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledActivity = Annotated[Filled[ActivityWish], filled(ActivityWish)]
FilledActivityChange = Annotated[Filled[ActivityChange], filled(ActivityChange)]
FilledShiftChange = Annotated[Filled[ShiftChange], filled(ShiftChange)]


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


@router.get("/shifts/{shift_id}/change")
def show_change(session: DbSession, actor: Officer, shift_id: UUID) -> ChangeShiftPage:
    actor.need(Permission.PLAN_SERVICE)
    shift, activity = shift_for(session, actor, shift_id)
    needs = needs_said(session, actor.compound.id, [shift.id]).get(shift.id, ())
    typed = {
        "starts_at": f"{local(shift.starts_at):%Y-%m-%dT%H:%M}",
        "ends_at": f"{local(shift.ends_at):%Y-%m-%dT%H:%M}",
        "capacity": shift.capacity,
        "minimum": shift.minimum or "",
        "meets_at": shift.meets_at,
        "needs": "\n".join(f"{need.skill} {need.wanted}" for need in needs),
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
    return see_other(f"{actor.frame.base}/volunteering/shifts/{shift_id}", _("改好了。时间、地方变了的，已通知报名的人。"))


@router.get("/shifts/{shift_id}/activity")
def show_activity(session: DbSession, actor: Officer, shift_id: UUID) -> ChangeActivityPage:
    actor.need(Permission.PLAN_SERVICE)
    shift, activity = shift_for(session, actor, shift_id)
    typed = {name: getattr(activity, name) for name in ActivityChange.model_fields}
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
