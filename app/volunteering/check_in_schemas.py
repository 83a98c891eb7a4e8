"""Shapes at the border: checking in by a code."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.kit.forms import Moment, Prose, Wish, unwidened


class CheckInWish(Wish):
    """`code`: what was scanned (an address, or the token in it) or six digits that were typed. `device_at`: from a phone
    without signal, when it read the code by its own clock.
    """

    code: Annotated[Prose, Field(max_length=400)]
    device_at: Moment | None = None

    @property
    def digits(self) -> str:
        """The six, however they were typed; "" for what is no number."""
        typed = "".join(str(unwidened(self.code)).split())
        return typed if typed.isascii() and typed.isdecimal() and len(typed) == 6 else ""


class CheckInRead(BaseModel):
    """`happened_at` counts; `device_at` is what the phone said; `late`: it was told of afterwards."""

    id: UUID
    signup_id: UUID
    way: str
    how: str
    happened_at: datetime
    device_at: datetime | None
    received_at: datetime
    late: bool


class CodeRead(BaseModel):
    """What stands on the leader's screen: `url` as the QR has it, `digits` to be read aloud, until `changes_at`."""

    way: str
    url: str
    digits: str
    changes_at: datetime
