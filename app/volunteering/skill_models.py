"""Nouns: what neighbours can do, and whether they may be asked to step in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.kit.i18n import mark
from app.kit.records import Record, points_to


class SkillLevel(StrEnum):
    SOME = "some"
    GOOD = "good"
    TRADE = "trade"


LEVEL_SAYS = {SkillLevel.SOME: mark("会一点"), SkillLevel.GOOD: mark("熟练"), SkillLevel.TRADE: mark("是老本行")}


class Skill(Record, table=True):
    """特长: a word that the compound uses for it, 理发 or 量血压. The list grows as it is needed; what is not
    `offered` stays with whoever has it (`term_queries`).
    """

    __table_args__ = (UniqueConstraint("compound_id", "name"),)

    name: str = Field(max_length=30)
    offered: bool = True


class HeldSkill(Record, table=True):
    """Who has a skill, by their own word and with their consent (`access.consents.Purpose.SKILLS`)."""

    __tablename__ = "held_skill"
    __table_args__ = (
        points_to("person", "person_id"),
        points_to("skill", "skill_id"),
        UniqueConstraint("compound_id", "person_id", "skill_id"),
    )

    person_id: UUID
    skill_id: UUID
    level: str = Field(default=SkillLevel.GOOD, max_length=5)


class Helper(Record, table=True):
    """Whether a neighbour may be asked to step in, and when they last were: whoever was not asked for longest is asked first."""

    __table_args__ = (points_to("person", "person_id"), UniqueConstraint("compound_id", "person_id"))

    person_id: UUID
    may_be_asked: bool = True
    asked_at: datetime | None = None
