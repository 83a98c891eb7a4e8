"""Shapes at the border of a project's life: wishes in (forms and JSON alike), reads out."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.kit.clock import today
from app.kit.forms import Line, Wish
from app.kit.i18n import mark
from app.renovation.life_models import ProjectActKind
from app.renovation.models import ProjectStage
from app.renovation.schemas import Happened, Optional, Text
from app.renovation.warranty_models import WarrantyKind

K = ProjectActKind


Short = Annotated[Annotated[Line, Field(max_length=60)] | None, Optional, Field(validate_default=True)]

ASKED = {
    K.APPLIED: ("office", "reference", "text"),
    K.ANSWERED: ("office", "reference", "text"),
    K.ADMITTED: ("office", "reference", "text"),
    K.TURNED_DOWN: ("office", "reference", "text"),
    K.CONSULTED: ("until_on", "how", "text"),
    K.WARRANTY: ("parts", "text"),
}
"""What is asked about an act besides its day and some words."""

OWED = {
    K.APPLIED: ("office",),
    K.ANSWERED: ("office", "text"),
    K.ADMITTED: ("office",),
    K.TURNED_DOWN: ("office", "text"),
    K.CONSULTED: ("how", "text"),
    K.WARRANTY: ("parts",),
    K.FOLLOWED_UP: ("text",),
    K.STOPPED: ("text",),
    K.TAKEN_BACK: ("text",),
}
"""Without which it says too little."""


class ProjectActWish(Wish):
    """A step in a project's life. `happened_on`: today if not said. Of a consultation `until_on` is its last day, `how` the way
    in which residents were asked and `text` their opinions in short; of an application and its answers, `office` is who was
    asked and `reference` the number of the letter; of a warranty, `parts` are what it covers. A reason is owed for what stops it
    or takes a step back.
    """

    kind: ProjectActKind
    happened_on: Happened = None
    until_on: Happened = None
    office: Short = None
    reference: Short = None
    how: Annotated[Annotated[Line, Field(max_length=100)] | None, Optional, Field(validate_default=True)] = None
    text: Annotated[Text, Field(validate_default=True)] = None
    parts: Annotated[tuple[WarrantyKind, ...], Field(max_length=len(WarrantyKind), validate_default=True)] = ()

    @field_validator("until_on")
    @classmethod
    def ends_after_it_began(cls, day: date | None, info: ValidationInfo) -> date | None:
        if day and day < (info.data.get("happened_on") or today()):
            raise PydanticCustomError("ends_first", mark("不能早于第一天。"))
        return day

    @field_validator("office", "how", "text", "parts")
    @classmethod
    def says_enough(cls, said: Any, info: ValidationInfo) -> Any:
        if not said and info.field_name in OWED.get(info.data.get("kind", K.BEGUN), ()):
            raise PydanticCustomError("missing", mark("请填写。"))
        return said


class ProjectActRead(BaseModel):
    """`by` as this reader may know the name. `stage`: of the project after it. `stands`: it was not taken back."""

    id: UUID
    kind: ProjectActKind
    stage: ProjectStage
    happened_on: date
    until_on: date | None
    office: str
    reference: str
    how: str
    text: str
    by: str
    done_at: datetime
    stands: bool


class ClockRead(BaseModel):
    """`left`: days, today included; 0 once it is over. `source`: where the time comes from."""

    kind: WarrantyKind
    from_on: date
    until_on: date
    source: str
    left: int


class WarrantyRead(BaseModel):
    """`visit_on`: when somebody is to look again; absent once the warranty is over."""

    clocks: list[ClockRead]
    visit_on: date | None
