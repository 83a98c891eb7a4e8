"""Rows become what a page shows: by position, which the statement must keep."""

from dataclasses import dataclass

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.compounds.models import Building, Compound
from app.kit.db import Database, writing
from app.kit.ids import new_id, new_ids
from app.kit.records import columns, insert_many, made_into, rows_of
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


def test_many_rows_at_once_are_the_rows_that_one_by_one_would_be(database: Database) -> None:
    with writing(database) as session:
        compound = make_compound(session, "b", "某某小区")
        ids = list(new_ids(3))
        rows = [(id, name, place) for place, (id, name) in enumerate(zip(ids, ["1栋", "a\tb\\N", "'; --"], strict=True))]
        insert_many(session, Building, {"compound_id": compound.id}, ("id", "name", "position"), rows)
        insert_many(session, Building, {"compound_id": compound.id}, ("id", "name", "position"), [])
        session.add(Building(compound_id=compound.id, name="4栋", position=3))
        session.flush()
        stored = session.exec(select(Building).where(Building.compound_id == compound.id).order_by(col(Building.position))).all()
    assert [(one.id, one.name, one.position) for one in stored[:3]] == rows
    assert len(stored) == 4


def test_many_rows_obey_the_rules_of_their_table(database: Database) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), writing(database) as session:
        insert_many(session, Building, {"compound_id": new_id()}, ("id", "name", "position"), [(new_id(), "1栋", 0)])


def test_many_ids_are_different_in_order_and_of_the_right_version() -> None:
    ids = list(new_ids(1000))
    assert ids == sorted(set(ids))
    assert {(id.version, id.variant) for id in ids} == {(7, "specified in RFC 4122")}
