"""Rosters as committees keep them, and what is proposed from them."""

import time
from datetime import date
from datetime import time as clock_time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.tables import Broken, Merge, Row, Table
from app.roster.proposal import Reading, RosterPerson, RosterRow
from app.roster.reading import read_roster
from tests.roster.workbooks import HEADER, opened, places, read, said, table, workbook


def owner(name: str, phone: str | None = None, share: Fraction | None = None) -> RosterPerson:
    return RosterPerson(name, phone, "owner", share)


def tenant(name: str, phone: str | None = None) -> RosterPerson:
    return RosterPerson(name, phone, "tenant", None)


def test_a_plain_roster_is_read_without_a_doubt() -> None:
    reading = read(
        [
            ["楼栋", "单元", "房号", "姓名", "电话", "建筑面积(㎡)", "类型", "份额", "身份"],
            ["12栋", "3单元", "501", "张三", 13800001111, 89.5, "住宅", "100%", "业主"],
            ["12栋", None, "商铺3", "枫树便利店", "0731-85551234", "45㎡", "商铺", None, None],
        ]
    )
    assert reading.rows == (
        RosterRow(2, "12", "3", "501", "dwelling", 8950, (owner("张三", "13800001111", Fraction(1)),)),
        RosterRow(3, "12", None, "商铺3", "shop", 4500, (owner("枫树便利店", "073185551234"),)),
    )
    assert reading.problems == ()
    assert [(c.letter, c.heading, c.meaning, c.read) for c in reading.columns][5] == ("F", "建筑面积(m2)", "area", True)


@pytest.mark.parametrize(
    "header",
    [
        ["幢", "单元", "室号", "户主", "手机", "产权面积（㎡）"],
        ["栋号", "门", "门牌", "产权人", "联系方式", "面积(平方米)"],
        ["楼 栋", "单 元", "房间号*", "业主姓名", "联系电话：", "房屋建筑面积"],
        ["号楼", "单元号", "户号", "业主", "电话(手机)", "建筑\n面积"],
        ["Building", "Entrance", "Room", "Name", "Phone", "Area"],
    ],
)
def test_a_column_has_many_names(header: list[str]) -> None:
    reading = read([header, ["3", "2", "402", "李四", "13900002222", "76.54"]])
    assert reading.rows == (RosterRow(2, "3", "2", "402", "dwelling", 7654, (owner("李四", "13900002222"),)),)


def test_titles_and_notes_above_the_header_are_passed_over() -> None:
    reading = read(
        [["枫树小区业主花名册"], ["制表：张会计   2025年6月"], [], ["房号", "姓名", "电话"], ["3-2-402", "李四", "13900002222"]]
    )
    assert places(reading) == ["3-2-402"]
    assert reading.rows[0].line == 5


def test_a_header_of_two_rows_tells_owner_from_tenant() -> None:
    reading = read(
        [
            ["房屋信息", None, None, "业主信息", None, "租户信息", None, "备注"],
            ["楼栋", "单元", "房号", "姓名", "电话", "姓名", "电话", None],
            ["1", "1", "101", "张三", "13800001111", "王五", "13700003333", "已出租"],
            ["1", "1", "102", "李四", "13900002222", None, None, None],
        ],
        merges=["A1:C1", "D1:E1", "F1:G1", "H1:H2"],
    )
    assert reading.rows[0].people == (owner("张三", "13800001111"), tenant("王五", "13700003333"))
    assert reading.rows[1].people == (owner("李四", "13900002222"),)


def test_a_second_header_row_may_add_to_columns_named_above() -> None:
    reading = read(
        [
            ["楼栋", "房号", "业主", None, "建筑面积"],
            [None, None, "姓名", "手机号码", None],
            ["1", "101", "张三", "13800001111", 50],
        ],
        merges=["A1:A2", "B1:B2", "C1:D1", "E1:E2"],
    )
    assert reading.rows == (RosterRow(3, "1", None, "101", "dwelling", 5000, (owner("张三", "13800001111"),)),)


def test_a_family_members_columns_are_not_the_owners() -> None:
    reading = read(
        [
            ["房号", "业主姓名", "电话", "紧急联系人姓名", "紧急联系人电话", "身份证号码"],
            ["1-101", "张三", None, "李四", "13900002222", "430102"],
        ]
    )
    assert reading.rows[0].people == (owner("张三"),)
    assert [c.meaning for c in reading.columns][3:] == ["ignored"] * 3


def test_a_building_merged_down_belongs_to_every_row_under_it() -> None:
    rows = [
        HEADER,
        ["1栋", "1单元", 101, "张三", None, 50],
        [None, None, 102, "李四", None, 50],
        [None, "2单元", 101, "王五", None, 50],
        ["2栋", None, 101, "赵六", None, 50],
    ]
    reading = read(rows, merges=["A2:A4", "B2:B3"])
    assert places(reading) == ["1-1-101", "1-1-102", "1-2-101", "2-101"]
    assert reading.problems == ()


def test_a_building_written_once_is_carried_down_and_said() -> None:
    reading = read(
        [
            HEADER,
            ["1栋", "1", 101, "张三", None, 50],
            [None, None, 102, "李四", None, 50],
            [None, None, 103, "王五", None, 50],
            ["2栋", "1", 101, "赵六", None, 50],
        ]
    )
    assert places(reading) == ["1-1-101", "1-1-102", "1-1-103", "2-1-101"]
    assert said(reading, 3) == ["A 没有写楼栋，按上一行的“1”读。"]
    assert said(reading, 4) == []


def test_a_title_between_the_rows_names_the_building() -> None:
    reading = read([["房号", "姓名"], ["1栋"], ["101", "张三"], ["2栋1单元"], ["101", "李四"], ["102", "王五"]])
    assert places(reading) == ["1-101", "2-1-101", "2-1-102"]
    assert [(s.row, s.why) for s in reading.skipped] == [(2, "小标题"), (4, "小标题")]


def test_an_entrance_title_stays_in_the_building_of_the_title_above() -> None:
    reading = read([["房号", "姓名"], ["1栋"], ["1单元"], ["101", "张三"], ["2单元"], ["101", "李四"]], title="9栋")
    assert places(reading) == ["1-1-101", "1-2-101"]


def test_rows_under_a_building_nobody_understands_are_not_given_to_the_one_before() -> None:
    reading = read(
        [HEADER, ["1栋", "1", 101, "张三", None, 50], ["？？", "1", 102, "李四", None, 50], [None, None, 103, "王五", None, 50]]
    )
    assert places(reading) == ["1-1-101"]
    assert said(reading, 4) == ["✗A 上面的楼栋没看懂，不知道是哪一栋。"]


def test_rows_under_a_blocked_row_still_belong_to_its_building() -> None:
    reading = read(
        [HEADER, ["1栋", "1", 101, "张三", None, 50], ["2栋", "2", "??", "李四", None, 50], [None, None, 103, "王五", None, 50]]
    )
    assert places(reading) == ["1-1-101", "2-2-103"]


def test_rows_under_an_entrance_nobody_understands_are_blocked_too() -> None:
    reading = read(
        [
            HEADER,
            ["1栋", "1", 101, "张三", None, 50],
            [None, "？？", 102, "李四", None, 50],
            [None, None, 103, "王五", None, 50],
            [None, "2", 104, "赵六", None, 50],
        ]
    )
    assert places(reading) == ["1-1-101", "1-2-104"]
    assert said(reading, 4) == ["✗B 上面的单元没看懂，不知道是几单元。"]


def test_the_sheets_name_or_the_title_names_the_building() -> None:
    rows = [["房号", "姓名"], ["101", "张三"]]
    assert places(read(rows, title="3栋")) == ["3-101"]
    assert places(read([["枫树小区5号楼业主名册"], *rows])) == ["5-101"]
    assert said(read(rows, title="3栋"), 1)[1:] == [" 没有写楼栋，按标题里的“3”读。"]


def test_the_compounds_own_name_before_a_building_says_nothing() -> None:
    rows = [["房号", "姓名"], ["桂花苑3栋101", "张三"]]
    assert places(read(rows, compound="桂花苑")) == ["3-101"]
    assert places(read(rows, compound="桂花苑小区")) == ["3-101"]
    assert places(read(rows, compound="枫树小区")) == ["桂花苑3-101"]


def test_room_and_building_columns_may_say_the_same_twice() -> None:
    assert places(read([HEADER, ["3", "2", "3-2-402", "张三"], ["3栋", None, "3栋2单元501", "李四"]])) == ["3-2-402", "3-2-501"]
    header = ["楼栋", "房号", "姓名"]
    assert places(read([header, ["3", "3-402", "张三"], ["4", "4-402", "李四"]])) == ["3-402", "4-402"]
    assert places(read([header, ["3", "1-402", "张三"], ["3", "3-402", "李四"]])) == ["3-1-402", "3-3-402"]


def test_room_and_columns_that_contradict_each_other_are_named() -> None:
    reading = read([HEADER, ["3", "2", "4-2-402", "张三"], ["3", "1", "3-2-402", "李四"]])
    assert reading.rows == ()
    assert said(reading, 2) == ["✗C 房号里的楼栋和楼栋列对不上。"]
    assert said(reading, 3) == ["✗C 房号里的单元和单元列对不上。"]


def test_a_room_nobody_understands_is_named_by_row_and_column() -> None:
    reading = read([["房号", "姓名"], ["1-101", "张三"], ["老王家", "李四"], ["12-3-5-01", "王五"], [None, "赵六"]])
    assert places(reading) == ["1-101"]
    problem = next(p for p in reading.problems if p.row == 3)
    assert (problem.column, problem.heading, problem.value, problem.blocks) == ("A", "房号", "老王家", True)
    assert said(reading, 4)[0].startswith("✗A 房号看不懂。")
    assert said(reading, 5)[0].startswith("✗A 没有房号。")


def test_a_room_that_excel_took_for_a_date_is_named() -> None:
    reading = read(
        [["房号", "姓名"], [date(2026, 12, 3), "张三"], [clock_time(12, 30), "李四"], ["1-101", "王五"], [3.501, "赵六"]]
    )
    assert places(reading) == ["1-101"]
    assert said(reading, 2)[0].startswith("✗A 这一格被 Excel 变成了日期。")
    assert [p.value for p in reading.problems if p.row == 2] == ["2026-12-03"]
    assert said(reading, 3)[0].startswith("✗A 这一格被 Excel 变成了日期。")
    assert said(reading, 5)[0].startswith("✗A 房号成了小数。")


def test_dates_in_other_columns_disturb_nobody() -> None:
    reading = read([["房号", "姓名", "交房日期"], ["1-101", "张三", date(2020, 1, 1)]])
    assert len(reading.rows) == 1
    assert [p.message for p in reading.problems] == ["没有面积列。按面积表决和分配时要用到。"]


def test_a_room_that_does_not_say_its_building_is_blocked() -> None:
    assert said(read([["房号", "姓名"], ["101", "张三"]]), 2) == ["✗A 看不出是哪一栋。请加一列楼栋。"]


def test_a_column_of_whole_addresses_tells_the_building_too() -> None:
    header = ["房号", "姓名", "房屋坐落"]
    reading = read([header, ["101", "张三", "枫树路12号枫树小区3栋2单元101"], [None, "李四", "枫树小区3栋2单元102"]])
    assert places(reading) == ["3-2-101", "3-2-102"]


def test_a_parking_space_needs_no_building() -> None:
    reading = read([["房号", "姓名"], ["1-101", "张三"], ["车位A-023", "张三"]])
    assert (reading.rows[1].building, reading.rows[1].room, reading.rows[1].kind) == ("车库", "车位A-023", "garage")
    assert said(reading, 3) == [" 没有写楼栋，先放在“车库”下。"]


def test_several_owners_and_their_phones_are_matched_in_order() -> None:
    header = ["房号", "姓名", "电话"]
    reading = read(
        [
            header,
            ["1-101", "张三、李四", "13800001111、13900002222"],
            ["1-102", "张三丰/李四光", "13800003333/13900004444"],
            ["1-103", "王五 赵六", "13800005555 13900006666"],
            ["1-104", "钱七\n孙八", "13800007777\n13900008888"],
        ]
    )
    assert [[(p.name, p.phone) for p in row.people] for row in reading.rows] == [
        [("张三", "13800001111"), ("李四", "13900002222")],
        [("张三丰", "13800003333"), ("李四光", "13900004444")],
        [("王五", "13800005555"), ("赵六", "13900006666")],
        [("钱七", "13800007777"), ("孙八", "13900008888")],
    ]
    assert [p for p in reading.problems if p.row > 1] == []


def test_phones_that_do_not_fit_the_names_are_asked_about() -> None:
    header = ["房号", "姓名", "电话"]
    reading = read(
        [
            header,
            ["1-101", "张三、李四", "13800001111"],
            ["1-102", "王五", "13800002222、13900002222"],
            ["1-103", "赵六、钱七、孙八", "13800003333、13900003333"],
            ["1-104", None, "13800004444"],
        ]
    )
    assert [[p.phone for p in row.people] for row in reading.rows] == [
        ["13800001111", None],
        ["13800002222"],
        ["13800003333", "13900003333", None],
        [],
    ]
    assert said(reading, 2) == ["C 只有一个电话，记在 张三 名下。"]
    assert said(reading, 3) == ["C 有几个电话，只记第一个。"]
    assert said(reading, 4) == ["C 电话和姓名个数不同，按顺序记。请核对。"]
    assert said(reading, 5) == ["C 有电话，没有姓名，电话没有记。"]


@pytest.mark.parametrize(
    "phone",
    [
        1.38000011110e10,
        13800001111,
        "138-0000-1111",
        "+86 138 0000 1111",
        "１３８００００１１１１",
        "手机:13800001111",
        "张三13800001111",
    ],
)
def test_a_phone_is_read_however_it_is_kept(phone: Any) -> None:
    reading = read([["房号", "姓名", "电话"], ["1-101", "张三", phone]])
    assert reading.rows[0].people == (owner("张三", "13800001111"),)


@pytest.mark.parametrize(
    ("phone", "message"),
    [
        ("1.38E+10", "电话被 Excel 缩成了科学计数，末尾丢了。请重填。"),
        ("138****1111", "电话被遮住了几位，没有记。"),
        ("1380000", "电话号码不对，没有记。"),
        (12345678901, "电话号码不对，没有记。"),
    ],
)
def test_a_bad_phone_is_named_and_the_person_kept(phone: Any, message: str) -> None:
    reading = read([["房号", "姓名", "电话"], ["1-101", "张三", phone]])
    assert reading.rows[0].people == (owner("张三"),)
    assert said(reading, 2) == [f"C {message}"]


def test_a_phone_beside_the_name_in_one_cell_is_found() -> None:
    reading = read([["房号", "姓名"], ["1-101", "张三13800001111、李四（13900002222）"]])
    assert reading.rows[0].people == (owner("张三", "13800001111"), owner("李四", "13900002222"))


@pytest.mark.parametrize("area", [89.5, "89.5㎡", "89．50", "８９.５", "89.5 平方米", "89。5"])
def test_an_area_is_read_however_it_is_written(area: Any) -> None:
    assert read([["房号", "姓名", "面积"], ["1-101", "张三", area]]).rows[0].area == 8950


@pytest.mark.parametrize(
    ("area", "kept", "message"),
    [
        (None, True, "C 没有面积。"),
        (0, True, "C 面积是 0，先空着。"),
        (89.505, True, "C 面积只记两位小数。"),
        (10000.01, False, "✗C 面积超过 10000 平方米，请核对。"),
        (-5, False, "✗C 面积看不懂。请写成 89.50。"),
        ("见合同", False, "✗C 面积看不懂。请写成 89.50。"),
    ],
)
def test_an_area_that_cannot_be_is_named(area: Any, kept: bool, message: str) -> None:
    reading = read([["房号", "姓名", "面积"], ["1-101", "张三", area]])
    assert said(reading, 2) == [message]
    assert len(reading.rows) == kept


def test_the_registered_area_is_believed_before_others() -> None:
    reading = read([["房号", "姓名", "套内面积", "面积", "建筑面积", "公摊面积"], ["1-101", "张三", 70, 80, 90, 20]])
    assert reading.rows[0].area == 9000
    assert [c.read for c in reading.columns] == [True, True, False, False, True, False]


def test_shares_are_exact_fractions_matched_to_the_owners() -> None:
    reading = read(
        [
            ["房号", "姓名", "份额"],
            ["1-101", "张三、李四", "1/3、2/3"],
            ["1-102", "张三、李四", "各50%"],
            ["1-103", "张三", 0.5],
            ["1-104", "张三、李四", "共同共有"],
            ["1-105", "张三、李四", "60%、60%"],
            ["1-106", "张三、李四、王五", "50%、50%"],
            ["1-107", "张三(1/2)、李四(1/2)", None],
        ]
    )
    assert [[p.share for p in row.people] for row in reading.rows] == [
        [Fraction(1, 3), Fraction(2, 3)],
        [Fraction(1, 2)] * 2,
        [Fraction(1, 2)],
        [None, None],
        [None, None],
        [None, None, None],
        [Fraction(1, 2)] * 2,
    ]
    assert said(reading, 4) == ["C 份额加起来不到全部，请核对。"]
    assert said(reading, 5) == []
    assert said(reading, 6) == ["C 份额加起来超过了全部，先不记份额。"]
    assert said(reading, 7) == ["C 份额看不懂，先不记。可写 50% 或 1/2。"]


def test_owner_and_tenant_may_have_a_row_each() -> None:
    reading = read(
        [
            ["楼栋", "房号", "姓名", "电话", "面积", "身份"],
            ["1", "101", "张三", "13800001111", 50, "业主"],
            ["1", "102", "李四", None, 60, "业主"],
            ["1", "101", "王五", "13700003333", None, "租户"],
            ["1", "102", "李四嫂", None, None, "配偶"],
        ]
    )
    assert [row.people for row in reading.rows] == [
        (owner("张三", "13800001111"), tenant("王五", "13700003333")),
        (owner("李四"),),
    ]
    assert [row.area for row in reading.rows] == [5000, 6000]
    assert [p.message for p in reading.problems] == ["不是业主也不是租户，李四嫂 没有记。"]


def test_owners_of_a_merged_room_are_owners_of_one_unit() -> None:
    rows = [
        HEADER,
        ["1", "1", "101", "张三", "13800001111", 50],
        [None, None, None, "李四", "13900002222", None],
        ["1", "1", "102", "王五", None, 60],
    ]
    reading = read(rows, merges=["A2:A3", "B2:B3", "C2:C3", "F2:F3"])
    assert [(row.area, row.people) for row in reading.rows] == [
        (5000, (owner("张三", "13800001111"), owner("李四", "13900002222"))),
        (6000, (owner("王五"),)),
    ]
    assert reading.problems == ()


def test_one_owner_merged_over_several_units_owns_them_all() -> None:
    rows = [
        HEADER,
        ["1", "1", "101", "张三", "13800001111", 50],
        ["1", "1", "102", None, None, 60],
        ["1", "1", "车库3", None, None, 12],
    ]
    reading = read(rows, merges=["D2:D4", "E2:E4"])
    assert [row.people for row in reading.rows] == [(owner("张三", "13800001111"),)] * 3
    assert reading.problems == ()


def test_one_area_merged_over_several_units_is_no_area_of_any() -> None:
    rows = [HEADER, ["1", "1", "101", "张三", None, 110], ["1", "1", "102", "张三", None, None]]
    reading = read(rows, merges=["F2:F3"])
    assert [row.area for row in reading.rows] == [None, None]
    assert said(reading, 2) == said(reading, 3) == ["F 几户合并成一个面积，请分开写。先空着。"]


def test_a_room_given_twice_is_repeated_joined_or_contradictory() -> None:
    header = ["楼栋", "房号", "姓名", "面积"]
    reading = read(
        [
            header,
            ["1", "101", "张三", 50],
            ["1", "0101", "张三", 50],
            ["1", "201", "李四", 60],
            ["1", "201", "王五", 60],
            ["1", "301", "赵六", 70],
            ["1", "302", "钱七", 70],
            ["1", "301", "孙八", 71],
        ]
    )
    assert places(reading) == ["1-101", "1-201", "1-302"]
    assert said(reading, 3) == ["B 和第 2 行重复，只记一次。"]
    assert said(reading, 5) == ["B 和第 4 行是同一户，合成一户，都算业主。"]
    assert [p.name for p in reading.rows[1].people] == ["李四", "王五"]
    assert said(reading, 6) == ["✗B 和第 8 行是同一户，内容却不同。请只留对的。"]
    assert said(reading, 8) == ["✗B 和第 6 行是同一户，内容却不同。请只留对的。"]


def test_one_person_may_own_several_units() -> None:
    reading = read([["房号", "姓名", "电话"], ["1-101", "张三", "13800001111"], ["1-102", "张三", "13800001111"]])
    assert [row.people for row in reading.rows] == [(owner("张三", "13800001111"),)] * 2
    assert [p for p in reading.problems if p.row > 1] == []


def test_namesakes_and_shared_phones_are_asked_about() -> None:
    reading = read(
        [
            ["房号", "姓名", "电话"],
            ["1-101", "张三", "13800001111"],
            ["1-102", "张三", "13900002222"],
            ["1-103", "李四", "13800001111"],
        ]
    )
    assert len(reading.rows) == 3
    assert said(reading, 3) == ["B 和第 2 行同名，电话不同，按两个人记。"]
    assert said(reading, 4) == ["B 电话和第 2 行的“张三”相同。"]


def test_an_empty_flat_is_a_unit_without_people() -> None:
    reading = read([["房号", "姓名"], ["1-101", "空置"], ["1-102", None], ["1-103", "-"]])
    assert [row.people for row in reading.rows] == [(), (), ()]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("张" * 61, "✗B 姓名太长，最多 60 个字。"),
        ("张*", "✗B 姓名看不懂。请写全名。"),
        ("13800001111", "✗B 姓名看不懂。请写全名。"),
        ("张 三 李 四", "✗B 几个姓名分不开。请用顿号隔开。"),
        ("、".join(f"继承人{n}号" for n in range(60)), "✗B 这一格太长，最多 300 字。"),
        ("张三(已故)", "B “已故”没有记。"),
        ("张三等3人", "B “等3人”没有记。"),
    ],
)
def test_a_name_nobody_can_keep_is_named(name: str, message: str) -> None:
    assert said(read([["房号", "姓名"], ["1-101", name]]), 2) == [message]


def test_kinds_are_told_by_their_column_or_by_the_room() -> None:
    reading = read(
        [
            ["房号", "姓名", "用途"],
            ["1-101", "张三", "住宅"],
            ["1-102", "张三", "商业用房"],
            ["1栋车库3", "张三", None],
            ["1-103", "张三", "不明"],
        ]
    )
    assert [row.kind for row in reading.rows] == ["dwelling", "shop", "garage", "dwelling"]
    assert said(reading, 5) == ["C 类型看不懂，先按房号判断。可写住宅、商铺、车库。"]


def test_a_column_of_kinds_that_speaks_of_layouts_is_left_out() -> None:
    reading = read([["房号", "姓名", "房屋类型"], ["1-101", "张三", "三室两厅"], ["1-102", "李四", "两室一厅"]])
    assert [row.kind for row in reading.rows] == ["dwelling"] * 2
    assert "C 类型列看不懂，都按房号判断。" in said(reading, 1)
    assert said(reading, 2) == []


def test_totals_notes_repeated_headers_and_numbered_blanks_are_skipped_and_said() -> None:
    header = ["序号", "楼栋", "房号", "姓名", "面积"]
    reading = read(
        [
            header,
            [1, "1", "101", "张三", 50],
            [],
            ["序号", "楼栋", "房号", "姓名", "面积"],
            [2, "1", "102", "李四", 60],
            [3, None, None, None, None],
            ["合 计", None, "共2户", None, 110],
            ["制表人：张会计", None, None, None, None],
        ]
    )
    assert places(reading) == ["1-101", "1-102"]
    assert [(s.row, s.why) for s in reading.skipped] == [(4, "重复的表头"), (6, "没有房号和姓名"), (7, "合计行"), (8, "表尾说明")]
    assert [p for p in reading.problems if p.blocks] == []


def test_a_count_in_the_room_column_of_a_totals_row_is_no_room() -> None:
    reading = read([HEADER, ["1栋", "1", "101", "张三", None, 50], ["合计", None, 240, None, None, 12000]])
    assert places(reading) == ["1-1-101"]
    reading = read([["房号", "姓名", "备注"], ["1-101", "张三", "共2户合住"]])
    assert places(reading) == ["1-101"]


def test_a_ditto_mark_means_what_stands_above() -> None:
    reading = read([HEADER, ["1栋", "2单元", "101", "张三", "13800001111", 50], ["同上", "〃", "102", "同上", '"', 60]])
    assert places(reading) == ["1-2-101", "1-2-102"]
    assert reading.rows[1].people == (owner("张三", "13800001111"),)


def test_two_lists_side_by_side_are_both_read() -> None:
    reading = read(
        [
            ["房号", "姓名", "电话", None, "房号", "姓名", "电话"],
            ["1-101", "张三", "13800001111", None, "2-101", "李四", "13900002222"],
            ["1-102", "王五", None, None, None, None, None],
        ]
    )
    assert [(row.building, row.people[0].name) for row in reading.rows] == [("1", "张三"), ("2", "李四"), ("1", "王五")]
    assert " 左右并排的 2 份名单，都读了。" in said(reading, 1)
    assert reading.skipped == ()


def test_some_rows_with_and_some_without_entrance_are_asked_about() -> None:
    reading = read([["房号", "姓名"], ["1-2-101", "张三"], ["1-102", "李四"], ["2-101", "王五"]])
    assert said(reading, 3) == ["A 楼栋“1”有的行写了单元，有的没写。"]
    assert said(reading, 4) == []


def test_a_formula_without_a_result_is_named_and_only_where_it_matters() -> None:
    reading = read(
        [["房号", "姓名", "面积", "电话", "车牌"], ["1-101", "张三", "=40+10", None, "=A1"], ["1-102", "李四", 50, "=A1", None]]
    )
    assert places(reading) == ["1-102"]
    assert said(reading, 2) == ["✗C 公式还没有结果。请打开文件保存一次再上传。"]
    assert [p.value for p in reading.problems if p.row == 2] == ["=40+10"]
    assert said(reading, 3) == ["D 公式还没有结果。请打开文件保存一次再上传。"]


def test_an_error_value_is_not_taken_for_a_name() -> None:
    reading = read_roster(table(["房号", "姓名"], ["1-101", Broken("#N/A", "error")]))
    assert reading.rows == ()
    assert said(reading, 2) == ["✗B 公式出错了。请改成实际的内容。"]


def test_hidden_rows_are_read_and_said() -> None:
    data = Table(
        (Row(1, ("房号", "姓名", "面积")), Row(2, ("1-101", "张三", 50)), Row(3, ("1-102", "李四", 60))),
        hidden=frozenset({3, 99}),
    )
    reading = read_roster(data)
    assert len(reading.rows) == 2
    assert said(reading, 1) == [" 有 1 行是隐藏的，也一起读了。"]


def test_a_table_without_a_header_says_what_was_looked_for() -> None:
    reading = read_roster(table(["张三", "李四"]))
    assert reading.rows == ()
    assert [(p.row, p.blocks) for p in reading.problems] == [(1, True)]
    assert "房号" in reading.problems[0].message
    assert read_roster(Table(())).problems[0].blocks


def test_reading_the_same_file_again_proposes_the_same() -> None:
    data = workbook([HEADER, ["1栋", "1", "101", "张三", "13800001111", 50], ["01", "一单元", "0102", "李四", None, 50]])
    first, second = read_roster(opened(data)), read_roster(opened(data))
    assert first == second
    assert places(first) == ["1-1-101", "1-1-102"]


def test_five_thousand_units_are_read_at_once() -> None:
    rows: list[list[Any]] = [HEADER]
    rows += [
        [f"{n // 60 + 1}栋", f"{n % 60 // 20 + 1}单元", f"{n % 20 // 2 + 1}0{n % 2 + 1}", f"业主{n}号", 13800000000 + n, 89.5]
        for n in range(5000)
    ]
    data = workbook(rows)
    before = time.process_time()
    reading = read_roster(opened(data))
    assert time.process_time() - before < 3
    assert len(reading.rows) == 5000
    assert reading.problems == ()


NASTY = st.one_of(
    st.none(),
    st.text(st.characters(), max_size=30),  # control characters and half surrogates included
    st.text(st.sampled_from("0123456789栋单元室号-#、/ 张三李四（）.%十二百层楼商铺车位①𠮷\x00\ud800\u202eﷺ"), max_size=20),
    st.integers(),
    st.sampled_from([2**63, -(2**63), 10**400, float("inf"), float("nan"), 1e308, -0.0, True]),
    st.floats(),
    st.builds(Broken, st.text(max_size=5), st.sampled_from(["uncalculated", "error", "date"])),
)
HEADINGS = [
    "楼栋",
    "单元",
    "房号",
    "姓名",
    "电话",
    "面积",
    "类型",
    "份额",
    "身份",
    "备注",
    "地址",
    "租户姓名",
    "租户电话",
    "共有人",
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(HEADINGS), min_size=2, max_size=8),
    st.lists(st.lists(NASTY, max_size=9), max_size=6),
    st.lists(st.builds(Merge, st.integers(-5, 9), st.integers(-5, 2**40), st.integers(0, 9), st.integers(0, 9)), max_size=3),
)
def test_no_cell_whatever_it_holds_is_an_exception(headings: list[str], rows: list[list[Any]], merges: list[Merge]) -> None:
    plain = table(["房号", "姓名", *headings], *rows)
    reading = read_roster(Table(plain.rows, "表", (), tuple(merges)))
    assert isinstance(reading, Reading)
    for row in reading.rows:
        assert 0 < len(row.building) <= 20
        assert 0 < len(row.room) <= 20
        assert row.entrance is None or 0 < len(row.entrance) <= 20
        assert row.area is None or 0 < row.area <= 1_000_000
        for person in row.people:
            assert 0 < len(person.name) <= 60
            assert person.phone is None or len(person.phone) <= 20
            assert person.share is None or 0 < person.share <= 1
    lines = {row.line for row in plain.rows}
    for problem in reading.problems:
        assert problem.row in lines
        assert problem.message
        f"{problem.value}{problem.heading}".encode()
        assert "\x00" not in problem.value
    stored = repr([(r.building, r.entrance, r.room, r.people) for r in reading.rows])
    assert "\\x00" not in stored
    stored.encode()
    assert not {row.line for row in reading.rows} & {p.row for p in reading.problems if p.blocks}
