"""Hours that were not checked: one officer proposes, another approves; corrections are lines of their own; one reads them."""

import csv
import io
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, select

from app.compounds.models import Ownership, Person, SeatKind
from app.inbox.models import Message
from app.kit.clock import today
from app.volunteering.hour_models import HourEntry, HourProposal, HourSource
from tests.cast import House, One
from tests.making import fresh
from tests.volunteering.attending import checked, propose, record, shift_with

WISH = {"minutes": 60, "reason": "手机没电，忘了签到"}
AFTER = timedelta(hours=1)


def move_in_with(session: Session, one: One, other: Person) -> None:
    """`other` also owns the home of `one`."""
    home = session.exec(select(Ownership.unit_id).where(Ownership.person_id == one.id)).first()
    assert home
    session.add(Ownership(compound_id=other.compound_id, unit_id=home, person_id=other.id, from_on=today()))


def messages(house: House, one: One) -> list[str]:
    with house.session() as session:
        return list(session.exec(select(Message.title).where(Message.person_id == one.id)))


def test_hours_written_afterwards_count_once_a_second_officer_approved_them(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    early = house.he.api.put(f"/signups/{mine}/hours/{fresh()}", WISH)
    assert early.json["code"] == "NotThisState", "the shift has not been yet"
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        id = propose(house.he, mine)
        assert record(house.wang) == []
        assert messages(house, house.liu) == ["有服务时长等您核准"]
        assert house.he.api.post(f"/hour-proposals/{id}/approve").json["code"] == "OwnProposal"
        done = [house.liu.api.post(f"/hour-proposals/{id}/approve") for _ in range(2)]
        assert [answer.json["state"] for answer in done] == ["approved", "approved"], "a second tap counts once"
        assert record(house.wang) == [("added_later", 60)]
        page = house.wang.get("/volunteering/hours").words
        assert "何队长记，刘主任核准：手机没电，忘了签到" in page
        assert "事后补记" in page
        assert messages(house, house.wang) == ["您的服务时长有改动"]
        again = house.he.api.put(f"/signups/{mine}/hours/{fresh()}", WISH)
        assert again.json["code"] == "NotThisState", "there are hours already"


def test_the_same_proposal_twice_is_one_and_another_one_waits_its_turn(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    address = f"/signups/{mine}/hours/{fresh()}"
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        assert [house.he.api.put(address, WISH).status for _ in range(2)] == [201, 200]
        for other in (WISH | {"minutes": 30}, WISH | {"reason": "签到的人走了"}):
            assert house.he.api.put(address, other).json["code"] == "SameIdOtherContent"
        assert house.liu.api.put(f"/signups/{mine}/hours/{fresh()}", WISH).json["code"] == "AlreadyProposed"


def test_nobody_is_given_more_than_the_plan(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        too_many = house.he.api.put(f"/signups/{mine}/hours/{fresh()}", WISH | {"minutes": 121})
        assert too_many.json["code"] == "MoreThanPlanned"
        assert "120 分钟" in too_many.json["detail"]
        propose(house.he, mine, 120)


@pytest.mark.parametrize("of", ["he", "wang"])
def test_an_officer_of_the_home_of_either_approves_nothing(house: House, of: str) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with house.session() as session:
        move_in_with(session, house.people[of], house.liu.person)
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        id = propose(house.he, mine)
        assert house.liu.api.post(f"/hour-proposals/{id}/approve").json["code"] == "OfOneHome"
        assert house.liu.api.post(f"/hour-proposals/{id}/refuse", json={"reason": "不是"}).json["code"] == "OfOneHome"
        assert house.liu.api.get("/hour-proposals").json["items"][0]["can_decide"] is False
        assert "要由另一家的负责人核准" in house.liu.get("/volunteering/hours/proposals").words
        assert house.newcomer("副主任", SeatKind.DEPUTY).api.post(f"/hour-proposals/{id}/approve").status == 200


def test_nobody_approves_their_own_hours(house: House) -> None:
    shift, (lius,) = shift_with(house, "liu")
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        id = propose(house.he, lius)
        assert house.liu.api.post(f"/hour-proposals/{id}/approve").json["code"] == "OwnHours"
        for one in (house.wang, house.zhang, house.chen):
            assert one.api.post(f"/hour-proposals/{id}/approve").status in (403, 404)


def test_what_is_not_approved_is_told_with_the_reason_and_may_be_proposed_again(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        id = propose(house.he, mine)
        opened = house.liu.get(f"/volunteering/hours/proposals?refusing={id}")
        assert opened.page.find(id="f-reason")
        assert house.liu.post(f"/volunteering/hours/proposals/{id}/refuse", {"reason": ""}).status == 422
        answer = house.liu.post(f"/volunteering/hours/proposals/{id}/refuse", {"reason": "那天他没有来"})
        assert "没有核准" in house.liu.follow(answer).words
        assert messages(house, house.he) == ["补记的时长没有核准"]
        assert house.liu.api.post(f"/hour-proposals/{id}/approve").json["code"] == "NotThisState"
        assert house.he.api.get(f"/hour-proposals/{id}").json["decided_because"] == "那天他没有来"
        propose(house.he, mine, 30)


def test_a_mistake_in_the_hours_keeps_what_was_typed(house_sqlite: House) -> None:
    house = house_sqlite
    shift, (mine, other) = shift_with(house, "wang", "li")
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        opened = house.he.get(f"/volunteering/shifts/{shift.id}/attendance?adding={mine}")
        form = opened.page.find("form", action=f"/c/fengshu/volunteering/signups/{mine}/hours")
        assert form
        id = form.find("input", {"name": "id"})["value"]
        wrong = house.he.post(f"/volunteering/signups/{mine}/hours", {"id": id, "minutes": "两小时", "reason": "手机没电"})
        assert wrong.status == 422
        assert "请填一个整数" in wrong.words
        assert wrong.page.find(id="f-reason")["value"] == "手机没电"
        assert wrong.page.find("input", {"name": "id"})["value"] == id
        assert wrong.page.find(id=f"p-{other}").find("input", {"name": "minutes"}) is None, "one form stands open"
        much = house.he.post(f"/volunteering/signups/{mine}/hours", {"id": id, "minutes": "121", "reason": "手机没电"})
        assert (much.status, "不能多记" in much.words) == (422, True)
        right = [
            house.he.post(f"/volunteering/signups/{mine}/hours", {"id": id, "minutes": "１２０", "reason": "手机没电"})
            for _ in range(2)
        ]
        assert [answer.status for answer in right] == [303, 303], "a second tap counts once"
        assert "120 分钟，等核准" in house.he.follow(right[0]).words
        waiting = house.liu.get("/volunteering/hours/proposals")
        assert "王阿姨" in waiting.words
        answer = house.liu.post(f"/volunteering/hours/proposals/{id}/approve")
        assert "已核准" in house.liu.follow(answer).words
        assert "120 分钟" in house.he.get(f"/volunteering/shifts/{shift.id}/attendance").words


def test_a_correction_is_another_line_that_names_the_first(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    first = checked(house, shift, mine, 90)
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        page = house.he.get(f"/volunteering/hours/{first}/correct")
        assert "90 分钟" in page.words
        same = house.he.post(f"/volunteering/hours/{first}/correct", {"minutes": "90", "reason": "没变"})
        assert (same.status, "没有要更正的" in same.words) == (422, True)
        sent = {"id": str(fresh()), "minutes": "30", "reason": "中间走了一小时"}
        done = house.he.post(f"/volunteering/hours/{first}/correct", sent)
        assert "等另一位负责人核准" in house.he.follow(done).words
        house.liu.post(f"/volunteering/hours/proposals/{sent['id']}/approve")
        assert record(house.wang) == [("leader", 90), ("correction", -60)]
        lines = house.wang.api.get("/hours").json["items"]
        assert lines[0]["corrects_id"] == first
        (year,) = house.wang.api.get("/hours/years").json["items"]
        assert (year["total"], year["minutes"]) == (30, {"leader": 90, "correction": -60})
        stale = house.he.api.put(f"/hours/{first}/corrections/{fresh()}", {"minutes": 60, "reason": "再改"})
        assert stale.json["code"] == "NotThisState", "another correction stands over it"
        over = house.he.api.put(f"/hours/{lines[0]['id']}/corrections/{fresh()}", {"minutes": 0, "reason": "没来"})
        house.liu.api.post(f"/hour-proposals/{over.json['id']}/approve")
        assert sum(minutes for _source, minutes in record(house.wang)) == 0


def test_a_proposal_over_what_changed_meanwhile_is_not_approved(house: House) -> None:
    """The phone's check-out arrives between the proposal and its approval."""
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        house.he.api.post(f"/signups/{mine}/check-in")
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        id = propose(house.he, mine, 30)
        house.he.api.post(f"/signups/{mine}/check-out")
        assert house.liu.api.post(f"/hour-proposals/{id}/approve").json["code"] == "NotThisState"
        assert record(house.wang) == [("leader", 120)]


def test_a_volunteer_reads_their_own_record_and_takes_it_home(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    assert "还没有时长" in house.wang.get("/volunteering/hours").words
    checked(house, shift, mine, 95)
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        page = house.wang.get("/volunteering/hours").words
        assert "95 分钟" in page
        assert f"{shift.starts_at.year}年，1.6 小时" in page
        assert "何队长记" in page
        assert "1.6 小时" in house.wang.get("/volunteering").words
        rows = list(csv.reader(io.StringIO(house.wang.get("/volunteering/hours/file/csv").response.content.decode("utf-8-sig"))))
        assert rows[0][3:5] == ["分钟", "从哪里来"]
        assert rows[1][1:6] == ["给独居老人送饭", "服务特殊群体", "95", "带队登记", "何队长"]
        book = load_workbook(io.BytesIO(house.wang.api.get("/hours/file/xlsx").response.content))
        assert book.active["D2"].value == 95, "a number stays a number"
        assert "hour_entry" in house.wang.get("/me/export").json["about_me"]
        assert len(list(csv.reader(io.StringIO(house.li.get("/volunteering/hours/file/csv").text)))) == 1, "nobody else's"


@pytest.mark.parametrize("statement", ["UPDATE hour_entry SET minutes = 999", "DELETE FROM hour_entry"])
def test_a_recorded_hour_is_never_changed(house: House, statement: str) -> None:
    shift, (mine,) = shift_with(house, "wang")
    checked(house, shift, mine, 30)
    with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("values", "guard"),
    [
        ({"source": HourSource.LEADER, "minutes": 5}, "uq_hour_entry_origin|hour_entry.compound_id, hour_entry.signup_id"),
        ({"source": HourSource.LEADER, "minutes": 5, "corrects": True}, "a_correction_names_its_line"),
        ({"source": HourSource.CORRECTION, "minutes": -5}, "only_corrections_subtract|a_correction_names_its_line"),
        ({"source": HourSource.CORRECTION, "minutes": 5, "corrects": True, "approved_by": "wang"}, "approved_by_another"),
        ({"source": HourSource.CORRECTION, "minutes": 5, "corrects": True, "approved_by": "he"}, "approved_by_another"),
        ({"source": HourSource.SELF_QR, "minutes": 5, "corrects": False, "nobody": True}, "written_by_somebody"),
    ],
)
def test_the_table_itself_refuses_a_second_origin_and_a_hand_too_few(house: House, values: dict[str, object], guard: str) -> None:
    shift, (mine,) = shift_with(house, "wang")
    first = checked(house, shift, mine, 30)
    approver = values.get("approved_by")
    with house.session() as session:
        entry = session.exec(select(HourEntry)).one()
    with pytest.raises(IntegrityError, match=guard), house.session() as session:
        session.add(
            HourEntry(
                compound_id=entry.compound_id,
                signup_id=entry.signup_id,
                person_id=entry.person_id,
                minutes=values["minutes"],
                source=values["source"],
                recorded_by_id=None if values.get("nobody") else house.he.id,
                approved_by_id=house.people[str(approver)].id if approver else None,
                corrects_id=UUID(first) if values.get("corrects") else None,
            )
        )


def test_the_table_itself_refuses_one_hand_for_two(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.ends_at + AFTER, tick=False):
        propose(house.he, mine)
    with pytest.raises(IntegrityError, match="decided_by_another"), house.session() as session:
        session.execute(text("UPDATE hour_proposal SET state = 'approved', decided_by_id = proposed_by_id"))
    with house.session() as session:
        assert session.exec(select(HourProposal.state)).one() == "waiting"
