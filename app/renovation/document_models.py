"""Nouns of a project's papers: each version is a row of its own with its pages, and none is ever changed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal

MOST_PAGES = 40


class NotTheNewest(Refusal):
    says = mark("这份文件已经有更新的一版，请在新的那版上再换。")


class TooManyDocumentPages(Refusal):
    says = mark("一份文件最多 %(most)s 页。")


class DocumentPageTaken(Refusal):
    says = mark("这一页已经用在别处。")


class DocumentKind(StrEnum):
    APPLICATION = "application"
    LETTER = "letter"
    DRAWING = "drawing"
    CONTRACT = "contract"
    CERTIFICATE = "certificate"
    MINUTES = "minutes"
    ACCEPTANCE = "acceptance"
    OTHER = "other"


DOCUMENT_SAYS = {
    DocumentKind.APPLICATION: mark("申请材料"),
    DocumentKind.LETTER: mark("批复、函件"),
    DocumentKind.DRAWING: mark("图纸"),
    DocumentKind.CONTRACT: mark("合同"),
    DocumentKind.CERTIFICATE: mark("合格证、检测报告"),
    DocumentKind.MINUTES: mark("会议记录"),
    DocumentKind.ACCEPTANCE: mark("验收资料"),
    DocumentKind.OTHER: mark("其他"),
}


class Document(SentOnce, table=True):
    """工程文件, one version of it. `chain_id`: the first version's id, which all of them share. `public`: everybody may read it;
    else it is for who plans or watches works. `act_id`: the step of the project's life that it belongs to.
    """

    at = "/works/documents/{row.id}"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("project_act", "act_id"),
        points_to("person", "by_id"),
        UniqueConstraint("compound_id", "chain_id", "version"),
        Index("ix_document_project", "compound_id", "project_id", "made_at"),
    )

    project_id: UUID
    chain_id: UUID
    version: int
    kind: str = Field(max_length=12)
    title: str = Field(max_length=100)
    public: bool
    act_id: UUID | None = None
    by_id: UUID
    made_at: datetime = Field(default_factory=now)


class DocumentPage(Record, table=True):
    """A page of a version: the photo with the same id."""

    __tablename__ = "document_page"
    __table_args__ = (
        points_to("photo", "id"),
        points_to("document", "document_id"),
        UniqueConstraint("compound_id", "document_id", "position"),
    )

    document_id: UUID
    position: int


for table in ("document", "document_page"):
    append_only(table)
