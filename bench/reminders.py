"""Ten thousand people are reminded of their shifts: 500 shifts of twenty, over fifty moments of one day."""

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import time_machine
from sqlmodel import Session, func, select

from app.inbox.models import Message
from app.kit.clock import now
from app.kit.db import Database, writing
from app.kit.ids import new_id
from app.kit.jobs import run_once
from app.kit.migrations import upgrade
from app.kit.records import insert_many
from app.main import HANDLERS
from app.volunteering.models import Shift
from app.volunteering.reminding import remind_later
from app.volunteering.signup_models import Signup, SignupState
from bench import Line
from tests.making import make_compound, make_person, make_shift, make_unit
from tests.postgres import postgres

SHIFTS, PLACES, MOMENTS = 500, 20, 50


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        yield reminded(f"sqlite:///{Path(folder) / 'gongzhi.db'}", "SQLite")
    with postgres() as cluster:
        yield reminded(f"{cluster.url}/postgres", "PostgreSQL")


def reminded(url: str, name: str) -> Line:
    upgrade(url)
    db = Database(url)
    with writing(db) as session:
        begins = furnish(session)
    with time_machine.travel(begins - timedelta(hours=2), tick=True):
        began = perf_counter()
        jobs = run_once(db, HANDLERS)
        seconds = perf_counter() - began
    with Session(db.reading) as session:
        sent = session.exec(select(func.count()).select_from(Message)).one()
    assert (jobs, sent) == (2 * MOMENTS, SHIFTS * PLACES), (jobs, sent)
    db.dispose()
    return Line(f"seconds to remind {sent} sign-ups, {name}", seconds, "≤ 10 s")


def furnish(session: Session) -> datetime:
    """Everybody of one compound; the last shift begins when the returned moment is two hours away."""
    compound = make_compound(session)
    people = [make_person(session, compound, f"邻居{n}", make_unit(session, compound, room=str(n))) for n in range(PLACES)]
    begins = now() + timedelta(days=3)
    shifts: list[Shift] = []
    for n in range(SHIFTS):
        starts_at = begins - timedelta(seconds=n % MOMENTS)
        shift = make_shift(session, people[0], capacity=PLACES, starts_in=starts_at - now())
        shift.starts_at, shift.taken = starts_at, PLACES
        shifts.append(shift)
    same = {"compound_id": compound.id, "state": SignupState.CONFIRMED, "year": begins.year, "asked_at": now()}
    same |= {"only_if_needed": False, "sent_sha256": b"made"}
    rows = [
        (new_id(), shift.id, person.id, person.id, n * PLACES + line, line)
        for n, shift in enumerate(shifts)
        for line, person in enumerate(people, 1)
    ]
    insert_many(session, Signup, same, ("id", "shift_id", "person_id", "entered_by_id", "number", "line"), rows)
    for shift in shifts:
        remind_later(session, compound.id, shift.starts_at)
    return begins
