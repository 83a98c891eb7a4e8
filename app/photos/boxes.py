"""Where a picture is painted over: boxes in hundredths of a per cent of its width and height, and the line they are kept as."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import unwidened
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
