"""Nouns and their own rules. Whoever changes a shift's places holds its row lock (`queries.shift_to_change`)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now, said_moment
from app.kit.i18n import _, mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal
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


class ShiftOver(Refusal):
    says = mark("这一班已经开始，不能再报名。")


class ShiftCancelled(Refusal):
    says = mark("这一班已经取消。")


class TooEarlyToCheckIn(Refusal):
    says = mark("还不能签到，%(at)s起才可以。")


class TooLateToCheckIn(Refusal):
    says = mark("签到的时间已经过了。")
    advice = mark("来过的人，请在名单上补记时长。")


class BelowTaken(Refusal):
    says = mark("已经有 %(taken)s 人占着名额，不能少于这个数。")


class BeginsInThePast(Refusal):
    says = mark("开始的时间已经过去。")


class Activity(SentOnce, table=True):
    """志愿活动: what is done, where, and who leads it; its dates are shifts."""

    at = "/volunteering"

    __table_args__ = (points_to("person", "leader_id"),)

    kind: str = Field(max_length=20)
    title: str = Field(max_length=60)
    place: str = Field(max_length=100)
    what: str = Field(max_length=500)
    bring: str = Field(default="", max_length=100)
    contact: str = Field(default="", max_length=100)
    """Whom to call on the day, for residents."""
    leader_id: UUID
    made_at: datetime = Field(default_factory=now)

    @property
    def version(self) -> int:
        return version_of(self.kind, self.title, self.place, self.what, self.bring, self.contact)


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


class Shift(Record, table=True):
    """班次. `taken` counts confirmed and held places; the CHECK is the last line behind the row lock."""

    __table_args__ = (
        points_to("activity", "activity_id"),
        points_to("series", "series_id"),
        UniqueConstraint("compound_id", "series_id", "occurs_on"),
        CheckConstraint("(series_id IS NULL) = (occurs_on IS NULL)", name="of_a_day_of_its_series"),
        CheckConstraint("capacity > 0", name="has_room"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="never_oversold"),
        CheckConstraint("kept >= 0 AND kept <= capacity", name="keeps_what_it_has"),
        CheckConstraint("minimum >= 0 AND minimum <= capacity", name="can_be_enough"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_shift_start", "compound_id", "starts_at", "id"),
    )

    activity_id: UUID
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int = 0
    kept: int = 0
    """Of `capacity`, the places that wait for somebody with a skill: the sum of the shift's `ShiftNeed`s."""
    minimum: int = 0
    """With fewer the service cannot be done; the board says so."""
    meets_at: str = Field(default="", max_length=100)
    """Where this one meets, if not where the activity does."""
    line: int = 0
    """How many have asked for a place: each sign-up takes the next number."""
    series_id: UUID | None = None
    occurs_on: date | None = None
    """The day of the series' rule that it stands for, whenever it takes place (RFC 5545, 3.8.4.4, RECURRENCE-ID)."""
    alone: bool = False
    """It was changed by itself: what is done to the series leaves it as it is."""
    sequence: int = 0
    """How often its time or place changed, for calendars (RFC 5545, 3.8.7.4)."""
    cancelled_at: datetime | None = None

    @property
    def started(self) -> bool:
        return self.starts_at <= now()

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def version(self) -> int:
        return version_of(self.starts_at, self.ends_at, self.capacity, self.minimum, self.kept, self.meets_at)

    def door(self, minutes_before: int, hours_after: int) -> Door:
        return Door(self.starts_at - timedelta(minutes=minutes_before), self.ends_at + timedelta(hours=hours_after))

    def check_open(self) -> None:
        """Raises ShiftCancelled or ShiftOver."""
        if self.cancelled_at:
            raise ShiftCancelled
        if self.started:
            raise ShiftOver

    @property
    def ended(self) -> bool:
        return self.ends_at <= now()

    def next_in_line(self) -> int:
        self.line += 1
        return self.line

    def change(self, starts_at: datetime, ends_at: datetime, meets_at: str) -> bool:
        """Whether the time or the place is another one now. Raises BeginsInThePast, and has then changed nothing."""
        if (self.starts_at, self.ends_at) != (starts_at, ends_at) and starts_at <= now():
            raise BeginsInThePast
        moved = (self.starts_at, self.ends_at, self.meets_at) != (starts_at, ends_at, meets_at)
        self.starts_at, self.ends_at, self.meets_at = starts_at, ends_at, meets_at
        self.sequence += moved
        return moved

    def cancel(self) -> None:
        self.cancelled_at = now()
        self.sequence += 1

    def confirm_by(self, hours: int) -> datetime | None:
        """Until when a freed place is held for the next in line: min(now + hours, start − 2 h); None in the last call."""
        until = min(now() + timedelta(hours=hours), self.starts_at - LAST_CALL)
        return until if until > now() else None


class ShiftNeed(Record, table=True):
    """So many of a shift's places wait for whoever has a skill; `taken` counts those who hold one of them."""

    __tablename__ = "shift_need"
    __table_args__ = (
        points_to("shift", "shift_id"),
        points_to("skill", "skill_id"),
        UniqueConstraint("compound_id", "shift_id", "skill_id"),
        CheckConstraint("wanted > 0", name="asks_for_somebody"),
        CheckConstraint("taken >= 0 AND taken <= wanted", name="never_oversold"),
    )

    shift_id: UUID
    skill_id: UUID
    wanted: int
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a shift as they are given out: those kept for a skill first, to whoever has it, then those for anybody."""

    shift: Shift
    needs: Sequence[ShiftNeed]
    lapsed: Sequence[UUID | None] = ()
    """Offers that are dead and not yet taken back, by the skill their places are kept for: these places are free."""

    @property
    def for_anybody(self) -> int:
        """How many of these are free."""
        in_kept = sum(need.taken for need in self.needs)
        return self.shift.capacity - self.shift.kept - (self.shift.taken - in_kept) + self.lapsed.count(None)

    def check(self, capacity: int, wanted: Mapping[UUID, int]) -> None:
        """Whether so many places, and so many kept for each skill, leave theirs to all who have one or to whom one is held.
        Raises BelowTaken.
        """
        in_kept = sum(need.taken for need in self.needs if need.skill_id in wanted)
        if self.shift.taken - in_kept > capacity - sum(wanted.values()) or any(
            need.taken > wanted.get(need.skill_id, need.taken) for need in self.needs
        ):
            raise BelowTaken(taken=self.shift.taken)

    def could_take(self, skills: Collection[UUID]) -> bool:
        """Whether somebody with these skills would ever get one."""
        return self.shift.kept < self.shift.capacity or any(need.skill_id in skills for need in self.needs)

    def has_room(self, skills: Collection[UUID]) -> bool:
        return self._kept_for(skills) is not None or self.for_anybody > 0

    def give(self, skills: Collection[UUID]) -> UUID | None:
        """Take one for somebody with these skills; the skill it was kept for. `has_room` was asked before."""
        need = self._kept_for(skills)
        self.shift.taken += 1
        if need is None:
            return None
        need.taken += 1
        return need.skill_id

    def free(self, skill_id: UUID | None) -> None:
        """One that was given is there again; `skill_id` as `give` said."""
        self.shift.taken -= 1
        for need in self.needs:
            if need.skill_id == skill_id:
                need.taken -= 1

    def _kept_for(self, skills: Collection[UUID]) -> ShiftNeed | None:
        return next((need for need in self.needs if need.skill_id in skills and self._left(need) > 0), None)

    def _left(self, need: ShiftNeed) -> int:
        return need.wanted - need.taken + self.lapsed.count(need.skill_id)
