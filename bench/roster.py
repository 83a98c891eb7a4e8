"""A committee's file of 5,000 units, from its bytes to the written roster, and once more when nothing changed."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import xlsxwriter

from app.kit.db import writing
from app.kit.migrations import upgrade
from app.main import open_database
from app.roster.founding import create_compound
from app.roster.importing import Proposal, import_roster, propose
from app.settings import Settings
from bench import Line

UNITS = 5000


def file() -> bytes:
    """Fifty buildings of two entrances; every tenth flat has two owners."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["楼栋", "单元", "房号", "业主姓名", "联系电话", "建筑面积"])
        for n in range(UNITS):
            building, entrance, room = n // 100 + 1, n // 50 % 2 + 1, f"{n % 50 // 2 + 1}{n % 2 + 1:02}"
            names, phones = f"住户{n}", f"139{n:08}"
            if n % 10 == 0:
                names, phones = f"{names}、家人{n}", f"{phones}、138{n:08}"
            sheet.write_row(n + 1, 0, [f"{building}栋", f"{entrance}单元", room, names, phones, 60 + n % 80])
    return content.getvalue()


def lines() -> Iterator[Line]:
    data = file()
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        upgrade(settings.database)
        db = open_database(settings)
        with writing(db) as session:
            compound_id = create_compound(session, "社区", "长沙", "bench", "小区", "1").id
        for what in ("import", "re-import, unchanged"):
            before = perf_counter()
            proposal = propose(data, "roster.xlsx", "小区")
            assert isinstance(proposal, Proposal)
            with writing(db) as session:
                import_roster(session, compound_id, proposal)
            yield Line(f"roster {what}, {UNITS:,} units, from bytes to rows", perf_counter() - before, "≤ 10 s")
        db.dispose()
