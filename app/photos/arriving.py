"""Photos on their way in: received, opened and kept as files before any transaction, after a cheap look at who asks.

Doors of other rooms take them as parameters: `sent_photos(give)` those of a form, `raw_photo(give)` one as a request's body;
`sent_papers` and `raw_paper` where a PDF is welcome too, each page of which is a photo.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid5

from anyio import to_thread
from fastapi import Depends, Request
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from app.access.actors import Visitor
from app.kit.blobs import Blobs
from app.kit.forms import Filled, W
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.pictures import PictureDesk, PictureProblem, Received, receive
from app.kit.same_origin import MOST_PARTS
from app.photos.boxes import RedactWish
from app.photos.intake import TakenIn, redact, take_in, take_in_paper
from app.photos.models import Photo, PhotoSource
from app.photos.schemas import Capture
from app.photos.service import page_id

Gate = Callable[[Session, Request], Visitor]
"""Says who asks, and refuses who may not, before anything is read."""

T = TypeVar("T")


def _raw(*kinds: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "binary", "maxLength": 25_000_000}
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}}


RAW_IMAGE = _raw("image/*")
"""What the API's description says of such a body."""
RAW_PAPER = _raw("image/*", "application/pdf")

Fields = Sequence[tuple[str, PhotoSource]]

FIELDS: Fields = (("camera", PhotoSource.CAMERA), ("gallery", PhotoSource.GALLERY))
"""The two file inputs of a form: a phone says by them where a picture came from. What stands behind a colon in an input's name
says what its pictures are of (`Sent.of`).
"""


@dataclass(frozen=True)
class Sent:
    """The photos of a form, each under an id made from the form's: the same form again is the same photos.

    `problems`: why others were not taken, by their place among what was chosen, from 1. `of`: what the form says that a photo
    is of, "" for most.
    """

    taken: Mapping[UUID, TakenIn]
    problems: Mapping[int, PictureProblem]
    of: Mapping[UUID, str]

    @property
    def refused(self) -> tuple[str, ...]:
        return tuple(no.message for no in self.problems.values())

    @property
    def problem(self) -> str | None:
        """The first of them with what helps, for beside the field; None where all were taken."""
        for number, no in self.problems.items():
            return _("第 %(n)s 张：%(says)s%(advice)s", n=number, says=no.message, advice=no.next_step)
        return None

    def said(self, words: str) -> str:
        """What happened, and which photos did not come with it."""
        return words + "".join(_("有一张没收下：%(why)s", why=why) for why in self.refused[:2])

    def again(self, form: Filled[W]) -> Filled[W]:
        """A form that comes back cannot hold the files that were chosen: it says so where they have to be chosen again."""
        return form.with_problem("photos", _("照片没有存下，请再选一次。")) if self.taken or self.problems else form


def sent_photos(give: Gate, fields: Fields = FIELDS, *, papers: bool = False) -> Any:
    """A door's parameter: the form's photos. Two alike are two; of `papers` they are one."""

    async def read(request: Request) -> Sent:
        await request.app.state.db.look(lambda session: give(session, request))
        async with request.form(**MOST_PARTS) as form:  # leaving it closes the files
            return await _sent(request, form, fields, papers=papers)

    return Depends(read)


def sent_papers(give: Gate, field: str) -> Any:
    """A door's parameter: what the form's input `field` brings."""
    return sent_photos(give, ((field, PhotoSource.UNKNOWN),), papers=True)


def raw_photo(give: Gate) -> Any:
    """A door's parameter: the body is the picture."""

    async def read(request: Request) -> TakenIn:
        return await _received(request, give, take_in)

    return Depends(read)


def raw_paper(give: Gate) -> Any:
    """A door's parameter: the body is a picture or a PDF."""

    async def read(request: Request) -> list[TakenIn]:
        return await _received(request, give, take_in_paper)

    return Depends(read)


async def developed(request: Request, received: Received, capture: Capture) -> TakenIn:
    return await _developed(request, received, capture, take_in)


async def painted_over(request: Request, find: Callable[[Session], Photo], wish: RedactWish) -> TakenIn:
    """A copy of the photo that `find` gives to who asks, before any transaction. Raises what `find` does, a PictureProblem and
    CannotStore.
    """
    state = request.app.state
    photo = await state.db.look(find)
    return await to_thread.run_sync(redact, state.desk, state.blobs, photo, [box.box for box in wish.boxes])


async def _received(request: Request, give: Gate, take: Callable[..., T]) -> T:
    state = request.app.state
    state.desk.look_for_place()
    await state.db.look(lambda session: give(session, request))
    with await receive(request, state.desk.directory) as received:
        return await _developed(request, received, Capture(), take)


async def _developed(request: Request, received: Received, capture: Capture, take: Callable[..., T]) -> T:
    state = request.app.state
    return await to_thread.run_sync(take, state.desk, state.blobs, received, capture)


async def _sent(request: Request, form: FormData, fields: Fields, *, papers: bool) -> Sent:
    sent = [(name.partition(":"), file) for name, file in form.multi_items()]
    files = [(file, source, of) for field, source in fields for (name, _colon, of), file in sent if name == field]
    taken: dict[UUID, TakenIn] = {}
    what_of: dict[UUID, str] = {}
    problems: dict[int, PictureProblem] = {}
    form_id = _form_id(form.get("id"))
    for number, (file, source, of) in enumerate(files, 1):
        if not isinstance(file, UploadFile) or not file.filename:
            continue  # what a browser sends for an input without a file
        try:
            with await receive(file, request.app.state.desk.directory) as received:
                id = uuid5(form_id, received.sha256 if papers else f"{number} {received.sha256}")
                pages = await _developed(request, received, Capture(source=source), take_in_paper if papers else _take_in)
                taken |= {page_id(id, page.page): page for page in pages}
                what_of[id] = of
        except PictureProblem as problem:
            if problem.status >= 500:
                raise
            problems[number] = problem
    return Sent(taken, problems, what_of)


def _take_in(desk: PictureDesk, blobs: Blobs, received: Received, capture: Capture) -> list[TakenIn]:
    return [take_in(desk, blobs, received, capture)]


def _form_id(text: Any) -> UUID:
    try:
        return UUID(text) if isinstance(text, str) else new_id()
    except ValueError:
        return new_id()
