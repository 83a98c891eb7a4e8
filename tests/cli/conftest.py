"""Commands, typed as an operator would, in this process; and a compound to type them at."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import cli
from app.kit.db import Database, writing
from app.main import open_database
from app.settings import Settings
from tests.making import make_compound, make_notice, make_person, make_unit

Command = Callable[..., Result]


@pytest.fixture
def data(sqlite_url: str) -> Path:
    """A DATA_DIR with a migrated, empty database."""
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    folder = file.parent / "data"
    folder.mkdir()
    file.rename(folder / "gongzhi.db")
    return folder


@pytest.fixture
def command(data: Path) -> Command:
    """`command("verify", "--compound", "fengshu", typed="y\\n", DATA_DIR=…)`."""

    def run(*words: str, typed: str = "", **settings: str) -> Result:
        env = {"DATA_DIR": str(data), "DATABASE_URL": "", "PUBLIC_URL": "http://127.0.0.1:8000"} | settings
        result = CliRunner().invoke(cli, list(words), input=typed, env=env)
        assert isinstance(result.exception, SystemExit | None), result.exception
        return result

    return run


@pytest.fixture
def settled(data: Path) -> Path:
    """The same with a compound, somebody in it, and two published lines."""
    with database(data) as db, writing(db) as session:
        compound = make_compound(session)
        liu = make_person(session, compound, "刘主任", make_unit(session, compound))
        make_notice(session, liu)
        make_notice(session, liu, title="第二次公示")
    return data


class database:  # noqa: N801 reads as `with database(data) as db`
    """The database in a DATA_DIR, closed again."""

    def __init__(self, data: Path) -> None:
        self.db = open_database(Settings(data_dir=data, database_url=""))

    def __enter__(self) -> Database:
        return self.db

    def __exit__(self, *_: object) -> None:
        self.db.dispose()
