"""The coordinator's door to a service that comes again: how it goes on, what that touches, and its end."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.volunteering import repeating
from app.volunteering.models import Shift
from app.volunteering.prefilled import repeat_choices, shape_of, times_of
from app.volunteering.queries import ShiftCard, card_of, shift_for
from app.volunteering.schemas import SeriesChange, StopWish
from app.volunteering.series_models import TOUCH_SAYS, Series
from app.volunteering.series_queries import Touched, seen_of, series_for

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledSeries = Annotated[Filled[SeriesChange], filled(SeriesChange)]
FilledStop = Annotated[Filled[StopWish], filled(StopWish)]


@dataclass(frozen=True)
class SeriesPage(View):
    template = "volunteering/series.html"

    shift: ShiftCard
    series: Series
    form: Filled[SeriesChange]
    repeats: list[tuple[str, str]]


@dataclass(frozen=True)
class TouchesPage(View):
    """What a change would touch, before it happens."""

    template = "volunteering/touches.html"

    shift: ShiftCard
    form: Filled[SeriesChange] | Filled[StopWish]
    touches: list[Touched]
    says: dict[str, str]
    seen: str
    action: str
    ends: bool
    changed: bool
    """It touches other things than when they were looked at."""


@router.get("/shifts/{shift_id}/series")
def show_series(session: DbSession, actor: Officer, shift_id: UUID) -> SeriesPage:
    actor.need(Permission.PLAN_SERVICE)
    shift, series = shift_of_series(session, actor, shift_id)
    rule = {"rrule": series.rrule, "skip_holidays": series.skip_holidays}
    typed = times_of(shift) | rule | shape_of(session, shift)
    return series_page(session, actor, shift_id, empty(typed))


@router.post("/shifts/{shift_id}/series")
def post_series(session: DbSession, actor: Officer, request: Request, shift_id: UUID, form: FilledSeries) -> Response:
    """Without `seen`, what it would touch; with it, the change."""
    actor.need(Permission.PLAN_SERVICE)
    if form.wish is None:
        return series_page(session, actor, shift_id, form).reply(request, 422)
    touches = repeating.preview(session, actor, shift_id, form.wish)
    if not form.wish.seen:
        return touches_page(session, actor, shift_id, form, touches, changed=False).reply(request)
    try:
        repeating.go_on(session, actor, shift_id, form.wish, form.wish.seen)
    except Stale as no:
        return touches_page(session, actor, shift_id, form, touches, changed=True).reply(request, no.status)
    return see_other(f"{actor.frame.base}/volunteering/shifts/{shift_id}", _("从这一班起都改好了，已通知报名的人。"))


@router.post("/shifts/{shift_id}/stop")
def post_stop(session: DbSession, actor: Officer, request: Request, shift_id: UUID, form: FilledStop) -> Response:
    """Without `seen`, what it would touch; with it, the end."""
    actor.need(Permission.PLAN_SERVICE)
    touches = repeating.preview(session, actor, shift_id, None)
    seen = form.wish.seen if form.wish else ""
    if not seen:
        return touches_page(session, actor, shift_id, form, touches, changed=False).reply(request)
    try:
        repeating.go_on(session, actor, shift_id, None, seen)
    except Stale as no:
        return touches_page(session, actor, shift_id, form, touches, changed=True).reply(request, no.status)
    return see_other(f"{actor.frame.base}/volunteering", _("从这一班起不再办了，已通知报名的人。"))


@router.post("/series/{series_id}/fill")
def post_fill(session: DbSession, actor: Officer, series_id: UUID) -> Response:
    made = repeating.fill(session, actor, series_id)
    return see_other(f"{actor.frame.base}/volunteering", _("补上了 %(n)s 班。", n=made))


def shift_of_series(session: Session, actor: Actor, shift_id: UUID) -> tuple[Shift, Series]:
    """Raises NotFound, also for a shift that stands alone."""
    shift = shift_for(session, actor, shift_id)[0]
    if shift.series_id is None:
        raise NotFound
    return shift, series_for(session, actor, shift.series_id)


def series_page(session: Session, actor: Actor, shift_id: UUID, form: Filled[SeriesChange]) -> SeriesPage:
    series = shift_of_series(session, actor, shift_id)[1]
    card = card_of(session, *shift_for(session, actor, shift_id))
    repeats = repeat_choices(str(form.typed.get("rrule") or series.rrule))
    return SeriesPage(actor.frame, card, series, form, [choice for choice in repeats if choice[0]])


def touches_page(
    session: Session,
    actor: Actor,
    shift_id: UUID,
    form: Filled[SeriesChange] | Filled[StopWish],
    touches: list[Touched],
    *,
    changed: bool,
) -> TouchesPage:
    card = card_of(session, *shift_for(session, actor, shift_id))
    ends = not form.typed.get("rrule")
    action = f"{actor.frame.base}/volunteering/shifts/{shift_id}/{'stop' if ends else 'series'}"
    says = {touch.value: _(words) for touch, words in TOUCH_SAYS.items()}
    return TouchesPage(actor.frame, card, form, touches, says, seen_of(touches), action, ends, changed)
