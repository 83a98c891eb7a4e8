"""Triggers: the rules that hold even against this program's own mistakes.

Rooms register their guards when they are imported; `stand_guard` puts all of them up again after every migration,
because SQLite drops a table's triggers when a migration rebuilds it.
"""

from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection, inspect, text


@dataclass(frozen=True)
class Guard:
    """One trigger. `sqlite` and `postgresql` are complete statements that create it; they must use `name`.

    On PostgreSQL a trigger needs a function: give both statements, the function (CREATE OR REPLACE) first.
    """

    table: str
    name: str
    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]


GUARDS: dict[str, Guard] = {}


def guard(table: str, name: str, *, sqlite: str | tuple[str, ...], postgresql: str | tuple[str, ...]) -> None:
    """Register one trigger called `name` on `table`."""
    as_tuple = [(s,) if isinstance(s, str) else s for s in (sqlite, postgresql)]
    GUARDS[name] = Guard(table, name, *as_tuple)


def append_only(table: str) -> None:
    """Rows of `table` are written once: UPDATE, DELETE and (PostgreSQL) TRUNCATE fail for every role."""
    no = f"{table} is append-only"
    for act in ("UPDATE", "DELETE"):
        name = f"{table}_no_{act.lower()}"
        guard(
            table,
            name,
            sqlite=f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{no}'); END",
            postgresql=(_REFUSE, f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse('{no}')"),
        )
    guard(
        table,
        f"{table}_no_truncate",
        sqlite=(),
        postgresql=(_REFUSE, f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse('{no}')"),
    )


_REFUSE = """CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"""


def stand_guard(connection: Connection) -> None:
    """(Re-)create every registered trigger whose table exists; runs at the end of each migration."""
    dialect = connection.dialect.name
    tables = set(inspect(connection).get_table_names())
    for g in GUARDS.values():
        if g.table not in tables:
            continue
        drop = f"DROP TRIGGER IF EXISTS {g.name}" + (f" ON {g.table}" if dialect == "postgresql" else "")
        for statement in chain((drop,), getattr(g, dialect)):
            connection.execute(text(statement))
