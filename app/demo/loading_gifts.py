"""The gift of the demo: planned, published, delivered, and half collected; and the next one, still a draft."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sqlmodel import select

from app.benefits import approving, delivering, planning, publishing, queueing, service, stocking
from app.benefits.claim_models import Authority, ClaimWay
from app.benefits.distribution_queries import distribution_for, items_of
from app.benefits.gift_queries import household_of, owners_of
from app.benefits.models import BenefitKind, ShareRule
from app.benefits.plan_schemas import DistributionWish, UnitWish
from app.benefits.roll_models import Entitlement
from app.benefits.schemas import AssignWish, CallWish, ClaimWish, DeliveryWish, StockMoveWish, VoidWish
from app.compounds.models import Unit
from app.demo.shapes import Claim, GiftPlan
from app.demo.telling import Happening, Loader, moment
from app.kit.clock import today
from app.kit.money import PositiveMoney
from app.treasury.draft_schemas import ApproveWish

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
        for hour, approver in enumerate(plan.approvers, 7):
            yield Happening(moment(plan.published_on, hour), partial(_approve, loader, plan, approver))
        yield Happening(moment(plan.published_on, 9), partial(_freeze, loader, plan, planner))
        yield Happening(moment(plan.claims_from_on - timedelta(days=1), 15), partial(_deliver, loader, plan, officer))
        for claim in plan.claims:
            yield Happening(claim.claimed_at, partial(_claim, loader, plan, claim))
            if claim.voided_at:
                yield Happening(claim.voided_at, partial(_void, loader, claim))
        yield Happening(moment(today(), 7), partial(_send_home, loader, plan, officer))
        yield Happening(moment(today(), 8), partial(_stand_in_line, loader, plan, officer))
        yield Happening(moment(plan.claims_from_on + timedelta(days=2), 16), partial(_draft, loader, plan, planner))


def _plan(loader: Loader, told: GiftPlan, planner: str) -> None:
    batch = {
        "place": told.place,
        "hours": told.hours,
        "bring": told.bring,
        "from_on": told.claims_from_on,
        "until_on": told.claims_until_on,
        "numbered": bool(told.in_line),
    }
    items = [
        {
            "kind": BenefitKind.GOODS,
            "name": item.name,
            "supplier": item.supplier,
            "unit": item.unit,
            "price": PositiveMoney.of(item.cost_fen),
            "rule": ShareRule.FIXED_PER_UNIT,
            "pieces": 1,
        }
        for item in told.items
    ]
    decision = loader.id("decision", told.decision)
    wish = DistributionWish.model_validate({"title": told.title, "decision_id": decision, "batches": [batch], "items": items})
    plan, _made = planning.plan(loader.session, loader.actor(planner), loader.id("gift", told.key), wish)
    approving.submit(loader.session, loader.actor(planner), plan.id)


def _draft(loader: Loader, told: GiftPlan, planner: str) -> None:
    """Cake for everybody, and money for the old of every tenth home, on two days."""
    begins = told.claims_until_on + timedelta(days=20)
    place = {"place": told.place, "bring": told.bring}
    batches = [
        place | {"name": "重阳糕", "hours": told.hours, "from_on": begins, "until_on": begins + timedelta(days=7)},
        place | {"name": "慰问金", "hours": "上午 9:00 至 11:30", "from_on": begins, "until_on": begins},
    ]
    old = [loader.session.get_one(Unit, (loader.compound.id, loader.id("unit", unit))).label for unit in told.units[::10]]
    cake = {"kind": BenefitKind.GOODS, "name": "重阳糕", "unit": "盒", "price": PositiveMoney.of(26_00)}
    cake |= {"rule": ShareRule.FIXED_PER_UNIT, "pieces": 1, "spare": 5, "supplier": told.items[0].supplier}
    money = {"kind": BenefitKind.MONEY, "name": "慰问金", "batch": 2, "amount": PositiveMoney.of(200_00)}
    money |= {"rule": ShareRule.PER_PERSON, "group": "70岁以上老人"}
    money |= {"persons": [{"unit": label, "persons": 1 + n % 2} for n, label in enumerate(old)]}
    decision = loader.id("decision", "elders")
    wish = {"title": "重阳节慰问", "decision_id": decision, "batches": batches, "items": [cake, money]}
    planning.plan(loader.session, loader.actor(planner), loader.id("gift", "elders"), DistributionWish.model_validate(wish))


def _approve(loader: Loader, told: GiftPlan, approver: str) -> None:
    actor = loader.actor(approver)
    content = approving.standing_of(loader.session, distribution_for(loader.session, actor, loader.id("gift", told.key)))
    approving.approve(loader.session, actor, loader.id("gift", told.key), ApproveWish(content_hash=content.content_hash or ""))


def _freeze(loader: Loader, told: GiftPlan, planner: str) -> None:
    publishing.publish_plan(loader.session, loader.actor(planner), loader.id("gift", told.key))


def _deliver(loader: Loader, told: GiftPlan, officer: str) -> None:
    actor, gift = loader.actor(officer), loader.id("gift", told.key)
    for item in items_of(loader.session, distribution_for(loader.session, actor, gift)):
        wish = StockMoveWish(item_id=item.id, quantity=len(told.units))
        stocking.move_stock(loader.session, actor, gift, loader.id("delivery", f"{told.key}-{item.position}"), wish)


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
    at_home = proxy in household_of(session, entitlement)
    authority = (Authority.HOUSEHOLD if at_home else Authority.PHONE) if proxy else None
    wish = ClaimWish(
        way=way,
        owner_id=owner.id,
        proxy_name=proxy or None,
        proxy_relation=(told.relation or "家人") if proxy else None,
        authority=authority,
        authority_note=f"打给{owner.name}，同意{proxy}代领" if authority == Authority.PHONE else None,
        signature=SCRAWL if way == ClaimWay.SIGNATURE else None,
        ticked=way == ClaimWay.TICK_WITH_WITNESS,
        lines=[],
    )
    owning = {o.id for o in owners}
    officers = (told.officer, *dict.fromkeys(s.person for s in loader.story.seats if s.kind in ("director", "member")))
    officer = next(o for o in officers if loader.id("person", o) not in owning)  # nobody hands out to their own home
    service.claim(session, loader.actor(officer), entitlement.id, loader.id("claim", told.key), wish)


def _void(loader: Loader, told: Claim) -> None:
    wish = VoidWish(reason=told.voided_because)
    service.void(loader.session, loader.actor(told.voided_by), loader.id("claim", told.key), wish)


def _send_home(loader: Loader, plan: GiftPlan, officer: str) -> None:
    session, actor, gift = loader.session, loader.actor(officer), loader.id("gift", plan.key)
    for stop in plan.stops:
        id = loader.id("delivery", stop.unit)
        delivering.ask_for_delivery(session, actor, gift, id, DeliveryWish(unit=stop.unit, reason=stop.reason))
        if stop.volunteer:
            wish = AssignWish(deliveries=[id], volunteer_id=loader.id("person", stop.volunteer))
            delivering.assign(session, actor, gift, wish)


def _stand_in_line(loader: Loader, plan: GiftPlan, officer: str) -> None:
    session, actor, gift = loader.session, loader.actor(officer), loader.id("gift", plan.key)
    for unit in plan.in_line:
        queueing.take_number(session, actor, gift, UnitWish(unit=unit))
    queueing.call_number(session, actor, gift, CallWish())
