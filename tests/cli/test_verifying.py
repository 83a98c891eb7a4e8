"""`verify` believes nothing, and names the first entry that is wrong."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlmodel import select

from app.compounds.models import Compound
from app.kit.clock import today
from app.kit.db import reading, writing
from app.publiclog.models import LogHead
from app.treasury.chart_models import Code
from app.treasury.journal import book, open_books
from tests.cli.conftest import Command, database


def past_the_guards(data: Path, statement: str) -> None:
    """As somebody with the file in their hands would."""
    with closing(sqlite3.connect(data / "gongzhi.db", isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement).rowcount == 1


def test_a_sound_log_is_told_with_its_size_and_root(command: Command, settled: Path) -> None:
    told = command("verify")
    with database(settled) as db, reading(db) as session:
        head = session.exec(select(LogHead)).one()
    assert told.exit_code == 0
    assert told.output == f"fengshu: 2 entries, root {head.root.hex()}, balance ¥0.00\n"


def test_one_compound_may_be_chosen(command: Command, settled: Path) -> None:
    assert command("verify", "--compound", "fengshu").exit_code == 0
    assert command("verify", "--compound", "gonghang").exit_code == 2


def test_the_first_changed_entry_is_named(command: Command, settled: Path) -> None:
    past_the_guards(settled, "UPDATE log_entry SET entry = CAST(replace(entry, 'v', 'w') AS BLOB) WHERE \"index\" = 1")
    told = command("verify")
    assert told.exit_code == 1
    assert "1 entries" in told.output
    assert "WRONG at entry 1: changed" in told.output


def test_books_that_do_not_add_up_are_named(command: Command, settled: Path) -> None:
    with database(settled) as db, writing(db) as session:
        compound = session.exec(select(Compound)).one()
        open_books(session, compound.id)
        book(session, compound.id, today(), "停车费", [(Code.BANK, 600_00), (Code.PARKING, -600_00)])
    assert command("verify").exit_code == 0
    past_the_guards(settled, "UPDATE posting SET amount_fen = 61000 WHERE amount_fen = 60000")
    told = command("verify")
    assert told.exit_code == 1
    assert "the books are off by ¥10.00" in told.output


def test_an_amount_that_was_changed_after_it_was_published_is_named(command: Command, settled: Path) -> None:
    with database(settled) as db, writing(db) as session:
        compound = session.exec(select(Compound)).one()
        open_books(session, compound.id)
        number = book(session, compound.id, today(), "停车费", [(Code.BANK, 600_00), (Code.PARKING, -600_00)]).reference
    past_the_guards(settled, "UPDATE journal_entry SET amount_fen = 50000")
    told = command("verify")
    assert told.exit_code == 1
    assert f"WRONG: entry {number} is not what was published" in told.output
