"""What programs read of the evidence beside a photo."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class EarlierRead(BaseModel):
    """`path`: the visit or finding in which the earlier photo hangs, below the compound's address. `bits`: in how many of 128
    the two prints differ.
    """

    photo_id: UUID
    path: str
    received_at: datetime
    bits: int
    same_file: bool


class EvidenceRead(BaseModel):
    """`not_before_at`, `announced_at` (not after) and `received_at` are the server's own; `device_at` and `exif_at` what phone
    and camera say. `device`, the position and `metres` from the site are for supervisors; `at_site` is `near` within
    `near_metres` of it, `far` or `unknown`. `earlier`: photos that were here before and look alike.
    """

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
    receipt: str
    device: str | None
    lat: float | None
    lon: float | None
    accuracy: float | None
    metres: int | None
    at_site: str
    near_metres: int
    earlier: list[EarlierRead]


class FindingEvidenceRead(BaseModel):
    """`received_at` is the server's own; `device_at` and `exif_at` what phone and camera say. `device` is for supervisors.
    `receipt`: whether the bytes are those whose digest was announced. `earlier`: photos that were here before and look alike.
    """

    photo_id: UUID
    finding_id: UUID
    source: str
    received_at: datetime
    device_at: datetime | None
    exif_at: datetime | None
    announced_sha256: str | None
    received_sha256: str
    receipt: str
    device: str | None
    earlier: list[EarlierRead]
