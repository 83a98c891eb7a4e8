"""What there is to see of a project's papers: public ones for everybody, the others for who plans or watches works."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Row, and_, bindparam, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.kit.i18n import _
from app.kit.records import columns
from app.kit.refusals import NotAllowed, NotFound
from app.photos.models import Photo, PhotoSize
from app.renovation import policy
from app.renovation.document_models import DOCUMENT_SAYS, Document, DocumentKind, DocumentPage
from app.renovation.models import Project


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """`newest`: no later version stands in its place."""

    id: UUID
    project_id: UUID
    version: int
    kind: str
    says: str
    title: str
    public: bool
    act_id: UUID | None
    made_at: datetime
    newest: bool
    pages: int


_later = aliased(Document)
_PAGES = (
    select(func.count())
    .where(DocumentPage.compound_id == Document.compound_id, DocumentPage.document_id == Document.id)
    .correlate(Document)
    .scalar_subquery()
)
_DOCUMENTS = (
    columns(Document, col(_later.id).label("later"), _PAGES.label("pages"))
    .outerjoin(
        _later,
        and_(
            col(_later.compound_id) == Document.compound_id,
            col(_later.chain_id) == Document.chain_id,
            col(_later.version) == Document.version + 1,
        ),
    )
    .where(
        Document.compound_id == bindparam("compound_id"),
        or_(col(Document.public), bindparam("all", type_=Boolean)),
    )
)
_NEWEST = _DOCUMENTS.where(Document.project_id == bindparam("project_id"), col(_later.id).is_(None)).order_by(
    col(Document.kind), col(Document.made_at).desc(), col(Document.id)
)
_CHAIN = _DOCUMENTS.where(Document.chain_id == bindparam("chain_id")).order_by(col(Document.version).desc())
_OF_LIFE = _DOCUMENTS.where(Document.project_id == bindparam("project_id"), col(Document.act_id).is_not(None)).order_by(
    col(Document.made_at), col(Document.id)
)


def documents_of(session: Session, visitor: Visitor, project: Project) -> list[DocumentCard]:
    """The newest version of each, by kind."""
    return [_card(row) for row in session.execute(_NEWEST, _seen_by(visitor) | {"project_id": project.id})]


def versions_of(session: Session, visitor: Visitor, document: Document) -> list[DocumentCard]:
    """All that this reader may see, the newest first."""
    return [_card(row) for row in session.execute(_CHAIN, _seen_by(visitor) | {"chain_id": document.chain_id})]


def documents_of_life(session: Session, visitor: Visitor, project: Project) -> dict[UUID, list[DocumentCard]]:
    """By the step that they belong to."""
    found: dict[UUID, list[DocumentCard]] = {}
    for row in session.execute(_OF_LIFE, _seen_by(visitor) | {"project_id": project.id}):
        found.setdefault(row.Document.act_id, []).append(_card(row))
    return found


def document_for(session: Session, visitor: Visitor, id: UUID) -> Document:
    """Raises NotFound for absent, foreign and not public alike."""
    document = session.get(Document, (visitor.compound.id, id))
    if document is None or not policy.can_see_document(visitor, document):
        raise NotFound
    return document


def pages_of(session: Session, document: Document) -> Sequence[UUID]:
    return session.exec(
        select(DocumentPage.id)
        .where(DocumentPage.compound_id == document.compound_id, DocumentPage.document_id == document.id)
        .order_by(col(DocumentPage.position))
    ).all()


def document_page_for(session: Session, visitor: Visitor, document_id: UUID, photo_id: UUID, size: PhotoSize) -> Photo:
    """The original, with all that is in a stranger's file, only for officers. Raises NotFound, NotAllowed."""
    document = document_for(session, visitor, document_id)
    if photo_id not in pages_of(session, document):
        raise NotFound
    if size is PhotoSize.ORIGINAL and not policy.can_see_all_documents(visitor):
        raise NotAllowed
    return session.get_one(Photo, (document.compound_id, photo_id))


def document_kinds() -> list[tuple[str, str]]:
    return [(kind.value, _(says)) for kind, says in DOCUMENT_SAYS.items()]


def _seen_by(visitor: Visitor) -> dict[str, UUID | bool]:
    return {"compound_id": visitor.compound.id, "all": policy.can_see_all_documents(visitor)}


def _card(row: Row[Any]) -> DocumentCard:
    document: Document = row.Document
    own = ("id", "project_id", "version", "kind", "title", "public", "act_id", "made_at")
    says = _(DOCUMENT_SAYS[DocumentKind(document.kind)])
    return DocumentCard(**{name: getattr(document, name) for name in own}, says=says, newest=row.later is None, pages=row.pages)
