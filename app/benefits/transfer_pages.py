"""The bank has carried out a list of transfers: the page on which it is marked."""

from dataclasses import dataclass
from itertools import groupby
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.benefits import policy
from app.benefits.distribution_queries import DistributionCard, card_of, distribution_for
from app.benefits.gift_queries import my_gifts
from app.benefits.schemas import MOST_UNITS, TransferWish
from app.benefits.transfer_queries import money_left
from app.benefits.transferring import mark_paid
from app.kit.clock import today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.money import yuan
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other

router = APIRouter(route_class=OneTransaction, prefix="/benefits/{id}/transfer", include_in_schema=False)

FilledTransfer = Annotated[Filled[TransferWish], filled(TransferWish)]


@dataclass(frozen=True)
class TransferPage(View):
    template = "benefits/transfer.html"

    d: DistributionCard
    units: list[tuple[UUID, str]]
    """The first of those whose money is left; more after these. Not the actor's own home, which somebody else marks."""
    form: Filled[TransferWish]


@router.get("")
def show_transfer(session: DbSession, actor: Officer, id: UUID) -> TransferPage:
    """All of them are ticked: whom the bank refused is left out."""
    units = _units(session, actor, id)
    typed = {"on_date": today().isoformat(), "entitlements": [entitlement for entitlement, _said in units]}
    return _page(session, actor, id, units, empty(typed))


@router.post("")
def post_transfer(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledTransfer) -> Response:
    if form.wish is None:
        return _page(session, actor, id, _units(session, actor, id), form).reply(request, 422)
    mark_paid(session, actor, id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{id}/progress", _("标好了，这些户都收到了通知。"))


def _units(session: Session, actor: Actor, id: UUID) -> list[tuple[UUID, str]]:
    if not policy.can_transfer(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    own = {gift.id for gift in my_gifts(session, actor, distribution.id)}
    found = []
    for (entitlement_id, label), lines in groupby(
        money_left(session, distribution), lambda line: (line.entitlement_id, line.label)
    ):
        if entitlement_id not in own:
            found.append((entitlement_id, f"{label} {yuan(sum(line.amount_fen for line in lines))}"))
    return found[:MOST_UNITS]


def _page(session: Session, actor: Actor, id: UUID, units: list[tuple[UUID, str]], form: Filled[TransferWish]) -> TransferPage:
    return TransferPage(actor.frame, card_of(session, distribution_for(session, actor, id)), units, form)
