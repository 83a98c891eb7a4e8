"""The desk without signal, and the conflicts that it may bring home."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.benefits import handing, policy
from app.benefits.claim_models import AUTHORITY_SAYS, WAY_SAYS, Authority, ClaimWay, NoAuthority
from app.benefits.distribution_queries import DistributionCard, card_of, distribution_for
from app.benefits.gift_queries import Gift, gift_for
from app.benefits.handover_models import OUTCOME_SAYS, Handover, Outcome
from app.benefits.handover_queries import HandoverCard, conflicts_of, handover_card, handover_for, said_gone, said_in_conflict
from app.benefits.schemas import HandoverWish, SettleWish
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

FilledSettle = Annotated[Filled[SettleWish], filled(SettleWish)]

WITHOUT_CAMERA = (ClaimWay.SIGNATURE, ClaimWay.TICK_WITH_WITNESS)


@dataclass(frozen=True)
class OfflineDeskPage(View):
    """Filled by the device from the roll that it took along; nothing of the roll is in the page."""

    template = "benefits/desk_offline.html"
    camera = True

    d: DistributionCard
    form: Filled[HandoverWish]
    ways: list[tuple[str, str]]
    authorities: list[tuple[str, str]]
    no_authority: str


@dataclass(frozen=True)
class ConflictsPage(View):
    template = "benefits/conflicts.html"
    tab = "home"

    d: DistributionCard
    open: list[tuple[HandoverCard, str]]
    """Each with its reason in words."""
    settled: list[tuple[HandoverCard, str]]
    """Each with what came of it."""


@dataclass(frozen=True)
class HandoverPage(View):
    template = "benefits/handover.html"

    h: HandoverCard
    gift: Gift
    handed: str
    """What left the table, in words."""
    disputed: str
    """What of it is in conflict, where that is only a part; else ""."""
    way: str
    why: str
    outcome: str
    form: Filled[SettleWish]
    outcomes: list[tuple[str, str]]
    can_settle: bool


@router.get("/{id}/desk/offline")
def show_offline_desk(session: DbSession, actor: Officer, response: Response, id: UUID) -> OfflineDeskPage:
    """May be kept by the phone: it has to open where there is no signal."""
    if not policy.can_hand_out(actor):
        raise NotAllowed
    response.headers["Cache-Control"] = "private, no-cache"
    ways = [(way.value, _(WAY_SAYS[way])) for way in WITHOUT_CAMERA]
    form: Filled[HandoverWish] = empty({"way": ClaimWay.TICK_WITH_WITNESS.value, "cash": "true"})
    authorities = [(way.value, _(AUTHORITY_SAYS[way])) for way in Authority]
    card = card_of(session, distribution_for(session, actor, id))
    return OfflineDeskPage(actor.frame, card, form, ways, authorities, _(NoAuthority.says))


@router.get("/{id}/conflicts")
def show_conflicts(session: DbSession, actor: Officer, id: UUID) -> ConflictsPage:
    if not policy.can_see_roll(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    cards = conflicts_of(session, distribution)
    return ConflictsPage(
        actor.frame,
        card_of(session, distribution),
        [(card, why(card)) for card in cards if card.outcome is None],
        [(card, outcome(card)) for card in cards if card.outcome],
    )


@router.get("/handovers/{handover_id}")
def show_handover(session: DbSession, actor: Officer, handover_id: UUID) -> HandoverPage:
    return handover_page(session, actor, handover_for(session, actor, handover_id), empty({"outcome": Outcome.RETURNED.value}))


@router.post("/handovers/{handover_id}/settle")
def post_settle(session: DbSession, actor: Officer, request: Request, handover_id: UUID, form: FilledSettle) -> Response:
    actor.need(Permission.VOID_CLAIM)
    handover = handover_for(session, actor, handover_id)
    if form.wish is None:
        return handover_page(session, actor, handover, form).reply(request, 422)
    handing.settle(session, actor, handover_id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{handover.distribution_id}/conflicts", _("处理好了，记下了。"))


def handover_page(session: Session, actor: Actor, handover: Handover, form: Filled[SettleWish]) -> HandoverPage:
    card = handover_card(session, handover)
    gone, disputed = said_gone(session, handover), said_in_conflict(session, handover)
    return HandoverPage(
        actor.frame,
        card,
        gift_for(session, actor, handover.entitlement_id),
        "、".join(gone),
        "、".join(disputed) if len(disputed) < len(gone) else "",
        _(WAY_SAYS[ClaimWay(card.way)]),
        why(card),
        outcome(card),
        form,
        [(outcome.value, _(says)) for outcome, says in OUTCOME_SAYS.items()],
        policy.can_settle(actor, handover) and card.outcome is None,
    )


def outcome(card: HandoverCard) -> str:
    return _(OUTCOME_SAYS[Outcome(card.outcome)]) if card.outcome else ""


def why(card: HandoverCard) -> str:
    return _(handing.CONFLICT_SAYS[card.conflict]) if card.conflict else ""
