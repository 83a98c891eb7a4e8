"""Photos on their way in: received, opened and kept as files before any transaction, after a cheap look at who asks.

Doors of other rooms take them as parameters: `sent_photos(give)` those of a form, `raw_photo(give)` one as a request's body.
Papers may be PDFs too, of which each page is a photo: `sent_papers(give)`, `raw_paper(give)`.
"""

from collections.abc import Awaitable, Callable, Mapping
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
from app.photos.intake import TakenIn, take_in, take_in_paper
from app.photos.models import PhotoSource
from app.photos.schemas import Capture
from app.photos.service import page_id

Gate = Callable[[Session, Request], Visitor]
"""Says who asks, and refuses who may not, before anything is read."""


def _described(*kinds: str) -> dict[str, Any]:
    file = {"schema": {"type": "string", "format": "binary", "maxLength": 25_000_000}}
    return {"requestBody": {"required": True, "content": dict.fromkeys(kinds, file)}}


RAW_IMAGE, RAW_PAPER = _described("image/*"), _described("image/*", "application/pdf")
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


Develop = Callable[[Request, Received, Capture], Awaitable[list[TakenIn]]]


def sent_photos(give: Gate) -> Any:
    """A door's parameter: the form's photos."""
    return _sent_by(give, _one)


def sent_papers(give: Gate) -> Any:
    """A door's parameter: the form's photographed papers and the pages of its PDFs."""
    return _sent_by(give, _pages)


def _sent_by(give: Gate, develop: Develop) -> Any:
    async def read(request: Request) -> Sent:
        await request.app.state.db.look(lambda session: give(session, request))
        async with request.form(max_files=20, max_fields=400) as form:  # leaving it closes the files
            return await _sent(request, form, develop)

    return Depends(read)


def raw_photo(give: Gate) -> Any:
    """A door's parameter: the body is the picture."""

    async def read(request: Request) -> TakenIn:
        return (await _raw(request, give, _one))[0]

    return Depends(read)


def raw_paper(give: Gate) -> Any:
    """A door's parameter: the body is the picture, or a PDF; a list of its pages."""

    async def read(request: Request) -> list[TakenIn]:
        return await _raw(request, give, _pages)

    return Depends(read)


async def _raw(request: Request, give: Gate, develop: Develop) -> list[TakenIn]:
    state = request.app.state
    state.desk.look_for_place()
    await state.db.look(lambda session: give(session, request))
    with await receive(request, state.desk.directory) as received:
        return await develop(request, received, Capture())


async def developed(request: Request, received: Received, capture: Capture) -> TakenIn:
    state = request.app.state
    return await to_thread.run_sync(take_in, state.desk, state.blobs, received, capture)


async def _one(request: Request, received: Received, capture: Capture) -> list[TakenIn]:
    return [await developed(request, received, capture)]


async def _pages(request: Request, received: Received, capture: Capture) -> list[TakenIn]:
    state = request.app.state
    return await to_thread.run_sync(take_in_paper, state.desk, state.blobs, received, capture)


async def _sent(request: Request, form: FormData, develop: Develop) -> Sent:
    files = [(file, source) for name, source in FIELDS for file in form.getlist(name)]
    taken: dict[UUID, TakenIn] = {}
    refused, form_id = [], _form_id(form.get("id"))
    for number, (file, source) in enumerate(files):
        if not isinstance(file, UploadFile) or not file.filename:
            continue  # what a browser sends for an input without a file
        try:
            with await receive(file, request.app.state.desk.directory) as received:
                paper_id = uuid5(form_id, f"{number} {received.sha256}")
                pages = await develop(request, received, Capture(source=source))
                taken |= {page_id(paper_id, page.page): page for page in pages}
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
