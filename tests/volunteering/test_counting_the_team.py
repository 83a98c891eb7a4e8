"""The team's page and honour roll by consent; the figures for the street office."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from app.compounds.models import Person, SeatKind
from app.kit.clock import now, today
from app.volunteering.hour_models import HourEntry, HourSource
from app.volunteering.signup_models import Signup
from tests.cast import House, One
from tests.making import fresh, make_seat, make_shift


def served_an_hour(session: Session, led_by: Person, person: Person, number: int, source: HourSource, minutes: int) -> None:
    """Of this very moment, so of this year."""
    shift = make_shift(session, led_by, starts_in=timedelta(0))
    signup = Signup(
        compound_id=person.compound_id,
        shift_id=shift.id,
        person_id=person.id,
        entered_by_id=person.id,
        state="confirmed",
        year=today().year,
        number=number,
        line=number,
        sent_sha256=b"",
    )
    session.add(signup)
    session.flush()
    entry = HourEntry(
        compound_id=person.compound_id,
        signup_id=signup.id,
        person_id=person.id,
        minutes=minutes,
        source=source,
        recorded_by_id=led_by.id,
    )
    session.add(entry)
    session.flush()


@pytest.fixture
def served(house: House) -> House:
    with house.session() as session:
        wang, li = house.wang.person, house.li.person
        hours = ((wang, HourSource.LEADER, 60), (wang, HourSource.SELF_QR, 30), (li, HourSource.LEADER, 120))
        for number, (person, source, minutes) in enumerate(hours, 901):
            served_an_hour(session, house.he.person, person, number, source, minutes)
    return house


def test_who_did_not_agree_is_not_on_the_roll(served: House) -> None:
    assert "王阿姨" not in served.nobody.get("/volunteering/team").words
    served.wang.post("/me/consents", {"purpose": "honour"})
    page = served.nobody.get("/volunteering/team").words
    assert "王阿姨" in page
    assert "李叔" not in page
    assert "带队登记 1.0 小时" in page, "by where it comes from"
    assert "自己扫码 0.5 小时" in page
    served.wang.post("/me/consents/withdraw", {"purpose": "honour"})
    assert "王阿姨" not in served.nobody.get("/volunteering/team").words


@pytest.mark.parametrize(
    ("seen_by", "sees"), [("coordinators", set()), ("team", {"volunteer"}), ("public", {"volunteer", "li", "nobody"})]
)
def test_skills_are_seen_by_whom_the_person_let(house: House, seen_by: str, sees: set[str]) -> None:
    wish = {"skills": [{"name": "理发", "level": "good"}], "seen_by": seen_by, "agrees": True}
    assert house.wang.api.put(f"/census/{fresh()}", wish).status == 201
    readers: dict[str, One] = {"volunteer": house.newcomer("队员", SeatKind.VOLUNTEER), "li": house.li, "nobody": house.nobody}
    shown = {name for name, one in readers.items() if "王阿姨" in one.get("/volunteering/team").words}
    assert shown == sees
    assert house.he.api.get("/census").json["items"]


def rated(house: House, stars: int) -> None:
    wish = {"kind": "代买东西", "what": "米", "wanted_at": (now() + timedelta(hours=1)).isoformat()}
    id = house.wang.api.put(f"/service-requests/{fresh()}", wish).json["id"]
    steps: list[tuple[One, dict[str, Any]]] = [
        (house.he, {"kind": "confirmed"}),
        (house.li, {"kind": "claimed"}),
        (house.li, {"kind": "helped"}),
        (house.wang, {"kind": "received"}),
        (house.wang, {"kind": "rated", "stars": stars}),
    ]
    for one, step in steps:
        assert one.api.put(f"/service-requests/{id}/acts/{fresh()}", step).status == 201


def test_the_street_office_counts(served: House) -> None:
    with served.session() as session:
        make_seat(session, served.li.person, SeatKind.VOLUNTEER)
    for stars in (5, 4):
        rated(served, stars)
    figures = served.huang.api.get("/service-statistics").json
    assert (figures["team"], figures["served"], figures["asked"], figures["fulfilled"]) == (2, 2, 2, 2)
    assert (figures["ratings"], figures["stars"]) == (2, 0), "two would tell who gave which"
    assert {(h["source"], h["minutes"]) for h in figures["hours"]} == {("leader", 180), ("self_qr", 30)}
    assert figures["by_building"] == [{"building": "3栋", "asked": 2, "fulfilled": 2}]
    rated(served, 4)
    page = served.huang.get("/volunteering/statistics").words
    assert "评过 3 次，平均 4.3 颗星" in page
    assert "3.5 小时" in page
    assert "请 3 次，办好 3 次" in page
    assert served.huang.api.get("/service-statistics?year=2020").json["hours"] == []


def test_the_figures_are_a_workbook_too(served: House) -> None:
    answer = served.he.get("/volunteering/statistics/file")
    cells = [[cell for cell in row if cell is not None] for row in load_workbook(BytesIO(answer.response.content)).active.values]
    assert ["来过的人", 2] in cells
    assert ["服务特殊群体", "带队登记", 180] in cells


def test_the_figures_are_not_for_everybody(served: House) -> None:
    assert served.li.get("/volunteering/statistics").status == 403
    assert served.zhang.api.get("/service-statistics").status == 403
    assert "志愿服务统计" not in served.li.get("/volunteering/team").words
