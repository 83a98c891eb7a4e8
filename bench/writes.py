"""A sign-up and a claim against the least they could be, two statements and a durable commit; then again while others sign
in and upload photos. The server as it runs, on SQLite with synchronous=FULL, 16 clients.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, col, select

from app.access.service import keep_key
from app.accounts.service import open_account, password_hash
from app.compounds.models import Compound, Person, SeatKind
from app.kit.clock import today
from app.kit.db import Database, writing
from app.kit.ids import new_id
from app.kit.migrations import upgrade
from app.main import open_database
from app.settings import Settings
from app.treasury.chart_models import Code
from app.volunteering.models import Shift
from app.volunteering.signup_models import Signup
from bench import Line
from bench._serving import Answer, ask, p99, rate, request, serving
from bench.claims import KEY, claim, furnished
from bench.photos import photographed
from tests.making import make_person, make_seat, make_shift, make_unit

SLUG = "b"
ACTS = 300
"""Of each kind, quiet and again beside others; of claims once more, one after the other."""
BOOKING_KEY = "gz_live_booking"
SIGN_IN = {"phone": "19900000001", "password": "a long and quiet street"}


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        upgrade(settings.database)
        db = open_database(settings)
        entitlements, _ = furnished(db, SLUG, 3 * ACTS, 3 * ACTS)
        shift, keys = volunteers(db)
        claims = [claim(SLUG, KEY, id) for id in entitlements]
        signups = [sign_up(shift, key) for key in keys]
        with serving(folder) as server:
            for name, acts in (("sign-ups", signups), ("claims", claims)):
                quiet = made(ask(server.port, acts[:ACTS]))
                bare = bare_transactions(db, shift)
                bare_rate = len(bare) / sum(bare) * 1000
                yield Line(f"{name} a second to the bare two-statement transaction", rate(quiet) / bare_rate, "≥ 0.5 bare")
                alone = p99(sorted(answer.ms for answer in quiet))
                yield Line("  their p99 at 16 clients", alone, "≤ 25 ms")
                with besides(server.port, signing_in), besides(server.port, uploading):
                    busy = made(ask(server.port, acts[ACTS : 2 * ACTS]))
                yield Line(
                    "  the same while others sign in and upload", p99(sorted(a.ms for a in busy)) / alone, "≤ 2 times alone"
                )
            desk, bare = made(ask(server.port, claims[2 * ACTS :], 1)), bare_transactions(db, shift)
            ratio = p99(sorted(answer.ms for answer in desk)) / p99(sorted(bare))
            yield Line("p99 of claims at one desk to that of the bare transaction", ratio, "≤ 10 times bare")
        db.dispose()


def made(answers: list[Answer]) -> list[Answer]:
    assert {answer.status for answer in answers} == {201}, answers[0]
    return answers


class besides:  # noqa: N801 it reads as a word
    """One more client, who does what `acts` gives again and again until the block ends."""

    def __init__(self, port: int, acts: Callable[[], Iterator[bytes]]) -> None:
        self.over = Event()
        self.thread = Thread(target=lambda: ask(port, self.until_over(acts()), 1))

    def until_over(self, acts: Iterator[bytes]) -> Iterator[bytes]:
        while not self.over.is_set():
            yield next(acts)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()


def signing_in() -> Iterator[bytes]:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    while True:
        yield request("POST", "/sign-in", headers, urlencode(SIGN_IN).encode())


def uploading() -> Iterator[bytes]:
    """A draft and its voucher, photographed with 12 megapixels."""
    photo = BytesIO()
    photographed(4000, 3000).save(photo, "jpeg", quality=90)
    key = {"Authorization": f"Bearer {BOOKING_KEY}"}
    wish = {
        "kind": "expense",
        "category": Code.BENEFITS,
        "amount": {"amount": "12.00"},
        "on_date": today().isoformat(),
        "counterparty": "五金店",
        "purpose": "灯泡",
    }
    while True:
        draft = f"/api/v1/c/{SLUG}/drafts/{new_id()}"
        yield request("PUT", draft, key | {"Content-Type": "application/json"}, json.dumps(wish).encode())
        yield request("PUT", f"{draft}/vouchers/{new_id()}", key | {"Content-Type": "image/jpeg"}, photo.getvalue())


def sign_up(shift: UUID, key: str) -> bytes:
    path = f"/api/v1/c/{SLUG}/shifts/{shift}/signups/{new_id()}"
    return request("PUT", path, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}, b"{}")


def volunteers(db: Database) -> tuple[UUID, list[str]]:
    """A roomy shift and everybody's keys; besides, an account with a password and a treasurer's key."""
    with writing(db) as session:
        compound = session.exec(select(Compound)).one()
        leader = make_person(session, compound, "何队长", make_unit(session, compound))
        make_seat(session, leader, SeatKind.TREASURER)
        keep_key(session, compound.id, leader.id, "bench", frozenset({"treasury:write"}), 1, BOOKING_KEY)
        open_account(session, SIGN_IN["phone"], password_hash(SIGN_IN["password"]))
        keys = [f"gz_live_{n:08d}" for n in range(2 * ACTS)]
        for n, key in enumerate(keys):
            person = make_person(session, compound, "邻居", make_unit(session, compound, room=str(n)))
            keep_key(session, compound.id, person.id, "bench", frozenset({"volunteering:write"}), 1, key)
        return make_shift(session, leader, capacity=2 * ACTS).id, keys


def bare_transactions(db: Database, shift: UUID) -> list[float]:
    """Milliseconds of each of the least that a sign-up could be: one row in, one counter up, committed durably, in one thread.

    In a shift of their own, so that the real one stays true.
    """
    with writing(db) as session:
        leader = session.exec(select(Person).where(Person.name == "何队长")).one()
        own = make_shift(session, leader, capacity=ACTS).id
        row = session.exec(select(Signup).where(Signup.shift_id == shift).limit(1)).one().model_dump()
        people = session.exec(select(Person.id).where(Person.name == "邻居").limit(ACTS)).all()
        taken = session.exec(select(Signup.number).order_by(col(Signup.number).desc()).limit(1)).one()
    put = insert(Signup)
    count = (
        update(Shift)
        .where(col(Shift.compound_id) == bindparam("of"), col(Shift.id) == bindparam("shift"))
        .values(taken=col(Shift.taken) + 1)
    )
    took = []
    for number, person in enumerate(people, start=taken + 1_000_000):
        begun = perf_counter()
        with db.turn(), Session(db.writing) as session:
            one = row | {"id": new_id(), "shift_id": own, "person_id": person, "number": number, "line": number}
            session.connection().execute(put, one)
            session.connection().execute(count, {"of": row["compound_id"], "shift": own})
            session.commit()
        took.append((perf_counter() - begun) * 1000)
    return took
