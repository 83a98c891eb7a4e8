"""Dividing what a plan gives among units: whole fen and whole pieces, never a float, and not a fen lost or made.

Units come as a sequence in an order that does not change (the frozen roll's), and results stand in the same order: of two
equal claims on a last fen, the earlier unit gets it, today and when a resident recounts it in five years. Areas are in
0.01 m² (Civil Code art. 283: by agreement, otherwise by area of the exclusive parts). Pure: only the standard library.
"""

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

Group = TypeVar("Group", bound=Hashable)

_YUAN = 100
_SQUARE_METRE = 100


class Shares(NamedTuple):
    """What each unit gets, in the units' order, and the sum of it: fen, or pieces."""

    each: list[int]
    total: int


class CannotDivide(ValueError):
    """There is something to give and nobody to give it to, or an amount or an area below zero."""


def equally(total: int, units: int) -> Shares:
    """`total` fen over `units` units; the first units get the fen that do not divide. Raises CannotDivide."""
    return by_weight(total, [1] * units)


def by_area(total: int, areas: Sequence[int]) -> Shares:
    """`total` fen in proportion to area; a unit without area gets nothing. Raises CannotDivide."""
    return by_weight(total, areas)


def by_weight(total: int, weights: Sequence[int]) -> Shares:
    """`total` in proportion to whole weights by largest remainder (Hamilton): nobody is a whole fen from the exact part.

    Of equal remainders the earlier is served first. Raises CannotDivide.
    """
    _not_below_zero(total, *weights)
    whole = sum(weights)
    if not whole:
        if total:
            raise CannotDivide("nobody to give it to")
        return Shares([0] * len(weights), 0)
    parts = [divmod(total * weight, whole) for weight in weights]
    each = [part for part, _remainder in parts]
    left = total - sum(each)
    if left:
        # A sort in reverse keeps the order of equals, so the earlier unit stays before the later one.
        for i in sorted(range(len(parts)), key=[remainder for _part, remainder in parts].__getitem__, reverse=True)[:left]:
            each[i] += 1
    return Shares(each, total)


def by_group(totals: Mapping[Group, int], groups: Sequence[Group], weights: Sequence[int] | None = None) -> Shares:
    """Each group's own total among its units, equally or in proportion to `weights`.

    `groups` says each unit's group; a unit of a group without a total gets nothing. Raises CannotDivide, also for a total
    whose group has no unit.
    """
    members: dict[Group, list[int]] = {group: [] for group in totals}
    for i, group in enumerate(groups):
        if group in members:
            members[group].append(i)
    each = [0] * len(groups)
    for group, its in members.items():
        of_group = by_weight(totals[group], [1 if weights is None else weights[i] for i in its])
        for i, amount in zip(its, of_group.each, strict=True):
            each[i] = amount
    return Shares(each, sum(totals.values()))


def fixed(amount: int, units: int) -> Shares:
    """`amount` fen, or pieces, to every unit: 113 yuan, one flour and one oil. Raises CannotDivide."""
    _not_below_zero(amount)
    return Shares([amount] * units, amount * units)


def fixed_by_group(amounts: Mapping[Group, int], groups: Sequence[Group]) -> Shares:
    """To every unit what its group gets; nothing where its group is not named. Raises CannotDivide."""
    _not_below_zero(*amounts.values())
    each = [amounts.get(group, 0) for group in groups]
    return Shares(each, sum(each))


def per_square_metre(rate: int, areas: Sequence[int]) -> Shares:
    """`rate` fen for each m², every unit's part rounded to a whole yuan, half a yuan up (9 yuan/m² × 89.50 m² = 806 yuan).

    The total is what comes of it. Raises CannotDivide.
    """
    _not_below_zero(rate, *areas)
    unit = _YUAN * _SQUARE_METRE
    each = [(2 * rate * area + unit) // (2 * unit) * _YUAN for area in areas]
    return Shares(each, sum(each))


def pieces_by_area(steps: Sequence[tuple[int, int]], areas: Sequence[int]) -> Shares:
    """Goods by size: small flats one oil, large two is `((0, 1), (9000, 2))`: from 0 m² one, from 90.00 m² two.

    `steps` are (smallest area, pieces), areas rising; below the first there is nothing. Raises CannotDivide.
    """
    _not_below_zero(*areas, *(pieces for _area, pieces in steps))
    if any(lower >= upper for (lower, _p), (upper, _q) in pairwise(steps)):
        raise CannotDivide("steps rise")
    falling = tuple(reversed(steps))
    each = [next((pieces for smallest, pieces in falling if area >= smallest), 0) for area in areas]
    return Shares(each, sum(each))


def _not_below_zero(*numbers: int) -> None:
    if min(numbers, default=0) < 0:
        raise CannotDivide("below zero")
