"""What may be told of a few homes: sums over at least three of them, so that nobody reads a neighbour's part from a table."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

FEWEST = 3


class Group(Protocol):
    @property
    def units(self) -> int: ...


G = TypeVar("G", bound=Group)


def apart(groups: Sequence[G]) -> tuple[list[G], list[G]]:
    """(Each told by itself, told only as one sum), in their order.

    Where the small ones together are still too few, the smallest of the others goes with them: the total is public, so that
    what is missing from the table would be known as well.
    """
    by_size = sorted(range(len(groups)), key=lambda place: groups[place].units)
    hidden = {place for place in by_size if groups[place].units < FEWEST}  # of villas thousands
    if hidden and sum(groups[place].units for place in hidden) < FEWEST:
        hidden = set(by_size[: len(hidden) + 1])
    return [g for place, g in enumerate(groups) if place not in hidden], [groups[place] for place in sorted(hidden)]
