"""The programs' door; the phone's outbox comes through it too."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.access.permissions import Permission
from app.kit.clock import now
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.photos.arriving import RAW_IMAGE
from app.photos.models import PhotoSize
from app.photos.queries import photos_of
from app.photos.serving import AN_HOUR, FILE, photo_response
from app.renovation import visiting, works
from app.renovation.arriving import Upload, photo_upload
from app.renovation.models import Project
from app.renovation.nonces import made_nonce, not_before
from app.renovation.phase_queries import phase_line, phase_lines
from app.renovation.policy import can_call_contractor
from app.renovation.queries import (
    announced_photos,
    project_for,
    projects_of,
    timeline,
    visit_card,
    visit_for,
    visit_photo_for,
)
from app.renovation.schemas import (
    Manifest,
    ManifestPhoto,
    NonceRead,
    PhaseMove,
    PhaseRead,
    PhotoReceipt,
    ProjectLine,
    ProjectRead,
    ProjectWish,
    VisitRead,
    VisitWish,
)

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.get("/projects", operation_id="list_projects", summary="Renovation projects, latest begun first")
def get_projects(
    session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response
) -> Page[ProjectLine]:
    page = projects_of(session, visitor, asked)
    link_next(request, response, page)
    return Page[ProjectLine].model_validate(page, from_attributes=True)


@router.get("/projects/{id}", operation_id="get_project", summary="One project with its phases")
def get_project(session: DbSession, visitor: Anyone, id: UUID) -> ProjectRead:
    return _project(session, visitor, project_for(session, visitor, id))


@router.put("/projects/{id}", status_code=201, operation_id="put_project", summary="Plan a project with its phases")
def put_project(session: DbSession, actor: Resident, response: Response, id: UUID, wish: ProjectWish) -> ProjectRead:
    project, made = works.plan_project(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _project(session, actor, project)


@router.post("/phases/{id}/move", operation_id="move_phase", summary="Begin a phase, finish it, or take either back")
def post_phase(session: DbSession, actor: Resident, id: UUID, wish: PhaseMove) -> PhaseRead:
    return PhaseRead.model_validate(phase_line(session, works.set_phase(session, actor, id, wish)), from_attributes=True)


@router.get("/projects/{id}/visits", operation_id="list_visits", summary="The supervision log of a project, latest first")
def get_visits(
    session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response, id: UUID
) -> Page[VisitRead]:
    page = timeline(session, visitor, project_for(session, visitor, id), asked)
    link_next(request, response, page)
    return Page[VisitRead].model_validate(page, from_attributes=True)


@router.post("/visits/nonce", operation_id="make_visit_nonce", summary="A signed not-before for a visit that begins now")
def post_nonce(actor: Resident, request: Request) -> NonceRead:
    """Nothing is written: the nonce carries the moment itself."""
    actor.need(Permission.SUPERVISE)
    issued_at = now().replace(microsecond=0)
    secret = request.app.state.settings.secret
    return NonceRead(nonce=made_nonce(secret, actor.compound.id, actor.person_id, issued_at), issued_at=issued_at)


@router.get("/visits/{id:uuid}", operation_id="get_visit", summary="One visit")
def get_visit(session: DbSession, visitor: Anyone, id: UUID) -> VisitRead:
    return _visit(session, visitor, id)


@router.get("/visits/{id:uuid}/frozen", operation_id="get_visit_frozen", summary="What was submitted, as it was hashed")
def get_frozen(session: DbSession, visitor: Anyone, id: UUID) -> Response:
    return Response(visit_for(session, visitor, id).frozen, media_type="application/json")


@router.put("/visits/{id:uuid}", status_code=201, operation_id="put_visit", summary="Submit a visit; its photos follow")
def put_visit(session: DbSession, actor: Resident, request: Request, response: Response, id: UUID, wish: VisitWish) -> VisitRead:
    """201 the first time, 200 for the same request again, 409 for another request under the same id."""
    moment = not_before(request.app.state.settings.secret, actor.compound.id, actor.person_id, wish.nonce, now())
    _visit_made, made = visiting.submit_visit(session, actor, id, wish, moment)
    response.status_code = 201 if made else 200
    return _visit(session, actor, id)


@router.put(
    "/visits/{visit_id}/photos/{photo_id}",
    status_code=201,
    operation_id="put_visit_photo",
    summary="Send one of the photos that a visit announced, as the raw body",
    openapi_extra=RAW_IMAGE,
)
def put_visit_photo(
    session: DbSession,
    actor: Resident,
    response: Response,
    visit_id: UUID,
    photo_id: UUID,
    upload: Annotated[Upload, Depends(photo_upload), TakesFiles()],
) -> PhotoReceipt:
    """201 the first time, 200 for the same bytes again, 409 for others; the manifest names the stored digest."""
    arrived = visiting.receive_photo(session, actor, visit_id, photo_id, upload.taken_in)
    response.status_code = 201 if arrived.made else 200
    photo = arrived.photo
    return PhotoReceipt(id=photo.id, received_sha256=photo.sha256, received_at=photo.received_at, complete=arrived.complete)


@router.get("/visits/{id:uuid}/manifest", operation_id="get_visit_manifest", summary="Which photos of a visit are here")
def get_manifest(session: DbSession, visitor: Anyone, id: UUID) -> Manifest:
    announced = announced_photos(session, visit_for(session, visitor, id))
    here = photos_of(session, visitor.compound.id, [photo.id for photo in announced if photo.received_at])
    return Manifest(
        visit=True,
        photos=[
            ManifestPhoto(
                id=photo.id,
                state="received" if photo.id in here else "missing",
                received_sha256=here[photo.id].sha256 if photo.id in here else None,
            )
            for photo in announced
        ],
    )


@router.get(
    "/visits/{visit_id}/photos/{photo_id}",
    operation_id="get_visit_photo",
    summary="A photo of a visit, as JPEG",
    response_class=Response,
    responses={200: FILE},
)
def get_visit_photo(
    session: DbSession, visitor: Anyone, request: Request, visit_id: UUID, photo_id: UUID, size: PhotoSize = PhotoSize.MIDDLE
) -> Response:
    """320 and 960 px for anyone; 1600 px and the original for supervisors."""
    photo = visit_photo_for(session, visitor, visit_id, photo_id, size)
    return photo_response(photo, size, request.app.state.blobs, lasts=AN_HOUR)


def _project(session: Session, visitor: Visitor, project: Project) -> ProjectRead:
    phone = project.contractor_phone if can_call_contractor(visitor) else None
    facts = {name: getattr(project, name) for name in ("id", "title", "what", "stage", "contractor", "started_on")}
    phases = [PhaseRead.model_validate(line, from_attributes=True) for line in phase_lines(session, project)]
    return ProjectRead(**facts, contractor_phone=phone, phases=phases)


def _visit(session: Session, visitor: Visitor, id: UUID) -> VisitRead:
    return VisitRead.model_validate(visit_card(session, visitor, id), from_attributes=True)
