"""What somebody with the database's password could do."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from app.kit.guards import GUARDS


def guards_off(session: Session, *tables: str) -> None:
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    for guard in GUARDS.values():
        if guard.table in tables:
            run(session, f"DROP TRIGGER IF EXISTS {guard.name}" + (f" ON {guard.table}" if on_postgresql else ""))


def tamper(session: Session, statement: str, **values: object) -> int:
    """One statement with the guards off; gives the number of rows it changed."""
    guards_off(session, "log_entry", "log_node")
    return run(session, statement, **values)


def run(session: Session, statement: str, **values: object) -> int:
    """A UUID is 32 hex digits to SQLite."""
    if session.get_bind().dialect.name == "sqlite":
        values = {name: value.hex if isinstance(value, UUID) else value for name, value in values.items()}
    changed: int = session.connection().execute(text(statement), values).rowcount
    session.expire_all()
    return changed
