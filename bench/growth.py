"""How much slower the main pages become when one compound becomes 200, and one year of data five. Two servers side by side,
asked in turn for the same page by one resident, everything in the database's own cache.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from statistics import median
from uuid import uuid4

from sqlalchemy import Table
from sqlmodel import Session, SQLModel

from app.compounds.models import Compound, Person
from app.kit import events
from app.kit.clock import now, today
from app.kit.db import writing
from app.kit.migrations import upgrade
from app.main import open_database
from app.settings import Settings
from app.treasury.chart_models import Code
from app.treasury.journal import book, open_books
from app.volunteering.hour_models import HourEntry, HourSource
from app.volunteering.signup_models import Signup, SignupState
from bench import Line
from bench._serving import Server, ask, request, serving
from tests.making import make_compound, make_login, make_notice, make_person, make_shift, make_unit

COMPOUNDS, YEARS = 200, 5
PAGES = ("/", "/money", "/money/entries", "/volunteering", "/notices", "/benefits", "/works", "/proofs")
ROUNDS = 40
ENTRIES, SHIFTS, HELPERS, NOTICES = 120, 52, 4, 12
"""Each year's; so many helpers on each shift."""


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        one, many, old = (Path(folder) / name for name in ("one", "many", "old"))
        token = furnished(one, 1)
        copytree(one, many)
        multiply(many)
        yield from compared(f"1 → {COMPOUNDS} compounds", one, token, many, token)
        yield from compared(f"1 → {YEARS} years", one, token, old, furnished(old, YEARS))


def compared(what: str, small: Path, its_token: str, large: Path, other_token: str) -> Iterator[Line]:
    with serving(str(small)) as one, serving(str(large)) as other:
        for page in PAGES:
            pairs = [(latency(one, page, its_token), latency(other, page, other_token)) for _ in range(ROUNDS)]
            before, after = (median(column) for column in zip(*pairs[5:], strict=True))
            yield Line(f"{page}, {what}", after / before, "≤ 1.5 times")


def latency(server: Server, page: str, token: str) -> float:
    (answer,) = ask(server.port, [request("GET", f"/c/b{page}", {"Cookie": f"sid={token}"})], 1)
    assert answer.status == 200, (page, answer)
    return answer.ms


def furnished(folder: Path, years: int) -> str:
    """One compound with so many years behind it; returns a resident's session."""
    settings = Settings(data_dir=folder)
    upgrade(settings.database)
    db = open_database(settings)
    with writing(db) as session:
        compound = make_compound(session, "b", "测量小区")
        leader = make_person(session, compound, "何队长", make_unit(session, compound))
        open_books(session, compound.id, 1_000_000, today() - timedelta(days=365 * years))
        for day in range(1, 21):
            make_shift(session, leader, starts_in=timedelta(days=day))
        token = make_login(session, leader)
    with writing(db) as session:
        for year in range(years):
            live_through(session, compound, leader, timedelta(days=365 * year))
    db.dispose()
    return token


def live_through(session: Session, compound: Compound, leader: Person, ago: timedelta) -> None:
    """A year that ended so long ago."""
    for n in range(ENTRIES):
        on = today() - ago - timedelta(days=n * 365 // ENTRIES)
        book(session, compound.id, on, "停车", [(Code.BANK, 100 + n), (Code.PARKING, -100 - n)])
    for week in range(SHIFTS):
        at = now() - ago - timedelta(weeks=week, days=1)
        shift = make_shift(session, leader, starts_in=at - now())
        for n in range(HELPERS):
            number = (ago.days // 365 * SHIFTS + week) * HELPERS + n + 1
            signup = Signup(
                compound_id=compound.id,
                shift_id=shift.id,
                person_id=leader.id,
                entered_by_id=leader.id,
                state=SignupState.CONFIRMED if n == 0 else SignupState.WITHDRAWN,
                year=at.year,
                number=number,
                line=number,
                asked_at=at,
                sent_sha256=b"made",
            )
            session.add(signup)
            session.flush()
            hour = HourEntry(
                compound_id=compound.id,
                signup_id=signup.id,
                person_id=leader.id,
                minutes=60,
                source=HourSource.LEADER,
                recorded_by_id=leader.id,
                recorded_at=at,
            )
            session.add(hour)
            events.tell(session, compound.id, "signup.made", signup_id=signup.id)
    for month in range(NOTICES):
        notice = make_notice(session, leader)
        notice.published_at = now() - ago - timedelta(days=30 * month)


def multiply(folder: Path) -> None:
    """The same compound again and again: keys begin with the compound, so its rows can stand there once more as they are."""
    tables = [table for table in SQLModel.metadata.sorted_tables if "compound_id" in table.primary_key.columns]
    with closing(sqlite3.connect(folder / "gongzhi.db")) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        (old,) = db.execute("SELECT id FROM compound").fetchone()
        for n in range(1, COMPOUNDS):
            new = uuid4().hex
            _copy(db, Compound.metadata.tables["compound"], "id", old, {"id": new, "slug": f"b{n}"})
            for table in tables:
                without = {"account_id": None} if table.name == "person" else {}  # whoever asks lives in one of them
                _copy(db, table, "compound_id", old, {"compound_id": new, **without})
        db.commit()


def _copy(db: sqlite3.Connection, table: Table, key: str, old: str, other: dict[str, str | None]) -> None:
    """Insert a compound's rows once more, with `other` values where the table has such a column."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(f":{c.name}" if c.name in other else f'"{c.name}"' for c in table.columns)
    db.execute(f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.name} WHERE {key} = :old", other | {"old": old})
