"""The bank has carried out a list of transfers: the page on which it is marked."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.benefits import policy
from app.benefits.distribution_queries import DistributionCard, card_of, distribution_for
from app.benefits.schemas import MOST_LINES, TransferWish
from app.benefits.transfer_models import TransferBarred, TransferDiffers
from app.benefits.transfer_queries import first_to_mark
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
    lines: list[tuple[UUID, str]]
    """The first of those that are left, as the bank's list has them; more after these."""
    barred: dict[UUID, str]
    """Those of them that the actor cannot mark, and why."""
    form: Filled[TransferWish]


@router.get("")
def show_transfer(session: DbSession, actor: Officer, id: UUID) -> TransferPage:
    """All that can be are ticked: whom the bank refused is left out."""
    return _page(session, actor, id, None)


@router.post("")
def post_transfer(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledTransfer) -> Response:
    if form.wish is None:
        return _page(session, actor, id, form).reply(request, 422)
    try:
        mark_paid(session, actor, id, form.id, form.wish)
    except (TransferDiffers, TransferBarred) as no:  # what was ticked stays ticked
        return _page(session, actor, id, form.with_problem("lines", f"{no.message}{no.next_step}")).reply(request, no.status)
    return see_other(f"{actor.frame.base}/benefits/{id}/progress", _("标好了，这些户都收到了通知。"))


def _page(session: Session, actor: Actor, id: UUID, form: Filled[TransferWish] | None) -> TransferPage:
    if not policy.can_transfer(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    lines = first_to_mark(session, actor, distribution, MOST_LINES)
    ticked = [line.id for line in lines if not line.barred]
    return TransferPage(
        actor.frame,
        card_of(session, distribution),
        [(line.id, f"{line.label} {line.item} {yuan(line.amount_fen)}") for line in lines],
        {line.id: line.barred for line in lines if line.barred},
        form or empty({"on_date": today().isoformat(), "lines": ticked}),
    )
