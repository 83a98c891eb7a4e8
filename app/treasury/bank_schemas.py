"""Shapes at the border of reconciliation: wishes in (forms and JSON alike), reads out."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.kit.forms import Line, Wish
from app.kit.money import AmountRead, SignedAmount
from app.treasury.schemas import AccountCode, PastDay

MOST_LINES = 5000
"""Of a statement that comes as JSON; a file may hold as many as `kit.tables.MOST_ROWS`."""

MOST_TOGETHER = 200
"""Lines or entries of one match."""


class BankLineWish(Wish):
    """One line as the bank wrote it. `amount` below zero went out."""

    on_date: PastDay
    amount: SignedAmount
    counterparty: Line | None = None
    text: Line | None = None
    reference: Line | None = None


class BankStatementWish(Wish):
    """`opening` before `from_on`, `closing` at the end of `to_on`. Without lines it is a balance counted or read off."""

    account: AccountCode
    from_on: PastDay
    to_on: PastDay
    opening: SignedAmount
    closing: SignedAmount
    lines: Annotated[list[BankLineWish], Field(max_length=MOST_LINES, default_factory=list)]


class CountWish(Wish):
    """A balance by hand."""

    account: AccountCode
    on_date: PastDay
    balance: SignedAmount


class ConfirmWish(Wish):
    """What the preview of a file lets somebody say: until when it holds, and the balance then where the file tells none."""

    to_on: PastDay
    closing: SignedAmount


class MatchWish(Wish):
    """These lines of the statement are these entries of its account."""

    lines: Annotated[list[UUID], Field(max_length=MOST_TOGETHER, default_factory=list)]
    entries: Annotated[list[UUID], Field(max_length=MOST_TOGETHER, default_factory=list)]


class BankStatementRead(BaseModel):
    """`lines` it has. Withdrawn, it counts for nothing."""

    id: UUID
    account: str
    from_on: date
    to_on: date
    opening: AmountRead
    closing: AmountRead
    lines: int
    file_sha256: str | None
    made_at: datetime
    withdrawn_at: datetime | None


class BankStatementDetail(BankStatementRead):
    """`difference`: closing minus what the books say at the end of `to_on`. `open_lines`: those without a match."""

    difference: AmountRead
    open_lines: int


class BankLineRead(BaseModel):
    """`match_id`: the match it is part of."""

    id: UUID
    number: int
    on_date: date
    amount: AmountRead
    counterparty: str
    text: str
    reference: str
    match_id: UUID | None


class OpenEntryRead(BaseModel):
    """An entry without a match. `amount`: what it moves on the statement's account."""

    id: UUID
    number: str
    on_date: date
    amount: AmountRead
    memo: str
    counterparty: str


class MatchRead(BaseModel):
    """These lines are these entries."""

    id: UUID
    lines: list[UUID]
    entries: list[UUID]


class MatchedRead(BaseModel):
    """How many matches were made."""

    matched: int


class BankCheckRead(BaseModel):
    """`on`: the day of the last balance that was held against the books, null where there is none."""

    account: str
    name: str
    on: date | None
    difference: AmountRead | None


class BankChecksRead(BaseModel):
    accounts: list[BankCheckRead]
