"""Findings: raised, sent to the contractor, judged by another supervisor."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident, Visitor
from app.kit.clock import now, today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotAllowed, NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.photos.models import PhotoSize
from app.photos.serving import AN_HOUR, photo_response
from app.publiclog.queries import first_index_of, head_of
from app.renovation import findings, policy
from app.renovation.acceptance_queries import acceptance_of_finding
from app.renovation.arriving import PhotosOfResident, PhotosOfSupervisor
from app.renovation.check_queries import LookedAt, looked_at, seen_names
from app.renovation.evidence import alike_of
from app.renovation.finding_answers import FindingCardPage
from app.renovation.finding_models import SUPERVISORS, ActKind, AfterPhotoNeeded, DueDayPassed, Finding
from app.renovation.finding_queries import (
    Act,
    FindingCard,
    Tally,
    before_photos,
    finding_card,
    finding_for,
    finding_photo_for,
    findings_of,
    life_of,
    link_of,
    severity_names,
    tally,
)
from app.renovation.holders import address_of
from app.renovation.models import Project
from app.renovation.queries import Shown, VisitCard, places_of, project_for, visit_card
from app.renovation.record_queries import Records, records
from app.renovation.schemas import ActWish, FindingWish, ReportWish

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

FilledFinding = Annotated[Filled[FindingWish], filled(FindingWish)]
FilledAct = Annotated[Filled[ActWish], filled(ActWish)]
FilledReport = Annotated[Filled[ReportWish], filled(ReportWish)]


@dataclass(frozen=True)
class FindingsPage(View):
    template = "renovation/findings.html"
    tab = "works"

    project: Project
    findings: Page[FindingCard]
    tally: Tally
    severities: dict[str, str]


@dataclass(frozen=True)
class FindingFormPage(View):
    template = "renovation/finding_form.html"

    project: Project
    visit: VisitCard | None
    form: Filled[FindingWish]
    severities: dict[str, str]
    places: list[str]
    today: date


@dataclass(frozen=True)
class FindingPage(View):
    template = "renovation/finding.html"
    tab = "works"

    finding: FindingCard
    project: Project
    severity: str
    before: tuple[Shown, ...]
    life: list[Act]
    looked: list[LookedAt]
    """Visits that looked at it again."""
    seen_names: dict[str, str]
    after: Shown | None
    """The latest photo of after, to be compared with the first of before."""
    photos: list[Shown]
    """All of them, in the order in which they came."""
    alike: frozenset[UUID]
    """Those that look like an earlier one."""
    form: Filled[Any]
    log_index: int | None
    """None of a draft: it is not public."""
    acceptance_id: UUID | None
    """That reserved it."""
    link_until: datetime | None
    can_supervise: bool
    can_mediate: bool
    can_report: bool
    may: frozenset[str]
    """What this supervisor may do now (ActKind)."""


@dataclass(frozen=True)
class RecordsPage(View):
    template = "renovation/records.html"
    tab = "works"

    records: Records


@dataclass(frozen=True)
class SheetPage(View):
    template = "renovation/finding_sheet.html"

    finding: FindingCard
    project: Project
    severity: str
    before: tuple[Shown, ...]
    qr: Qr
    log_size: int
    log_root: str
    printed_at: datetime


@dataclass(frozen=True)
class LinkPage(View):
    template = "renovation/link.html"

    finding: FindingCard
    contractor: str
    address: str
    qr: Qr
    until_at: datetime


@router.get("/projects/{project_id}/findings")
def show_findings(session: DbSession, visitor: Anyone, project_id: UUID, asked: AskedPage) -> FindingsPage:
    project = project_for(session, visitor, project_id)
    return FindingsPage(
        visitor.frame, project, findings_of(session, visitor, project, asked), tally(session, project), severity_names()
    )


@router.get("/projects/{project_id}/findings/new")
def show_finding_form(
    session: DbSession, actor: Officer, response: Response, project_id: UUID, visit: UUID | None = None
) -> FindingFormPage:
    """May be kept by the phone: it has to open in a cellar."""
    if not policy.can_supervise(actor):
        raise NotAllowed
    response.headers["Cache-Control"] = "private, no-cache"
    project = project_for(session, actor, project_id)
    seen = visit_card(session, actor, visit) if visit else None
    typed = {"visit_id": seen.id, "place": seen.place, "what": seen.problems} if seen else {}
    return finding_form_page(session, actor, project, seen, empty(typed))


@router.post("/projects/{project_id}/findings")
def post_finding(
    session: DbSession, actor: Officer, request: Request, project_id: UUID, sent: PhotosOfSupervisor, form: FilledFinding
) -> Response:
    project = project_for(session, actor, project_id)
    if form.wish and form.wish.due_on and form.wish.due_on < today() and not form.wish.draft:
        form = form.with_problem("due_on", DueDayPassed().message)
    if form.wish is None:
        visit_id = form.typed.get("visit_id")
        seen = visit_card(session, actor, UUID(visit_id)) if visit_id and "visit_id" not in form.problems else None
        return finding_form_page(session, actor, project, seen, sent.again(form)).reply(request, 422)
    finding, _made = findings.raise_finding(session, actor, project.id, form.id, form.wish, sent.taken)
    said = _("整改通知第 %(n)s 号，发给施工方吧。", n=finding.number) if finding.number else _("存成草稿了，只有监督员看得到。")
    words = sent.said(said)
    return see_other(f"{actor.frame.base}/works/findings/{finding.id}", words)


@router.get("/findings/records")
def show_records(session: DbSession, visitor: Anyone) -> RecordsPage:
    return RecordsPage(visitor.frame, records(session, visitor))


@router.get("/findings/{finding_id}")
def show_finding(session: DbSession, visitor: Anyone, response: Response, finding_id: UUID) -> FindingPage:
    """May be kept by a supervisor's phone: what was claimed to be mended is looked at in a cellar."""
    if policy.can_supervise(visitor):
        response.headers["Cache-Control"] = "private, no-cache"
    return finding_page(session, visitor, finding_for(session, visitor, finding_id), empty())


@router.get("/findings/{finding_id}/card")
def show_finding_card(session: DbSession, visitor: Anyone, finding_id: UUID) -> FindingCardPage:
    href = f"{visitor.frame.base}/works/findings/{finding_id}"
    return FindingCardPage(visitor.frame, finding_card(session, visitor, finding_id), href)


@router.post("/findings/{finding_id}/links")
def post_link(session: DbSession, actor: Officer, request: Request, finding_id: UUID) -> LinkPage:
    """Answered with the page itself: the address stands nowhere else and is not shown again."""
    link, token = findings.issue_link(session, actor, finding_id)
    finding = finding_card(session, actor, finding_id)
    address = address_of(request, actor.compound.slug, token)
    firm = project_for(session, actor, finding.project_id).contractor
    return LinkPage(actor.frame, finding, firm, address, qr_path(address), link.until_at)


@router.post("/findings/{finding_id}/links/end")
def post_links_end(session: DbSession, actor: Officer, finding_id: UUID) -> Response:
    findings.revoke_link(session, actor, finding_id)
    return see_other(f"{actor.frame.base}/works/findings/{finding_id}", _("链接作废了，再也打不开。"))


@router.get("/findings/{finding_id}/sheet")
def show_sheet(session: DbSession, visitor: Anyone, request: Request, finding_id: UUID) -> SheetPage:
    """整改通知书: what is handed over on paper and signed for."""
    card, head = finding_card(session, visitor, finding_id), head_of(session, visitor.compound.id)
    if card.number is None:
        raise NotFound
    qr = qr_path(f"{request.app.state.settings.public_url}{visitor.frame.base}/works/findings/{card.id}")
    return SheetPage(
        visitor.frame,
        card,
        project_for(session, visitor, card.project_id),
        severity_names()[card.severity],
        before_photos(session, visitor.compound.id, card.id),
        qr,
        head.size,
        head.root.hex(),
        now(),
    )


@router.post("/findings/{finding_id}/reports")
def post_report(
    session: DbSession, actor: Resident, request: Request, finding_id: UUID, sent: PhotosOfResident, form: FilledReport
) -> Response:
    finding = finding_for(session, actor, finding_id)
    if form.wish is None:
        return finding_page(session, actor, finding, sent.again(form)).reply(request, 422)
    findings.report(session, actor, finding_id, form.id, form.wish, sent.taken)
    return see_other(f"{actor.frame.base}/works/findings/{finding_id}", sent.said(_("告诉监督员了，他看过会在这里答复。")))


@router.post("/findings/{finding_id}/acts")
def post_act(
    session: DbSession, actor: Officer, request: Request, finding_id: UUID, sent: PhotosOfSupervisor, form: FilledAct
) -> Response:
    finding = finding_for(session, actor, finding_id)
    if form.wish is None:
        return finding_page(session, actor, finding, sent.again(form)).reply(request, 422)
    try:
        done, _made = findings.act(session, actor, finding_id, form.id, form.wish, sent.taken)
    except AfterPhotoNeeded as no:  # before it has changed anything
        asked = form.with_problem("photos", f"{no.message}{no.next_step}")
        return finding_page(session, actor, finding, asked).reply(request, 422)
    words = _("记下了，大家看得到。") if done.number else _("这份草稿不要了。")
    return see_other(f"{actor.frame.base}/works/findings/{finding_id}", sent.said(words))


@router.get("/findings/{finding_id}/photos/{photo_id}/{size}")
def show_finding_photo(
    session: DbSession, visitor: Anyone, request: Request, finding_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(
        finding_photo_for(session, visitor, finding_id, photo_id, size), size, request.app.state.blobs, lasts=AN_HOUR
    )


def finding_form_page(
    session: Session, actor: Actor, project: Project, visit: VisitCard | None, form: Filled[FindingWish]
) -> FindingFormPage:
    return FindingFormPage(actor.frame, project, visit, form, severity_names(), places_of(session, project), today())


def finding_page(session: Session, visitor: Visitor, finding: Finding, form: Filled[Any]) -> FindingPage:
    card, life = finding_card(session, visitor, finding.id), life_of(session, visitor, finding.id)
    before = before_photos(session, visitor.compound.id, card.id)
    after = [photo for act in life if act.kind in (ActKind.ANSWERED, ActKind.MENDED) for photo in act.photos]
    link = link_of(session, finding) if policy.can_supervise(visitor) else None
    return FindingPage(
        visitor.frame,
        card,
        project_for(session, visitor, card.project_id),
        severity_names()[card.severity],
        before,
        life,
        looked_at(session, visitor.compound.id, card.id),
        seen_names(),
        after[-1] if after else None,
        [*before, *(photo for act in life for photo in act.photos)],
        alike_of(session, visitor, card.id),
        form,
        first_index_of(session, finding) if finding.number else None,
        acceptance_of_finding(session, finding),
        link.until_at if link and link.opens else None,
        policy.can_supervise(visitor),
        policy.can_mediate(visitor),
        visitor.is_resident and card.shut and not card.reported_at,
        frozenset(kind for kind in SUPERVISORS if policy.may(visitor, finding, kind)),
    )
