"""Shapes of 点单 at the border."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Count, Line, Moment, Prose, Wish
from app.kit.i18n import mark
from app.volunteering.request_models import EXPLAINED, Rank, RequestActKind
from app.volunteering.term_models import LONGEST


class RequestWish(Wish):
    """`person_id`: for whom, when an officer asks for somebody without a phone; absent = oneself. `unit_id`: one of theirs;
    absent = their only one. `place` is for whoever helps, like the room.
    """

    kind: Annotated[Line, Field(max_length=LONGEST)]
    what: Annotated[Prose, Field(max_length=500)]
    wanted_at: Moment
    rank: Rank = Rank.ORDINARY
    place: Annotated[Line, Field(max_length=100)] | None = None
    unit_id: UUID | None = None
    person_id: UUID | None = None


class RequestActWish(Wish):
    """`stars` (1–5) with `rated` only, `rank` with `confirmed` only; a reason where somebody is refused something."""

    kind: RequestActKind
    text: Annotated[Prose, Field(max_length=500)] | None = None
    stars: Annotated[Count, Field(ge=1, le=5)] | None = None
    rank: Rank | None = None

    @model_validator(mode="after")
    def says_what_it_needs(self) -> Self:
        if (self.stars is None) == (self.kind is RequestActKind.RATED):
            raise PydanticCustomError("stars", mark("请选几颗星。"))
        if self.rank and self.kind is not RequestActKind.CONFIRMED:
            raise PydanticCustomError("rank", mark("确认时才排先后。"))
        if self.kind in EXPLAINED and not self.text:
            raise PydanticCustomError("reason", mark("请写明原因。"))
        return self


class RequestCardRead(BaseModel):
    """What every neighbour may see of an open request: the entrance, never the room or the name."""

    id: UUID
    number: int
    kind: str
    wanted_at: datetime
    rank: Rank
    state: str
    building: str | None
    entrance: str | None
    late: bool


class RequestActRead(BaseModel):
    kind: str
    by: str | None
    text: str
    done_at: datetime


class RequestRead(RequestCardRead):
    """`asker`, `helper`, `address`, `place`, `stars` and `acts`: for those whom they concern; null or empty for others."""

    what: str
    on_behalf: bool
    asker: str | None
    helper: str | None
    address: str | None
    place: str | None
    stars: int | None
    acts: list[RequestActRead] = Field(max_length=1000)
