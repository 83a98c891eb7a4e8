"""The database's own history: `alembic/versions`, beside the package in a clone and in the image.

Alembic costs a third of a second to import, so it is loaded when a migration is asked for.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parents[2] / "alembic"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` up to `revision`; makes an absent SQLite file and its folder."""
    from alembic import command

    command.upgrade(configuration(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Back to `revision`; "base" leaves only Alembic's own table."""
    from alembic import command

    command.downgrade(configuration(url), revision)


def current(url: str) -> str | None:
    """The revision the database stands at; None before the first migration."""
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import NullPool, create_engine

    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision this code knows; what /readyz compares `current` with."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(FOLDER).get_current_head()


def configuration(url: str) -> "Config":
    from alembic.config import Config

    if not FOLDER.is_dir():
        raise FileNotFoundError(f"{FOLDER} is missing: the migrations stand beside the package, in a clone or in the image")
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["url"] = url
    return config
