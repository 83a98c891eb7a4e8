"""谁能做什么: which neighbour sits in which office today, and what that gives them."""

from datetime import timedelta

from app.compounds.models import SeatKind
from app.kit.clock import today
from tests.cast import House
from tests.making import make_seat


def test_a_resident_reads_who_the_treasurer_is(house: House) -> None:
    assert "财务 张会计 记账" in house.wang.get("/who-may").words


def test_a_stranger_reads_a_masked_name(house: House) -> None:
    words = house.nobody.get("/who-may").words
    assert "财务 张* 记账" in words
    assert "张会计" not in words


def test_a_term_that_is_over_names_nobody(house: House) -> None:
    with house.session() as session:
        make_seat(session, house.li.person, SeatKind.AUDITOR, to_on=today() - timedelta(days=1))
    assert "李叔" not in house.wang.get("/who-may").words


def test_party_members_and_helpers_are_not_listed(house: House) -> None:
    with house.session() as session:
        for kind in (SeatKind.GROUP_LEADER, SeatKind.MEMBER_HOUSEHOLD, SeatKind.VOLUNTEER):
            make_seat(session, house.li.person, kind)
    assert "李叔" not in house.wang.get("/who-may").words
