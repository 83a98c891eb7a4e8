"""Shapes at the border of vouchers and of what everybody sees of them."""

from itertools import zip_longest
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PrivateAttr, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Wish, unwidened
from app.kit.i18n import mark
from app.photos.boxes import MOST_BOXES, BoxWish
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


class RedactWish(Wish):
    """What is painted over in the copy."""

    boxes: Annotated[list[BoxWish], Field(min_length=1, max_length=MOST_BOXES)]


class RedactForm(Wish):
    """The same as a form's columns; a row that is empty is none."""

    left: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]
    top: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]
    width: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]
    height: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]

    @model_validator(mode="after")
    def rows_are_boxes(self) -> "RedactForm":
        boxes = []
        for number, row in enumerate(zip_longest(self.left, self.top, self.width, self.height, fillvalue=""), 1):
            if any(text.strip() for text in row):
                try:
                    boxes.append(BoxWish.model_validate(dict(zip(("left", "top", "width", "height"), row, strict=True))))
                except ValidationError as wrong:
                    says = mark("第 %(n)s 个框：四个数都要写，从 0 到 100，框要在图里面。")
                    raise PydanticCustomError("box_row", says, {"n": number}) from wrong
        if not boxes:
            raise PydanticCustomError("no_box", mark("请至少画一个框。"))
        self._boxes = boxes
        return self

    _boxes: list[BoxWish] = PrivateAttr(default_factory=list)

    @property
    def asked(self) -> RedactWish:
        return RedactWish(boxes=self._boxes)


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
