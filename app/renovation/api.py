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
from app.photos.serving import photo_response
from app.renovation import contractor, findings, visiting, works
from app.renovation.arriving import Upload, photo_upload
from app.renovation.finding_queries import finding_card, finding_for, finding_photo_for, findings_of, life_of
from app.renovation.holders import LinkHolder, address_of
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
    ActRead,
    ActWish,
    AnswerWish,
    FindingRead,
    FindingWish,
    LinkRead,
    Manifest,
    ManifestPhoto,
    NonceRead,
    PhaseMove,
    PhaseRead,
    PhotoReceipt,
    ProjectLine,
    ProjectRead,
    ProjectWish,
    ReportWish,
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


@router.get("/visits/{visit_id}/photos/{photo_id}", operation_id="get_visit_photo", summary="A photo of a visit, as JPEG")
def get_visit_photo(
    session: DbSession, visitor: Anyone, request: Request, visit_id: UUID, photo_id: UUID, size: PhotoSize = PhotoSize.MIDDLE
) -> Response:
    """320 and 960 px for anyone; 1600 px and the original for supervisors."""
    photo = visit_photo_for(session, visitor, visit_id, photo_id, size)
    return photo_response(photo, size, request.app.state.blobs)


@router.get("/projects/{id}/findings", operation_id="list_findings", summary="The findings of a project, latest first")
def get_findings(
    session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response, id: UUID
) -> Page[FindingRead]:
    page = findings_of(session, visitor, project_for(session, visitor, id), asked)
    link_next(request, response, page)
    return Page[FindingRead].model_validate(page, from_attributes=True)


@router.get("/findings/{id}", operation_id="get_finding", summary="One finding")
def get_finding(session: DbSession, visitor: Anyone, id: UUID) -> FindingRead:
    return _finding(session, visitor, id)


@router.put("/projects/{project_id}/findings/{id}", status_code=201, operation_id="put_finding", summary="Raise a finding")
def put_finding(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: FindingWish
) -> FindingRead:
    _made_finding, made = findings.raise_finding(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return _finding(session, actor, id)


@router.get("/findings/{finding_id}/photos/{photo_id}", operation_id="get_finding_photo", summary="A photo of a finding, as JPEG")
def get_finding_photo(
    session: DbSession, visitor: Anyone, request: Request, finding_id: UUID, photo_id: UUID, size: PhotoSize = PhotoSize.MIDDLE
) -> Response:
    """320 and 960 px for anyone; 1600 px and the original for supervisors."""
    photo = finding_photo_for(session, visitor, finding_id, photo_id, size)
    return photo_response(photo, size, request.app.state.blobs)


@router.post(
    "/findings/{id}/links", status_code=201, operation_id="make_finding_link", summary="A link for the contractor, shown once"
)
def post_link(session: DbSession, actor: Resident, request: Request, id: UUID) -> LinkRead:
    link, token = findings.issue_link(session, actor, id)
    return LinkRead(address=address_of(request, actor.compound.slug, token), until_at=link.until_at)


@router.delete("/findings/{id}/links", operation_id="end_finding_links", summary="The contractor's link opens nothing any more")
def delete_links(session: DbSession, actor: Resident, id: UUID) -> FindingRead:
    findings.revoke_link(session, actor, id)
    return _finding(session, actor, id)


@router.get("/findings/{id}/acts", operation_id="list_finding_acts", summary="What was done about a finding, in order")
def get_acts(session: DbSession, visitor: Anyone, id: UUID) -> list[ActRead]:
    acts = life_of(session, visitor, finding_for(session, visitor, id).id)
    facts = ("id", "kind", "text", "by", "at", "state", "due_on")
    return [
        ActRead(**{name: getattr(act, name) for name in facts}, photos=[photo_id for photo_id, _says in act.photos])
        for act in acts
    ]


@router.put(
    "/findings/{finding_id}/acts/{id}", status_code=201, operation_id="put_finding_act", summary="What a supervisor does about it"
)
def put_act(session: DbSession, actor: Resident, response: Response, finding_id: UUID, id: UUID, wish: ActWish) -> FindingRead:
    """Issue a draft, sign as the second, uphold what is disputed, say whether it is mended, close it unfixed, take it back,
    open it again or dismiss a report. 201 the first time, 200 for the same again.
    """
    _done, made = findings.act(session, actor, finding_id, id, wish)
    response.status_code = 201 if made else 200
    return _finding(session, actor, finding_id)


@router.put(
    "/findings/{finding_id}/reports/{id}", status_code=201, operation_id="put_finding_report", summary="Say it is broken again"
)
def put_report(
    session: DbSession, actor: Resident, response: Response, finding_id: UUID, id: UUID, wish: ReportWish
) -> FindingRead:
    """Of what was closed, by whoever lives here. A supervisor looks, and opens it again or says why not."""
    _reported, made = findings.report(session, actor, finding_id, id, wish)
    response.status_code = 201 if made else 200
    return _finding(session, actor, finding_id)


@router.get("/works/answer/{token}", operation_id="get_finding_by_link", summary="The finding of a contractor's link; no receipt")
def get_by_link(session: DbSession, holder: LinkHolder) -> FindingRead:
    return _finding(session, holder, holder.link.finding_id)


@router.post("/works/answer/{token}/receipt", operation_id="confirm_finding_receipt", summary="The contractor has received it")
def post_receipt(session: DbSession, holder: LinkHolder) -> FindingRead:
    contractor.confirm_receipt(session, holder)
    return _finding(session, holder, holder.link.finding_id)


@router.put(
    "/works/answer/{token}/answers/{id}",
    status_code=201,
    operation_id="put_finding_answer",
    summary="The contractor accepts it, disputes it, or says what was done",
)
def put_answer(session: DbSession, holder: LinkHolder, response: Response, id: UUID, wish: AnswerWish) -> FindingRead:
    """In words only; after-photos come with the form of the page that the link opens."""
    _answered, made = contractor.answer(session, holder, id, wish)
    response.status_code = 201 if made else 200
    return _finding(session, holder, holder.link.finding_id)


def _project(session: Session, visitor: Visitor, project: Project) -> ProjectRead:
    phone = project.contractor_phone if can_call_contractor(visitor) else None
    facts = {name: getattr(project, name) for name in ("id", "title", "what", "stage", "contractor", "started_on")}
    phases = [PhaseRead.model_validate(line, from_attributes=True) for line in phase_lines(session, project)]
    return ProjectRead(**facts, contractor_phone=phone, phases=phases)


def _visit(session: Session, visitor: Visitor, id: UUID) -> VisitRead:
    return VisitRead.model_validate(visit_card(session, visitor, id), from_attributes=True)


def _finding(session: Session, visitor: Visitor, id: UUID) -> FindingRead:
    return FindingRead.model_validate(finding_card(session, visitor, id), from_attributes=True)
