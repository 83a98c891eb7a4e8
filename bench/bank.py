"""A bank's file of 5,000 lines: from its bytes to the kept statement, and all of it matched with the books in one tap."""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from app.access.actors import acting
from app.compounds.models import SeatKind
from app.kit.db import writing
from app.kit.ids import new_id
from app.kit.migrations import upgrade
from app.kit.money import decimal_string
from app.main import open_database
from app.settings import Settings
from app.treasury.bank_files import BankReading, read_bank_file
from app.treasury.bank_keeping import BroughtFile, confirm_file, keep_file
from app.treasury.bank_queries import bank_checks
from app.treasury.bank_schemas import ConfirmWish
from app.treasury.chart_models import Code
from app.treasury.journal import book, open_books
from app.treasury.reconciling import match_sure
from bench import Line
from tests.making import make_compound, make_person, make_seat

LINES, OPENING = 5_000, 10_000_00
FIRST = date(2025, 1, 1)


def moves() -> list[tuple[date, int]]:
    """Fourteen a day for a year; no two amounts alike."""
    return [(FIRST + timedelta(n // 14), (1 if n % 3 else -1) * (100_00 + n)) for n in range(LINES)]


def file() -> bytes:
    out, balance = StringIO(), OPENING
    out.write("交易日期,摘要,借方发生额,贷方发生额,账户余额,对方户名,交易流水号\n")
    for n, (day, fen) in enumerate(moves()):
        balance += fen
        sides = ("", decimal_string(fen)) if fen > 0 else (decimal_string(-fen), "")
        out.write(",".join((day.isoformat(), "转账", *sides, decimal_string(balance), f"商户{n}", f"B{n:06}")) + "\n")
    return out.getvalue().encode("gbk")


def lines() -> Iterator[Line]:
    data = file()
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        upgrade(settings.database)
        db = open_database(settings)
        with writing(db) as session:
            compound = make_compound(session, "bank", "测量小区")
            treasurer = make_person(session, compound, "张会计")
            make_seat(session, treasurer, SeatKind.TREASURER)
            open_books(session, compound.id, OPENING, FIRST - timedelta(days=10))
            for day, fen in moves():
                book(session, compound.id, day, "转账", [(Code.BANK, fen), (Code.OTHER_INCOME if fen > 0 else Code.OFFICE, -fen)])
            actor, id = acting(session, compound, treasurer), new_id()
        before = perf_counter()
        read = read_bank_file(data, "对账单.csv", date(2026, 11, 1))
        assert isinstance(read, BankReading)
        assert read.closing_fen is not None
        yield Line(f"bank file of {LINES:,} lines, from bytes to lines", perf_counter() - before, "≤ 2 s")
        with writing(db) as session:
            keep_file(session, actor, id, Code.BANK, BroughtFile("对账单.csv", sha256(data).hexdigest(), read))
        with writing(db) as session:
            confirm_file(session, actor, id, ConfirmWish.model_construct(to_on=read.to_on, closing=read.closing_fen))
        yield Line(f"bank file of {LINES:,} lines, from bytes to the kept statement", perf_counter() - before, "≤ 5 s")
        before = perf_counter()
        with writing(db) as session:
            assert match_sure(session, actor, id) == LINES
        yield Line(f"{LINES:,} lines matched with the books in one tap", perf_counter() - before, "≤ 5 s")
        before = perf_counter()
        with writing(db) as session:
            assert all(check.difference_fen == 0 for check in bank_checks(session, compound.id))
        yield Line(f"how the accounts stand, {LINES:,} entries", perf_counter() - before, "≤ 0.05 s")
        db.dispose()
