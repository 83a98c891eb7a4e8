"""Words that a compound settles for itself: kinds of skills in the census, kinds of service that are asked for."""

from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.kit.i18n import mark
from app.kit.records import Record
from app.volunteering.skill_models import Skill

LONGEST = 20


class TermOf(StrEnum):
    SKILL = "skill"
    REQUEST = "request"


DEFAULTS: dict[TermOf, tuple[str, ...]] = {
    TermOf.SKILL: (
        mark("理发"),
        mark("缝补"),
        mark("做饭"),
        mark("水电维修"),
        mark("量血压"),
        mark("急救"),
        mark("写春联"),
        mark("开车"),
        mark("教手机"),
        mark("辅导作业"),
        mark("修自行车"),
        mark("调解"),
        mark("记账"),
    ),
    TermOf.REQUEST: (
        mark("陪去看病"),
        mark("代买东西"),
        mark("上门理发"),
        mark("水电小修"),
        mark("搬东西"),
        mark("教用手机"),
        mark("陪着说话"),
        mark("别的事"),
    ),
}
"""What is offered where a compound has said nothing (our own default)."""


class RequestKind(Record, table=True):
    """A kind of help that a compound has added, or a default that it does not offer. What was asked for before stays said."""

    __tablename__ = "request_kind"
    __table_args__ = (UniqueConstraint("compound_id", "name"),)

    name: str = Field(max_length=LONGEST)
    offered: bool = True


TABLES: dict[TermOf, type[Skill] | type[RequestKind]] = {TermOf.SKILL: Skill, TermOf.REQUEST: RequestKind}
