"""A compound's own list, as a table or as lines: every mistake named by its row and column, kept when confirmed."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from app.benefits.list_reading import Measure, read_file, read_typed, typed_of
from app.compounds.models import Compound
from app.kit.tables import Trouble
from tests.benefits.giving import (
    approved,
    check_the_books,
    corrected,
    decided,
    line,
    plan,
    planned,
    publish,
    published,
    yuan,
)
from tests.benefits.test_writing_a_draft_part_by_part import give
from tests.cast import Answer, House
from tests.making import fresh, make_unit

LABELS = [f"3-2-60{n}" for n in range(1, 9)]


def workbook(rows: list[list[Any]], merged: str = "") -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def listed(rows: list[list[Any]], measure: Measure = Measure.FEN, merged: str = "") -> Any:
    return read_file(workbook(rows, merged), "名单.xlsx", measure, LABELS, "枫树小区")


def by_list(house: House, rule: str = "own_list", **changes: Any) -> tuple[str, str]:
    """A draft with an item that goes by a list, and the item's address on its page."""
    id = planned(house, decision_id=decided(house))
    fields: dict[str, Any] = {} if rule == "own_list" else {"amount": "5000", "group": "70岁以上老人"}
    made = give(house, id, rule=rule, name="补助", **{"kind": "money"} | fields | changes)
    assert made.status == 303, made
    return id, made.place.removeprefix("/c/fengshu")


def seen(house: House, at: str) -> dict[str, str]:
    """What the list's page carries along: the version that it was drawn from."""
    return {"version": house.liu.get(at).page.find("input", {"name": "version"})["value"]}


def upload(house: House, at: str, data: bytes, name: str = "名单.xlsx") -> Answer:
    return house.liu.post(f"{at}/file", seen(house, at), files={"file": (name, data)})


def confirmed(house: House, at: str, look: Answer) -> Answer:
    """What the look offers, sent back."""
    return house.liu.post(at, {name: look.page.find("input", {"name": name})["value"] for name in ("typed", "version")})


def kept(house: House, at: str, typed: str) -> Answer:
    """Typed on the list's page, and confirmed."""
    return house.liu.post(at, {"typed": typed} | seen(house, at))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["房号", "金额"], ["3-2-601", 113], ["3-2-602", "1,200.50元"]], {"3-2-601": 11300, "3-2-602": 120050}),
        ([["楼栋", "单元", "房号", "姓名", "金额（元）"], ["3栋", "2单元", 602, "李四", 107.91000000000001]], {"3-2-602": 10791}),
        ([["枫树小区补助名单"], [], ["序号", "楼栋", "房间号", "应发金额"], [1, 3, 602, "５"]], {"3-2-602": 500}),
        ([["房屋地址", "备注", "发放金额"], ["3栋2单元602室", "空", 5], ["合计", "", 5]], {"3-2-602": 500}),
        ([["房号", "金额", "", "房号", "金额"], ["3-2-601", 1, "", "3-2-602", 2]], {"3-2-601": 100, "3-2-602": 200}),
        ([["房号", "金额"], ["3-2-601", 0], ["3-2-602", ""], ["3-2-603", 3]], {"3-2-603": 300}),
        ([["房号", "电话", "面积", "金额"], ["3-2-601", "不详", "很大", 3]], {"3-2-601": 300}),
    ],
    ids=["plain", "columns", "title", "address", "side by side", "nothing", "others' business"],
)
def test_a_list_is_read_as_people_write_it(rows: list[list[Any]], said: dict[str, int]) -> None:
    assert listed(rows).listed == said
    assert listed(rows).problems == ()


@pytest.mark.parametrize(
    ("measure", "row", "place", "says"),
    [
        (Measure.FEN, ["3-2-601", -5], "B2", "不能是负数"),
        (Measure.FEN, ["3-2-601", 1.005], "B2", "金额请写成 1234.50 这样"),
        (Measure.FEN, ["3-2-601", "很多"], "B2", "金额请写成 1234.50 这样"),
        (Measure.FEN, ["3-2-601", 10**12], "B2", "金额不能超过一百亿元"),
        (Measure.FEN, ["9-9-999", 5], "A2", "花名册里没有这一户"),
        (Measure.FEN, ["随便", 5], "A2", "房号看不懂"),
        (Measure.FEN, [None, 5], "2", "这一行有数，没有房号"),
        (Measure.FEN, ["3-2-602", "=1/0"], "B2", "公式"),
        (Measure.PIECES, ["3-2-601", 1.5], "B2", "要写整数，不能有小数"),
        (Measure.PIECES, ["3-2-601", -1], "B2", "不能是负数"),
        (Measure.PIECES, ["3-2-601", 100_001], "B2", "一户不能超过 100000"),
        (Measure.PERSONS, ["3-2-601", "两位"], "B2", "看不懂，请写一个数字"),
        (Measure.PERSONS, ["3-2-601", "101人"], "B2", "一户不能超过 100"),
    ],
)
def test_a_mistake_is_named_by_its_row_and_column(measure: Measure, row: list[Any], place: str, says: str) -> None:
    heading = {Measure.FEN: "金额", Measure.PIECES: "份数", Measure.PERSONS: "人数"}[measure]
    reading = listed([["房号", heading], row, ["3-2-603", 1]], measure)
    (problem,) = reading.problems
    assert (f"{problem.column}{problem.row}", says in problem.message) == (place, True), problem


def test_a_unit_stands_once_and_no_amount_for_several() -> None:
    twice = listed([["房号", "金额"], ["3-2-601", 1], ["3栋2单元601", 2]])
    assert [(p.row, p.message) for p in twice.problems] == [(3, "和第 2 行是同一户，一户只能写一次。")]
    merged = listed([["房号", "金额"], ["3-2-601", 1], ["3-2-602", None]], merged="B2:B3")
    assert [(p.row, p.column) for p in merged.problems] == [(2, "B"), (3, "B")], "whose one yuan is it?"


def test_a_list_of_something_else_says_which_columns_it_needs() -> None:
    trouble = listed([["房号", "人数"], ["3-2-601", 2]])
    assert isinstance(trouble, Trouble)
    assert "房号、金额" in trouble.message
    assert listed([["房号", "金额"], ["3-2-601", 0]]).problems[0].message == "名单里没有一户有数。"


def test_what_is_written_is_read_again() -> None:
    told = {"3-2-601": 113_50, "3-2-602": 1}
    assert read_typed(typed_of(told, Measure.FEN), Measure.FEN, LABELS, "枫树小区").listed == told
    lines = "3-2-601，2\n\n 3栋2单元602：1人\n603"
    reading = read_typed(lines, Measure.PERSONS, LABELS, "枫树小区")
    assert [(p.row, p.message) for p in reading.problems] == [(4, "看不出是哪一栋。请加一列楼栋。")]


def test_a_list_comes_as_a_table_and_is_kept_when_confirmed(house: House) -> None:
    id, at = by_list(house)
    wrong = upload(house, at, workbook([["房号", "金额"], ["3-2-601", -1], ["9-9-9", 5]]))
    assert wrong.status == 422
    assert "有 2 处要改，名单没有存" in wrong.words
    assert "第 2 行 B 列 -1 不能是负数" in wrong.words
    assert "第 3 行 A 列 9-9-9 花名册里没有这一户" in wrong.words
    look = upload(house, at, workbook([["房号", "金额"], ["3-2-601", 113], ["3-2-602", 0.01]]))
    assert look.status == 200
    assert "2 户 合计 ¥113.01 没写的 6 户" in look.words
    assert "还没有名单" in house.liu.get(f"/benefits/{id}").words, "nothing is kept before the yes"
    assert "名单存好了" in house.liu.follow(confirmed(house, at, look)).words
    assert confirmed(house, at, look).status == 303, "a second tap does it no second time"
    assert house.liu.api.get(f"/distributions/{id}/standing").json["edition"] == 3
    assert "现在 2 户，¥113.01" in house.liu.get(at).words
    approved(house, id)
    assert publish(house, id).status == 200
    assert line(house, id, house.li).amount_fen == 9601
    check_the_books(house, id)


def test_a_table_of_the_rooms_is_taken_home_and_comes_back(house_sqlite: House) -> None:
    house = house_sqlite
    id, at = by_list(house)
    with house.session() as session:
        make_unit(session, session.get_one(Compound, house.compound.id), building="10栋", room="101")
    empty = openpyxl.load_workbook(BytesIO(house.liu.get(f"{at}/xlsx").response.content)).active
    told = [[cell.value for cell in row] for row in empty.iter_rows()]
    assert told[:2] == [["房号", "面积", "金额"], ["3-2-601", "89.50", ""]]
    assert told[-1][0] == "10-2-101", "in the order of the buildings"
    told[1][2] = 113.5
    assert confirmed(house, at, upload(house, at, workbook(told))).status == 303
    again = openpyxl.load_workbook(BytesIO(house.liu.get(f"{at}/xlsx").response.content)).active
    assert again["C2"].value == 113.5
    assert house.liu.get(f"/benefits/{id}/items/{plan(house, id)['items'][0]['id']}/list").status == 404, "it goes by no list"


def test_a_named_group_is_counted_by_unit(house: House) -> None:
    id, at = by_list(house, "per_person")
    page = house.liu.get(at).words
    assert "花名册不记出生年月，系统不知道谁是“70岁以上老人”" in page
    look = house.liu.post(f"{at}/look", {"typed": "3-2-601 2\n3-2-603 1"} | seen(house, at))
    assert "3 人，每人 ¥5,000.00" in look.words
    assert confirmed(house, at, look).status == 303
    assert "70岁以上老人每人 ¥5,000.00" in house.liu.get(f"/benefits/{id}").words
    approved(house, id)
    assert publish(house, id).status == 200
    assert line(house, id, house.wang).amount_fen == 9600 + 1_000_000
    assert "2 人（70岁以上老人） × ¥5,000.00 = ¥10,000.00" in house.wang.get(f"/benefits/{id}/code").words
    check_the_books(house, id)


def test_an_item_keeps_its_list_as_long_as_it_goes_by_it(house_sqlite: House) -> None:
    house = house_sqlite
    id, at = by_list(house, "per_person")
    kept(house, at, "3-2-601 2")
    item = at.removesuffix("/list")
    change = {"kind": "money", "rule": "per_person", "name": "慰问金", "amount": "300", "group": "80岁以上老人"}
    stands = plan(house, id)
    change |= {"batch_id": stands["batches"][0]["id"], "decision_id": stands["decision_id"], "version": "3"}
    assert house.liu.post(item, change).place == f"/c/fengshu/benefits/{id}", "there is its list already"
    assert "现在 1 户，2 人，每人 ¥300.00" in house.liu.get(at).words
    assert house.liu.post(item, change | {"rule": "own_list", "version": "4"}).place.endswith("/list"), "persons are no yuan"


def test_programs_put_a_list_as_a_whole(house: House) -> None:
    id, at = by_list(house)
    door = f"/distributions/{id}/items/{at.split('/')[-2]}/list"
    rows = [{"unit": "3-2-601", "amount": yuan("5.00")}, {"unit": "3-2-602", "amount": yuan("6.00")}]
    etag = house.liu.api.get(f"/distributions/{id}").headers["etag"]

    def put(rows: list[dict[str, Any]], there: str = door, known: str = etag) -> Answer:
        return house.liu.api.put(there, {"rows": rows}, headers={"If-Match": known})

    told = put(rows)
    assert (told.status, told.json["edition"], told.headers["etag"]) == (200, 3, '"3"')
    assert put(rows).json["edition"] == 3, "the same once more is no change, and nobody's loss"
    assert (put(rows[:1]).status, put(rows[:1]).json["code"]) == (412, "Stale")
    assert put([*rows, rows[0]]).status == 422
    assert put([{"unit": "3-2-601", "persons": 2}]).status == 422
    assert put([{"unit": "9-9-9", "amount": yuan("5.00")}], known='"3"').json["code"] == "UnknownUnits"
    assert put([]).status == 422
    assert house.liu.api.put(door, {"rows": rows[:1]}).status == 428
    other = plan(house, id)["items"][0]["id"]
    assert put(rows, door.replace(at.split("/")[-2], other)).status == 404
    assert put(rows, door.replace(at.split("/")[-2], str(fresh()))).status == 404


def test_two_officers_do_not_overwrite_each_others_list(house: House) -> None:
    _id, at = by_list(house)
    mine = {"typed": "3-2-601 113\n3-2-602 5"} | seen(house, at)
    assert kept(house, at, "3-2-603 7").status == 303, "by another, meanwhile"
    again = house.liu.post(at, mine)
    assert again.status == 422
    assert "您写的时候，方案别人改过 现在存着的名单：1 户，¥7.00。存您这份，就换掉它。" in again.words
    assert "3-2-601 ¥113.00" in again.words, "what was typed is there still"
    assert again.page.find("a", string="不存，看现在的名单")["href"].endswith("/list")
    assert "现在 1 户，¥7.00" in house.liu.get(at).words, "nothing is kept before the choice"
    looked = house.liu.post(f"{at}/look", mine)
    assert (looked.status, "方案别人改过" in looked.words) == (422, True), "it is said before the last button too"
    table = house.liu.post(f"{at}/file", {"version": mine["version"]}, files={"file": ("a.csv", "房号,金额\n3-2-601,1".encode())})
    assert (table.status, "方案别人改过" in table.words) == (422, True)
    assert confirmed(house, at, again).status == 303
    assert "现在 2 户，¥118.00" in house.liu.get(at).words
    assert house.liu.post(at, {"typed": "3-2-604 1"}).status == 422, "a form without a version is of none"


def test_a_wrong_list_of_a_published_plan_is_put_right_and_corrected(house: House) -> None:
    rows = [{"unit": "3-2-601", "amount": yuan("113.00")}, {"unit": "3-2-602", "amount": yuan("11.30")}]
    id = published(house, {"kind": "money", "name": "补助", "rule": "own_list", "listed": rows})
    item = plan(house, id)["items"][0]["id"]
    assert "写错了就改名单，再提交更正" in house.liu.get(f"/benefits/{id}").words
    assert kept(house, f"/benefits/{id}/items/{item}/list", "3-2-601 113\n3-2-602 113").status == 303
    assert line(house, id, house.li).amount_fen == 1130, "until it is corrected, what was published stands"
    assert corrected(house, id, "少写了一位").status == 200
    assert line(house, id, house.li).amount_fen == 11300
    check_the_books(house, id)


def test_a_supervisor_reads_no_list_and_writes_none(house_sqlite: House) -> None:
    house = house_sqlite
    _id, at = by_list(house)
    for one in (house.chen, house.wang):
        assert one.get(at).status in (403, 404)
        assert one.get(f"{at}/xlsx").status in (403, 404)
        assert one.post(at, {"typed": "3-2-601 1"}).status in (403, 404)
        assert one.post(f"{at}/file", files={"file": ("a.csv", "房号,金额\n3-2-601,1".encode())}).status in (403, 404)
    assert upload(house, at, "房号,金额\n3-2-601,1".encode(), "a.csv").status == 200
    assert house.liu.post(f"{at}/file", {"x": "y"}, files={"file": ("", b"")}).status == 422


def test_money_by_a_list_is_shown_as_money(house_sqlite: House) -> None:
    house = house_sqlite
    id, at = by_list(house)
    kept(house, at, "3-2-601 1.5")
    draft = house.liu.get(f"/benefits/{id}").words
    assert "补助的名单 1 户" in draft
