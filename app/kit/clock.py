"""Time: UTC inside, Shanghai outside.

The formatters are our own: Babel's cost about 100 µs a date and a page of twenty cards has sixty of them; these cost
2-3 µs. They speak the language of `kit.i18n`. APIs send RFC 3339 with offset, which is Pydantic's work.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.kit.i18n import Locale, current

ZONE = ZoneInfo("Asia/Shanghai")


_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _pretended.get() or datetime.now(UTC)


@contextmanager
def pretending(moment: datetime) -> Iterator[None]:
    """Inside, `now()` is `moment`: so the demo's past is made by today's verbs. Nothing that serves people uses it."""
    before = _pretended.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _pretended.reset(before)


def local(moment: datetime) -> datetime:
    """The same moment on a clock in the compound. Raises ValueError for a moment without an offset."""
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset names no moment")
    return moment.astimezone(ZONE)


def today() -> date:
    """The date in the compound, which is tomorrow's in UTC until eight in the morning."""
    return now().astimezone(ZONE).date()


def start_of(day: date) -> datetime:
    """The moment at which `day` begins in the compound, in UTC."""
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def said_day(day: date) -> str:
    """2026年11月23日(周一) · Mon 23 November 2026. A moment is said by its day in the compound."""
    return _said_day(_day(day), current())


def said_month(day: date) -> str:
    """2026年11月 · November 2026: the month in which `day` lies."""
    day = _day(day)
    return f"{day.year}年{day.month}月" if current() == "zh" else f"{_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """11月23日 · 23 Nov."""
    return _short_day(_day(day), current())


def weekday(day: date) -> str:
    """周一 · Mon."""
    return _WEEKDAYS[current()][_day(day).weekday()]


def said_time(moment: datetime) -> str:
    """下午3:00 · 3:00 pm."""
    clock = local(moment)
    return _said_time(clock.hour, clock.minute, current())


def said_moment(moment: datetime) -> str:
    """2026年11月23日(周一) 下午3:00 · Mon 23 November 2026, 3:00 pm."""
    clock, language = local(moment), current()
    return _BETWEEN[language].join((_said_day(clock.date(), language), _said_time(clock.hour, clock.minute, language)))


def said_span(start: date, end: date) -> str:
    """From `start` to `end`, both days or both moments, without saying anything twice.

    2026年11月23日(周一) 下午3:00至5:00 · Mon 23 November 2026, 3:00 pm to 5:00 pm. For days both are included.
    """
    to = _TO[current()]
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return said_day(start) if start == end else f"{said_day(start)}{to}{said_day(end)}"
    if local(start).date() != local(end).date():
        return f"{said_moment(start)}{to}{said_moment(end)}"
    until = said_time(end)
    part = _part_of_day(local(end).hour)
    if said_time(start).startswith(part):
        until = until.removeprefix(part)
    return f"{said_moment(start)}{to}{until}"


_WEEKDAYS: dict[Locale, tuple[str, ...]] = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_BETWEEN: dict[Locale, str] = {"zh": " ", "en": ", "}
_TO: dict[Locale, str] = {"zh": "至", "en": " to "}


def _day(day: date) -> date:
    return local(day).date() if isinstance(day, datetime) else day


@lru_cache(4096)
def _said_day(day: date, language: Locale) -> str:
    name = _WEEKDAYS[language][day.weekday()]
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日({name})"
    return f"{name} {day.day} {_MONTHS[day.month - 1]} {day.year}"


@lru_cache(1024)
def _short_day(day: date, language: Locale) -> str:
    if language == "zh":
        return f"{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


@lru_cache(2 * 24 * 60)
def _said_time(hour: int, minute: int, language: Locale) -> str:
    twelve = f"{hour if hour <= 12 else hour - 12}:{minute:02d}"
    if language == "zh":
        return _part_of_day(hour) + twelve
    return f"{hour % 12 or 12}:{minute:02d} {'am' if hour < 12 else 'pm'}"


def _part_of_day(hour: int) -> str:
    """The hours at which Chinese changes its word for the part of the day (Unicode CLDR, dayPeriods of zh)."""
    ends = ((5, "凌晨"), (8, "早上"), (12, "上午"), (13, "中午"), (19, "下午"), (24, "晚上"))
    return next(name for end, name in ends if hour < end)
