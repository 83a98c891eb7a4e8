"""Any order of signing up, giving back, confirming, more and fewer places, and time passing: the shift is what a list on paper
would be. More are never on it than there are places, and nobody is passed over.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.access.actors import Actor, acting
from app.compounds.models import SeatKind
from app.kit.db import Database, writing
from app.kit.refusals import Refusal
from app.volunteering import planning, signing_up
from app.volunteering.models import Shift
from app.volunteering.schemas import ShiftChange, SignupWish
from app.volunteering.signup_models import Signup
from tests.cast import House
from tests.making import fresh, make_compound, make_person, make_seat, make_shift, make_unit

BEGAN = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
AHEAD = timedelta(days=30)
"""The shift begins so much later: longer than the longest example, so that an offer holds its full twelve hours."""

SLUGS = (f"shift{n}" for n in count())
NEIGHBOURS = 4
WHO = st.integers(0, NEIGHBOURS - 1)


class Paper:
    """The list as one would keep it by hand: a line for each who asked, in their order."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.lines: list[dict[str, Any]] = []

    def line_of(self, who: int) -> dict[str, Any] | None:
        """Their last one, where it still counts."""
        lines = [line for line in self.lines if line["who"] == who]
        return lines[-1] if lines and lines[-1]["state"] in ("confirmed", "waiting", "offered") else None

    @property
    def free(self) -> int:
        return self.places - sum(line["state"] in ("confirmed", "offered") for line in self.lines)

    def lapse(self, now: datetime) -> None:
        for line in self.lines:
            if line["state"] == "offered" and line["until"] <= now:
                line["state"] = "lapsed"

    def settle(self, now: datetime) -> None:
        self.lapse(now)
        for line in self.lines:
            if line["state"] == "waiting" and not line["last"] and self.free > 0:
                line |= {"state": "offered", "until": now + timedelta(hours=12)}

    def copy(self) -> "Paper":
        other = Paper(self.places)
        other.lines = [dict(line) for line in self.lines]
        return other


class OneShift(RuleBasedStateMachine):
    """`met`: how often each act was done, and each refusal met."""

    def __init__(self, db: Database, met: Counter[str]) -> None:
        super().__init__()
        self.db, self.met, self.paper = db, met, Paper(1)
        self.travels = time_machine.travel(BEGAN, tick=False)
        self.clock = self.travels.start()
        self.now = BEGAN
        with writing(db) as session:
            self.compound = make_compound(session, next(SLUGS))
            self.people = [
                make_person(session, self.compound, f"邻居{n}", make_unit(session, self.compound, room=str(n)))
                for n in range(NEIGHBOURS)
            ]
            self.leader = make_person(session, self.compound, "何队长", make_unit(session, self.compound, room="9"))
            make_seat(session, self.leader, SeatKind.COORDINATOR)
            self.shift = make_shift(session, self.leader, capacity=1, starts_in=AHEAD)
        self.ids: dict[int, UUID] = {}
        for who in range(NEIGHBOURS - 1):  # so that the first who gives back has somebody waiting
            self.sign_up(who, last=False)

    def teardown(self) -> None:
        self.travels.stop()

    def act(self, name: str, who: int | None, verb: Callable[[Session, Actor], Any], on_paper: Callable[[Paper], bool]) -> None:
        """Both do it: what the paper allows is done, what it does not is refused, and then nothing has changed."""
        paper = self.paper.copy()
        allowed, refused = on_paper(paper), ""
        try:
            with writing(self.db) as session:
                verb(session, acting(session, self.compound, self.leader if who is None else self.people[who]))
        except Refusal as refusal:
            refused = type(refusal).__name__
        assert allowed == (not refused), f"who has a place: {name} {refused}"
        self.met[refused or name] += 1
        if allowed:
            self.paper = paper

    @rule(who=WHO, last=st.integers(0, 3).map(lambda n: n == 0))
    def sign_up(self, who: int, last: bool) -> None:
        id = fresh()

        def on_paper(paper: Paper) -> bool:
            paper.settle(self.now)
            if paper.line_of(who):
                return False
            state = "confirmed" if paper.free > 0 and not last else "waiting"
            paper.lines.append({"who": who, "state": state, "until": None, "last": last})
            return True

        wish = SignupWish(only_if_needed=last)
        before = len(self.paper.lines)
        self.act("sign_up", who, lambda s, actor: signing_up.sign_up(s, actor, self.shift.id, id, wish), on_paper)
        if len(self.paper.lines) > before:
            self.ids[who] = id

    @precondition(lambda self: self.ids)
    @rule(who=WHO)
    def withdraw(self, who: int) -> None:
        who = sorted(self.ids)[who % len(self.ids)]

        def on_paper(paper: Paper) -> bool:
            line = paper.line_of(who)
            if line is None:
                return False
            line["state"] = "withdrawn"
            paper.settle(self.now)
            return True

        self.act("withdraw", who, lambda s, actor: signing_up.withdraw(s, actor, self.ids[who]), on_paper)

    @precondition(lambda self: self.ids)
    @rule(who=WHO)
    def confirm(self, who: int) -> None:
        who = sorted(self.ids)[who % len(self.ids)]

        def on_paper(paper: Paper) -> bool:
            line = paper.line_of(who)
            if line is None or (line["state"] == "offered" and line["until"] <= self.now):
                return False
            if line["state"] == "waiting":
                paper.settle(self.now)
                if line["state"] == "waiting" and paper.free <= 0:
                    return False
            line["state"] = "confirmed"
            return True

        self.act("confirm", who, lambda s, actor: signing_up.confirm(s, actor, self.ids[who]), on_paper)

    @rule(places=st.sampled_from((1, 2, 3)), seldom=st.integers(0, 3))
    def change(self, places: int, seldom: int) -> None:
        if seldom:
            return
        with Session(self.db.reading) as session:
            shift = session.get_one(Shift, (self.shift.compound_id, self.shift.id))
        wish = ShiftChange(starts_at=shift.starts_at, ends_at=shift.ends_at, capacity=places)

        def on_paper(paper: Paper) -> bool:
            paper.lapse(self.now)
            if paper.places - paper.free > places:
                return False
            paper.places = places
            paper.settle(self.now)
            return True

        self.act("change", None, lambda s, actor: planning.change_shift(s, actor, shift.id, shift.version, wish), on_paper)

    @rule(hours=st.sampled_from((5, 12, 13)), worker=st.integers(0, 2).map(lambda n: n == 0))
    def time_passes(self, hours: int, worker: bool) -> None:
        self.now += timedelta(hours=hours)
        self.clock.move_to(self.now)
        if worker:
            self.the_worker_comes()

    def the_worker_comes(self) -> None:
        payload = {"compound_id": str(self.shift.compound_id), "shift_id": str(self.shift.id)}

        def on_paper(paper: Paper) -> bool:
            paper.settle(self.now)
            return True

        self.act("settle", None, lambda s, _actor: signing_up.settle_due(s, payload), on_paper)

    @invariant()
    def the_shift_is_what_the_paper_says(self) -> None:
        with Session(self.db.reading) as session:
            shift = session.get_one(Shift, (self.shift.compound_id, self.shift.id))
            rows = session.exec(select(Signup).where(Signup.shift_id == shift.id).order_by(col(Signup.line))).all()
        people = {person.id: n for n, person in enumerate(self.people)}
        found = [(people[row.person_id], row.state) for row in rows]
        held = sum(row.state in ("confirmed", "offered") for row in rows)
        assert held == shift.taken <= shift.capacity, "what is counted"
        assert found == [(line["who"], line["state"]) for line in self.paper.lines], "who has a place"
        assert shift.capacity == self.paper.places


def run(house: House, examples: int, steps: int = 40) -> Counter[str]:
    met = Counter[str]()
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=[*HealthCheck],
    )
    run_state_machine_as_test(lambda: OneShift(house.db, met), settings=how)  # type: ignore[arg-type]
    return met


ACTS = {"sign_up", "withdraw", "confirm", "change", "settle"}
REFUSALS = {"AlreadySignedUp", "OfferGone", "NotThisState", "BelowTaken"}


def test_the_list_is_kept_whatever_is_done_in_whatever_order(house_sqlite: House) -> None:
    met = run(house_sqlite, 20)
    assert set(met) >= ACTS | REFUSALS, (ACTS | REFUSALS) - set(met)


CONTROLS: dict[str, tuple[str, str, Any]] = {
    "a dead offer keeps its place": ("who has a place", "signing_up.lapse", lambda *_: None),
    "the last in line is first": (
        "who has a place",
        "signing_up._next_in_line",
        lambda session, shift, _resort: [*reversed(signing_up.signups_in(session, shift, "waiting"))],
    ),
    "a place that was given back stays taken": ("what is counted", "models.Places.free", lambda *_: None),
    "there is always room": ("shift_never_oversold", "models.Places.has_room", lambda *_: True),
}


@pytest.mark.parametrize("wrong", CONTROLS)
def test_control_it_finds_out_when(wrong: str, house_sqlite: House, monkeypatch: pytest.MonkeyPatch) -> None:
    says, verb, without = CONTROLS[wrong]
    monkeypatch.setattr(f"app.volunteering.{verb}", without)
    with pytest.raises((AssertionError, IntegrityError), match=says):
        run(house_sqlite, 40)
