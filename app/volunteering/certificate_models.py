"""Noun: the certificate of service."""

from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import NotThisState, Refusal


class OwnCertificate(Refusal):
    says = mark("自己的证明，不能自己开。")
    advice = mark("请另一位负责人开。")


class NothingToCertify(Refusal):
    says = mark("这段时间没有记下服务时长。")


class CertificateAltered(Refusal):
    """Nothing is printed that would be found wrong by whoever checks it."""

    says = mark("这份证明的内容和公开日志里登记的不一样，不能用。")
    advice = mark("请告诉居委会。")


class Certificate(SentOnce, table=True):
    """志愿服务证明. `content` is what was certified, word for word (canonical JSON, `certificate_content`); its digest stands in
    the public log, so that whatever is changed here afterwards is found. It is revoked, never changed.
    """

    at = "/volunteering/certificates/{row.id}"

    __table_args__ = (
        points_to("person", "person_id"),
        points_to("person", "issued_by_id"),
        points_to("person", "revoked_by_id"),
        UniqueConstraint("compound_id", "year", "number"),
        CheckConstraint("to_on >= from_on", name="ends_after_start"),
        CheckConstraint("issued_by_id <> person_id", name="issued_by_another"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_somebody"),
        Index("ix_certificate_person", "compound_id", "person_id"),
    )

    year: int
    number: int
    person_id: UUID
    from_on: date
    to_on: date
    content: str = Field(sa_type=Text)
    issued_by_id: UUID
    issued_at: datetime = Field(default_factory=now)
    revoked_by_id: UUID | None = None
    revoked_at: datetime | None = None
    revoked_because: str = Field(default="", max_length=200)

    @property
    def reference(self) -> str:
        """As it is printed and typed: "2026-3"."""
        return f"{self.year}-{self.number}"

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the content as it stands here now."""
        return sha256(self.content.encode()).hexdigest()

    def revoke(self, person_id: UUID, because: str) -> None:
        """Raises NotThisState for one that is revoked already."""
        if self.revoked_at:
            raise NotThisState
        self.revoked_by_id, self.revoked_at, self.revoked_because = person_id, now(), because
