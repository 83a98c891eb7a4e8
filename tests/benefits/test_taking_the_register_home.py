"""The register and the list for the bank, as files: a row a line, nothing computed, each for the officers it concerns."""

import csv
import io
from datetime import date
from typing import Any

import openpyxl
from sqlmodel import col, select

from app.benefits.claim_models import Claim
from app.compounds.models import Person
from app.kit.clock import today
from app.treasury.models import JournalEntry
from tests.benefits.giving import BY_PHONE, RICE, hand_out, label_of, line, lines, money, opened, published, ticked
from tests.cast import House, One
from tests.making import fresh

FORMULA = "=1+1"


def name_of(house: House, one: One) -> str:
    with house.session() as session:
        return session.exec(select(Person).where(Person.id == one.id)).one().name


def rows(one: One, path: str) -> list[list[Any]]:
    answer = one.api.get(f"{path}/xlsx")
    assert answer.status == 200, answer
    sheet = openpyxl.load_workbook(io.BytesIO(answer.response.content)).active
    assert sheet is not None
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_register_has_a_row_for_every_line(house: House) -> None:
    id = opened(house, RICE, money("100.00"))
    claim = hand_out(house, id, house.wang, lines=[lines(house, id, house.wang)["大米"]["id"]]).json
    note = {"unit": label_of(house, house.zhang), "why": "欠费争议，待协商"}
    assert house.liu.api.ask("POST", f"/distributions/{id}/holds", json=note).status == 200
    told = rows(house.liu, f"/distributions/{id}/register")
    assert len(told) == 1 + 8 * 2
    assert told[0][:2] == ["房号", "项目"]
    by_line = {(row[0], row[1]): row for row in told[1:]}
    mine = by_line[label_of(house, house.wang), "大米"]
    assert mine[2:6] == [1, "袋", 60, "已领"]
    assert isinstance(mine[6], date)
    assert mine[7] == name_of(house, house.wang)
    assert mine[8:10] in ([None, None], ["", ""]), "an owner came: no relation, and no authority"
    with house.session() as session:
        entry = session.exec(select(JournalEntry).join(Claim, col(Claim.entry_id) == JournalEntry.id)).one().reference
    assert mine[10:] == ["不签字，由我见证", f"{today().year}-{claim['number']}", entry]
    assert by_line[label_of(house, house.wang), "分红"][5] == "没领"
    assert by_line[label_of(house, house.zhang), "大米"][5] == "先留着：欠费争议，待协商"
    assert rows(house.liu, f"/distributions/{id}/register") == told


def test_whoever_may_not_see_the_roster_reads_surnames(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house, RICE)
    hand_out(house, id, house.wang)
    names = [row[7] for row in rows(house.chen, f"/distributions/{id}/register")[1:] if row[7]]
    assert names == [name_of(house, house.wang)[0] + "*"]


def test_the_register_says_on_what_authority_somebody_else_collected(house: House) -> None:
    id = opened(house, RICE)
    hand_out(house, id, house.wang, proxy_name="小王", proxy_relation="女儿", **BY_PHONE)
    hand_out(house, id, house.li, proxy_name="小李", proxy_relation="儿子", authority="slip")
    told = {row[0]: row for row in rows(house.liu, f"/distributions/{id}/register")}
    assert told["房号"][8:10] == ["代领关系", "代领依据"]
    assert told[label_of(house, house.wang)][8:10] == ["女儿", "打电话问过业主：打给业主，同意代领"]
    assert told[label_of(house, house.li)][8:10] == ["儿子", "委托书或字条"]
    checked = {row[0]: row for row in rows(house.chen, f"/distributions/{id}/register")}
    assert checked[label_of(house, house.wang)][9] == "打电话问过业主", "whom it names is for who reads the roster"


def test_no_cell_is_ever_computed(house_sqlite: House) -> None:
    house = house_sqlite
    id = opened(house, RICE | {"name": FORMULA}, money("100.00", name="@SUM(A1)"), title="=2+2")
    wish = ticked(house.wang, proxy_name="+86", proxy_relation="-1", **BY_PHONE)
    assert house.liu.api.put(f"/entitlements/{line(house, id, house.wang).id}/claims/{fresh()}", wish).status == 201
    with house.session() as session:
        session.exec(select(Person).where(Person.id == house.zhang.id)).one().name = "=HYPERLINK(1)"
    for path in ("register", "transfers"):
        for row in rows(house.liu, f"/distributions/{id}/{path}"):
            assert not any(isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) for cell in row)
    text = house.liu.api.get(f"/distributions/{id}/transfers/csv").response.content.decode("utf-8-sig")
    told = list(csv.reader(io.StringIO(text)))
    assert ["'=HYPERLINK(1)", "'@SUM(A1)"] in [row[1:3] for row in told]


def test_the_bank_gets_what_is_owed_in_money_and_may_be_paid(house: House) -> None:
    id = opened(house, RICE, money("10.00", "fixed_per_unit", name="红包"))
    hand_out(house, id, house.wang)
    house.liu.api.ask("POST", f"/distributions/{id}/holds", json={"unit": label_of(house, house.chen), "why": "产权有争议"})
    told = rows(house.zhang, f"/distributions/{id}/transfers")
    assert told[0] == ["房号", "业主", "项目", "金额", "用途", "编号"]
    rooms = {row[0]: row[1:] for row in told[1:]}
    assert len(rooms) == 6, "neither who has it, nor whose is held; and no goods"
    assert rooms[label_of(house, house.zhang)][:3] == [name_of(house, house.zhang), "红包", 10]
    assert label_of(house, house.wang) not in rooms
    assert label_of(house, house.chen) not in rooms
    page = house.zhang.get(f"/benefits/{id}/progress").words
    assert "下载转账清单" in page
    assert "下载转账清单" not in house.wang.get(f"/benefits/{id}/progress").words
    assert house.wang.get(f"/benefits/{id}/transfers/csv").status == 403
    assert house.chen.api.get(f"/distributions/{id}/transfers/csv").status == 403, "who approves does not pay"


def test_nothing_is_paid_before_the_plan_takes_effect(house_sqlite: House) -> None:
    house = house_sqlite
    id = published(house, money("100.00"))
    early = house.liu.api.get(f"/distributions/{id}/transfers/csv")
    assert (early.status, early.json["code"]) == (409, "NotEffective")
