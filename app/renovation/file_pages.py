"""A project's whole file to take home, and as a book for paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.actors import Anyone, Resident
from app.kit.clock import local, now
from app.kit.pager import walk
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View as PageView
from app.publiclog.queries import first_indexes_of, head_of
from app.renovation.acceptance_queries import acceptances_of
from app.renovation.acceptance_view import AcceptanceView, acceptance_view
from app.renovation.check_queries import found_names
from app.renovation.contract_queries import Costs, costs_of
from app.renovation.document_queries import DocumentCard, documents_of
from app.renovation.finding_queries import Act, FindingCard, before_photos, findings_of, life_of, severity_names
from app.renovation.life_queries import LifeStep, life_of_project, stage_names
from app.renovation.models import Project
from app.renovation.phase_queries import PhaseLine, phase_lines
from app.renovation.point_queries import PointCard, View, points_of, views_of
from app.renovation.project_file import handed_out
from app.renovation.queries import Shown, VisitCard, project_for, volume_of, volumes_of, weather_names

router = APIRouter(route_class=OneTransaction, prefix="/works/projects/{project_id}", include_in_schema=False)

MOST = 1_000
"""Volumes: more than anybody writes."""


@dataclass(frozen=True)
class BookPage(PageView):
    """One volume. What is told once stands in the first (how it came about, the money, the papers) or in the last: `findings`
    with their photos of before and all that was done about them, acceptances that were concluded (`judged`), `points` with
    their first and their last picture.
    """

    template = "renovation/book.html"

    project: Project
    stage: str
    volume: int
    volumes: int
    steps: list[LifeStep]
    phases: list[PhaseLine]
    costs: Costs
    papers: list[DocumentCard]
    months: list[tuple[datetime, list[VisitCard]]]
    """By the month in which they came; what stands first is a moment in it."""
    findings: list[tuple[FindingCard, Sequence[Shown], list[Act]]]
    judged: list[AcceptanceView]
    points: list[tuple[PointCard, View, View]]
    weathers: dict[str, str]
    found: dict[str, str]
    severities: dict[str, str]
    indexes: dict[UUID, int]
    """Where each visit, each finding and the notice of each acceptance stands in the public log."""
    qr: Qr
    log_size: int
    log_root: str
    printed_at: datetime


@router.get("/file")
def get_file(session: DbSession, actor: Resident, request: Request, project_id: UUID) -> Response:
    return handed_out(session, actor, project_id, request.app.state.blobs)


@router.get("/book")
def show_book(
    session: DbSession,
    visitor: Anyone,
    request: Request,
    project_id: UUID,
    volume: Annotated[int, Query(ge=1, le=MOST)] = 1,
) -> BookPage:
    """For paper, A4. Raises NotFound for a volume that there is not."""
    project, head = project_for(session, visitor, project_id), head_of(session, visitor.compound.id)
    volumes = volumes_of(session, project)
    if volume > volumes:
        raise NotFound
    visits = volume_of(session, visitor, project, volume)
    months = groupby(visits, key=lambda visit: f"{local(visit.received_at):%Y-%m}")
    findings = []
    judged = []
    points = []
    if volume == volumes:
        findings = [card for card in walk(lambda asked: findings_of(session, visitor, project, asked)) if card.number]
        judged = [acceptance_view(session, visitor, one) for one in acceptances_of(session, project) if one.concluded_at]
        points = [(point, views_of(session, visitor, point.id)) for point in points_of(session, project)]
    records = [*(one.id for one in visits), *(one.id for one in findings), *(one.notice_id for one in judged if one.notice_id)]
    return BookPage(
        visitor.frame,
        project,
        stage_names()[project.stage],
        volume,
        volumes,
        life_of_project(session, visitor, project),
        phase_lines(session, project),
        costs_of(session, project),
        documents_of(session, visitor, project),
        [(cards[0].received_at, cards) for cards in (list(of) for _month, of in months)],
        [(f, before_photos(session, visitor.compound.id, f.id), life_of(session, visitor, f.id)) for f in reversed(findings)],
        judged[::-1],
        [(point, views[0], views[-1]) for point, views in points if len(views) > 1],
        weather_names(),
        found_names(),
        severity_names(),
        first_indexes_of(session, visitor.compound.id, records),
        qr_path(f"{request.app.state.settings.public_url}{visitor.frame.base}/works/projects/{project.id}"),
        head.size,
        head.root.hex(),
        now(),
    )
