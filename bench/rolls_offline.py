"""The roll that a desk without signal takes along: 5,000 homes with their owners, as a proxy compresses it on the way."""

import gzip
import random
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert
from sqlmodel import select

from app.benefits.handover_queries import roll_to_take
from app.benefits.models import Distribution
from app.benefits.schemas import OfflineRollRead
from app.compounds.models import Ownership, Person, Unit
from app.kit.db import reading, writing
from app.kit.ids import new_id
from app.kit.migrations import upgrade
from app.main import open_database
from app.settings import Settings
from bench import Line
from bench.claims import furnished

HOMES = 5000
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰文建国志红海春梅"


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        upgrade(settings.database)
        db = open_database(settings)
        furnished(db, "offline", HOMES, 1)
        with writing(db) as session:
            people, owns = [], []
            for n, unit in enumerate(session.exec(select(Unit))):
                for _owner in range(1 + n % 2):
                    of = {"compound_id": unit.compound_id, "id": new_id()}
                    people.append(of | {"name": name(), "phone": None})
                    owns.append(of | {"unit_id": unit.id, "person_id": of["id"], "from_on": date(2024, 1, 1)})
            session.execute(insert(Person), people)
            session.execute(insert(Ownership), owns)
        with reading(db) as session:
            distribution = session.exec(select(Distribution)).one()
            begun = perf_counter()
            text = OfflineRollRead.model_validate(roll_to_take(session, distribution), from_attributes=True).model_dump_json()
            took = perf_counter() - begun
        yield Line(f"roll of {HOMES:,} to take along, compressed", len(gzip.compress(text.encode())) / 1000, "≤ 300 kB")
        yield Line("  read and written", took, "≤ 2 s")
        db.dispose()


def name() -> str:
    return random.choice(FAMILY) + "".join(random.choices(GIVEN, k=random.choice((1, 2))))
