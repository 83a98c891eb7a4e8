"""The programs' door."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor, resident
from app.access.permissions import Permission
from app.benefits import planning, service
from app.benefits.models import Claim, Distribution
from app.benefits.queries import Gift, card_of, claim_for, distribution_for, distributions, gift_for, my_gifts
from app.benefits.schemas import (
    ClaimRead,
    ClaimWish,
    DeliveryRead,
    DeliveryWish,
    DistributionRead,
    DistributionWish,
    EntitlementList,
    EntitlementRead,
    VoidWish,
)
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.photos.arriving import RAW_IMAGE, raw_photo
from app.photos.intake import TakenIn
from app.photos.service import keep

router = APIRouter(route_class=OneTransaction, tags=["benefits"])


@router.get("/distributions", operation_id="list_distributions", summary="Published plans, newest first")
def get_distributions(
    session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response
) -> Page[DistributionRead]:
    page = distributions(session, visitor, asked)
    link_next(request, response, page)
    return Page[DistributionRead].model_validate(page, from_attributes=True)


@router.get("/distributions/{id}", operation_id="get_distribution", summary="One plan and how far it is handed out")
def get_distribution(session: DbSession, visitor: Anyone, id: UUID) -> DistributionRead:
    return _read(session, distribution_for(session, visitor, id))


@router.put("/distributions/{id}", status_code=201, operation_id="put_distribution", summary="Plan a distribution (a draft)")
def put_distribution(
    session: DbSession, actor: Resident, response: Response, id: UUID, wish: DistributionWish
) -> DistributionRead:
    distribution, made = planning.plan(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, distribution)


@router.post("/distributions/{id}/publish", operation_id="publish_distribution", summary="Freeze the roll and publish the plan")
def post_publish(session: DbSession, actor: Resident, id: UUID) -> DistributionRead:
    return _read(session, planning.freeze_and_publish(session, actor, id))


@router.post("/distributions/{id}/close", operation_id="close_distribution", summary="Close the table; what is left stays owed")
def post_close(session: DbSession, actor: Resident, id: UUID) -> DistributionRead:
    return _read(session, planning.close(session, actor, id))


@router.post("/distributions/{id}/reopen", operation_id="reopen_distribution", summary="Open the table again for late collection")
def post_reopen(session: DbSession, actor: Resident, id: UUID) -> DistributionRead:
    return _read(session, planning.reopen(session, actor, id))


@router.put(
    "/distributions/{distribution_id}/deliveries/{id}",
    status_code=201,
    operation_id="put_delivery",
    summary="Count parcels that arrived",
)
def put_delivery(
    session: DbSession, actor: Resident, response: Response, distribution_id: UUID, id: UUID, wish: DeliveryWish
) -> DeliveryRead:
    delivery, made = planning.receive_stock(session, actor, distribution_id, id, wish)
    response.status_code = 201 if made else 200
    return DeliveryRead.model_validate(delivery, from_attributes=True)


@router.get("/entitlements", operation_id="list_my_entitlements", summary="What my units are due and have had")
def get_entitlements(session: DbSession, actor: Resident) -> EntitlementList:
    return EntitlementList(items=[_entitlement(gift) for gift in my_gifts(session, actor)])


@router.get("/entitlements/{id}", operation_id="get_entitlement", summary="What one unit is due")
def get_entitlement(session: DbSession, actor: Resident, id: UUID) -> EntitlementRead:
    return _entitlement(gift_for(session, actor, id))


@router.put(
    "/entitlements/{entitlement_id}/claims/{id}", status_code=201, operation_id="put_claim", summary="Hand a unit what it is due"
)
def put_claim(
    session: DbSession, actor: Resident, response: Response, entitlement_id: UUID, id: UUID, wish: ClaimWish
) -> ClaimRead:
    """201 the first time, 200 for the same request again, 409 for another request under the same id or a second claim."""
    claim, made = service.claim(session, actor, entitlement_id, id, wish)
    response.status_code = 201 if made else 200
    return _claim(claim)


@router.get("/claims/{id}", operation_id="get_claim", summary="One claim")
def get_claim(session: DbSession, actor: Resident, id: UUID) -> ClaimRead:
    return _claim(claim_for(session, actor, id))


def _giver(session: Session, request: Request) -> Visitor:
    actor = resident(session, request)
    actor.need(Permission.HAND_OUT)
    return actor


@router.put(
    "/claims/{claim_id}/paper/{id}",
    status_code=201,
    operation_id="put_claim_paper",
    summary="Photograph the paper that was signed; the body is the picture",
    openapi_extra=RAW_IMAGE,
)
def put_paper(
    session: DbSession,
    actor: Resident,
    response: Response,
    claim_id: UUID,
    id: UUID,
    taken: Annotated[TakenIn, raw_photo(_giver), TakesFiles()],
) -> ClaimRead:
    """201 the first time, 200 for the same picture again, 409 for another under the same id."""
    claim_for(session, actor, claim_id)
    kept = keep(session, actor.compound.id, id, taken, actor.person_id)
    response.status_code = 201 if kept.outcome == "created" else 200
    return _claim(service.add_paper(session, actor, claim_id, kept.photo))


@router.post("/claims/{id}/void", operation_id="void_claim", summary="Take a wrong claim back, by a second officer")
def post_void(session: DbSession, actor: Resident, id: UUID, wish: VoidWish) -> ClaimRead:
    return _claim(service.void(session, actor, id, wish))


def _read(session: Session, distribution: Distribution) -> DistributionRead:
    return DistributionRead.model_validate(card_of(session, distribution), from_attributes=True)


def _entitlement(gift: Gift) -> EntitlementRead:
    return EntitlementRead.model_validate(gift, from_attributes=True)


def _claim(claim: Claim) -> ClaimRead:
    return ClaimRead.model_validate(claim, from_attributes=True)
