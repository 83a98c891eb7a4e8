"""Coming and going by the code on the leader's screen: scanned, typed, without signal, forgotten; and clocks that are wrong."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.accounts.models import LoginSession
from app.compounds.models import Rule
from app.kit import audit
from app.kit.clock import ZONE, local, now
from app.kit.db import Database
from app.kit.ids import new_id
from app.kit.jobs import run_once
from app.main import HANDLERS
from app.volunteering.check_in_codes import Shown, Way, read_token, token_of, window_of
from app.volunteering.check_in_models import CheckIn
from app.volunteering.models import Shift
from app.volunteering.signup_models import Signup
from tests.cast import House
from tests.making import fresh, make_shift
from tests.volunteering.attending import record, scan, shift_with, shown

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_who_scans_coming_and_going_has_the_minutes_between(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        came = scan(house.wang, shown(house, shift)["url"])
        assert (came.status, came.json["way"], came.json["how"]) == (201, "in", "qr")
        assert came.json["signup_id"] == mine
        assert house.wang.api.get(f"/check-ins/{came.json['id']}").json == came.json
    with time_machine.travel(shift.starts_at + 95 * MINUTE, tick=False):
        assert scan(house.wang, shown(house, shift, "out")["url"]).status == 201
    assert record(house.wang) == [("self_qr", 95)]


def test_the_screen_changes_every_minute_and_says_coming_before_going(house_sqlite: House) -> None:
    house = house_sqlite
    shift, _ids = shift_with(house, "wang")
    codes = []
    for moment in (shift.starts_at, shift.starts_at + MINUTE, shift.starts_at + 90 * MINUTE):
        with time_machine.travel(moment, tick=False):
            codes.append(house.he.api.get(f"/shifts/{shift.id}/check-in-code").json)
            page = house.he.get(f"/volunteering/shifts/{shift.id}/check-in")
            assert f"{codes[-1]['digits'][:3]} {codes[-1]['digits'][3:]}" in page.words
    assert len({code["url"] for code in codes}) == len({code["digits"] for code in codes}) == 3
    assert [code["way"] for code in codes] == ["in", "in", "out"]
    for one, status in ((house.wang, 403), (house.nobody, 401), (house.zhao, 404)):
        assert one.api.get(f"/shifts/{shift.id}/check-in-code").status == status


@pytest.mark.parametrize(("later", "status"), [(MINUTE, 201), (2 * MINUTE, 409), (-2 * MINUTE, 409)])
def test_a_code_lives_one_minute_longer_than_it_is_shown(house: House, later: timedelta, status: int) -> None:
    shift, _ids = shift_with(house, "wang")
    begin = shift.starts_at.replace(second=0, microsecond=0) + MINUTE
    with time_machine.travel(begin, tick=False):
        code = shown(house, shift)["url"]
    with time_machine.travel(begin + later, tick=False):
        answer = scan(house.wang, code)
        assert answer.status == status, answer
        if status == 409:
            assert answer.json["code"] == ("CodeTooOld" if later > timedelta() else "WrongCode")


@pytest.mark.parametrize("forged", ["other shift", "other way", "other compound", "later", "nonsense", "cut"])
def test_a_code_that_we_did_not_make_is_nothing(house: House, forged: str) -> None:
    shift, _ids = shift_with(house, "wang")
    with house.session() as session:
        other = make_shift(session, house.he.person)
    secret = house.app.state.settings.secret
    with time_machine.travel(shift.starts_at, tick=False):
        made = Shown(shift.id, Way.IN, window_of(now()))
        token = token_of(secret, house.compound.id, made)
        parts = token.split(".")
        code = {
            "other shift": ".".join(
                [token_of(secret, house.compound.id, made._replace(shift_id=other.id)).split(".")[0], *parts[1:]]
            ),
            "other way": token.replace(".in.", ".out."),
            "other compound": token_of(secret, house.next_door.id, made),
            "later": ".".join([*parts[:2], str(made.window + 1), parts[3]]),
            "nonsense": "x" * 300,
            "cut": token[:-1],
        }[forged]
        assert scan(house.wang, code).json["code"] == "WrongCode"
        assert read_token(secret, house.compound.id, token) == made


def test_only_who_has_a_place_checks_in_and_nobody_leaves_who_did_not_come(house: House) -> None:
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        assert scan(house.li, shown(house, shift)["url"]).json["code"] == "NotOnThisShift"
        assert scan(house.wang, shown(house, shift, "out")["url"]).json["code"] == "NotCheckedIn"
        code = shown(house, shift)["url"]
        with house.session() as session:
            session.get_one(Shift, (shift.compound_id, shift.id)).cancelled_at = now()
        assert scan(house.wang, code).json["code"] == "ShiftCancelled"


def test_the_door_is_the_same_for_scanners_as_for_the_leader(house_sqlite: House) -> None:
    house = house_sqlite
    shift, _ids = shift_with(house, "wang")
    secret = house.app.state.settings.secret
    for moment, no in (
        (shift.starts_at - HOUR - MINUTE, "TooEarlyToCheckIn"),
        (shift.ends_at + 4 * HOUR + MINUTE, "TooLateToCheckIn"),
    ):
        with time_machine.travel(moment, tick=False):
            assert house.he.api.get(f"/shifts/{shift.id}/check-in-code").json["code"] == no
            token = token_of(secret, house.compound.id, Shown(shift.id, Way.IN, window_of(now())))
            assert scan(house.wang, token).json["code"] == no


def test_six_digits_do_the_same_for_whoever_types(house: House) -> None:
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        digits = shown(house, shift)["digits"]
        wide = str.maketrans("0123456789", "０１２３４５６７８９")
        page = house.wang.post(
            "/volunteering/check-in", {"id": str(fresh()), "code": f"{digits[:3]} {digits[3:]}".translate(wide)}
        )
        assert "签到成功" in house.wang.follow(page).words
        assert scan(house.li, digits).json["code"] == "WrongCode", "not on the shift: digits alone do not say which"
    with time_machine.travel(shift.ends_at, tick=False):
        out = scan(house.wang, shown(house, shift, "out")["digits"])
        assert (out.json["way"], out.json["how"]) == ("out", "digits")
    assert record(house.wang) == [("self_qr", 120)]


@pytest.mark.parametrize("door", ["page", "program"])
def test_a_guesser_is_slowed_down(house: House, door: str) -> None:
    shift, _ids = shift_with(house, "wang")
    house.app.state.settings = house.app.state.settings.model_copy(update={"throttled": True})
    with time_machine.travel(shift.starts_at, tick=False):
        right = shown(house, shift)["digits"]
        wrong = f"{(int(right) + 1) % 10**6:06d}"

        def tries(code: str) -> int:
            if door == "page":
                return house.wang.post("/volunteering/check-in", {"id": str(fresh()), "code": code}).status
            return scan(house.wang, code).status

        assert [tries(wrong) for _ in range(8)] == [409] * 8
        assert tries(right) == 429
    if door == "program":
        with house.session() as session:
            refused = session.exec(select(audit.AuditLine).where(audit.AuditLine.outcome == "refused")).all()
        assert len(refused) >= 8, "and each try is on record"


def test_a_wrong_code_comes_back_with_what_was_typed(house_sqlite: House) -> None:
    house = house_sqlite
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        page = house.wang.post("/volunteering/check-in", {"id": str(fresh()), "code": "12 34"})
        assert page.status == 409
        assert "这个码不对" in page.words
        assert page.page.find(id="f-code")["value"] == "12 34"
        assert house.wang.post("/volunteering/check-in", {"id": str(fresh())}).status == 422


def test_opening_the_address_checks_nobody_in(house_sqlite: House) -> None:
    """WeChat's preview opens every link it sees."""
    house = house_sqlite
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        address = shown(house, shift)["url"].partition("/c/fengshu")[2]
        page = house.wang.get(address)
        assert "给独居老人送饭" in page.words
        with house.session() as session:
            assert session.exec(select(CheckIn)).all() == []
        form = page.page.find("form", {"data-check-in": ""})
        sent = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
        done = house.wang.post("/volunteering/check-in", sent)
        assert "签到成功" in house.wang.follow(done).words


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "x" * 401])
def test_text_that_no_database_takes_is_named_and_not_a_fault(house: House, bad: str) -> None:
    answer = house.wang.api.ask(
        "PUT",
        f"/check-ins/{fresh()}",
        content=f'{{"code": {bad!a}}}'.replace("'", '"').replace("\\x00", "\\u0000").encode(),
        headers={"content-type": "application/json"},
    )
    assert answer.status == 422


# Without signal


def test_what_a_phone_read_without_signal_counts_at_the_minute_of_the_code(house: House) -> None:
    """Its own clock is a year wrong: that is kept, and counts for nothing."""
    shift, (mine,) = shift_with(house, "wang")
    begin = shift.starts_at.replace(second=0, microsecond=0) + MINUTE
    with time_machine.travel(begin + timedelta(seconds=20), tick=False):
        coming = shown(house, shift)["url"]
    with time_machine.travel(begin + 90 * MINUTE, tick=False):
        going = shown(house, shift, "out")["url"]
    with time_machine.travel(shift.ends_at + 30 * HOUR, tick=False):
        wrong = "2025-01-01T09:00:00+08:00"
        came = scan(house.wang, coming, device_at=wrong)
        assert datetime.fromisoformat(came.json["happened_at"]) == begin
        assert (came.json["late"], came.json["device_at"]) == (True, "2025-01-01T01:00:00Z")
        assert scan(house.wang, going, device_at=wrong).status == 201
        assert record(house.wang) == [("self_qr", 90)]
        assert "后来才送到" in house.he.get(f"/volunteering/shifts/{shift.id}/attendance").words
    assert scan(house.wang, coming, device_at=wrong).status in (200, 409)
    assert UUID(mine)


def test_the_same_item_sent_twice_is_one(house: House) -> None:
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        wish = {"code": shown(house, shift)["url"], "device_at": "2026-11-27T09:00:00+08:00"}
    with time_machine.travel(shift.starts_at + HOUR, tick=False):
        id = fresh()
        answers = [house.wang.api.put(f"/check-ins/{id}", wish) for _ in range(2)]
        assert [answer.status for answer in answers] == [201, 200]
        other = house.wang.api.put(f"/check-ins/{id}", wish | {"device_at": "2026-11-27T10:00:00+08:00"})
        assert other.json["code"] == "SameIdOtherContent"


def test_after_three_days_a_phone_has_nothing_more_to_say(house_sqlite: House) -> None:
    house = house_sqlite
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        code = shown(house, shift)["url"]
    with time_machine.travel(shift.starts_at + timedelta(days=3, minutes=2), tick=False):
        assert scan(house.wang, code, device_at="2026-11-27T09:00:00+08:00").json["code"] == "CodeTooOld"


def test_digits_without_signal_are_judged_by_the_phones_clock(house: House) -> None:
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        digits, at = shown(house, shift)["digits"], now().isoformat()
    with time_machine.travel(shift.starts_at + 20 * HOUR, tick=False):
        assert scan(house.wang, digits, device_at="2025-01-01T09:00:00+08:00").json["code"] == "WrongCode"
        came = scan(house.wang, digits, device_at=at)
        assert (came.status, came.json["late"]) == (201, True)


# Twice


def test_two_phones_and_twenty_taps_are_one_coming(house: House) -> None:
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at):
        wish = {"json": {"code": shown(house, shift)["url"]}}
        answers = house.at_once(*[(house.wang.api, "PUT", f"/check-ins/{fresh()}", wish) for _ in range(20)])
        assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
        assert len({answer.json["id"] for answer in answers}) == 1
        out = {"json": {"code": shown(house, shift, "out")["url"]}}
        gone = house.at_once(*[(house.wang.api, "PUT", f"/check-ins/{fresh()}", out) for _ in range(20)])
        assert sorted(answer.status for answer in gone) == [200] * 19 + [201]
    with house.session() as session:
        assert sorted(session.exec(select(CheckIn.way))) == ["in", "out"]


def test_control_without_the_lock_and_the_index_both_phones_check_in(house: House) -> None:
    """Look, then insert, as most programs do."""
    shift, (mine,) = shift_with(house, "wang")
    with house.session() as session:
        session.execute(text("DROP INDEX uq_check_in_once"))
    engine = create_engine(house.db.url, poolclass=NullPool)
    barrier = Barrier(2)

    def check_in() -> None:
        with Session(engine) as session:
            seen = session.exec(select(CheckIn).where(CheckIn.signup_id == UUID(mine))).all()
            barrier.wait(30)
            if not seen:
                session.add(mark_of_wang(house, shift, UUID(mine)))
                session.commit()

    threads = [Thread(target=check_in) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()
    with house.session() as session:
        assert len(session.exec(select(CheckIn)).all()) == 2, "the control must fail, or the race above proves nothing"


def test_the_index_is_the_last_line_when_the_lock_is_forgotten(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with pytest.raises(IntegrityError), house.session() as session:
        session.add_all([mark_of_wang(house, shift, UUID(mine)), mark_of_wang(house, shift, UUID(mine))])


def mark_of_wang(house: House, shift: Shift, signup_id: UUID) -> CheckIn:
    return CheckIn(
        compound_id=shift.compound_id,
        id=new_id(),
        signup_id=signup_id,
        person_id=house.wang.id,
        way="in",
        how="qr",
        happened_at=shift.starts_at,
        sent_sha256=b"",
    )


def test_the_leaders_hand_and_the_phone_are_one_coming(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        house.he.post(f"/volunteering/signups/{mine}/check-in")
        again = scan(house.wang, shown(house, shift)["url"])
        assert (again.status, again.json["how"]) == (200, "leader")
    with time_machine.travel(shift.ends_at, tick=False):
        scan(house.wang, shown(house, shift, "out")["url"])
    assert record(house.wang) == [("leader", 120)], "one hand of the leader is enough to say so"


def test_what_was_undone_can_be_done_again(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        house.he.post(f"/volunteering/signups/{mine}/check-in")
        house.he.post(f"/volunteering/signups/{mine}/undo-check-in")
        assert scan(house.wang, shown(house, shift)["url"]).status == 201
    with house.session() as session:
        marks = session.exec(select(CheckIn)).all()
        assert {mark.how: mark.undone_at is not None for mark in marks} == {"leader": True, "qr": False}


# Forgotten, and clocks


def run_jobs(db: Database) -> None:
    run_once(db, HANDLERS)


def test_a_forgotten_check_out_is_credited_to_the_planned_end_and_says_so(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at + 30 * MINUTE, tick=False):
        scan(house.wang, shown(house, shift)["url"])
    with time_machine.travel(shift.ends_at + 3 * HOUR, tick=False):
        run_jobs(house.db)
        assert record(house.wang) == [], "the door is still open"
    with time_machine.travel(shift.ends_at + 4 * HOUR + MINUTE, tick=False):
        run_jobs(house.db)
        run_jobs(house.db)
        assert record(house.wang) == [("planned", 90)]
        assert "没有签退，按计划结束记" in house.he.get(f"/volunteering/shifts/{shift.id}/attendance").words
        page = house.wang.get("/volunteering/hours").words
        assert "没签退，按计划" in page
        assert "何队长记" not in page, "nobody wrote it"
    with house.session() as session:
        assert session.get_one(Signup, (shift.compound_id, UUID(mine))).checked_out_at == shift.ends_at


def test_a_check_out_that_arrives_too_late_corrects_what_was_credited(house: House) -> None:
    shift, _ids = shift_with(house, "wang")
    begin = shift.starts_at.replace(second=0, microsecond=0) + MINUTE
    with time_machine.travel(begin, tick=False):
        scan(house.wang, shown(house, shift)["url"])
    with time_machine.travel(begin + 45 * MINUTE, tick=False):
        going = shown(house, shift, "out")["url"]
    with time_machine.travel(shift.ends_at + 20 * HOUR, tick=False):
        run_jobs(house.db)
        (_source, planned), *_ = record(house.wang)
        scan(house.wang, going, device_at=now().isoformat())
        assert record(house.wang) == [("planned", planned), ("correction", 45 - planned)]


def test_a_coming_that_is_told_of_late_waits_an_hour_for_its_going(house: House) -> None:
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        coming = shown(house, shift)["url"]
    late = shift.ends_at + 20 * HOUR
    with time_machine.travel(late, tick=False):
        scan(house.wang, coming, device_at=now().isoformat())
        run_jobs(house.db)
        assert record(house.wang) == []
    with time_machine.travel(late + HOUR + MINUTE, tick=False):
        run_jobs(house.db)
        assert [source for source, _minutes in record(house.wang)] == ["planned"]


def night_shift(house: House, starts_at: datetime) -> Shift:
    with time_machine.travel(starts_at - timedelta(days=1), tick=False), house.session() as session:
        return make_shift(session, house.he.person, starts_in=timedelta(days=1))


@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2028, 2, 28), date(2028, 2, 29)])
def test_a_forgotten_check_out_across_midnight_belongs_to_the_day_it_began(house: House, day: date) -> None:
    """Over the end of a year and around a leap day, by the clock in Shanghai, which is eight hours before UTC all year."""
    evening = datetime(day.year, day.month, day.day, 23, 0, tzinfo=ZONE)
    with house.session() as session:  # nobody is signed out by the years between
        for login in session.exec(select(LoginSession)):
            login.ends_at = evening + timedelta(days=30)
    shift = night_shift(house, evening)
    with time_machine.travel(evening - HOUR, tick=False):
        house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
    with time_machine.travel(evening, tick=False):
        scan(house.wang, shown(house, shift)["url"])
    with time_machine.travel(evening + timedelta(days=1), tick=False):
        run_jobs(house.db)
        assert record(house.wang) == [("planned", 120)]
        (line,) = house.wang.api.get("/hours").json["items"]
        assert local(datetime.fromisoformat(line["starts_at"])).date() == day
        (year,) = house.wang.api.get("/hours/years").json["items"]
        assert (year["year"], year["total"]) == (day.year, 120)
        assert f"{day.year}年{day.month}月{day.day}日" in house.wang.get("/volunteering/hours").words


def test_a_server_clock_that_jumps_back_takes_nobodys_hours_below_nothing(house: House) -> None:
    shift, (mine,) = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at + 30 * MINUTE, tick=False):
        scan(house.wang, shown(house, shift)["url"])
    with time_machine.travel(shift.starts_at + 10 * MINUTE, tick=False):
        assert scan(house.wang, shown(house, shift, "out")["url"]).status == 201
    assert record(house.wang) == []
    with time_machine.travel(shift.ends_at + HOUR, tick=False):
        answer = house.he.api.put(f"/signups/{mine}/hours/{fresh()}", {"minutes": 60, "reason": "服务器的钟走错了"})
        assert answer.status == 201, "and the leader can write them"


def test_a_server_clock_that_jumps_ahead_gives_nobody_more_than_the_plan(house: House) -> None:
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at, tick=False):
        scan(house.wang, shown(house, shift)["url"])
    with time_machine.travel(shift.ends_at + 30 * timedelta(days=1), tick=False):
        run_jobs(house.db)
    with time_machine.travel(shift.starts_at + HOUR, tick=False):
        run_jobs(house.db)
        assert record(house.wang) == [("planned", 120)]
        scan(house.wang, shown(house, shift, "out")["url"])
        assert record(house.wang) == [("planned", 120), ("correction", -60)], "what was seen corrects what was supposed"


def test_a_shift_that_was_moved_is_watched_until_its_new_end(house_sqlite: House) -> None:
    house = house_sqlite
    shift, _ids = shift_with(house, "wang")
    with time_machine.travel(shift.starts_at - 30 * MINUTE, tick=False):
        scan(house.wang, shown(house, shift)["url"])
        seen = house.he.api.get(f"/shifts/{shift.id}")
        ends = (shift.ends_at + 2 * HOUR).isoformat()
        wish = {"starts_at": (shift.starts_at + HOUR).isoformat(), "ends_at": ends, "capacity": 10}
        moved = house.he.api.ask("PATCH", f"/shifts/{shift.id}", json=wish, headers={"if-match": seen.headers["etag"]})
        assert moved.status == 200, moved
    with time_machine.travel(shift.ends_at + 5 * HOUR, tick=False):
        run_jobs(house.db)
        assert record(house.wang) == []
    with time_machine.travel(shift.ends_at + 7 * HOUR, tick=False):
        run_jobs(house.db)
        assert [source for source, _minutes in record(house.wang)] == ["planned"]


def test_a_door_of_any_width_finds_the_shift_of_six_digits(house_sqlite: House) -> None:
    house = house_sqlite
    shift, _ids = shift_with(house, "wang")
    with house.session() as session:
        for name, value in (("check_in_minutes", "1440"), ("check_in_hours", "72")):
            session.add(
                Rule(
                    compound_id=house.compound.id, name=name, value=value, source="约定", decided_by="志愿队",
                    valid_from_on=date(2024, 1, 1),
                )
            )  # fmt: skip
    with time_machine.travel(shift.starts_at - 23 * HOUR, tick=False):
        assert scan(house.wang, shown(house, shift)["digits"]).status == 201
    with time_machine.travel(shift.ends_at + 71 * HOUR, tick=False):
        assert scan(house.wang, shown(house, shift, "out")["digits"]).status == 201


def test_a_token_is_readable_wherever_it_stands_in_what_was_scanned() -> None:
    made = Shown(new_id(), Way.OUT, 29_000_000)
    here = new_id()
    token = token_of(b"secret", here, made)
    for said in (token, f"https://gongzhi.example/c/fengshu/volunteering/check-in?t={token}", f" {token} "):
        assert read_token(b"secret", here, said) == made
    assert read_token(b"other", here, token) is None
    assert made.at == datetime(2025, 2, 19, 21, 20, tzinfo=UTC)
