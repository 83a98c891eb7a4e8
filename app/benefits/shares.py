"""Dividing what a plan gives among units: whole fen and whole pieces, never a float, and not a fen lost or made.

Units come as a sequence and results stand in the same order. Areas are in 0.01 m² (Civil Code art. 283: by agreement,
otherwise by area of the exclusive parts). A step is what amounts are rounded to: 1, 10 or 100 fen (fen, jiao, yuan). Always
Σ each + residue = total.

**Ties.** Of two equal claims on a last step, the unit that stands earlier in the frozen roll gets it, today and when a
resident recounts it in five years. Whoever passes units in another order than the roll's says where each stands there, and
every unit gets the same again. Pure: only the standard library.
"""

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, TypeVar

Group = TypeVar("Group", bound=Hashable)

_SQUARE_METRE = 100


class Shares(NamedTuple):
    """What each unit gets, in the units' order, out of `total`: fen, or pieces. `residue` is given to nobody and stays."""

    each: list[int]
    total: int
    residue: int = 0


class Working(NamedTuple):
    """How one unit's share came about, for its owners to redo: `part` ÷ `whole` × `total` = `exact`, and that is `given`.

    7235 ÷ 2011460 × 3000000 fen by area; persons, or 1, in place of areas; at a rate the whole is one: 7235 ÷ 100 × 900 fen.
    `given` is the step below `exact` or the one above it: at a rate the nearer, of a divided sum as the others' remainders leave.
    """

    part: int
    whole: int
    total: int
    given: int

    @property
    def exact(self) -> Fraction:
        return Fraction(self.part * self.total, self.whole)


class CannotDivide(ValueError):
    """There is something to give and nobody to give it to, more is listed than there is, or something is below zero."""


def equally(total: int, units: int, *, step: int = 1, positions: Sequence[int] | None = None) -> Shares:
    """`total` fen over `units` units; the first of the roll get the steps that do not divide. Raises CannotDivide."""
    return by_weight(total, [1] * units, step=step, positions=positions)


def by_area(total: int, areas: Sequence[int], *, step: int = 1, positions: Sequence[int] | None = None) -> Shares:
    """`total` fen in proportion to area; a unit without area gets nothing. Raises CannotDivide."""
    return by_weight(total, areas, step=step, positions=positions)


def by_weight(total: int, weights: Sequence[int], *, step: int = 1, positions: Sequence[int] | None = None) -> Shares:
    """`total` in proportion to whole weights (residents, persons of a group) in whole steps, by largest remainder (Hamilton).

    Nobody is a whole step from the exact part of the total; no weight, nothing. The residue is what makes no whole step. Of
    equal remainders the lower of `positions` (all different) is served first; without them units stand in the roll's order.
    Raises CannotDivide.
    """
    _not_below_zero(total, *weights)
    whole = sum(weights)
    if not whole:
        if total:
            raise CannotDivide("nobody to give it to")
        return Shares([0] * len(weights), 0)
    parts = [divmod(total * weight, whole * step) for weight in weights]
    counts = [count for count, _remainder in parts]
    left = total // step - sum(counts)
    if left:
        in_roll = range(len(parts)) if positions is None else sorted(range(len(parts)), key=positions.__getitem__)
        # A sort in reverse keeps the order of equals, so the earlier unit stays before the later one.
        for i in sorted(in_roll, key=[remainder for _count, remainder in parts].__getitem__, reverse=True)[:left]:
            counts[i] += 1
    return Shares([count * step for count in counts], total, total % step)


def fixed(amount: int, units: int) -> Shares:
    """`amount` fen, or pieces, to every unit: 113 yuan, one flour and one oil. Raises CannotDivide."""
    return per_person(amount, [1] * units)


def per_person(amount: int, persons: Sequence[int]) -> Shares:
    """`amount` fen, or pieces, for each person that counts in a unit: 5,000 yuan; nobody counts, nothing. Raises CannotDivide."""
    _not_below_zero(amount, *persons)
    return _in_all([amount * count for count in persons])


def fixed_by_group(amounts: Mapping[Group, int], groups: Sequence[Group]) -> Shares:
    """To every unit what its group (its type) gets; nothing where its group is not named. Raises CannotDivide."""
    _not_below_zero(*amounts.values())
    return _in_all([amounts.get(group, 0) for group in groups])


def per_square_metre(rate: int, areas: Sequence[int], *, step: int = 100) -> Shares:
    """`rate` fen for each m², every unit's part rounded to a step, half a step up (9 yuan/m² × 89.50 m² = 806 yuan).

    Raises CannotDivide.
    """
    _not_below_zero(rate, *areas)
    unit = step * _SQUARE_METRE
    return _in_all([(2 * rate * area + unit) // (2 * unit) * step for area in areas])


def pieces_by_area(steps: Sequence[tuple[int, int]], areas: Sequence[int]) -> Shares:
    """Goods by size: small flats one oil, large two is `((0, 1), (9000, 2))`: from 0 m² one, from 90.00 m² two.

    `steps` are (smallest area, pieces), areas rising; below the first there is nothing. Raises CannotDivide.
    """
    _not_below_zero(*areas, *(pieces for _area, pieces in steps))
    if any(lower >= upper for (lower, _p), (upper, _q) in pairwise(steps)):
        raise CannotDivide("steps rise")
    falling = tuple(reversed(steps))
    return _in_all([next((pieces for smallest, pieces in falling if area >= smallest), 0) for area in areas])


def as_listed(total: int, amounts: Sequence[int]) -> Shares:
    """The compound's own list, as it stands: nothing in it is rounded, and what it leaves is the residue. Raises CannotDivide."""
    _not_below_zero(*amounts)
    residue = total - sum(amounts)
    if residue < 0:
        raise CannotDivide("more is listed than there is")
    return Shares(list(amounts), total, residue)


def _in_all(each: list[int]) -> Shares:
    """Where nobody said the total, it is what comes of it, and nothing is left."""
    return Shares(each, sum(each))


def _not_below_zero(*numbers: int) -> None:
    if min(numbers, default=0) < 0:
        raise CannotDivide("below zero")
