"""Photos of visits and findings on their way in: received and kept as files before any transaction (`photos.arriving`)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import Depends, Header, Request
from sqlmodel import Session

from app.access.actors import Actor, resident
from app.access.permissions import Permission
from app.kit.pictures import receive
from app.kit.refusals import NotAllowed, NotFound
from app.kit.requests import TakesFiles
from app.photos.arriving import Sent, developed, raw_paper, raw_photo, sent_papers, sent_photos
from app.photos.intake import Original, TakenIn, take_in_original
from app.photos.models import Photo, PhotoSource
from app.photos.schemas import Capture
from app.renovation import awaiting, originals
from app.renovation.holders import Holder, link_holder
from app.renovation.models import DigestDiffers, VisitPhoto
from app.renovation.policy import can_prepare
from app.renovation.visiting import photo_to_receive


def _preparer(session: Session, request: Request) -> Actor:
    actor = resident(session, request)
    if not can_prepare(actor):
        raise NotAllowed
    return actor


def _supervisor(session: Session, request: Request) -> Actor:
    actor = resident(session, request)
    if not actor.may(Permission.SUPERVISE):
        raise NotAllowed
    return actor


def _planner(session: Session, request: Request) -> Actor:
    actor = resident(session, request)
    actor.need(Permission.PLAN_WORKS)
    return actor


PapersOfPlanner = Annotated[Sent, sent_papers(_planner, "photos"), TakesFiles()]
PaperOfPlanner = Annotated[list[TakenIn], raw_paper(_planner), TakesFiles()]
PhotosOfSupervisor = Annotated[Sent, sent_photos(_supervisor), TakesFiles()]
PhotosOfPointMaker = Annotated[Sent, sent_photos(_preparer), TakesFiles()]
ReferencePhoto = Annotated[TakenIn, raw_photo(_preparer), TakesFiles()]
PhotosOfResident = Annotated[Sent, sent_photos(resident), TakesFiles()]
PhotosOfHolder = Annotated[Sent, sent_photos(link_holder), TakesFiles()]


@dataclass(frozen=True)
class Upload:
    """One photo of a visit as its raw body: `taken_in` is None for one that is here already, byte for byte."""

    sha256: str
    taken_in: TakenIn | None


Announced = Callable[[Session], tuple[Capture, Photo | None]]
"""Looks who asks and what was announced: how it was taken, and the photo where it is here already."""

Digest = Annotated[str | None, Header(pattern="^[0-9a-f]{64}$", description="SHA-256 of the body, lower-case hex.")]


async def photo_upload(request: Request, visit_id: UUID, photo_id: UUID, x_content_sha256: Digest = None) -> Upload:
    """Raises what the verb would, and PictureProblem, DigestDiffers, CannotStore."""

    def announced(session: Session) -> tuple[Capture, Photo | None]:
        visit, photo = photo_to_receive(session, resident(session, request), visit_id, photo_id)
        return _capture(photo), session.get(Photo, (visit.compound_id, photo_id)) if photo.received_at else None

    return await _upload(request, announced, x_content_sha256)


def evidence_upload(give: Callable[[Session, Request], awaiting.Sender]) -> Any:
    """A door's parameter: a photo that a finding, or a step in its life, announced. `give` says who sends it."""

    async def read(request: Request, x_content_sha256: Digest = None) -> Upload:
        def announced(session: Session) -> tuple[Capture, Photo | None]:
            sender = give(session, request)
            try:
                asked = {name: UUID(text) for name, text in request.path_params.items() if name.endswith("_id")}
            except ValueError:
                raise NotFound from None
            finding_id = sender.link.finding_id if isinstance(sender, Holder) else asked["finding_id"]
            photo = awaiting.photo_to_receive(session, sender, finding_id, asked.get("act_id"), asked["photo_id"])[2]
            here = session.get(Photo, (photo.compound_id, photo.id)) if awaiting.hangs(session, photo) else None
            source = PhotoSource(photo.source)
            return Capture(source=source, announced_sha256=photo.announced_sha256, device_at=photo.device_at), here

        return await _upload(request, announced, x_content_sha256)

    return Depends(read)


async def original_upload(request: Request, photo_id: UUID) -> Original:
    """The camera's bytes of a photo that is here smaller. Raises what the verb would, and PictureProblem, CannotStore."""
    state = request.app.state
    state.desk.look_for_place()
    await state.db.look(lambda session: originals.photo_to_complete(session, _supervisor(session, request), photo_id))
    with await receive(request, state.desk.directory) as received:
        return await to_thread.run_sync(take_in_original, state.desk, state.blobs, received)


async def _upload(request: Request, announced: Announced, digest: str | None) -> Upload:
    desk = request.app.state.desk
    desk.look_for_place()
    capture, here = await request.app.state.db.look(announced)
    with await receive(request, desk.directory) as received:
        if digest not in (None, received.sha256):
            raise DigestDiffers
        if here is not None and here.sha256 == received.sha256:
            return Upload(received.sha256, None)
        return Upload(received.sha256, await developed(request, received, capture))


def _capture(announced: VisitPhoto) -> Capture:
    return Capture(
        source=PhotoSource(announced.source),
        announced_sha256=announced.announced_sha256,
        device_at=announced.device_at,
        lat=announced.lat,
        lon=announced.lon,
        accuracy=announced.accuracy,
    )


EvidenceOfSupervisor = Annotated[Upload, evidence_upload(_supervisor), TakesFiles()]
EvidenceOfHolder = Annotated[Upload, evidence_upload(link_holder), TakesFiles()]
