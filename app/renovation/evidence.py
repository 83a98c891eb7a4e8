"""What is known about a photo of a visit or a finding beside what it shows: facts for people to look at, each with whose word
it is.

The server's own: not before (its nonce), not after (the digest, announced with the text), when it came. The phone's and the
camera's: everybody can forge them. Positions and devices are for supervisors; others read whether it was on the site.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Body, BodyKind
from app.compounds.rules import rule
from app.kit.i18n import mark
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.photos.models import Photo, PhotoLikeness, PhotoSize
from app.renovation import policy
from app.renovation.distance import metres
from app.renovation.finding_models import Finding, FindingPhoto
from app.renovation.finding_queries import finding_photo_for
from app.renovation.models import Project, VisitPhoto
from app.renovation.queries import visit_for
from app.renovation.supervision_queries import site_of


class AtSite(StrEnum):
    NEAR = "near"
    FAR = "far"
    UNKNOWN = "unknown"


class Receipt(StrEnum):
    """What became of the digest that the phone announced."""

    SAME = "same"
    """The bytes that came are those it announced."""
    SMALLER = "smaller"
    """It sent a smaller copy; the original stayed there."""
    NONE = "none"
    """It announced none."""


RECEIPT_SAYS = {
    Receipt.SAME: mark("收到的就是手机当时报的那一张"),
    Receipt.SMALLER: mark("收到的是缩小的，原图还在手机里"),
    Receipt.NONE: mark("手机当时没有报指纹"),
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """A photo that was here before and looks the same. `path` below the compound's address: the visit or finding it hangs in."""

    photo_id: UUID
    path: str
    received_at: datetime
    bits: int
    same_file: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """`device`, `metres`, `accuracy`, `lat`, `lon`: None for everybody but supervisors. `metres` from the site as set last."""

    photo_id: UUID
    visit_id: UUID
    caption: str
    source: str
    not_before_at: datetime | None
    announced_at: datetime
    received_at: datetime
    device_at: datetime | None
    exif_at: datetime | None
    announced_sha256: str | None
    received_sha256: str
    receipt: Receipt
    device: str | None
    lat: float | None
    lon: float | None
    accuracy: float | None
    metres: int | None
    at_site: AtSite
    near_metres: int
    earlier: tuple[Earlier, ...]


@dataclass(frozen=True, slots=True)
class FindingEvidence:
    """Of a photo that came with a finding or an answer: nobody's nonce bounds it, and no position. `device`: for supervisors."""

    photo_id: UUID
    finding_id: UUID
    source: str
    received_at: datetime
    device_at: datetime | None
    exif_at: datetime | None
    announced_sha256: str | None
    received_sha256: str
    receipt: Receipt
    device: str | None
    earlier: tuple[Earlier, ...]


def evidence_of(session: Session, visitor: Visitor, visit_id: UUID, photo_id: UUID) -> Evidence:
    """Raises NotFound for a photo that is not here."""
    visit = visit_for(session, visitor, visit_id)
    announced = session.get(VisitPhoto, (visit.compound_id, photo_id))
    if announced is None or announced.visit_id != visit.id or announced.received_at is None:
        raise NotFound
    photo = session.get_one(Photo, (visit.compound_id, photo_id))
    near = rule(session, visit.compound_id, "on_site_metres")
    lat, lon = (announced.lat, announced.lon) if announced.lat is not None else (photo.lat, photo.lon)
    site = site_of(session, session.get_one(Project, (visit.compound_id, visit.project_id)))
    away = metres(lat, lon, site.lat, site.lon) if site and lat is not None and lon is not None else None
    trusted = policy.can_see_originals(visitor)
    return Evidence(
        photo_id=photo.id,
        visit_id=visit.id,
        caption=announced.caption,
        source=announced.source,
        not_before_at=visit.not_before_at,
        announced_at=visit.received_at,
        received_at=announced.received_at,
        device_at=announced.device_at,
        exif_at=announced.exif_at or photo.exif_at,
        announced_sha256=announced.announced_sha256,
        received_sha256=photo.sha256,
        receipt=_receipt(announced.announced_sha256, photo),
        device=_device(photo) if trusted else None,
        lat=lat if trusted else None,
        lon=lon if trusted else None,
        accuracy=announced.accuracy if trusted else None,
        metres=away if trusted else None,
        at_site=AtSite.UNKNOWN if away is None else AtSite.NEAR if away <= near else AtSite.FAR,
        near_metres=near,
        earlier=tuple(_earlier(session, visitor, photo)),
    )


def finding_evidence_of(session: Session, visitor: Visitor, finding_id: UUID, photo_id: UUID) -> FindingEvidence:
    """Raises NotFound."""
    finding_photo_for(session, visitor, finding_id, photo_id, PhotoSize.MIDDLE)
    photo = session.get_one(Photo, (visitor.compound.id, photo_id))
    return FindingEvidence(
        photo_id=photo.id,
        finding_id=finding_id,
        source=photo.source,
        received_at=photo.received_at,
        device_at=photo.device_at,
        exif_at=photo.exif_at,
        announced_sha256=photo.announced_sha256,
        received_sha256=photo.sha256,
        receipt=_receipt(photo.announced_sha256, photo),
        device=_device(photo) if policy.can_see_originals(visitor) else None,
        earlier=tuple(_earlier(session, visitor, photo)),
    )


def alike_in(session: Session, visitor: Visitor, visit_id: UUID) -> frozenset[UUID]:
    """The photos of a visit that look like an earlier one."""
    rows = session.execute(
        columns(PhotoLikeness.photo_id)
        .join(VisitPhoto, pointing(PhotoLikeness, "photo_id", VisitPhoto))
        .where(PhotoLikeness.compound_id == visitor.compound.id, VisitPhoto.visit_id == visit_id)
    )
    return frozenset(row[0] for row in rows)


def alike_of(session: Session, visitor: Visitor, finding_id: UUID) -> frozenset[UUID]:
    """The photos of a finding that look like an earlier one."""
    rows = session.execute(
        columns(PhotoLikeness.photo_id)
        .join(FindingPhoto, _same_photo)
        .where(PhotoLikeness.compound_id == visitor.compound.id, FindingPhoto.finding_id == finding_id)
    )
    return frozenset(row[0] for row in rows)


_same_photo = and_(
    col(FindingPhoto.compound_id) == PhotoLikeness.compound_id, col(FindingPhoto.photo_id) == PhotoLikeness.photo_id
)


def body_of(session: Session, visitor: Visitor) -> str:
    """The name of the body that supervises, "" where there is none."""
    found = session.exec(
        select(func.min(Body.name)).where(Body.compound_id == visitor.compound.id, Body.kind == BodyKind.SUPERVISION)
    ).one()
    return found or ""


def _receipt(announced_sha256: str | None, photo: Photo) -> Receipt:
    if announced_sha256 is None:
        return Receipt.NONE
    return Receipt.SAME if announced_sha256 == photo.sha256 else Receipt.SMALLER


def _device(photo: Photo) -> str | None:
    return " ".join(filter(None, (photo.make, photo.model))) or None


def _earlier(session: Session, visitor: Visitor, photo: Photo) -> list[Earlier]:
    """A draft's photos are for supervisors."""
    rows = session.execute(_EARLIER, {"compound_id": photo.compound_id, "photo_id": photo.id})
    found: dict[UUID, Earlier] = {}
    for like, other, visit_id, finding in rows:
        path = f"/works/visits/{visit_id}" if visit_id else f"/works/findings/{finding.id}" if finding else ""
        if path and (visit_id or finding.number or policy.can_supervise(visitor)):
            same = other.sha256 == photo.sha256
            found[other.id] = Earlier(other.id, path, other.received_at, like.phash_bits + like.dhash_bits, same)
    return list(found.values())


def _of(kind: Any, column: str) -> Any:
    return and_(col(kind.compound_id) == PhotoLikeness.compound_id, getattr(kind, column) == PhotoLikeness.earlier_id)


_EARLIER = (
    columns(PhotoLikeness, Photo, VisitPhoto.visit_id, Finding)
    .join(Photo, pointing(PhotoLikeness, "earlier_id", Photo))
    .outerjoin(VisitPhoto, _of(VisitPhoto, "id"))
    .outerjoin(FindingPhoto, _of(FindingPhoto, "photo_id"))
    .outerjoin(Finding, and_(col(Finding.compound_id) == FindingPhoto.compound_id, col(Finding.id) == FindingPhoto.finding_id))
    .where(PhotoLikeness.compound_id == bindparam("compound_id"), PhotoLikeness.photo_id == bindparam("photo_id"))
    .order_by(PhotoLikeness.phash_bits + PhotoLikeness.dhash_bits, col(Photo.received_at), col(Photo.id))
)
