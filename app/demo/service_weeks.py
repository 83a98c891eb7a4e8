"""The weekly service that both neighbourhoods keep: who signed up, who came, who waits. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.demo.dice import Dice
from app.demo.shapes import Activity, Shift, Signup, at

WEEKS_BEHIND, WEEKS_AHEAD = 8, 3


@dataclass(frozen=True)
class Series:
    """One activity every week: the next time in `days_after_today` (0 to 6), at this hour, so long, for so many."""

    activity: Activity
    days_after_today: int
    starts: tuple[int, int]
    minutes: int
    capacity: int
    minimum: int = 0


def shifts_of(
    series: Sequence[Series],
    today: date,
    volunteers: Sequence[str],
    no_phone: Sequence[str],
    officer: str,
    always: Mapping[str, str],
    dice: Dice,
) -> tuple[Shift, ...]:
    """In order of time. The nearest coming shift of one series is full with two people waiting; the others have room.

    `no_phone`: people whom the officer signs up. `always`: activity key → the person who is on each of its coming shifts.
    """
    fullest = max((one for one in series if one.days_after_today > 0), key=lambda one: -one.capacity)
    out = []
    for week in range(-WEEKS_BEHIND, WEEKS_AHEAD):
        for one in series:
            day = today + timedelta(days=one.days_after_today + 7 * week)
            starts = at(day, *one.starts)
            key = f"{one.activity.key}{week:+}"
            signups = (
                _behind(key, one, week, starts, volunteers, no_phone, officer, dice)
                if week < 0
                else _ahead(
                    key, one, week, starts, volunteers, no_phone, officer, always, dice, full=one is fullest and week == 0
                )
            )
            out.append(
                Shift(key, one.activity.key, starts, starts + timedelta(minutes=one.minutes), one.capacity, signups, one.minimum)
            )
    return tuple(sorted(out, key=lambda shift: (shift.starts_at, shift.key)))


def _behind(
    key: str,
    one: Series,
    week: int,
    starts: datetime,
    volunteers: Sequence[str],
    no_phone: Sequence[str],
    officer: str,
    dice: Dice,
) -> tuple[Signup, ...]:
    """Half of the people were ill in one of these weeks, and missed what they had signed up for."""
    came = dice.some(f"{key} team", volunteers, max(3, one.capacity - dice.between(f"{key} free", 0, 3)))
    out = []
    for n, person in enumerate(came):
        asked = starts - timedelta(hours=20 + 9 * (len(came) - n))
        if dice.percent(f"{key} withdrew {person}", 6):
            out.append(Signup(f"{key}-{person}", person, person, asked, "withdrawn"))
            continue
        attended = dice.between(f"{person} ill", -2 * WEEKS_BEHIND, -1) != week
        forgot = attended and dice.percent(f"{key} forgot {person}", 5)
        minutes = one.minutes + 5 * dice.between(f"{key} minutes {person}", -2, 3) if attended else 0
        why = "忘了签退，带队人证明在场" if forgot else ""
        out.append(
            Signup(f"{key}-{person}", person, person, asked, "confirmed", attended, one.minutes if forgot else minutes, why)
        )
    if no_phone and dice.percent(f"{key} elder", 30):
        elder = dice.one(f"{key} which elder", no_phone)
        out.append(Signup(f"{key}-{elder}", elder, officer, starts - timedelta(hours=18), "confirmed", True, one.minutes))
    return tuple(out[: one.capacity])


def _ahead(
    key: str,
    one: Series,
    week: int,
    starts: datetime,
    volunteers: Sequence[str],
    no_phone: Sequence[str],
    officer: str,
    always: Mapping[str, str],
    dice: Dice,
    *,
    full: bool,
) -> tuple[Signup, ...]:
    """Asked for in the two weeks before today, so never in the future."""
    mine = always.get(one.activity.key)
    others = [person for person in volunteers if person != mine]
    count = one.capacity + 2 if full else max(1, one.capacity * (5 - 2 * week) // 10 + dice.between(f"{key} more", -1, 0))
    team = ([mine] if mine else []) + dice.some(f"{key} team", others, count - (1 if mine else 0))
    first = starts - timedelta(days=one.days_after_today + 7 * week + 13)
    out = [
        Signup(f"{key}-{person}", person, person, first + timedelta(hours=11 * n), "confirmed" if n < one.capacity else "waiting")
        for n, person in enumerate(team)
    ]
    if no_phone and not full and one.activity.kind == "governance":
        elder = dice.one(f"{key} which elder", no_phone)
        out.append(Signup(f"{key}-{elder}", elder, officer, first + timedelta(hours=11 * len(team)), "confirmed"))
    return tuple(out)
