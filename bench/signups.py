"""A sign-up as a neighbour makes it, beside the least that could be: the list and the sign-up that volunteer_planner has too.

Both are asked with every check: the login session by its cookie, the form's hidden field against forgery (no browser's header
vouches for it), another place of theirs that might overlap, the line on record. volunteer_planner (Django) itself is not run
here: on one machine our prototype answered its list 10 to 12 and its sign-up 5 to 9 times as often, and the prototype's page was
0.037 of a bare reply. So its list is 0.0034 of one.
"""

import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import Session

from app.kit.clock import now
from app.kit.db import writing
from app.kit.ids import new_id
from app.kit.migrations import upgrade
from app.kit.same_origin import FIELD, token_for
from app.main import open_database
from app.settings import Settings
from app.volunteering.signup_models import Signup, SignupState
from bench import Line
from bench._serving import BARE, Server, ask, cost, rate, request, running, serving
from bench.writes import bare_transactions
from tests.making import make_compound, make_login, make_person, make_shift, make_unit

NEIGHBOURS = 300
SECONDS = 2
PEER = 0.037 / 11
"""volunteer_planner's list to a bare reply, by the docstring's figures."""


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        upgrade(settings.database)
        db = open_database(settings)
        with writing(db) as session:
            shift, sessions = furnished(session)
        signups = [sign_up(shift, sid, settings.secret) for sid in sessions]
        with running([sys.executable, "-c", BARE], {}) as bare, serving(folder) as server:
            listed = request("GET", "/c/b/volunteering?limit=20", {"Cookie": f"sid={sessions[0]}"})
            reply, _ = cost(bare, request("GET", "/", {}), SECONDS)
            page, _ = cost(server, listed, SECONDS)
            signed, each = made(server, signups)
        least = bare_transactions(db, shift)
        db.dispose()
        yield Line("page of 20 shifts, to volunteer_planner's", reply / page / PEER, "≥ 10 times")
        yield Line("sign-up by the form, every check, to a bare reply", reply / each, "≥ 0.02 bare")
        yield Line("  a second, to the bare two-statement transaction", signed * sum(least) / len(least) / 1000, "≥ 0.5 bare")


def made(server: Server, signups: list[bytes]) -> tuple[float, float]:
    """How many a second, and the server's CPU ms of one."""
    before = server.cpu
    answers = ask(server.port, signups)
    assert {answer.status for answer in answers} == {303}, answers[0]
    return rate(answers), (server.cpu - before) / len(answers) * 1000


def sign_up(shift: UUID, sid: str, secret: bytes) -> bytes:
    proof = token_for(secret, sha256(sid.encode()).hexdigest())
    headers = {"Cookie": f"sid={sid}", "Content-Type": "application/x-www-form-urlencoded"}
    return request(
        "POST", f"/c/b/volunteering/shifts/{shift}/signups", headers, urlencode({"id": str(new_id()), FIELD: proof}).encode()
    )


def furnished(session: Session) -> tuple[UUID, list[str]]:
    """A roomy shift among twenty, and neighbours with a session each, who all have a place on another day."""
    compound = make_compound(session, "b", "测量小区")
    leader = make_person(session, compound, "何队长", make_unit(session, compound))
    shifts = [make_shift(session, leader, starts_in=timedelta(days=day), capacity=2 * NEIGHBOURS) for day in range(1, 21)]
    sessions = []
    for n in range(NEIGHBOURS):
        person = make_person(session, compound, "邻居", make_unit(session, compound, room=str(n)))
        sessions.append(make_login(session, person))
        session.add(
            Signup(
                compound_id=compound.id, shift_id=shifts[-1].id, person_id=person.id, entered_by_id=person.id, line=n + 1,
                state=SignupState.CONFIRMED, year=now().year, number=1_000_000 + n, sent_sha256=b"made",
            )
        )  # fmt: skip
    shifts[-1].taken = shifts[-1].line = NEIGHBOURS
    return shifts[0].id, sessions
