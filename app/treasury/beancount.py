"""The books as a Beancount journal: text that every accountant's tool of that family reads (beancount.github.io, version 3).

Nothing is computed here but the ends: each account's balance is asserted to the fen on the day after the last entry.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.kit.money import decimal_string

ROOTS = {"asset": "Assets", "liability": "Liabilities", "equity": "Equity", "income": "Income", "expense": "Expenses"}


@dataclass(frozen=True, slots=True)
class Account:
    """科目. `fen`: its balance after every entry, debit > 0."""

    code: str
    name: str
    kind: str
    fund: str
    fen: int

    @property
    def full_name(self) -> str:
        """Assets:PublicIncome:C1002: ASCII, and never another one when the account is given a new name."""
        return f"{ROOTS[self.kind]}:{''.join(word.title() for word in self.fund.split('_'))}:C{self.code}"


@dataclass(frozen=True, slots=True)
class Entry:
    """凭证. `lines`: (account code, fen), debit > 0. `corrects`: the number of the first of two entries that cancel out.

    `vouchers`: SHA-256 of the originals, as the public log has them.
    """

    id: str
    number: str
    on: date
    payee: str
    narration: str
    decision: str
    vouchers: Sequence[str]
    corrects: str
    lines: Sequence[tuple[str, int]]


def journal(title: str, opened_on: date, accounts: Sequence[Account], entries: Iterable[Entry]) -> Iterator[str]:
    """The file, piece by piece. `opened_on`: on or before the first entry; `entries` in the order of their days."""
    yield f'option "title" {quoted(title)}\noption "operating_currency" "CNY"\n\n'
    for account in accounts:
        yield f"{opened_on} open {account.full_name} CNY\n  name: {quoted(account.name)}\n"
    names = {account.code: account.full_name for account in accounts}
    last = opened_on
    for entry in entries:
        last = entry.on
        yield "".join(f"{line}\n" for line in _transaction(entry, names))
    yield "\n"
    for account in accounts:  # an assertion is about the beginning of its day; without "~ 0" it forgives a fen
        yield f"{last + timedelta(days=1)} balance {account.full_name} {decimal_string(account.fen)} ~ 0 CNY\n"


def quoted(text: str) -> str:
    """As a string of the language, on one line."""
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _transaction(entry: Entry, names: dict[str, str]) -> Iterator[str]:
    payee = f"{quoted(entry.payee)} " if entry.payee else ""
    link = f" ^reversal-{entry.corrects}" if entry.corrects else ""
    yield f"\n{entry.on} * {payee}{quoted(entry.narration)}{link}"
    yield f"  number: {quoted(entry.number)}"
    yield f"  entry: {quoted(entry.id)}"
    if entry.decision:
        yield f"  decision: {quoted(entry.decision)}"
    for n, digest in enumerate(entry.vouchers, 1):
        yield f"  voucher-{n}: {quoted(digest)}"
    for code, fen in entry.lines:
        yield f"  {names[code]} {decimal_string(fen)} CNY"
