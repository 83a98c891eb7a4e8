"""Shapes of the census at the border."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.kit.forms import Line, Wish
from app.kit.i18n import mark
from app.volunteering.census_models import SLOTS, SeenBy
from app.volunteering.skill_models import SkillLevel
from app.volunteering.term_models import LONGEST

Slot = Literal[SLOTS]  # type: ignore[valid-type]


class LevelWish(Wish):
    name: Annotated[Line, Field(max_length=LONGEST)]
    level: SkillLevel


def _typed_skills(value: Any) -> Any:
    """A form sends "理发=good" for a skill, and "" for one that somebody does not have."""
    if not isinstance(value, list):
        return value
    pairs = (line.rpartition("=") if isinstance(line, str) else line for line in value if line != "")
    return [{"name": pair[0], "level": pair[2]} if isinstance(pair, tuple) else pair for pair in pairs]


def _each_once(skills: tuple[LevelWish, ...]) -> tuple[LevelWish, ...]:
    if len({skill.name for skill in skills}) < len(skills):
        raise PydanticCustomError("twice", mark("同一种特长只能写一次。"))
    return skills


def _agreed(value: bool) -> bool:
    if not value:
        raise PydanticCustomError("not_agreed", mark("要本人同意，才能登记。"))
    return value


class CensusChange(Wish):
    """What a person tells about themselves."""

    occupation: Annotated[Line, Field(max_length=60)] | None = None
    interests: Annotated[Line, Field(max_length=200)] | None = None
    skills: Annotated[
        tuple[LevelWish, ...], BeforeValidator(_typed_skills), AfterValidator(_each_once), Field(max_length=40)
    ] = ()
    times: Annotated[tuple[Slot, ...], Field(max_length=len(SLOTS))] = ()
    may_call: bool = False
    seen_by: SeenBy = SeenBy.COORDINATORS


class CensusWish(CensusChange):
    """`person_id`: for whom, when an officer writes it down for a neighbour without a phone; absent = oneself. `agrees`: that
    person's own yes, kept with its words and its day.
    """

    agrees: Annotated[bool, AfterValidator(_agreed)]
    person_id: UUID | None = None


class LevelRead(BaseModel):
    name: str
    level: SkillLevel


class CensusLineRead(BaseModel):
    """`phone` only of who may be called."""

    id: UUID
    person_id: UUID
    name: str
    occupation: str
    interests: str
    skills: list[LevelRead] = Field(max_length=40)
    phone: str | None
    stale: bool


class CensusRead(BaseModel):
    """`stale`: nobody has said for a year that it is still so."""

    id: UUID
    person_id: UUID
    occupation: str
    interests: str
    skills: list[LevelRead] = Field(max_length=40)
    times: list[str] = Field(max_length=len(SLOTS))
    may_call: bool
    seen_by: SeenBy
    confirmed_at: datetime
    stale: bool
