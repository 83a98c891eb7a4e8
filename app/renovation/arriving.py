"""Photos on their way in: received, opened and kept as files before any transaction, after a cheap look at who asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid5

from anyio import to_thread
from fastapi import Depends, Header, Request
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from app.access.actors import Visitor, resident
from app.access.permissions import Permission
from app.kit.forms import Filled, W
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.pictures import PictureProblem, Received, receive
from app.kit.refusals import NotAllowed
from app.kit.requests import TakesFiles
from app.photos.intake import TakenIn, take_in
from app.photos.models import Photo, PhotoSource
from app.photos.schemas import Capture
from app.renovation.holders import link_holder
from app.renovation.models import DigestDiffers, VisitPhoto
from app.renovation.visiting import photo_to_receive

FIELDS = (("camera", PhotoSource.CAMERA), ("gallery", PhotoSource.GALLERY))
"""The two file inputs of a form: a phone says by them where a picture came from."""


@dataclass(frozen=True)
class Sent:
    """The photos of a form, each under an id made from the form's: the same form again is the same photos.

    `refused`: why others were not taken, in words.
    """

    taken: Mapping[UUID, TakenIn]
    refused: tuple[str, ...]

    def said(self, words: str) -> str:
        """What happened, and which photos did not come with it."""
        return words + "".join(_("有一张没收下：%(why)s", why=why) for why in self.refused[:2])

    def again(self, form: Filled[W]) -> Filled[W]:
        """A form that comes back cannot hold the files that were chosen: it says so where they have to be chosen again."""
        return form.with_problem("photos", _("照片没有存下，请再选一次。")) if self.taken or self.refused else form


def sent_photos(give: Callable[[Session, Request], Visitor]) -> Any:
    """A door's parameter: the form's photos. `give` says who asks, before anything is read."""

    async def read(request: Request) -> Sent:
        await request.app.state.db.look(lambda session: give(session, request))
        async with request.form(max_files=20, max_fields=400) as form:  # leaving it closes the files
            return await _sent(request, form)

    return Depends(read)


async def _sent(request: Request, form: FormData) -> Sent:
    files = [(file, source) for name, source in FIELDS for file in form.getlist(name)]
    taken, refused, form_id = {}, [], _form_id(form.get("id"))
    for number, (file, source) in enumerate(files):
        if not isinstance(file, UploadFile) or not file.filename:
            continue  # what a browser sends for an input without a file
        try:
            with await receive(file, request.app.state.desk.directory) as received:
                photo_id = uuid5(form_id, f"{number} {received.sha256}")
                taken[photo_id] = await developed(request, received, Capture(source=source))
        except PictureProblem as problem:
            if problem.status >= 500:
                raise
            refused.append(problem.message)
    return Sent(taken, tuple(refused))


def _supervisor(session: Session, request: Request) -> Visitor:
    actor = resident(session, request)
    if not actor.may(Permission.SUPERVISE):
        raise NotAllowed
    return actor


PhotosOfSupervisor = Annotated[Sent, sent_photos(_supervisor), TakesFiles()]
PhotosOfHolder = Annotated[Sent, sent_photos(link_holder), TakesFiles()]


async def developed(request: Request, received: Received, capture: Capture) -> TakenIn:
    state = request.app.state
    return await to_thread.run_sync(take_in, state.desk, state.blobs, received, capture)


@dataclass(frozen=True)
class Upload:
    """One photo of a visit as its raw body: `taken_in` is None for one that is here already, byte for byte."""

    sha256: str
    taken_in: TakenIn | None


async def photo_upload(
    request: Request,
    visit_id: UUID,
    photo_id: UUID,
    x_content_sha256: Annotated[
        str | None, Header(pattern="^[0-9a-f]{64}$", description="SHA-256 of the body, lower-case hex.")
    ] = None,
) -> Upload:
    """Raises what the verb would, and PictureProblem, DigestDiffers, CannotStore."""
    desk = request.app.state.desk
    desk.look_for_place()

    def expected(session: Session) -> tuple[VisitPhoto, Photo | None]:
        visit, announced = photo_to_receive(session, resident(session, request), visit_id, photo_id)
        return announced, session.get(Photo, (visit.compound_id, photo_id)) if announced.received_at else None

    announced, here = await request.app.state.db.look(expected)
    with await receive(request, desk.directory) as received:
        if x_content_sha256 not in (None, received.sha256):
            raise DigestDiffers
        if here is not None and here.sha256 == received.sha256:
            return Upload(received.sha256, None)
        return Upload(received.sha256, await developed(request, received, _capture(announced)))


def _capture(announced: VisitPhoto) -> Capture:
    return Capture(
        source=PhotoSource(announced.source),
        announced_sha256=announced.announced_sha256,
        device_at=announced.device_at,
        lat=announced.lat,
        lon=announced.lon,
        accuracy=announced.accuracy,
    )


def _form_id(text: Any) -> UUID:
    try:
        return UUID(text) if isinstance(text, str) else new_id()
    except ValueError:
        return new_id()
