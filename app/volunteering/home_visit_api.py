"""The programs' door to visits at home."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.volunteering import home_visiting
from app.volunteering.home_visit_queries import home_visits
from app.volunteering.home_visit_schemas import HomeVisitRead, HomeVisitWish, KeptRead

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get("/home-visits", operation_id="list_home_visits", summary="Visits that concern me, the latest first")
def get_visits(
    session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response
) -> Page[HomeVisitRead]:
    """Of the homes that I look after, and of my own; for coordinators all."""
    page = home_visits(session, actor, asked)
    link_next(request, response, page)
    return Page[HomeVisitRead].model_validate(page, from_attributes=True)


@router.put("/home-visits/{id}", status_code=201, operation_id="put_home_visit", summary="Write a visit down")
def put_visit(session: DbSession, actor: Resident, response: Response, id: UUID, wish: HomeVisitWish) -> KeptRead:
    visit, made = home_visiting.write_visit(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return KeptRead(id=visit.id)


@router.put(
    "/home-visits/{visit_id}/requests/{id}",
    status_code=201,
    operation_id="put_home_visit_request",
    summary="Let what was needed become a request for help",
)
def put_request(session: DbSession, actor: Resident, response: Response, visit_id: UUID, id: UUID) -> KeptRead:
    """201 the first time, 200 for the same request again, 409 for another one about the same visit."""
    request, made = home_visiting.ask_for_what_was_needed(session, actor, visit_id, id)
    response.status_code = 201 if made else 200
    return KeptRead(id=request.id)
