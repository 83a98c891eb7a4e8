"""Pictures on their way in, received before any transaction: evidence, photos of the board, pictures of a notice."""

from typing import Annotated

from fastapi import Request
from sqlmodel import Session

from app.access.actors import Visitor, resident
from app.kit.refusals import NotAllowed
from app.kit.requests import TakesFiles
from app.notices import policy
from app.photos.arriving import Sent, raw_photo, sent_photos
from app.photos.intake import TakenIn


def _poster(session: Session, request: Request) -> Visitor:
    actor = resident(session, request)
    if not policy.can_post(actor):
        raise NotAllowed
    return actor


def _announcer(session: Session, request: Request) -> Visitor:
    actor = resident(session, request)
    if not policy.can_announce(actor):
        raise NotAllowed
    return actor


PhotosOfAnnouncer = Annotated[Sent, sent_photos(_announcer), TakesFiles()]
PhotoOfAnnouncer = Annotated[TakenIn, raw_photo(_announcer), TakesFiles()]
PhotosOfObjector = Annotated[Sent, sent_photos(resident), TakesFiles()]
PhotoOfObjector = Annotated[TakenIn, raw_photo(resident), TakesFiles()]
PhotosOfPoster = Annotated[Sent, sent_photos(_poster), TakesFiles()]
PhotoOfPoster = Annotated[TakenIn, raw_photo(_poster), TakesFiles()]
