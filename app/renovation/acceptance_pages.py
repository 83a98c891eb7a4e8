"""A project's acceptance by its residents: everybody reads it; supervisors open it, check parts, make reservations, propose how
it ends, sign and conclude.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from app.access.actors import Actor, Anyone, Officer
from app.access.permissions import Permission
from app.compounds.rules import rule
from app.kit.clock import today
from app.kit.forms import Filled, empty, fill, filled
from app.kit.i18n import _
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.sent import read_form
from app.kit.views import View, see_other
from app.publiclog.queries import first_index_of
from app.renovation import accepting, policy
from app.renovation.acceptance_queries import (
    acceptance_for,
    acceptances_of,
    outcome_names,
    part_names,
    photos_of_items,
)
from app.renovation.acceptance_schemas import AcceptanceWish, PartWish, ProposalWish, ReservationWish, SignWish
from app.renovation.acceptance_view import AcceptanceView, acceptance_view
from app.renovation.check_queries import ListCard, list_for, lists_in_use
from app.renovation.finding_queries import severity_names
from app.renovation.models import Project
from app.renovation.opinion_queries import opinions_for, units_of, words_told
from app.renovation.queries import places_of, project_for

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

ITEMS = ("found", "photo", "words")
"""How the fields of an item begin; which one follows."""


async def filled_part(request: Request) -> Filled[PartWish]:
    """With the answers to its items, which have fields of their own."""
    form = await read_form(request)
    asked = {name: value for name, value in form.multi_items() if isinstance(value, str) and name.partition(":")[0] in ITEMS}

    def line(item: str) -> str:
        return " ".join(asked.get(f"{name}:{item}", "").strip() or ("-" if name == "photo" else "") for name in ITEMS)

    answered = [name.removeprefix("found:") for name in asked if name.startswith("found:")]
    wish = fill(PartWish, FormData([*form.multi_items(), *(("checks", f"{item} {line(item)}") for item in answered)]))
    return replace(wish, typed={**wish.typed, **asked})


FilledRound = Annotated[Filled[AcceptanceWish], filled(AcceptanceWish)]
FilledPart = Annotated[Filled[PartWish], Depends(filled_part)]
FilledReservation = Annotated[Filled[ReservationWish], filled(ReservationWish)]
FilledProposal = Annotated[Filled[ProposalWish], filled(ProposalWish)]
FilledSignature = Annotated[Filled[SignWish], filled(SignWish)]


@dataclass(frozen=True)
class AcceptancePage(View):
    template = "renovation/acceptance.html"
    tab = "works"

    project: Project
    a: AcceptanceView
    others: list[tuple[UUID, int]]
    """The other rounds: (id, which), the latest first."""
    outcomes: dict[str, str]
    found: dict[str, str]
    words: list[str]
    given: bool
    """One's own unit has an opinion that one may read."""
    can_give: bool
    can_type: bool
    can_supervise: bool
    log_index: int


@dataclass(frozen=True)
class RoundFormPage(View):
    template = "renovation/acceptance_form.html"

    project: Project
    form: Filled[AcceptanceWish]
    days: int
    earliest: date


@dataclass(frozen=True)
class PartFormPage(View):
    template = "renovation/acceptance_part.html"

    a: AcceptanceView
    form: Filled[PartWish]
    lists: list[ListCard]
    chosen: ListCard | None
    """None while one is to be chosen."""
    found: dict[str, str]
    photos: Mapping[UUID, list[tuple[UUID, str]]]
    """By item: (id, what it shows)."""
    places: list[str]


@dataclass(frozen=True)
class ReservationPage(View):
    template = "renovation/acceptance_reservation.html"

    a: AcceptanceView
    form: Filled[ReservationWish]
    severities: dict[str, str]
    places: list[str]
    today: date


@dataclass(frozen=True)
class ConclusionPage(View):
    template = "renovation/acceptance_conclusion.html"

    project: Project
    a: AcceptanceView
    form: Filled[ProposalWish]
    signature: Filled[SignWish]
    outcomes: dict[str, str]
    found: dict[str, str]
    signed: bool
    """By who looks."""


@router.get("/projects/{project_id}/acceptances/new")
def show_round_form(session: DbSession, actor: Officer, project_id: UUID) -> RoundFormPage:
    actor.need(Permission.SUPERVISE)
    return round_form_page(session, actor, project_for(session, actor, project_id), empty())


@router.post("/projects/{project_id}/acceptances")
def post_round(session: DbSession, actor: Officer, request: Request, project_id: UUID, form: FilledRound) -> Response:
    actor.need(Permission.SUPERVISE)
    project = project_for(session, actor, project_id)
    if form.wish is None:
        return round_form_page(session, actor, project, form).reply(request, 422)
    try:
        acceptance, _made = accepting.open_round(session, actor, project_id, form.id, form.wish)
    except Malformed as no:
        return round_form_page(session, actor, project, form.with_refusal(no)).reply(request, 422)
    return see_other(f"{actor.frame.base}/works/acceptances/{acceptance.id}", _("开始收意见了，大家看得到。"))


@router.get("/acceptances/{acceptance_id}")
def show_acceptance(session: DbSession, visitor: Anyone, acceptance_id: UUID) -> AcceptancePage:
    acceptance = acceptance_for(session, visitor, acceptance_id)
    project = project_for(session, visitor, acceptance.project_id)
    mine = opinions_for(session, visitor, acceptance) if isinstance(visitor, Actor) else []
    units = dict(units_of(session, visitor.compound.id, visitor.person_id)) if isinstance(visitor, Actor) else {}
    return AcceptancePage(
        visitor.frame,
        project,
        acceptance_view(session, visitor, acceptance),
        [(one.id, one.position) for one in acceptances_of(session, project) if one.id != acceptance.id],
        outcome_names(),
        part_names(),
        words_told(session, visitor, acceptance),
        any(card.unit_id in units for card in mine),
        bool(units) and acceptance.asks,
        policy.can_type_opinions(visitor) and acceptance.concluded_at is None,
        policy.can_supervise(visitor) and acceptance.concluded_at is None,
        first_index_of(session, acceptance),
    )


@router.get("/acceptances/{acceptance_id}/parts/new")
def show_part_form(session: DbSession, actor: Officer, acceptance_id: UUID, list: UUID | None = None) -> PartFormPage:
    actor.need(Permission.SUPERVISE)
    return part_form_page(session, actor, acceptance_id, list, empty())


@router.post("/acceptances/{acceptance_id}/parts")
def post_part(
    session: DbSession, actor: Officer, request: Request, acceptance_id: UUID, list: UUID, form: FilledPart
) -> Response:
    actor.need(Permission.SUPERVISE)
    try:
        if form.wish is None:
            return part_form_page(session, actor, acceptance_id, list, form).reply(request, 422)
        accepting.check_part(session, actor, acceptance_id, form.id, form.wish)
    except Malformed as no:
        return part_form_page(session, actor, acceptance_id, list, form.with_refusal(no)).reply(request, 422)
    return see_other(f"{actor.frame.base}/works/acceptances/{acceptance_id}", _("记下了，大家看得到。"))


@router.get("/acceptances/{acceptance_id}/reservations/new")
def show_reservation_form(session: DbSession, actor: Officer, acceptance_id: UUID) -> ReservationPage:
    actor.need(Permission.SUPERVISE)
    return reservation_page(session, actor, acceptance_id, empty())


@router.post("/acceptances/{acceptance_id}/reservations")
def post_reservation(
    session: DbSession, actor: Officer, request: Request, acceptance_id: UUID, form: FilledReservation
) -> Response:
    actor.need(Permission.SUPERVISE)
    if form.wish is None:
        return reservation_page(session, actor, acceptance_id, form).reply(request, 422)
    finding, _made = accepting.reserve(session, actor, acceptance_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/findings/{finding.id}", _("签发了，可以把链接发给施工方。"))


@router.get("/acceptances/{acceptance_id}/conclusion")
def show_conclusion(session: DbSession, actor: Officer, acceptance_id: UUID) -> ConclusionPage:
    return conclusion_page(session, actor, acceptance_id, empty())


@router.post("/acceptances/{acceptance_id}/proposals")
def post_proposal(session: DbSession, actor: Officer, request: Request, acceptance_id: UUID, form: FilledProposal) -> Response:
    actor.need(Permission.SUPERVISE)
    if form.wish is None:
        return conclusion_page(session, actor, acceptance_id, form).reply(request, 422)
    accepting.propose(session, actor, acceptance_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/acceptances/{acceptance_id}/conclusion", _("拟好了，请监督委员来签。"))


@router.post("/acceptances/{acceptance_id}/signatures")
def post_signature(session: DbSession, actor: Officer, acceptance_id: UUID, form: FilledSignature) -> Response:
    actor.need(Permission.SUPERVISE)
    if form.wish is None:  # the form holds no field that a person fills
        raise Malformed
    accepting.sign(session, actor, acceptance_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/acceptances/{acceptance_id}/conclusion", _("签好了。"))


@router.post("/acceptances/{acceptance_id}/conclude")
def post_conclude(session: DbSession, actor: Officer, acceptance_id: UUID, form: FilledSignature) -> Response:
    actor.need(Permission.SUPERVISE)
    if form.wish is None:  # the form holds no field that a person fills
        raise Malformed
    accepting.conclude(session, actor, acceptance_id, form.wish)
    return see_other(f"{actor.frame.base}/works/acceptances/{acceptance_id}", _("公示了，大家可以提异议。"))


def round_form_page(session: Session, actor: Actor, project: Project, form: Filled[AcceptanceWish]) -> RoundFormPage:
    days = rule(session, project.compound_id, "acceptance_days")
    return RoundFormPage(actor.frame, project, form, days, today() + timedelta(days=days))


def part_form_page(
    session: Session, actor: Actor, acceptance_id: UUID, list_id: UUID | None, form: Filled[PartWish]
) -> PartFormPage:
    acceptance = acceptance_for(session, actor, acceptance_id)
    project = project_for(session, actor, acceptance.project_id)
    chosen = list_for(session, actor, list_id) if list_id else None
    photos = photos_of_items(session, project, [item.id for item in chosen.items if item.photo_required] if chosen else [])
    return PartFormPage(
        actor.frame,
        acceptance_view(session, actor, acceptance),
        form,
        [] if chosen else lists_in_use(session, actor),
        chosen,
        part_names(),
        photos,
        places_of(session, project),
    )


def reservation_page(session: Session, actor: Actor, acceptance_id: UUID, form: Filled[ReservationWish]) -> ReservationPage:
    acceptance = acceptance_for(session, actor, acceptance_id)
    places = places_of(session, project_for(session, actor, acceptance.project_id))
    return ReservationPage(actor.frame, acceptance_view(session, actor, acceptance), form, severity_names(), places, today())


def conclusion_page(session: Session, actor: Actor, acceptance_id: UUID, form: Filled[Any]) -> ConclusionPage:
    """It leads to a signature, so that the second factor is asked for before it is read."""
    actor.need(Permission.SUPERVISE)
    actor.need_second_factor()
    acceptance = acceptance_for(session, actor, acceptance_id)
    acceptance.check_all_in()
    view = acceptance_view(session, actor, acceptance)
    return ConclusionPage(
        actor.frame,
        project_for(session, actor, acceptance.project_id),
        view,
        form,
        empty(),
        outcome_names(),
        part_names(),
        any(one.by_id == actor.person_id for one in view.quorum.signed),
    )
