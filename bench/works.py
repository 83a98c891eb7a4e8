"""A project of 2,000 photos beside one of eight: its page, and all of it as one ZIP. The server as it runs."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from sqlmodel import Session, select

from app.access.actors import Actor, acting
from app.compounds.models import Compound, Person
from app.kit.blobs import LocalBlobs
from app.kit.db import writing
from app.kit.ids import new_id
from app.kit.migrations import upgrade
from app.kit.pictures import Facts
from app.main import open_database
from app.photos.intake import TakenIn
from app.photos.schemas import Capture
from app.renovation.models import Project
from app.renovation.schemas import VisitWish
from app.renovation.visiting import receive_photo, submit_visit
from app.settings import Settings
from bench import Line
from bench._serving import Server, ask, cost, request, serving, tail
from tests.faults.served import site
from tests.renovation.sites import planned, said

VISITS, EACH = 250, 8
PICTURE = 120_000
"""Bytes of a copy of 960 px."""
SECONDS = 3
DICE = random.Random(2_000)


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        upgrade(settings.database)
        db = open_database(settings)
        here = site(db)
        key = LocalBlobs(settings.data_dir / "photos").put(DICE.randbytes(PICTURE))
        with writing(db) as session:
            compound = session.exec(select(Compound)).one()
            people = {person.name: acting(session, compound, person) for person in session.exec(select(Person))}
            chen, liu = people["陈工"], people["刘主任"]
            small = planned(session, liu, "小工程")
            visited(session, chen, small, key)
            for _ in range(VISITS):
                visited(session, chen, here.project, key)
        db.dispose()
        me = {"Cookie": f"sid={here.chen}"}
        pages = {id: request("GET", f"/c/fengshu/works/projects/{id}", me) for id in (small.id, here.project.id)}
        with serving(folder) as server:
            ask(server.port, list(pages.values()) * 20)  # warm
            costs = {id: cost(server, page, SECONDS) for id, page in pages.items()}
            path = f"/c/fengshu/works/projects/{here.project.id}"
            html = taken(server, path, here.chen)
            (small_cpu, _), (cpu, waits) = costs[small.id], costs[here.project.id]
            yield Line("page of a project with 2,000 photos, HTML", html.bytes / 1000, "≤ 60 kB")
            yield Line("  its CPU, to that of a project with 8", cpu / small_cpu, "≤ 1.5 times")
            yield Line("  its p99 to its p50 at 16 connections", tail(waits), "≤ 3 ratio")
            whole, again = (taken(server, f"{path}/file", here.chen) for _ in range(2))
            yield Line("all of it as one ZIP, to its photos", whole.bytes / (VISITS * EACH * PICTURE), "≤ 1.02 times")
            yield Line("  its first byte", whole.first, "≤ 2 s")
            yield Line("  memory of the worker while it is sent again", again.most - whole.most, "≤ 8 MiB")


class Taken(NamedTuple):
    """`first`: seconds to the first byte. `most`: MiB that the server had while it sent."""

    bytes: int
    first: float
    most: float


def taken(server: Server, path: str, sid: str) -> Taken:
    """Read piece by piece, as a phone that saves it does."""
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=120)) as line:
        begun = perf_counter()
        line.request("GET", path, headers={"Cookie": f"sid={sid}"})
        answer = line.getresponse()
        assert answer.status == 200, answer.status
        first, length, most = perf_counter() - begun, 0, server.memory
        while piece := answer.read(1 << 20):
            length, most = length + len(piece), max(most, server.memory)
        return Taken(length, first, most)


def visited(session: Session, chen: Actor, project: Project, key: str) -> None:
    """A visit with all its photos here; all of one look on the disk, and each of another to whoever compares them."""
    id, photos = new_id(), [new_id() for _ in range(EACH)]
    submit_visit(session, chen, id, VisitWish.model_validate(said(project, *photos)))
    for photo in photos:
        receive_photo(session, chen, id, photo, taken_in(key))


def taken_in(key: str) -> TakenIn:
    look = f"{DICE.getrandbits(64):016x}"
    digest = sha256(look.encode()).hexdigest()
    return TakenIn(digest, None, key, key, key, 960, 720, PICTURE, "JPEG", look, look, Facts(*[None] * 6), Capture())
