"""The programs' door to a project's papers."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.kit.requests import DbSession, OneTransaction
from app.photos.arriving import RAW_PAPER
from app.photos.models import PhotoSize
from app.photos.service import keep, page_id
from app.photos.serving import FILE, photo_response
from app.renovation import documents
from app.renovation.arriving import PaperOfPlanner
from app.renovation.document_queries import (
    DocumentCard,
    document_for,
    document_page_for,
    documents_of,
    pages_of,
    versions_of,
)
from app.renovation.document_schemas import DocumentRead, DocumentWish
from app.renovation.queries import project_for

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.get("/projects/{id}/documents", operation_id="list_documents", summary="A project's papers, the newest version of each")
def get_documents(session: DbSession, visitor: Anyone, id: UUID) -> list[DocumentRead]:
    """Public ones; all of them for who plans or watches works."""
    cards = documents_of(session, visitor, project_for(session, visitor, id))
    return [_read(session, visitor, card) for card in cards]


@router.put("/projects/{project_id}/documents/{id}", status_code=201, operation_id="put_document", summary="File a paper")
def put_document(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: DocumentWish
) -> DocumentRead:
    """Its pages follow. 201 the first time, 200 for the same request again, 409 for another request under the same id."""
    document, made = documents.file_document(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return _document(session, actor, document.id)


@router.get("/documents/{id}", operation_id="get_document", summary="One version of a paper")
def get_document(session: DbSession, visitor: Anyone, id: UUID) -> DocumentRead:
    return _document(session, visitor, id)


@router.get("/documents/{id}/versions", operation_id="list_document_versions", summary="All versions of a paper, newest first")
def get_versions(session: DbSession, visitor: Anyone, id: UUID) -> list[DocumentRead]:
    cards = versions_of(session, visitor, document_for(session, visitor, id))
    return [_read(session, visitor, card) for card in cards]


@router.put(
    "/documents/{document_id}/pages/{id}",
    status_code=201,
    operation_id="put_document_page",
    summary="Add a page; the body is the picture, or a PDF of up to 20 pages",
    openapi_extra=RAW_PAPER,
)
def put_page(
    session: DbSession, actor: Resident, response: Response, document_id: UUID, id: UUID, pages: PaperOfPlanner
) -> DocumentRead:
    """By who filed it, while it is the newest version. 201 the first time, 200 for the same paper again."""
    document_for(session, actor, document_id)
    photos = [keep(session, actor.compound.id, page_id(id, page.page), page, actor.person_id).photo for page in pages]
    _document_with, made = documents.add_pages(session, actor, document_id, photos)
    response.status_code = 201 if made else 200
    return _document(session, actor, document_id)


@router.get(
    "/documents/{document_id}/pages/{photo_id}/{size}",
    operation_id="get_document_page",
    summary="A page of a paper",
    response_class=Response,
    responses={200: FILE},
)
def get_page(
    session: DbSession, visitor: Anyone, request: Request, document_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    """The original for who plans or watches works."""
    return photo_response(document_page_for(session, visitor, document_id, photo_id, size), size, request.app.state.blobs)


def _document(session: Session, visitor: Visitor, id: UUID) -> DocumentRead:
    document = document_for(session, visitor, id)
    return _read(session, visitor, next(card for card in versions_of(session, visitor, document) if card.id == id))


def _read(session: Session, visitor: Visitor, card: DocumentCard) -> DocumentRead:
    own = {name: getattr(card, name) for name in DocumentRead.model_fields if name != "pages"}
    return DocumentRead(**own, pages=list(pages_of(session, document_for(session, visitor, card.id))))
