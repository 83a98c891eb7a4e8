"""The books leave the house as files: for spreadsheets, and as a journal that Beancount's own checker accepts."""

import csv
import io
import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import openpyxl
import pytest
from sqlmodel import select

from app.compounds.models import Person, SeatKind
from app.council.models import Decision, DecisionKind
from app.treasury.beancount import quoted
from app.treasury.chart_models import CHART, AccountKind, Code, Fund, LedgerAccount, Use
from app.treasury.journal import book, open_books, reverse
from app.treasury.models import JournalEntry
from app.treasury.queries import balances
from tests.cast import House
from tests.making import fresh, make_key, make_seat
from tests.treasury.bookkeeping import opened, posted, submitted, wish

BIN = Path(sys.executable).parent
OPERATIONS = 300
NASTY = ("=1+1", '说"是"\\否', "两行\n一句", "@SUM(A1)", "＝1", "", "穿山甲; 管道 ^link #tag")
FORMULA = "=1+1"

BALANCES = """
import sys, json
from beancount import loader
from beancount.core import realization
entries, errors, options = loader.load_file(sys.argv[1])
assert not errors, errors
held = {}
for account in realization.iter_children(realization.realize(entries)):
    for position in account.balance:
        held[account.account] = str(position.units.number)
notes = [[e.payee, e.narration, sorted(e.links)] for e in entries if type(e).__name__ == "Transaction"]
print(json.dumps({"held": held, "notes": notes, "title": options["title"]}))
"""
"""Beancount's own sums, by its own program: it runs beside us, never inside."""


def checked(file: Path) -> str:
    """What bean-check complains about."""
    done = subprocess.run([BIN / "bean-check", "--no-cache", file], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (not done.stderr), done
    return done.stderr


def summed(file: Path) -> dict[str, dict[str, str]]:
    done = subprocess.run([sys.executable, "-c", BALANCES, file], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def lived_through(house: House, seed: int) -> None:
    """A random life of the books: income, expense, goods, a second fund, entries of several lines, reversals, decisions."""
    chance = Random(seed)
    opened(house, date(2026, 1, 1))
    with house.session() as session:
        donated = (("1102", AccountKind.ASSET, Use.MONEY), ("4102", AccountKind.INCOME, Use.INCOME))
        session.add_all(
            LedgerAccount(compound_id=house.compound.id, code=code, name=f"捐款{code}", kind=kind, fund=Fund.DONATION, use=use)
            for code, kind, use in donated
        )
        decision = Decision(
            compound_id=house.compound.id,
            id=fresh(),
            sent_sha256=b"made",
            year=2026,
            number=7,
            kind=DecisionKind.COMMITTEE,
            title="修路灯",
            what="修",
            decided_on=date(2026, 1, 1),
            recorded_by_id=session.exec(select(Person.id).where(Person.compound_id == house.compound.id)).first(),
        )
        session.add(decision)
        session.flush()
        earned = [code for code, (_n, kind, _u) in CHART.items() if kind is AccountKind.INCOME]
        spent = [code for code, (_n, kind, _u) in CHART.items() if kind is AccountKind.EXPENSE]
        kept: list[JournalEntry] = []
        for _step in range(OPERATIONS):
            fen = chance.choice((1, chance.randrange(1, 10**4), chance.randrange(1, 10**12)))
            money = chance.choice((Code.BANK, Code.CASH))
            match chance.randrange(6):
                case 0 | 1:
                    lines = [(money, fen), (chance.choice(earned), -fen)]
                case 2:
                    lines = [(money, -fen), (chance.choice(spent), fen)]
                case 3:
                    lines = [(Code.STOCK, fen), (Code.OWED, -fen)]
                case 4:
                    lines = [("1102", fen), ("4102", -fen)]
                case _ if kept:
                    reverse(session, kept.pop(chance.randrange(len(kept))), "记错了")
                    continue
                case _:
                    continue
            day = date(2026, 1, 1) + timedelta(days=chance.randrange(300))
            reason = chance.choice((None, decision))
            texts = chance.choice(NASTY), chance.choice(NASTY)
            kept.append(book(session, house.compound.id, day, texts[0], lines, counterparty=texts[1], decision=reason))


@pytest.mark.parametrize("seed", [1, 2])
def test_beancount_accepts_the_whole_books_and_sums_them_as_we_do(house: House, tmp_path: Path, seed: int) -> None:
    lived_through(house, seed)
    answer = house.zhang.get("/money/journal/beancount")
    assert answer.headers["content-disposition"] == 'attachment; filename="fengshu.beancount"'
    file = tmp_path / "books.beancount"
    file.write_text(answer.text)
    assert checked(file) == ""
    with house.session() as session:
        ours = {account.code: fen for account, fen in balances(session, house.compound.id)}
        entries = list(session.exec(select(JournalEntry).where(JournalEntry.compound_id == house.compound.id)))
    read = summed(file)
    held = {name.rpartition(":C")[2]: int(Decimal(number) * 100) for name, number in read["held"].items()}
    assert held == {code: fen for code, fen in ours.items() if fen}
    assert len(entries) > OPERATIONS // 2
    assert len(read["notes"]) == len(entries)
    said = {(payee or "", narration) for payee, narration, _links in read["notes"]}
    assert said >= {(" ".join(e.counterparty.split()), " ".join(e.memo.split())) for e in entries}
    links = [link for _payee, _narration, links in read["notes"] for link in links]
    reversals = [entry for entry in entries if entry.reverses_id]
    assert reversals
    assert sorted(links) == sorted(2 * list(set(links)))
    assert len(links) == 2 * len(reversals)
    assert read["title"] == "枫树小区"


def test_an_amount_that_was_changed_fails_the_check(house: House, tmp_path: Path) -> None:
    opened(house, date(2026, 1, 1))
    text = house.zhang.get("/money/journal/beancount").text
    file = tmp_path / "books.beancount"
    last = "balance Assets:PublicIncome:C1002 10000.00 ~ 0 CNY"
    file.write_text(text.replace(last, "balance Assets:PublicIncome:C1002 10000.01 ~ 0 CNY"))
    assert "Balance failed" in checked(file)
    file.write_text(text.replace("C3001 -10000.00 CNY", "C3001 -9999.99 CNY"))
    assert "does not balance" in checked(file)


def test_books_without_an_entry_are_a_journal_too(house: House, tmp_path: Path) -> None:
    assert house.zhang.api.get("/journal/beancount").json["code"] == "BooksNotOpen"
    with house.session() as session:
        open_books(session, house.compound.id)
    file = tmp_path / "books.beancount"
    file.write_text(house.zhang.api.get("/journal/beancount").text)
    assert checked(file) == ""


def test_an_entry_tells_its_decision_and_its_vouchers(house: House) -> None:
    opened(house)
    id = posted(house)
    (digest,) = house.zhang.api.get("/journal?limit=200").json["items"][-1]["vouchers"]
    text = house.zhang.get("/money/journal/beancount").text
    assert f'  entry: "{id}"\n' in text
    assert f'  voucher-1: "{digest}"\n' in text
    assert "  Expenses:PublicIncome:C5003 3200.00 CNY\n" in text
    assert '* "穿山甲管道服务部" "5栋下水道疏通"\n' in text


def test_a_string_stays_on_its_line() -> None:
    assert quoted('a "b" \\ c\r\n\td') == '"a \\"b\\" \\\\ c d"'


@pytest.fixture
def october(house: House) -> House:
    opened(house, date(2026, 9, 30))
    with house.session() as session:
        lines = [(Code.BANK, -123_45), (Code.DRAINS, 100_00), (Code.REPAIRS, 23_45)]
        book(session, house.compound.id, date(2026, 10, 9), FORMULA, lines, counterparty=FORMULA)
    return house


def table(house: House, path: str) -> list[list[str]]:
    answer = house.zhang.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert int(answer.headers["content-length"]) == len(answer.response.content)
    return list(csv.reader(io.StringIO(answer.response.content.decode("utf-8-sig"))))


def workbook(house: House, path: str) -> list[tuple[openpyxl.cell.cell.Cell, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(house.zhang.get(path).response.content))
    return list(book.worksheets[0].iter_rows())


def test_every_posting_of_a_period_is_a_row(october: House) -> None:
    rows = table(october, "/money/journal/csv?since=2026-10&until=2026-10")
    assert rows[0][:7] == ["编号", "日期", "资金", "科目编号", "科目", "借方", "贷方"]
    assert [row[1:7] for row in rows[1:]] == [
        ["2026-10-09", "公共收益", "1002", "银行存款", "", "123.45"],
        ["2026-10-09", "公共收益", "5003", "下水道疏通", "100.00", ""],
        ["2026-10-09", "公共收益", "5006", "公共维修", "23.45", ""],
    ]
    assert len(table(october, "/money/journal/csv")) == 1 + 3 + 2
    assert len(table(october, "/money/journal/csv?since=2026-11")) == 1


def test_in_a_workbook_numbers_are_numbers_and_days_are_days(october: House) -> None:
    rows = workbook(october, "/money/journal/xlsx?since=2026-10")
    cells = [row[1:7] for row in rows[1:]]
    assert cells[0][0].value == datetime(2026, 10, 9)  # noqa: DTZ001 a day, as openpyxl reads it
    assert [row[4].value or 0 for row in cells] == [0, 100, 23.45]
    assert (cells[0][5].value, cells[0][5].data_type, cells[0][5].number_format) == (123.45, "n", "#,##0.00")
    assert cells[0][2].data_type == "s", "a code is no number"


def test_a_formula_is_text_in_every_export(october: House, tmp_path: Path) -> None:
    made = october.zhang.api.post("/statements", json={"month": "2026-10"})
    assert made.status == 201, made
    statement = f"/money/statements/{made.json['id']}"
    for path in ("/money/journal/csv", f"{statement}/csv"):
        cells = [cell for row in table(october, path) for cell in row]
        assert "'" + FORMULA in cells, path
        assert FORMULA not in cells, path
    for path in ("/money/journal/xlsx", f"{statement}/xlsx"):
        cells = [cell for row in workbook(october, path) for cell in row]
        assert any(cell.value == "'" + FORMULA and cell.data_type == "s" for cell in cells), path
        assert not [cell for cell in cells if cell.data_type == "f"], path
    lines = october.nobody.get(f"{statement}/json").json["lines"]
    assert lines[-1]["counterparty"] == FORMULA, "what was published is shown as it was published"
    file = tmp_path / "books.beancount"
    file.write_text(october.zhang.get("/money/journal/beancount").text)
    assert f'"{FORMULA}" "{FORMULA}"' in file.read_text()
    assert checked(file) == ""


def test_a_statement_is_taken_home_by_anybody(october: House) -> None:
    made = october.zhang.api.post("/statements", json={"month": "2026-10"}).json
    page = october.nobody.get(f"/money/statements/{made['id']}").page
    files = [link["href"] for link in page.select(f'a[href^="/c/fengshu/money/statements/{made["id"]}/"]')]
    assert [str(file).rpartition("/")[2] for file in files] == ["sheet", "xlsx", "csv", "json"]
    frozen = october.nobody.api.get(f"/statements/{made['id']}/lines")
    assert october.nobody.get(f"/money/statements/{made['id']}/json").text == frozen.text
    assert october.nobody.get(f"/money/statements/{made['id']}/pdf").status == 404
    rows = [[cell.value for cell in row] for row in workbook(october, f"/money/statements/{made['id']}/xlsx")]
    assert rows[4][1] == 9876.55
    line = dict(zip(next(row for row in rows if row[0] == "编号"), rows[-1], strict=True))
    assert (line["金额"], line["票据张数"]) == (-123.45, 0)


def test_accountants_see_the_journal_and_residents_are_not_shown_the_way(october: House) -> None:
    page = october.zhang.get("/money/journal")
    for words in ("借 ¥10,000.00", "贷 ¥123.45", "1002 银行存款", "5006 公共维修"):
        assert words in page.words
    assert "没有账" in october.chen.get("/money/journal?since=2026-11").words
    links = [link["href"] for link in october.zhang.get("/money/journal?since=2026-10&until=2026-10").page.select("a[href]")]
    assert "/c/fengshu/money/journal/xlsx?since=2026-10&until=2026-10" in links
    assert october.liu.get("/money").page.select('a[href$="/money/journal"]')
    assert not october.wang.get("/money").page.select('a[href$="/money/journal"]')
    assert october.wang.get("/money/journal").status == 403
    assert october.wang.get("/money/journal/csv").status == 403


def test_a_program_walks_the_journal_with_a_key(october: House) -> None:
    first = october.zhang.api.get("/journal?limit=1").json
    assert [line["amount"]["amount"] for line in first["items"][0]["lines"]] == ["10000.00", "-10000.00"]
    second = october.zhang.api.get(f"/journal?limit=1&cursor={first['next_cursor']}").json
    assert [line["code"] for line in second["items"][0]["lines"]] == ["1002", "5003", "5006"]
    assert second["next_cursor"] is None
    assert october.zhang.api.get("/journal/xlsx").status == 200
    with october.session() as session:
        makers = ((october.zhang, "volunteering:read"), (october.zhang, "treasury:write"), (october.wang, "treasury:read"))
        keys = [make_key(session, one.person, scope) for one, scope in makers]
    answers = [october.nobody.api.get("/journal", headers={"Authorization": f"Bearer {key}"}) for key in keys]
    assert [answer.json["code"] for answer in answers] == ["WrongScope", "WrongScope", "NotAllowed"]


def test_an_accountants_key_reads_the_journal_and_writes_nothing(october: House) -> None:
    draft, entry = submitted(october), posted(october, shade=2)
    voucher = draft["vouchers"][0]
    with october.session() as session:
        make_seat(session, october.li.person, SeatKind.AUDITOR)
        keys = [make_key(session, one.person, "treasury:read") for one in (october.li, october.zhang, october.chen)]
    for key in keys:
        bearer = {"headers": {"Authorization": f"Bearer {key}"}}
        for path in ("/journal", "/journal/csv", "/journal/beancount", "/entries", f"/entries/{entry}", "/balances"):
            assert october.nobody.api.get(path, **bearer).status == 200, path
        for path in (f"/drafts/{draft['id']}", f"/vouchers/{voucher}", f"/voucher-pictures/{voucher}/original"):
            assert october.nobody.api.get(path, **bearer).status == 404, "not public yet, and personal data"
        approval = {"json": {"content_hash": draft["content_hash"]}}
        assert october.nobody.api.post(f"/drafts/{draft['id']}/approve", **approval, **bearer).json["code"] == "WrongScope"
        for path, body in ((f"/drafts/{fresh()}", wish()), (f"/entries/{entry}/reversals/{fresh()}", {"reason": "记错"})):
            assert october.nobody.api.put(path, body, **bearer).json["code"] == "WrongScope"
