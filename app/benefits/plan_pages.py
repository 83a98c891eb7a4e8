"""A plan in the making: written, published, its table opened and closed."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.benefits import planning, policy
from app.benefits.models import RULE_SAYS
from app.benefits.schemas import DistributionWish
from app.compounds.models import UnitKind
from app.council.queries import decision_choices
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _, mark
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

FilledPlan = Annotated[Filled[DistributionWish], filled(DistributionWish)]

UNIT_KIND_SAYS = {UnitKind.DWELLING: mark("住宅"), UnitKind.SHOP: mark("商铺"), UnitKind.GARAGE: mark("车库")}
KIND_SAYS = {UnitKind.DWELLING: mark("住宅"), UnitKind.SHOP: mark("商铺"), UnitKind.GARAGE: mark("车库")}


@dataclass(frozen=True)
class PlanPage(View):
    template = "benefits/plan.html"

    form: Filled[DistributionWish]
    kinds: list[tuple[str, str]]
    rules: list[tuple[str, str]]
    unit_kinds: list[tuple[str, str]]
    decisions: list[tuple[UUID, str]]


@router.get("/plan")
def show_plan(session: DbSession, actor: Officer) -> PlanPage:
    if not policy.can_plan(actor):
        raise NotAllowed
    actor.need_second_factor()  # before the form is filled, not after
    return plan_page(session, actor, empty({"unit_kinds": [UnitKind.DWELLING.value], "bring": _("身份证或房产证")}))


@router.post("/plan")
def post_plan(session: DbSession, actor: Officer, request: Request, form: FilledPlan) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    if form.wish is None:
        return plan_page(session, actor, form).reply(request, 422)
    made, _new = planning.plan(session, actor, form.id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{made.id}", _("方案存好了。核对以后再公示。"))


@router.post("/{id}/publish")
def post_publish(session: DbSession, actor: Officer, id: UUID) -> Response:
    planning.freeze_and_publish(session, actor, id)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("名册定了，方案公示了。"))


@router.post("/{id}/close")
def post_close(session: DbSession, actor: Officer, id: UUID) -> Response:
    planning.close(session, actor, id)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("收摊了。没领的仍然记着，不作废。"))


@router.post("/{id}/reopen")
def post_reopen(session: DbSession, actor: Officer, id: UUID) -> Response:
    planning.reopen(session, actor, id)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("重新开放了，可以补领。"))


def plan_page(session: Session, actor: Actor, form: Filled[DistributionWish]) -> PlanPage:
    return PlanPage(
        actor.frame,
        form,
        [(kind.value, _(says)) for kind, says in KIND_SAYS.items()],
        [(rule.value, _(says)) for rule, says in RULE_SAYS.items()],
        [(kind.value, _(says)) for kind, says in UNIT_KIND_SAYS.items()],
        decision_choices(session, actor),
    )
