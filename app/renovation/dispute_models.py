"""Nouns of 调解. Whoever moves a dispute on holds its row lock (`dispute_queries.dispute_for`, lock=True)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import NotThisState, Refusal

MOST_PARTIES = 10


class NotImpartial(Refusal):
    status = 403
    says = mark("调解人不能是一方，也不能和一方住在一户。")
    advice = mark("请另一位能调解的人来办。")


class SaidAnew(Refusal):
    """Whoever agrees, agrees to the very words that they have read."""

    says = mark("内容刚刚改过。")
    advice = mark("请看过新的，再决定。")


class AlreadyAgreed(Refusal):
    says = mark("这一方已经同意了。")


class NotConsented(Refusal):
    says = mark("这一方没有同意过公开这些话，不用收回。")


class ConsentMissing(Refusal):
    says = mark("还有一方没有同意公开，不能公开。")


class AlreadyPublished(Refusal):
    says = mark("结果已经公开了，不能再改，也收不回。")


class DisputeSide(StrEnum):
    HOME = "home"
    CONTRACTOR = "contractor"
    """Known by name only: it has no account."""
    OFFICER = "officer"


SIDE_SAYS = {DisputeSide.HOME: mark("住户"), DisputeSide.CONTRACTOR: mark("施工方"), DisputeSide.OFFICER: mark("干部")}


class DisputeState(StrEnum):
    """What leads from one to the next stands in MOVES."""

    OPEN = "open"
    PROPOSED = "proposed"
    AGREED = "agreed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    FOLLOWED_UP = "followed_up"


S = DisputeState
GOING = (S.OPEN, S.PROPOSED)
OUTCOMES = (S.AGREED, S.FAILED, S.WITHDRAWN)
OVER = (*OUTCOMES, S.FOLLOWED_UP)

STATE_SAYS = {
    S.OPEN: mark("正在调解"),
    S.PROPOSED: mark("有了方案，等各方同意"),
    S.AGREED: mark("谈成了"),
    S.FAILED: mark("没谈成"),
    S.WITHDRAWN: mark("一方不谈了"),
    S.FOLLOWED_UP: mark("回访过"),
}


class DisputeActKind(StrEnum):
    STATED = "stated"
    """The facts as one side sees them."""
    PROPOSED = "proposed"
    AGREED = "agreed"
    """One party, for itself; with the last of them the dispute is agreed."""
    DECLINED = "declined"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    FOLLOWED_UP = "followed_up"
    WORDED = "worded"
    """What would be told to everybody, in the mediator's words."""
    CONSENTED = "consented"
    """One party, to these very words being told."""
    TAKEN_BACK = "taken_back"
    """A consent, while nothing was told yet."""
    PUBLISHED = "published"


K = DisputeActKind


@dataclass(frozen=True)
class Move:
    """`to`: None leaves the state. `of_party`: one party's own step, else the mediator's. `about`: the words it answers."""

    of: tuple[DisputeState, ...]
    to: DisputeState | None = None
    of_party: bool = False
    about: DisputeActKind | None = None


MOVES = {
    K.STATED: Move(GOING, of_party=True),
    K.PROPOSED: Move(GOING, S.PROPOSED),
    K.AGREED: Move((S.PROPOSED,), S.AGREED, of_party=True, about=K.PROPOSED),
    K.DECLINED: Move((S.PROPOSED,), S.OPEN, of_party=True, about=K.PROPOSED),
    K.FAILED: Move(GOING, S.FAILED),
    K.WITHDRAWN: Move(GOING, S.WITHDRAWN, of_party=True),
    K.FOLLOWED_UP: Move(OVER, S.FOLLOWED_UP),
    K.WORDED: Move(OVER),
    K.CONSENTED: Move(OVER, of_party=True, about=K.WORDED),
    K.TAKEN_BACK: Move(OVER, of_party=True),
    K.PUBLISHED: Move(OVER, about=K.WORDED),
}
OF_TELLING = (K.WORDED, K.CONSENTED, K.TAKEN_BACK, K.PUBLISHED)


class DisputeParty(Record, table=True):
    """一方: a person of the compound, or by `name` who is none of its people."""

    __tablename__ = "dispute_party"
    __table_args__ = (
        points_to("dispute", "dispute_id"),
        points_to("person", "person_id"),
        UniqueConstraint("compound_id", "dispute_id", "position"),
        UniqueConstraint("compound_id", "dispute_id", "person_id"),
        CheckConstraint("(person_id IS NULL) = (name <> '')", name="person_or_name"),
        Index("ix_dispute_party_person", "compound_id", "person_id"),
    )

    dispute_id: UUID
    position: int
    side: str = Field(max_length=10)
    person_id: UUID | None = None
    name: str = Field(default="", max_length=60)


class DisputeAct(SentOnce, table=True):
    """One step: who did it, for which party, and when. A party's step that another wrote down was told to them or signed on
    paper, as `text` says. `of_id`: the words it answers. `state` is what the dispute had after it.
    """

    __tablename__ = "dispute_act"
    at = "/works/disputes/{row.dispute_id}"

    __table_args__ = (
        points_to("dispute", "dispute_id"),
        points_to("dispute_party", "party_id"),
        points_to("dispute_act", "of_id"),
        points_to("person", "by_id"),
        UniqueConstraint("compound_id", "dispute_id", "position"),
        CheckConstraint(
            "(party_id IS NOT NULL) = (kind IN ('stated', 'agreed', 'declined', 'withdrawn', 'consented', 'taken_back'))",
            name="of_a_party",
        ),
    )

    dispute_id: UUID
    position: int
    kind: str = Field(max_length=12)
    party_id: UUID | None = None
    of_id: UUID | None = None
    text: str = Field(default="", max_length=2000)
    follow_up_on: date | None = None
    state: str = Field(max_length=12)
    by_id: UUID
    done_at: datetime = Field(default_factory=now)


@dataclass(frozen=True)
class Course:
    """What has been said so far, in order, and who still has to say something."""

    parties: Sequence[DisputeParty]
    acts: Sequence[DisputeAct]

    def latest(self, kind: DisputeActKind) -> DisputeAct | None:
        return next((act for act in reversed(self.acts) if act.kind == kind), None)

    @property
    def agreed(self) -> frozenset[UUID]:
        """The parties that agreed to the latest proposal."""
        proposal = self.latest(K.PROPOSED)
        return frozenset(
            act.party_id for act in self.acts if proposal and act.kind == K.AGREED and act.party_id and act.of_id == proposal.id
        )

    @property
    def consented(self) -> frozenset[UUID]:
        """The parties that let the latest words be told, and did not take it back."""
        words, found = self.latest(K.WORDED), set[UUID]()
        for act in self.acts:
            if words and act.kind == K.CONSENTED and act.party_id and act.of_id == words.id:
                found.add(act.party_id)
            elif act.kind == K.TAKEN_BACK and act.party_id:
                found.discard(act.party_id)
        return frozenset(found)

    def all_of(self, some: frozenset[UUID]) -> bool:
        return {party.id for party in self.parties} <= some


class Dispute(SentOnce, table=True):
    """矛盾纠纷, about a project or one of its findings. Private: for its parties and for who may mediate.

    `outcome`: how it ended; `follow_up_on`: when somebody is to ask whether it holds; `published_at`: since when everybody may
    read the words that all parties consented to.
    """

    at = "/works/disputes/{row.id}"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("finding", "finding_id"),
        points_to("person", "mediator_id"),
        CheckConstraint("(outcome IS NULL) = (state IN ('open', 'proposed'))", name="ended_with_an_outcome"),
        CheckConstraint("published_at IS NULL OR outcome IS NOT NULL", name="published_when_over"),
        Index("ix_dispute_opened", "compound_id", "opened_at", "id"),
        Index("ix_dispute_published", "compound_id", "published_at", "id"),
        Index("ix_dispute_mediator", "compound_id", "mediator_id"),
    )

    project_id: UUID
    finding_id: UUID | None = None
    subject: str = Field(max_length=100)
    mediator_id: UUID
    state: str = Field(default=DisputeState.OPEN, max_length=12)
    outcome: str | None = Field(default=None, max_length=12)
    follow_up_on: date | None = None
    opened_at: datetime = Field(default_factory=now)
    published_at: datetime | None = None

    def check(self, kind: DisputeActKind, course: Course, party_id: UUID | None, of_id: UUID | None) -> None:
        """Raises NotThisState, AlreadyPublished, SaidAnew, AlreadyAgreed, NotConsented, ConsentMissing."""
        move = MOVES[kind]
        if self.state not in move.of:
            raise NotThisState
        if kind in OF_TELLING and self.published_at:
            raise AlreadyPublished
        if move.about:
            words = course.latest(move.about)
            if words is None:
                raise NotThisState
            if words.id != of_id:
                raise SaidAnew
        if party_id in {K.AGREED: course.agreed, K.CONSENTED: course.consented}.get(kind, ()):
            raise AlreadyAgreed
        if kind is K.TAKEN_BACK and party_id not in course.consented:
            raise NotConsented
        if kind is K.PUBLISHED and not course.all_of(course.consented):
            raise ConsentMissing

    def move(self, kind: DisputeActKind, course: Course, party_id: UUID | None, of_id: UUID | None) -> None:
        """What the act does to it; one agreement among others leaves it where it is. Raises what `check` raises."""
        self.check(kind, course, party_id, of_id)
        to = MOVES[kind].to
        if kind is K.AGREED and party_id and not course.all_of(course.agreed | {party_id}):
            to = None
        self.state = to or self.state
        if to in OUTCOMES:
            self.outcome = to
        if kind is K.PUBLISHED:
            self.published_at = now()


for table in ("dispute_party", "dispute_act"):
    append_only(table)
