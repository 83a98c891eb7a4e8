"""Noun: what a unit thinks of a project, in one round of its acceptance."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import Refusal


class OpinionsClosed(Refusal):
    says = mark("收意见的日子过了。")
    advice = mark("有话还可以对公示的结论提异议。")


class OpinionGiven(Refusal):
    """One unit, one opinion: the second is told of the first."""

    says = mark("%(unit)s已经有意见了，是%(name)s写的。")
    advice = mark("一户一份。要改，请写的人来改。")


class OpinionMoved(Refusal):
    says = mark("这份意见刚刚改过，请看看现在的再改。")


class NotTheirUnit(Refusal):
    status = 403
    says = mark("不是这一户的业主或住户，不能替这一户写。")


class NotYourOpinion(Refusal):
    status = 403
    says = mark("用手机写的意见，只有写的人自己能改。")


class Opinion(SentOnce, table=True):
    """居民意见: one for each unit. It is never changed: a correction is a row of its own that `corrects` the one before, and the
    latest counts; without `stars` it was taken back.

    `person_id`: whose it is. On `paper`: an officer (`entered_by_id`) typed what they had written. `shown`: its words may be
    read by those who live here, without the unit and the name.
    """

    at = "/works/acceptances/{row.acceptance_id}/opinion"

    __table_args__ = (
        points_to("acceptance", "acceptance_id"),
        points_to("unit", "unit_id"),
        points_to("person", "person_id"),
        points_to("person", "entered_by_id"),
        points_to("opinion", "corrects_id"),
        UniqueConstraint("compound_id", "acceptance_id", "unit_id", "position"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="one_to_five"),
        CheckConstraint("stars IS NOT NULL OR corrects_id IS NOT NULL", name="something_to_take_back"),
        CheckConstraint("paper OR person_id = entered_by_id", name="own_phone"),
    )

    acceptance_id: UUID
    unit_id: UUID
    position: int
    person_id: UUID
    entered_by_id: UUID
    paper: bool = False
    stars: int | None = None
    text: str = Field(default="", max_length=1000)
    shown: bool = False
    corrects_id: UUID | None = None
    given_at: datetime = Field(default_factory=now)


append_only("opinion")
