"""The programs' door to 点单, and to the words that a compound offers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.volunteering import requesting, terming
from app.volunteering.request_models import ServiceRequest
from app.volunteering.request_queries import Whose, request_for, requests_of, view_of
from app.volunteering.request_schemas import RequestActWish, RequestCardRead, RequestRead, RequestWish
from app.volunteering.term_models import TermOf
from app.volunteering.term_queries import terms_of
from app.volunteering.term_schemas import TermRead, TermsRead, TermWish

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get("/service-requests", operation_id="list_service_requests", summary="Requests for help, the urgent first")
def get_requests(
    session: DbSession,
    actor: Resident,
    asked: AskedPage,
    request: Request,
    response: Response,
    whose: Annotated[Whose, Query(description="Which; the last three are for coordinators.")] = Whose.OPEN,
) -> Page[RequestCardRead]:
    page = requests_of(session, actor, asked, whose)
    link_next(request, response, page)
    return Page[RequestCardRead].model_validate(page, from_attributes=True)


@router.put("/service-requests/{id}", status_code=201, operation_id="put_service_request", summary="Ask for help")
def put_request(session: DbSession, actor: Resident, response: Response, id: UUID, wish: RequestWish) -> RequestRead:
    """201 the first time, 200 for the same request again, 409 for another request under the same id."""
    request, made = requesting.ask(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, actor, request)


@router.get("/service-requests/{id}", operation_id="get_service_request", summary="One request for help")
def get_request(session: DbSession, actor: Resident, id: UUID) -> RequestRead:
    """The room and the names are told only to those whom the request concerns."""
    return _read(session, actor, request_for(session, actor, id))


@router.put(
    "/service-requests/{request_id}/acts/{id}",
    status_code=201,
    operation_id="put_service_request_act",
    summary="Confirm, claim, release, say done, rate, cancel",
)
def put_act(
    session: DbSession, actor: Resident, response: Response, request_id: UUID, id: UUID, wish: RequestActWish
) -> RequestRead:
    """Of two who claim at once one is told AlreadyClaimed."""
    request, made = requesting.act(session, actor, request_id, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, actor, request)


@router.get("/volunteering-terms", operation_id="list_volunteering_terms", summary="Kinds of skills, or of help")
def get_terms(session: DbSession, actor: Resident, of: TermOf) -> TermsRead:
    lines = terms_of(session, actor.compound.id, of)
    return TermsRead(items=[TermRead(of=of, name=line.name, offered=line.offered) for line in lines])


@router.post("/volunteering-terms", operation_id="set_volunteering_term", summary="Offer a kind, or no longer")
def post_term(session: DbSession, actor: Resident, wish: TermWish) -> TermRead:
    terming.set_term(session, actor, wish)
    return TermRead(**wish.model_dump())


def _read(session: Session, actor: Actor, request: ServiceRequest) -> RequestRead:
    view = view_of(session, actor, request)
    facts = RequestCardRead.model_validate(view.card, from_attributes=True).model_dump()
    told = {name: getattr(view, name) for name in RequestRead.model_fields if name not in facts}
    return RequestRead.model_validate(facts | told, from_attributes=True)
