"""Shapes at the border of an acceptance: wishes in (forms and JSON alike), reads out."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Line, Prose, Wish
from app.kit.i18n import mark
from app.photos.schemas import Sha256
from app.renovation.acceptance_models import Outcome, PartFound
from app.renovation.finding_models import FindingState, Severity
from app.renovation.schemas import Due, Optional, Text


class AcceptanceWish(Wish):
    """`closes_on`: the last day on which opinions are taken; as early as the compound's rule allows if not said."""

    closes_on: Due = None
    text: Text = None


def _check(typed: Any) -> Any:
    """A form's "<item> <what was found> <photo or -> <words>"."""
    if not isinstance(typed, str):
        return typed
    item_id, found, photo_id, words = [*typed.split(" ", 3), "", "", ""][:4]
    return {"item_id": item_id, "found": found, "photo_id": None if photo_id == "-" else photo_id, "words": words}


class PartCheckWish(Wish):
    """What was found at one item. `photo_id`: a photo of one of the project's visits that shows it."""

    item_id: UUID
    found: PartFound
    photo_id: Annotated[UUID | None, Optional] = None
    words: Annotated[Annotated[Prose, Field(max_length=500)] | None, Optional] = None


class PartWish(Wish):
    """A part of the works ("3栋屋面") as it was checked: every item of one list is answered."""

    name: Line
    checks: Annotated[list[Annotated[PartCheckWish, BeforeValidator(_check)]], Field(min_length=1, max_length=40)]


class ReservationWish(Wish):
    """A finding with its day. `due_on`: by the compound's rule if not said."""

    place: Line
    what: Annotated[Prose, Field(max_length=1000)]
    demand: Annotated[Prose, Field(max_length=1000)]
    severity: Severity = Severity.MID
    due_on: Due = None


class ProposalWish(Wish):
    """A reason is owed for a no."""

    outcome: Outcome
    text: Annotated[Text, Field(validate_default=True)] = None

    @field_validator("text")
    @classmethod
    def says_why_not(cls, text: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("outcome") is Outcome.NOT_ACCEPTED and not text:
            raise PydanticCustomError("reason_missing", mark("请写明原因。"))
        return text


class SignWish(Wish):
    """`content_hash`: of what the signer saw."""

    content_hash: Sha256


class PartCheckRead(BaseModel):
    """`photo_missing`: a photo is owed for this answer, and none is named. `visit_id`: of the photo."""

    item_id: UUID
    text: str
    found: PartFound
    words: str
    photo_id: UUID | None
    visit_id: UUID | None
    photo_missing: bool


class PartRead(BaseModel):
    """The latest check of a part by a list. `checked_by` as this reader may know the name."""

    id: UUID
    name: str
    trade: str
    checked_by: str
    checked_at: datetime
    checks: list[PartCheckRead]


class ReservationRead(BaseModel):
    """A finding that the acceptance raised; it `stands` until that is mended or void."""

    finding_id: UUID
    number: int
    place: str
    what: str
    due_on: date
    state: FindingState
    stands: bool


class SumRead(BaseModel):
    """`mean`: of 1 to 5 stars, to a tenth. `building` is null for several buildings with few opinions."""

    building: str | None
    units: int
    mean: str


class OpinionsRead(BaseModel):
    """`units` that may give one, `given` by them. Means are told when no more opinions come in, and never of fewer than five
    units.
    """

    units: int
    given: int
    mean: str | None
    buildings: list[SumRead]


class ProposalRead(BaseModel):
    outcome: Outcome
    text: str
    by: str
    made_at: datetime


class SignatureRead(BaseModel):
    by: str
    signed_at: datetime


class QuorumRead(BaseModel):
    """`source`: where the compound's rule comes from."""

    needed: int
    source: str
    signed: list[SignatureRead]
    """Those that count for what stands there now."""


class AcceptanceRead(BaseModel):
    """The residents' opinion as supervised by themselves; never the statutory acceptance on completion (竣工验收).

    `content_sha256`: of the bytes that are to be signed, or were; null until a conclusion is proposed. `outcome`: once it is
    concluded.
    """

    id: UUID
    project_id: UUID
    round: int
    statutory: Literal[False] = False
    text: str
    opened_at: datetime
    closes_at: datetime
    asks: bool
    """Opinions are still taken."""
    opinions: OpinionsRead
    parts: list[PartRead]
    reservations: list[ReservationRead]
    proposal: ProposalRead | None
    quorum: QuorumRead
    content_sha256: str | None
    outcome: Outcome | None
    concluded_at: datetime | None
    notice_id: UUID | None


class AcceptancesRead(BaseModel):
    """The latest first."""

    items: list[AcceptanceRead]
