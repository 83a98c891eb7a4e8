"""The programs' door to mediation."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.renovation import mediating
from app.renovation.dispute_queries import dispute_view, disputes_of, outcomes_of
from app.renovation.dispute_schemas import (
    DisputeActRead,
    DisputeActWish,
    DisputeLine,
    DisputeRead,
    DisputeWish,
    OutcomeRead,
    PartyRead,
)

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.get(
    "/dispute-outcomes", operation_id="list_dispute_outcomes", summary="How disputes ended, where all parties let it be told"
)
def get_outcomes(
    session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response
) -> Page[OutcomeRead]:
    page = outcomes_of(session, visitor, asked)
    link_next(request, response, page)
    return Page[OutcomeRead].model_validate(page, from_attributes=True)


@router.get("/disputes", operation_id="list_disputes", summary="Disputes: those one is a party to; all for who may mediate")
def get_disputes(
    session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response
) -> Page[DisputeLine]:
    page = disputes_of(session, actor, asked)
    link_next(request, response, page)
    return Page[DisputeLine].model_validate(page, from_attributes=True)


@router.put("/disputes/{id}", status_code=201, operation_id="put_dispute", summary="Open a dispute between its parties")
def put_dispute(session: DbSession, actor: Resident, response: Response, id: UUID, wish: DisputeWish) -> DisputeRead:
    """By who may mediate and is no party, nor of a party's home. 201 the first time, 200 for the same request again."""
    _opened, made = mediating.open_dispute(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, actor, id)


@router.get("/disputes/{id}", operation_id="get_dispute", summary="A dispute, its parties and what was said")
def get_dispute(session: DbSession, actor: Resident, id: UUID) -> DisputeRead:
    """404 for everybody but its parties and who may mediate."""
    return _read(session, actor, id)


@router.put(
    "/disputes/{dispute_id}/acts/{id}", status_code=201, operation_id="put_dispute_act", summary="The next step of a mediation"
)
def put_act(
    session: DbSession, actor: Resident, response: Response, dispute_id: UUID, id: UUID, wish: DisputeActWish
) -> DisputeRead:
    """A party: states the facts, agrees or declines, leaves, consents that the outcome is told or takes that back. The mediator:
    proposes, ends it, looks again, words what would be told, publishes it, and writes down what a party said or signed on paper.
    201 the first time, 200 for the same again.
    """
    _done, made = mediating.act(session, actor, dispute_id, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, actor, dispute_id)


def _read(session: Session, actor: Actor, id: UUID) -> DisputeRead:
    view = dispute_view(session, actor, id)
    line = DisputeLine.model_validate(view.card, from_attributes=True)
    return DisputeRead(
        **line.model_dump(),
        parties=[PartyRead.model_validate(party, from_attributes=True) for party in view.parties],
        acts=[DisputeActRead.model_validate(step, from_attributes=True) for step in view.acts],
    )
