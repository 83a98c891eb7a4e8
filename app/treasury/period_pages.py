"""The months of the books: the treasurer closes one, and opens it again with a reason."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.kit.clock import said_month, today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import Malformed, NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.notices.periods import last_of_month
from app.treasury import closing, policy
from app.treasury.period_models import PeriodChange
from app.treasury.period_queries import MonthCard, period_changes, periods
from app.treasury.period_schemas import MonthWish, ReopenWish

router = APIRouter(route_class=OneTransaction, prefix="/money/periods", include_in_schema=False)

FilledMonth = Annotated[Filled[MonthWish], filled(MonthWish)]
FilledReopen = Annotated[Filled[ReopenWish], filled(ReopenWish)]


@dataclass(frozen=True)
class PeriodsPage(View):
    template = "treasury/periods.html"
    tab = "money"

    months: list[MonthCard]
    to_close: MonthCard | None
    """The earliest that is over and open."""
    to_reopen: MonthCard | None
    """The latest that is closed."""
    changes: list[tuple[PeriodChange, str]]
    form: Filled[ReopenWish]
    can_close: bool


@router.get("")
def show_periods(session: DbSession, actor: Officer) -> PeriodsPage:
    return periods_page(session, actor)


@router.post("/close")
def post_close(session: DbSession, actor: Officer, form: FilledMonth) -> Response:
    actor.need(Permission.PUBLISH_MONEY)
    if form.wish is None:  # the form holds no field that a person fills
        raise Malformed
    closing.close_month(session, actor, form.wish)
    says = _("%(month)s结账了，不再记进去。", month=said_month(form.wish.first_day))
    return see_other(f"{actor.frame.base}/money/periods", says)


@router.post("/reopen")
def post_reopen(session: DbSession, actor: Officer, request: Request, form: FilledReopen) -> Response:
    actor.need(Permission.PUBLISH_MONEY)
    if form.wish is None:
        return periods_page(session, actor, form).reply(request, 422)
    closing.reopen_month(session, actor, form.wish)
    says = _("%(month)s重新打开了。", month=said_month(form.wish.first_day))
    return see_other(f"{actor.frame.base}/money/periods", says)


def periods_page(session: Session, actor: Actor, form: Filled[ReopenWish] | None = None) -> PeriodsPage:
    if not policy.can_see_drafts(actor):
        raise NotAllowed
    months = periods(session, actor)
    return PeriodsPage(
        actor.frame,
        months,
        next((card for card in reversed(months) if card.state == "open" and last_of_month(card.month) < today()), None),
        next((card for card in months if card.state == "closed"), None),
        period_changes(session, actor),
        form or empty(),
        policy.can_publish(actor),
    )
