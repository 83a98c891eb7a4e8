"""What may be told of opinions, in pure arithmetic: sums over at least five units, and none while more opinions may come, for a
mean that moves with every opinion tells the last one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.compounds.crowds import apart, is_crowd

FEWEST = 5


@dataclass(frozen=True, slots=True)
class Sum:
    """The stars of so many units of one building; None: of several together."""

    building: str | None
    units: int
    stars: int

    @property
    def classes(self) -> tuple[int, ...]:
        return (self.units,)

    @property
    def mean(self) -> str:
        """To a tenth, half a tenth up: 4.3."""
        tenths = (20 * self.stars + self.units) // (2 * self.units)
        return f"{tenths // 10}.{tenths % 10}"


def together(sums: Sequence[Sum]) -> Sum:
    return Sum(None, sum(one.units for one in sums), sum(one.stars for one in sums))


def told(sums: Sequence[Sum]) -> tuple[Sum | None, list[Sum]]:
    """(Of all, by building): buildings with few opinions as one; nothing at all of fewer than five."""
    if not sums or not is_crowd(sums, FEWEST):
        return None, []
    alone, few = apart(sums, FEWEST)
    return together(sums), [*alone, together(few)] if few else alone
