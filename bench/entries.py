"""The public ledger at 10,000 entries: its list, a search, the files; and the statement of a year with 5,000 lines."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import quote

from sqlmodel import Session, select

from app.compounds.models import Compound, SeatKind
from app.kit.clock import today
from app.kit.db import reading, writing
from app.kit.migrations import upgrade
from app.main import open_database
from app.settings import Settings
from app.treasury.journal import book, open_books
from app.treasury.models import Code
from app.treasury.statement_queries import statement_document
from bench import Line
from bench._serving import Server, ask, request, serving
from tests.making import make_compound, make_login, make_person, make_seat, make_unit

ENTRIES, IN_A_YEAR = 10_000, 5_000
ROUNDS = 20
SEARCHES = {
    "the first page": "",
    "a common word": f"q={quote('停车')}",
    "a rare word": f"q={quote('灯笼')}",
    "an amount": "q=123.45",
    "a category and a month": "category=4001&since={month}&until={month}",
}


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        token = furnished(settings)
        month = f"{today() - timedelta(days=200):%Y-%m}"
        with serving(folder) as server:
            for what, query in SEARCHES.items():
                asked = query.format(month=month)
                yield Line(
                    f"page of {what} among 10,000 entries", latency(server, f"/c/b/money/entries?{asked}", token), "≤ 100 ms"
                )
                yield Line(
                    f"JSON of {what} among 10,000 entries", latency(server, f"/api/v1/c/b/entries?{asked}", token), "≤ 100 ms"
                )
            yield Line("the money page at 10,000 entries", latency(server, "/c/b/money", token), "≤ 100 ms")
            for form in ("csv", "xlsx", "beancount"):
                ms = latency(server, f"/c/b/money/journal/{form}", token, rounds=3)
                yield Line(f"10,000 entries as {form}", ms / 1000, "≤ 5 s")
        db = open_database(settings)
        with reading(db) as session:
            yield Line("statement of a year with 5,000 lines", seconds(lambda: year_of(session)), "≤ 1 s")
        db.dispose()


def year_of(session: Session) -> None:
    compound = session.exec(select(Compound)).one()
    year = statement_document(session, compound.id, first_day(), first_day() + timedelta(days=364))
    assert len(year["lines"]) == IN_A_YEAR, len(year["lines"])


def first_day() -> date:
    return today() - timedelta(days=364)


def latency(server: Server, path: str, token: str, rounds: int = ROUNDS) -> float:
    """Median milliseconds."""
    took = []
    for _round in range(rounds):
        (answer,) = ask(server.port, [request("GET", path, {"Cookie": f"sid={token}"})], 1)
        assert answer.status == 200, (path, answer)
        took.append(answer.ms)
    return median(took)


def seconds(act: Callable[[], None]) -> float:
    """The best of a few tries: what the machine does besides is not measured."""
    took = []
    for _try in range(3):
        before = perf_counter()
        act()
        took.append(perf_counter() - before)
    return min(took)


def furnished(settings: Settings) -> str:
    """A compound with two years of books, half of them in the last; returns a treasurer's session."""
    upgrade(settings.database)
    db = open_database(settings)
    with writing(db) as session:
        compound = make_compound(session, "b", "测量小区")
        treasurer = make_person(session, compound, "张会计", make_unit(session, compound))
        make_seat(session, treasurer, SeatKind.TREASURER)
        open_books(session, compound.id, 1_000_000, today() - timedelta(days=729))
        token = make_login(session, treasurer)
    with writing(db) as session:
        for n in range(ENTRIES - 1):
            on = today() - timedelta(days=n * 365 // IN_A_YEAR)
            memo, code = ("挂灯笼", Code.OFFICE) if n % 1000 == 500 else (f"第{n}次停车", Code.PARKING)
            fen = 123_45 if n % 2500 == 7 else 100_00 + n
            book(session, compound.id, on, memo, [(Code.BANK, fen), (code, -fen)], counterparty=f"车主{n % 300}")
    db.dispose()
    return token
