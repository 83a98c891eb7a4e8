"""Shapes of promises at the border."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.kit.forms import Line, Prose, Wish
from app.volunteering.pledge_models import Verdict


class PledgeWish(Wish):
    """`person_id`: whose, when an officer writes it down for a member without a phone; absent = oneself. `agrees`: that they have
    said to the officer that they want to appear with it.
    """

    person_id: UUID | None = None
    agrees: bool = False
    says: Annotated[Line, Field(max_length=200)]
    until_on: date | None = None


class KeptWish(Wish):
    """How it was kept, in words; photos come beside them."""

    how: Annotated[Prose, Field(max_length=500)]


class VerdictWish(Wish):
    verdict: Verdict


class VerdictsRead(BaseModel):
    good: int
    fair: int
    poor: int


class PledgeRead(BaseModel):
    """`entered_by`: the officer who wrote it down for them. `verdicts` is null below three: they would tell who said what."""

    id: UUID
    says: str
    entered_by: str | None
    made_at: datetime
    until_on: date | None
    kept_at: datetime | None
    kept_how: str
    photos: list[UUID] = Field(max_length=20)
    verdicts: VerdictsRead | None


class MemberRead(BaseModel):
    """A party member who agreed to appear; the building and entrance, never the room."""

    person_id: UUID
    name: str
    title: str
    place: str
    pledges: list[PledgeRead] = Field(max_length=200)


class PledgeBoardRead(BaseModel):
    items: list[MemberRead] = Field(max_length=1000)
