"""Nouns of 点单. Whoever moves a request on holds its row lock (`request_queries.request_to_change`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import NotThisState, Refusal


class AlreadyClaimed(Refusal):
    says = mark("已经有人接了这一单。")
    advice = mark("还有别的邻居等着，去看看别的单。")


class Rank(StrEnum):
    """Which request is helped first."""

    URGENT = "urgent"
    SPECIAL = "special"
    ORDINARY = "ordinary"


RANK_SAYS = {
    Rank.URGENT: mark("着急"),
    Rank.SPECIAL: mark("老人、残疾人、孕妇等优先"),
    Rank.ORDINARY: mark("不着急"),
}
ORDER = {rank: str(n) for n, rank in enumerate(Rank)}


class RequestState(StrEnum):
    """What leads from one to the next stands in MOVES."""

    ASKED = "asked"
    """A coordinator has not looked at it yet; nobody else sees it."""
    OPEN = "open"
    CLAIMED = "claimed"
    HELPER_SAYS = "helper_says_done"
    ASKER_SAYS = "asker_says_done"
    DONE = "done"
    """Both have said so."""
    RATED = "rated"
    DECLINED = "declined"
    CANCELLED = "cancelled"


S = RequestState
HELD = (S.CLAIMED, S.HELPER_SAYS, S.ASKER_SAYS)
"""A volunteer is on it."""
WAITS = (S.ASKED, S.OPEN, *HELD)
FULFILLED = (S.DONE, S.RATED)


class Side(StrEnum):
    """Who takes a step: `policy.may_move` says who that is."""

    ASKER = "asker"
    HELPER = "helper"
    NEIGHBOUR = "neighbour"
    COORDINATOR = "coordinator"
    NOBODY = "nobody"


class RequestActKind(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CLAIMED = "claimed"
    RELEASED = "released"
    TAKEN_BACK = "taken_back"
    """By a coordinator, from a volunteer who does not come."""
    HELPED = "helped"
    """The volunteer says that it is done."""
    RECEIVED = "received"
    """The asker says so."""
    NOT_DONE = "not_done"
    """The asker does not agree that it is done."""
    RATED = "rated"
    CANCELLED = "cancelled"
    OVERDUE = "overdue"
    """By nobody: the time came and went, and the coordinators were told."""


K = RequestActKind


@dataclass(frozen=True)
class Move:
    """From which state to which, and by which side."""

    by: Side
    to: Mapping[RequestState, RequestState]


MOVES: Mapping[RequestActKind, Move] = {
    K.CONFIRMED: Move(Side.COORDINATOR, {S.ASKED: S.OPEN}),
    K.DECLINED: Move(Side.COORDINATOR, {S.ASKED: S.DECLINED, S.OPEN: S.DECLINED}),
    K.CLAIMED: Move(Side.NEIGHBOUR, {S.OPEN: S.CLAIMED}),
    K.RELEASED: Move(Side.HELPER, {S.CLAIMED: S.OPEN}),
    K.TAKEN_BACK: Move(Side.COORDINATOR, {S.CLAIMED: S.OPEN}),
    K.HELPED: Move(Side.HELPER, {S.CLAIMED: S.HELPER_SAYS, S.ASKER_SAYS: S.DONE}),
    K.RECEIVED: Move(Side.ASKER, {S.CLAIMED: S.ASKER_SAYS, S.HELPER_SAYS: S.DONE}),
    K.NOT_DONE: Move(Side.ASKER, {S.HELPER_SAYS: S.CLAIMED}),
    K.RATED: Move(Side.ASKER, {S.DONE: S.RATED}),
    K.CANCELLED: Move(Side.ASKER, {S.ASKED: S.CANCELLED, S.OPEN: S.CANCELLED, S.CLAIMED: S.CANCELLED}),
    K.OVERDUE: Move(Side.NOBODY, {state: state for state in WAITS}),
}

EXPLAINED = (K.DECLINED, K.TAKEN_BACK, K.NOT_DONE)
"""What has to be given a reason."""


class ServiceRequest(SentOnce, table=True):
    """服务需求: what a resident asks for. `place` and the unit's room are for whoever helps; neighbours see the entrance.

    `entered_by_id` differs from `person_id` when an officer wrote it for them. `place_in_line`: rank, then time.
    """

    __tablename__ = "service_request"
    at = "/volunteering/requests/{row.id}"

    __table_args__ = (
        points_to("person", "person_id"),
        points_to("person", "entered_by_id"),
        points_to("person", "claimed_by_id"),
        points_to("unit", "unit_id"),
        UniqueConstraint("compound_id", "year", "number"),
        CheckConstraint(
            "(claimed_by_id IS NOT NULL) = (state IN ('claimed', 'helper_says_done', 'asker_says_done', 'done', 'rated'))",
            name="one_helper_while_helped",
        ),
        CheckConstraint("claimed_by_id <> person_id", name="helped_by_another"),
        CheckConstraint("(stars IS NOT NULL) = (state = 'rated')", name="stars_when_rated"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="one_to_five_stars"),
        Index("ix_service_request_line", "compound_id", "state", "place_in_line", "id"),
        Index("ix_service_request_person", "compound_id", "person_id"),
        Index("ix_service_request_helper", "compound_id", "claimed_by_id"),
        Index("ix_service_request_unit", "compound_id", "unit_id"),
        Index("ix_service_request_asked", "compound_id", "asked_at", "id"),
    )

    person_id: UUID
    entered_by_id: UUID
    unit_id: UUID | None = None
    place: str = Field(default="", max_length=100)
    kind: str = Field(max_length=20)
    what: str = Field(max_length=500)
    wanted_at: datetime
    rank: str = Field(max_length=10)
    place_in_line: str = Field(max_length=20)
    state: str = Field(default=RequestState.ASKED, max_length=20)
    claimed_by_id: UUID | None = None
    stars: int | None = None
    year: int
    number: int
    asked_at: datetime = Field(default_factory=now)
    done_at: datetime | None = None

    @property
    def on_behalf(self) -> bool:
        return self.entered_by_id != self.person_id

    @property
    def late(self) -> bool:
        return self.state in WAITS and self.wanted_at <= now()

    def stand_in_line(self, rank: Rank) -> None:
        self.rank, self.place_in_line = rank, f"{ORDER[rank]}{self.wanted_at:%Y%m%d%H%M%S}"

    def move(self, kind: RequestActKind, by_id: UUID | None, stars: int | None = None) -> None:
        """What the act does to it. Raises AlreadyClaimed, NotThisState."""
        goal = MOVES[kind].to.get(RequestState(self.state))
        if goal is None:
            raise AlreadyClaimed if kind is K.CLAIMED and self.state in HELD else NotThisState
        self.state = goal
        if goal not in (*HELD, *FULFILLED):
            self.claimed_by_id = None
        elif kind is K.CLAIMED:
            self.claimed_by_id = by_id
        if goal is S.DONE:
            self.done_at = now()
        if kind is K.RATED:
            self.stars = stars


class RequestAct(SentOnce, table=True):
    """One step in a request's life: who did what, and when; `state` is what it had after it."""

    __tablename__ = "request_act"
    at = "/volunteering/requests/{row.request_id}"

    __table_args__ = (
        points_to("service_request", "request_id"),
        points_to("person", "by_id"),
        UniqueConstraint("compound_id", "request_id", "position"),
        CheckConstraint("(by_id IS NULL) = (kind = 'overdue')", name="done_by_somebody"),
    )

    request_id: UUID
    position: int
    kind: str = Field(max_length=12)
    by_id: UUID | None = None
    text: str = Field(default="", max_length=500)
    state: str = Field(max_length=20)
    done_at: datetime = Field(default_factory=now)


append_only("request_act")
