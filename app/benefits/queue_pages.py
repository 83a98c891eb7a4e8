"""The queue: a number taken on the page behind the code, and called at the desk."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, Resident
from app.access.permissions import Permission
from app.benefits import policy, queueing
from app.benefits.distribution_queries import DistributionCard, card_of, distribution_for
from app.benefits.plan_schemas import UnitWish
from app.benefits.queue_queries import Queue, numbered_batches, queue_of
from app.benefits.schemas import CallWish
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotAllowed, NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

FilledUnit = Annotated[Filled[UnitWish], filled(UnitWish)]
FilledCall = Annotated[Filled[CallWish], filled(CallWish)]


@dataclass(frozen=True)
class QueuePage(View):
    template = "benefits/queue.html"
    tab = "home"

    d: DistributionCard
    queue: Queue
    gives_numbers: bool
    """Whether any are given today."""
    form: Filled[UnitWish]


@router.get("/{id}/queue")
def show_queue(session: DbSession, actor: Officer, id: UUID) -> QueuePage:
    return queue_page(session, actor, id, empty())


@router.post("/{id}/queue")
def post_number(session: DbSession, actor: Resident, request: Request, id: UUID, form: FilledUnit) -> Response:
    """For one's own unit from the page of its code; an officer types a neighbour's."""
    if form.wish is None and policy.can_hand_out(actor):
        return queue_page(session, actor, id, form).reply(request, 422)
    if form.wish is None:
        raise NotFound
    taken, _new = queueing.take_number(session, actor, id, form.wish)
    there = "queue" if policy.can_hand_out(actor) else "code"
    said = _("%(unit)s：%(n)s 号", unit=form.wish.unit, n=taken.number)
    return see_other(f"{actor.frame.base}/benefits/{id}/{there}", said)


@router.post("/{id}/queue/call")
def post_call(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledCall) -> Response:
    """The unit of the number that is called stands there, ready to be confirmed."""
    actor.need(Permission.HAND_OUT)
    if form.wish is None:
        return queue_page(session, actor, id, empty()).reply(request, 422)
    called, entitlement = queueing.call_number(session, actor, id, form.wish)
    said = _("请 %(n)s 号，%(unit)s", n=called.number, unit=entitlement.label)
    return see_other(f"{actor.frame.base}/benefits/entitlements/{entitlement.id}", said)


def queue_page(session: Session, actor: Actor, id: UUID, form: Filled[UnitWish]) -> QueuePage:
    if not policy.can_hand_out(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    return QueuePage(
        actor.frame,
        card_of(session, distribution),
        queue_of(session, distribution, actor.person_id),
        bool(numbered_batches(session, distribution)),
        form,
    )
