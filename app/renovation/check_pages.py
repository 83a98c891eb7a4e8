"""Check lists by trade: what is looked at on a visit. Anyone may read them."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Actor, Anyone, Officer
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.renovation import checking, policy
from app.renovation.check_queries import ListCard, list_for, lists_in_use
from app.renovation.check_schemas import CheckListWish

router = APIRouter(route_class=OneTransaction, prefix="/works/checks", include_in_schema=False)

FilledList = Annotated[Filled[CheckListWish], filled(CheckListWish)]


@dataclass(frozen=True)
class ChecksPage(View):
    template = "renovation/checks.html"
    tab = "works"

    lists: list[ListCard]
    can_make: bool


@dataclass(frozen=True)
class CheckFormPage(View):
    template = "renovation/check_form.html"

    form: Filled[CheckListWish]


@router.get("")
def show_lists(session: DbSession, visitor: Anyone) -> ChecksPage:
    return ChecksPage(visitor.frame, lists_in_use(session, visitor), policy.can_prepare(visitor))


@router.get("/new")
def show_list_form(session: DbSession, actor: Officer, replaces: UUID | None = None) -> CheckFormPage:
    if not policy.can_prepare(actor):
        raise NotAllowed
    old = list_for(session, actor, replaces) if replaces else None
    typed = {"trade": old.trade, "items": [old.line_of_each], "replaces_id": str(old.id)} if old else {}
    return list_form_page(actor, empty(typed))


@router.post("")
def post_list(session: DbSession, actor: Officer, request: Request, form: FilledList) -> Response:
    if not policy.can_prepare(actor):
        raise NotAllowed
    if form.wish is None:
        return list_form_page(actor, form).reply(request, 422)
    checking.make_list(session, actor, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/checks", _("检查表存好了，下次写日志就能用。"))


@router.post("/{list_id}/end")
def post_end(session: DbSession, actor: Officer, list_id: UUID) -> Response:
    checking.end_list(session, actor, list_id)
    return see_other(f"{actor.frame.base}/works/checks", _("停用了，写过的日志不变。"))


def list_form_page(actor: Actor, form: Filled[CheckListWish]) -> CheckFormPage:
    """Its lines stand in one field."""
    return CheckFormPage(actor.frame, replace(form, typed={**form.typed, "items": "\n".join(form.typed.get("items", []))}))
