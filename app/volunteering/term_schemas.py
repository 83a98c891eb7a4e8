"""Shapes of the words that a compound settles."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.kit.forms import Line, Wish
from app.volunteering.term_models import LONGEST, TermOf


class TermWish(Wish):
    """`offered`: false takes a word from the list; who chose it before keeps it."""

    of: TermOf
    name: Annotated[Line, Field(max_length=LONGEST)]
    offered: bool = True


class TermRead(BaseModel):
    of: TermOf
    name: str
    offered: bool


class TermsRead(BaseModel):
    items: list[TermRead] = Field(max_length=1000)
