"""How a migration runs: alone, whole or not at all, with the guards up again at its end.

On SQLite Alembic changes a table by building it anew. Measured: with foreign keys on, that deleted the children of the
rebuilt table; triggers and unnamed checks were dropped without a word. Hence, in one transaction on a connection of our
own: foreign keys off, guards down (a trigger that names the rebuilt table would refuse the rename), migrate, count the
rows, check the foreign keys, guards up. PostgreSQL goes the same way, minus the two pragmas.

A migration that adds or removes rows of an existing table on purpose says so: `rows_change = {"table"}`.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

import app.main  # noqa: F401  imports every room, so that the metadata and the guards are complete
from app.kit.guards import stand_guard
from app.settings import Settings


def migrate(url: str) -> None:
    announced: set[str] = set()

    def note(*, step, **_):
        announced.update(getattr(step.up_revision.module, "rows_change", ()))

    with alone(url) as connection:
        before = rows(connection)
        take_down_guards(connection)
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=True,
            compare_server_default=True,
            on_version_apply=note,
        )
        with context.begin_transaction():
            context.run_migrations()
        refuse_lost_rows(before, rows(connection), announced)
        refuse_orphans(connection)
        stand_guard(connection)


@contextmanager
def alone(url: str) -> Iterator[sa.Connection]:
    """One writing transaction that no second migration can share."""
    address = sa.make_url(url)
    on_sqlite = address.get_backend_name() == "sqlite"
    if on_sqlite and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, poolclass=sa.NullPool, hide_parameters=True)
    if on_sqlite:

        @sa.event.listens_for(engine, "connect")
        def prepare(connection, _):
            connection.isolation_level = None  # the driver would commit before each CREATE TABLE
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("PRAGMA busy_timeout=60000")

        @sa.event.listens_for(engine, "begin")
        def start(connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        if not on_sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('gongzhi migrations'))"))
        yield connection


def rows(connection: sa.Connection) -> dict[str, int]:
    tables = [t for t in sa.inspect(connection).get_table_names() if t != "alembic_version"]
    return {t: connection.execute(sa.select(sa.func.count()).select_from(sa.table(t))).scalar_one() for t in tables}


def refuse_lost_rows(before: dict[str, int], after: dict[str, int], announced: Collection[str]) -> None:
    changed = [f"{t}: {before[t]} -> {after[t]}" for t in before.keys() & after.keys() - announced if before[t] != after[t]]
    if changed:
        raise RuntimeError(f"rows came or went without being announced in rows_change: {', '.join(sorted(changed))}")


def refuse_orphans(connection: sa.Connection) -> None:
    """PostgreSQL has checked already; SQLite was told not to."""
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if orphans:
            raise RuntimeError(f"{len(orphans)} rows point to nothing, the first (table, rowid, parent): {orphans[0][:3]}")


def take_down_guards(connection: sa.Connection) -> None:
    """Every trigger, so that one the code no longer knows does not stay for ever."""
    if connection.dialect.name == "sqlite":
        standing = "SELECT name, tbl_name, NULL FROM sqlite_master WHERE type = 'trigger'"
    else:
        standing = """SELECT tgname, quote_ident(relname), 1 FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
                      WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"""
    for name, table, names_its_table in connection.exec_driver_sql(standing).all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"' + (f" ON {table}" if names_its_table else ""))


if context.is_offline_mode():
    raise SystemExit("Migrations look at the data they change, so they cannot be written out as SQL.")
migrate(context.config.attributes.get("url") or Settings().database)
