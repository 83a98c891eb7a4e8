"""The two engines' own ways to a consistent copy, and back."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, NullPool, create_engine, inspect, text
from sqlmodel import Session

from app.backups.outcomes import Cannot


def engine_of(url: URL) -> str:
    return url.get_backend_name()


@contextmanager
def copied(url: URL, to: Path) -> Iterator[Session]:
    """Copy the database into the file `to`, people writing meanwhile; gives a session that sees exactly what was copied."""
    if engine_of(url) == "sqlite":
        assert url.database
        with closing(sqlite3.connect(url.database)) as source, closing(sqlite3.connect(to)) as copy:
            source.execute("PRAGMA busy_timeout=5000")
            source.backup(copy)  # all pages in one step, which is one snapshot; writers go on
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without the two beside it
        with looking_into(url.set(database=str(to))) as session:
            yield session
        return
    with looking_into(url) as session:
        snapshot = session.connection().execute(text("SELECT pg_export_snapshot()")).scalar_one()
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={to}")
        yield session


def put_back(url: URL, dump: Path) -> None:
    """PostgreSQL only: all of the dump or nothing of it."""
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(dump))


def refuse_unless_empty(url: URL) -> None:
    """Raises Cannot where there is a database already."""
    if engine_of(url) == "sqlite":
        if Path(str(url.database)).exists():
            raise Cannot(f"{url.database} is there already; a backup is restored into an empty place.")
        return
    with looking_into(url) as session:
        if tables := inspect(session.connection()).get_table_names():
            raise Cannot(f"The database {url.database} is not empty ({len(tables)} tables); restore into a new one.")


@contextmanager
def looking_into(url: URL) -> Iterator[Session]:
    """A session of one snapshot, on a connection of its own."""
    isolation = "REPEATABLE READ" if engine_of(url) == "postgresql" else "SERIALIZABLE"
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, isolation_level=isolation)
    with Session(engine) as session:
        yield session


def _run(program: str, url: URL, *options: str) -> None:
    """The password goes by the environment: arguments are read by everyone on the machine. Raises Cannot."""
    if shutil.which(program) is None:
        raise Cannot(f"{program} is not on this machine; it comes with PostgreSQL's client (apt-get install postgresql-client).")
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    env = os.environ | ({"PGPASSWORD": url.password} if url.password else {})
    command = [program, "--no-password", f"--dbname={address.render_as_string()}", *options]
    done = subprocess.run(command, env=env, capture_output=True, text=True)  # noqa: S603 our own words
    if done.returncode:
        raise Cannot(f"{program} could not: {(done.stderr.strip() or 'it gave no reason').splitlines()[0]}")
