"""Where a picture is painted over: boxes in hundredths of a per cent of its width and height, the line they are kept as, and
the forms that ask for them.
"""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import Filled, Wish, unwidened
from app.kit.i18n import mark
from app.kit.pictures import Box

MOST_BOXES = 40
WHOLE = 10_000

Percent = Annotated[float, BeforeValidator(unwidened), Field(ge=0, le=100, allow_inf_nan=False)]


class BoxWish(BaseModel):
    """In per cent of the upright picture, from its left and its top; what stands over the edge is cut off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    left: Percent
    top: Percent
    width: Percent
    height: Percent

    @model_validator(mode="after")
    def covers_something(self) -> "BoxWish":
        left, top, right, bottom = self.box
        if left >= right or top >= bottom:
            raise PydanticCustomError("empty_box", mark("框太小，或者在图外面。"))
        return self

    @property
    def box(self) -> Box:
        left, top = round(self.left * 100), round(self.top * 100)
        return left, top, min(WHOLE, left + round(self.width * 100)), min(WHOLE, top + round(self.height * 100))


def written(boxes: Iterable[Box]) -> str:
    """ "1000,2000,4000,2500 …": left, top, right and bottom of each."""
    return " ".join(",".join(map(str, box)) for box in boxes)


def percents(boxes: str) -> Sequence[tuple[str, str, str, str]]:
    """Left, top, width and height of each, as they are typed: "12.5"."""
    found = []
    for box in boxes.split():
        left, top, right, bottom = map(int, box.split(","))
        found.append(tuple(f"{part / 100:g}" for part in (left, top, right - left, bottom - top)))
    return found  # type: ignore[return-value]


def box_wishes(boxes: str) -> list[BoxWish]:
    return [BoxWish.model_validate(dict(zip(BoxWish.model_fields, row, strict=True))) for row in percents(boxes)]


class RedactWish(Wish):
    """What is painted over in the copy."""

    boxes: Annotated[list[BoxWish], Field(min_length=1, max_length=MOST_BOXES)]


class RedactForm(Wish):
    """The same as a form's columns; a row that is empty is none."""

    left: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]
    top: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]
    width: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]
    height: Annotated[list[str], Field(max_length=MOST_BOXES, default_factory=list)]

    @model_validator(mode="after")
    def rows_are_boxes(self) -> "RedactForm":
        boxes = []
        for number, row in enumerate(zip_longest(self.left, self.top, self.width, self.height, fillvalue=""), 1):
            if any(text.strip() for text in row):
                try:
                    boxes.append(BoxWish.model_validate(dict(zip(("left", "top", "width", "height"), row, strict=True))))
                except ValidationError as wrong:
                    says = mark("第 %(n)s 个框：四个数都要写，从 0 到 100，框要在图里面。")
                    raise PydanticCustomError("box_row", says, {"n": number}) from wrong
        if not boxes:
            raise PydanticCustomError("no_box", mark("请至少画一个框。"))
        self._boxes = boxes
        return self

    _boxes: list[BoxWish] = PrivateAttr(default_factory=list)

    @property
    def asked(self) -> RedactWish:
        return RedactWish(boxes=self._boxes)


EMPTY_ROWS = 3
"""For boxes more, where no script adds them."""


def rows_to_fill(form: Filled[RedactForm], boxes: str = "") -> list[tuple[str, str, str, str]]:
    """The lines of the form: as they were typed, else those of `boxes`, and some that are empty."""
    columns = [form.typed.get(name, []) for name in ("left", "top", "width", "height")]
    typed = [row for row in zip(*columns, strict=False) if any(row)]
    return [*(typed or percents(boxes)), *[("", "", "", "")] * EMPTY_ROWS]
