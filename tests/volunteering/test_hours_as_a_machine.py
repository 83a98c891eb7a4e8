"""Any order of comings, goings, forgotten check-outs, late phones, proposals and approvals, against a small model of the hours.

The model says beforehand what each act does or why it is refused. After every act each hour has one origin, what stands in the
database is what the model holds, and the sums shown are the sums of the lines.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import col, select

from app.access.actors import Actor, acting
from app.compounds.models import Ownership, SeatKind
from app.kit.clock import pretending
from app.kit.db import Database, reading, writing
from app.kit.refusals import NotThisState, Refusal
from app.volunteering import attendance, hour_keeping
from app.volunteering.check_in_codes import Shown, Way, digits_of, token_of, window_of
from app.volunteering.check_in_models import LATEST, CodeTooOld, NotCheckedIn
from app.volunteering.check_in_schemas import CheckInWish
from app.volunteering.hour_models import (
    AlreadyProposed,
    HourEntry,
    HourSource,
    MoreThanPlanned,
    NothingToCorrect,
    OfOneHome,
    OwnHours,
    OwnProposal,
)
from app.volunteering.hour_queries import hours_of, years_of
from app.volunteering.hour_schemas import HourCorrectionWish, HoursWish, RefusalWish
from app.volunteering.models import Shift, TooEarlyToCheckIn, TooLateToCheckIn
from app.volunteering.schemas import SignupWish
from app.volunteering.signing_up import sign_up
from tests.cast import House
from tests.making import fresh, make_compound, make_person, make_seat, make_shift, make_unit

BEGINS = datetime(2028, 2, 28, 14, 30, tzinfo=UTC)
"""Half past ten in the evening of a leap year's 28 February, in Shanghai: the shifts run over midnight into the 29th."""

SECRET = b"machine"
OFFICERS = {"he": SeatKind.COORDINATOR, "liu": SeatKind.DIRECTOR, "hong": SeatKind.MEMBER}
"""红姐 (hong) lives with 何队长, and helps as 王阿姨 does."""
HELPERS = ("wang", "hong")
SLUGS = (f"hours{n}" for n in count())
PLANNED, BEFORE, AFTER = 120, timedelta(hours=1), timedelta(hours=4)

No = type[Refusal] | None


@dataclass
class Line:
    id: UUID | None
    source: str
    minutes: int


@dataclass
class Kept:
    """A code that a phone read, and sends when it can."""

    shown: Shown
    one: "Mine"


@dataclass
class Mine:
    """What the model knows of one sign-up."""

    person: str
    id: UUID
    shift: Shift
    marks: dict[Way, bool] = field(default_factory=dict)
    """Way -> whether the person did it alone."""
    came: datetime | None = None
    left: datetime | None = None
    lines: list[Line] = field(default_factory=list)
    waiting: UUID | None = None

    @property
    def total(self) -> int:
        return sum(line.minutes for line in self.lines)

    def credit(self, source: str) -> None:
        assert self.came
        assert self.left
        minutes = max(0, min(int((self.left - self.came).total_seconds() // 60), PLANNED))
        self.become(minutes, source)

    def become(self, minutes: int, source: str) -> None:
        """All lines together are `minutes` from now on."""
        if self.lines and minutes != self.total:
            self.lines.append(Line(None, HourSource.CORRECTION, minutes - self.total))
        elif not self.lines and minutes:
            self.lines.append(Line(None, source, minutes))


@dataclass
class Asked:
    id: UUID
    one: Mine
    by: str
    minutes: int
    over: int
    """How many lines there were."""
    state: str = "waiting"
    decided_by: str = ""


ONE = st.integers(0, 99)
OFFICER = st.sampled_from(tuple(OFFICERS))
WAY = st.sampled_from(tuple(Way))
MINUTES = st.integers(0, PLANNED) | st.sampled_from((0, 1, 60, PLANNED, PLANNED + 1))


class Attendance(RuleBasedStateMachine):
    """`met`: how often each act was done, and each refusal met."""

    def __init__(self, db: Database, met: Counter[str]) -> None:
        super().__init__()
        self.db, self.met, self.now = db, met, BEGINS
        self.kept: list[Kept] = []
        self.asked: list[Asked] = []
        with pretending(BEGINS - timedelta(days=2)), writing(db) as session:
            self.compound = make_compound(session, next(SLUGS))
            self.people = {
                name: make_person(session, self.compound, name, make_unit(session, self.compound, room=name))
                for name in ("wang", *OFFICERS)
            }
            for name, kind in OFFICERS.items():
                make_seat(session, self.people[name], kind)
            home = session.exec(select(Ownership).where(Ownership.person_id == self.people["he"].id)).one()
            session.add(Ownership(**home.model_dump(exclude={"id", "person_id"}), person_id=self.people["hong"].id))
            starts = (timedelta(days=2), timedelta(days=3))
            self.shifts = [make_shift(session, self.people["he"], starts_in=later) for later in starts]
            self.mine = [
                Mine(
                    name,
                    sign_up(session, acting(session, self.compound, self.people[name]), shift.id, fresh(), SignupWish())[0].id,
                    shift,
                )
                for shift in self.shifts
                for name in HELPERS
            ]

    def act(self, name: str, no: No, verb: Callable[[Any, Actor], Any], by: str) -> Any:
        """What the verb gives; None where it was refused, as the model said that it would be."""
        said, given = None, None
        try:
            with pretending(self.now), writing(self.db) as session:
                given = verb(session, acting(session, self.compound, self.people[by]))
        except Refusal as refusal:
            said = type(refusal)
        assert said is no, f"{name}: {said}, and the model says {no}"
        self.met[said.__name__ if said else name] += 1
        return given

    def one(self, n: int) -> Mine:
        return self.mine[n % len(self.mine)]

    def door(self, one: Mine, at: datetime) -> No:
        if at < one.shift.starts_at - BEFORE:
            return TooEarlyToCheckIn
        return TooLateToCheckIn if at > one.shift.ends_at + AFTER else None

    def happens(self, one: Mine, way: Way, at: datetime, *, alone: bool) -> None:
        one.marks[way] = alone
        if way == Way.IN:
            one.came = at
        else:
            one.left = at
            one.credit(HourSource.SELF_QR if alone and one.marks[Way.IN] else HourSource.LEADER)

    # time

    @initialize(minutes=st.sampled_from((-90, -30, 60, 150)))
    def begin(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(minutes=st.sampled_from((1, 10, 30, 90, 130, 400, 2000)))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(n=ONE)
    def look_for_forgotten(self, n: int) -> None:
        """The job, whenever it runs and however often."""
        one = self.one(n)
        ids = {"compound_id": str(self.compound.id), "signup_id": str(one.id)}
        self.act("looked", None, lambda session, _actor: attendance.credit_forgotten(session, ids), "he")
        if one.came and not one.left and self.now >= one.shift.ends_at + AFTER:
            one.left = one.shift.ends_at
            one.credit(HourSource.PLANNED)
            self.met["forgotten"] += 1

    # coming and going

    @rule(n=ONE, way=WAY, typed=st.booleans())
    def scan(self, n: int, way: Way, typed: bool) -> None:
        one = self.one(n)
        self.kept.append(Kept(Shown(one.shift.id, way, window_of(self.now)), one))
        self.send(-1, typed=typed, offline=False)

    @rule(n=ONE, way=WAY)
    def read_without_signal(self, n: int, way: Way) -> None:
        one = self.one(n)
        self.kept.append(Kept(Shown(one.shift.id, way, window_of(self.now)), one))

    @rule(n=ONE, offline=st.sampled_from((True, True, False)))
    def send_later(self, n: int, offline: bool) -> None:
        if self.kept:
            self.send(n % len(self.kept), typed=False, offline=offline)

    def send(self, n: int, *, typed: bool, offline: bool) -> None:
        shown, one = self.kept[n].shown, self.kept[n].one
        fresh_code = abs(shown.window - window_of(self.now)) <= 1
        at = self.now if fresh_code else shown.at
        no: No = None
        if typed and self.door(one, self.now):
            return  # digits of a shift whose door is shut are nobody's: `test_checking_in` has them
        if not fresh_code and (not offline or self.now - shown.at > LATEST):
            no = CodeTooOld
        elif shown.way not in one.marks:
            no = self.door(one, at) or (NotCheckedIn if shown.way == Way.OUT and not one.came else None)
        stands = shown.way in one.marks
        code = (digits_of if typed else token_of)(SECRET, self.compound.id, shown)
        wish = CheckInWish(code=code, device_at=self.now if offline else None)
        self.act(
            f"scanned {shown.way}",
            no,
            lambda session, actor: attendance.come_or_go(session, actor, fresh(), wish, SECRET),
            one.person,
        )
        if no is None and not stands:
            self.met["late"] += not fresh_code
            self.happens(one, shown.way, at, alone=True)

    @rule(n=ONE, by=OFFICER)
    def check_in(self, n: int, by: str) -> None:
        one = self.one(n)
        no = self.door(one, self.now)
        self.act("checked in", no, lambda session, actor: attendance.check_in(session, actor, one.id), by)
        if no is None and Way.IN not in one.marks:
            self.happens(one, Way.IN, self.now, alone=False)

    @rule(n=ONE, by=OFFICER)
    def check_out(self, n: int, by: str) -> None:
        one = self.one(n)
        no: No = NotThisState if one.left or not one.came else None
        self.act("checked out", no, lambda session, actor: attendance.check_out(session, actor, one.id), by)
        if no is None:
            self.happens(one, Way.OUT, self.now, alone=False)

    @rule(n=ONE, by=OFFICER)
    def undo(self, n: int, by: str) -> None:
        one = self.one(n)
        no: No = NotThisState if one.left else None
        self.act("undone", no, lambda session, actor: attendance.undo_check_in(session, actor, one.id), by)
        if no is None:
            one.came = None
            one.marks.pop(Way.IN, None)

    @rule(n=ONE, by=OFFICER, minutes=st.sampled_from((5, 45, 150)))
    def serve(self, n: int, by: str, minutes: int) -> None:
        """A whole service, as most are."""
        self.check_in(n, by)
        self.now += timedelta(minutes=minutes)
        self.check_out(n, by)

    @rule(n=ONE, by=OFFICER)
    def forget(self, n: int, by: str) -> None:
        self.check_in(n, by)
        self.now += timedelta(minutes=400)
        self.look_for_forgotten(n)

    # afterwards

    @rule(n=ONE, by=OFFICER, minutes=MINUTES)
    def propose(self, n: int, by: str, minutes: int) -> None:
        one, id = self.one(n), fresh()
        wish = HoursWish(minutes=max(minutes, 1), reason="忘了")
        no = NotThisState if one.shift.ends_at > self.now or one.lines else self.beyond(one, wish.minutes)
        self.act("proposed", no, lambda session, actor: hour_keeping.add_hours(session, actor, one.id, id, wish), by)
        self.remember(no, id, one, by, wish.minutes)

    @rule(n=ONE, by=OFFICER, minutes=MINUTES | st.none(), which=ONE)
    def correct(self, n: int, by: str, minutes: int | None, which: int) -> None:
        """`minutes` None: to what stands there already."""
        served = [one for one in self.mine if one.lines]
        if not served:
            return
        one, id = served[n % len(served)], fresh()
        minutes = one.total if minutes is None else minutes
        line = one.lines[-1 - which // 50 % len(one.lines)]
        wish = HourCorrectionWish(minutes=minutes, reason="记错了")
        no: No = None
        if line is not one.lines[-1]:
            no = NotThisState
        elif minutes == one.total:
            no = NothingToCorrect
        else:
            no = self.beyond(one, minutes)
        assert line.id
        self.act("corrected", no, lambda session, actor: hour_keeping.correct_hours(session, actor, line.id, id, wish), by)
        self.remember(no, id, one, by, minutes)

    def beyond(self, one: Mine, minutes: int) -> No:
        return MoreThanPlanned if minutes > PLANNED else AlreadyProposed if one.waiting else None

    def remember(self, no: No, id: UUID, one: Mine, by: str, minutes: int) -> None:
        if no is None:
            one.waiting = id
            self.asked.append(Asked(id, one, by, minutes, len(one.lines)))

    @rule(n=ONE, by=OFFICER, yes=st.sampled_from((True, True, False)))
    def decide(self, n: int, by: str, yes: bool) -> None:
        if not self.asked:
            return
        waiting = [one for one in self.asked if one.state == "waiting"]
        among = waiting if waiting and n % 4 else self.asked
        asked = among[-1 - n % len(among)]
        one = asked.one
        no = self.why_not(asked, by)
        again = no is None and yes and asked.state == "approved" and asked.decided_by == by
        if no is None and not again and (asked.state != "waiting" or (yes and asked.over != len(one.lines))):
            no = NotThisState
        if yes:
            self.act("approved", no, lambda session, actor: hour_keeping.approve_hours(session, actor, asked.id), by)
        else:
            wish = RefusalWish(reason="不对")
            self.act("refused", no, lambda session, actor: hour_keeping.refuse_hours(session, actor, asked.id, wish), by)
        if no is None and not again:
            asked.state, asked.decided_by, one.waiting = ("approved" if yes else "refused"), by, None
            if yes:
                one.become(asked.minutes, HourSource.ADDED_LATER)

    def why_not(self, asked: Asked, by: str) -> No:
        if by == asked.by:
            return OwnProposal
        if by == asked.one.person:
            return OwnHours
        home = {"he", "hong"}
        return OfOneHome if by in home and {asked.by, asked.one.person} & home else None

    # what holds

    @invariant()
    def each_hour_has_one_origin_and_the_sums_are_those_of_the_lines(self) -> None:
        with pretending(self.now), reading(self.db) as session:
            rows = session.exec(
                select(HourEntry)
                .where(HourEntry.compound_id == self.compound.id)
                .order_by(col(HourEntry.recorded_at), col(HourEntry.id))
            ).all()
            for one in self.mine:
                chain: list[HourEntry] = []
                left = [row for row in rows if row.signup_id == one.id]
                while following := [row for row in left if row.corrects_id == (chain[-1].id if chain else None)]:
                    assert len(following) == 1, "one origin, and each line is corrected once"
                    chain.append(following[0])
                assert len(chain) == len(left), "no line hangs in the air"
                assert [(row.source, row.minutes) for row in chain] == [(line.source, line.minutes) for line in one.lines]
                assert 0 <= sum(row.minutes for row in chain) <= PLANNED, "never below nothing nor above the plan"
                for row, line in zip(chain, one.lines, strict=True):
                    line.id = row.id
            for name in HELPERS:
                own = [one for one in self.mine if one.person == name]
                hours = hours_of(session, self.compound.id, self.people[name].id)
                years = years_of(hours)
                assert sum(year.total for year in years) == sum(one.total for one in own)
                by_source = Counter[str]()
                for one in own:
                    for line in one.lines:
                        by_source[line.source] += line.minutes
                shown = {source: minutes for year in years for source, minutes in year.minutes.items()}
                assert shown == {source: by_source[source] for source in shown}, "each source by itself"


def run(house: House, examples: int) -> Counter[str]:
    met: Counter[str] = Counter()
    how = settings(
        max_examples=examples,
        stateful_step_count=50,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=[*HealthCheck],
    )
    run_state_machine_as_test(lambda: Attendance(house.db, met), settings=how)  # type: ignore[arg-type]
    return met


ACTS = {"scanned in", "scanned out", "checked in", "checked out", "undone", "forgotten", "late"}
AFTERWARDS = {"proposed", "corrected", "approved", "refused"}
REFUSALS = (
    *(TooEarlyToCheckIn, TooLateToCheckIn, CodeTooOld, NotThisState),
    *(AlreadyProposed, MoreThanPlanned, NothingToCorrect, OwnProposal, OwnHours, OfOneHome),
)


def test_whatever_they_do_in_whatever_order_the_hours_are_those_of_the_model(house: House, engine: str) -> None:
    met = run(house, {"sqlite": 60, "postgresql": 8}[engine])
    if engine == "sqlite":
        assert met.keys() >= ACTS | AFTERWARDS | {no.__name__ for no in REFUSALS}, "and every kind of thing happened"


CONTROLS: dict[str, tuple[str, str, Any]] = {
    "nobody looks for forgotten check-outs": (
        "attendance.credit_forgotten",
        "the model says|==",
        lambda session, ids: None,
    ),
    "one officer is enough": ("hour_keeping.policy.why_not_approve", "the model says|decided_by_another", lambda *_: None),
    "a late check-out changes nothing": ("hour_keeping._correct", "==", lambda *_args: None),
    "more than the plan is given": ("signup_models.Signup.minutes_there", "==|above the plan", lambda *_: PLANNED + 1),
}


@pytest.mark.parametrize("wrong", CONTROLS)
def test_control_it_finds_out_when(wrong: str, house_sqlite: House, monkeypatch: pytest.MonkeyPatch) -> None:
    guard, says, without = CONTROLS[wrong]
    monkeypatch.setattr(f"app.volunteering.{guard}", without)
    with pytest.raises(Exception, match=says):
        run(house_sqlite, 60)
