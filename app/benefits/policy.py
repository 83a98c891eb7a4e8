"""Who may: asked by the verbs and by the templates alike."""

from app.access.actors import Actor, Visitor
from app.access.permissions import Permission
from app.benefits.claim_models import Claim, ClaimPhoto
from app.benefits.delivery_models import Delivery
from app.benefits.handover_models import Handover
from app.benefits.models import Distribution
from app.kit.clock import today


def can_plan(actor: Visitor) -> bool:
    return actor.may(Permission.PLAN_BENEFIT)


def can_approve(actor: Visitor) -> bool:
    """Whoever approves money: the gift is public money (TRUST.md, "separation of duty")."""
    return actor.may(Permission.APPROVE_MONEY)


def can_see_plans(actor: Visitor) -> bool:
    return can_plan(actor) or can_approve(actor)


def can_see(actor: Visitor, distribution: Distribution) -> bool:
    """What is published is everybody's."""
    if distribution.frozen_at:
        return True
    return can_plan(actor) or (distribution.submitted_at is not None and can_approve(actor))


def can_hand_out(actor: Visitor) -> bool:
    return actor.may(Permission.HAND_OUT)


def can_confirm(actor: Actor, stop: Delivery | None) -> bool:
    """Who may hand out; and who delivers to this unit today, to it and to no other. `stop`: their delivery to it."""
    return can_hand_out(actor) or (stop is not None and stop.volunteer_id == actor.person_id and stop.deliver_on == today())


def can_add_photo(actor: Actor, claim: Claim) -> bool:
    return can_hand_out(actor) or claim.officer_id == actor.person_id


def can_see_photo(actor: Actor, what: ClaimPhoto) -> bool:
    """Of a claim that the actor may see: the slip in their own name; a signed sheet may hold the neighbours' lines."""
    return what == ClaimPhoto.SLIP or can_see_roll(actor)


def can_see_roll(actor: Visitor) -> bool:
    """The unit list with its amounts: who stands at the table, and who checks them."""
    return can_hand_out(actor) or actor.may(Permission.VOID_CLAIM)


def sees_live(actor: Visitor) -> bool:
    """The sums of this moment. Everybody else reads those of a day that is over: from two sums, one before a neighbour's claim
    and one after it, their part could be told (`crowds`).
    """
    return can_see_roll(actor) or can_plan(actor)


def can_transfer(actor: Visitor) -> bool:
    """The list of owners and sums for the bank: whoever plans it and books it, and knows the roster anyway."""
    return can_plan(actor) and actor.may(Permission.SEE_ROSTER)


def can_void(actor: Actor, claim: Claim, *, own_home: bool) -> bool:
    """A second officer, never the one who confirmed it; and nobody of the home that collected."""
    mine = own_home or claim.officer_id == actor.person_id
    return actor.may(Permission.VOID_CLAIM) and claim.voided_at is None and not mine


def can_settle(actor: Actor, handover: Handover) -> bool:
    """A second officer, never the one who reported it."""
    return actor.may(Permission.VOID_CLAIM) and handover.conflict != "" and handover.reported_by_id != actor.person_id
