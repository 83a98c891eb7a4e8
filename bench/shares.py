"""Dividing among 100,000 units: a district's worth."""

from collections.abc import Callable, Iterator
from time import perf_counter

from app.benefits.shares import Shares, by_area, by_group, equally, per_square_metre
from bench import Line

UNITS = 100_000
TOTAL = 123_456_789_01
TRIES = 3


def seconds(act: Callable[[], Shares]) -> float:
    """The best of a few tries: what the machine does besides is not measured."""
    took = []
    for _ in range(TRIES):
        before = perf_counter()
        act()
        took.append(perf_counter() - before)
    return min(took)


def lines() -> Iterator[Line]:
    areas = [4500 + n * 7919 % 12000 for n in range(UNITS)]
    buildings = [n // 60 for n in range(UNITS)]
    totals = dict.fromkeys(buildings, 60_000_01)
    yield Line("shares by area, 100,000 units", seconds(lambda: by_area(TOTAL, areas)), "≤ 0.5 s")
    yield Line("shares equally, 100,000 units", seconds(lambda: equally(TOTAL, UNITS)), "≤ 0.5 s")
    yield Line("shares by building and area, 100,000 units", seconds(lambda: by_group(totals, buildings, areas)), "≤ 0.5 s")
    yield Line("shares per m², 100,000 units", seconds(lambda: per_square_metre(900, areas)), "≤ 0.5 s")
