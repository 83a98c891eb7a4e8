"""What may be told of a few homes: sums over at least three of them, or more where the room that tells says so, so that nobody
reads a neighbour's part from a table, from what is left between two tables, or from the same table before the neighbour came
and after.

It is decided once, for a roll by entrance. Whatever is told anywhere is a sum of what was told here: then what lies between any
two sums is never one home or two.
"""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar

FEWEST = 3


class Group(Protocol):
    @property
    def units(self) -> int: ...

    @property
    def classes(self) -> tuple[int, ...]:
        """Its units, each in one class (by what it is due …): a table may tell of some and another of all."""
        ...


G = TypeVar("G", bound=Group)


def is_crowd(groups: Sequence[Group], fewest: int = FEWEST) -> bool:
    """Whether they may be told as one: of every class there is no unit, or at least `fewest`."""
    return all(n == 0 or n >= fewest for n in map(sum, zip(*(group.classes for group in groups), strict=True)))


def apart(groups: Sequence[G], fewest: int = FEWEST) -> tuple[list[G], list[G]]:
    """(Each told by itself, told only as one sum), in their order.

    Where those that are too small are still too few together, the smallest of the others go with them: the total is public, so
    that what is missing from the table would be known as well.
    """
    hidden = {place for place, group in enumerate(groups) if not is_crowd([group], fewest)}
    for place in sorted(set(range(len(groups))) - hidden, key=lambda place: groups[place].units):
        if is_crowd([groups[place] for place in hidden], fewest):
            break
        hidden.add(place)
    return [g for place, g in enumerate(groups) if place not in hidden], [groups[place] for place in sorted(hidden)]


def untold_since(changes: Iterable[tuple[date, Hashable]], day: date) -> date:
    """The first day that is not told on `day`: that day itself, or an earlier one while fewer than three homes changed the sums
    since. `changes`: on which day which home did.
    """
    by_day: dict[date, set[Hashable]] = {}
    for changed_on, home in changes:
        by_day.setdefault(changed_on, set()).add(home)
    since, homes = day, set[Hashable]()
    for changed_on in sorted(one for one in by_day if one < day):
        since, homes = min(since, changed_on), homes | by_day[changed_on]
        if len(homes) >= FEWEST:
            since, homes = day, set()
    return since
