"""The code on the leader's screen, new every minute: that somebody stood before it, and when. It is no secret for longer.

A phone's camera reads the whole; the six digits are for whoever types. Both say whether one comes or goes, so that nobody has
to choose. Nothing is stored: the server makes the same code again from its secret.
"""

import base64
import hmac
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

SECONDS = 60
"""How long a code stands on the screen."""

SKEW = 1
"""Windows: two clocks, or the walk from the screen to the button."""


class Way(StrEnum):
    IN = "in"
    OUT = "out"


class Shown(NamedTuple):
    """What stood on the screen of which shift. `window`: whole minutes since 1970 in UTC."""

    shift_id: UUID
    way: Way
    window: int

    @property
    def at(self) -> datetime:
        """When the code appeared."""
        return datetime.fromtimestamp(self.window * SECONDS, UTC)

    def is_near(self, moment: datetime) -> bool:
        return abs(self.window - window_of(moment)) <= SKEW


def window_of(moment: datetime) -> int:
    return int(moment.timestamp() // SECONDS)


def token_of(secret: bytes, compound_id: UUID, shown: Shown) -> str:
    """Readable, with a signature that binds it to this shift, way and minute."""
    shift = base64.urlsafe_b64encode(shown.shift_id.bytes).rstrip(b"=").decode()
    return f"{shift}.{shown.way}.{shown.window}.{_signature(secret, compound_id, shown).hex()[:24]}"


def digits_of(secret: bytes, compound_id: UUID, shown: Shown) -> str:
    """Six, to be read aloud: 20 bits for three minutes, behind a throttle of eight tries."""
    return f"{int.from_bytes(_signature(secret, compound_id, shown)[-8:]) % 1_000_000:06d}"


_TOKEN = re.compile(r"([A-Za-z0-9_-]{22})\.(in|out)\.([0-9]{1,10})\.([0-9a-f]{24})(?![0-9a-f])")

CODE = rf"{_TOKEN.pattern}|^[0-9]{{6}}$"
"""What a scanner may take for a code of ours."""


def read_token(secret: bytes, compound_id: UUID, text: str) -> Shown | None:
    """What a scanned text says, an address or the token alone; None for one that we did not make."""
    found = _TOKEN.search(text)
    if found is None:
        return None
    shift, way, window, signature = found.groups()
    shown = Shown(UUID(bytes=base64.urlsafe_b64decode(shift + "==")), Way(way), int(window))
    expected = _signature(secret, compound_id, shown).hex()[:24]
    return shown if hmac.compare_digest(expected, signature) else None


def around(shift_id: UUID, moment: datetime) -> Iterator[Shown]:
    """Everything that may stand on the shift's screen at about a moment: both ways, each window within the skew."""
    for window in range(window_of(moment) - SKEW, window_of(moment) + SKEW + 1):
        for way in Way:
            yield Shown(shift_id, way, window)


def _signature(secret: bytes, compound_id: UUID, shown: Shown) -> bytes:
    said = b"check in\0%b%b%b%d" % (compound_id.bytes, shown.shift_id.bytes, shown.way.encode(), shown.window)
    return hmac.digest(secret, said, sha256)
