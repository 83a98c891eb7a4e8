"""Nouns of 亮相、承诺、践诺: what a party member promises in public, and how neighbours judge it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from app.compounds.models import BodyKind
from app.kit.clock import now, today
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import NotThisState, Refusal

PARTY = (BodyKind.PARTY_BRANCH, BodyKind.BUILDING_GROUP)
"""Whoever has a seat in one of these is a member who may appear."""


class NotOnTheBoard(Refusal):
    """A promise is public: first comes the consent to appear (PIPL art. 29)."""

    says = mark("还没有同意党员亮相，不能公开承诺。")
    advice = mark("在“我同意过的事”里同意以后，再来承诺。")
    leads_to = "{base}/me/consents"
    leads_says = mark("去同意")


class OwnPromise(Refusal):
    status = 403
    says = mark("自己的承诺，由邻居来评。")


class Verdict(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


VERDICT_SAYS = {Verdict.GOOD: mark("做到了"), Verdict.FAIR: mark("做了一部分"), Verdict.POOR: mark("没做到")}


class Pledge(SentOnce, table=True):
    """承诺: dated when it is made and when it is kept (践诺). `entered_by_id`: the officer to whom a member without a phone said
    it; any officer may then write down for them how it was kept, or take it back.
    """

    at = "/volunteering/members/{row.person_id}"

    __table_args__ = (
        points_to("person", "person_id"),
        points_to("person", "entered_by_id"),
        CheckConstraint("entered_by_id <> person_id", name="entered_by_another"),
        CheckConstraint("(kept_at IS NULL) = (kept_how = '')", name="kept_in_words"),
        Index("ix_pledge_person", "compound_id", "person_id", "made_at"),
    )

    person_id: UUID
    entered_by_id: UUID | None = None
    says: str = Field(max_length=200)
    until_on: date | None = None
    made_at: datetime = Field(default_factory=now)
    kept_at: datetime | None = None
    kept_how: str = Field(default="", max_length=500)
    withdrawn_at: datetime | None = None

    @property
    def overdue(self) -> bool:
        return self.kept_at is None and self.until_on is not None and self.until_on < today()

    def keep(self, how: str) -> None:
        """Raises NotThisState."""
        if self.kept_at or self.withdrawn_at:
            raise NotThisState
        self.kept_at, self.kept_how = now(), how

    def withdraw(self) -> None:
        """A promise that was kept stays. Raises NotThisState."""
        if self.kept_at or self.withdrawn_at:
            raise NotThisState
        self.withdrawn_at = now()


class PledgePhoto(Record, table=True):
    """A photo that shows how it was kept."""

    __tablename__ = "pledge_photo"
    __table_args__ = (
        points_to("pledge", "pledge_id"),
        points_to("photo", "photo_id"),
        UniqueConstraint("compound_id", "pledge_id", "photo_id"),
    )

    pledge_id: UUID
    photo_id: UUID
    position: int


class PledgeVerdict(Record, table=True):
    """评议: one resident's word about one promise, which they may change."""

    __tablename__ = "pledge_verdict"
    __table_args__ = (
        points_to("pledge", "pledge_id"),
        points_to("person", "person_id"),
        UniqueConstraint("compound_id", "pledge_id", "person_id"),
    )

    pledge_id: UUID
    person_id: UUID
    verdict: str = Field(max_length=4)
    said_at: datetime = Field(default_factory=now)
