"""From an empty database to the person who invites the others."""

from pathlib import Path

import pytest
from sqlmodel import select

from app.access.service import use_invite
from app.accounts.service import password_hash
from app.compounds.models import Compound, Person, Seat, Unit
from app.kit.audit import AuditLine
from app.kit.db import reading, writing
from app.publiclog.models import LogHead
from app.treasury.chart_models import LedgerAccount
from app.treasury.models import JournalEntry
from tests.cli.conftest import Command, database

FENGSHU = ("--slug", "fengshu", "--name", "枫树小区", "--community", "枫林社区", "--city", "长沙", "--phone", "0731-8555 0123")


@pytest.fixture
def founded(command: Command) -> None:
    assert command("create-compound", *FENGSHU).exit_code == 0


@pytest.fixture
def roster(tmp_path: Path) -> str:
    file = tmp_path / "名册.csv"
    file.write_text("房号,姓名,电话,面积\n3-2-602,王秀英,13900001111,89.5\n3-2-601,李建国,13900002222,\n9,赵,,\n")
    return str(file)


def test_a_compound_begins_with_its_log_its_books_and_what_is_in_the_bank(command: Command, data: Path) -> None:
    told = command("create-compound", *FENGSHU, "--opening", "1,234.50")
    assert told.exit_code == 0
    assert "http://127.0.0.1:8000/c/fengshu/" in told.output
    with database(data) as db, reading(db) as session:
        compound = session.exec(select(Compound)).one()
        assert session.get_one(LogHead, compound.id).running_balance_fen == 123450
        assert session.exec(select(JournalEntry.amount_fen)).one() == 123450
        assert len(session.exec(select(LedgerAccount)).all()) > 10


@pytest.mark.usefixtures("founded")
def test_a_name_in_addresses_is_given_once(command: Command) -> None:
    told = command("create-compound", *FENGSHU)
    assert (told.exit_code, told.stderr) == (2, "这个网址名已经有小区用了。\n")


@pytest.mark.parametrize("slug", ["枫树", "Feng", "-", "a/b"])
def test_a_slug_that_is_no_part_of_an_address_is_refused(command: Command, slug: str) -> None:
    told = command("create-compound", *FENGSHU, f"--slug={slug}")
    assert told.exit_code == 2
    assert "a-z" in told.stderr


def test_an_opening_balance_that_is_no_amount_leaves_no_compound(command: Command, data: Path) -> None:
    assert command("create-compound", *FENGSHU, "--opening", "about 100").exit_code == 2
    with database(data) as db, reading(db) as session:
        assert session.exec(select(Compound)).all() == []


@pytest.mark.usefixtures("founded")
def test_a_roster_is_shown_with_its_doubts_and_written_after_a_yes(command: Command, roster: str, data: Path) -> None:
    shown = command("import-roster", roster, "--compound", "fengshu", typed="n\n")
    assert shown.exit_code == 0
    assert "2 new, 0 changed" in shown.output
    assert "没有面积" in shown.output
    assert "看不出是哪一栋" in shown.output
    with database(data) as db, reading(db) as session:
        assert session.exec(select(Unit)).all() == []
    assert command("import-roster", roster, "--compound", "fengshu", typed="y\n").exit_code == 0
    with database(data) as db, reading(db) as session:
        assert sorted(session.exec(select(Unit.label))) == ["3-2-601", "3-2-602"]


@pytest.mark.usefixtures("founded")
def test_a_second_import_changes_nothing(command: Command, roster: str) -> None:
    command("import-roster", roster, "--compound", "fengshu", "--yes")
    again = command("import-roster", roster, "--compound", "fengshu", "--yes")
    assert "Written: 0 new units, 0 changed, 2 as they were." in again.output


@pytest.mark.usefixtures("founded")
def test_without_a_terminal_nothing_is_written_unless_told(command: Command, roster: str) -> None:
    told = command("import-roster", roster, "--compound", "fengshu")
    assert told.exit_code == 2
    assert "--yes" in told.stderr


@pytest.mark.usefixtures("founded")
def test_a_file_that_is_no_roster_is_named(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "scan.xlsx"
    file.write_bytes(b"%PDF-1.7 not a workbook")
    told = command("import-roster", str(file), "--compound", "fengshu", "--yes")
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 1
    assert "scan.xlsx" in told.stderr


@pytest.mark.usefixtures("founded")
def test_a_compound_that_is_not_there_is_named_with_those_that_are(command: Command, roster: str) -> None:
    told = command("import-roster", roster, "--compound", "fengsu", "--yes")
    assert (told.exit_code, told.stderr) == (2, "There is no compound fengsu; there are: fengshu.\n")


@pytest.mark.usefixtures("founded")
def test_the_director_of_a_fresh_installation_gets_in(command: Command, roster: str, data: Path) -> None:
    command("import-roster", roster, "--compound", "fengshu", "--yes")
    told = command("invite", "--compound", "fengshu", "--unit", "3-2-602", "--director", "王秀英")
    assert told.exit_code == 0
    code, link, *_ = told.output.splitlines()
    assert link == f"http://127.0.0.1:8000/invite#{code.replace(' ', '')}"
    with database(data) as db, writing(db) as session:
        use_invite(session, code, "王秀英", "13900001111", password_hash("correct horse battery"))
        session.flush()
        seat = session.exec(select(Seat)).one()
        person = session.get_one(Person, (seat.compound_id, seat.person_id))
        assert (seat.kind, person.name, person.account_id is not None) == ("director", "王秀英", True)
        assert session.exec(select(AuditLine.act).where(AuditLine.act == "command.invite")).all()
        assert session.get_one(LogHead, seat.compound_id).size == 1, "a seat is published"


@pytest.mark.usefixtures("founded")
def test_a_second_code_for_the_director_gives_no_second_seat(command: Command, roster: str, data: Path) -> None:
    command("import-roster", roster, "--compound", "fengshu", "--yes")
    for _ in range(2):
        assert command("invite", "--compound", "fengshu", "--unit", "3-2-602", "--director", "刘主任").exit_code == 0
    with database(data) as db, reading(db) as session:
        assert len(session.exec(select(Seat)).all()) == 1
        assert len(session.exec(select(Person).where(Person.name == "刘主任")).all()) == 1


@pytest.mark.usefixtures("founded")
def test_a_unit_that_is_not_in_the_roster_gets_no_code(command: Command) -> None:
    told = command("invite", "--compound", "fengshu", "--unit", "9-9-999", "--director", "王秀英")
    assert told.exit_code == 2
    assert "9-9-999" in told.stderr


@pytest.mark.parametrize(
    "words",
    [("verify",), ("backup", "x.tar"), ("worker",), ("serve",), ("create-compound", *FENGSHU)],
    ids=lambda words: str(words[0]),
)
def test_before_the_migration_each_command_says_what_to_type(command: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    told = command(*words, DATA_DIR=str(tmp_path / "new"))
    assert (told.exit_code, told.stderr) == (2, "There is no database yet. Type: python -m app migrate\n")
    assert not (tmp_path / "new").exists()


def test_migrating_makes_the_database_and_may_be_repeated(command: Command, tmp_path: Path) -> None:
    for _ in range(2):
        assert command("migrate", DATA_DIR=str(tmp_path / "new")).exit_code == 0
    assert command("verify", DATA_DIR=str(tmp_path / "new")).exit_code == 0


def test_a_setting_that_cannot_be_is_named(command: Command) -> None:
    told = command("verify", THREADS="many")
    assert told.exit_code == 2
    assert told.stderr.startswith("THREADS: ")


def test_a_database_that_does_not_answer_is_told_in_one_line(command: Command) -> None:
    told = command("verify", DATABASE_URL="postgresql+psycopg://gongzhi:hidden-word@127.0.0.1:1/gongzhi")
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 1
    assert "hidden-word" not in told.stderr
