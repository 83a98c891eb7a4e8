"""A draft's parts, each a small form of its own: the header, an item, a batch; and a draft that is not wanted goes."""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.benefits import drafting, planning
from app.benefits.distribution_queries import batches_of, distribution_for, item_for
from app.benefits.draft_schemas import STEPS, HeadWish, ItemForm
from app.benefits.funding import fund_choices
from app.benefits.models import ROUNDING_SAYS, RULE_SAYS, BenefitKind, Distribution, Item, Rounding, ShareRule
from app.benefits.plan_schemas import ONLY_FOR, BatchWish
from app.compounds.models import UnitKind
from app.council.queries import decision_choices
from app.kit.forms import Filled, W, Wish, changing, filled
from app.kit.i18n import _, mark
from app.kit.money import decimal_string
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.roster.comparing import KIND_SAYS

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

FilledHead = Annotated[Filled[HeadWish], filled(HeadWish)]
FilledItem = Annotated[Filled[ItemForm], filled(ItemForm)]
FilledBatch = Annotated[Filled[BatchWish], filled(BatchWish)]
Bare = Annotated[Filled[Wish], filled(Wish)]
"""A form of nothing but the version that it was drawn from."""

ROWS = 3
"""Rows for steps on an empty form; one more than is filled on a fuller one."""

RULE_MEANS = {
    ShareRule.FIXED_PER_UNIT: mark("例如每户一袋米，或者每户 113 元。"),
    ShareRule.EQUAL: mark("总额定了，有几户就分成几份。"),
    ShareRule.BY_AREA: mark("总额定了，房子大的多分。不用决议。"),
    ShareRule.PER_SQUARE_METRE: mark("例如每平方米 9 元。不用决议。"),
    ShareRule.BY_UNIT_KIND: mark("例如住宅每户 2 份，商铺每户 1 份。"),
    ShareRule.BY_AREA_STEPS: mark("例如小户一桶油，90 平方米起两桶。"),
    ShareRule.PER_RESIDENT: mark("按花名册上登记住在这里的人。"),
    ShareRule.PER_PERSON: mark("例如 70 岁以上老人，每户几位写在名单里。"),
    ShareRule.OWN_LIST: mark("每户多少都写在名单里，可以上传表格。"),
}

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class HeadPage(View):
    template = "benefits/head.html"

    d: Distribution
    form: Filled[HeadWish]
    funds: Choices
    unit_kinds: Choices
    decisions: list[tuple[UUID, str]]


@dataclass(frozen=True)
class RulesPage(View):
    """By which rule something is given is chosen first; its form then asks for what the rule needs."""

    template = "benefits/rules.html"

    d: Distribution
    at: str
    goods: bool
    rules: list[tuple[str, str, str]]


@dataclass(frozen=True)
class ItemPage(View):
    template = "benefits/item.html"

    d: Distribution
    item: Item | None
    at: str
    form: Filled[ItemForm]
    kind: BenefitKind
    rule: ShareRule
    says: str
    means: str
    batches: list[tuple[UUID, str]]
    roundings: Choices
    decisions: list[tuple[UUID, str]]
    kinds: list[tuple[str, str]]
    """(Name of the kind of unit, what is typed for it)."""
    steps: list[tuple[str, str]]
    """(From which m² on, how many), as typed, and empty rows after them."""


@dataclass(frozen=True)
class BatchPage(View):
    template = "benefits/batch.html"

    d: Distribution
    batch_id: UUID | None
    at: str
    form: Filled[BatchWish]
    several: bool


@router.get("/{id}/head")
def show_head(session: DbSession, actor: Officer, id: UUID) -> HeadPage:
    d = _draft(session, actor, id)
    typed = {"title": d.title, "fund": d.fund, "unit_kinds": d.unit_kinds.split(), "decision_id": d.decision_id or ""}
    return head_page(session, actor, d, changing(typed, d.edition))


@router.post("/{id}/head")
def post_head(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledHead) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    try:
        if form.wish:
            drafting.change_head(session, actor, id, form.version, form.wish)
            return _back(actor, id, _("改好了。"))
    except Stale as no:
        form = _seen_again(session, actor, id, form, "title", no)
    return head_page(session, actor, _draft(session, actor, id), form).reply(request, 422)


@router.get("/{id}/give")
def show_give(
    session: DbSession, actor: Officer, id: UUID, kind: BenefitKind = BenefitKind.GOODS, rule: ShareRule | None = None
) -> RulesPage | ItemPage:
    """One more thing: by which rule, then the form."""
    d = _draft(session, actor, id)
    at = f"{actor.frame.base}/benefits/{id}/give"
    if rule is None or ONLY_FOR.get(rule, kind) != kind:
        return rules_page(actor, d, f"{at}?kind={kind}&", kind)
    return item_page(session, actor, d, None, changing(_new(session, d) | {"kind": kind, "rule": rule}, d.edition))


@router.post("/{id}/give")
def post_give(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledItem) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    if form.wish is None:
        return item_page(session, actor, _draft(session, actor, id), None, form).reply(request, 422)
    try:
        made = drafting.add_item(session, actor, id, form.id, form.wish)
    except Malformed as no:
        return item_page(session, actor, _draft(session, actor, id), None, form.with_refusal(no)).reply(request, 422)
    return _after_item(actor, id, made, _("加好了。"))


@router.get("/{id}/items/{item_id}")
def show_item(
    session: DbSession, actor: Officer, id: UUID, item_id: UUID, rule: ShareRule | None = None, rules: bool = False
) -> RulesPage | ItemPage:
    """What is given; with `rules` the choice of another rule for it, with `rule` the form of that one."""
    d = _draft(session, actor, id)
    item = item_for(session, d, item_id)
    kind = BenefitKind(item.kind)
    if rules:
        return rules_page(actor, d, f"{actor.frame.base}/benefits/{id}/items/{item_id}?", kind)
    typed = typed_of(item) | ({"rule": rule} if rule and ONLY_FOR.get(rule, kind) == kind else {})
    return item_page(session, actor, d, item, changing(typed, d.edition))


@router.post("/{id}/items/{item_id}")
def post_item(session: DbSession, actor: Officer, request: Request, id: UUID, item_id: UUID, form: FilledItem) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    try:
        if form.wish:
            item = drafting.change_item(session, actor, id, item_id, form.version, form.wish)
            return _after_item(actor, id, item, _("改好了。"))
    except Stale as no:
        form = _seen_again(session, actor, id, form, "name", no)
    d = _draft(session, actor, id)
    return item_page(session, actor, d, item_for(session, d, item_id), form).reply(request, 422)


@router.post("/{id}/items/{item_id}/remove")
def post_remove_item(session: DbSession, actor: Officer, id: UUID, item_id: UUID, form: Bare) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    drafting.remove_item(session, actor, id, item_id, form.version)
    return _back(actor, id, _("删掉了。"))


@router.get("/{id}/batch")
def show_add_batch(session: DbSession, actor: Officer, id: UUID) -> BatchPage:
    """It begins as the last one, on other days."""
    d = _draft(session, actor, id)
    last = batches_of(session, d)[-1]
    typed = {"place": last.place, "hours": last.hours, "bring": last.bring}
    return batch_page(session, actor, d, None, changing(typed, d.edition))


@router.post("/{id}/batch")
def post_add_batch(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledBatch) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    try:
        if form.wish:
            drafting.add_batch(session, actor, id, form.id, form.wish)
            return _back(actor, id, _("加好了。现在把东西改到这一批，或者加一样。"))
    except Malformed as no:
        form = form.with_refusal(no)
    return batch_page(session, actor, _draft(session, actor, id), None, form).reply(request, 422)


@router.get("/{id}/batches/{batch_id}")
def show_batch(session: DbSession, actor: Officer, id: UUID, batch_id: UUID) -> BatchPage:
    d = _draft(session, actor, id)
    batch = drafting.batch_for(session, d, batch_id)
    typed = {name: getattr(batch, name) for name in BatchWish.model_fields}
    return batch_page(session, actor, d, batch_id, changing(typed, d.edition))


@router.post("/{id}/batches/{batch_id}")
def post_batch(session: DbSession, actor: Officer, request: Request, id: UUID, batch_id: UUID, form: FilledBatch) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    try:
        if form.wish:
            drafting.change_batch(session, actor, id, batch_id, form.version, form.wish)
            return _back(actor, id, _("改好了。"))
    except Malformed as no:
        form = form.with_refusal(no)
    except Stale as no:
        form = _seen_again(session, actor, id, form, "place", no)
    return batch_page(session, actor, _draft(session, actor, id), batch_id, form).reply(request, 422)


@router.post("/{id}/batches/{batch_id}/remove")
def post_remove_batch(session: DbSession, actor: Officer, id: UUID, batch_id: UUID, form: Bare) -> Response:
    drafting.remove_batch(session, actor, id, batch_id, form.version)
    return _back(actor, id, _("删掉了。"))


@router.post("/{id}/delete")
def post_delete(session: DbSession, actor: Officer, id: UUID, form: Bare) -> Response:
    planning.delete_plan(session, actor, id, form.version)
    return see_other(f"{actor.frame.base}/benefits", _("草稿删掉了。"))


def head_page(session: Session, actor: Actor, d: Distribution, form: Filled[HeadWish]) -> HeadPage:
    kinds = [(kind.value, _(says)) for kind, says in KIND_SAYS.items()]
    return HeadPage(actor.frame, d, form, fund_choices(session, actor.compound.id), kinds, decision_choices(session, actor))


def rules_page(actor: Actor, d: Distribution, at: str, kind: BenefitKind) -> RulesPage:
    rules = [rule for rule in ShareRule if ONLY_FOR.get(rule, kind) == kind]
    ordered = sorted(rules, key=list(RULE_MEANS).index)
    return RulesPage(
        actor.frame, d, at, kind == BenefitKind.GOODS, [(r.value, _(RULE_SAYS[r]), _(RULE_MEANS[r])) for r in ordered]
    )


def item_page(session: Session, actor: Actor, d: Distribution, item: Item | None, form: Filled[ItemForm]) -> ItemPage:
    kind, rule = _chosen(form, item)
    typed = {**form.typed, "decision_id": form.typed.get("decision_id") or d.decision_id or ""}
    at = f"{actor.frame.base}/benefits/{d.id}"
    by_kind = [*typed.get("by_kind", ()), *[""] * len(UnitKind)]
    rows = [row for row in zip_longest(typed.get("areas", ()), typed.get("steps", ()), fillvalue="") if any(row)]
    return ItemPage(
        actor.frame,
        d,
        item,
        f"{at}/items/{item.id}" if item else f"{at}/give",
        Filled(form.id, form.version, typed, form.wish, form.problems),
        kind,
        rule,
        _(RULE_SAYS[rule]),
        _(RULE_MEANS[rule]),
        [(batch.id, batch.name or _("第%(n)s批", n=n)) for n, batch in enumerate(batches_of(session, d), 1)],
        [(rounding.value, _(says)) for rounding, says in ROUNDING_SAYS.items()],
        decision_choices(session, actor),
        [(_(KIND_SAYS[one]), cell) for one, cell in zip(UnitKind, by_kind, strict=False)],
        (rows + [("", "")] * max(ROWS - len(rows), 1))[:STEPS],
    )


def _seen_again(session: Session, actor: Actor, id: UUID, form: Filled[W], name: str, no: Stale) -> Filled[W]:
    """After somebody else's change: nothing typed is lost, and sent once more it is meant for what stands there now."""
    return form.seen_again(_draft(session, actor, id).edition, name, f"{no.message}{_('再按一次，就改成您写的。')}")


def batch_page(session: Session, actor: Actor, d: Distribution, batch_id: UUID | None, form: Filled[BatchWish]) -> BatchPage:
    at = f"{actor.frame.base}/benefits/{d.id}"
    several = len(batches_of(session, d)) > 1
    return BatchPage(actor.frame, d, batch_id, f"{at}/batches/{batch_id}" if batch_id else f"{at}/batch", form, several)


def typed_of(item: Item) -> dict[str, Any]:
    """As its form would have sent it."""
    written = str if item.is_goods else decimal_string
    return {
        **{name: getattr(item, name) for name in ("kind", "rule", "name", "batch_id", "supplier", "unit", "rounding")},
        "price": decimal_string(item.unit_price_fen),
        "spare": item.spare,
        "amount": "" if item.is_goods or not item.asked else decimal_string(item.asked),
        "pieces": item.asked or "" if item.is_goods else "",
        "by_kind": [written(item.terms.get("by_kind", {}).get(kind, 0)) for kind in UnitKind],
        "areas": [decimal_string(area) for area, _pieces in item.terms.get("steps", ())],
        "steps": [str(pieces) for _area, pieces in item.terms.get("steps", ())],
        "group": item.terms.get("group", ""),
        "tenants": item.terms.get("tenants", False),
    }


def _new(session: Session, d: Distribution) -> dict[str, Any]:
    """What most people would choose."""
    return {"batch_id": batches_of(session, d)[0].id, "rounding": Rounding.FEN, "spare": ""}


def _chosen(form: Filled[ItemForm], item: Item | None) -> tuple[BenefitKind, ShareRule]:
    """What the form is of; what nobody can have chosen on it is as it was, or the first."""
    kinds, rules = {kind.value: kind for kind in BenefitKind}, {rule.value: rule for rule in ShareRule}
    kind = kinds.get(item.kind if item else str(form.typed.get("kind")), BenefitKind.GOODS)
    rule = rules.get(str(form.typed.get("rule")), ShareRule.FIXED_PER_UNIT)
    return kind, rule if ONLY_FOR.get(rule, kind) == kind else ShareRule.FIXED_PER_UNIT


def _draft(session: Session, actor: Actor, id: UUID) -> Distribution:
    """To draw a form of it. Raises NotAllowed, SecondFactorNeeded (before the form is filled, not after), NotFound,
    AlreadyPublished.
    """
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()
    d = distribution_for(session, actor, id)
    d.check_draft()
    return d


def _after_item(actor: Actor, id: UUID, item: Item, says: str) -> Response:
    if ShareRule(item.rule).by_list and not item.listed:
        return see_other(f"{actor.frame.base}/benefits/{id}/items/{item.id}/list", _("存好了。现在写名单。"))
    return _back(actor, id, says)


def _back(actor: Actor, id: UUID, says: str) -> Response:
    return see_other(f"{actor.frame.base}/benefits/{id}", says)
