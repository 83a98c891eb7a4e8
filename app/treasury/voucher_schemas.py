"""Shapes at the border of vouchers and of what everybody sees of them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.kit.forms import Wish, unwidened
from app.kit.i18n import mark
from app.photos.boxes import BoxWish
from app.treasury.schemas import Sha256
from app.treasury.voucher_models import Paper

MOST_VOUCHERS = 40
"""Pages of PDFs count each: two of the longest."""


def _invoice_number(text: str) -> str:
    """However it was spaced on the paper: the same number is written the same way."""
    number = "".join(text.split()).upper()
    if not (4 <= len(number) <= 30 and number.isascii() and number.replace("-", "").isalnum()):
        raise PydanticCustomError("invoice_number", mark("发票号是 4 到 30 个数字或字母。"))
    return number


InvoiceNumber = Annotated[
    str,
    BeforeValidator(unwidened),
    Field(max_length=60, examples=["24432000000012345678"]),
    AfterValidator(_invoice_number),
]


class PaperWish(Wish):
    """What a voucher is. `position`: its place among its entry's vouchers, from 1; absent, it stays where it is."""

    paper: Paper | None = None
    invoice_number: InvoiceNumber | None = None
    position: Annotated[int, BeforeValidator(unwidened), Field(ge=1, le=MOST_VOUCHERS)] | None = None


def _ticked(value: object) -> bool:
    if value not in (True, "true"):
        raise PydanticCustomError("not_ticked", mark("请先看清楚，再打勾。"))
    return True


Ticked = Annotated[Literal[True], BeforeValidator(_ticked)]


class ReleaseWish(Wish):
    """The treasurer's word that the public copy shows nobody's personal data. `seen_sha256`: of the file they looked at."""

    seen_sha256: Sha256
    clean: Ticked


class ReleaseAllWish(Wish):
    """The same of every page of an entry that waits. `seen_sha256`: of each file they looked at."""

    seen_sha256: Annotated[list[Sha256], Field(max_length=MOST_VOUCHERS, default_factory=list)]
    clean: Ticked


class VoucherRead(BaseModel):
    """`public_id` and `public_sha256`: of the public copy and of its 960 px file, null while it waits to be released;
    `public_version` counts what was released.
    """

    id: UUID
    paper: str | None
    public_id: UUID | None
    public_sha256: str | None
    public_version: int


class PapersRead(BaseModel):
    papers: list[VoucherRead]


class CopyRead(BaseModel):
    """`sha256`: of the 960 px file, which a release shows to everybody."""

    id: UUID
    sha256: str
    boxes: list[BoxWish]


class VoucherDetail(VoucherRead):
    """`page`: of a PDF, else 0. `next_id`, `next_sha256`: what a release would show."""

    draft_id: UUID
    invoice_number: str | None
    page: int
    next_id: UUID
    next_sha256: str
    copies: list[CopyRead]
