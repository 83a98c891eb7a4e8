"""The opening rush: 1,000 homes at the desks for 100 parcels, through the door that programs use (TRUST.md, "Figures to hold").

SQLite, 32 requests in flight, as desks and phones in a row would send them.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import anyio
import structlog
from sqlmodel import select

from app.access.service import keep_key
from app.benefits.models import Entitlement
from app.benefits.planning import freeze_and_publish, plan, receive_stock
from app.benefits.schemas import DeliveryWish, DistributionWish
from app.compounds.models import Compound
from app.kit.clock import now, today
from app.kit.db import writing
from app.kit.ids import new_id
from app.kit.migrations import upgrade
from app.notices.models import Notice
from app.treasury.journal import open_books
from bench import Line
from tests.cast import House, actor_of, open_house
from tests.making import make_unit

HOMES, PARCELS, IN_FLIGHT = 1000, 100, 32
KEY = "gz_live_desk"
CLAIM = {"way": "tick_with_witness", "ticked": True, "proxy_name": "来人", "proxy_relation": "亲戚"}


def lines() -> Iterator[Line]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/claims.db"
        upgrade(url)
        with open_house(url, Path(folder)) as house:
            entitlements, froze = furnished(house)
            yield Line(f"roll of {len(entitlements)} frozen, published and owed", froze, "≤ 5 s")
            begun = time.perf_counter()
            answers, waits = house.portal.call(rush, house, entitlements)
            took = time.perf_counter() - begun
            yield Line("1,000 claims for 100 parcels", took, "≤ 10 s")
            yield Line("  granted beyond the parcels there were", abs(answers[201] - PARCELS), "≤ 0 claims")
            yield Line("  neither granted nor cleanly refused", HOMES - answers[201] - answers[409], "≤ 0 answers")
            yield Line("  p99 of one claim at 32 in flight", sorted(waits)[int(HOMES * 0.99)] * 1000, "≤ 1000 ms")


async def rush(house: House, entitlements: list[UUID]) -> tuple[Counter[int], list[float]]:
    answers: Counter[int] = Counter()
    waits: list[float] = []
    desk = anyio.CapacityLimiter(IN_FLIGHT)

    async def one(entitlement: UUID) -> None:
        async with desk:
            begun = time.perf_counter()
            path = f"/api/v1/c/{house.compound.slug}/entitlements/{entitlement}/claims/{new_id()}"
            reply = await house.client.put(path, json=CLAIM, headers={"authorization": f"Bearer {KEY}"})
            waits.append(time.perf_counter() - begun)
            answers[reply.status_code] += 1

    async with anyio.create_task_group() as homes:
        for entitlement in entitlements:
            homes.start_soon(one, entitlement)
    return answers, waits


def furnished(house: House) -> tuple[list[UUID], float]:
    """A plan of parcels for every home; returns the roll without the cast's own homes, and the seconds it took."""
    with writing(house.db) as session:
        open_books(session, house.compound.id)
        compound = session.get_one(Compound, house.compound.id)
        for n in range(HOMES):
            make_unit(session, compound, building=f"{n // 100 + 10}栋", room=str(1000 + n), area=5000 + n)
        keep_key(session, compound.id, house.liu.id, "bench", frozenset({"benefits:write"}), 1, KEY)
    wish = DistributionWish.model_validate(
        {
            "title": "端午礼包",
            "kind": "goods",
            "goods": "大米10斤",
            "rule": "by_area",
            "amount": {"amount": "100000.00"},
            "place": "议事厅",
            "hours": "上午",
            "bring": "身份证",
            "from_on": today(),
            "until_on": today() + timedelta(days=8),
        }
    )
    actor = replace(actor_of(house.liu), second_factor_at=now())
    id = new_id()
    with writing(house.db) as session:
        plan(session, actor, id, wish)
    begun = time.perf_counter()
    with writing(house.db) as session:
        freeze_and_publish(session, actor, id)
    froze = time.perf_counter() - begun
    with writing(house.db) as session:
        receive_stock(session, actor, id, new_id(), DeliveryWish(quantity=PARCELS))
        session.exec(select(Notice).where(Notice.record_id == id)).one().objections_until_at = now() - timedelta(seconds=1)
        roll = session.exec(select(Entitlement.id).where(Entitlement.distribution_id == id, Entitlement.building != "3栋"))
        return list(roll), froze
