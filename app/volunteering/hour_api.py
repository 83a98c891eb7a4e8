"""Hours for programs."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Resident
from app.access.permissions import Permission
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.kit.spreadsheets import KINDS, Form
from app.volunteering.hour_exports import my_hours_file
from app.volunteering.hour_keeping import add_hours, approve_hours, correct_hours, refuse_hours
from app.volunteering.hour_models import HourProposal
from app.volunteering.hour_queries import hours_of, my_hours, proposal_for, proposals, years_of
from app.volunteering.hour_schemas import (
    HourCorrectionWish,
    HoursWish,
    MyHourRead,
    ProposalRead,
    RefusalWish,
    WaitingList,
    WaitingRead,
    YearList,
    YearRead,
)

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get("/hours", operation_id="list_my_hours", summary="My service record, the latest entry first")
def get_hours(session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response) -> Page[MyHourRead]:
    page = my_hours(session, actor, asked)
    link_next(request, response, page)
    return Page[MyHourRead].model_validate(page, from_attributes=True)


@router.get("/hours/years", operation_id="list_my_years_of_service", summary="My minutes of each year, by where they come from")
def get_years(session: DbSession, actor: Resident) -> YearList:
    years = years_of(hours_of(session, actor.compound.id, actor.person_id))
    return YearList(items=[YearRead(year=one.year, minutes=dict(one.minutes), total=one.total) for one in years])


@router.get(
    "/hours/file/{form}",
    operation_id="get_my_hours_file",
    summary="My service record for a spreadsheet",
    response_class=Response,
    responses={200: {"content": {kind.partition(";")[0]: {} for kind in KINDS.values()}, "description": "The file."}},
)
def get_hours_file(session: DbSession, actor: Resident, form: Form) -> Response:
    return my_hours_file(session, actor, form)


@router.put(
    "/signups/{signup_id}/hours/{id}", status_code=201, operation_id="put_hours", summary="Propose hours written afterwards"
)
def put_hours(
    session: DbSession, actor: Resident, response: Response, signup_id: UUID, id: UUID, wish: HoursWish
) -> ProposalRead:
    """They count once a second officer, of another home than the first and the volunteer, has approved them."""
    proposal, made = add_hours(session, actor, signup_id, id, wish)
    response.status_code = 201 if made else 200
    return _read(proposal)


@router.put("/hours/{entry_id}/corrections/{id}", status_code=201, operation_id="put_correction", summary="Propose a correction")
def put_correction(
    session: DbSession, actor: Resident, response: Response, entry_id: UUID, id: UUID, wish: HourCorrectionWish
) -> ProposalRead:
    """The line stays; once approved, another one that names it makes up the difference."""
    proposal, made = correct_hours(session, actor, entry_id, id, wish)
    response.status_code = 201 if made else 200
    return _read(proposal)


@router.get("/hour-proposals", operation_id="list_hour_proposals", summary="What waits for a second officer")
def get_proposals(session: DbSession, actor: Resident) -> WaitingList:
    actor.need(Permission.CHECK_IN)
    return WaitingList(items=[WaitingRead.model_validate(one, from_attributes=True) for one in proposals(session, actor)])


@router.get("/hour-proposals/{id}", operation_id="get_hour_proposal", summary="One proposal")
def get_proposal(session: DbSession, actor: Resident, id: UUID) -> ProposalRead:
    return _read(proposal_for(session, actor, id))


@router.post("/hour-proposals/{id}/approve", operation_id="approve_hour_proposal", summary="Approve hours as the second officer")
def post_approve(session: DbSession, actor: Resident, id: UUID) -> ProposalRead:
    return _read(approve_hours(session, actor, id))


@router.post("/hour-proposals/{id}/refuse", operation_id="refuse_hour_proposal", summary="Do not approve hours, with the reason")
def post_refuse(session: DbSession, actor: Resident, id: UUID, wish: RefusalWish) -> ProposalRead:
    return _read(refuse_hours(session, actor, id, wish))


def _read(proposal: HourProposal) -> ProposalRead:
    return ProposalRead.model_validate(proposal, from_attributes=True)
