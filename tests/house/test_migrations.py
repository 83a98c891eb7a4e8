"""The migrations make exactly what the models say, keep every row, and leave every guard standing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

import app.main  # noqa: F401  all rooms
from app.compounds.models import Building, Community, Compound, Entrance, Unit
from app.kit.clock import now, today
from app.kit.db import Database
from app.kit.guards import GUARDS, Guard
from app.kit.migrations import FOLDER, configuration, current, downgrade, head, upgrade

REVISIONS = [step.revision for step in ScriptDirectory(str(FOLDER)).walk_revisions()][::-1]
APPEND_ONLY = sorted(g.table for g in GUARDS.values() if g.name == f"{g.table}_no_update")


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def standing(connection: sa.Connection) -> set[str]:
    """The names of the triggers that the database has."""
    if connection.dialect.name == "sqlite":
        return set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars())
    return set(connection.exec_driver_sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal").scalars())


def registered(connection: sa.Connection) -> set[str]:
    """The names of the triggers that the rooms ask for on the tables that exist."""
    tables = sa.inspect(connection).get_table_names()
    return {g.name for g in GUARDS.values() if g.table in tables and getattr(g, connection.dialect.name)}


def shape(connection: sa.Connection) -> dict[tuple[str, str], list[str]]:
    """What Alembic's own comparison looks at and what it leaves out: checks, deferrable keys, partial indexes."""
    inspector = sa.inspect(connection)
    found: dict[tuple[str, str], list[str]] = {}
    for kind in ("columns", "pk_constraint", "foreign_keys", "unique_constraints", "check_constraints", "indexes"):
        for (_, table), parts in getattr(inspector, f"get_multi_{kind}")().items():
            if table != "alembic_version":
                found[table, kind] = sorted(map(told, [parts] if isinstance(parts, dict) else parts))
    return found


def told(part: Any) -> str:
    """A reflected thing as text, whatever order its keys came in."""
    return str(sorted((k, told(v)) for k, v in part.items())) if isinstance(part, dict) else str(part)


def settle(url: str) -> None:
    """A few rows, several stairs deep."""
    database = Database(url)
    with Session(database.writing) as session:
        community = Community(name="枫树社区", city="上海")
        compound = Compound(community_id=community.id, slug="fengshu", name="枫树小区", city="上海", help_phone="021-5555 0101")
        building = Building(compound_id=compound.id, name="3栋")
        entrance = Entrance(compound_id=compound.id, building_id=building.id, name="2单元")
        unit = Unit(compound_id=compound.id, entrance_id=entrance.id, room="602", label="3-2-602", area=9_350)
        for row in (community, compound, building, entrance, unit):
            session.add(row)
            session.flush()
        session.commit()
    database.dispose()


def counts(url: str) -> dict[str, int]:
    with connected(url) as connection:
        metadata = SQLModel.metadata
        return {
            t.name: connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in metadata.sorted_tables
        }


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    with connected(database_url) as connection:
        settings = {"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        context = MigrationContext.configure(connection, opts=settings)
        assert compare_metadata(context, SQLModel.metadata) == [], "type: make migration SAYS=…"
        assert compare_metadata(context, sa.MetaData()) != [], "the comparison sees nothing"


def test_checks_partial_indexes_and_deferred_keys_are_migrated_too(database_url: str, bare_url: str) -> None:
    with connected(bare_url) as created, connected(database_url) as migrated:
        SQLModel.metadata.create_all(created)
        asked, made = shape(created), shape(migrated)
        assert {place: made.get(place) for place in asked if made.get(place) != asked[place]} == {}


def test_the_house_is_built_and_taken_down_step_by_step(bare_url: str) -> None:
    assert current(bare_url) is None
    for revision in REVISIONS:
        upgrade(bare_url, revision)
        with connected(bare_url) as connection:
            assert standing(connection) == registered(connection)
    settle(bare_url)
    before = counts(bare_url)
    for revision in [*REVISIONS[-2::-1], "base"]:
        downgrade(bare_url, revision)
    with connected(bare_url) as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(bare_url)
    assert current(bare_url) == head() == REVISIONS[-1]
    assert set(counts(bare_url)) == set(before)
    assert set(counts(bare_url).values()) == {0}


def test_migrating_again_changes_nothing_and_puts_a_lost_guard_up(database_url: str) -> None:
    settle(database_url)
    before = counts(database_url)
    with connected(database_url) as connection:
        lost = f"DROP TRIGGER {APPEND_ONLY[0]}_no_delete"
        connection.exec_driver_sql(lost + (f" ON {APPEND_ONLY[0]}" if connection.dialect.name == "postgresql" else ""))
        connection.commit()
        assert standing(connection) != registered(connection)
    upgrade(database_url)
    assert counts(database_url) == before
    with connected(database_url) as connection:
        assert standing(connection) == registered(connection)


@pytest.fixture
def one_of_everything(database_url: str) -> Iterator[sa.Connection]:
    """An open transaction with one row in every append-only table, put there past their checks and other guards."""
    with connected(database_url) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
            for name in standing(connection):
                if not name.endswith(("_no_update", "_no_delete")):
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
            for (_, table), checks in sa.inspect(connection).get_multi_check_constraints().items():
                for check in checks:
                    connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{check["name"]}"')
        for name in APPEND_ONLY:
            table = SQLModel.metadata.tables[name]
            connection.execute(table.insert().values({column.name: something(column) for column in table.columns}))
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = origin")
        yield connection


def something(column: sa.Column[Any]) -> Any:
    """Any value that fits the column."""
    kind = getattr(column.type, "impl_instance", column.type).python_type
    known = {UUID: UUID(int=1), datetime: now(), date: today(), bytes: b"x", object: {}}  # JSON says object
    return known[kind] if kind in known else kind(1)


REFUSED = {
    "sqlite": ('UPDATE "{table}" SET "{column}" = "{column}"', 'DELETE FROM "{table}"'),
    "postgresql": ('UPDATE "{table}" SET "{column}" = "{column}"', 'DELETE FROM "{table}"', 'TRUNCATE "{table}" CASCADE'),
}


def test_what_is_written_once_is_refused_a_second_pen(one_of_everything: sa.Connection) -> None:
    assert APPEND_ONLY
    for name in APPEND_ONLY:
        column = next(iter(SQLModel.metadata.tables[name].columns)).name
        for statement in REFUSED[one_of_everything.dialect.name]:
            with pytest.raises(DBAPIError, match="is append-only"), one_of_everything.begin_nested():
                one_of_everything.exec_driver_sql(statement.format(table=name, column=column))


def test_without_their_guards_the_same_rows_can_be_changed(one_of_everything: sa.Connection) -> None:
    connection = one_of_everything
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")
    for name in APPEND_ONLY:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER {name}_no_delete")
        assert connection.exec_driver_sql(f'DELETE FROM "{name}"').rowcount == 1


def with_a_step(url: str, folder: Path, body: str, says: str = "") -> Config:
    """The house's migrations and one more after them."""
    text = f'import sqlalchemy as sa\nfrom alembic import op\nrevision = "next"\ndown_revision = "{REVISIONS[-1]}"\n{says}\n'
    (folder / "next.py").write_text(f"{text}\n\ndef upgrade():\n    {body}\n\n\ndef downgrade():\n    pass\n")
    config = configuration(url)
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{FOLDER / 'versions'}\n{folder}")
    return config


REBUILD_ALL = """for name in sa.inspect(op.get_bind()).get_table_names():
        with op.batch_alter_table(name, recreate='HOW') as table:
            table.add_column(sa.Column('more', sa.String))"""


@pytest.fixture
def a_guard_that_looks_next_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it stands, SQLite refuses to give a rebuilt `building` its name back."""
    name = "unit_needs_a_building"
    refuse = (
        f"CREATE TRIGGER {name} BEFORE INSERT ON unit WHEN NOT EXISTS (SELECT 1 FROM building) BEGIN SELECT RAISE(ABORT, ''); END"
    )
    monkeypatch.setitem(GUARDS, name, Guard("unit", name, sqlite=(refuse,), postgresql=()))


@pytest.mark.usefixtures("a_guard_that_looks_next_door")
def test_rebuilding_tables_keeps_their_rows_checks_and_guards(database_url: str, tmp_path: Path) -> None:
    upgrade(database_url)
    settle(database_url)
    before = counts(database_url)
    with connected(database_url) as connection:
        drawn = {place: parts for place, parts in shape(connection).items() if place[1] != "columns"}
    how = "always" if database_url.startswith("sqlite") else "never"  # PostgreSQL drops no table that others point to
    command.upgrade(with_a_step(database_url, tmp_path, REBUILD_ALL.replace("HOW", how)), "head")
    assert current(database_url) == "next"
    assert counts(database_url) == before
    with connected(database_url) as connection:
        assert {place: parts for place, parts in shape(connection).items() if place[1] != "columns"} == drawn
        assert standing(connection) == registered(connection)


def test_a_step_that_loses_rows_is_refused_whole(database_url: str, tmp_path: Path) -> None:
    settle(database_url)
    body = "op.create_table('bin', sa.Column('id', sa.Uuid)); op.execute('DELETE FROM unit')"
    with pytest.raises(RuntimeError, match="unit: 1 -> 0"):
        command.upgrade(with_a_step(database_url, tmp_path, body), "head")
    assert current(database_url) == REVISIONS[-1]
    assert counts(database_url)["unit"] == 1
    with connected(database_url) as connection:
        assert standing(connection) == registered(connection)
        assert "bin" not in sa.inspect(connection).get_table_names()


def test_a_step_that_announces_it_may_lose_rows(database_url: str, tmp_path: Path) -> None:
    settle(database_url)
    command.upgrade(with_a_step(database_url, tmp_path, "op.execute('DELETE FROM unit')", "rows_change = {'unit'}"), "head")
    assert counts(database_url)["unit"] == 0


def test_a_step_that_leaves_orphans_is_refused(database_url: str, tmp_path: Path) -> None:
    settle(database_url)
    with pytest.raises((RuntimeError, DBAPIError), match=r"point to nothing|violates foreign key"):
        command.upgrade(
            with_a_step(database_url, tmp_path, "op.execute('DELETE FROM building')", "rows_change = {'building'}"), "head"
        )
    assert counts(database_url)["building"] == 1
