"""The programs' door to the table without signal; the desks' outbox comes through it too."""

from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel import Session

from app.access.actors import Resident
from app.access.permissions import Permission
from app.benefits import handing, policy
from app.benefits.distribution_queries import distribution_for
from app.benefits.handover_models import Handover
from app.benefits.handover_queries import conflicts_of, handover_card, handover_for, roll_to_take, said_gone, said_in_conflict
from app.benefits.models import DistributionClosed, NotEffective
from app.benefits.schemas import HandoverList, HandoverRead, HandoverWish, OfflineRollRead, SettleWish
from app.kit.i18n import _
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction

router = APIRouter(route_class=OneTransaction, tags=["benefits"])


@router.get(
    "/distributions/{id}/roll-offline",
    operation_id="get_roll_offline",
    summary="The roll, to take along where there is no signal",
)
def get_roll(session: DbSession, actor: Resident, id: UUID) -> OfflineRollRead:
    """For who hands out. 409 DistributionClosed once it is closed: then a device forgets the roll that it holds."""
    actor.need(Permission.HAND_OUT)
    distribution = distribution_for(session, actor, id)
    if distribution.frozen_at is None:
        raise NotEffective
    if distribution.closed_at:
        raise DistributionClosed
    return OfflineRollRead.model_validate(roll_to_take(session, distribution), from_attributes=True)


@router.put("/handovers/{id}", status_code=201, operation_id="put_handover", summary="Report what was handed out without signal")
def put_handover(session: DbSession, actor: Resident, response: Response, id: UUID, wish: HandoverWish) -> HandoverRead:
    """201 the first time, 200 for the same report again. `conflict` says whether it became the claim: a report is taken in
    even where a claim would be refused, because the goods are gone.
    """
    handover, made = handing.report(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, handover)


@router.get("/handovers/{id}", operation_id="get_handover", summary="One report of a desk without signal")
def get_handover(session: DbSession, actor: Resident, id: UUID) -> HandoverRead:
    return _read(session, handover_for(session, actor, id))


@router.get("/distributions/{id}/conflicts", operation_id="list_conflicts", summary="Reports in conflict, the open ones first")
def get_conflicts(session: DbSession, actor: Resident, id: UUID) -> HandoverList:
    if not policy.can_see_roll(actor):
        raise NotAllowed
    cards = conflicts_of(session, distribution_for(session, actor, id))
    return HandoverList(items=[_read(session, handover_for(session, actor, card.id)) for card in cards])


@router.post("/handovers/{id}/settle", operation_id="settle_handover", summary="Settle a conflict, by another officer, once")
def post_settle(session: DbSession, actor: Resident, id: UUID, wish: SettleWish) -> HandoverRead:
    handing.settle(session, actor, id, wish)
    return _read(session, handover_for(session, actor, id))


def _read(session: Session, handover: Handover) -> HandoverRead:
    card = handover_card(session, handover)
    why = _(handing.CONFLICT_SAYS[card.conflict]) if card.conflict else ""
    return HandoverRead.model_validate(
        {name: getattr(card, name) for name in HandoverRead.model_fields if hasattr(card, name)}
        | {"items": said_gone(session, handover), "items_in_conflict": said_in_conflict(session, handover)}
        | {"why": why, "words": card.words or ""}
    )
