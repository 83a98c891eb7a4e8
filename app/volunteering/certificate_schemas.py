"""Shapes at the border: certificates."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Line, Wish, unwidened
from app.kit.i18n import mark
from app.publiclog.canonical import canonical

Number = Annotated[Line, BeforeValidator(unwidened), AfterValidator(lambda text: text.replace(" ", "")), Field(max_length=20)]
"""As it is printed, "2026-3"; full-width digits and spaces are read too."""


class CertificateWish(Wish):
    """For whom, and of which days of service, both included."""

    person_id: UUID
    from_on: date
    to_on: date

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.to_on < self.from_on or not 1900 <= self.from_on.year <= self.to_on.year <= 2200:
            raise PydanticCustomError("ends_first", mark("结束的日子不能早于开始。"))
        return self


class RevokeWish(Wish):
    reason: Annotated[Line, Field(max_length=200)]


class CertificateCheckWish(Wish):
    """What stands on the paper. `mark`: how its digest begins, 8 letters and digits or more; without it only the name is held
    against the number.
    """

    number: Number
    name: Annotated[Line, Field(max_length=60)]
    mark: Annotated[str, BeforeValidator(unwidened), Field(pattern="^[0-9a-f]{8,64}$")] | None = None

    def counted_as(self, compound_id: UUID) -> str:
        """Whose wrong names are counted together: those for one number."""
        return f"certificate:{compound_id}:{self.number}"


class Deed(BaseModel):
    """What was done, how often, and the minutes of all times together."""

    title: str
    kind: str
    times: int
    minutes: int


class Content(BaseModel):
    """`salt`: without it the digest in the public log could be found out by guessing names. `minutes` by source; they sum to
    `total`.
    """

    model_config = ConfigDict(frozen=True)

    v: int = 1
    salt: str
    number: str
    issued_on: date
    compound: str
    name: str
    from_on: date
    to_on: date
    total: int
    minutes: dict[str, int]
    deeds: list[Deed]
    issuer: str
    handler: str
    contact: str

    def frozen(self) -> str:
        return canonical(self.model_dump(mode="json")).decode()


class CertificateRead(BaseModel):
    """`sha256` of the content's exact bytes stands in the public log."""

    id: UUID
    number: str
    issued_at: datetime
    revoked_at: datetime | None
    revoked_because: str
    sha256: str
    content: Content


class CertificateLine(BaseModel):
    id: UUID
    number: str
    issued_at: datetime
    revoked_at: datetime | None


class CertificateList(BaseModel):
    items: list[CertificateLine]


class CheckedRead(BaseModel):
    """`verdict`: valid, revoked, altered or unknown. `name` is a surname and a star; minutes by where they come from."""

    verdict: str
    number: str
    name: str
    from_on: date | None
    to_on: date | None
    total: int | None
    minutes: dict[str, int]
    issuer: str
    issued_on: date | None
    revoked_at: datetime | None
    log_index: int | None
