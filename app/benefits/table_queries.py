"""What an officer looks up at the table: a unit by what its people say, and the claims that were signed."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, or_
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.benefits import policy
from app.benefits.claim_models import Claim, ClaimLine
from app.benefits.distribution_queries import stocks_of
from app.benefits.gift_queries import Gift, entitlement_for, gifts_where, is_home_of, owned_since, owners_of
from app.benefits.models import Distribution
from app.benefits.roll_models import Entitlement, EntitlementLine
from app.benefits.schemas import ClaimWish
from app.compounds.models import Ownership, Person
from app.compounds.terms import holds
from app.kit.clock import start_of
from app.kit.records import columns, pointing, rows_of
from app.kit.refusals import NotFound

FOUND_AT_MOST = 20


def asked_at_table(q: str) -> tuple[str, bool]:
    """What somebody looks for, and whether they scanned it off the sheet that was signed on paper. A scanner, also one that
    types like a keyboard, brings the whole address that a code holds: the code in it is what they look for.
    """
    asked = unicodedata.normalize("NFKC", q).strip()
    scanned = re.search(r"[?&]q=([0-9]{8})(&paper=1)?$", asked)
    return (scanned[1], scanned[2] is not None) if scanned else (asked, False)


def find_at_table(session: Session, distribution: Distribution, asked: str) -> list[Gift]:
    """By code, by room ("3栋2单元602", "3-2-602", "602"), or by an owner's name."""
    digits = asked.replace(" ", "").replace("-", "")
    room = "-".join(re.findall(r"[0-9A-Za-z]+", asked))
    if len(digits) == 8 and digits.isascii() and digits.isdecimal() and "-" not in asked:
        wanted: Any = Entitlement.code == digits
    elif room:
        like = room.replace("_", "")
        wanted = or_(col(Entitlement.label) == room, col(Entitlement.label).like(f"%-{like}"))
    elif asked and asked.isprintable():
        like = asked.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        named = (
            select(Ownership.unit_id)
            .join(Person, pointing(Ownership, "person_id", Person))
            .where(
                Ownership.compound_id == distribution.compound_id,
                holds(Ownership),
                col(Person.name).like(f"%{like}%", escape="\\"),
            )
        )
        wanted = col(Entitlement.unit_id).in_(named)
    else:
        return []
    return gifts_where(session, distribution, wanted, FOUND_AT_MOST)


def sheet_rows(session: Session, distribution: Distribution, building: str) -> list[Gift]:
    """One building of the roll, to print and sign on paper."""
    return gifts_where(session, distribution, col(Entitlement.building) == building)


@dataclass(frozen=True, slots=True)
class Collector:
    """Somebody who came for a unit before, `relation` when it was not the owner, and how often."""

    name: str
    relation: str
    times: int


_CAME = (
    select(Claim.collector, Claim.relation, func.count())
    .join(Entitlement, pointing(Claim, "entitlement_id", Entitlement))
    .where(
        Entitlement.compound_id == bindparam("compound_id"),
        Entitlement.unit_id == bindparam("unit_id"),
        col(Claim.voided_at).is_(None),
        col(Claim.owner_id).in_(bindparam("owner_ids", expanding=True)),
    )
    .group_by(col(Claim.collector), col(Claim.relation))
    .order_by(func.count().desc(), func.max(Claim.made_at).desc())
    .limit(3)
)


def usual_collectors(session: Session, entitlement: Entitlement, owners: Sequence[Person]) -> list[Collector]:
    """Who mostly comes for its owners of today, in any plan: whom the officer may expect, without a photo. Those who came for
    owners of before are nobody's business now.
    """
    asked = {"compound_id": entitlement.compound_id, "unit_id": entitlement.unit_id, "owner_ids": [o.id for o in owners]}
    return [Collector(*row) for row in session.execute(_CAME, asked)]


def not_on_desk(session: Session, actor: Actor, gift: Gift, wish: ClaimWish) -> str:
    """Which of what is to be handed over the desk has too little of; "" where it has it all."""
    distribution = session.get_one(Distribution, (actor.compound.id, gift.distribution_id))
    stocks = stocks_of(session, distribution)
    desk_id = wish.desk_id or next((stock.desk_id for stock in stocks), None)
    left = {stock.item_id: stock.left for stock in stocks if stock.desk_id == desk_id}
    wanted = [line for line in gift.now if line.id in wish.lines or not wish.lines]
    return "、".join(line.name for line in wanted if line.quantity > left.get(line.item_id, 0))


def claim_for(session: Session, actor: Actor, id: UUID) -> Claim:
    """For who stands at the table, for who confirmed it at the unit's door today, and for the unit's owners of that time: a later
    owner learns that it was collected, not by whom. Raises NotFound.
    """
    claim = session.get(Claim, (actor.compound.id, id), populate_existing=True)
    if claim is None:
        raise NotFound
    unit_id = entitlement_for(session, actor, claim.entitlement_id).unit_id
    if not policy.can_see_roll(actor) and claim.officer_id != actor.person_id:
        since = owned_since(session, actor).get(unit_id)
        if since is None or claim.made_at < start_of(since):
            raise NotFound
    return claim


def is_own_home(session: Session, actor: Actor, claim: Claim) -> bool:
    """Whether the actor is of the unit that collected."""
    entitlement = session.get_one(Entitlement, (claim.compound_id, claim.entitlement_id))
    return is_home_of(session, actor.person_id, entitlement, owners_of(session, entitlement))


_HANDED = (
    columns(EntitlementLine)
    .join(ClaimLine, pointing(ClaimLine, "entitlement_line_id", EntitlementLine))
    .where(ClaimLine.compound_id == bindparam("compound_id"), ClaimLine.claim_id == bindparam("claim_id"))
    .order_by(col(EntitlementLine.item_id))
)


def handed_in(session: Session, claim: Claim) -> list[EntitlementLine]:
    """The lines that a claim handed over, also once it is voided; in the order in which stocks are locked."""
    return list(session.scalars(_HANDED, {"compound_id": claim.compound_id, "claim_id": claim.id}))


_CLAIMED = (
    columns(ClaimLine.entitlement_line_id)
    .join(EntitlementLine, pointing(ClaimLine, "entitlement_line_id", EntitlementLine))
    .where(
        EntitlementLine.compound_id == bindparam("compound_id"),
        EntitlementLine.entitlement_id == bindparam("entitlement_id"),
        col(ClaimLine.live),
    )
)


def claimed_lines(session: Session, entitlement: Entitlement) -> set[UUID]:
    """Those of its lines that a claim stands for."""
    asked = {"compound_id": entitlement.compound_id, "entitlement_id": entitlement.id}
    return set(rows_of(session, _CLAIMED, asked).scalars())
