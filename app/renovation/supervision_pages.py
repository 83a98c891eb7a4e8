"""The calendar of a project's supervision: fixed days, kept or missed, the next one; and where the site is."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Officer, Visitor
from app.kit.clock import weekday
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.renovation import policy, supervising
from app.renovation.models import Project
from app.renovation.queries import project_for
from app.renovation.supervision_models import SiteSpot
from app.renovation.supervision_queries import Supervision, month_of, site_of, supervision_of
from app.renovation.supervision_schemas import AskedMonth, DaysWish, SiteWish

router = APIRouter(route_class=OneTransaction, prefix="/works/projects/{project_id}/supervision", include_in_schema=False)

FilledDays = Annotated[Filled[DaysWish], filled(DaysWish)]
FilledSite = Annotated[Filled[SiteWish], filled(SiteWish)]

A_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True)
class SupervisionPage(View):
    """`days`, `place`: the two forms, for who may set them."""

    template = "renovation/supervision.html"
    tab = "works"

    project: Project
    month: date
    before: date
    after: date
    known: Supervision
    site: SiteSpot | None
    weekdays: list[tuple[int, str]]
    days: Filled[Any]
    place: Filled[Any]
    can_set: bool


@router.get("")
def show_supervision(session: DbSession, visitor: Anyone, project_id: UUID, month: AskedMonth = None) -> SupervisionPage:
    return supervision_page(session, visitor, project_id, month)


@router.post("/days")
def post_days(session: DbSession, actor: Officer, request: Request, project_id: UUID, form: FilledDays) -> Response:
    if not policy.can_prepare(actor):
        raise NotAllowed
    if form.wish is None:
        return supervision_page(session, actor, project_id, None, days=form).reply(request, 422)
    supervising.set_days(session, actor, project_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/projects/{project_id}/supervision", _("监督日定好了，从今天算起。"))


@router.post("/site")
def post_site(session: DbSession, actor: Officer, request: Request, project_id: UUID, form: FilledSite) -> Response:
    if not policy.can_prepare(actor):
        raise NotAllowed
    if form.wish is None:
        return supervision_page(session, actor, project_id, None, place=form).reply(request, 422)
    supervising.set_site(session, actor, project_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/projects/{project_id}/supervision", _("工地位置记下了。"))


def supervision_page(
    session: Session,
    visitor: Visitor,
    project_id: UUID,
    month: str | None,
    *,
    days: Filled[Any] | None = None,
    place: Filled[Any] | None = None,
) -> SupervisionPage:
    project = project_for(session, visitor, project_id)
    first = month_of(month)
    known, site = supervision_of(session, project, first), site_of(session, project)
    typed = {"weekdays": known.weekdays, "month_days": _("、").join(map(str, known.month_days))}
    return SupervisionPage(
        visitor.frame,
        project,
        first,
        (first - timedelta(days=1)).replace(day=1),
        (first + timedelta(days=31)).replace(day=1),
        known,
        site,
        [(n, weekday(A_MONDAY + timedelta(days=n))) for n in range(7)],
        days or empty(typed),
        place or empty({"lat": site.lat, "lon": site.lon} if site else {}),
        policy.can_prepare(visitor),
    )
