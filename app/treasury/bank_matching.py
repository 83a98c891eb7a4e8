"""Which line of the bank is which entry of the books. Pure arithmetic over two lists.

Sure is only what cannot be meant otherwise: the amounts are equal to the fen, and either the line names the entry's number or
each is the other's only partner within `DAYS`.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar
from uuid import UUID

DAYS = 3
"""A transfer on Friday stands in the bank's book on Monday."""

_NUMBER = re.compile(r"(?<![0-9-])20[0-9]{2}-[0-9]{1,7}(?![0-9-])")


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line without a match. `fen` > 0 came in."""

    id: UUID
    on_date: date
    fen: int
    counterparty: str
    text: str
    reference: str


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """What an entry without a match moves on the account. `number` as people say it: 2026-15."""

    id: UUID
    number: str
    on_date: date
    fen: int
    memo: str
    counterparty: str
    reverses_id: UUID | None


def sure_pairs(lines: Sequence[OpenLine], entries: Sequence[OpenEntry]) -> list[tuple[OpenLine, OpenEntry]]:
    """Those that may be matched in one tap."""
    numbers = {entry.number: entry for entry in entries}
    named = [(line, entry) for line in lines for entry in _named(line, numbers)]
    times = Counter(thing.id for pair in named for thing in pair)
    pairs = [pair for pair in named if all(times[thing.id] == 1 for thing in pair)]
    paired = {thing.id for pair in pairs for thing in pair}
    rest = [line for line in lines if line.id not in paired]
    partners = Near([entry for entry in entries if entry.id not in paired])
    rivals = Near(rest)
    for line in rest:
        found = partners.of(line)
        if len(found) == 1 and len(rivals.of(found[0])) == 1:
            pairs.append((line, found[0]))
    return pairs


def undone_pairs(entries: Sequence[OpenEntry]) -> Iterator[tuple[OpenEntry, OpenEntry]]:
    """An entry and its reversal that both never reached the bank."""
    by_id = {entry.id: entry for entry in entries}
    for entry in entries:
        reversed_entry = by_id.get(entry.reverses_id) if entry.reverses_id else None
        if reversed_entry:
            yield reversed_entry, entry


def _named(line: OpenLine, numbers: dict[str, OpenEntry]) -> Iterator[OpenEntry]:
    """The entries of the same amount whose number the line writes."""
    for number in set(_NUMBER.findall(f"{line.text} {line.reference}")):
        entry = numbers.get(number)
        if entry and entry.fen == line.fen:
            yield entry


Open = TypeVar("Open", OpenLine, OpenEntry)


class Near(Generic[Open]):
    """Lines or entries by amount and day."""

    def __init__(self, things: Sequence[Open]) -> None:
        self._of: dict[int, list[Open]] = defaultdict(list)
        for thing in sorted(things, key=lambda thing: thing.on_date):
            self._of[thing.fen].append(thing)

    def of(self, other: OpenLine | OpenEntry) -> Sequence[Open]:
        """Those of the same amount within `DAYS` of its day."""
        alike, reach = self._of.get(other.fen, []), timedelta(DAYS)
        first = bisect_left(alike, other.on_date - reach, key=lambda thing: thing.on_date)
        return alike[first : bisect_right(alike, other.on_date + reach, key=lambda thing: thing.on_date)]
