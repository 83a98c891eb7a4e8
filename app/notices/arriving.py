"""Pictures on their way in: an objector's evidence, an officer's photo of the board. Received before any transaction."""

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


PhotosOfObjector = Annotated[Sent, sent_photos(resident), TakesFiles()]
PhotoOfObjector = Annotated[TakenIn, raw_photo(resident), TakesFiles()]
PhotosOfPoster = Annotated[Sent, sent_photos(_poster), TakesFiles()]
PhotoOfPoster = Annotated[TakenIn, raw_photo(_poster), TakesFiles()]
