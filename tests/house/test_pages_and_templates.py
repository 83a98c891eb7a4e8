"""A page gives its template what the template reads, and a template imports what it draws: no more."""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from jinja2 import meta, nodes

import app.main  # noqa: F401  imports every page
from app.kit.answers import RefusalPage
from app.kit.views import View, templates

FOLDER = Path("app/templates")


def pages(of: type[View] = View) -> Iterator[type[View]]:
    for page in of.__subclasses__():
        if hasattr(page, "template") and page.__module__.startswith("app."):
            yield page
        yield from pages(page)


def given_in_vain(page: type[View], template: str) -> set[str]:
    """Fields that neither the template nor what it extends, includes or imports reads. The shell reads every `frame`."""
    return {field.name for field in fields(page)} - _read(template, set()) - {"frame"}


def _read(template: str, seen: set[str]) -> set[str]:
    seen.add(template)
    read, others = _parsed(template)
    return read.union(*(_read(other, seen) for other in others if other not in seen))


@cache
def _parsed(template: str) -> tuple[frozenset[str], frozenset[str]]:
    """What it reads itself, and which templates it names. Most pages name the same dozen: each is parsed once."""
    tree = templates.parse((FOLDER / template).read_text("utf-8"))
    return frozenset(meta.find_undeclared_variables(tree)), frozenset(filter(None, meta.find_referenced_templates(tree)))


def imported_in_vain(source: str) -> set[str]:
    tree = templates.parse(source)
    imported = [name for node in tree.find_all(nodes.FromImport) for name in node.names]
    drawn = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "load"}
    return {name[1] if isinstance(name, tuple) else name for name in imported} - drawn


@pytest.mark.parametrize("page", [*pages()], ids=lambda page: f"{page.__module__}.{page.__qualname__}")
def test_a_template_reads_every_field_of_its_page(page: type[View]) -> None:
    assert not given_in_vain(page, page.template)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.html")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_template_draws_what_it_imports(path: Path) -> None:
    assert not imported_in_vain(path.read_text("utf-8"))


def test_what_is_in_vain_would_be_found() -> None:
    assert imported_in_vain('{% from "a.html" import card, form as post, row %}{{ row() }}') == {"card", "post"}
    assert given_in_vain(RefusalPage, "components/card.html") >= {"next_step", "back_says"}
