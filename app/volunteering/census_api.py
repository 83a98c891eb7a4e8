"""The programs' door to the skill census."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import VERSIONS, IfMatch, known_version
from app.volunteering import census
from app.volunteering.census_models import CensusEntry
from app.volunteering.census_queries import census_view, entry_for, found_in_census
from app.volunteering.census_schemas import CensusChange, CensusLineRead, CensusRead, CensusWish, Slot
from app.volunteering.term_models import LONGEST

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get("/census", operation_id="list_census", summary="Who can do what and when, for coordinators")
def get_census(
    session: DbSession,
    actor: Resident,
    asked: AskedPage,
    request: Request,
    response: Response,
    skill: Annotated[str, Query(max_length=LONGEST, description="Only who has this skill.")] = "",
    slot: Annotated[Slot | None, Query(description="Only who could come then.")] = None,
) -> Page[CensusLineRead]:
    page = found_in_census(session, actor, asked, skill, slot or "")
    link_next(request, response, page)
    return Page[CensusLineRead].model_validate(page, from_attributes=True)


@router.put("/census/{id}", status_code=201, operation_id="put_census_entry", summary="Tell what one can do, with consent")
def put_entry(session: DbSession, actor: Resident, response: Response, id: UUID, wish: CensusWish) -> CensusRead:
    """201 the first time, 200 for the same entry again, 409 for another one of the same person."""
    entry, made = census.enter(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, entry, response)


@router.get("/census/{id}", operation_id="get_census_entry", summary="One entry")
def get_entry(session: DbSession, actor: Resident, response: Response, id: UUID) -> CensusRead:
    return _read(session, entry_for(session, actor, id), response)


@router.patch("/census/{id}", operation_id="change_census_entry", summary="Tell it anew", responses=VERSIONS)
def patch_entry(
    session: DbSession, actor: Resident, response: Response, id: UUID, wish: CensusChange, if_match: IfMatch = None
) -> CensusRead:
    return _read(session, census.change(session, actor, id, known_version(if_match), wish), response)


@router.post("/census/{id}/confirm", operation_id="confirm_census_entry", summary="It is still so")
def post_confirm(session: DbSession, actor: Resident, response: Response, id: UUID) -> CensusRead:
    return _read(session, census.confirm(session, actor, id), response)


@router.post("/census/{id}/withdraw", status_code=204, operation_id="withdraw_census_entry", summary="Take it back: it is erased")
def post_withdraw(session: DbSession, actor: Resident, id: UUID) -> None:
    census.take_back(session, actor, id)


def _read(session: Session, entry: CensusEntry, response: Response) -> CensusRead:
    view = census_view(session, entry)
    response.headers["ETag"] = f'"{view.version}"'
    return CensusRead.model_validate(view, from_attributes=True)
