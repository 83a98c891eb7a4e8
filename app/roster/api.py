"""The programs' door."""

from fastapi import APIRouter, Request, Response

from app.access.actors import Anyone, Resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.roster.queries import all_units, bodies
from app.roster.schemas import BodiesRead, BodyRead, UnitRead

router = APIRouter(route_class=OneTransaction, tags=["roster"])


@router.get("/units", operation_id="list_units", summary="Units of the compound, by their label, without names")
def get_units(session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response) -> Page[UnitRead]:
    page = all_units(session, actor, asked)
    link_next(request, response, page)
    return Page[UnitRead].model_validate(page, from_attributes=True)


@router.get("/bodies", operation_id="list_bodies", summary="Bodies and who holds which seat until when")
def get_bodies(session: DbSession, visitor: Anyone) -> BodiesRead:
    """Present seats and those to come. Names are masked for those who are not residents."""
    return BodiesRead(items=[BodyRead.model_validate(b, from_attributes=True) for b in bodies(session, visitor)])
