"""A photo of a visit with its caption drawn on it, for who lives here: made before any transaction, and kept nowhere."""

from typing import Annotated
from uuid import UUID

from anyio import to_thread
from fastapi import Depends, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, resident
from app.kit.blobs import BlobMissing
from app.kit.clock import said_moment
from app.kit.i18n import _, mark
from app.kit.refusals import NotFound
from app.photos.models import Photo, PhotoSize
from app.photos.serving import PhotoFileMissing, picture_response
from app.photos.stamping import letters_of, stamped
from app.renovation.evidence import body_of
from app.renovation.queries import project_for, visit_card, visit_photo_for


class NoLetters(NotFound):
    says = mark("服务器上没有中文字体，画不了说明。")
    advice = mark("请管理员装一个，或者设 STAMP_FONT。")


async def stamped_copy(request: Request, visit_id: UUID, photo_id: UUID) -> bytes:
    """Raises SignInNeeded, NotResident, NotFound, NoLetters, PhotoFileMissing, and a PictureProblem."""
    state = request.app.state

    def find(session: Session) -> tuple[Photo, list[str]]:
        actor = resident(session, request)
        visit = visit_card(session, actor, visit_id)
        photo = visit_photo_for(session, actor, visit_id, photo_id, PhotoSize.MIDDLE)
        title = project_for(session, actor, visit.project_id).title
        who = _("，").join(filter(None, (actor.compound.name, body_of(session, actor))))
        return photo, [f"{title}  {visit.place}", said_moment(visit.visited_at), who]

    photo, lines = await state.db.look(find)
    letters = letters_of(state.settings.stamp_font)
    if letters is None:
        raise NoLetters
    try:
        return await to_thread.run_sync(stamped, state.desk, state.blobs, photo, lines, letters)
    except BlobMissing as missing:
        raise PhotoFileMissing from missing


def stamped_response(session: Session, actor: Actor, visit_id: UUID, photo_id: UUID, copy: bytes) -> Response:
    """What was made before the transaction, for who may see the photo inside it. Raises NotFound."""
    visit_photo_for(session, actor, visit_id, photo_id, PhotoSize.MIDDLE)
    return picture_response(copy)


StampedCopy = Annotated[bytes, Depends(stamped_copy)]
