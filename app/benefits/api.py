"""The programs' door to the table: what units are due, what they sign for, and the goods."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Resident
from app.benefits import policy, service, stocking
from app.benefits.claim_models import Claim, ClaimPhoto
from app.benefits.delivery_queries import giver
from app.benefits.distribution_queries import distribution_for, stocks_of
from app.benefits.gift_queries import Gift, gift_for, my_gifts
from app.benefits.schemas import (
    ClaimRead,
    ClaimWish,
    CommitmentRead,
    DeskRead,
    DeskWish,
    EntitlementList,
    EntitlementRead,
    StockCorrectionWish,
    StockList,
    StockMoveRead,
    StockMoveWish,
    StockRead,
    TurnRead,
    VoidWish,
)
from app.benefits.stock_models import Desk
from app.benefits.stock_queries import all_moves, desk_for
from app.benefits.table_queries import claim_for, handed_in
from app.benefits.version_queries import turns, versions_for
from app.kit.pager import AskedPage, Page, link_next
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.versions import VERSIONS, IfMatch, known_version
from app.photos.arriving import RAW_IMAGE, raw_photo
from app.photos.intake import TakenIn
from app.photos.service import keep
from app.publiclog.queries import opened

router = APIRouter(route_class=OneTransaction, tags=["benefits"])


@router.post(
    "/distributions/{distribution_id}/desks",
    status_code=201,
    operation_id="add_desk",
    summary="Set up one more desk",
    responses={200: {"model": DeskRead, "description": "It was there before."}},
)
def post_desk(session: DbSession, actor: Resident, response: Response, distribution_id: UUID, wish: DeskWish) -> DeskRead:
    desk, made = stocking.add_desk(session, actor, distribution_id, wish)
    response.status_code = 201 if made else 200
    return _desk(desk, response)


@router.get("/distributions/{distribution_id}/desks/{id}", operation_id="get_desk", summary="One desk")
def get_desk(session: DbSession, actor: Resident, response: Response, distribution_id: UUID, id: UUID) -> DeskRead:
    """For who stands at the table and who checks them."""
    if not policy.can_see_roll(actor):
        raise NotAllowed
    return _desk(desk_for(session, distribution_for(session, actor, distribution_id), id), response)


@router.patch(
    "/distributions/{distribution_id}/desks/{id}", operation_id="rename_desk", summary="Rename a desk", responses=VERSIONS
)
def patch_desk(
    session: DbSession,
    actor: Resident,
    response: Response,
    distribution_id: UUID,
    id: UUID,
    wish: DeskWish,
    if_match: IfMatch = None,
) -> DeskRead:
    """What was done at it is shown under its new name."""
    return _desk(stocking.rename_desk(session, actor, distribution_id, id, known_version(if_match), wish), response)


@router.get("/distributions/{id}/stock", operation_id="get_stock", summary="Goods on the desks")
def get_stock(session: DbSession, actor: Resident, id: UUID) -> StockList:
    """For who stands at the table and who checks them."""
    if not policy.can_see_roll(actor):
        raise NotAllowed
    stocks = stocks_of(session, distribution_for(session, actor, id))
    return StockList(items=[StockRead.model_validate(stock, from_attributes=True) for stock in stocks])


@router.put(
    "/distributions/{distribution_id}/stock-moves/{id}",
    status_code=201,
    operation_id="put_stock_move",
    summary="Count goods that arrived, changed desks or spoiled",
)
def put_stock_move(
    session: DbSession, actor: Resident, response: Response, distribution_id: UUID, id: UUID, wish: StockMoveWish
) -> StockMoveRead:
    move, made = stocking.move_stock(session, actor, distribution_id, id, wish)
    response.status_code = 201 if made else 200
    return StockMoveRead.model_validate(move, from_attributes=True)


@router.get(
    "/distributions/{id}/stock-moves", operation_id="list_stock_moves", summary="Why there are as many pieces as there are"
)
def get_stock_moves(
    session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response, id: UUID
) -> Page[StockMoveRead]:
    """The latest first, for who hands out and who checks. With its corrections a move is what it was in truth."""
    if not policy.can_see_roll(actor):
        raise NotAllowed
    page = all_moves(session, distribution_for(session, actor, id), asked)
    link_next(request, response, page)
    return Page[StockMoveRead].model_validate(page, from_attributes=True)


@router.put(
    "/distributions/{distribution_id}/stock-moves/{move_id}/corrections/{id}",
    status_code=201,
    operation_id="put_stock_correction",
    summary="Put a wrong number of a stock move right",
)
def put_stock_correction(
    session: DbSession,
    actor: Resident,
    response: Response,
    distribution_id: UUID,
    move_id: UUID,
    id: UUID,
    wish: StockCorrectionWish,
) -> StockMoveRead:
    """A further move of the difference, linked to the first. 409 where more has left its desk than would have been there."""
    move, made = stocking.correct_move(session, actor, distribution_id, move_id, id, wish)
    response.status_code = 201 if made else 200
    return StockMoveRead.model_validate(move, from_attributes=True)


@router.get("/entitlements", operation_id="list_my_entitlements", summary="What my units are due and have had")
def get_entitlements(session: DbSession, actor: Resident) -> EntitlementList:
    return EntitlementList(items=[_entitlement(gift) for gift in my_gifts(session, actor)])


@router.get("/entitlements/{id}", operation_id="get_entitlement", summary="What one unit is due")
def get_entitlement(session: DbSession, actor: Resident, id: UUID) -> EntitlementRead:
    return _entitlement(gift_for(session, actor, id))


@router.get("/entitlements/{id}/versions", operation_id="list_entitlement_versions", summary="What each version said of a unit")
def get_versions(session: DbSession, actor: Resident, id: UUID) -> EntitlementList:
    """The newest first. A version that did not touch the unit is not among them."""
    return EntitlementList(items=[_entitlement(gift) for gift in versions_for(session, actor, id)])


@router.get("/distributions/{id}/changes", operation_id="list_roll_changes", summary="What a correction changed, by unit")
def get_changes(
    session: DbSession, actor: Resident, id: UUID, version: int, asked: AskedPage, request: Request, response: Response
) -> Page[TurnRead]:
    """In the roll's order, for who hands out and who checks."""
    distribution = distribution_for(session, actor, id)
    if not policy.can_see_roll(actor):
        raise NotAllowed
    page = turns(session, distribution, version, asked)
    link_next(request, response, page)
    return Page[TurnRead].model_validate(page, from_attributes=True)


@router.put(
    "/entitlements/{entitlement_id}/claims/{id}", status_code=201, operation_id="put_claim", summary="Hand a unit what it is due"
)
def put_claim(
    session: DbSession, actor: Resident, response: Response, entitlement_id: UUID, id: UUID, wish: ClaimWish
) -> ClaimRead:
    """All open lines of the batch that is running, or the named ones. 201 the first time, 200 for the same request again, 409
    for another request under the same id or a line that was claimed.
    """
    claim, made = service.claim(session, actor, entitlement_id, id, wish)
    response.status_code = 201 if made else 200
    return _claim(session, claim)


@router.get(
    "/claims/{id}/commitments", operation_id="list_claim_commitments", summary="What the log's commitments of a claim stand for"
)
def get_commitments(session: DbSession, actor: Resident, id: UUID) -> list[CommitmentRead]:
    """For the unit's owners of that time and who hands out: SHA-256(salt ‖ value) is the commitment in the entry."""
    lines = opened(session, claim_for(session, actor, id))
    return [
        CommitmentRead(
            index=line.index, field=line.field, value=line.value, salt=line.salt.hex(), commitment=line.commitment.hex()
        )
        for line in lines
    ]


@router.get("/claims/{id}", operation_id="get_claim", summary="One claim")
def get_claim(session: DbSession, actor: Resident, id: UUID) -> ClaimRead:
    return _claim(session, claim_for(session, actor, id))


@router.put(
    "/claims/{claim_id}/{what}/{id}",
    status_code=201,
    operation_id="put_claim_photo",
    summary="Photograph the paper that was signed, or a proxy's slip; the body is the picture",
    openapi_extra=RAW_IMAGE,
)
def put_photo(
    session: DbSession,
    actor: Resident,
    response: Response,
    claim_id: UUID,
    what: ClaimPhoto,
    id: UUID,
    taken: Annotated[TakenIn, raw_photo(giver), TakesFiles()],
) -> ClaimRead:
    """201 the first time, 200 for the same picture again, 409 for another under the same id."""
    claim_for(session, actor, claim_id)
    kept = keep(session, actor.compound.id, id, taken, actor.person_id)
    response.status_code = 201 if kept.outcome == "created" else 200
    return _claim(session, service.add_photo(session, actor, claim_id, what, kept.photo))


@router.post("/claims/{id}/void", operation_id="void_claim", summary="Take a wrong claim back, by a second officer")
def post_void(session: DbSession, actor: Resident, id: UUID, wish: VoidWish) -> ClaimRead:
    return _claim(session, service.void(session, actor, id, wish))


def _desk(desk: Desk, response: Response) -> DeskRead:
    response.headers["ETag"] = f'"{desk.version}"'
    return DeskRead.model_validate(desk, from_attributes=True)


def _entitlement(gift: Gift) -> EntitlementRead:
    return EntitlementRead.model_validate(gift, from_attributes=True)


def _claim(session: Session, claim: Claim) -> ClaimRead:
    lines = [line.id for line in handed_in(session, claim)]
    return ClaimRead.model_validate({**claim.model_dump(), "lines": lines})
