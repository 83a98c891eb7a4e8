"""Shapes at the border: wishes in (forms and JSON alike), reads out."""

import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, RootModel, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.kit.clock import local
from app.kit.forms import Count, Line, Moment, Prose, Wish
from app.kit.i18n import mark
from app.volunteering.models import ServiceKind
from app.volunteering.series_models import Touch, recurrence
from app.volunteering.signup_models import SignupOutcome


class SignupWish(Wish):
    """`person_id`: for whom, when an officer signs somebody up who has no phone; absent = oneself. `only_if_needed`: they come
    if nobody else does. `despite_overlap`: a coordinator knows of the other shift at that time.
    """

    person_id: UUID | None = None
    only_if_needed: bool = False
    despite_overlap: bool = False


class HelpingWish(Wish):
    """Whether I may be asked to step in for somebody."""

    may_be_asked: bool


class ActivityChange(Wish):
    """What is done and where: the same on all its shifts."""

    kind: ServiceKind
    title: Annotated[Line, Field(max_length=60)]
    place: Line
    what: Annotated[Prose, Field(max_length=500)]
    bring: Annotated[Line | None, Field(max_length=100)] = None
    contact: Line | None = None


class NeedWish(Wish):
    """So many of the places wait for people with this skill."""

    skill: Annotated[Line, Field(max_length=30)]
    wanted: Annotated[Count, Field(ge=1, le=1000)]


class Needs(RootModel[Annotated[list[NeedWish], Field(max_length=10)]]):
    """In a form, one skill to a line with its number behind: 理发 2."""

    @property
    def kept(self) -> int:
        return sum(need.wanted for need in self.root)

    @model_validator(mode="before")
    @classmethod
    def of_lines(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        lines = [line.split() for line in unicodedata.normalize("NFKC", value).splitlines() if line.strip()]
        if any(len(words) < 2 or not words[-1].isdecimal() for words in lines):
            raise PydanticCustomError("needs_lines", mark("每行写一项特长和人数，例如：理发 2"))
        return [{"skill": " ".join(words[:-1]), "wanted": words[-1]} for words in lines]

    @model_validator(mode="after")
    def each_once(self) -> Self:
        if len({need.skill for need in self.root}) < len(self.root):
            raise PydanticCustomError("needs_twice", mark("同一项特长只写一行。"))
        return self


class ShiftShape(Wish):
    """When, and for how many. `minimum`: with fewer the service cannot be done. `needs`: places for who has a skill."""

    starts_at: Moment
    ends_at: Moment
    capacity: Annotated[Count, Field(ge=1, le=1000)]
    minimum: Annotated[Count, Field(ge=0, le=1000)] = 0
    needs: Needs = Needs([])

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.ends_at <= self.starts_at or (self.ends_at - self.starts_at).days >= 1:
            raise PydanticCustomError("ends_first", mark("结束要晚于开始，并在同一天内。"))
        return self

    @model_validator(mode="after")
    def enough_places(self) -> Self:
        if max(self.minimum, self.needs.kept) > self.capacity:
            raise PydanticCustomError("more_than_places", mark("最少人数和要特长的人数，都不能超过总人数。"))
        return self


class ShiftChange(ShiftShape):
    """`meets_at`: only where this shift meets elsewhere than the activity does."""

    meets_at: Line | None = None


class Repeats(ShiftShape):
    """How a service comes again: `rrule` as in RFC 5545 (3.3.10), by the week, the month or the year and without a time of day;
    empty for once. `starts_at` is its first time, or the day from which its first time is sought.
    """

    rrule: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    skip_holidays: bool = False

    @model_validator(mode="after")
    def a_rule_that_we_keep(self) -> Self:
        try:
            days = recurrence(self.rrule, local(self.starts_at).date()) if self.rrule else (self.starts_at,)
        except ValueError:
            raise PydanticCustomError("no_rule", mark("看不懂多久一次。")) from None
        if next(iter(days), None) is None:
            raise PydanticCustomError("never", mark("照这个规则，一次也排不上。"))
        return self


class ActivityWish(Repeats, ActivityChange):
    """One activity with its first shift, or with a series of them."""


class CoverWish(Wish):
    """`for_shift_id`: in exchange for a place on that shift; absent, for nothing."""

    for_shift_id: UUID | None = None


class CoverRead(BaseModel):
    """`asked`: how many neighbours were told. It is open while neither `taken_at` nor `closed_at` is there."""

    id: UUID
    signup_id: UUID
    for_shift_id: UUID | None
    asked: int
    asked_at: datetime
    taken_at: datetime | None
    closed_at: datetime | None


class CalendarRead(BaseModel):
    """`url` is secret: whoever has it reads the calendar."""

    url: str | None


class MessageWish(Wish):
    text: Annotated[Prose, Field(max_length=300)]


class ToldRead(BaseModel):
    """How many were told."""

    told: int


class DoubtfulRead(BaseModel):
    """Somebody with a place who did not come `missed` times lately."""

    signup_id: UUID
    name: str
    starts_at: datetime
    missed: int


class UnaskedRead(BaseModel):
    person_id: UUID
    name: str
    asked_at: datetime | None
    served_at: datetime | None


class GapRead(BaseModel):
    """`missing`: how many are wanting before the service can be done."""

    id: UUID
    title: str
    starts_at: datetime
    free: int
    missing: int


class BoardRead(BaseModel):
    shifts: list[GapRead]
    doubtful: list[DoubtfulRead]
    unasked: list[UnaskedRead]


class StopWish(Wish):
    """`seen`: the digest of what it touches, as the preview gave it; without it, only a preview is wanted."""

    seen: Annotated[str, Field(max_length=40)] = ""


class SeriesChange(Repeats, StopWish):
    """How a series goes on from one of its shifts."""

    rrule: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class TouchedRead(BaseModel):
    """What becomes of one shift, and how many hold or wait for a place on it."""

    touch: Touch
    was_at: datetime | None
    will_be_at: datetime | None
    people: int


class TouchesRead(BaseModel):
    """Send `seen` to have it done; it is refused once it would touch anything else."""

    items: list[TouchedRead]
    seen: str


class SeriesRead(BaseModel):
    id: UUID
    activity_id: UUID
    rrule: str
    first_on: date
    last_on: date | None
    skip_holidays: bool


class NeedRead(BaseModel):
    """So many of the places wait for people with this skill; `free` of them are left."""

    skill: str
    wanted: int
    free: int


class SkillRead(BaseModel):
    id: UUID
    name: str


class SkillsRead(BaseModel):
    items: list[SkillRead]


class HelpingRead(BaseModel):
    may_be_asked: bool


class ShiftRead(BaseModel):
    """`series_id`: of a service that comes again.

    `free` counts places that nobody holds now; an unconfirmed offer whose time has passed holds nothing.
    """

    id: UUID
    activity_id: UUID
    kind: ServiceKind
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    minimum: int
    needs: list[NeedRead]
    series_id: UUID | None
    free: int
    cancelled: bool
    outcome: SignupOutcome | None = Field(
        default=None, description="What would come of signing up now; of one shift, to residents."
    )


class ActivityRead(BaseModel):
    id: UUID
    kind: ServiceKind
    title: str
    place: str
    what: str
    bring: str
    contact: str | None = Field(description="Whom to call on the day; absent for strangers.")
    shifts: list[ShiftRead]


class SignupRead(BaseModel):
    id: UUID
    shift_id: UUID
    state: str
    number: int
    only_if_needed: bool
    ahead: int = Field(description="How many wait before; 0 unless waiting.")
    asked_at: datetime
    offer_until_at: datetime | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None


class MySignupRead(BaseModel):
    """`ahead`: how many wait before me; 0 unless waiting."""

    id: UUID
    shift_id: UUID
    title: str
    place: str
    starts_at: datetime
    state: str
    offer_until_at: datetime | None
    ahead: int


class MySignupList(BaseModel):
    items: list[MySignupRead]
