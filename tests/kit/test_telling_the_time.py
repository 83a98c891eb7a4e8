"""UTC inside, Shanghai outside, said as people say it."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import time_machine

from app.kit.clock import local, now, said_day, said_moment, said_span, said_time, short_day, start_of, today, weekday
from app.kit.i18n import speaking

AFTERNOON = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def shanghai(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=timezone(timedelta(hours=8))).astimezone(UTC)


def test_now_is_aware_and_in_utc() -> None:
    with time_machine.travel(AFTERNOON, tick=False):
        assert now() == AFTERNOON
        assert now().tzinfo is UTC


@pytest.mark.parametrize(("moment", "day"), [("2026-11-23T15:59:59+00:00", 23), ("2026-11-23T16:00:00+00:00", 24)])
def test_the_compound_is_a_day_ahead_from_four_in_the_afternoon_utc(moment: str, day: int) -> None:
    with time_machine.travel(moment, tick=False):
        assert today() == date(2026, 11, day)


def test_a_day_starts_at_midnight_in_the_compound() -> None:
    assert start_of(date(2026, 11, 23)) == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert start_of(date(2026, 11, 23)).tzinfo is UTC
    assert local(start_of(date(2026, 11, 23))).hour == 0


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        said_moment(datetime(2026, 11, 23))  # noqa: DTZ001


def test_days_and_moments_are_said_in_chinese() -> None:
    assert said_day(date(2026, 11, 23)) == "2026年11月23日(周一)"
    assert said_moment(AFTERNOON) == "2026年11月23日(周一) 下午3:00"
    assert said_time(AFTERNOON) == "下午3:00"
    assert short_day(date(2026, 1, 2)) == "1月2日"
    assert weekday(date(2026, 11, 29)) == "周日"


def test_the_same_in_english() -> None:
    with speaking("en"):
        assert said_day(date(2026, 11, 23)) == "Mon 23 November 2026"
        assert said_moment(AFTERNOON) == "Mon 23 November 2026, 3:00 pm"
        assert short_day(date(2026, 1, 2)) == "2 Jan"
        assert weekday(date(2026, 11, 29)) == "Sun"
    assert said_time(AFTERNOON) == "下午3:00"


def test_a_moment_is_said_by_its_day_in_the_compound() -> None:
    assert said_day(datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) == "2026年11月24日(周二)"
    assert short_day(datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) == "11月24日"
    assert weekday(datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) == "周二"


@pytest.mark.parametrize(
    ("hour", "minute", "chinese", "english"),
    [
        (0, 5, "凌晨0:05", "12:05 am"),
        (5, 0, "早上5:00", "5:00 am"),
        (7, 59, "早上7:59", "7:59 am"),
        (8, 0, "上午8:00", "8:00 am"),
        (11, 59, "上午11:59", "11:59 am"),
        (12, 0, "中午12:00", "12:00 pm"),
        (13, 0, "下午1:00", "1:00 pm"),
        (18, 59, "下午6:59", "6:59 pm"),
        (19, 0, "晚上7:00", "7:00 pm"),
        (23, 59, "晚上11:59", "11:59 pm"),
    ],
)
def test_every_part_of_the_day_has_its_word(hour: int, minute: int, chinese: str, english: str) -> None:
    assert said_time(shanghai(hour, minute)) == chinese
    with speaking("en"):
        assert said_time(shanghai(hour, minute)) == english


def test_a_span_says_nothing_twice() -> None:
    assert said_span(shanghai(15), shanghai(17)) == "2026年11月23日(周一) 下午3:00至5:00"
    assert said_span(shanghai(9), shanghai(15)) == "2026年11月23日(周一) 上午9:00至下午3:00"
    assert said_span(shanghai(20), shanghai(0, day=24)) == "2026年11月23日(周一) 晚上8:00至2026年11月24日(周二) 凌晨0:00"
    assert said_span(date(2026, 11, 23), date(2026, 12, 7)) == "2026年11月23日(周一)至2026年12月7日(周一)"
    assert said_span(date(2026, 11, 23), date(2026, 11, 23)) == "2026年11月23日(周一)"
    with speaking("en"):
        assert said_span(shanghai(15), shanghai(17)) == "Mon 23 November 2026, 3:00 pm to 5:00 pm"
        assert said_span(shanghai(9), shanghai(15)) == "Mon 23 November 2026, 9:00 am to 3:00 pm"
