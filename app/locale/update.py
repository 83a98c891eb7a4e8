"""Gather the strings for people and compile the catalogues: `python app/locale/update.py` (needs Babel, a tool of development).

Run it after adding or changing a string, translate what it names in `<language>/LC_MESSAGES/messages.po`, run it again.
A merge conflict in a catalogue is settled by taking either side and running it: its output depends on the sources alone.
"""

import ast
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

APP = Path(__file__).parents[1]
CATALOGUES = sorted((APP / "locale").glob("*/LC_MESSAGES/messages.po"))

KEYWORDS = {"_": None, "mark": None, "_n": (1, 1)}  # `_n("…", n=3)`: its one message is both singular and plural
Message = str | tuple[str, ...]
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


def gathered() -> Catalog:
    """Every string for people in the program and its templates, with the files it stands in."""
    template = Catalog(project="Gongzhi", creation_date=WRITTEN)
    for path in sorted(APP.rglob("*.py")):
        for message in in_python(path):
            template.add(message, locations=[(f"app/{path.relative_to(APP).as_posix()}", 0)])
    for path in sorted((APP / "templates").rglob("*.*")):
        for _line, message, *_rest in extract_from_file("jinja2", path, KEYWORDS, options={"silent": "false"}):
            template.add(message, locations=[(f"app/{path.relative_to(APP).as_posix()}", 0)])
    return template


def in_python(path: Path) -> Iterator[Message]:
    """The literal messages of a module. (Babel's own reader works on tokens and takes the key of `_(row["key"])` for one.)"""
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.Call(func=ast.Name(id="_" | "mark"), args=[ast.Constant(value=str(message)), *_]):
                yield message
            case ast.Call(func=ast.Name(id="_n"), args=[ast.Constant(value=str(message)), *_]):
                yield message, message


def read(path: Path) -> Catalog:
    """A language's catalogue as it stands."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def merged(catalogue: Catalog, template: Catalog) -> Catalog:
    """`catalogue` with exactly the strings of `template`: nothing obsolete is kept, nothing is guessed."""
    fresh = Catalog(locale=catalogue.locale, project="Gongzhi", creation_date=WRITTEN, revision_date=WRITTEN, fuzzy=False)
    fresh.header_comment = "# The words of Gongzhi. Made by app/locale/update.py; translate the empty msgstr lines."
    for message in template:
        if message.id:
            known = catalogue.get(message.id)
            fresh.add(message.id, known.string if known else None, message.locations, flags=known.flags if known else ())
    return fresh


def as_po(catalogue: Catalog) -> bytes:
    """The text that translators edit, in the order of the files."""
    out = BytesIO()
    write_po(out, catalogue, width=130, sort_by_file=True, include_lineno=False, omit_header=False)
    return out.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """What the standard library's gettext reads."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """The Chinese of every message that lacks a word, is marked fuzzy, or whose places are not the original's."""
    wrong = []
    for message in catalogue:
        (source, *_), said = forms(message.id), forms(message.string)
        if source and (message.fuzzy or not said or not all(said) or any(places(text) != places(source) for text in said)):
            wrong.append(source)
    return wrong


def forms(text: object) -> tuple[str, ...]:
    """One text, or its singular and plural."""
    return (text,) if isinstance(text, str) else tuple(text) if isinstance(text, list | tuple) else ()


def places(text: str) -> set[str]:
    """The %(name)s that are filled in."""
    return set(re.findall(r"%\((\w+)\)s", text))


def main() -> int:
    """Rewrite and compile every catalogue; exit 1 and name what is left to translate."""
    template, missing = gathered(), 0
    for path in CATALOGUES:
        catalogue = merged(read(path), template)
        path.write_bytes(as_po(catalogue))
        path.with_suffix(".mo").write_bytes(as_mo(catalogue))
        for text in untranslated(catalogue):
            sys.stdout.write(f"{path.parts[-3]}: {text}\n")
            missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
