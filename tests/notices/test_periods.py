"""How long a notice is open: by the rule of its kind, in calendar or in working days, by a calendar that is data."""

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.compounds.models import Rule
from app.compounds.workdays import FILE, SHIPPED, Calendar, calendar, read_calendar, use_calendar_of
from app.kit.clock import ZONE, local, said_day, today
from app.settings import UnsafeSetting
from tests.cast import House
from tests.notices.board import published

OFFICIAL = read_calendar(SHIPPED)
DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))


@pytest.mark.parametrize(
    ("begins", "days", "last"),
    [
        # Counted by hand on the State Council's notices for the year.
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # the National Day week in between
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday worked before the Spring Festival
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2025, 1, 24), 2, date(2025, 1, 27)),  # Sunday the 26th is worked
        (date(2024, 10, 11), 1, date(2024, 10, 12)),
        (date(2026, 11, 12), 30, date(2026, 12, 24)),
        (date(2027, 9, 30), 1, date(2027, 10, 1)),  # nothing is known of 2027: a Friday is a Friday
    ],
)
def test_working_days_follow_the_years_notice(begins: date, days: int, last: date) -> None:
    assert OFFICIAL.last_day(begins, days, working=True) == last


@pytest.mark.parametrize(
    ("begins", "days", "last"),
    [
        (date(2026, 11, 2), 7, date(2026, 11, 9)),  # the day of publication does not count (Civil Code 201)
        (date(2026, 11, 7), 7, date(2026, 11, 16)),  # ends on a Saturday: the Monday after (203)
        (date(2026, 9, 24), 7, date(2026, 10, 8)),  # ends in a holiday
    ],
)
def test_calendar_days_that_end_on_a_day_off_end_on_the_next_worked_day(begins: date, days: int, last: date) -> None:
    assert OFFICIAL.last_day(begins, days, working=False) == last


@given(DAYS, st.integers(1, 60))
def test_a_period_holds_as_many_working_days_as_it_says(begins: date, days: int) -> None:
    last = OFFICIAL.last_day(begins, days, working=True)
    between = [date.fromordinal(n) for n in range(begins.toordinal() + 1, last.toordinal() + 1)]
    assert sum(map(OFFICIAL.is_worked, between)) == days
    assert OFFICIAL.is_worked(last)


@given(DAYS)
def test_without_a_years_notice_only_weekends_are_off(day: date) -> None:
    assert Calendar({}).is_worked(day) == (day.weekday() < 5)


def test_a_period_is_over_at_midnight_in_the_compound() -> None:
    end = OFFICIAL.end_of(datetime(2026, 11, 12, 23, 59, tzinfo=ZONE), 30, working=True)
    assert local(end) == datetime(2026, 12, 25, tzinfo=ZONE)


def test_the_days_worked_for_a_holiday_are_weekends_and_no_holidays() -> None:
    for year in OFFICIAL.years.values():
        for day in year.work:
            assert day.weekday() >= 5
            assert OFFICIAL.is_worked(day), "not inside one of the year's holidays"


def test_an_operator_adds_a_year_and_a_broken_file_stops_the_start(tmp_path: Path) -> None:
    own = tmp_path / FILE
    own.write_text(SHIPPED.read_text() + '\n[2027]\nsource = "某号"\noff = [[2027-10-01, 2027-10-07]]\n')
    try:
        use_calendar_of(tmp_path)
        assert calendar().last_day(date(2027, 9, 30), 1, working=True) == date(2027, 10, 8)
        for broken in ("[2027", '[2027]\nsource = "x"\noff = 3', '[2027]\nsource = "x"\noff = [[2028-01-01, 2028-01-01]]'):
            own.write_text(broken)
            with pytest.raises(UnsafeSetting, match=FILE):
                use_calendar_of(tmp_path)
        assert 2027 in calendar().years, "what was in force stays in force"
    finally:
        use_calendar_of(SHIPPED.parent / "nowhere")
    assert 2027 not in calendar().years


def test_the_compounds_own_rule_decides_and_the_notice_says_which(house: House) -> None:
    with house.session() as session:
        for name, value in (("objection_days", "10"), ("objection_working", "0")):
            source = {"source": "自治公约", "decided_by": "业主大会", "valid_from_on": today()}
            session.add(Rule(compound_id=house.compound.id, name=name, value=value, **source))
    notice = published(house)
    assert local(notice.objections_until_at).date() > calendar().last_day(today(), 10, working=False)
    read = house.nobody.api.get(f"/notices/{notice.id}").json
    assert (read["days"], read["working"]) == (10, False)
    last = calendar().last_day(today(), 10, working=False)
    assert said_day(last) in house.nobody.get(f"/notices/{notice.id}/sheet").words, "the paper names the last day itself"
    assert "10 天" in house.nobody.get(f"/notices/{notice.id}").words
    assert "自然日" in house.nobody.get("/rules").words
    assert "0 是自然日，1 是工作日" in house.liu.get("/rules/set").words
