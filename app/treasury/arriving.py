"""Papers on their way in, photographed or as a PDF: received before any transaction, only from somebody who may book."""

from typing import Annotated

from fastapi import Request
from sqlmodel import Session

from app.access.actors import Visitor, resident
from app.access.permissions import Permission
from app.kit.requests import TakesFiles
from app.photos.arriving import Sent, raw_paper, sent_papers
from app.photos.intake import TakenIn


def _booker(session: Session, request: Request) -> Visitor:
    actor = resident(session, request)
    actor.need(Permission.BOOK_MONEY)
    return actor


PapersOfBooker = Annotated[Sent, sent_papers(_booker), TakesFiles()]
PaperOfBooker = Annotated[list[TakenIn], raw_paper(_booker), TakesFiles()]
