"""Hours: my own record and its file; what waits for a second officer; a correction."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, Resident
from app.access.permissions import Permission
from app.compounds.models import Person
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.requests import DbSession, OneTransaction
from app.kit.spreadsheets import Form
from app.kit.views import View, see_other
from app.volunteering import policy
from app.volunteering.certificate_queries import CertificateCard, my_certificates
from app.volunteering.hour_exports import my_hours_file
from app.volunteering.hour_keeping import approve_hours, correct_hours, refuse_hours
from app.volunteering.hour_models import AlreadyProposed, MoreThanPlanned, NothingToCorrect, source_names
from app.volunteering.hour_queries import (
    MyHour,
    Proposed,
    YearOfHours,
    entry_for,
    hours_of,
    lines_of,
    my_hours,
    proposals,
    years_of,
)
from app.volunteering.hour_schemas import HourCorrectionWish, RefusalWish
from app.volunteering.queries import ShiftCard, card_of, shift_for, signup_for

router = APIRouter(route_class=OneTransaction, prefix="/volunteering/hours", include_in_schema=False)

FilledCorrection = Annotated[Filled[HourCorrectionWish], filled(HourCorrectionWish)]
FilledRefusal = Annotated[Filled[RefusalWish], filled(RefusalWish)]


@dataclass(frozen=True)
class HoursPage(View):
    template = "volunteering/hours.html"
    tab = "volunteering"

    years: list[YearOfHours]
    hours: Page[MyHour]
    sources: dict[str, str]
    certificates: list[CertificateCard]
    leads: bool
    """They certify and approve the hours of others."""


@dataclass(frozen=True)
class ProposalsPage(View):
    template = "volunteering/hour_proposals.html"

    waiting: list[Proposed]
    refusing: UUID | None
    """The one whose form for the reason stands open."""
    form: Filled[RefusalWish]


@dataclass(frozen=True)
class CorrectPage(View):
    template = "volunteering/hour_correct.html"

    shift: ShiftCard
    name: str
    entry_id: UUID
    minutes: int
    """What stands now."""
    form: Filled[HourCorrectionWish]


@router.get("")
def show_hours(session: DbSession, actor: Resident, asked: AskedPage) -> HoursPage:
    years = years_of(hours_of(session, actor.compound.id, actor.person_id))
    return HoursPage(
        actor.frame,
        years,
        my_hours(session, actor, asked),
        source_names(),
        my_certificates(session, actor),
        policy.can_check_in(actor),
    )


@router.get("/proposals")
def show_proposals(session: DbSession, actor: Officer, refusing: UUID | None = None) -> ProposalsPage:
    actor.need(Permission.CHECK_IN)
    return ProposalsPage(actor.frame, proposals(session, actor), refusing, empty())


@router.post("/proposals/{id}/approve")
def post_approve(session: DbSession, actor: Officer, id: UUID) -> Response:
    approve_hours(session, actor, id)
    return see_other(f"{actor.frame.base}/volunteering/hours/proposals", _("已核准，记上了。"))


@router.post("/proposals/{id}/refuse")
def post_refuse(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledRefusal) -> Response:
    actor.need(Permission.CHECK_IN)
    if form.wish is None:
        return ProposalsPage(actor.frame, proposals(session, actor), id, form).reply(request, 422)
    refuse_hours(session, actor, id, form.wish)
    return see_other(f"{actor.frame.base}/volunteering/hours/proposals", _("没有核准，已告诉提出的人。"))


@router.get("/file/{form}")
def show_file(session: DbSession, actor: Resident, form: Form) -> Response:
    return my_hours_file(session, actor, form)


@router.get("/{entry_id}/correct")
def show_correct(session: DbSession, actor: Officer, entry_id: UUID) -> CorrectPage:
    actor.need(Permission.CHECK_IN)
    return correct_page(session, actor, entry_id, empty())


@router.post("/{entry_id}/correct")
def post_correct(session: DbSession, actor: Officer, request: Request, entry_id: UUID, form: FilledCorrection) -> Response:
    actor.need(Permission.CHECK_IN)
    page = correct_page(session, actor, entry_id, form)
    if form.wish is None:
        return page.reply(request, 422)
    try:
        correct_hours(session, actor, entry_id, form.id, form.wish)
    except (MoreThanPlanned, NothingToCorrect, AlreadyProposed) as no:
        return correct_page(session, actor, entry_id, form.with_problem("minutes", no.message)).reply(request, 422)
    words = _("交上去了，等另一位负责人核准。")
    return see_other(f"{actor.frame.base}/volunteering/shifts/{page.shift.id}/attendance", words)


def correct_page(session: Session, actor: Actor, entry_id: UUID, form: Filled[HourCorrectionWish]) -> CorrectPage:
    entry = entry_for(session, actor, entry_id)
    signup = signup_for(session, actor, entry.signup_id)
    return CorrectPage(
        actor.frame,
        card_of(session, *shift_for(session, actor, signup.shift_id)),
        session.get_one(Person, (signup.compound_id, signup.person_id)).name,
        entry_id,
        sum(line.minutes for line in lines_of(session, signup)),
        form,
    )
