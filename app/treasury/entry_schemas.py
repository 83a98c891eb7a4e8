"""Shapes at the border of the journal: what is read out of it."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from app.kit.money import AmountRead
from app.treasury.voucher_schemas import VoucherRead


class EntryRead(BaseModel):
    """`amount` is signed: what it moved. `vouchers` belong to it, `released` of them have a public copy."""

    id: UUID
    number: str
    on_date: date
    kind: str
    category: str | None
    memo: str
    counterparty: str
    amount: AmountRead
    vouchers: int
    released: int
    building: str | None
    reverses_id: UUID | None
    reversed_by_id: UUID | None


class LineRead(BaseModel):
    code: str
    account: str
    amount: AmountRead


class StepRead(BaseModel):
    """`act`: what was done; `by`: who did it, null where the journal alone knows; `voucher_id`: to which paper."""

    at: datetime
    act: str
    words: str
    by: str | None
    voucher_id: UUID | None


class TrailRead(BaseModel):
    steps: list[StepRead]


class EntryDetail(EntryRead):
    lines: list[LineRead]
    papers: list[VoucherRead]
    decision_id: UUID | None
    contract_id: UUID | None


class JournalRead(BaseModel):
    """An entry as accountants see it. `reverses`, `reversed_by`: numbers, or empty; `vouchers`: SHA-256 of the originals."""

    id: UUID
    number: str
    on_date: date
    fund: str
    memo: str
    counterparty: str
    decision: str
    vouchers: list[str]
    reverses: str
    reversed_by: str
    lines: list[LineRead]
