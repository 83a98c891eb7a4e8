"""Dividing money and goods: every fen is given or named as residue, none is made, and anyone counts to the same result."""

import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.benefits.shares import (
    CannotDivide,
    Shares,
    Working,
    as_listed,
    by_area,
    by_weight,
    equally,
    fixed,
    fixed_by_group,
    per_person,
    per_square_metre,
    pieces_by_area,
)

thousand = settings(max_examples=1_000, deadline=None)
"""Ten properties, ten thousand cases."""


class Case(NamedTuple):
    total: int
    areas: list[int]
    step: int


def case(drawn: bytes) -> Case:
    """Up to nine flats of 0 to 297.91 m², many of one size or of none, and from nothing to more fen than the world has.

    Out of one draw, because Hypothesis takes many times as long for a dozen.
    """
    areas = [(byte % 32) ** 3 for byte in drawn[14:]]
    return Case(
        total=int.from_bytes(drawn[2:14][: drawn[0] % 13]),
        areas=areas if any(areas) else [8950],
        step=(1, 10, 100)[drawn[1] % 3],
    )


CASES = st.binary(min_size=15, max_size=23).map(case)


# ---------------------------------------------------------------- a sum that is there, divided


def test_a_hundred_yuan_among_three_is_33_34_33_33() -> None:
    assert equally(100_00, 3) == Shares([33_34, 33_33, 33_33], 100_00, 0)


def test_the_last_fen_go_to_the_largest_remainders() -> None:
    # 10 fen over 50, 30 and 20 parts of 99: exact 5.05, 3.03, 1.91… would leave one; it goes to the third.
    assert by_area(10, [5000, 3000, 1900]).each == [5, 3, 2]


def test_what_makes_no_whole_step_is_named_and_stays() -> None:
    assert by_area(100_37, [1, 1, 2], step=1) == Shares([25_09, 25_09, 50_19], 100_37, 0)
    assert by_area(100_37, [1, 1, 2], step=10) == Shares([25_10, 25_10, 50_10], 100_37, 7)
    assert by_area(100_37, [1, 1, 2], step=100) == Shares([25_00, 25_00, 50_00], 100_37, 37)
    assert equally(99, 2, step=100) == Shares([0, 0], 99, 99)


def test_of_equal_remainders_the_earlier_in_the_roll_is_served_first() -> None:
    assert by_area(2, [100, 100, 100]).each == [1, 1, 0]
    assert by_area(2, [100, 100, 100], positions=[3, 1, 2]).each == [0, 1, 1]
    assert equally(2_00, 3, step=100, positions=[2, 3, 1]).each == [1_00, 0, 1_00]
    # Also between unequal weights: exact 0.5 and 1.5.
    assert by_weight(2, [1, 3]).each == [1, 1]
    assert by_weight(2, [3, 1]).each == [2, 0]
    assert by_weight(2, [3, 1], positions=[2, 1]).each == [1, 1]


@thousand
@given(CASES)
@example(Case(3_000_001, [8950], 100))
@example(Case(10**30 + 1, [8950] * 7, 10))
@example(Case(1, [0, 0, 1], 1))
@example(Case(99, [0, 1], 100))
def test_every_fen_is_given_or_is_the_residue(case: Case) -> None:
    shares = by_area(case.total, case.areas, step=case.step)
    assert sum(shares.each) + shares.residue == case.total == shares.total
    assert 0 <= shares.residue < case.step
    assert not any(amount % case.step for amount in shares.each)
    assert all(type(amount) is int for amount in shares.each)


@thousand
@given(CASES)
def test_nobody_is_a_whole_step_from_the_exact_part(case: Case) -> None:
    for amount, area in zip(by_area(case.total, case.areas, step=case.step).each, case.areas, strict=True):
        assert abs(amount - Fraction(case.total * area, sum(case.areas))) < case.step
        assert area or not amount


@thousand
@given(CASES)
def test_a_larger_flat_never_gets_less(case: Case) -> None:
    paid = sorted(zip(case.areas, by_area(case.total, case.areas, step=case.step).each, strict=True))
    assert all(less <= more for (_small, less), (_large, more) in pairwise(paid))


@thousand
@given(CASES)
def test_the_unit_of_measure_makes_no_difference(case: Case) -> None:
    factor = 1 + case.total % 1009
    in_other_units = [area * factor for area in case.areas]
    assert by_area(case.total, in_other_units, step=case.step) == by_area(case.total, case.areas, step=case.step)


@thousand
@given(CASES)
@example(Case(2, [1, 3], 1))
@example(Case(5_00, [8950] * 9, 100))
def test_a_unit_gets_the_same_in_whatever_order_units_come(case: Case) -> None:
    mixed = list(range(len(case.areas)))
    Random(case.total).shuffle(mixed)
    in_roll = by_area(case.total, case.areas, step=case.step)
    again = by_area(case.total, [case.areas[i] for i in mixed], step=case.step, positions=mixed)
    assert again == ([in_roll.each[i] for i in mixed], in_roll.total, in_roll.residue)


def by_the_book(total: int, weights: list[int], step: int) -> list[int]:
    """Largest remainder as it is taught: exact fractions, one step at a time."""
    quotas = [Fraction(total * weight, sum(weights) * step) for weight in weights]
    each = [int(quota) for quota in quotas]
    order = sorted(range(len(weights)), key=lambda i: (each[i] - quotas[i], i))
    for i in order[: total // step - sum(each)]:
        each[i] += 1
    return [count * step for count in each]


@thousand
@given(CASES)
def test_the_result_is_the_one_of_the_book(case: Case) -> None:
    assert by_weight(case.total, case.areas, step=case.step).each == by_the_book(*case)


@thousand
@given(CASES)
def test_equal_shares_differ_by_a_step_at_most_and_fall(case: Case) -> None:
    each, total, residue = equally(case.total, 1 + sum(case.areas) % 300, step=case.step)
    assert sum(each) + residue == total == case.total
    assert max(each) - min(each) in (0, case.step)
    assert each == sorted(each, reverse=True)


def test_residents_are_counted_and_an_empty_flat_gets_nothing() -> None:
    assert by_weight(1000_00, [2, 0, 5, 1]) == Shares([250_00, 0, 625_00, 125_00], 1000_00, 0)
    assert by_weight(1000_00, [2, 0, 4, 1], step=100) == Shares([286_00, 0, 571_00, 143_00], 1000_00, 0)


# ---------------------------------------------------------------- an amount for each, and what it comes to


def test_113_yuan_or_one_flour_and_one_oil_for_every_unit() -> None:
    assert fixed(113_00, 240) == Shares([113_00] * 240, 27120_00, 0)
    assert fixed(1, 240) == Shares([1] * 240, 240, 0)
    assert fixed(1, 0) == Shares([], 0, 0)


def test_5000_yuan_per_person_to_one_group_of_49_units() -> None:
    persons = [0] * 11 + [2, 3, 4, 1, 5, 3, 3] * 7 + [0] * 180
    shares = per_person(5000_00, persons)
    assert shares.total == 147 * 5000_00 == 735_000_00
    assert sum(map(bool, shares.each)) == 49
    assert shares.each[11:14] == [10_000_00, 15_000_00, 20_000_00]


def test_a_type_of_unit_gets_what_was_decided_for_it_and_the_others_nothing() -> None:
    kinds = ["dwelling"] * 3 + ["shop", "garage"]
    assert fixed_by_group({"dwelling": 200_00, "shop": 80_00}, kinds) == Shares([200_00] * 3 + [80_00, 0], 680_00, 0)


def test_nine_yuan_a_square_metre_is_rounded_to_a_yuan() -> None:
    assert per_square_metre(9_00, [8950, 8951, 0]) == Shares([806_00, 806_00, 0], 1612_00, 0)
    assert per_square_metre(9_00, [7235, 8950, 6485] * 80).total == (651 + 806 + 584) * 80_00 == 163_280_00
    assert per_square_metre(9_00, [7235], step=10).each == [651_20]
    assert per_square_metre(9_00, [7235], step=1).each == [651_15]


def test_small_flats_get_one_oil_and_large_ones_two() -> None:
    assert pieces_by_area(((0, 1), (9000, 2)), [4500, 8999, 9000, 14000]) == Shares([1, 1, 2, 2], 6, 0)
    assert pieces_by_area(((9000, 2),), [8999]) == Shares([0], 0, 0)
    assert pieces_by_area((), [8999]) == Shares([0], 0, 0)


@thousand
@given(CASES)
def test_rates_round_half_a_step_up_and_a_larger_flat_never_gets_less(case: Case) -> None:
    rate, areas = case.total, sorted(case.areas)
    shares = per_square_metre(rate, areas, step=case.step)
    assert shares == (sorted(shares.each), sum(shares.each), 0)
    for amount, area in zip(shares.each, areas, strict=True):
        assert amount % case.step == 0
        assert -case.step < 2 * (amount - Fraction(rate * area, 100)) <= case.step


@thousand
@given(CASES)
def test_goods_by_size_are_those_of_the_last_step_reached(case: Case) -> None:
    steps = {area: case.total * area % 9 for area in case.areas[::2]}
    shares = pieces_by_area(sorted(steps.items()), case.areas)
    assert shares[1:] == (sum(shares.each), 0)
    for pieces, area in zip(shares.each, case.areas, strict=True):
        reached = [smallest for smallest in steps if smallest <= area]
        assert pieces == (steps[max(reached)] if reached else 0)


@thousand
@given(CASES)
def test_an_amount_for_each_does_not_depend_on_the_others(case: Case) -> None:
    amount, persons = case.total, case.areas
    groups = ["ABCD"[count % 4] for count in persons]
    assert per_person(amount, persons) == ([amount * count for count in persons], amount * sum(persons), 0)
    assert fixed_by_group({"A": amount}, groups) == (
        [amount if group == "A" else 0 for group in groups],
        amount * groups.count("A"),
        0,
    )


def test_an_own_list_stands_as_it_is_and_says_what_it_leaves() -> None:
    assert as_listed(1000_00, [333_33, 0, 500_00]) == Shares([333_33, 0, 500_00], 1000_00, 166_67)
    assert as_listed(833_33, [333_33, 0, 500_00]).residue == 0


# ---------------------------------------------------------------- the sum of one's own unit

FENGSHU = [7235] * 128 + [8950] * 72 + [6485] * 68


def test_an_owner_can_redo_the_sum_of_the_own_unit() -> None:
    # 72.35 m² ÷ 20,114.60 m² × 30,000 yuan = 107.91 yuan
    shares = by_area(30_000_00, FENGSHU)
    mine = Working(7235, sum(FENGSHU), shares.total, shares.each[0])
    assert mine == (7235, 20_114_60, 30_000_00, 107_91)
    assert mine.exact == Fraction(7235 * 30_000_00, 20_114_60)
    assert round(mine.exact, 2) == Fraction(10_790_67, 100)
    assert shares == Shares([107_91] * 128 + [133_48] * 72 + [96_72] * 68, 30_000_00, 0)


def test_the_exact_part_may_lie_above_what_is_given() -> None:
    # The same flat among others whose remainders are larger: they are served before it.
    others = [7260] * 275 + [7725]
    shares = by_area(30_000_00, [7235, *others])
    assert Working(7235, 7235 + sum(others), shares.total, shares.each[0]).exact > shares.each[0] == 107_90


def test_a_rate_and_an_amount_per_person_are_the_same_kind_of_sum() -> None:
    assert Working(7235, 1_00, 9_00, 651_00).exact == Fraction(651_15)
    assert Working(3, 1, 5000_00, 15_000_00).exact == 15_000_00


# ---------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    "act",
    [
        lambda: equally(1, 0),
        lambda: by_area(1, [0, 0]),
        lambda: by_area(1, [0, 0], step=100),
        lambda: by_area(-1, [1]),
        lambda: by_area(1, [-1, 3]),
        lambda: fixed(-1, 3),
        lambda: per_person(-1, []),
        lambda: per_person(1, [2, -1]),
        lambda: fixed_by_group({"A": -1}, []),
        lambda: per_square_metre(-1, [1]),
        lambda: per_square_metre(1, [-1]),
        lambda: pieces_by_area(((0, -1),), [1]),
        lambda: pieces_by_area(((0, 1),), [-1]),
        lambda: pieces_by_area(((9000, 2), (0, 1)), [1]),
        lambda: pieces_by_area(((0, 2), (0, 1)), [1]),
        lambda: as_listed(10, [11]),
        lambda: as_listed(10, [5, -1]),
    ],
)
def test_what_cannot_be_divided_is_refused(act: Callable[[], Shares]) -> None:
    with pytest.raises(CannotDivide):
        act()


def test_nothing_among_nobody_is_nothing() -> None:
    assert equally(0, 0) == Shares([], 0, 0)
    assert by_area(0, [0, 0]) == Shares([0, 0], 0, 0)
    assert as_listed(7, []) == Shares([], 7, 7)


def test_a_hundred_thousand_units_take_no_time() -> None:
    areas = [4500 + n * 7919 % 12000 for n in range(100_000)]
    before = time.process_time()
    shares = by_area(123_456_789_01, areas, step=100)
    assert time.process_time() - before < 0.5
    assert sum(shares.each) + shares.residue == 123_456_789_01
