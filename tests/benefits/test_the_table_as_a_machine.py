"""Any order of the acts of a gift, from its publication to its end: after every one of them nothing is lost.

Each act is a transaction of its own, committed or undone as behind a door, and each example has a compound of its own. What is
counted is read from the rows themselves, and not by the room's own queries.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.access.actors import Actor, acting
from app.benefits import converting, handing, publishing, service, stocking, transferring
from app.benefits.approving import approve, standing_of, submit
from app.benefits.claim_models import Claim
from app.benefits.conversion_models import Conversion
from app.benefits.distribution_queries import desks_of, distribution_for
from app.benefits.handover_models import Handover, Outcome
from app.benefits.models import Item
from app.benefits.outcome_schemas import ConversionWish, UndoWish
from app.benefits.plan_schemas import DistributionWish
from app.benefits.planning import plan
from app.benefits.roll_models import Entitlement, EntitlementLine
from app.benefits.schemas import (
    ClaimWish,
    DeskWish,
    HandoverWish,
    SettleWish,
    StockCorrectionWish,
    StockMoveWish,
    TransferWish,
    VoidWish,
)
from app.benefits.stock_models import MoveKind, StockMove
from app.compounds.models import SeatKind
from app.council.schemas import DecisionWish
from app.council.service import record_decision
from app.kit.clock import now, today
from app.kit.db import Database, writing
from app.kit.refusals import Refusal
from app.notices.models import Notice
from app.treasury.chart_models import Code
from app.treasury.draft_schemas import ApproveWish
from app.treasury.journal import open_books
from tests.benefits.giving import DECISION, OIL, RICE, batch, money
from tests.cast import House
from tests.making import fresh, make_compound, make_person, make_seat, make_unit

CAST = {"liu": SeatKind.DIRECTOR, "he": SeatKind.MEMBER, "chen": SeatKind.SUPERVISOR, "zhou": SeatKind.SUPERVISOR}
HOMES = 3
"""Of neighbours without a seat, beside those of the cast."""

SLUGS = (f"table{n}" for n in count())
ONE = st.integers(0, 999)
"""Which of what there is, in its order; the list decides how far it is counted."""

GIVER, CHECKER, DESK = st.sampled_from(("liu", "he")), st.sampled_from(("chen", "zhou")), st.integers(0, 1)
SOME = st.sets(st.integers(0, 2), min_size=1)
"""Which of the plan's three items."""


class Table(RuleBasedStateMachine):
    """`met`: how often each act was done, and each refusal met."""

    def __init__(self, db: Database, met: Counter[str]) -> None:
        super().__init__()
        self.db, self.met = db, met
        self.plan = fresh()
        with writing(db) as session:
            self.compound = make_compound(session, next(SLUGS))
            self.people = {
                name: make_person(session, self.compound, name, make_unit(session, self.compound, room=name)) for name in CAST
            }
            for name, seat in CAST.items():
                make_seat(session, self.people[name], seat)
            for n in range(HOMES):
                make_person(session, self.compound, f"邻居{n}", make_unit(session, self.compound, room=f"70{n}"))
            open_books(session, self.compound.id, 100_000_00)
            liu = self.acting(session, "liu")
            decided = DecisionWish.model_validate(DECISION | {"decided_on": today()})
            self.decision = record_decision(session, liu, fresh(), decided)[0].id
            wish = {"title": "端午礼包", "batches": [batch()], "decision_id": self.decision}
            wish["items"] = [RICE, OIL, money("20.00", "fixed_per_unit")]
            plan(session, liu, self.plan, DistributionWish.model_validate(wish))
            submit(session, liu, self.plan)
            content = standing_of(session, distribution_for(session, liu, self.plan)).content_hash
            for name in ("chen", "zhou"):
                approve(session, self.acting(session, name), self.plan, ApproveWish(content_hash=content or ""))
            publishing.publish_plan(session, liu, self.plan)
            session.exec(select(Notice).where(Notice.record_id == self.plan)).one().objections_until_at = now() - timedelta(
                days=1
            )
            stocking.add_desk(session, liu, self.plan, DeskWish(name="北门"))
            self.desks = [desk.id for desk in desks_of(session, distribution_for(session, liu, self.plan))]
            of_plan = select(Item).where(Item.distribution_id == self.plan)
            self.items = [item.id for item in sorted(session.exec(of_plan), key=lambda item: item.position)]
            self.units = sorted(session.exec(select(Entitlement.id).where(Entitlement.distribution_id == self.plan)))
            lines = session.exec(select(EntitlementLine).where(EntitlementLine.compound_id == self.compound.id))
            self.lines = {(line.entitlement_id, line.item_id): line.id for line in lines}
            for item in self.items[:2]:
                for desk in self.desks:
                    wanted = StockMoveWish(item_id=item, quantity=3, to_desk_id=desk)
                    stocking.move_stock(session, liu, self.plan, fresh(), wanted)
        self.owners = self.owners_by_unit()

    def acting(self, session: Session, name: str) -> Actor:
        return acting(session, self.compound, self.people[name])

    def owners_by_unit(self) -> dict[UUID, tuple[UUID, str]]:
        said = """SELECT e.id, p.id, p.name FROM entitlement e
            JOIN ownership o ON o.unit_id = e.unit_id JOIN person p ON p.id = o.person_id WHERE e.compound_id = :c"""
        return {UUID(e): (UUID(p), name) for e, p, name in self.read(said)}

    def read(self, statement: str) -> list[Any]:
        with self.db.reading.connect() as connection:
            return list(connection.execute(text(statement), {"c": self.compound.id.hex}))

    def act(self, name: str, by: str, verb: Callable[[Session, Actor], Any]) -> None:
        try:
            with writing(self.db) as session:
                verb(session, self.acting(session, by))
        except Refusal as refusal:
            self.met[type(refusal).__name__] += 1
        else:
            self.met[name] += 1

    def any_of(self, kind: Any, n: int) -> UUID | None:
        with writing(self.db) as session:
            found = session.exec(select(kind.id).where(kind.compound_id == self.compound.id)).all()
        return sorted(found)[-1 - n % len(found)] if found else None

    @rule(unit=ONE, items=SOME, desk=DESK, by=GIVER, cash=st.booleans())
    def claim(self, unit: int, items: set[int], desk: int, by: str, cash: bool) -> None:
        id = self.units[unit % len(self.units)]
        wish = ClaimWish(
            way="tick_with_witness",
            ticked=True,
            owner_id=self.owners[id][0],
            lines=[self.lines[id, self.items[n]] for n in items],
            desk_id=self.desks[desk],
            cash=cash,
        )
        self.act("claim", by, lambda session, actor: service.claim(session, actor, id, fresh(), wish))

    @rule(unit=ONE, items=SOME, desk=DESK, by=GIVER, cash=st.booleans())
    def report(self, unit: int, items: set[int], desk: int, by: str, cash: bool) -> None:
        id = self.units[unit % len(self.units)]
        wish = HandoverWish(
            entitlement_id=id,
            items=[self.items[n] for n in items],
            way="tick_with_witness",
            ticked=True,
            owner=self.owners[id][1],
            desk_id=self.desks[desk],
            cash=cash,
            device_at=now(),
        )
        self.act("report", by, lambda session, actor: handing.report(session, actor, fresh(), wish))

    @rule(which=ONE, by=CHECKER)
    def void(self, which: int, by: str) -> None:
        if id := self.any_of(Claim, which):
            self.act("void", by, lambda session, actor: service.void(session, actor, id, VoidWish(reason="发错了")))

    @rule(which=ONE, by=CHECKER, outcome=st.sampled_from(Outcome))
    def settle(self, which: int, by: str, outcome: Outcome) -> None:
        if id := self.any_of(Handover, which):
            wish = SettleWish(outcome=outcome, words="说清楚了")
            self.act("settle", by, lambda session, actor: handing.settle(session, actor, id, wish))

    @rule(
        kind=st.sampled_from([*MoveKind, *[MoveKind.SPOILED] * 3]),
        item=st.integers(0, 1),
        desk=DESK,
        quantity=st.integers(1, 3),
        more=st.booleans(),
    )
    def move(self, kind: MoveKind, item: int, desk: int, quantity: int, more: bool) -> None:
        comes = kind == MoveKind.ARRIVED or (kind == MoveKind.COUNTED and more)
        wish = StockMoveWish(
            item_id=self.items[item],
            kind=kind,
            quantity=quantity,
            from_desk_id=None if comes else self.desks[desk],
            to_desk_id=self.desks[desk] if comes else self.desks[1 - desk] if kind == MoveKind.MOVED else None,
            reason="点过了",
        )
        self.act(kind, "he", lambda session, actor: stocking.move_stock(session, actor, self.plan, fresh(), wish))

    @rule(which=ONE, quantity=st.integers(0, 4))
    def correct(self, which: int, quantity: int) -> None:
        if id := self.any_of(StockMove, which):
            wish = StockCorrectionWish(quantity=quantity, reason="写错了")
            self.act("correct", "he", lambda session, actor: stocking.correct_move(session, actor, self.plan, id, fresh(), wish))

    @rule(units=st.lists(ONE, min_size=1, max_size=2))
    def transfer(self, units: list[int]) -> None:
        of_units = [self.lines[self.units[n % len(self.units)], self.items[2]] for n in units]
        wish = TransferWish(reference="B-1", on_date=today(), lines=of_units)
        self.act("transfer", "liu", lambda session, actor: transferring.mark_paid(session, actor, self.plan, fresh(), wish))

    @rule(closed=st.booleans())
    def turn(self, closed: bool) -> None:
        verb = publishing.close if closed else publishing.reopen
        self.act("close" if closed else "reopen", "liu", lambda session, actor: verb(session, actor, self.plan))

    @rule(unit=ONE, items=SOME)
    def convert(self, unit: int, items: set[int]) -> None:
        id = self.units[unit % len(self.units)]
        wish = ConversionWish(decision_id=self.decision, lines=[self.lines[id, self.items[n]] for n in items])

        def verb(session: Session, actor: Actor) -> None:
            publishing.close(session, actor, self.plan)
            converting.convert(session, actor, self.plan, fresh(), wish)

        self.act("convert", "liu", verb)

    @rule(which=ONE, by=CHECKER)
    def undo(self, which: int, by: str) -> None:
        if id := self.any_of(Conversion, which):
            wish = UndoWish(decision_id=self.decision, reason="选错了户")
            self.act("undo", by, lambda session, actor: converting.undo(session, actor, self.plan, id, wish))

    @invariant()
    def nothing_is_lost(self) -> None:
        live = Counter(
            line for (line,) in self.read("SELECT entitlement_line_id FROM claim_line WHERE compound_id = :c AND live")
        )
        assert max(live.values(), default=1) == 1, "a line is settled once"
        due = {line: (item, fen, n) for line, item, fen, n in self.read(DUE)}
        price = dict(self.read("SELECT id, unit_price_fen FROM distribution_item WHERE compound_id = :c"))
        books = Counter({code: int(fen) for code, fen in self.read(BOOKS)})
        assert sum(books.values()) == 0, "the journal sums to zero"
        open_fen = sum(fen for line, (_item, fen, _n) in due.items() if line not in live)
        assert books[Code.OWED] == -open_fen, "what is owed is what is open"
        there: Counter[tuple[str, str]] = Counter()
        worth = 0
        for item, desk, received, handed, conflicted, spoiled in self.read(STOCKS):
            left = received - handed - conflicted - spoiled
            assert min(left, handed, conflicted, spoiled) >= 0, "nothing is below zero"
            there.update({(item, desk, "received"): received, (item, desk, "handed"): handed})
            there.update({(item, desk, "conflicted"): conflicted, (item, desk, "spoiled"): spoiled})
            worth += (left + conflicted) * price[item]
        bought = sum(price[item] * n for item, n in self.read(BOUGHT))
        assert books[Code.STOCK] + bought == worth, "stock is what is left and in conflict"
        counted: Counter[tuple[str, str]] = Counter()
        for item, desk, what, n in self.read(GONE):
            counted[item, desk, what] += n
        assert +there == +counted, "each piece has its line or its move"


LIVE = "SELECT entitlement_line_id FROM claim_line WHERE compound_id = :c AND live"
DUE = "SELECT id, item_id, amount_fen, quantity FROM entitlement_line WHERE compound_id = :c"
BOOKS = """SELECT a.code, sum(p.amount_fen) FROM posting p JOIN ledger_account a
    ON a.compound_id = p.compound_id AND a.id = p.account_id WHERE p.compound_id = :c GROUP BY a.code"""
STOCKS = "SELECT item_id, desk_id, received, handed, conflicted, spoiled FROM stock WHERE compound_id = :c"
BOUGHT = "SELECT item_id, quantity FROM stock_move WHERE compound_id = :c AND kind = 'arrived'"
GONE = """
    SELECT l.item_id, c.desk_id, 'handed', l.quantity FROM claim_line cl JOIN claim c ON c.id = cl.claim_id
        JOIN entitlement_line l ON l.id = cl.entitlement_line_id WHERE cl.compound_id = :c AND cl.live
    UNION ALL
    SELECT item_id, to_desk_id, 'received', quantity FROM stock_move WHERE compound_id = :c AND to_desk_id IS NOT NULL
    UNION ALL
    SELECT item_id, from_desk_id, CASE kind WHEN 'spoiled' THEN 'spoiled' ELSE 'received' END,
        CASE kind WHEN 'spoiled' THEN quantity ELSE -quantity END FROM stock_move
        WHERE compound_id = :c AND from_desk_id IS NOT NULL
    UNION ALL
    SELECT l.item_id, h.desk_id, 'conflicted', l.quantity FROM handover_line hl JOIN handover h ON h.id = hl.handover_id
        JOIN entitlement_line l ON l.id = hl.entitlement_line_id WHERE hl.compound_id = :c AND h.conflict <> ''
        AND NOT EXISTS (SELECT 1 FROM handover_settlement s WHERE s.handover_id = h.id)
        AND NOT EXISTS (SELECT 1 FROM claim_line cl WHERE cl.claim_id = h.id AND cl.entitlement_line_id = l.id)
"""


def run(house: House, examples: int, steps: int = 30) -> Counter[str]:
    """How often each act was done and each refusal met. What fails is shown as it was found."""
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
    run_state_machine_as_test(lambda: Table(house.db, met), settings=how)  # type: ignore[arg-type]
    return met


ACTS = {"claim", "report", "void", "settle", *MoveKind, "correct", "transfer", "close", "reopen", "convert", "undo"}
REFUSALS = {
    "AlreadyClaimed",
    "OutOfStock",
    "NotThatMany",
    "DistributionClosed",
    "AlreadyVoided",
    "NothingOwed",
    "OwnUnit",
    "MoreIsGone",
}


def test_nothing_is_lost_whatever_is_done_in_whatever_order(house_sqlite: House) -> None:
    met = run(house_sqlite, 45)
    assert set(met) >= ACTS | REFUSALS, (ACTS | REFUSALS) - set(met)


CONTROLS: dict[str, tuple[str, str, Any]] = {
    "a voided claim gives no piece back": ("stock is what is left", "service.handed_in", lambda *_: []),
    "what spoiled is not booked": ("stock is what is left and in conflict", "stocking._BOOKED", (MoveKind.COUNTED,)),
    "what was counted is not booked": ("stock is what is left and in conflict", "stocking._BOOKED", (MoveKind.SPOILED,)),
    "an undone conversion keeps its entry": (
        "what is owed is what is open",
        "converting.reverse",
        lambda _session, entry, _memo: entry,
    ),
    "a line is claimed twice": ("claim_line", "service.claimed_lines", lambda *_: set()),
}


@pytest.mark.parametrize("wrong", CONTROLS)
def test_control_it_finds_out_when(wrong: str, house_sqlite: House, monkeypatch: pytest.MonkeyPatch) -> None:
    says, verb, without = CONTROLS[wrong]
    monkeypatch.setattr(f"app.benefits.{verb}", without)
    with pytest.raises((AssertionError, IntegrityError), match=says):
        run(house_sqlite, 16)
