"""Every knob is told where people look for it: the READMEs' tables are those of `Settings`, and nothing reads the environment
past it.
"""

import ast
import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from app.settings import Settings

ROOT = Path(__file__).parents[2]
KNOBS = Settings.model_fields


def default(knob: FieldInfo) -> str:
    """As one would type it; an empty one is a dash."""
    text = str(knob.default).lower() if isinstance(knob.default, bool) else str(knob.default)
    return f"`{text}`" if text else "–"


def table() -> list[tuple[str, str, str]]:
    return [(f"`{name.upper()}`", default(knob), knob.description or "") for name, knob in KNOBS.items()]


def told(readme: str) -> list[tuple[str, ...]]:
    rows = re.findall(r"^\| (`[A-Z_]+`) \| (.*?) \| (.*) \|$", (ROOT / readme).read_text(), re.MULTILINE)
    return [tuple(row) for row in rows]


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, knob in KNOBS.items() if not (knob.description or "").endswith(".")] == []


def test_the_readme_tells_every_setting_as_it_is() -> None:
    expected = "\n".join(f"| {' | '.join(row)} |" for row in table())
    assert told("README.md") == table(), f"the table has to be:\n{expected}"


def test_the_chinese_readme_tells_the_same_settings() -> None:
    assert [row[:2] for row in told("README.zh-CN.md")] == [row[:2] for row in table()]
    assert all(re.search("[\u4e00-\u9fff]", row[2]) for row in told("README.zh-CN.md"))


def test_nothing_reads_the_environment_past_the_settings() -> None:
    readers = []
    for file in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                readers.append(f"{file.relative_to(ROOT)}: os.{node.attr}")
    # A child process is given the rest of the environment, and the darkroom almost none of it.
    assert sorted(set(readers)) == ["app/backups/engines.py: os.environ", "app/kit/pictures.py: os.environ"]


@pytest.mark.parametrize("name", KNOBS)
def test_every_setting_is_read_from_the_variable_of_its_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"data_dir": "/srv/x", "public_url": "https://x.example", "log_format": "json", "database_url": "sqlite:////x.db"}
    text = given.get(name) or ("true" if KNOBS[name].default is False else "false" if KNOBS[name].default is True else "3")
    monkeypatch.setenv(name.upper(), text)
    assert str(getattr(Settings(), name)).lower() == text
