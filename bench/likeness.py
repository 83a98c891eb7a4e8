"""Looking for earlier photos that look like a new one, among 20,000: by the index, against comparing with every one of them.

Half of the prints are of scenes that were photographed ten times over, because a building site is, and not of dice alone.
"""

import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlmodel import Session, select

from app.kit.db import writing
from app.kit.ids import new_id
from app.kit.migrations import upgrade
from app.kit.pictures import Facts
from app.kit.records import insert_many
from app.main import open_database
from app.photos.intake import TakenIn
from app.photos.likeness import ALIKE, PARTS, remember
from app.photos.models import Photo, PhotoPrint
from app.photos.schemas import Capture
from app.photos.service import keep
from app.settings import Settings
from bench import Line
from bench._serving import tail
from tests.making import make_compound

PHOTOS, LOOKS = 20_000, 200
DICE = random.Random(20_000)


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as at_end:
        settings = Settings(data_dir=Path(folder))
        upgrade(settings.database)
        db = open_database(settings)
        at_end.callback(db.dispose)
        with writing(db) as session:
            compound = make_compound(session).id
            prints = list(some_prints())
            ids = [new_id() for _ in prints]
            facts = {"sha256": "0" * 64, "k1600": "0" * 64, "k960": "0" * 64, "k320": "0" * 64, "width": 4, "height": 3}
            row = Photo(compound_id=compound, bytes=1, format="JPEG", **facts).model_dump(exclude={"id"})
            insert_many(session, Photo, row, ["id"], [[id] for id in ids])
            sixteens = [[int(print_[at : at + 4], 16) for at in range(0, 16, 4)] for print_ in prints]
            rows = ([id, print_, print_, *parts] for id, print_, parts in zip(ids, prints, sixteens, strict=True))
            insert_many(session, PhotoPrint, {"compound_id": compound}, ["id", "phash", "dhash", *PARTS], rows)
        by_index, one_by_one = [], []
        for n in range(LOOKS):
            known = flipped(DICE.choice(prints), DICE.randrange(ALIKE + 1))
            with writing(db) as session:
                photo = keep(session, compound, new_id(), taken_in(known)).photo
                begun = perf_counter()
                found = remember(session, photo, taken_in(known))
                by_index.append(perf_counter() - begun)
                assert found, "whatever differs in ten bits or fewer is found"
                if n < 10:
                    begun = perf_counter()
                    assert every_one(session, known) >= len(found)
                    one_by_one.append(perf_counter() - begun)
        yield Line("likeness: a new photo among 20,000", median(by_index) * 1000, "≤ 25 ms")
        yield Line("  its p99 to its p50", tail(sorted(by_index)), "≤ 3 ratio")
        yield Line("likeness: by the index, of comparing every one", median(by_index) / median(one_by_one), "≤ 0.2 of it")


def some_prints() -> Iterator[str]:
    for n in range(PHOTOS):
        if n % 2 or n < 20:
            known = f"{DICE.getrandbits(64):016x}"
            yield known
        else:
            yield flipped(known, DICE.randrange(6))


def flipped(print_: str, bits: int) -> str:
    value = int(print_, 16)
    for bit in DICE.sample(range(64), bits):
        value ^= 1 << bit
    return f"{value:016x}"


def taken_in(print_: str) -> TakenIn:
    nothing = Facts(None, None, None, None, None, None)
    return TakenIn("0" * 64, None, *["0" * 64] * 3, 4, 3, 1, "JPEG", print_, print_, nothing, Capture())


def every_one(session: Session, print_: str) -> int:
    known = session.exec(select(PhotoPrint.phash, PhotoPrint.dhash)).all()
    ours = int(print_, 16)
    return sum(all((int(one, 16) ^ ours).bit_count() <= ALIKE for one in pair) for pair in known)
