"""Verbs of a project's papers: file one or a new version of one, add its pages."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit import events
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import NotFound
from app.photos.models import Photo
from app.photos.serving import ORIGINAL_TYPES
from app.publiclog.service import Attachment, Entry, commit_to, publish
from app.renovation.document_models import (
    MOST_PAGES,
    Document,
    DocumentPage,
    DocumentPageTaken,
    NotTheNewest,
    TooManyDocumentPages,
)
from app.renovation.document_queries import document_for, pages_of, versions_of
from app.renovation.document_schemas import DocumentWish
from app.renovation.following import tell_followers
from app.renovation.life_models import ProjectAct
from app.renovation.queries import project_to_change


def file_document(
    session: Session, actor: Actor, project_id: UUID, id: UUID, wish: DocumentWish, photos: Sequence[Photo] = ()
) -> tuple[Document, bool]:
    """Raises NotAllowed, NotFound (project, step, the version before), NotTheNewest, TooManyDocumentPages, DocumentPageTaken,
    SameIdOtherContent.
    """
    actor.need(Permission.PLAN_WORKS)
    project = project_to_change(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id, *sorted({photo.sha256 for photo in photos}))
    if before := already(session, Document, actor.compound.id, id, sent):
        return before, False
    if wish.act_id:
        act = session.get(ProjectAct, (project.compound_id, wish.act_id))
        if act is None or act.project_id != project.id:
            raise NotFound
    last = document_for(session, actor, wish.supersedes_id) if wish.supersedes_id else None
    if last and last.project_id != project.id:
        raise NotFound
    if last and last.id != versions_of(session, actor, last)[0].id:
        raise NotTheNewest
    document = Document(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        chain_id=last.chain_id if last else id,
        version=last.version + 1 if last else 1,
        kind=wish.kind,
        title=wish.title,
        public=wish.public,
        act_id=wish.act_id,
        by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(document)
    session.flush()
    _add(session, document, photos)
    _record(session, actor, document, "document.filed", photos)
    if document.public:
        words = _("有新文件：%(title)s", title=document.title)
        tell_followers(session, project, words, f"/works/documents/{document.id}", but=actor.person_id)
    return document, True


def add_pages(session: Session, actor: Actor, document_id: UUID, photos: Sequence[Photo]) -> tuple[Document, bool]:
    """One more paper of a version that its maker is still sending, which may have pages; the same one again changes nothing.

    Raises NotFound (also of somebody else's), NotTheNewest, TooManyDocumentPages, DocumentPageTaken.
    """
    actor.need(Permission.PLAN_WORKS)
    document = document_for(session, actor, document_id)
    project_to_change(session, actor, document.project_id)
    if document.by_id != actor.person_id:
        raise NotFound
    fresh = [photo for photo in photos if photo.id not in pages_of(session, document)]
    if not fresh:
        return document, False
    if document.id != versions_of(session, actor, document)[0].id:
        raise NotTheNewest
    _add(session, document, fresh)
    _record(session, actor, document, "document.pages_added", fresh)
    return document, True


def _add(session: Session, document: Document, photos: Sequence[Photo]) -> None:
    first = len(pages_of(session, document)) + 1
    if first + len(photos) - 1 > MOST_PAGES:
        raise TooManyDocumentPages(most=MOST_PAGES)
    for position, photo in enumerate(photos, first):
        if session.get(DocumentPage, (photo.compound_id, photo.id)):
            raise DocumentPageTaken
        session.add(DocumentPage(compound_id=photo.compound_id, id=photo.id, document_id=document.id, position=position))
    session.flush()


def _record(session: Session, actor: Actor, document: Document, act: str, photos: Iterable[Photo]) -> None:
    """A line of the public log, also of what is not public: the hashes of the files, its title as a commitment."""
    files = {photo.sha256: Attachment(photo.sha256, photo.bytes, ORIGINAL_TYPES[photo.format][0]) for photo in photos}
    entry = Entry(
        type=act,
        compound_id=document.compound_id,
        record_id=document.id,
        record_version=document.version,
        attachments=tuple(files.values()),
        commits={"title": commit_to(session, document.compound_id, document.title)},
        facts={"project": str(document.project_id), "kind": str(document.kind), "public": document.public},
    )
    publish(session, document.compound_id, lambda _index: entry.values())
    events.tell(session, document.compound_id, act, project_id=document.project_id, document_id=document.id)
    on_record(session, actor, act, document.id)
