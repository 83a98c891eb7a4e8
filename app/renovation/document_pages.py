"""A project's papers for people: the list, a paper with its pages and versions, the form that files one."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer
from app.access.permissions import Permission
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.photos.models import PhotoSize
from app.photos.service import keep
from app.photos.serving import photo_response
from app.publiclog.queries import first_index_of
from app.renovation import documents, policy
from app.renovation.arriving import PapersOfPlanner
from app.renovation.document_models import Document
from app.renovation.document_queries import (
    DocumentCard,
    document_for,
    document_kinds,
    document_page_for,
    documents_of,
    pages_of,
    versions_of,
)
from app.renovation.document_schemas import DocumentWish
from app.renovation.models import Project
from app.renovation.queries import project_for

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

FilledDocument = Annotated[Filled[DocumentWish], filled(DocumentWish)]


@dataclass(frozen=True)
class DocumentsPage(View):
    template = "renovation/documents.html"
    tab = "works"

    project: Project
    documents: list[DocumentCard]
    can_plan: bool


@dataclass(frozen=True)
class DocumentPaperPage(View):
    template = "renovation/document.html"
    tab = "works"

    project: Project
    document: DocumentCard
    pages: list[UUID]
    versions: list[DocumentCard]
    log_index: int
    can_plan: bool
    sees_originals: bool


@dataclass(frozen=True)
class DocumentFormPage(View):
    template = "renovation/document_form.html"

    project: Project
    form: Filled[DocumentWish]
    kinds: list[tuple[str, str]]


@router.get("/projects/{project_id}/documents")
def show_documents(session: DbSession, visitor: Anyone, project_id: UUID) -> DocumentsPage:
    project = project_for(session, visitor, project_id)
    return DocumentsPage(visitor.frame, project, documents_of(session, visitor, project), policy.can_plan(visitor))


@router.get("/projects/{project_id}/documents/new")
def show_document_form(
    session: DbSession, actor: Officer, project_id: UUID, of: UUID | None = None, step: UUID | None = None
) -> DocumentFormPage:
    """`of`: the version that is to be replaced; `step`: of the project's life, that it belongs to."""
    actor.need(Permission.PLAN_WORKS)
    typed: dict[str, Any] = {"act_id": str(step) if step else ""}
    if of:
        last = document_for(session, actor, of)
        typed = {"supersedes_id": str(of), "act_id": str(last.act_id or ""), "kind": last.kind, "title": last.title}
        typed |= {"public": last.public}
    return form_page(session, actor, project_id, empty(typed))


@router.post("/projects/{project_id}/documents")
def post_document(
    session: DbSession, actor: Officer, request: Request, project_id: UUID, papers: PapersOfPlanner, form: FilledDocument
) -> Response:
    actor.need(Permission.PLAN_WORKS)
    if not papers.taken:
        form = form.with_problem("photos", papers.problem or _("请选文件。"))
    if form.wish is None:
        return form_page(session, actor, project_id, papers.again(form)).reply(request, 422)
    pages = [keep(session, actor.compound.id, id, page, actor.person_id).photo for id, page in papers.taken.items()]
    document, _made = documents.file_document(session, actor, project_id, form.id, form.wish, pages)
    return see_other(f"{actor.frame.base}/works/documents/{document.id}", papers.said(_("存好了。")))


@router.get("/documents/{document_id}")
def show_document(session: DbSession, visitor: Anyone, document_id: UUID) -> DocumentPaperPage:
    document: Document = document_for(session, visitor, document_id)
    versions = versions_of(session, visitor, document)
    return DocumentPaperPage(
        visitor.frame,
        project_for(session, visitor, document.project_id),
        next(card for card in versions if card.id == document.id),
        list(pages_of(session, document)),
        versions,
        first_index_of(session, document),
        policy.can_plan(visitor),
        policy.can_see_all_documents(visitor),
    )


@router.get("/documents/{document_id}/pages/{photo_id}/{size}")
def show_page(
    session: DbSession, visitor: Anyone, request: Request, document_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(document_page_for(session, visitor, document_id, photo_id, size), size, request.app.state.blobs)


def form_page(session: Session, actor: Actor, project_id: UUID, form: Filled[DocumentWish]) -> DocumentFormPage:
    return DocumentFormPage(actor.frame, project_for(session, actor, project_id), form, document_kinds())
