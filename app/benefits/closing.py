"""The report of a plan that was handed out: what each item came to, published and frozen like the plan itself."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.benefits.conversion_queries import converted_by_item
from app.benefits.distribution_queries import ItemCard, StockCard, card_of, stocks_of
from app.benefits.models import BenefitKind, Distribution
from app.benefits.progress_queries import BuildingProgress, progress_by_building
from app.kit.clock import local, now
from app.kit.i18n import _
from app.kit.refusals import NotFound
from app.notices.models import Notice, NoticeKind
from app.notices.queries import notice_to_change
from app.notices.service import publish_notice
from app.publiclog.canonical import Value


def report_id(distribution: Distribution) -> UUID:
    """The report is a record beside its plan, with notices of its own: an objection to it does not stop the table."""
    return uuid5(distribution.id, "report")


def publish_report(session: Session, actor: Actor, distribution: Distribution) -> Notice:
    """What became of it until now; it takes the place of the report before. The caller holds the distribution's row.

    Raises AnswerFirst while an objection to the report before waits.
    """
    session.flush()
    reports = _reports(session, distribution)
    said = report(session, distribution) | {"number": len(reports) + 1}
    before = notice_to_change(session, actor, reports[-1].id) if reports else None
    if before:
        said |= {"supersedes": str(before.id)}
    return publish_notice(
        session,
        actor,
        NoticeKind.DISTRIBUTION_REPORT,
        _("%(title)s：发放结果", title=distribution.title),
        f"/benefits/{distribution.id}/report?number={len(reports) + 1}",
        report_id(distribution),
        said,
        supersedes=before,
    )


def report(session: Session, distribution: Distribution) -> dict[str, Value]:
    """Amounts by value in fen; of goods also in pieces: due = handed + unclaimed + converted, and of the stock received =
    handed + conflicted + spoiled + left. Counts by building, never a room.
    """
    card = card_of(session, distribution)
    stocks, converted = stocks_of(session, distribution), converted_by_item(session, distribution)
    converted_fen = sum(fen for fen, _pieces in converted.values())
    return {
        "v": 1,
        "reference": card.reference,
        "version": card.version,
        "title": card.title,
        "closed_on": local(distribution.closed_at or now()).date().isoformat(),
        "units": card.units,
        "claimed": card.claimed,
        "unclaimed": card.left,
        "excluded": card.excluded,
        "total_fen": card.total_fen,
        "handed_fen": card.total_fen - card.left_fen - converted_fen,
        "unclaimed_fen": card.left_fen,
        "converted_fen": converted_fen,
        "items": [
            _item(item, converted.get(item.id, (0, 0)), [stock for stock in stocks if stock.item_id == item.id])
            for item in card.items
        ],
        "buildings": [_building(building) for building in progress_by_building(session, distribution)],
    }


def _item(item: ItemCard, converted: tuple[int, int], stocks: Sequence[StockCard]) -> dict[str, Value]:
    converted_fen, converted_pieces = converted
    said: dict[str, Value] = {
        "name": item.name,
        "kind": item.kind,
        "due_fen": item.given_fen,
        "handed_fen": item.claimed_fen,
        "unclaimed_fen": item.given_fen - item.claimed_fen - converted_fen,
        "converted_fen": converted_fen,
        "residue_fen": item.residue_fen,
    }
    if item.pieces is None:
        return said
    handed = item.pieces_claimed or 0
    pieces = {name: sum(getattr(stock, name) for stock in stocks) for name in ("received", "conflicted", "spoiled", "left")}
    unclaimed = item.pieces - handed - converted_pieces
    counted = {"due": item.pieces, "handed": handed, "unclaimed": unclaimed, "converted": converted_pieces}
    return said | {"unit": item.unit, **counted, **pieces}


def _building(b: BuildingProgress) -> dict[str, Value]:
    return {"building": b.building, "kind": b.kind.value, "units": b.units, "claimed": b.claimed}


def report_for(session: Session, distribution: Distribution, number: int | None = None) -> tuple[Notice, dict[str, Any]]:
    """The latest report, or the `number`th, and what it says. Raises NotFound where none was published."""
    reports = _reports(session, distribution)[slice(number and number - 1, number)]
    if not reports:
        raise NotFound
    return reports[-1], dict(json.loads(reports[-1].frozen))


def buildings_of(said: Mapping[str, Any]) -> list[BuildingProgress]:
    """Of a report, as `progress_by_building` gives them."""
    return [BuildingProgress(b["building"], BenefitKind(b["kind"]), b["units"], b["claimed"]) for b in said["buildings"]]


def _reports(session: Session, distribution: Distribution) -> list[Notice]:
    """The first one first."""
    return list(
        session.exec(
            select(Notice)
            .where(Notice.compound_id == distribution.compound_id, Notice.record_id == report_id(distribution))
            .order_by(col(Notice.published_at))
        )
    )
