"""The programs' door."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Anyone, Resident
from app.council import service
from app.council.queries import decision_for, decisions
from app.council.schemas import DecisionRead, DecisionWish
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction

router = APIRouter(route_class=OneTransaction, tags=["council"])


@router.get("/decisions", operation_id="list_decisions", summary="Decisions, newest first")
def get_decisions(
    session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response
) -> Page[DecisionRead]:
    page = decisions(session, visitor, asked)
    link_next(request, response, page)
    return Page[DecisionRead].model_validate(page, from_attributes=True)


@router.get("/decisions/{id}", operation_id="get_decision", summary="One decision")
def get_decision(session: DbSession, visitor: Anyone, id: UUID) -> DecisionRead:
    return DecisionRead.model_validate(decision_for(session, visitor, id), from_attributes=True)


@router.put("/decisions/{id}", status_code=201, operation_id="put_decision", summary="Put a decision on record")
def put_decision(session: DbSession, actor: Resident, response: Response, id: UUID, wish: DecisionWish) -> DecisionRead:
    decision, made = service.record_decision(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return DecisionRead.model_validate(decision, from_attributes=True)
