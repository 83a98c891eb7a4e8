"""Rent as a contract asks for it, and what of it has come. Pure; amounts in fen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count

from app.treasury.periods import later


@dataclass(frozen=True, slots=True)
class Instalment:
    """What falls due on a day, and how much of it is there."""

    due_on: date
    fen: int
    received_fen: int

    @property
    def open_fen(self) -> int:
        return self.fen - self.received_fen

    def days_late(self, on: date) -> int:
        """0 on the day itself and before."""
        return max(0, (on - self.due_on).days) if self.open_fen else 0


def due_days(first: date, months: int, last: date) -> Iterator[date]:
    """`first` and every `months` later, up to and including `last`; 0 months: once. A 31st is a short month's last day."""
    for n in count() if months else range(1):
        day = later(first, n * months)
        if day > last:
            return
        yield day


def settled(days: Iterator[date], fen: int, received_fen: int, on: date) -> tuple[list[Instalment], Instalment | None]:
    """What was due until `on`, and the next after it. Money pays the oldest first; what is too much pays the following ones."""
    due: list[Instalment] = []
    for day in days:
        part = max(0, min(fen, received_fen))
        received_fen -= part
        instalment = Instalment(day, fen, part)
        if day > on:
            return due, instalment
        due.append(instalment)
    return due, None
