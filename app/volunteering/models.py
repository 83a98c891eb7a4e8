"""Nouns and their own rules. Whoever changes a shift's places holds its row lock (`queries.shift_to_change`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.kit.clock import now, said_moment
from app.kit.i18n import _, mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import NotThisState, Refusal
from app.kit.versions import version_of

LAST_CALL = timedelta(hours=2)
"""Later than this before the start nobody is offered a held place: it is open to whoever comes first."""


class ServiceKind(StrEnum):
    """The five kinds of the weekly service (DOMAIN §1)."""

    GOVERNANCE = "governance"
    CIVILITY = "civility"
    BEAUTY = "beauty"
    SPECIAL_GROUPS = "special_groups"
    NEEDS = "needs"


KIND_SAYS = {
    ServiceKind.GOVERNANCE: mark("服务居民自治"),
    ServiceKind.CIVILITY: mark("服务文明创建"),
    ServiceKind.BEAUTY: mark("服务家园美化"),
    ServiceKind.SPECIAL_GROUPS: mark("服务特殊群体"),
    ServiceKind.NEEDS: mark("服务群众需求"),
}


def kind_names() -> dict[str, str]:
    return {kind.value: _(says) for kind, says in KIND_SAYS.items()}


class AlreadySignedUp(Refusal):
    says = mark("这一班已经报过名了。")


class ShiftOver(Refusal):
    says = mark("这一班已经开始，不能再报名。")


class ShiftCancelled(Refusal):
    says = mark("这一班已经取消。")


class TooLateToWithdraw(Refusal):
    says = mark("快开始了，不能自己取消。")
    advice = mark("来不了，请打电话告诉带队的人。")


class TooEarlyToCheckIn(Refusal):
    says = mark("还不能签到，%(at)s起才可以。")


class TooLateToCheckIn(Refusal):
    says = mark("签到的时间已经过了。")
    advice = mark("来过的人，请在名单上补记时长。")


class BelowTaken(Refusal):
    says = mark("已经有 %(taken)s 人占着名额，不能少于这个数。")


class BeginsInThePast(Refusal):
    says = mark("开始的时间已经过去。")


class OfferGone(Refusal):
    says = mark("确认的时间已过，名额给了下一位。")


class Activity(SentOnce, table=True):
    """志愿活动: what is done, where, and who leads it; its dates are shifts."""

    at = "/volunteering"

    __table_args__ = (points_to("person", "leader_id"),)

    kind: str = Field(max_length=20)
    title: str = Field(max_length=60)
    place: str = Field(max_length=100)
    what: str = Field(max_length=500)
    leader_id: UUID
    made_at: datetime = Field(default_factory=now)

    @property
    def version(self) -> int:
        return version_of(self.kind, self.title, self.place, self.what)


@dataclass(frozen=True, slots=True)
class Door:
    """When people are checked in at a shift: what the page says and the verb keeps to."""

    opens_at: datetime
    closes_at: datetime

    @property
    def open(self) -> bool:
        return self.opens_at <= now() <= self.closes_at

    def check_open(self, at: datetime) -> None:
        """For who came at that moment. Raises TooEarlyToCheckIn or TooLateToCheckIn."""
        if at < self.opens_at:
            raise TooEarlyToCheckIn(at=said_moment(self.opens_at))
        if at > self.closes_at:
            raise TooLateToCheckIn


class SignupState(StrEnum):
    """One enum from which the badge, the API's value and the tests come.

    confirmed → withdrawn;  waiting → offered | withdrawn;  offered → confirmed | lapsed | withdrawn. Coming and going are
    moments (`checked_in_at`, `checked_out_at`) of a confirmed one.
    """

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


LIVE = (SignupState.CONFIRMED, SignupState.WAITING, SignupState.OFFERED)
HOLDING = (SignupState.CONFIRMED, SignupState.OFFERED)


class Shift(Record, table=True):
    """班次. `taken` counts confirmed and held places; the CHECK is the last line behind the row lock."""

    __table_args__ = (
        points_to("activity", "activity_id"),
        CheckConstraint("capacity > 0", name="has_room"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="never_oversold"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_shift_start", "compound_id", "starts_at", "id"),
    )

    activity_id: UUID
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int = 0
    cancelled_at: datetime | None = None

    @property
    def started(self) -> bool:
        return self.starts_at <= now()

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def version(self) -> int:
        return version_of(self.starts_at, self.ends_at, self.capacity)

    def door(self, minutes_before: int, hours_after: int) -> Door:
        return Door(self.starts_at - timedelta(minutes=minutes_before), self.ends_at + timedelta(hours=hours_after))

    def check_open(self) -> None:
        """Raises ShiftCancelled or ShiftOver."""
        if self.cancelled_at:
            raise ShiftCancelled
        if self.started:
            raise ShiftOver

    def has_room(self) -> bool:
        return self.taken < self.capacity

    def take(self) -> None:
        self.taken += 1

    def free(self) -> None:
        self.taken -= 1

    def change(self, starts_at: datetime, ends_at: datetime, capacity: int) -> bool:
        """Whether the time is another one now. Nobody who has a place, or to whom one is held, loses it.

        Raises BelowTaken or BeginsInThePast, and has then changed nothing.
        """
        moved = (self.starts_at, self.ends_at) != (starts_at, ends_at)
        if capacity < self.taken:
            raise BelowTaken(taken=self.taken)
        if moved and starts_at <= now():
            raise BeginsInThePast
        self.starts_at, self.ends_at, self.capacity = starts_at, ends_at, capacity
        return moved

    def confirm_by(self, hours: int) -> datetime | None:
        """Until when a freed place is held for the next in line: min(now + hours, start − 2 h); None in the last call."""
        until = min(now() + timedelta(hours=hours), self.starts_at - LAST_CALL)
        return until if until > now() else None


class Signup(SentOnce, table=True):
    """报名: one person on one shift. `entered_by_id` differs from `person_id` when an officer wrote it for them."""

    at = "/volunteering/signups/{row.id}"

    __table_args__ = (
        points_to("shift", "shift_id"),
        points_to("person", "person_id"),
        points_to("person", "entered_by_id"),
        UniqueConstraint("compound_id", "year", "number"),
        Index(
            "uq_signup_live",
            "compound_id",
            "shift_id",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('confirmed', 'waiting', 'offered')"),
            postgresql_where=text("state IN ('confirmed', 'waiting', 'offered')"),
        ),
        Index("ix_signup_queue", "compound_id", "shift_id", "state", "asked_at"),
        Index("ix_signup_person", "compound_id", "person_id", "asked_at"),
    )

    shift_id: UUID
    person_id: UUID
    entered_by_id: UUID
    state: str = Field(max_length=12)
    year: int
    number: int
    asked_at: datetime = Field(default_factory=now)
    offer_until_at: datetime | None = None
    checked_in_at: datetime | None = None
    checked_out_at: datetime | None = None
    ended_at: datetime | None = None

    def offer_is_dead(self) -> bool:
        """By computation: no job has to run for an offer to lapse."""
        return self.state == SignupState.OFFERED and self.offer_until_at is not None and self.offer_until_at <= now()

    def confirm(self) -> None:
        """Raises OfferGone past the confirm-by time, NotThisState for anything but an offer."""
        if self.offer_is_dead() or self.state == SignupState.LAPSED:
            raise OfferGone
        if self.state != SignupState.OFFERED:
            raise NotThisState
        self.state, self.offer_until_at = SignupState.CONFIRMED, None

    def withdraw(self) -> bool:
        """True if a place became free. Raises NotThisState once checked in or already ended."""
        if self.state not in LIVE or self.checked_in_at:
            raise NotThisState
        held = self.state in HOLDING
        self.state, self.ended_at, self.offer_until_at = SignupState.WITHDRAWN, now(), None
        return held

    def check_in(self, at: datetime) -> None:
        """Raises NotThisState for somebody without a confirmed place."""
        if self.state != SignupState.CONFIRMED:
            raise NotThisState
        self.checked_in_at = at

    def check_out(self, at: datetime) -> None:
        """Raises NotThisState for somebody who was not checked in."""
        if self.checked_in_at is None:
            raise NotThisState
        self.checked_out_at = at

    def minutes_there(self, most: int) -> int:
        """Between coming and going, at most so many; none where a clock went back in between."""
        assert self.checked_in_at
        assert self.checked_out_at
        return max(0, min(int((self.checked_out_at - self.checked_in_at).total_seconds() // 60), most))
