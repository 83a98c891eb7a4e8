"""Nouns: coming and going, each with who saw it."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import Refusal

ON_TIME = timedelta(minutes=3)
"""So long after its moment a check-in may arrive without being called late."""

LATEST = timedelta(days=3)
"""A phone that finds a signal later than this has nothing to say any more: the leader writes the hours afterwards."""


class WrongCode(Refusal):
    """One sentence for a wrong one, a forged one and one of another compound."""

    says = mark("这个码不对。")
    advice = mark("请再扫一次，或看清六位数再输。")


class CodeTooOld(Refusal):
    says = mark("这个码已经过时了。")
    advice = mark("屏幕上的码每分钟换一次，请扫现在的这个。")


class NotOnThisShift(Refusal):
    says = mark("这一班您没有报上名。")
    advice = mark("请找带队的人。")


class NotCheckedIn(Refusal):
    says = mark("您还没有签到，不能签退。")
    advice = mark("请找带队的人补记。")


class Seen(StrEnum):
    """How a coming or going became known."""

    QR = "qr"
    DIGITS = "digits"
    LEADER = "leader"


BY_ONESELF = (Seen.QR, Seen.DIGITS)


class CheckIn(SentOnce, table=True):
    """签到 (way in), 签退 (way out): one of each to a sign-up, however many phones send it.

    `happened_at` counts. From a phone without signal it is the minute of the code it read; `device_at` is what that phone's
    own clock said, and is only kept; `received_at` is when we heard of it. `seen_by_id`: the leader who saw them; nobody is
    named in what was checked before such marks were kept.
    """

    at = "/volunteering/signups/{row.signup_id}"

    __tablename__ = "check_in"
    __table_args__ = (
        points_to("signup", "signup_id"),
        points_to("person", "person_id"),
        points_to("person", "seen_by_id"),
        CheckConstraint("way IN ('in', 'out')", name="in_or_out"),
        CheckConstraint("how = 'leader' OR seen_by_id IS NULL", name="only_leaders_see"),
        Index(
            "uq_check_in_once",
            "compound_id",
            "signup_id",
            "way",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    signup_id: UUID
    person_id: UUID
    way: str = Field(max_length=3)
    how: str = Field(max_length=6)
    happened_at: datetime
    device_at: datetime | None = None
    received_at: datetime = Field(default_factory=now)
    seen_by_id: UUID | None = None
    undone_at: datetime | None = None

    @property
    def late(self) -> bool:
        """It came from a phone that had no signal: the leader may want to look."""
        return self.received_at - self.happened_at > ON_TIME
