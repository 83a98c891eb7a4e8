"""The signed not-before: proof that a visit's record is not older than a moment the server knows (FIELD §1)."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID


def made_nonce(secret: bytes, compound_id: UUID, person_id: UUID, at: datetime) -> str:
    """`at` in whole seconds, readable, with a signature that binds it to this person here."""
    second = int(at.timestamp())
    return f"{second}.{_signature(secret, compound_id, person_id, second)}"


def not_before(secret: bytes, compound_id: UUID, person_id: UUID, nonce: str | None, until: datetime) -> datetime | None:
    """The moment in a nonce, None for one we did not make: evidence that is missing never parks a record."""
    written, _, signature = (nonce or "").partition(".")
    if not (written.isascii() and written.isdecimal() and len(written) <= 11):
        return None
    expected = _signature(secret, compound_id, person_id, int(written))
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        return None
    moment = datetime.fromtimestamp(int(written), UTC)
    return moment if moment <= until else None


def _signature(secret: bytes, compound_id: UUID, person_id: UUID, second: int) -> str:
    return hmac.new(secret, b"visit nonce\0%b%b%d" % (compound_id.bytes, person_id.bytes, second), sha256).hexdigest()[:32]
