"""Shapes at the border of mediation."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.kit.clock import today
from app.kit.forms import Line, Wish
from app.kit.i18n import mark
from app.renovation.dispute_models import MOST_PARTIES, DisputeActKind, DisputeSide, DisputeState
from app.renovation.schemas import Due, Optional, Text

K = DisputeActKind

OWED = (K.STATED, K.PROPOSED, K.DECLINED, K.FAILED, K.WITHDRAWN, K.FOLLOWED_UP, K.WORDED)
"""What says nothing without words."""


def _to_come(day: date | None) -> date | None:
    if day and day < today():
        raise PydanticCustomError("past_day", mark("请写今天或者以后的一天。"))
    return day


Coming = Annotated[Due, AfterValidator(_to_come)]
People = Annotated[tuple[UUID, ...], Field(max_length=MOST_PARTIES)]


class DisputeWish(Wish):
    """`person_ids` own or live here, `officer_ids` hold a seat; a contractor is named. Two parties at least."""

    project_id: UUID
    finding_id: Annotated[UUID | None, Optional] = None
    subject: Line
    person_ids: People = ()
    officer_ids: People = ()
    contractor: Annotated[Annotated[Line, Field(max_length=60)] | None, Optional] = None

    @model_validator(mode="after")
    def between_two(self) -> "DisputeWish":
        people = {*self.person_ids, *self.officer_ids}
        if len(people) < len(self.person_ids) + len(self.officer_ids):
            raise PydanticCustomError("twice", mark("同一个人只能是一方。"))
        if not 2 <= len(people) + bool(self.contractor) <= MOST_PARTIES:
            raise PydanticCustomError("one_party", mark("至少要有两方，最多十方。"))
        return self


class DisputeActWish(Wish):
    """`party_id`: whose step it is, where a mediator writes down what was said or signed on paper; `text` then says when and how.
    `of_id`: the proposal or the words that are agreed to, as they were read. `follow_up_on`: when somebody asks whether it holds;
    owed for a proposal.
    """

    kind: DisputeActKind
    party_id: Annotated[UUID | None, Optional] = None
    of_id: Annotated[UUID | None, Optional] = None
    text: Annotated[Text, Field(validate_default=True)] = None
    follow_up_on: Annotated[Coming, Field(validate_default=True)] = None

    @field_validator("text")
    @classmethod
    def says_enough(cls, text: str | None, info: ValidationInfo) -> str | None:
        if not text and (info.data.get("kind") in OWED or info.data.get("party_id")):
            raise PydanticCustomError("missing", mark("请填写。"))
        return text

    @field_validator("follow_up_on")
    @classmethod
    def is_followed_up(cls, day: date | None, info: ValidationInfo) -> date | None:
        if not day and info.data.get("kind") is K.PROPOSED:
            raise PydanticCustomError("missing", mark("请填写。"))
        return day


class PartyRead(BaseModel):
    """`mine`: it is the reader's. `agreed`: to the latest proposal; `consented`: to the latest words being told."""

    id: UUID
    side: DisputeSide
    name: str
    mine: bool
    agreed: bool
    consented: bool


class DisputeActRead(BaseModel):
    """`party`: whose step it is; `by`: who wrote it down, the mediator for a party that told them or signed on paper."""

    id: UUID
    kind: DisputeActKind
    party: str | None
    by: str
    on_behalf: bool
    of_id: UUID | None
    text: str
    follow_up_on: date | None
    state: DisputeState
    done_at: datetime


class DisputeLine(BaseModel):
    """`state`, `outcome`: see the acts. `published_at`: since when everybody may read the outcome."""

    id: UUID
    project_id: UUID
    finding_id: UUID | None
    subject: str
    state: DisputeState
    outcome: DisputeState | None
    mediator: str
    follow_up_on: date | None
    opened_at: datetime
    published_at: datetime | None


class DisputeRead(DisputeLine):
    parties: list[PartyRead]
    acts: list[DisputeActRead]


class OutcomeRead(BaseModel):
    """What all parties let everybody read, in the mediator's words."""

    id: UUID
    project_id: UUID
    project: str
    outcome: DisputeState
    words: str
    published_at: datetime
