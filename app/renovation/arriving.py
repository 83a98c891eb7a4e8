"""Photos of visits and findings on their way in: received and kept as files before any transaction (`photos.arriving`)."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Header, Request
from sqlmodel import Session

from app.access.actors import Visitor, resident
from app.access.permissions import Permission
from app.kit.pictures import receive
from app.kit.refusals import NotAllowed
from app.kit.requests import TakesFiles
from app.photos.arriving import Sent, developed, raw_paper, raw_photo, sent_papers, sent_photos
from app.photos.intake import TakenIn
from app.photos.models import Photo, PhotoSource
from app.photos.schemas import Capture
from app.renovation.holders import link_holder
from app.renovation.models import DigestDiffers, VisitPhoto
from app.renovation.policy import can_prepare
from app.renovation.visiting import photo_to_receive


def _preparer(session: Session, request: Request) -> Visitor:
    actor = resident(session, request)
    if not can_prepare(actor):
        raise NotAllowed
    return actor


def _supervisor(session: Session, request: Request) -> Visitor:
    actor = resident(session, request)
    if not actor.may(Permission.SUPERVISE):
        raise NotAllowed
    return actor


def _planner(session: Session, request: Request) -> Visitor:
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
