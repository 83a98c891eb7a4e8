"""The programs' door to the board of those who appear."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, resident
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.photos.arriving import RAW_IMAGE, raw_photo
from app.photos.intake import TakenIn
from app.photos.models import PhotoSize
from app.photos.serving import FILE, photo_response
from app.volunteering import pledging
from app.volunteering.pledge_models import Pledge
from app.volunteering.pledge_queries import board, card_of, pledge_for, pledge_photo_for
from app.volunteering.pledge_schemas import KeptWish, PledgeBoardRead, PledgeRead, PledgeWish, VerdictWish

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])

PhotoOfMember = Annotated[TakenIn, raw_photo(resident), TakesFiles()]


@router.get("/party-board", operation_id="get_party_board", summary="Members who appear, and what they promise")
def get_board(session: DbSession, visitor: Anyone) -> PledgeBoardRead:
    """Only who has agreed to appear is on it."""
    return PledgeBoardRead.model_validate({"items": board(session, visitor)}, from_attributes=True)


@router.put("/pledges/{id}", status_code=201, operation_id="put_pledge", summary="Promise something in public")
def put_pledge(session: DbSession, actor: Resident, response: Response, id: UUID, wish: PledgeWish) -> PledgeRead:
    """201 the first time, 200 for the same promise again, 409 for another one under the same id."""
    pledge, made = pledging.promise(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, pledge)


@router.get("/pledges/{id}", operation_id="get_pledge", summary="One promise")
def get_pledge(session: DbSession, visitor: Anyone, id: UUID) -> PledgeRead:
    return _read(session, pledge_for(session, visitor, id))


@router.post("/pledges/{id}/keep", operation_id="keep_pledge", summary="Say how a promise was kept")
def post_keep(session: DbSession, actor: Resident, id: UUID, wish: KeptWish) -> PledgeRead:
    return _read(session, pledging.keep(session, actor, id, wish.how))


@router.post("/pledges/{id}/withdraw", status_code=204, operation_id="withdraw_pledge", summary="Take a promise back")
def post_withdraw(session: DbSession, actor: Resident, id: UUID) -> None:
    pledging.withdraw_pledge(session, actor, id)


@router.post("/pledges/{id}/verdict", status_code=204, operation_id="judge_pledge", summary="Say whether it was kept")
def post_verdict(session: DbSession, actor: Resident, id: UUID, wish: VerdictWish) -> None:
    """One word per resident; said again, it takes the place of the one before."""
    pledging.judge(session, actor, id, wish.verdict)


@router.put(
    "/pledges/{pledge_id}/photos/{id}",
    status_code=201,
    operation_id="put_pledge_photo",
    summary="Show how it was kept",
    openapi_extra=RAW_IMAGE,
)
def put_photo(
    session: DbSession, actor: Resident, response: Response, pledge_id: UUID, id: UUID, taken_in: PhotoOfMember
) -> PledgeRead:
    response.status_code = 201 if pledging.add_photo(session, actor, pledge_id, id, taken_in) else 200
    return _read(session, pledge_for(session, actor, pledge_id))


@router.get(
    "/pledges/{pledge_id}/photos/{id}",
    operation_id="get_pledge_photo",
    summary="Such a photo, as JPEG",
    response_class=Response,
    responses={200: FILE},
)
def get_photo(
    session: DbSession, visitor: Anyone, request: Request, pledge_id: UUID, id: UUID, size: PhotoSize = PhotoSize.MIDDLE
) -> Response:
    return photo_response(pledge_photo_for(session, visitor, pledge_id, id, size), size, request.app.state.blobs)


def _read(session: Session, pledge: Pledge) -> PledgeRead:
    return PledgeRead.model_validate(card_of(session, pledge), from_attributes=True)
