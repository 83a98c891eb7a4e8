"""Photos on their way in: received, opened and kept as files before any transaction, after a cheap look at who asks.

Doors of other rooms take them as parameters: `sent_photos(give)` those of a form, `raw_photo(give)` one as a request's body.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from anyio import to_thread
from fastapi import Depends, Request
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from app.access.actors import Visitor
from app.kit.forms import Filled, W
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.pictures import PictureProblem, Received, receive
from app.photos.intake import TakenIn, take_in
from app.photos.models import PhotoSource
from app.photos.schemas import Capture

Gate = Callable[[Session, Request], Visitor]
"""Says who asks, and refuses who may not, before anything is read."""

RAW_IMAGE = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary", "maxLength": 25_000_000}}},
    }
}
"""What the API's description says of such a body."""

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


def sent_photos(give: Gate) -> Any:
    """A door's parameter: the form's photos."""

    async def read(request: Request) -> Sent:
        await request.app.state.db.look(lambda session: give(session, request))
        async with request.form(max_files=20, max_fields=400) as form:  # leaving it closes the files
            return await _sent(request, form)

    return Depends(read)


def raw_photo(give: Gate) -> Any:
    """A door's parameter: the body is the picture."""

    async def read(request: Request) -> TakenIn:
        state = request.app.state
        state.desk.look_for_place()
        await state.db.look(lambda session: give(session, request))
        with await receive(request, state.desk.directory) as received:
            return await developed(request, received, Capture())

    return Depends(read)


async def developed(request: Request, received: Received, capture: Capture) -> TakenIn:
    state = request.app.state
    return await to_thread.run_sync(take_in, state.desk, state.blobs, received, capture)


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


def _form_id(text: Any) -> UUID:
    try:
        return UUID(text) if isinstance(text, str) else new_id()
    except ValueError:
        return new_id()
