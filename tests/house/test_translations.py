"""Every string for people is in the catalogue, in English, and compiled; nothing else is."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.catalog import Catalog

import app

FOLDER = Path(app.__file__).parent / "locale"
update = SimpleNamespace(**runpy.run_path(str(FOLDER / "update.py")))
AGAIN = "run: python app/locale/update.py"


@pytest.fixture(params=sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")), ids=lambda path: path.parts[-3])
def path(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def ids(catalogue: Catalog) -> set[object]:
    return {message.id for message in catalogue if message.id}


def test_the_catalogue_holds_exactly_the_strings_of_the_program(path: Path) -> None:
    catalogue = update.read(path)
    in_program, in_catalogue = ids(update.gathered()), ids(catalogue)
    assert not in_program - in_catalogue, AGAIN
    assert not in_catalogue - in_program, AGAIN
    assert not catalogue.obsolete, AGAIN


def test_every_string_is_translated_and_keeps_its_places(path: Path) -> None:
    assert update.untranslated(update.read(path)) == []


def test_what_is_compiled_is_what_was_written(path: Path) -> None:
    assert path.with_suffix(".mo").read_bytes() == update.as_mo(update.read(path)), AGAIN


def test_a_string_without_its_place_is_found() -> None:
    catalogue = Catalog("en")
    catalogue.add("还差 %(n)s 人", "some are missing")
    catalogue.add("您好", "Hello")
    catalogue.add("再见", "")
    catalogue.add("谢谢", "Thanks", flags=["fuzzy"])
    catalogue.add(("%(n)s 天", "%(n)s 天"), ("%(n)s day", ""))
    assert update.untranslated(catalogue) == ["还差 %(n)s 人", "再见", "谢谢", "%(n)s 天"]


def test_strings_are_gathered_from_python_and_not_its_keys(tmp_path: Path) -> None:
    module = tmp_path / "room.py"
    module.write_text('_("一")\nmark("二" "三")\n_n("%(n)s 人", n=1)\n_(row["key"])\nother("四")\n', encoding="utf-8")
    assert list(update.in_python(module)) == ["一", "二三", ("%(n)s 人", "%(n)s 人")]
