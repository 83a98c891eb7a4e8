"""Tables: how the rows of this house are keyed.

A row of a compound has the key (compound_id, id) and points to other rows of *its own* compound by
(compound_id, x_id): the database itself refuses a row that points across the fence. Every other table is
global and stands in `GLOBAL_TABLES`; a house test walks the metadata and finds the forgotten one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import repeat
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Executable, ForeignKeyConstraint, Result, Row, Select, and_
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field, Session, SQLModel, col

from app.kit.ids import new_id

# Names from the first migration on: SQLite's batch rebuilds drop what has no name.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

TableClass = TypeVar("TableClass", bound=type[SQLModel])
Made = TypeVar("Made")

GLOBAL_TABLES: set[str] = set()
"""Tables that belong to no single compound, each registered by `shared_by_all` beside its class."""


class Record(SQLModel):
    """A row of one compound. Subclass with `table=True`; ids are UUIDs, made here or by the client."""

    compound_id: UUID = Field(primary_key=True, foreign_key="compound.id")
    id: UUID = Field(default_factory=new_id, primary_key=True)


def points_to(table: str, *columns: str, deferred: bool = False) -> ForeignKeyConstraint:
    """A foreign key inside the compound: `points_to("shift", "shift_id")` goes into `__table_args__`.

    `columns` are this table's columns after compound_id, in the order of `table`'s key after its compound_id
    (one column, unless the target's key is longer). There is no ON DELETE CASCADE anywhere in the house.
    """
    assert len(columns) == 1, "every record is found by (compound_id, id)"
    return ForeignKeyConstraint(
        ["compound_id", columns[0]],
        [f"{table}.compound_id", f"{table}.id"],
        deferrable=True if deferred else None,
        initially="DEFERRED" if deferred else None,
    )


def pointing(child: type[Record], column: str, parent: type[Record]) -> ColumnElement[bool]:
    """The ON of a join along `points_to`: `.join(Shift, pointing(Signup, "shift_id", Shift))`."""
    return and_(col(child.compound_id) == col(parent.compound_id), getattr(child, column) == col(parent.id))


def columns(*wanted: Any) -> Any:
    """`select` of many columns: SQLModel's typed overloads end at four. For module-level statements of lists."""
    return sqlalchemy_select(*wanted)


def rows_of(session: Session, statement: Executable, values: Mapping[str, Any]) -> Result[Any]:
    """Execute a statement of columns: what the session does for the entities of others costs 60 µs and gives these nothing."""
    session.flush()
    return session.connection().execute(statement, values)


def insert_many(
    session: Session, kind: type[Record], same: Mapping[str, Any], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Rows of one table: what is the `same` in all of them, then the values of `names` in this order.

    They go to the driver itself, on PostgreSQL by COPY: a district's roll has 200,000, and what SQLAlchemy does for a row takes
    longer than what the database does.
    """
    rows = list(rows)
    if not rows:
        return
    session.flush()
    connection = session.connection()
    table, dialect = kind.__table__, connection.dialect  # type: ignore[attr-defined]
    as_stored = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in (*same, *names)]
    start = tuple(say(value) if say else value for say, value in zip(as_stored, same.values(), strict=False))
    filled = zip(as_stored[len(start) :], zip(*rows, strict=True), strict=True)  # by column: half the time
    stored = ([say(value) for value in column] if say else column for say, column in filled)
    written = list(zip(*map(repeat, start), *stored, strict=False))
    into, marks = f"{table.name} ({', '.join((*same, *names))})", ", ".join("?" * len(as_stored))
    if dialect.name == "postgresql":
        _copy(connection, f"COPY {into} FROM STDIN", written)
    else:
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", written)  # noqa: S608 (our own names)


def _copy(connection: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """What the driver raises becomes what SQLAlchemy raises of any other statement, so that it is answered like that."""
    dialect, errors = connection.dialect, connection.dialect.loaded_dbapi.Error
    try:
        with connection.connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except errors as error:
        lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(statement, None, error, errors, True, lost, dialect) from error


def made_into(kind: type[Made], statement: Select[Any]) -> Callable[[Row[Any]], Made]:
    """What makes a `kind` of a row of `statement`, whose first columns are that dataclass's fields, in their order.

    By position, because asking a row for its columns by name costs four times as much.
    """
    names = [field.name for field in fields(cast("Any", kind))]
    assert [column.key for column in statement.selected_columns][: len(names)] == names, f"not the columns of {kind.__name__}"
    return lambda row: kind(*row[: len(names)])


def shared_by_all(table: TableClass) -> TableClass:
    """Class decorator for the few tables that belong to no single compound (accounts, jobs, …)."""
    GLOBAL_TABLES.add(str(table.__tablename__))
    return table
