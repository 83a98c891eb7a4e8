"""The people's door: the list of decisions, one decision, and the officer's form."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Anyone, Officer
from app.access.permissions import Permission
from app.council import service
from app.council.models import KIND_SAYS, Decision, DecisionKind
from app.council.queries import DecisionCard, decision_for, decisions
from app.council.schemas import DecisionWish
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.publiclog.queries import entries_of_record

router = APIRouter(route_class=OneTransaction, prefix="/decisions", include_in_schema=False)

FilledDecision = Annotated[Filled[DecisionWish], filled(DecisionWish)]


@dataclass(frozen=True)
class DecisionsPage(View):
    template = "council/list.html"
    tab = "notices"

    decisions: Page[DecisionCard]
    can_record: bool


@dataclass(frozen=True)
class DecisionPage(View):
    template = "council/decision.html"
    tab = "notices"

    decision: Decision
    kind: str
    log_index: int


@dataclass(frozen=True)
class RecordPage(View):
    template = "council/record.html"

    form: Filled[DecisionWish]
    kinds: list[tuple[str, str]]


@router.get("")
def show_decisions(session: DbSession, visitor: Anyone, asked: AskedPage) -> DecisionsPage:
    return DecisionsPage(visitor.frame, decisions(session, visitor, asked), visitor.may(Permission.RECORD_DECISION))


@router.get("/record")
def show_record(actor: Officer) -> RecordPage:
    actor.need(Permission.RECORD_DECISION)
    return RecordPage(actor.frame, empty(), kind_choices())


@router.post("/record")
def post_record(session: DbSession, actor: Officer, request: Request, form: FilledDecision) -> Response:
    actor.need(Permission.RECORD_DECISION)
    if form.wish is None:
        return RecordPage(actor.frame, form, kind_choices()).reply(request, 422)
    decision, _made = service.record_decision(session, actor, form.id, form.wish)
    return see_other(f"{actor.frame.base}/decisions/{decision.id}", _("登记好了，并上了公开日志。"))


@router.get("/{id}")
def show_decision(session: DbSession, visitor: Anyone, id: UUID) -> DecisionPage:
    decision = decision_for(session, visitor, id)
    entry = entries_of_record(session, decision.compound_id, decision.id)[0]
    return DecisionPage(visitor.frame, decision, _(KIND_SAYS[DecisionKind(decision.kind)]), entry.index)


def kind_choices() -> list[tuple[str, str]]:
    return [(kind.value, _(says)) for kind, says in KIND_SAYS.items()]
