"""A director uploads the committee's own file, looks, confirms; the roster follows, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from sqlmodel import Session, func, select

from app.compounds.models import Building, Entrance, Ownership, Person, Residency, Unit
from app.kit import jobs
from app.kit.clock import now
from app.kit.db import writing
from app.main import HANDLERS
from app.roster import importing
from app.roster.models import RosterImport
from tests.cast import Answer, House, One
from tests.making import fresh
from tests.roster.workbooks import HEADER, workbook

ROWS: list[list[Any]] = [
    HEADER,
    ["5", "1", "101", "钱一", "13900000001", 88.5],
    ["5", "1", "102", "孙二、李三", "13900000002、13900000003", 90],
    ["5", "2", "201", "钱一", "13900000001", 120],
]


def upload(one: One, data: bytes, name: str = "名册.xlsx", id: str = "") -> Answer:
    return one.ask("POST", "/roster/import", data={"id": id or str(fresh())}, files={"file": (name, data)})


def preview(one: One, rows: list[list[Any]]) -> str:
    """Uploads; returns the address of the preview."""
    answer = upload(one, workbook(rows))
    assert answer.status == 303, answer
    return answer.place.removeprefix("/c/fengshu")


def imported(one: One, rows: list[list[Any]]) -> Answer:
    return one.follow(one.post(f"{preview(one, rows)}/confirm"))


def roster(session: Session) -> dict[str, list[tuple[str, str | None]]]:
    """Label → present owners with their telephones, of building 5."""
    rows = session.exec(
        select(Unit.label, Person.name, Person.phone)
        .join(Ownership, Ownership.unit_id == Unit.id)  # type: ignore[arg-type]
        .join(Person, Ownership.person_id == Person.id)  # type: ignore[arg-type]
        .where(Ownership.to_on == None, Unit.label.startswith("5-"))  # type: ignore[attr-defined]  # noqa: E711
        .order_by(Unit.label, Person.phone)  # type: ignore[arg-type]
    )
    found: dict[str, list[tuple[str, str | None]]] = {}
    for label, name, phone in rows:
        found.setdefault(label, []).append((name, phone))
    return found


def count(session: Session) -> tuple[int, ...]:
    tables = (Building, Entrance, Unit, Person, Ownership, Residency)
    return tuple(session.exec(select(func.count()).select_from(table)).one() for table in tables)


def test_the_preview_says_what_would_change_and_writes_nothing(house: House) -> None:
    with house.session() as session:
        before = count(session)
    page = house.liu.get(preview(house.liu, [*ROWS, ["5", "2", "x?y", "赵四", "1", 3], ["合计", None, 3, None, None, None]]))
    assert "还没有写入" in page.words
    assert "3 户" in page.words
    assert "第 5 行" in page.words, "the row that is not understood is named"
    assert "合计行" in page.words
    assert "不导入" in page.words
    with house.session() as session:
        assert count(session) == before


def test_a_confirmed_import_is_written_and_one_owner_of_two_flats_is_one_person(house: House) -> None:
    page = imported(house.liu, ROWS)
    assert "名册导入好了" in page.words
    with house.session() as session:
        assert roster(session) == {
            "5-1-101": [("钱一", "13900000001")],
            "5-1-102": [("孙二", "13900000002"), ("李三", "13900000003")],
            "5-2-201": [("钱一", "13900000001")],
        }
        assert session.exec(select(func.count()).select_from(Person).where(Person.name == "钱一")).one() == 1
        unit = session.exec(select(Unit).where(Unit.label == "5-1-101")).one()
        assert (unit.area, unit.kind, unit.room) == (8850, "dwelling", "101")
        entrance = session.get_one(Entrance, (unit.compound_id, unit.entrance_id))
        assert (entrance.name, session.get_one(Building, (unit.compound_id, entrance.building_id)).name) == ("1单元", "5栋")


def test_the_same_file_again_changes_nothing(house: House) -> None:
    imported(house.liu, ROWS)
    with house.session() as session:
        before = count(session)
    again = preview(house.liu, ROWS)
    assert "没有要改的" in house.liu.get(again).words
    house.liu.post(f"{again}/confirm")
    with house.session() as session:
        assert count(session) == before


def test_units_that_were_entered_by_hand_are_found_again(house: House) -> None:
    rows = [HEADER, ["3栋", "2单元", "601", "王阿姨", "", 89.5]]  # the cast's first flat
    page = house.liu.get(preview(house.liu, rows))
    assert "没有要改的" in page.words


def test_a_sold_flat_closes_the_old_ownership_and_opens_the_new_with_dates(house: House) -> None:
    with time_machine.travel(now() - timedelta(days=30)):
        _import_directly(house, ROWS)
    sold = [HEADER, ["5", "1", "101", "周新", "13900000009", 88.5]]
    page = house.liu.get(preview(house.liu, sold))
    assert "业主 钱一 结束" in page.words
    assert "登记业主 周新" in page.words
    imported(house.liu, sold)
    with house.session() as session:
        unit = session.exec(select(Unit).where(Unit.label == "5-1-101")).one()
        rows = session.exec(
            select(Person.name, Ownership.from_on, Ownership.to_on)
            .join(Person, Ownership.person_id == Person.id)  # type: ignore[arg-type]
            .where(Ownership.unit_id == unit.id)
            .order_by(Ownership.from_on)  # type: ignore[arg-type]
        ).all()
        (old, _from, old_end), (new, new_start, new_end) = rows
        assert (old, new) == ("钱一", "周新")
        assert new_start == old_end + timedelta(days=1)
        assert new_end is None
        assert roster(session)["5-2-201"] == [("钱一", "13900000001")], "what the file does not speak of stays"


def _import_directly(house: House, rows: list[list[Any]]) -> None:
    proposal = importing.propose(workbook(rows), "名册.xlsx", "枫树小区")
    assert isinstance(proposal, importing.Proposal)
    with house.session() as session:
        importing.import_roster(session, house.compound.id, proposal)


def test_a_corrected_name_or_phone_stays_the_same_person(house: House) -> None:
    _import_directly(house, ROWS)
    with house.session() as session:
        before = count(session)
    _import_directly(
        house,
        [
            HEADER,
            ["5", "1", "101", "钱一", "13911111111", 88.5],
            ["5", "1", "102", "孙贰、李三", "13900000002、13900000003", 90],
        ],
    )
    with house.session() as session:
        assert count(session) == before
        assert roster(session)["5-1-101"] == [("钱一", "13911111111")]
        assert roster(session)["5-1-102"] == [("孙贰", "13900000002"), ("李三", "13900000003")]


def test_a_phone_that_its_owner_signs_in_with_is_not_overwritten_by_a_file(house: House) -> None:
    _import_directly(house, [HEADER, ["3栋", "2单元", "601", "王阿姨", "13900000042", 89.5]])
    with house.session() as session:
        assert session.get_one(Person, (house.compound.id, house.wang.id)).phone == house.wang.person.phone


def test_a_file_as_committees_keep_it_goes_in(house: House) -> None:
    rows = [
        ["枫树小区业主花名册"],
        ["房号", "户主", "手机", "建筑面积"],
        ["７-1-301", "吴 刚", 13800000001, "89.50㎡"],
        ["七栋1单元302室", "郑爽/冯七", "13800000002 13800000003", 90],
        [None, None, None, None],
        ["合计", "2户", None, 179.5],
    ]
    imported(house.liu, rows)
    with house.session() as session:
        labels = session.exec(select(Unit.label).where(Unit.label.startswith("7-")).order_by(Unit.label)).all()  # type: ignore[attr-defined]
        assert labels == ["7-1-301", "7-1-302"]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "空的"), (b"%PDF-1.7 nothing", "PDF"), (b"PK\x03\x04 half a zip", "坏了"), ("你好".encode(), "没找到表头")],
)
def test_a_file_that_cannot_be_read_is_answered_in_words(house_sqlite: House, data: bytes, words: str) -> None:
    answer = upload(house_sqlite.liu, data)
    assert answer.status == 422
    assert words in answer.words


def test_a_file_that_is_too_large_is_refused_before_it_is_read(house_sqlite: House) -> None:
    answer = upload(house_sqlite.liu, b"x" * (21 * 2**20))
    assert answer.status == 422
    assert "20 MB" in answer.words


def test_only_officers_with_a_fresh_second_factor_import(house: House) -> None:
    data = workbook(ROWS)
    for one, status in ((house.wang, 403), (house.zhang, 403), (house.huang, 403), (house.nobody, 401), (house.zhao_here, 401)):
        assert upload(one, data).status == status
        assert one.get("/roster/import").status in (403, 303)
    place = preview(house.liu, ROWS)
    assert house.zhang.get(place).status == 403
    assert house.zhang.post(f"{place}/confirm").status == 403
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert house.liu.get("/roster/import").place.startswith("/c/fengshu/second-factor?next=")
        refused = house.liu.post(f"{place}/confirm")
        assert (refused.status, upload(house.liu, data).status) == (403, 403)
    with house.session() as session:
        assert roster(session) == {}


def test_an_import_is_confirmed_once_and_not_after_it_was_discarded(house: House) -> None:
    place = preview(house.liu, ROWS)
    assert house.liu.post(f"{place}/confirm").status == 303
    assert house.liu.post(f"{place}/confirm").status == 409
    other = preview(house.liu, ROWS)
    assert house.liu.post(f"{other}/discard").status == 303
    assert house.liu.post(f"{other}/confirm").status == 409
    assert "放弃" in house.liu.get(other).words


def test_a_double_tap_on_upload_makes_one_preview(house: House) -> None:
    id, data = str(fresh()), workbook(ROWS)
    places = {upload(house.liu, data, id=id).place for _ in range(2)}
    assert len(places) == 1
    assert upload(house.liu, workbook(ROWS[:2]), id=id).status == 409


def test_two_imports_at_once_make_no_unit_twice(house: House) -> None:
    proposal = importing.propose(workbook(ROWS), "名册.xlsx", "枫树小区")
    assert isinstance(proposal, importing.Proposal)

    def one(_n: int) -> None:
        with writing(house.db) as session:
            importing.import_roster(session, house.compound.id, proposal)

    with ThreadPoolExecutor(4) as rivals:
        list(rivals.map(one, range(4)))
    with house.session() as session:
        assert len(roster(session)) == 3
        assert session.exec(select(func.count()).select_from(Person).where(Person.name == "钱一")).one() == 1
        assert [it.added for it in session.exec(select(RosterImport).order_by(RosterImport.made_at))].count(3) == 1  # type: ignore[arg-type]


def test_without_the_lock_two_imports_at_once_do_collide(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: on PostgreSQL the lock is what keeps rivals apart (on SQLite every writer is alone anyway)."""
    if house.db.on_sqlite:
        assert house.db.writers.total_tokens == 1
        return
    monkeypatch.setattr(importing, "_lock_compound", lambda *_: None)
    proposal = importing.propose(workbook(ROWS), "名册.xlsx", "枫树小区")
    assert isinstance(proposal, importing.Proposal)
    gate, write = Barrier(2), importing._write

    def both_have_compared(*args: Any) -> None:
        gate.wait(5)
        write(*args)

    monkeypatch.setattr(importing, "_write", both_have_compared)

    def one(_n: int) -> bool:
        try:
            with writing(house.db) as session:
                importing.import_roster(session, house.compound.id, proposal)
        except Exception:  # noqa: BLE001 the constraint's refusal is what is looked for
            return False
        return True

    with ThreadPoolExecutor(2) as rivals:
        assert sorted(rivals.map(one, range(2))) == [False, True], "the label's UNIQUE is the last line"


def test_a_large_file_is_written_by_jobs_with_its_progress_on_the_page(house: House) -> None:
    rows = [HEADER, *([str(1 + n // 100 + 10), "1", str(100 + n % 100), f"邻居{n}", f"137{n:08d}", 80] for n in range(600))]
    place = preview(house.liu, rows)
    page = house.liu.follow(house.liu.post(f"{place}/confirm"))
    assert "写好 0 户，共 600 户" in page.words
    assert page.page.find(id="progress")["data-hx-trigger"] == "every 2s"  # type: ignore[index]
    other = preview(house.liu, ROWS)
    assert "还没有做完" in house.liu.post(f"{other}/confirm").words
    assert jobs.run_once(house.db, HANDLERS, limit=1) == 1
    assert "写好 250 户，共 600 户" in house.liu.get(place).words
    jobs.run_once(house.db, HANDLERS)
    done = house.liu.get(place)
    assert "名册导入好了" in done.words
    assert not done.page.find(id="progress").has_attr("data-hx-trigger")  # type: ignore[union-attr]
    with house.session() as session:
        names = session.exec(select(func.count()).select_from(Unit).where(Unit.label.startswith("1"))).one()  # type: ignore[attr-defined]
        assert names == 600


def test_tenants_come_and_go_and_a_file_without_tenants_leaves_them(house: House) -> None:
    header = [*HEADER, "租户", "租户电话"]
    _import_directly(house, [header, ["5", "1", "101", "钱一", "13900000001", 88.5, "租甲", "13700000001"]])
    _import_directly(house, ROWS)
    _import_directly(house, [header, ["5", "1", "101", "钱一", "13900000001", 88.5, "租乙", "13700000002"]])
    with house.session() as session:
        rows = session.exec(
            select(Person.name, Residency.to_on)
            .join(Person, Residency.person_id == Person.id)  # type: ignore[arg-type]
            .order_by(Person.name)
        ).all()
        assert {name: end is None for name, end in rows} == {"租甲": False, "租乙": True}
        assert all(isinstance(end, date) for _name, end in rows if end)
