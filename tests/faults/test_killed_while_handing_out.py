"""The server is killed (SIGKILL) again and again while eight desks hand 100 parcels to 120 homes, each of which is asked for at
two desks at once.

Whatever was acknowledged is there after the next start, no home has it twice, and there are exactly as many as parcels.
"""

import os
import random
import signal
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from uuid import UUID

import httpx
from sqlmodel import func, select

from app.backups.manifest import facts_of, unsound
from app.benefits.claim_models import Claim
from app.benefits.stock_models import Stock
from app.kit.db import reading
from app.kit.ids import new_id
from app.treasury.chart_models import Code
from app.treasury.models import Posting
from bench.claims import CLAIM, KEY, furnished
from tests.benefits.giving import balance
from tests.faults.served import Served, cleanly_busy, database_in

HOMES, PARCELS, DESKS, KILLS = 120, 100, 8, 6


class Table:
    """Desks that take the next home, and ask with one id until they are answered."""

    def __init__(self, homes: list[UUID]) -> None:
        self.waiting: SimpleQueue[UUID] = SimpleQueue()
        for home in homes:
            self.waiting.put(home)
        self.given: list[tuple[UUID, UUID]] = []
        """(Home, id of the claim) of what was acknowledged."""
        self.refused: list[str] = []

    def stand(self, address: str) -> None:
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {KEY}"}, timeout=10) as client:
            while True:
                try:
                    home = self.waiting.get_nowait()
                except Empty:
                    return
                id = new_id()
                answer = self._answer(client, f"/api/v1/c/fengshu/entitlements/{home}/claims/{id}")
                if answer.is_success:
                    self.given.append((home, id))
                else:
                    self.refused.append(answer.json()["code"])

    def _answer(self, client: httpx.Client, path: str) -> httpx.Response:
        while True:
            try:
                answer = client.put(path, json=CLAIM)
            except httpx.TransportError:
                time.sleep(0.01)
                continue
            if not cleanly_busy(answer):
                return answer
            time.sleep(0.05)


def test_every_acknowledged_claim_survives_and_none_is_there_twice(database_url: str, tmp_path: Path) -> None:
    dice = random.Random(6)
    with database_in(tmp_path, database_url) as db:
        homes, _took = furnished(db, "fengshu", HOMES, PARCELS)
    asked = [*homes, *homes]
    dice.shuffle(asked)
    table, served = Table(asked), Served(tmp_path, database_url)
    desks = [threading.Thread(target=table.stand, args=(served.address,), daemon=True) for _ in range(DESKS)]
    try:
        server, busy = served.start(), 0
        for desk in desks:
            desk.start()
        for n in range(KILLS):
            deadline = time.monotonic() + 60
            while len(table.given) < (n + 1) * PARCELS // (KILLS + 2):
                assert time.monotonic() < deadline, table.refused
                time.sleep(0.002)
            time.sleep(dice.uniform(0, 0.03))
            busy += any(desk.is_alive() for desk in desks)
            os.kill(server, signal.SIGKILL)
            server = served.start()
        for desk in desks:
            desk.join(60)
        assert not any(desk.is_alive() for desk in desks)
    finally:
        served.close()
    assert busy == KILLS
    assert len(table.given) == PARCELS
    assert len(table.refused) == len(asked) - PARCELS
    assert set(table.refused) == {"AlreadyClaimed", "OutOfStock"}
    with database_in(tmp_path, database_url) as db, reading(db) as session:
        there = [(claim.entitlement_id, claim.id) for claim in session.exec(select(Claim))]
        assert sorted(there) == sorted(table.given)
        assert len({home for home, _id in there}) == PARCELS
        stock = session.exec(select(Stock)).one()
        assert (stock.received, stock.handed, stock.left) == (PARCELS, PARCELS, 0)
        compound_id = session.exec(select(Claim.compound_id).limit(1)).one()
        assert balance(session, compound_id, Code.OWED) == -(HOMES - PARCELS) * 100_00
        assert int(session.exec(select(func.sum(Posting.amount_fen))).one()) == 0
        assert unsound(session, facts_of(session)) == []
