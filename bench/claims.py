"""The opening rush: 1,000 homes at the desks for 100 parcels, through the door that programs use (TRUST.md, "Figures to hold").

The server as it runs, on SQLite; 32 requests in flight, as desks and phones in a row would send them.
"""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import Actor, acting
from app.access.service import keep_key
from app.benefits.approving import approve, standing_of, submit
from app.benefits.distribution_queries import distribution_for, items_of
from app.benefits.plan_schemas import DistributionWish
from app.benefits.planning import plan
from app.benefits.publishing import publish_plan
from app.benefits.roll_models import Entitlement
from app.benefits.schemas import StockMoveWish
from app.benefits.stocking import move_stock
from app.compounds.models import Compound, SeatKind
from app.council.schemas import DecisionWish
from app.council.service import record_decision
from app.kit.clock import now, today
from app.kit.db import Database, writing
from app.kit.ids import new_id
from app.kit.migrations import upgrade
from app.kit.money import MOST
from app.main import open_database
from app.notices.models import Notice
from app.settings import Settings
from app.treasury.draft_schemas import ApproveWish
from app.treasury.journal import open_books
from bench import Line
from bench._serving import ask, p99, request, serving
from tests.making import make_compound, make_person, make_seat, make_unit

HOMES, PARCELS, IN_FLIGHT = 1000, 100, 32
KEY = "gz_live_desk"
CLAIM = {
    "way": "tick_with_witness",
    "ticked": True,
    "proxy_name": "来人",
    "proxy_relation": "亲戚",
    "authority": "phone",
    "authority_note": "打给业主，说好了",
}


def lines() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        upgrade(settings.database)
        db = open_database(settings)
        entitlements, froze = furnished(db, "rush", HOMES, PARCELS)
        db.dispose()
        yield Line(f"roll of {HOMES:,} frozen, published and owed", froze, "≤ 5 s")
        with serving(folder) as server:
            before, begun = server.cpu, time.perf_counter()
            answers = ask(server.port, (claim("rush", KEY, id) for id in entitlements), IN_FLIGHT)
            took, cpu = time.perf_counter() - begun, server.cpu - before
        given = Counter(answer.status for answer in answers)
        yield Line(f"{HOMES:,} claims for {PARCELS} parcels", took, "≤ 10 s")
        yield Line("  granted beyond the parcels there were", abs(given[201] - PARCELS), "≤ 0 claims")
        yield Line("  neither granted nor cleanly refused", HOMES - given[201] - given[409], "≤ 0 answers")
        yield Line(f"  p99 of one claim at {IN_FLIGHT} in flight", p99(sorted(a.ms for a in answers)), "≤ 1000 ms")
        yield Line("  CPU in the server for one", cpu / HOMES * 1000, "≤ 10 ms")


def claim(slug: str, key: str, entitlement: UUID) -> bytes:
    path = f"/api/v1/c/{slug}/entitlements/{entitlement}/claims/{new_id()}"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return request("PUT", path, headers, json.dumps(CLAIM).encode())


def furnished(db: Database, slug: str, homes: int, parcels: int) -> tuple[list[UUID], float]:
    """A compound of that slug and a plan of parcels for each of its homes, open for claims by KEY.

    Returns the roll, and the seconds that freezing took.
    """
    id = new_id()
    with writing(db) as session:
        compound = make_compound(session, slug, "测量小区")
        director = make_person(session, compound, "刘主任")
        make_seat(session, director, SeatKind.DIRECTOR)
        keep_key(session, compound.id, director.id, "bench", frozenset({"benefits:write"}), 1, KEY)
        open_books(session, compound.id, MOST - 1)
        for n in range(homes):
            make_unit(session, compound, building=f"{n // 100 + 10}栋", room=str(1000 + n), area=5000 + n)
        actor = acting(session, compound, director)
        plan(session, actor, id, parcels_wish(session, actor))
        let_through(session, actor, id)
    begun = time.perf_counter()
    with writing(db) as session:
        publish_plan(session, actor, id)
    froze = time.perf_counter() - begun
    with writing(db) as session:
        (item,) = items_of(session, distribution_for(session, actor, id))
        move_stock(session, actor, id, new_id(), StockMoveWish(item_id=item.id, quantity=parcels))
        session.exec(select(Notice).where(Notice.record_id == id)).one().objections_until_at = now() - timedelta(seconds=1)
        return list(session.exec(select(Entitlement.id).where(Entitlement.distribution_id == id))), froze


def let_through(session: Session, actor: Actor, id: UUID) -> None:
    """Submitted, and signed by two supervisors of homes of their own."""
    submit(session, actor, id)
    compound = session.get_one(Compound, actor.compound.id)
    content = standing_of(session, distribution_for(session, actor, id)).content_hash
    for name in ("陈工", "老周"):
        supervisor = make_person(session, compound, name)
        make_seat(session, supervisor, SeatKind.SUPERVISOR)
        approve(session, acting(session, compound, supervisor), id, ApproveWish(content_hash=content or ""))


def parcels_wish(session: Session, actor: Actor) -> DistributionWish:
    """One bag of rice for every unit, as the owners decided."""
    decided = {
        "kind": "owners",
        "title": "端午礼包",
        "what": "每户一份。",
        "decided_on": today(),
        "votes_for": 9,
        "votes_against": 1,
    }
    decision, _made = record_decision(session, actor, new_id(), DecisionWish.model_validate(decided))
    days = {"from_on": today(), "until_on": today() + timedelta(days=8)}
    rice = {"kind": "goods", "name": "大米10斤", "price": {"amount": "100.00"}, "rule": "fixed_per_unit", "pieces": 1}
    return DistributionWish.model_validate(
        {
            "title": "端午礼包",
            "decision_id": decision.id,
            "batches": [{"place": "议事厅", "hours": "上午", "bring": "身份证", **days}],
            "items": [rice],
        }
    )
