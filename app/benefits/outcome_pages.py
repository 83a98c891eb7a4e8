"""What becomes of a plan, to people: progress by building, the report, what was converted, the files that officers take home."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer
from app.access.permissions import Permission
from app.benefits import policy
from app.benefits.closing import buildings_of, report_for
from app.benefits.conversion_models import AlreadyUndone, Conversion, StillHandingOut, Undoing
from app.benefits.conversion_queries import conversion_for, conversions_of, convertible, lines_converted, of_few, undoing_of
from app.benefits.converting import convert, undo
from app.benefits.distribution_queries import DistributionCard, card_of, distribution_for, told_until
from app.benefits.exports import register_file, transfer_file
from app.benefits.models import BenefitKind
from app.benefits.outcome_schemas import ConversionWish, ReportNumber, UndoWish
from app.benefits.progress_queries import BuildingProgress, UnitProgress, can_see_units, progress_by_building, unit_list
from app.benefits.schemas import MOST_LINES
from app.benefits.transfer_queries import TransferCard, transfers_of
from app.council.models import Decision
from app.council.queries import decision_choices, decision_for
from app.kit.charts import Share
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.spreadsheets import Form
from app.kit.views import View, see_other
from app.notices.queries import NoticeCard, standing_of
from app.notices.queries import card_of as notice_card
from app.publiclog.queries import first_index_of

router = APIRouter(route_class=OneTransaction, prefix="/benefits/{id}", include_in_schema=False)

FilledConversion = Annotated[Filled[ConversionWish], filled(ConversionWish)]
FilledUndo = Annotated[Filled[UndoWish], filled(UndoWish)]

Bars = list[tuple[str, str, Share]]
"""Of a kind: building, how many of how many in words, and the same as a bar."""


@dataclass(frozen=True)
class ProgressPage(View):
    template = "benefits/progress.html"
    tab = "home"

    d: DistributionCard
    goods: Bars
    money: Bars
    units: Page[UnitProgress] | None
    converted: list[tuple[Conversion, Decision, Undoing | None, Decision | None]]
    """What was taken back, by which decision, and how that was undone, by which."""
    untold: frozenset[UUID]
    """Of these the sum is that of a few homes."""
    transfers: list[TransferCard]
    has_report: bool
    can_see_roll: bool
    can_transfer: bool
    can_convert: bool
    can_undo: bool


@dataclass(frozen=True)
class ReportPage(View):
    template = "benefits/report.html"
    tab = "notices"

    id: UUID
    report: dict[str, Any]
    """As it was frozen: amounts in fen."""
    goods: Bars
    money: Bars
    notice: NoticeCard
    log_index: int


@dataclass(frozen=True)
class UndoPage(View):
    template = "benefits/undo.html"

    d: DistributionCard
    conversion: Conversion
    decision: Decision
    lines: list[str]
    decisions: list[tuple[UUID, str]]
    form: Filled[UndoWish]


@dataclass(frozen=True)
class ConvertPage(View):
    template = "benefits/convert.html"

    d: DistributionCard
    lines: list[tuple[UUID, str]]
    """The first of those that are owed; more after these."""
    decisions: list[tuple[UUID, str]]
    form: Filled[Any]


@router.get("/progress")
def show_progress(session: DbSession, visitor: Anyone, asked: AskedPage, id: UUID) -> ProgressPage:
    distribution = distribution_for(session, visitor, id)
    until = told_until(session, visitor, distribution)
    buildings = progress_by_building(session, distribution, until)
    converted, officer = conversions_of(session, distribution), policy.can_see_roll(visitor) or policy.can_plan(visitor)
    return ProgressPage(
        visitor.frame,
        card_of(session, distribution, until),
        bars(buildings, BenefitKind.GOODS),
        bars(buildings, BenefitKind.MONEY),
        unit_list(session, visitor, distribution, asked) if can_see_units(session, visitor) else None,
        converted,
        frozenset() if officer else frozenset(made.id for made, *_by in converted if of_few(lines_converted(session, made))),
        transfers_of(session, distribution) if policy.can_see_roll(visitor) or policy.can_transfer(visitor) else [],
        distribution.closed_at is not None,
        policy.can_see_roll(visitor),
        policy.can_transfer(visitor),
        policy.can_plan(visitor) and distribution.closed_at is not None,
        visitor.may(Permission.VOID_CLAIM),
    )


@router.get("/report")
def show_report(session: DbSession, visitor: Anyone, id: UUID, number: ReportNumber = None) -> ReportPage:
    """The latest, or an earlier one that the latest superseded."""
    notice, said = report_for(session, distribution_for(session, visitor, id), number)
    buildings = buildings_of(said)
    return ReportPage(
        visitor.frame,
        id,
        said,
        bars(buildings, BenefitKind.GOODS),
        bars(buildings, BenefitKind.MONEY),
        notice_card(notice, standing_of(session, notice)),
        first_index_of(session, notice),
    )


@router.get("/convert")
def show_convert(session: DbSession, actor: Officer, id: UUID) -> ConvertPage:
    if not policy.can_plan(actor):
        raise NotAllowed
    return convert_page(session, actor, id, empty())


@router.post("/convert")
def post_convert(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledConversion) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    if form.wish is None:
        return convert_page(session, actor, id, form).reply(request, 422)
    convert(session, actor, id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("转好了，也告诉了这些户。"))


@router.get("/conversions/{conversion_id}/undo")
def show_undo(session: DbSession, actor: Officer, id: UUID, conversion_id: UUID) -> UndoPage:
    actor.need(Permission.VOID_CLAIM)
    return undo_page(session, actor, id, conversion_id, empty())


@router.post("/conversions/{conversion_id}/undo")
def post_undo(session: DbSession, actor: Officer, request: Request, id: UUID, conversion_id: UUID, form: FilledUndo) -> Response:
    actor.need(Permission.VOID_CLAIM)
    if form.wish is None:
        return undo_page(session, actor, id, conversion_id, form).reply(request, 422)
    undo(session, actor, id, conversion_id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{id}/progress", _("撤销了，也告诉了这些户。"))


@router.get("/register/{form}")
def show_register(session: DbSession, actor: Officer, id: UUID, form: Form) -> Response:
    return register_file(session, actor, distribution_for(session, actor, id), form)


@router.get("/transfers/{form}")
def show_transfers(session: DbSession, actor: Officer, id: UUID, form: Form) -> Response:
    return transfer_file(session, actor, distribution_for(session, actor, id), form)


def undo_page(session: Session, actor: Actor, id: UUID, conversion_id: UUID, form: Filled[UndoWish]) -> UndoPage:
    actor.need_second_factor()  # before the form is filled, not after
    distribution = distribution_for(session, actor, id)
    conversion = conversion_for(session, actor, distribution, conversion_id)
    if undoing_of(session, conversion):
        raise AlreadyUndone
    return UndoPage(
        actor.frame,
        card_of(session, distribution),
        conversion,
        decision_for(session, actor, conversion.decision_id),
        [line.said for line in lines_converted(session, conversion)],
        decision_choices(session, actor),
        form,
    )


def convert_page(session: Session, actor: Actor, id: UUID, form: Filled[Any]) -> ConvertPage:
    actor.need_second_factor()
    distribution = distribution_for(session, actor, id)
    if distribution.closed_at is None:
        raise StillHandingOut
    owed = convertible(session, distribution, MOST_LINES)
    return ConvertPage(
        actor.frame,
        card_of(session, distribution),
        [(line.id, line.said) for line in owed],
        decision_choices(session, actor),
        form,
    )


def bars(buildings: Sequence[BuildingProgress], kind: BenefitKind) -> Bars:
    """Each against its own units: what a small building has done is seen as well as what a large one has."""
    return [
        (b.building or _("户数少，合在一起"), _("%(n)s 户，领了 %(claimed)s", n=b.units, claimed=b.claimed), b.share)
        for b in buildings
        if b.kind == kind
    ]
