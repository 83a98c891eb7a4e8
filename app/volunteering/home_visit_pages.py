"""Visits at home for people: those that concern the reader, and the form for a member household."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Resident
from app.kit.clock import today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.pager import AskedPage, Page
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import home_visiting, policy
from app.volunteering.home_visit_models import NotInYourCare
from app.volunteering.home_visit_queries import VisitLine, home_visits, homes_in_care
from app.volunteering.home_visit_schemas import HomeVisitWish

router = APIRouter(route_class=OneTransaction, prefix="/volunteering/home-visits", include_in_schema=False)

FilledVisit = Annotated[Filled[HomeVisitWish], filled(HomeVisitWish)]


@dataclass(frozen=True)
class HomeVisitsPage(View):
    template = "volunteering/home_visits.html"
    tab = "volunteering"

    visits: Page[VisitLine]
    cares: bool
    asks: bool
    """May let a need become a request."""
    fresh: UUID
    """The id of that request, made at render."""


@dataclass(frozen=True)
class HomeVisitFormPage(View):
    template = "volunteering/home_visit_form.html"

    form: Filled[HomeVisitWish]
    homes: list[tuple[UUID, str]]


@router.get("")
def show_visits(session: DbSession, actor: Resident, asked: AskedPage) -> HomeVisitsPage:
    cares = bool(homes_in_care(session, actor.compound.id, actor.person_id))
    return HomeVisitsPage(actor.frame, home_visits(session, actor, asked), cares, cares or policy.can_plan(actor), new_id())


@router.get("/new")
def show_form(session: DbSession, actor: Resident) -> HomeVisitFormPage:
    return form_page(session, actor, empty({"visited_on": today()}))


@router.post("/new")
def post_visit(session: DbSession, actor: Resident, request: Request, form: FilledVisit) -> Response:
    page = form_page(session, actor, form)
    if form.wish is None:
        return page.reply(request, 422)
    home_visiting.write_visit(session, actor, form.id, form.wish)
    return see_other(f"{actor.frame.base}/volunteering/home-visits", _("记下了。"))


@router.post("/{visit_id}/requests/{id}")
def post_request(session: DbSession, actor: Resident, visit_id: UUID, id: UUID) -> Response:
    request, _made = home_visiting.ask_for_what_was_needed(session, actor, visit_id, id)
    return see_other(f"{actor.frame.base}/volunteering/requests/{request.id}", _("替这一户请人帮忙了，队长会尽快看。"))


def form_page(session: Session, actor: Actor, form: Filled[HomeVisitWish]) -> HomeVisitFormPage:
    """Raises NotInYourCare for who looks after nobody."""
    homes = homes_in_care(session, actor.compound.id, actor.person_id)
    if not homes:
        raise NotInYourCare
    return HomeVisitFormPage(actor.frame, form, homes)
