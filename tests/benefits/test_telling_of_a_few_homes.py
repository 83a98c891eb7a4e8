"""A table by entrance gives nobody's part away."""

from hypothesis import given
from hypothesis import strategies as st

from app.benefits.crowds import FEWEST
from app.benefits.roll_queries import Stair, in_public
from tests.benefits.giving import money, more_units, opened
from tests.cast import House
from tests.making import make_unit


def stairs_of(sizes: list[int]) -> list[Stair]:
    return [Stair(f"{place}栋", "1单元", units, units * 100 + place, 0) for place, units in enumerate(sizes)]


@given(st.lists(st.integers(1, 6), max_size=8))
def test_nothing_told_and_nothing_left_out_is_of_fewer_than_three(sizes: list[int]) -> None:
    told = in_public(stairs_of(sizes))
    assert sum(s.units for s in told) == sum(sizes)
    assert sum(s.total_fen for s in told) == sum(s.total_fen for s in stairs_of(sizes))
    if sum(sizes) >= FEWEST:
        assert all(s.units >= FEWEST for s in told)


def test_what_the_total_would_give_away_is_told_with_another() -> None:
    assert in_public(stairs_of([8, 1, 5])) == [Stair("0栋", "1单元", 8, 800, 0), Stair("", "", 6, 603, 0)]
    assert in_public(stairs_of([8, 2, 5, 1])) == [
        Stair("0栋", "1单元", 8, 800, 0),
        Stair("2栋", "1单元", 5, 502, 0),
        Stair("", "", 3, 304, 0),
    ]
    assert in_public(stairs_of([3, 4])) == stairs_of([3, 4]), "enough homes in each: nothing is hidden"


def test_a_lone_home_is_on_no_public_page(house: House) -> None:
    with house.session() as session:
        make_unit(session, house.compound, building="9栋", entrance="1单元", room="101", area=72_35)
    more_units(house, 4)
    id = opened(house, money("1000.00"))
    page = house.nobody.get(f"/benefits/{id}").words
    assert "9栋" not in page
    assert "户数少，合在一起" in page
    notice = house.nobody.api.get("/notices").json["items"][0]
    frozen = house.nobody.api.get(f"/notices/{notice['id']}/frozen").text
    assert "3栋" in frozen
    assert "9栋" not in frozen
    buildings = house.nobody.api.get(f"/distributions/{id}/progress").json["buildings"]
    assert "9栋" not in [b["building"] for b in buildings]
