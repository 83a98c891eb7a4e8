"""What there is to see of certificates, and whether one still is what was published."""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.compounds.models import Person
from app.compounds.names import masked
from app.kit.records import columns, made_into, pointing, rows_of
from app.kit.refusals import NotFound
from app.publiclog.queries import entries_of_record, entry_stands, head_of
from app.volunteering import policy
from app.volunteering.certificate_content import read_content
from app.volunteering.certificate_models import Certificate, CertificateAltered
from app.volunteering.certificate_schemas import Content

ISSUED, REVOKED = "certificate.issued", "certificate.revoked"


@dataclass(frozen=True, slots=True)
class CertificateCard:
    id: UUID
    year: int
    number: int
    name: str
    issued_at: datetime
    revoked_at: datetime | None


class Verdict(StrEnum):
    VALID = "valid"
    REVOKED = "revoked"
    ALTERED = "altered"
    """What stands here, or on the paper, is not what was published."""
    UNKNOWN = "unknown"
    """No such number, or not with this name or code: the same answer, so that nobody learns who has one."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What whoever holds the paper is told: no name but a surname, and nothing that the paper does not say itself."""

    verdict: Verdict
    number: str = ""
    name: str = ""
    content: Content | None = None
    revoked_at: datetime | None = None
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A certificate as it is printed. `address`: where it is checked by hand; `checked_at`: the same, for the QR."""

    certificate: Certificate
    content: Content
    address: str
    checked_at: str
    log_index: int
    log_size: int
    log_root: str


def certificate_for(session: Session, actor: Actor, id: UUID, *, to_change: bool = False) -> Certificate:
    """One's own, or anybody's for who leads. Raises NotFound."""
    found = session.get(Certificate, (actor.compound.id, id), populate_existing=True, with_for_update=to_change or None)
    if found is None or not policy.can_see_certificate(actor, found):
        raise NotFound
    return found


_CARDS = (
    columns(
        Certificate.id, Certificate.year, Certificate.number, Person.name, Certificate.issued_at, Certificate.revoked_at,
    )
    .join(Person, pointing(Certificate, "person_id", Person))
    .where(Certificate.compound_id == bindparam("compound_id"))
    .order_by(col(Certificate.issued_at).desc(), col(Certificate.id).desc())
)  # fmt: skip

_card = made_into(CertificateCard, _CARDS)

_MINE = _CARDS.where(Certificate.person_id == bindparam("person_id"))

MOST = 200
"""The latest are listed; an older one is found by its number."""


def certificates(session: Session, actor: Actor) -> list[CertificateCard]:
    """The latest that were issued here, for who leads."""
    rows = rows_of(session, _CARDS.limit(MOST), {"compound_id": actor.compound.id})
    return [_card(row) for row in rows]


def my_certificates(session: Session, actor: Actor) -> list[CertificateCard]:
    rows = rows_of(session, _MINE, {"compound_id": actor.compound.id, "person_id": actor.person_id})
    return [_card(row) for row in rows]


SHOWN = 32
"""Hex digits of the digest that the QR carries: 128 bits are enough for whoever would look for another content with them."""


def key_of(secret: bytes, certificate: Certificate, digest: str) -> str:
    """What the QR on the paper carries beside the number and the content's digest: that we printed both."""
    said = b"certificate\0%b%b%b" % (certificate.compound_id.bytes, certificate.id.bytes, digest.encode())
    return hmac.digest(secret, said, sha256).hex()[:32]


def sheet_of(session: Session, actor: Actor, id: UUID, public_url: str, secret: bytes) -> Sheet:
    """Raises NotFound, CertificateAltered."""
    certificate = certificate_for(session, actor, id)
    checked = judged(session, certificate)
    if checked.content is None or checked.log_index is None:
        raise CertificateAltered
    head = head_of(session, certificate.compound_id)
    address = f"{public_url.rstrip('/')}/c/{actor.compound.slug}/volunteering/certificates/check"
    digest = certificate.digest[:SHOWN]
    signed = urlencode({"n": certificate.reference, "h": digest, "k": key_of(secret, certificate, digest)})
    return Sheet(certificate, checked.content, address, f"{address}?{signed}", checked.log_index, head.size, head.root.hex())


def check_by_name(session: Session, visitor: Visitor, number: str, name: str, mark: str = "") -> Checked:
    """`mark`: how the digest on the paper begins, if it was typed."""
    found = _numbered(session, visitor, number)
    if found is None or session.get_one(Person, (found.compound_id, found.person_id)).name != name.strip():
        return Checked(Verdict.UNKNOWN)
    return judged(session, found, mark)


def check_by_key(session: Session, visitor: Visitor, number: str, digest: str, key: str, secret: bytes) -> Checked:
    """By the QR: a digest that we printed, and that the content has no more, is a content that was changed."""
    found = _numbered(session, visitor, number)
    if found is None or not hmac.compare_digest(key_of(secret, found, digest).encode(), key.encode("utf-8", "replace")):
        return Checked(Verdict.UNKNOWN)
    return judged(session, found, digest)


def _numbered(session: Session, visitor: Visitor, reference: str) -> Certificate | None:
    year, _dash, number = reference.partition("-")
    if not (
        year.isascii() and year.isdecimal() and len(year) == 4 and number.isascii() and number.isdecimal() and len(number) < 8
    ):
        return None
    return session.exec(
        select(Certificate).where(
            Certificate.compound_id == visitor.compound.id, Certificate.year == int(year), Certificate.number == int(number)
        )
    ).one_or_none()


def judged(session: Session, certificate: Certificate, digest: str = "") -> Checked:
    """Held against the public log, which nobody can change: the row here is believed in nothing."""
    logged = entries_of_record(session, certificate.compound_id, certificate.id)
    issued = next((entry for entry in logged if entry.type == ISSUED), None)
    content = read_content(certificate.content)
    if issued is None or content is None or not all(entry_stands(session, entry) for entry in logged):
        return Checked(Verdict.ALTERED, certificate.reference)
    published = json.loads(issued.entry)["attachments"][0]["sha256"]
    if certificate.digest != published or not published.startswith(digest) or content.number != certificate.reference:
        return Checked(Verdict.ALTERED, certificate.reference)
    revoked = next((entry for entry in logged if entry.type == REVOKED), None)
    return Checked(
        Verdict.REVOKED if revoked or certificate.revoked_at else Verdict.VALID,
        certificate.reference,
        masked(content.name),
        content,
        revoked.created_at if revoked else certificate.revoked_at,
        issued.index,
    )
