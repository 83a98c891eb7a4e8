"""The desk without signal, and the conflicts that it may bring home."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Response

from app.access.actors import Officer
from app.benefits import policy
from app.benefits.claim_models import WAY_SAYS, ClaimWay
from app.benefits.distribution_queries import DistributionCard, card_of, distribution_for
from app.benefits.schemas import HandoverWish
from app.kit.forms import Filled, empty
from app.kit.i18n import _
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

WITHOUT_CAMERA = (ClaimWay.SIGNATURE, ClaimWay.TICK_WITH_WITNESS)


@dataclass(frozen=True)
class OfflineDeskPage(View):
    """Filled by the device from the roll that it took along; nothing of the roll is in the page."""

    template = "benefits/desk_offline.html"

    d: DistributionCard
    form: Filled[HandoverWish]
    ways: list[tuple[str, str]]


@router.get("/{id}/desk/offline")
def show_offline_desk(session: DbSession, actor: Officer, response: Response, id: UUID) -> OfflineDeskPage:
    """May be kept by the phone: it has to open where there is no signal."""
    if not policy.can_hand_out(actor):
        raise NotAllowed
    response.headers["Cache-Control"] = "private, no-cache"
    ways = [(way.value, _(WAY_SAYS[way])) for way in WITHOUT_CAMERA]
    form: Filled[HandoverWish] = empty({"way": ClaimWay.TICK_WITH_WITNESS.value})
    return OfflineDeskPage(actor.frame, card_of(session, distribution_for(session, actor, id)), form, ways)
