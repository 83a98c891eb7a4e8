"""What both doors to findings answer, the supervisors' and the contractor's."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import Response
from sqlmodel import Session

from app.access.actors import Visitor
from app.kit.views import View
from app.renovation import awaiting
from app.renovation.finding_models import Finding
from app.renovation.finding_queries import FindingCard, finding_card
from app.renovation.schemas import Evidence, FindingRead, ManifestPhoto, PhotoReceipt
from app.renovation.visiting import Arrived


@dataclass(frozen=True)
class FindingCardPage(View):
    """The card that takes the place of the outbox's own once what was written has arrived."""

    template = "renovation/_finding_card.html"

    finding: FindingCard
    href: str


def receipt(response: Response, arrived: Arrived) -> PhotoReceipt:
    """What a phone may let go of its picture for."""
    response.status_code = 201 if arrived.made else 200
    photo = arrived.photo
    return PhotoReceipt(id=photo.id, received_sha256=photo.sha256, received_at=photo.received_at, complete=arrived.complete)


def manifest(session: Session, finding: Finding, act_id: UUID | None) -> Evidence:
    return Evidence(
        photos=[
            ManifestPhoto(id=awaited.id, state="received" if here else "missing", received_sha256=here.sha256 if here else None)
            for awaited, here in awaiting.awaited_of(session, finding, act_id)
        ]
    )


def finding_read(session: Session, visitor: Visitor, id: UUID) -> FindingRead:
    return FindingRead.model_validate(finding_card(session, visitor, id), from_attributes=True)
