"""The geometry of the plots, in pure arithmetic; `templates/components/trend_chart.html` and `bars.html` draw it.

Amounts are whole fen (or any whole number: minutes, people). Coordinates are rounded to a tenth, which a screen of any
density cannot tell from the exact value and which keeps the drawing small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.kit.money import yuan

THICKEST = 36
"""Units; three months should not look like three doors."""


@dataclass(frozen=True)
class Bar:
    """One value: a rectangle in the drawing's own units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Trend:
    """A series over time. `zero` is where nothing stands: the bottom, unless a value is below zero."""

    width: int
    height: int
    zero: float
    radius: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Share:
    """A part of a sum, as text for the page: `width` against the largest part, `part` of the whole."""

    width: str
    part: str


def trend_bars(values: Sequence[int], width: int = 300, height: int = 84) -> Trend:
    """Bars for `values`, oldest first, filling `width` × `height` from a common zero.

    The axis always holds zero: a cut axis would make a small change look like a large one. A value that is not zero
    keeps at least one unit of height, so that it is seen.
    """
    top, bottom = max(0, *values, 0), min(0, *values, 0)
    span = (top - bottom) or 1
    zero = height * top / span if top or bottom else float(height)
    thick = min(width / max(len(values), 1) * 0.72, THICKEST)
    pace = (width - thick) / max(len(values) - 1, 1)
    bars = []
    for place, value in enumerate(values):
        tall = max(height * abs(value) / span, 1.0) if value else 0.0
        bars.append(Bar(_tenth(place * pace), _tenth(zero - tall if value > 0 else zero), _tenth(thick), _tenth(tall)))
    return Trend(width, height, _tenth(zero), min(4, int(thick / 4)), tuple(bars))


def shares(values: Sequence[int]) -> tuple[Share, ...]:
    """How long the bar of each part is ("31.3%" of the largest) and what part of the sum it is ("19%").

    The whole per cents add up to 100: they are rounded by largest remainder, and what rounds to nothing is "<1%".
    Raises ValueError for a part below zero, which has no length.
    """
    if any(value < 0 for value in values):
        raise ValueError("a part of a sum is not below zero")
    largest, total = max(values, default=0), sum(values)
    if total == 0:
        return tuple(Share("0%", "0%") for _ in values)
    parts = [value * 100 // total for value in values]
    by_remainder = sorted(range(len(values)), key=lambda i: (-(values[i] * 100 % total), i))
    for i in by_remainder[: 100 - sum(parts)]:
        parts[i] += 1
    says = (f"{part}%" if part or not value else "<1%" for value, part in zip(values, parts, strict=True))
    return tuple(Share(f"{_tenth(value * 100 / largest):g}%", part) for value, part in zip(values, says, strict=True))


def _tenth(number: float) -> float:
    return round(number, 1)


def named_shares(sums: Sequence[tuple[str, int]]) -> list[tuple[str, str, Share]]:
    """(name, fen) as (name, yuan, bar). What a correction turned below zero has no length, and is still said."""
    lengths = shares([max(fen, 0) for _name, fen in sums])
    return [(name, yuan(fen), share) for (name, fen), share in zip(sums, lengths, strict=True)]


@dataclass(frozen=True)
class Span:
    """One piece of work over time, as text for the page: each piece where it begins and how long it is, of the whole width.

    `late` is the part of what was done, or is being done, after the day on which it should have ended.
    """

    planned: tuple[str, str]
    actual: tuple[str, str] | None
    late: tuple[str, str] | None


Days = tuple[date, date]
"""The first and the last, both of them included."""


def spans(works: Sequence[tuple[Days, Days | None]]) -> tuple[Span, ...]:
    """Planned and actual days of several works on one axis, from the first day of any of them to the last."""
    days = [day for planned, actual in works for day in (*planned, *(actual or ()))]
    if not days:
        return ()
    first, whole = min(days), (max(days) - min(days)).days + 1

    def piece(begins: date, ends: date) -> tuple[str, str]:
        return f"{_tenth(100 * (begins - first).days / whole):g}%", f"{_tenth(100 * ((ends - begins).days + 1) / whole):g}%"

    def late(planned: Days, actual: Days | None) -> tuple[str, str] | None:
        return piece(max(actual[0], planned[1] + timedelta(days=1)), actual[1]) if actual and actual[1] > planned[1] else None

    return tuple(Span(piece(*planned), piece(*actual) if actual else None, late(planned, actual)) for planned, actual in works)
