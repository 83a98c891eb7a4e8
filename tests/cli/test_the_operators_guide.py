"""What docs/operating.md tells to type is there, and its hardening of PostgreSQL lets the product work and forgers not."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import make_url
from typer.main import get_command

from app.cli import cli
from tests.cast import open_house
from tests.house.test_readme_commands import commands, settings_and_words
from tests.making import fresh, make_notice, make_shift

GUIDE = "docs/operating.md"
SQL = re.findall(r"```sql\n(.*?)```", (Path(__file__).parents[2] / GUIDE).read_text(), re.DOTALL)


def test_every_command_that_is_told_exists() -> None:
    known = get_command(cli).commands  # type: ignore[attr-defined]
    told = [words[3:] for _, words in map(settings_and_words, commands(GUIDE)) if words[1:3] == ["-m", "app"]]
    assert len(told) > 8
    for command, *words in told:
        options = {option for parameter in known[command].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


@pytest.fixture
def hardened(postgresql_url: str) -> Iterator[str]:
    """The URL of the role that owns nothing."""
    plain = postgresql_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as owner:
        owner.execute("CREATE ROLE gongzhi_web LOGIN")
        for statement in SQL:
            owner.execute(statement)  # type: ignore[call-overload]
        yield make_url(postgresql_url).set(username="gongzhi_web").render_as_string(hide_password=False)
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gongzhi_web'; DROP OWNED BY gongzhi_web"
        )
        owner.execute("DROP ROLE gongzhi_web")


def test_the_hardened_role_can_do_its_work_and_cannot_rewrite_what_was_published(hardened: str, tmp_path: Path) -> None:
    with open_house(hardened, tmp_path) as house:
        with house.session() as session:
            shift = make_shift(session, house.he.person)
            make_notice(session, house.liu.person)
        assert house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).status == 201
        assert house.nobody.get("//readyz").status == 200
    with psycopg.connect(hardened.replace("+psycopg", "")) as forger:
        forger.execute("SELECT 1 FROM visit FOR UPDATE")  # photos of a visit arrive under its lock
        for statement in (
            "UPDATE log_entry SET entry = ''",
            "DELETE FROM posting",
            "ALTER TABLE log_entry DISABLE TRIGGER ALL",
            "DROP TRIGGER log_entry_no_update ON log_entry",
            "TRUNCATE audit_line",
        ):
            with pytest.raises(InsufficientPrivilege), forger.transaction():
                forger.execute(statement)
