"""No table gives anybody's part away: by itself, beside another table, or read again after a neighbour came."""

from datetime import date, timedelta
from itertools import pairwise, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.benefits.models import BenefitKind
from app.benefits.progress_queries import BuildingProgress, by_building
from app.benefits.roll_queries import Count, Stair, in_public
from app.compounds.crowds import FEWEST, untold_since
from app.kit.clock import today
from tests.benefits.giving import RICE, hand_out, let_days_pass, money, more_units, opened
from tests.cast import House, One
from tests.making import make_unit

Homes = frozenset[tuple[str, str, int, str]]
"""Each with its building, its entrance, its number and what it is due: "g", "m" or "gm"."""


def stairs_of(sizes: list[int]) -> list[Stair]:
    """Each entrance in a building of its own, its homes due money alone."""
    return [
        Stair(f"{place}栋", "1单元", units, units * 100 + place, 0, Count(0, 0), Count(units, 0))
        for place, units in enumerate(sizes)
    ]


def together(units: int, fen: int) -> Stair:
    return Stair("", "", units, fen, 0, Count(0, 0), Count(units, 0))


@settings(deadline=None)
@given(st.lists(st.integers(1, 6), max_size=8))
def test_nothing_told_and_nothing_left_out_is_of_fewer_than_three(sizes: list[int]) -> None:
    told = in_public(stairs_of(sizes))
    assert sum(s.units for s in told) == sum(sizes)
    assert sum(s.total_fen for s in told) == sum(s.total_fen for s in stairs_of(sizes))
    if sum(sizes) >= FEWEST:
        assert all(s.units >= FEWEST for s in told)


def test_what_the_total_would_give_away_is_told_with_another() -> None:
    assert in_public(stairs_of([8, 1, 5])) == [*stairs_of([8]), together(6, 603)]
    first, _two, third, _one = stairs_of([8, 2, 5, 1])
    assert in_public(stairs_of([8, 2, 5, 1])) == [first, third, together(3, 304)]
    assert in_public(stairs_of([3, 4])) == stairs_of([3, 4]), "enough homes in each: nothing is hidden"


def a_stair(building: str, entrance: str, due: list[str]) -> Stair:
    goods, money = (Count(sum(kind in one for one in due), 0) for kind in "gm")
    return Stair(building, entrance, len(due), 100 * len(due), 0, goods, money)


rolls = st.dictionaries(
    st.tuples(st.sampled_from(["1栋", "2栋", "3栋"]), st.sampled_from(["1单元", "2单元"])),
    st.lists(st.sampled_from(["g", "m", "gm"]), min_size=1, max_size=9),
    min_size=1,
)


def cells(roll: dict[tuple[str, str], list[str]]) -> list[Homes]:
    """Of which homes every number on the public pages is: the whole, by entrance, and by building and kind."""
    homes = [(building, entrance, n, due) for (building, entrance), dues in roll.items() for n, due in enumerate(dues)]
    stairs = [a_stair(*place, dues) for place, dues in roll.items()]
    told = in_public(stairs)
    named = {(s.building, s.entrance) for s in told}

    def of(building: str, entrance: str | None = None, kind: str = "") -> Homes:
        """Without a name: those of the entrances that have none in the tables."""
        return frozenset(
            home
            for home in homes
            if kind in home[3]
            and (home[:2] not in named if not building else home[0] == building and home[:2] in named)
            and entrance in (None, "", home[1])
        )

    tables = [of(s.building, s.entrance) for s in told]
    by_kind = [(b, of(b.building, kind={BenefitKind.GOODS: "g", BenefitKind.MONEY: "m"}[b.kind])) for b in by_building(stairs)]
    assert [len(cell) for cell in tables] == [s.units for s in told]
    assert [len(cell) for _b, cell in by_kind] == [b.units for b, _cell in by_kind]
    return [frozenset(homes), *tables, *(cell for _b, cell in by_kind)]


@settings(deadline=None)
@given(rolls)
def test_no_two_published_numbers_differ_by_fewer_than_three_homes(roll: dict[tuple[str, str], list[str]]) -> None:
    published = cells(roll)
    whole = len(published[0])
    assert all(len(cell) >= min(FEWEST, whole) for cell in published)
    for one, other in permutations(published, 2):
        assert len(one - other) == 0 or len(one - other) >= FEWEST
    for one in published:  # what a table leaves out is known from the whole
        for other in published:
            assert len(one | other) == whole or whole - len(one | other) >= FEWEST


def test_a_building_is_the_sum_of_the_entrances_that_are_told() -> None:
    """Else 8 homes here and 7 there would say of the eighth whether it came."""
    stairs = [a_stair("1栋", "1单元", ["m"] * 7), a_stair("1栋", "2单元", ["m"]), a_stair("2栋", "1单元", ["m"] * 2)]
    assert by_building(stairs) == [
        BuildingProgress("1栋", BenefitKind.MONEY, 7, 0),
        BuildingProgress("", BenefitKind.MONEY, 3, 0),
    ]
    assert by_building([a_stair("1栋", "1单元", ["gm"] * 7 + ["m"])]) == [], "all but one: their sums would tell of the one"


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), max_size=40))
def test_from_day_to_day_the_sums_change_by_three_homes_or_none(changes: list[tuple[int, int]]) -> None:
    first = date(2026, 6, 1)
    dated = [(first + timedelta(days=n), home) for n, home in changes]
    tellings = [untold_since(dated, first + timedelta(days=n)) for n in range(23)]
    assert tellings == sorted(tellings), "what was told stays told"
    for before, after in pairwise(tellings):
        came = {home for day, home in dated if before <= day < after}
        assert len(came) == 0 or len(came) >= FEWEST
    for n, telling in enumerate(tellings):
        waiting = {home for day, home in dated if telling <= day < first + timedelta(days=n)}
        assert len(waiting) < FEWEST, "no longer kept back than it must be"


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
    assert [(b["building"], b["units"]) for b in buildings] == [("3栋", 8), ("", 5)], "the same entrances in every table"


def told(house: House, id: str, by: One) -> list[tuple[object, ...]]:
    """The sums that somebody reads at every door: owed, how many came, and to which day."""
    progress, plan = (by.api.get(f"/distributions/{id}{door}").json for door in ("/progress", ""))
    listed = next(item for item in by.api.get("/distributions").json["items"] if item["id"] == id)
    sums = [(p["left_amount"]["amount"], p["claimed"], p["as_of"]) for p in (progress,)]
    sums += [(p["left"]["amount"], p["claimed"], p["as_of"]) for p in (plan, listed)]
    pieces = [(sum(i["pieces_claimed"] or 0 for i in p["items"]), p["items"][0]["stock_left"]) for p in (plan, listed)]
    return [*{*sums}, *{*pieces}, sum(b["claimed"] for b in progress["buildings"])]


def test_everybody_reads_the_sums_of_yesterday_and_officers_those_of_now(house: House) -> None:
    id = opened(house, RICE)
    made = [hand_out(house, id, owner).json["id"] for owner in (house.wang, house.li, house.chen)]
    yesterday = (today() - timedelta(days=1)).isoformat()
    for one in (house.nobody, house.wang):
        assert told(house, id, one) == [("480.00", 0, yesterday), (0, None), 0]
        for page in (f"/benefits/{id}", f"/benefits/{id}/progress"):
            words = one.get(page).words
            assert "截至昨天" in words
            assert "领了 3" not in words
    for one in (house.liu, house.zhang, house.zhou):
        assert told(house, id, one) == [("300.00", 3, None), (3, 97), 3]
        assert "截至" not in one.get(f"/benefits/{id}").words
    let_days_pass(house, id)
    assert told(house, id, house.nobody) == [("300.00", 3, yesterday), (3, None), 3]
    assert "8 户，领了 3" in house.nobody.get(f"/benefits/{id}").words
    assert house.chen.api.ask("POST", f"/claims/{made[0]}/void", json={"reason": "发错了"}).status == 200
    assert told(house, id, house.nobody) == [("300.00", 3, yesterday), (3, None), 3], "what is undone today is told tomorrow"
    assert told(house, id, house.liu)[0] == ("360.00", 2, None)


def test_one_home_or_two_wait_to_be_told_with_a_third(house: House) -> None:
    id = opened(house, RICE)
    for owner in (house.wang, house.li, house.chen):
        hand_out(house, id, owner)
    let_days_pass(house, id, 2)
    for owner in (house.zhang, house.he):
        hand_out(house, id, owner)
    let_days_pass(house, id)
    day = (today() - timedelta(days=2)).isoformat()
    assert told(house, id, house.nobody)[0] == ("300.00", 3, day)
    words = house.nobody.get(f"/benefits/{id}/progress").words
    assert "后来领的不到三户，满三户再一起算进来" in words
    assert "截至昨天" not in words
    assert house.liu.api.ask("POST", f"/distributions/{id}/close").status == 200
    assert told(house, id, house.nobody)[0] == ("180.00", 5, None), "as its report says"
