"""The gift of the demo: planned, published, delivered, and half collected."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sqlmodel import select

from app.benefits import planning, service
from app.benefits.models import BenefitKind, ClaimWay, Entitlement, ShareRule
from app.benefits.queries import owners_of
from app.benefits.schemas import ClaimWish, DeliveryWish, DistributionWish, VoidWish
from app.demo.shapes import Claim, GiftPlan
from app.demo.telling import Happening, Loader, moment
from app.kit.money import PositiveMoney

WAYS = {
    "signed": ClaimWay.SIGNATURE,
    "ticked": ClaimWay.TICK_WITH_WITNESS,
    "paper": ClaimWay.PAPER_PHOTO,
    "witnessed": ClaimWay.TICK_WITH_WITNESS,
}
SCRAWL = "M180 240L260 120L330 250L400 130L470 240M560 150L640 250L720 140L800 240"
"""A signature that is nobody's."""


def happenings_of_gifts(loader: Loader) -> Iterator[Happening]:
    for plan in loader.story.gifts:
        planner = next(s.person for s in loader.story.seats if s.kind == "director")
        officer = plan.claims[0].officer
        yield Happening(moment(plan.roll_on, 17), partial(_plan, loader, plan, planner))
        yield Happening(moment(plan.published_on, 9), partial(_freeze, loader, plan, planner))
        yield Happening(moment(plan.claims_from_on - timedelta(days=1), 15), partial(_deliver, loader, plan, officer))
        for claim in plan.claims:
            yield Happening(claim.claimed_at, partial(_claim, loader, plan, claim))
            if claim.voided_at:
                yield Happening(claim.voided_at, partial(_void, loader, claim))


def _plan(loader: Loader, told: GiftPlan, planner: str) -> None:
    asked = {
        "title": told.title,
        "kind": BenefitKind.GOODS,
        "goods": "、".join(item.name for item in told.items),
        "rule": ShareRule.FIXED_PER_UNIT,
        "amount": PositiveMoney.of(told.each_fen),
        "decision_id": loader.id("decision", told.decision),
        "place": told.place,
        "hours": told.hours,
        "bring": told.bring,
        "from_on": told.claims_from_on,
        "until_on": told.claims_until_on,
    }
    wish = DistributionWish.model_validate(asked)
    planning.plan(loader.session, loader.actor(planner), loader.id("gift", told.key), wish)


def _freeze(loader: Loader, told: GiftPlan, planner: str) -> None:
    planning.freeze_and_publish(loader.session, loader.actor(planner), loader.id("gift", told.key))


def _deliver(loader: Loader, told: GiftPlan, officer: str) -> None:
    wish = DeliveryWish(quantity=len(told.units))
    planning.receive_stock(
        loader.session, loader.actor(officer), loader.id("gift", told.key), loader.id("delivery", told.key), wish
    )


def _claim(loader: Loader, plan: GiftPlan, told: Claim) -> None:
    """Whoever is not an owner came for one, and is named as that."""
    session = loader.session
    entitlement = session.exec(
        select(Entitlement).where(
            Entitlement.compound_id == loader.compound.id,
            Entitlement.distribution_id == loader.id("gift", plan.key),
            Entitlement.unit_id == loader.id("unit", told.unit),
        )
    ).one()
    owners = owners_of(session, entitlement)
    person_id = loader.id("person", told.person)
    owner = next((o for o in owners if o.id == person_id), owners[0])
    proxy = told.agent or ("" if owner.id == person_id else loader.story.person(told.person).name)
    way = WAYS[told.way]
    wish = ClaimWish(
        way=way,
        owner_id=owner.id,
        proxy_name=proxy or None,
        proxy_relation=(told.relation or "家人") if proxy else None,
        signature=SCRAWL if way == ClaimWay.SIGNATURE else None,
        ticked=way == ClaimWay.TICK_WITH_WITNESS,
    )
    owning = {o.id for o in owners}
    officers = (told.officer, *dict.fromkeys(s.person for s in loader.story.seats if s.kind in ("director", "member")))
    officer = next(o for o in officers if loader.id("person", o) not in owning)  # nobody hands out to their own home
    service.claim(session, loader.actor(officer), entitlement.id, loader.id("claim", told.key), wish)


def _void(loader: Loader, told: Claim) -> None:
    wish = VoidWish(reason=told.voided_because)
    service.void(loader.session, loader.actor(told.voided_by), loader.id("claim", told.key), wish)
