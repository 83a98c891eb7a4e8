"""Dividing money and goods: every fen is given, none is made, and anyone counts to the same result."""

import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.benefits.shares import (
    CannotDivide,
    Shares,
    by_area,
    by_group,
    by_weight,
    equally,
    fixed,
    fixed_by_group,
    per_square_metre,
    pieces_by_area,
)

TOTALS = st.integers(0, 10**12) | st.sampled_from([2**53, 2**63])
AREAS = st.lists(st.integers(0, 10**6) | st.sampled_from([8950, 8950, 10230]), min_size=1, max_size=60)


def test_a_hundred_yuan_among_three_is_33_34_33_33() -> None:
    assert equally(100_00, 3) == Shares([33_34, 33_33, 33_33], 100_00)


def test_the_last_fen_go_to_the_largest_remainders() -> None:
    # 10 fen over 50, 30 and 20 parts of 99: exact 5.05, 3.03, 1.91… would leave one; it goes to the third.
    assert by_area(10, [5000, 3000, 1900]).each == [5, 3, 2]


def test_of_equal_remainders_the_earlier_unit_is_served_first() -> None:
    assert by_area(2, [100, 100, 100]).each == [1, 1, 0]
    assert by_area(5, [8950, 10230, 8950, 10230]).each == by_area(5, [8950, 10230, 8950, 10230]).each


@given(TOTALS, AREAS)
def test_every_fen_is_given_and_none_is_made(total: int, areas: list[int]) -> None:
    if not sum(areas):
        areas = [*areas, 1]
    shares = by_area(total, areas)
    assert sum(shares.each) == total == shares.total
    assert all(type(amount) is int for amount in shares.each)
    for amount, area in zip(shares.each, areas, strict=True):
        assert abs(amount - Fraction(total * area, sum(areas))) < 1
        assert area or not amount


@given(TOTALS, AREAS)
def test_a_larger_flat_never_gets_less(total: int, areas: list[int]) -> None:
    areas = [*areas, 1]
    paid = sorted(zip(areas, by_area(total, areas).each, strict=True))
    assert all(less <= more for (_small, less), (_large, more) in pairwise(paid))


@given(TOTALS, AREAS, st.integers(1, 1000))
def test_the_unit_of_measure_makes_no_difference(total: int, areas: list[int], factor: int) -> None:
    areas = [*areas, 1]
    assert by_area(total, areas) == by_area(total, [area * factor for area in areas])


@given(TOTALS, AREAS, st.randoms(use_true_random=False))
def test_another_order_moves_only_fen_between_equals(total: int, areas: list[int], random: Random) -> None:
    areas = [*areas, 1]
    mixed = areas.copy()
    random.shuffle(mixed)
    assert sorted(zip(areas, by_area(total, areas).each, strict=True)) == sorted(
        zip(mixed, by_area(total, mixed).each, strict=True)
    )


def by_the_book(total: int, weights: list[int]) -> list[int]:
    """Largest remainder as it is taught: exact fractions, one fen at a time."""
    quotas = [Fraction(total * weight, sum(weights)) for weight in weights]
    each = [int(quota) for quota in quotas]
    order = sorted(range(len(weights)), key=lambda i: (-(quotas[i] - each[i]), i))
    for i in order[: total - sum(each)]:
        each[i] += 1
    return each


@given(TOTALS, AREAS)
def test_the_result_is_the_one_of_the_book(total: int, areas: list[int]) -> None:
    areas = [*areas, 1]
    assert by_weight(total, areas).each == by_the_book(total, areas)


@given(TOTALS, st.integers(1, 300))
def test_equal_shares_differ_by_a_fen_at_most_and_fall(total: int, units: int) -> None:
    each = equally(total, units).each
    assert sum(each) == total
    assert max(each) - min(each) <= 1
    assert each == sorted(each, reverse=True)


@given(
    st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 10**9)),
    st.lists(st.sampled_from("ABCDE"), max_size=40),
    st.booleans(),
)
def test_each_group_divides_its_own_total(totals: dict[str, int], groups: list[str], weighted: bool) -> None:
    groups = [*groups, *totals]
    weights = [n % 7 + 1 for n in range(len(groups))] if weighted else None
    shares = by_group(totals, groups, weights)
    assert shares.total == sum(shares.each) == sum(totals.values())
    for group in "ABCDE":
        its = [i for i, g in enumerate(groups) if g == group]
        assert [shares.each[i] for i in its] == by_the_book(
            totals.get(group, 0), [weights[i] if weights else 1 for i in its] or [1]
        )[: len(its)]


def test_a_group_that_gets_nothing_said_gets_nothing() -> None:
    assert by_group({"A": 10}, ["A", "B", "A"]) == Shares([5, 0, 5], 10)
    assert fixed_by_group({"49 户": 5000_00}, ["49 户", "其他", "49 户"]) == Shares([5000_00, 0, 5000_00], 10000_00)


def test_fixed_amounts_give_the_total() -> None:
    assert fixed(113_00, 240) == Shares([113_00] * 240, 27120_00)
    assert fixed(1, 0) == Shares([], 0)


def test_nine_yuan_a_square_metre_is_rounded_to_a_yuan() -> None:
    assert per_square_metre(9_00, [8950, 8951, 0]) == Shares([806_00, 806_00, 0], 1612_00)


@given(st.integers(0, 10**6), AREAS)
def test_rates_round_half_a_yuan_up(rate: int, areas: list[int]) -> None:
    shares = per_square_metre(rate, areas)
    assert shares.total == sum(shares.each)
    for amount, area in zip(shares.each, areas, strict=True):
        exact = Fraction(rate * area, 100)
        assert amount % 100 == 0
        assert -50 < amount - exact <= 50


def test_small_flats_get_one_oil_and_large_ones_two() -> None:
    assert pieces_by_area(((0, 1), (9000, 2)), [4500, 8999, 9000, 14000]) == Shares([1, 1, 2, 2], 6)
    assert pieces_by_area(((9000, 2),), [8999]) == Shares([0], 0)
    assert pieces_by_area((), [8999]) == Shares([0], 0)


@pytest.mark.parametrize(
    "act",
    [
        lambda: equally(1, 0),
        lambda: by_area(1, [0, 0]),
        lambda: by_area(-1, [1]),
        lambda: by_area(1, [-1, 3]),
        lambda: by_group({"A": 1}, ["B"]),
        lambda: fixed(-1, 3),
        lambda: fixed_by_group({"A": -1}, []),
        lambda: per_square_metre(-1, [1]),
        lambda: per_square_metre(1, [-1]),
        lambda: pieces_by_area(((0, -1),), [1]),
        lambda: pieces_by_area(((9000, 2), (0, 1)), [1]),
    ],
)
def test_what_cannot_be_divided_is_refused(act: Callable[[], Shares]) -> None:
    with pytest.raises(CannotDivide):
        act()


def test_nothing_among_nobody_is_nothing() -> None:
    assert equally(0, 0) == Shares([], 0)
    assert by_area(0, [0, 0]) == Shares([0, 0], 0)


def test_a_hundred_thousand_units_take_no_time() -> None:
    areas = [4500 + n * 7919 % 12000 for n in range(100_000)]
    before = time.process_time()
    shares = by_area(123_456_789_01, areas)
    assert time.process_time() - before < 0.5
    assert sum(shares.each) == 123_456_789_01
