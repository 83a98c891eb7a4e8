"""The programs' door to what becomes of a plan: progress, the report, what was converted or transferred, the files."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Anyone, Resident
from app.benefits import policy
from app.benefits.closing import report_for
from app.benefits.converting import convert, undo
from app.benefits.distribution_queries import card_of, distribution_for, told_until
from app.benefits.exports import register_file, transfer_file
from app.benefits.gift_queries import whole_roll
from app.benefits.outcome_schemas import (
    BuildingProgressRead,
    ConversionRead,
    ConversionWish,
    ProgressRead,
    ReportNumber,
    ReportRead,
    UndoingRead,
    UndoWish,
    UnitProgressRead,
)
from app.benefits.progress_queries import progress_by_building, unit_list
from app.benefits.schemas import EntitlementRead, TransferRead, TransferWish
from app.benefits.transferring import mark_paid
from app.kit.pager import AskedPage, Page, link_next
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.spreadsheets import KINDS, Form

router = APIRouter(route_class=OneTransaction, prefix="/distributions/{id}", tags=["benefits"])

FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.partition(";")[0]: {} for kind in KINDS.values()}, "description": "The file."}
}


@router.get("/progress", operation_id="get_distribution_progress", summary="How far a plan is handed out, by building")
def get_progress(session: DbSession, visitor: Anyone, id: UUID) -> ProgressRead:
    """Counts, and never what a single room gets. Of this moment for who plans, hands out or checks; for everybody else as of last
    midnight in the compound while the table is open, or as of an earlier one while fewer than three units came since.
    """
    distribution = distribution_for(session, visitor, id)
    until = told_until(session, visitor, distribution)
    card = card_of(session, distribution, until)
    buildings = [
        BuildingProgressRead.model_validate(building, from_attributes=True)
        for building in progress_by_building(session, distribution, until)
    ]
    return ProgressRead.model_validate(
        {name: getattr(card, name) for name in ("as_of", "units", "claimed", "left", "total_fen", "left_fen", "residue_fen")}
        | {"buildings": buildings}
    )


@router.get("/report", operation_id="get_distribution_report", summary="What became of a plan, as published when it was closed")
def get_report(session: DbSession, visitor: Anyone, id: UUID, number: ReportNumber = None) -> ReportRead:
    """404 until the table is closed for the first time. Each later closing publishes one more, in the place of the one before."""
    notice, said = report_for(session, distribution_for(session, visitor, id), number)
    return ReportRead.model_validate(said | {"notice_id": notice.id})


@router.get("/units", operation_id="list_distribution_units", summary="Which units have collected, without amounts")
def get_units(
    session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response, id: UUID
) -> Page[UnitProgressRead]:
    """For residents where the compound's rules say so; always for who hands out and who checks."""
    page = unit_list(session, actor, distribution_for(session, actor, id), asked)
    link_next(request, response, page)
    return Page[UnitProgressRead].model_validate(page, from_attributes=True)


@router.get("/entitlements", operation_id="list_entitlements", summary="The roll: what every unit is due and has had")
def get_roll(
    session: DbSession, actor: Resident, asked: AskedPage, request: Request, response: Response, id: UUID
) -> Page[EntitlementRead]:
    """For who hands out and who checks."""
    if not policy.can_see_roll(actor):
        raise NotAllowed
    page = whole_roll(session, distribution_for(session, actor, id), asked)
    link_next(request, response, page)
    return Page[EntitlementRead].model_validate(page, from_attributes=True)


@router.put(
    "/conversions/{conversion_id}",
    status_code=201,
    operation_id="put_conversion",
    summary="End the debt of lines that nobody collected, by a decision",
)
def put_conversion(
    session: DbSession, actor: Resident, response: Response, id: UUID, conversion_id: UUID, wish: ConversionWish
) -> ConversionRead:
    """Of a closed plan. 201 the first time, 200 for the same request again, 409 for another one under the same id, or for a
    line that was claimed, converted or is held.
    """
    conversion, made = convert(session, actor, id, conversion_id, wish)
    response.status_code = 201 if made else 200
    return ConversionRead.model_validate(conversion, from_attributes=True)


@router.post(
    "/conversions/{conversion_id}/undo",
    operation_id="undo_conversion",
    summary="Take a conversion back: its lines are owed again",
)
def post_undo(session: DbSession, actor: Resident, id: UUID, conversion_id: UUID, wish: UndoWish) -> UndoingRead:
    """By a decision, and somebody else than who converted; once."""
    return UndoingRead.model_validate(undo(session, actor, id, conversion_id, wish), from_attributes=True)


@router.put(
    "/paid-transfers/{transfer_id}",
    status_code=201,
    operation_id="put_paid_transfer",
    summary="Mark lines of the transfer list as paid by the bank",
)
def put_transfer(
    session: DbSession, actor: Resident, response: Response, id: UUID, transfer_id: UUID, wish: TransferWish
) -> TransferRead:
    """All of them or none. 201 the first time, 200 for the same request again, 409 for another one under the same id, for a
    line that was collected, converted or held meanwhile, for one's own home and for a unit of which no owner is known.
    """
    transfer, made = mark_paid(session, actor, id, transfer_id, wish)
    response.status_code = 201 if made else 200
    return TransferRead.model_validate(transfer, from_attributes=True)


@router.get(
    "/register/{form}",
    operation_id="get_distribution_register",
    summary="Every line of the roll and who signed for it, for a spreadsheet",
    response_class=Response,
    responses=FILE,
)
def get_register(session: DbSession, actor: Resident, id: UUID, form: Form) -> Response:
    return register_file(session, actor, distribution_for(session, actor, id), form)


@router.get(
    "/transfers/{form}",
    operation_id="get_distribution_transfers",
    summary="The money that nobody collected yet, for the bank",
    response_class=Response,
    responses=FILE,
)
def get_transfers(session: DbSession, actor: Resident, id: UUID, form: Form) -> Response:
    return transfer_file(session, actor, distribution_for(session, actor, id), form)
