"""What a phone tells about a photo it sends; a visit, a finding and a voucher ask for the same."""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from app.kit.forms import Moment, Wish
from app.photos.models import PhotoSource

Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class Capture(Wish):
    """The moment of capture, as the phone saw it. Everything is optional; the place is asked for with consent.

    `announced_sha256`: of the bytes the camera made. `lat`, `lon` in degrees WGS 84, `accuracy` in metres.
    """

    source: PhotoSource = PhotoSource.UNKNOWN
    announced_sha256: Sha256 | None = None
    device_at: Moment | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    accuracy: Annotated[float, Field(ge=0, le=1_000_000)] | None = None

    @model_validator(mode="after")
    def _place_is_whole(self) -> "Capture":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon come together")
        return self
