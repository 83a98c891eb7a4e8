"""Nouns: the papers that a line of the books rests on, and what everybody sees of them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import _, mark
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal
from app.photos.models import Photo


class TooManyVouchers(Refusal):
    says = mark("一笔最多 %(most)s 张票据。")


class VoucherTaken(Refusal):
    says = mark("这张票据已经用在别的账上。")


class NotReleased(Refusal):
    says = mark("入账以后才能公开票据。")


class CopyChanged(Refusal):
    """The treasurer looked at other bytes than would be shown: what they saw is what is released."""

    says = mark("公开件刚刚换过，请重新看一遍。")


class Paper(StrEnum):
    """What kind of paper a voucher is."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    CONTRACT = "contract"
    PHOTO = "photo"


PAPER_SAYS = {
    Paper.INVOICE: mark("发票"),
    Paper.RECEIPT: mark("收据"),
    Paper.CONTRACT: mark("合同"),
    Paper.PHOTO: mark("照片"),
}


class DraftVoucher(Record, table=True):
    """票据: the photo with the same id, hanging on a draft: a photographed paper or one page of a PDF.

    `copy_id`: its newest copy with something painted over. `public_id`: the photo that everybody sees since somebody has
    released it, in `public_version`s counted from 1: a copy, or the voucher's own photo where nothing had to be painted over.
    """

    __tablename__ = "draft_voucher"
    __table_args__ = (
        points_to("photo", "id"),
        points_to("draft", "draft_id"),
        points_to("photo", "copy_id"),
        points_to("photo", "public_id"),
        points_to("person", "released_by_id"),
        CheckConstraint("(released_at IS NULL) = (public_sha256 IS NULL)", name="released_with_its_copy"),
        CheckConstraint("(released_at IS NULL) = (public_id IS NULL)", name="released_as_a_photo"),
        Index("ix_draft_voucher_draft", "compound_id", "draft_id", "id"),
        Index("ix_draft_voucher_invoice", "compound_id", "invoice_number"),
    )

    draft_id: UUID
    position: int = 0
    paper: str | None = Field(default=None, max_length=10)
    invoice_number: str | None = Field(default=None, max_length=30)
    copy_id: UUID | None = None
    public_id: UUID | None = None
    public_version: int = 0
    public_sha256: str | None = Field(default=None, max_length=64)
    released_at: datetime | None = None
    released_by_id: UUID | None = None

    @property
    def said_paper(self) -> str:
        """What kind of paper it is, in the reader's language; "" where nobody said."""
        return _(PAPER_SAYS[Paper(self.paper)]) if self.paper else ""

    @property
    def next_id(self) -> UUID:
        """The photo that a release would show to everybody."""
        return self.copy_id or self.id

    @property
    def waits(self) -> bool:
        """Whether there is something to release."""
        return self.public_id != self.next_id

    def release(self, shown: Photo, by: UUID) -> None:
        self.public_id, self.public_sha256, self.public_version = shown.id, shown.k960, self.public_version + 1
        self.released_at, self.released_by_id = now(), by
