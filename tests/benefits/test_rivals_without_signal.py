"""Desks that had no signal come home at once: one unit is claimed once, and every piece that left a table is counted."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.benefits import handing, service
from app.benefits.claim_models import Claim
from app.benefits.stock_models import Stock
from app.compounds.models import SeatKind
from tests.benefits.giving import BY_PHONE, check_the_books, more_units, opened
from tests.benefits.test_handing_out_without_signal import report, reported
from tests.benefits.test_rivals_at_the_table import BY_NAME, units_without_owner
from tests.cast import Answer, House
from tests.making import fresh

DEVICES = 10


def two_devices_for_one_unit(house: House) -> tuple[str, list[Answer]]:
    id = opened(house)
    desks = [house.liu, house.newcomer("委员", SeatKind.MEMBER)]
    wish = reported(house, id, house.wang)
    return id, house.at_once(*[(desks[n % 2].api, "PUT", f"/handovers/{fresh()}", {"json": wish}) for n in range(DEVICES)])


def said(answers: list[Answer]) -> Counter[str]:
    assert {a.status for a in answers} == {201}, answers
    return Counter(a.json["conflict"] for a in answers)


def claims(house: House) -> int:
    with house.session() as session:
        return len(session.exec(select(Claim)).all())


def test_of_many_devices_one_unit_has_one_claim_and_the_rest_are_conflicts(house: House) -> None:
    id, answers = two_devices_for_one_unit(house)
    assert said(answers) == {"": 1, "AlreadyClaimed": DEVICES - 1}
    with house.session() as session:
        stock = session.exec(select(Stock)).one()
        assert (stock.handed, stock.conflicted, stock.left) == (1, DEVICES - 1, 100 - DEVICES)
    check_the_books(house, id)


def test_when_nobody_looks_the_constraint_still_allows_one_claim(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are refused and stay on their devices."""
    monkeypatch.setattr(service, "claimed_lines", lambda *_: set())
    id, answers = two_devices_for_one_unit(house)
    assert Counter(a.status for a in answers) == {201: 1, 409: DEVICES - 1}
    check_the_books(house, id)


def test_control_without_look_and_constraint_one_unit_has_several_claims(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "claimed_lines", lambda *_: set())
    with house.session() as session:
        session.execute(text("DROP INDEX uq_claim_line_live"))
    two_devices_for_one_unit(house)
    assert claims(house) > 1


def test_desks_with_and_without_signal_empty_one_stock_and_nothing_is_lost(house: House) -> None:
    """Ten units, five pieces counted: the desks with signal stop at what is there, the others tell what they found."""
    more_units(house, 10)
    id = opened(house, stock=5)
    calls: list[Any] = []
    for n, unit in enumerate(units_without_owner(house, id)):
        wish = reported(
            house, id, house.wang, entitlement_id=str(unit), owner=None, proxy_name="来人", proxy_relation="亲戚", **BY_PHONE
        )
        calls.append(
            (house.liu.api, "PUT", f"/handovers/{fresh()}", {"json": wish})
            if n % 2
            else (house.liu.api, "PUT", f"/entitlements/{unit}/claims/{fresh()}", {"json": BY_NAME})
        )
    answers = house.at_once(*calls)
    assert {a.status for a in answers[1::2]} == {201}
    assert {a.status for a in answers[::2]} <= {201, 409}
    with house.session() as session:
        stock = session.exec(select(Stock)).one()
        assert stock.handed + stock.conflicted >= 5
        assert stock.left == 0
    check_the_books(house, id)


def test_one_report_sent_by_many_tabs_is_one_report(house: House) -> None:
    id = opened(house)
    path, wish = f"/handovers/{fresh()}", reported(house, id, house.wang)
    answers = house.at_once(*[(house.liu.api, "PUT", path, {"json": wish}) for _ in range(DEVICES)])
    assert Counter(a.status for a in answers) == {201: 1, 200: DEVICES - 1}
    assert claims(house) == 1
    check_the_books(house, id)


def rivals_settle(house: House) -> tuple[str, list[Answer]]:
    id = opened(house, stock=10)
    report(house, id, house.wang)
    second = report(house, id, house.wang).json["id"]
    wishes = [{"outcome": outcome, "words": "核过了"} for outcome in ("returned", "written_off")]
    calls = [
        ((house.chen, house.zhou)[n % 2].api, "POST", f"/handovers/{second}/settle", {"json": wishes[n % 2]}) for n in range(6)
    ]
    return id, house.at_once(*calls)


def test_a_conflict_is_settled_by_one_of_six(house: House) -> None:
    id, answers = rivals_settle(house)
    assert Counter(a.status for a in answers) == {200: 1, 409: 5}
    assert {a.json["code"] for a in answers if a.status == 409} == {"AlreadySettled"}
    check_the_books(house, id)


def test_the_constraint_alone_settles_once_when_nobody_looks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "settlement_of", lambda *_: None)
    monkeypatch.setattr(handing, "_shift", lambda *_: None)
    _id, answers = rivals_settle(house)
    assert Counter(a.status for a in answers) == {200: 1, 409: 5}
