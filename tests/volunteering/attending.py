"""What tests of coming, going and hours share."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import time_machine
from sqlmodel import select

from app.volunteering.hour_models import HourEntry
from app.volunteering.models import Shift
from tests.cast import Answer, House, One
from tests.making import fresh, make_shift


def shift_with(house: House, *names: str, days: int = 3) -> tuple[Shift, list[str]]:
    """A shift of two hours and the ids of the sign-ups of these people."""
    with house.session() as session:
        shift = make_shift(session, house.he.person, starts_in=timedelta(days=days))
    ids = []
    for name in names:
        ids.append(str(fresh()))
        getattr(house, name).api.put(f"/shifts/{shift.id}/signups/{ids[-1]}", {})
    return shift, ids


def shown(house: House, shift: Shift, way: str = "in") -> dict[str, Any]:
    """What stands on the leader's screen at this moment."""
    answer = house.he.api.get(f"/shifts/{shift.id}/check-in-code?way={way}")
    assert answer.status == 200, answer
    code: dict[str, Any] = answer.json
    return code


def scan(one: One, code: str, **more: str) -> Answer:
    return one.api.put(f"/check-ins/{fresh()}", {"code": code} | more)


def propose(one: One, signup: str, minutes: int = 60, reason: str = "手机没电，忘了签到") -> str:
    """Hours written afterwards, not approved yet."""
    id = str(fresh())
    answer = one.api.put(f"/signups/{signup}/hours/{id}", {"minutes": minutes, "reason": reason})
    assert answer.status == 201, answer
    return id


def record(one: One) -> list[tuple[str, int]]:
    """Source and minutes of every line of somebody's record: origins first, then what corrects them."""
    lines = one.api.get("/hours").json["items"]
    return [
        (line["source"], line["minutes"])
        for line in sorted(lines, key=lambda line: (bool(line["corrects_id"]), line["recorded_at"]))
    ]


def checked(house: House, shift: Shift, signup: str, minutes: int) -> str:
    """In and out by the leader, so many minutes; the id of the line that was recorded."""
    for way, moment in (("in", shift.starts_at), ("out", shift.starts_at + timedelta(minutes=minutes))):
        with time_machine.travel(moment, tick=False):
            house.he.api.post(f"/signups/{signup}/check-{way}")
    with house.session() as session:
        return str(session.exec(select(HourEntry.id).where(HourEntry.signup_id == UUID(signup))).one())
