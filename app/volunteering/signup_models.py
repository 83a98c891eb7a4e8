"""Nouns: one person on one shift, and what may come of asking for a place."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import _, mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import NotThisState, Refusal
from app.volunteering.models import ShiftCancelled


class AlreadySignedUp(Refusal):
    says = mark("这一班已经报过名了。")


class ShiftEnded(Refusal):
    says = mark("这一班已经结束。")


class TooLateToSignUp(Refusal):
    says = mark("这一班的报名已经截止。")
    advice = mark("还想来，请打电话告诉带队的人。")


class TooEarlyToSignUp(Refusal):
    says = mark("还没有开始报名，%(at)s起可以报。")


class Suspended(Refusal):
    says = mark("您有几次报了名没有来，暂时不能自己报名。")
    advice = mark("请找带队的人，由他替您报名。")


class TooManyShifts(Refusal):
    says = mark("您已经报了 %(most)s 班，先做完再报。")


class Collides(Refusal):
    says = mark("这段时间您已经报了“%(title)s”。")


class SkillNeeded(Refusal):
    says = mark("这一班要会%(skills)s的人。")
    advice = mark("您会的话，先在“我会什么”里登记。")


class ShiftFull(Refusal):
    says = mark("名额已满，候补也满了。")


class TooLateToWithdraw(Refusal):
    says = mark("快开始了，不能自己取消。")
    advice = mark("来不了，请打电话告诉带队的人。")


class OfferGone(Refusal):
    says = mark("确认的时间已过，名额给了下一位。")


class SignupOutcome(StrEnum):
    """What comes of asking for a place. The page, the API and the tests read `OUTCOMES`."""

    SIGNED_UP = "signed_up"
    WAITLISTED = "waitlisted"
    CANCELLED = "cancelled"
    ENDED = "ended"
    TOO_LATE = "too_late"
    ALREADY = "already"
    TOO_EARLY = "too_early"
    SUSPENDED = "suspended"
    TOO_MANY = "too_many"
    COLLIDES = "collides"
    SKILL_NEEDED = "skill_needed"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`code`: what programs are told, the state of the sign-up or the refusal's class. `says` may hold %(name)s places."""

    says: str
    code: str
    refusal: type[Refusal] | None = None


def _refused(refusal: type[Refusal]) -> Meaning:
    return Meaning(refusal.says, refusal.__name__, refusal)


OUTCOMES: dict[SignupOutcome, Meaning] = {
    SignupOutcome.SIGNED_UP: Meaning(mark("报名成功。"), "confirmed"),
    SignupOutcome.WAITLISTED: Meaning(mark("已经排上候补。"), "waiting"),
    SignupOutcome.CANCELLED: _refused(ShiftCancelled),
    SignupOutcome.ENDED: _refused(ShiftEnded),
    SignupOutcome.TOO_LATE: _refused(TooLateToSignUp),
    SignupOutcome.ALREADY: _refused(AlreadySignedUp),
    SignupOutcome.TOO_EARLY: _refused(TooEarlyToSignUp),
    SignupOutcome.SUSPENDED: _refused(Suspended),
    SignupOutcome.TOO_MANY: _refused(TooManyShifts),
    SignupOutcome.COLLIDES: _refused(Collides),
    SignupOutcome.SKILL_NEEDED: _refused(SkillNeeded),
    SignupOutcome.FULL: _refused(ShiftFull),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome, with the facts that its sentence holds."""

    outcome: SignupOutcome
    facts: dict[str, object]

    @property
    def message(self) -> str:
        return _(OUTCOMES[self.outcome].says) % self.facts

    @property
    def refused(self) -> bool:
        return OUTCOMES[self.outcome].refusal is not None

    def check(self) -> None:
        """Raises the outcome's refusal, where it is one."""
        refusal = OUTCOMES[self.outcome].refusal
        if refusal is not None:
            raise refusal(**self.facts)


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


class Signup(SentOnce, table=True):
    """报名: one person on one shift. `entered_by_id` differs from `person_id` when an officer wrote it for them."""

    at = "/volunteering/signups/{row.id}"

    __table_args__ = (
        points_to("shift", "shift_id"),
        points_to("person", "person_id"),
        points_to("person", "entered_by_id"),
        points_to("skill", "skill_id"),
        UniqueConstraint("compound_id", "year", "number"),
        UniqueConstraint("compound_id", "shift_id", "line"),
        Index(
            "uq_signup_live",
            "compound_id",
            "shift_id",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('confirmed', 'waiting', 'offered')"),
            postgresql_where=text("state IN ('confirmed', 'waiting', 'offered')"),
        ),
        Index("ix_signup_queue", "compound_id", "shift_id", "state", "line"),
        Index("ix_signup_person", "compound_id", "person_id", "asked_at"),
    )

    shift_id: UUID
    person_id: UUID
    entered_by_id: UUID
    state: str = Field(max_length=12)
    year: int
    number: int
    line: int
    """Its turn on this shift, counted under the shift's lock: the order of the list, whatever the server's clock does."""
    only_if_needed: bool = False
    """They come if nobody else does: the last to whom a place is given. Only they and coordinators are told."""
    skill_id: UUID | None = None
    """The place they hold is kept for whoever has this skill."""
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
