"""Shapes at the border of check lists and their answers."""

import json
import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from app.kit.forms import Line, Prose, Wish
from app.renovation.check_models import CheckFound, Seen
from app.renovation.finding_models import Severity

Optional = BeforeValidator(lambda typed: None if isinstance(typed, str) and not typed.strip() else typed)


class CheckItemWish(Wish):
    text: Line
    photo_required: bool = False


def _items(typed: Any) -> Any:
    """The form's lines: "接头不渗水", and "压力表读数 拍照" where a photo is owed."""
    if not (isinstance(typed, list) and all(isinstance(text, str) for text in typed)):
        return typed
    lines = [line.strip() for text in typed for line in text.splitlines()]
    found = (re.fullmatch(r"(?P<text>.+?)(?P<photo>[ \u3000,，（(]*(?:要?拍照|photo)[）)]?)?", line) for line in lines)
    return [{"text": line["text"], "photo_required": line["photo"] is not None} for line in found if line]


class CheckListWish(Wish):
    """`replaces_id`: the list that this one takes the place of. A form sends one line for each item."""

    trade: Annotated[Line, Field(max_length=20)]
    items: Annotated[list[CheckItemWish], BeforeValidator(_items), Field(min_length=1, max_length=40)]
    replaces_id: UUID | None = None


def _check(typed: Any) -> Any:
    """A form's "<item> <what was found> <words>"."""
    if not isinstance(typed, str):
        return typed
    item_id, found, words = [*typed.split(" ", 2), "", ""][:3]
    return {"item_id": item_id, "found": found or CheckFound.NOT_SEEN, "words": words.strip() or None}


class CheckWish(Wish):
    """What was found at one item of a check list."""

    item_id: UUID
    found: CheckFound = CheckFound.NOT_SEEN
    words: Annotated[Prose, Field(max_length=500)] | None = None


TypedCheck = Annotated[CheckWish, BeforeValidator(_check)]


class RaisedWish(Wish):
    """A draft of a finding, made with the visit; `place` is the visit's where it is not said."""

    place: Annotated[Line | None, Optional] = None
    what: Annotated[Prose, Field(max_length=1000)]
    demand: Annotated[Annotated[Prose, Field(max_length=1000)] | None, Optional] = None
    severity: Annotated[Severity, BeforeValidator(lambda typed: typed or Severity.MID)] = Severity.MID


def _raised(typed: Any) -> Any:
    """A form's field, as JSON."""
    return json.loads(typed) if isinstance(typed, str) else typed


TypedRaised = Annotated[RaisedWish, BeforeValidator(_raised)]


class RecheckWish(Wish):
    """What was seen of a finding that was raised before."""

    finding_id: UUID
    seen: Seen
    words: Annotated[Prose, Field(max_length=500)] | None = None


def _recheck(typed: Any) -> Any:
    """A form's "<finding> <what was seen> <words>"."""
    if not isinstance(typed, str):
        return typed
    finding_id, seen, words = [*typed.split(" ", 2), "", ""][:3]
    return {"finding_id": finding_id, "seen": seen or Seen.NOT_MENDED, "words": words.strip() or None}


TypedRecheck = Annotated[RecheckWish, BeforeValidator(_recheck)]


class RecheckRead(BaseModel):
    finding_id: UUID
    number: int
    place: str
    seen: Seen
    words: str


class CheckItemRead(BaseModel):
    id: UUID
    text: str
    photo_required: bool


class CheckListRead(BaseModel):
    """A list is never changed; another one replaces it."""

    id: UUID
    trade: str
    items: list[CheckItemRead]


class CheckListsRead(BaseModel):
    """Those in use."""

    items: list[CheckListRead]


class VisitCheckRead(BaseModel):
    """`photo_missing`: a photo was owed for this answer, and none was announced."""

    item_id: UUID
    trade: str
    text: str
    found: CheckFound
    words: str
    photo_required: bool
    photo_missing: bool
