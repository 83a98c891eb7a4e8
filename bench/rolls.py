"""A district's roll: 100,000 units read, divided, frozen as entitlements, published, and owed in the books; one transaction.

On both engines: SQLite takes the rows one by one, PostgreSQL by COPY.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from uuid import UUID

import psycopg
from sqlalchemy import insert
from sqlmodel import Session

from app.access.actors import Actor, acting
from app.benefits.planning import plan
from app.benefits.publishing import publish_plan
from app.compounds.models import Building, Entrance, SeatKind, Unit
from app.kit.db import writing
from app.kit.ids import new_id
from app.kit.migrations import upgrade
from app.kit.money import MOST
from app.main import calm_collector, open_database
from app.settings import Settings
from app.treasury.journal import open_books
from bench import Line
from bench.claims import let_through, parcels_wish
from tests.making import make_compound, make_person, make_seat
from tests.postgres import postgres

UNITS, ENTRANCES, FLATS = 100_000, 5, 40
"""So many units; entrances to a building, flats to an entrance."""


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder, postgres() as cluster:
        with psycopg.connect(f"{cluster.url}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE DATABASE roll")
        for engine, settings in (
            ("SQLite", Settings(data_dir=Path(folder))),
            ("PostgreSQL", Settings(data_dir=Path(folder), database_url=f"{cluster.url}/roll")),
        ):
            yield Line(f"roll of {UNITS:,} frozen, published and owed ({engine})", freezing(settings), "≤ 5 s")


def freezing(settings: Settings) -> float:
    upgrade(settings.database)
    db = open_database(settings)
    with writing(db) as session:
        actor, id = district(session)
    calm_collector()  # as the server does
    with writing(db) as session:
        begun = perf_counter()
        publish_plan(session, actor, id)
    took = perf_counter() - begun
    db.dispose()
    return took


def district(session: Session) -> tuple[Actor, UUID]:
    """Its director, and an approved plan of a parcel for each of its units."""
    compound = make_compound(session, "district", "测量片区")
    director = make_person(session, compound, "刘主任")
    make_seat(session, director, SeatKind.DIRECTOR)
    open_books(session, compound.id, MOST - 1)
    of = {"compound_id": compound.id}
    buildings = [{**of, "id": new_id(), "name": f"{n + 1}栋"} for n in range(UNITS // ENTRANCES // FLATS)]
    entrances = [
        {**of, "id": new_id(), "building_id": building["id"], "name": f"{n + 1}单元"}
        for building in buildings
        for n in range(ENTRANCES)
    ]
    units = [
        {**of, "id": new_id(), "entrance_id": entrance["id"], "room": f"{n}", "label": f"{at}-{n}", "area": 5000 + n}
        for at, entrance in enumerate(entrances)
        for n in range(FLATS)
    ]
    for kind, rows in ((Building, buildings), (Entrance, entrances), (Unit, units)):
        session.execute(insert(kind), rows)
    actor, id = acting(session, compound, director), new_id()
    plan(session, actor, id, parcels_wish(session, actor))
    let_through(session, actor, id)
    return actor, id
