"""Dividing among 100,000 units: a district's worth."""

from collections.abc import Callable, Iterator
from time import perf_counter

from app.benefits.shares import Shares, by_area, equally, per_square_metre, pieces_by_area
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
    elsewhere = [n * 7919 % UNITS for n in range(UNITS)]
    acts: dict[str, Callable[[], Shares]] = {
        "by area": lambda: by_area(TOTAL, areas),
        "by area to a yuan, not in the roll's order": lambda: by_area(TOTAL, areas, step=100, positions=elsewhere),
        "equally": lambda: equally(TOTAL, UNITS),
        "per m²": lambda: per_square_metre(900, areas),
        "goods by size": lambda: pieces_by_area(((0, 1), (9000, 2)), areas),
    }
    for name, act in acts.items():
        yield Line(f"shares {name}, 100,000 units", seconds(act), "≤ 0.5 s")
