"""Rows become what a page shows: by position, which the statement must keep."""

from dataclasses import dataclass

import pytest
from sqlmodel import Session

from app.compounds.models import Compound
from app.kit.db import Database, writing
from app.kit.records import columns, made_into, rows_of
from tests.making import make_compound


@dataclass(frozen=True)
class Place:
    slug: str
    name: str


PLACES = columns(Compound.slug, Compound.name, Compound.id)


def test_a_row_becomes_what_its_first_columns_say(database: Database) -> None:
    with writing(database) as session:
        compound = make_compound(session, "b", "某某小区")
        compound.name = "改名小区"  # and nobody has flushed it
        assert [made_into(Place, PLACES)(row) for row in rows_of(session, PLACES, {})] == [Place("b", "改名小区")]


def test_what_is_not_flushed_would_not_be_seen(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    with writing(database) as session:
        make_compound(session, "b", "某某小区").name = "改名小区"
        with monkeypatch.context() as patch:
            patch.setattr(Session, "flush", lambda _self: None)
            assert rows_of(session, PLACES, {}).one().name == "某某小区"


def test_another_order_is_refused_when_it_is_written() -> None:
    with pytest.raises(AssertionError):
        made_into(Place, columns(Compound.name, Compound.slug))
