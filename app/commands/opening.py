"""The database, opened for a command: it is there, it answers, it has tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from app.backups.outcomes import Cannot
from app.compounds.models import Compound
from app.kit.db import Database, reading
from app.main import open_database
from app.settings import Settings


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Raises Cannot, and says what to type."""
    db = open_database(settings)
    try:
        _refuse_without_tables(db)
        yield db
    finally:
        db.dispose()


def _refuse_without_tables(db: Database) -> None:
    if db.on_sqlite and not Path(str(db.url.database)).exists():  # SQLite would make an empty file
        raise Cannot("There is no database yet. Type: python -m app migrate")
    try:
        with reading(db) as session:
            stands = session.connection().execute(text("SELECT version_num FROM alembic_version")).first()
    except SQLAlchemyError as error:
        words = in_one_line(error)
        if "alembic_version" not in words:
            raise Cannot(f"The database does not answer: {words}") from None
        stands = None
    if stands is None:
        raise Cannot("The database has no tables yet. Type: python -m app migrate")


def in_one_line(error: SQLAlchemyError) -> str:
    """The driver's own words, without the statement."""
    return (str(getattr(error, "orig", None) or error).strip().splitlines() or ["no reason given"])[0]


def compound_called(db: Database, slug: str) -> Compound:
    """Raises Cannot, and says which there are."""
    with reading(db) as session:
        found = session.exec(select(Compound).where(Compound.slug == slug)).one_or_none()
        if found is None:
            there = session.exec(select(Compound.slug).order_by(col(Compound.slug)).limit(20)).all()
            raise Cannot(f"There is no compound {slug}; there are: {', '.join(there) or 'none yet (create-compound)'}.")
        return found
