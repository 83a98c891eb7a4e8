"""The people's door: projects with their timeline, a visit to log, findings, and the contractor's page behind its link."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident, Visitor
from app.access.permissions import Permission
from app.kit.clock import now, today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.photos.arriving import Sent
from app.photos.models import PhotoSize
from app.photos.serving import photo_response
from app.publiclog.queries import first_index_of, head_of
from app.renovation import contractor, findings, policy, visiting, works
from app.renovation.arriving import PhotosOfHolder, PhotosOfSupervisor
from app.renovation.holders import Holder, LinkHolder, address_of
from app.renovation.models import SEVERITY_SAYS, WEATHER_SAYS, Finding, Phase, PhaseState, Project, Visit
from app.renovation.nonces import made_nonce, not_before
from app.renovation.queries import (
    Act,
    FindingCard,
    ProjectCard,
    Shown,
    Tally,
    VisitCard,
    before_photos,
    finding_card,
    finding_for,
    finding_photo_for,
    findings_at,
    findings_of,
    life_of,
    live_link,
    phases_of,
    places_of,
    project_for,
    projects_of,
    tally,
    timeline,
    unmended,
    visit_card,
    visit_photo_for,
)
from app.renovation.schemas import AnnouncedPhoto, AnswerWish, FindingWish, PhaseMove, ProjectWish, RecheckWish, VisitWish

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

FilledProject = Annotated[Filled[ProjectWish], filled(ProjectWish)]
FilledMove = Annotated[Filled[PhaseMove], filled(PhaseMove)]
FilledVisit = Annotated[Filled[VisitWish], filled(VisitWish)]
FilledFinding = Annotated[Filled[FindingWish], filled(FindingWish)]
FilledRecheck = Annotated[Filled[RecheckWish], filled(RecheckWish)]
FilledAnswer = Annotated[Filled[AnswerWish], filled(AnswerWish)]


@dataclass(frozen=True)
class ProjectsPage(View):
    template = "renovation/list.html"
    tab = "works"

    projects: Page[ProjectCard]
    can_plan: bool


@dataclass(frozen=True)
class PlanPage(View):
    template = "renovation/plan.html"

    form: Filled[ProjectWish]
    lines: list[str]
    """One for each phase as it was typed, and some to fill."""


@dataclass(frozen=True)
class PhaseLine:
    """A phase as it is drawn. `late`: days behind the plan."""

    id: UUID
    name: str
    note: str
    state: str
    planned_from_on: date
    planned_to_on: date
    began_on: date | None
    done_on: date | None
    late: int


@dataclass(frozen=True)
class ProjectPage(View):
    template = "renovation/project.html"
    tab = "works"

    project: Project
    contractor_phone: str | None
    phases: list[PhaseLine]
    done: int
    tally: Tally
    worst: list[FindingCard]
    visits: Page[VisitCard]
    severities: dict[str, str]
    log_index: int
    can_plan: bool
    can_supervise: bool


@dataclass(frozen=True)
class VisitFormPage(View):
    """`supersedes`: the visit this one corrects, which is done with a signal, by the plain form."""

    template = "renovation/visit_form.html"

    project: Project
    form: Filled[VisitWish]
    nonce: str
    places: list[str]
    weathers: dict[str, str]
    supersedes: VisitCard | None
    photos_again: bool


@dataclass(frozen=True)
class OutboxPage(View):
    """What this phone still holds; drawn by the phone itself."""

    template = "renovation/outbox.html"


@dataclass(frozen=True)
class VisitPage(View):
    template = "renovation/visit.html"
    tab = "works"

    visit: VisitCard
    project: Project
    weather: str | None
    findings: list[FindingCard]
    severities: dict[str, str]
    log_index: int
    can_raise: bool
    can_correct: bool
    can_see_originals: bool


@dataclass(frozen=True)
class VisitCardPage(View):
    """The card that takes the place of the outbox's own once a visit has arrived."""

    template = "renovation/_visit_card.html"

    visit: VisitCard


@dataclass(frozen=True)
class LogPage(View):
    template = "renovation/log.html"

    project: Project
    visits: Page[VisitCard]
    weathers: dict[str, str]
    log_size: int
    log_root: str
    printed_at: datetime


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


@dataclass(frozen=True)
class FindingPage(View):
    template = "renovation/finding.html"
    tab = "works"

    finding: FindingCard
    project: Project
    severity: str
    before: tuple[Shown, ...]
    life: list[Act]
    after: Shown | None
    """The latest photo of after, to be compared with the first of before."""
    form: Filled[RecheckWish]
    log_index: int
    link_until: datetime | None
    can_supervise: bool
    can_recheck: bool


@dataclass(frozen=True)
class LinkPage(View):
    template = "renovation/link.html"

    finding: FindingCard
    contractor: str
    address: str
    qr: Qr
    until_at: datetime


@dataclass(frozen=True)
class AnswerPage(View):
    template = "renovation/answer.html"

    finding: FindingCard
    project: Project
    severity: str
    before: tuple[Shown, ...]
    life: list[Act]
    form: Filled[AnswerWish]


# ---------------------------------------------------------------- projects


@router.get("")
def show_projects(session: DbSession, visitor: Anyone, asked: AskedPage) -> ProjectsPage:
    return ProjectsPage(visitor.frame, projects_of(session, visitor, asked), policy.can_plan(visitor))


@router.get("/plan")
def show_plan(actor: Officer) -> PlanPage:
    if not policy.can_plan(actor):
        raise NotAllowed
    return plan_page(actor, empty())


@router.post("/plan")
def post_plan(session: DbSession, actor: Officer, request: Request, form: FilledProject) -> Response:
    actor.need(Permission.PLAN_WORKS)
    if form.wish is None:
        return plan_page(actor, form).reply(request, 422)
    project, _made = works.plan_project(session, actor, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/projects/{project.id}", _("建好了，大家看得到了。"))


@router.get("/projects/{project_id}")
def show_project(session: DbSession, visitor: Anyone, project_id: UUID, asked: AskedPage) -> ProjectPage:
    project = project_for(session, visitor, project_id)
    phases = [phase_line(phase) for phase in phases_of(session, project)]
    return ProjectPage(
        visitor.frame,
        project,
        project.contractor_phone if policy.can_call_contractor(visitor) else None,
        phases,
        sum(phase.state == PhaseState.DONE for phase in phases),
        tally(session, project),
        unmended(session, visitor, project),
        timeline(session, visitor, project, replace(asked, limit=min(asked.limit, 5))),
        severity_names(),
        first_index_of(session, project),
        policy.can_plan(visitor),
        policy.can_supervise(visitor),
    )


@router.post("/phases/{phase_id}")
def post_phase(session: DbSession, actor: Officer, phase_id: UUID, form: FilledMove) -> Response:
    actor.need(Permission.PLAN_WORKS)
    if form.wish is None:
        return see_other(f"{actor.frame.base}/works", next(iter(form.problems.values())))
    phase = works.set_phase(session, actor, phase_id, form.wish)
    return see_other(f"{actor.frame.base}/works/projects/{phase.project_id}", _("进度改好了。"))


@router.get("/projects/{project_id}/log")
def show_log(session: DbSession, visitor: Anyone, project_id: UUID, asked: AskedPage) -> LogPage:
    """The supervision log for paper."""
    project, head = project_for(session, visitor, project_id), head_of(session, visitor.compound.id)
    visits = timeline(session, visitor, project, asked)
    return LogPage(visitor.frame, project, visits, weather_names(), head.size, head.root.hex(), now())


# ---------------------------------------------------------------- visits


@router.get("/projects/{project_id}/visits/new")
def show_visit_form(
    session: DbSession, actor: Officer, request: Request, response: Response, project_id: UUID, correcting: UUID | None = None
) -> VisitFormPage:
    """May be kept by the phone: it has to open in a cellar."""
    if not policy.can_supervise(actor):
        raise NotAllowed
    response.headers["Cache-Control"] = "private, no-cache"
    project = project_for(session, actor, project_id)
    wrong = visit_card(session, actor, correcting) if correcting else None
    typed = (
        {name: getattr(wrong, name) for name in ("place", "weather", "progress", "checked", "problems", "others")}
        if wrong
        else {}
    )
    return visit_form_page(session, actor, request, project, empty(typed), wrong)


@router.post("/projects/{project_id}/visits")
def post_visit(
    session: DbSession, actor: Officer, request: Request, project_id: UUID, sent: PhotosOfSupervisor, form: FilledVisit
) -> Response:
    """Without script: text and photos in one. A photo that cannot be taken never takes the visit with it."""
    project = project_for(session, actor, project_id)
    if form.wish and form.wish.says_nothing and not sent.taken:
        form = form.with_problem("progress", _("请写下看到了什么，或拍一张照片。"))
    if form.wish is None:
        return visit_form_page(session, actor, request, project, form, None, photos_again=bool(sent.taken)).reply(request, 422)
    announced = tuple(
        AnnouncedPhoto(id=id, announced_sha256=photo.sha256, source=photo.capture.source) for id, photo in sent.taken.items()
    )
    wish = form.wish.model_copy(update={"project_id": project.id, "photos": announced})
    moment = not_before(request.app.state.settings.secret, actor.compound.id, actor.person_id, wish.nonce, now())
    visit, _made = visiting.submit_visit(session, actor, form.id, wish, moment)
    for photo_id, taken_in in sent.taken.items():
        visiting.receive_photo(session, actor, visit.id, photo_id, taken_in)
    return see_other(f"{actor.frame.base}/works/visits/{visit.id}", said(_("日志交好了。"), sent))


@router.get("/outbox")
def show_outbox(actor: Resident, response: Response) -> OutboxPage:
    """May be kept by the phone, like the form."""
    response.headers["Cache-Control"] = "private, no-cache"
    return OutboxPage(actor.frame)


@router.get("/visits/{visit_id}")
def show_visit(session: DbSession, visitor: Anyone, visit_id: UUID) -> VisitPage:
    visit = visit_card(session, visitor, visit_id)
    row = session.get_one(Visit, (visitor.compound.id, visit_id))
    mine = isinstance(visitor, Actor) and row.supervisor_id == visitor.person_id
    return VisitPage(
        visitor.frame,
        visit,
        project_for(session, visitor, visit.project_id),
        weather_names().get(visit.weather or ""),
        findings_at(session, visitor, visit.id),
        severity_names(),
        first_index_of(session, row),
        policy.can_supervise(visitor),
        mine and visit.superseded_by_id is None and policy.can_supervise(visitor),
        policy.can_see_originals(visitor),
    )


@router.get("/visits/{visit_id}/card")
def show_visit_card(session: DbSession, visitor: Anyone, visit_id: UUID) -> VisitCardPage:
    return VisitCardPage(visitor.frame, visit_card(session, visitor, visit_id))


@router.get("/visits/{visit_id}/photos/{photo_id}/{size}")
def show_visit_photo(
    session: DbSession, visitor: Anyone, request: Request, visit_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(visit_photo_for(session, visitor, visit_id, photo_id, size), size, request.app.state.blobs)


# ---------------------------------------------------------------- findings


@router.get("/projects/{project_id}/findings")
def show_findings(session: DbSession, visitor: Anyone, project_id: UUID, asked: AskedPage) -> FindingsPage:
    project = project_for(session, visitor, project_id)
    return FindingsPage(
        visitor.frame, project, findings_of(session, visitor, project, asked), tally(session, project), severity_names()
    )


@router.get("/projects/{project_id}/findings/new")
def show_finding_form(session: DbSession, actor: Officer, project_id: UUID, visit: UUID | None = None) -> FindingFormPage:
    if not policy.can_supervise(actor):
        raise NotAllowed
    project = project_for(session, actor, project_id)
    seen = visit_card(session, actor, visit) if visit else None
    typed = {"visit_id": seen.id, "place": seen.place, "what": seen.problems} if seen else {}
    return finding_form_page(session, actor, project, seen, empty(typed))


@router.post("/projects/{project_id}/findings")
def post_finding(
    session: DbSession, actor: Officer, request: Request, project_id: UUID, sent: PhotosOfSupervisor, form: FilledFinding
) -> Response:
    project = project_for(session, actor, project_id)
    if form.wish is None:
        visit_id = form.typed.get("visit_id")
        seen = visit_card(session, actor, UUID(visit_id)) if visit_id and "visit_id" not in form.problems else None
        return finding_form_page(session, actor, project, seen, form).reply(request, 422)
    finding, _made = findings.raise_finding(session, actor, project.id, form.id, form.wish, sent.taken)
    words = said(_("整改通知第 %(n)s 号，发给施工方吧。", n=finding.number), sent)
    return see_other(f"{actor.frame.base}/works/findings/{finding.id}", words)


@router.get("/findings/{finding_id}")
def show_finding(session: DbSession, visitor: Anyone, finding_id: UUID) -> FindingPage:
    return finding_page(session, visitor, finding_for(session, visitor, finding_id), empty())


@router.post("/findings/{finding_id}/links")
def post_link(session: DbSession, actor: Officer, request: Request, finding_id: UUID) -> LinkPage:
    """Answered with the page itself: the address stands nowhere else and is not shown again."""
    link, token = findings.issue_link(session, actor, finding_id)
    finding = finding_card(session, actor, finding_id)
    address = address_of(request, actor.compound.slug, token)
    firm = project_for(session, actor, finding.project_id).contractor
    return LinkPage(actor.frame, finding, firm, address, qr_path(address), link.until_at)


@router.post("/findings/{finding_id}/rechecks")
def post_recheck(
    session: DbSession, actor: Officer, request: Request, finding_id: UUID, sent: PhotosOfSupervisor, form: FilledRecheck
) -> Response:
    finding = finding_for(session, actor, finding_id)
    if form.wish is None:
        return finding_page(session, actor, finding, form).reply(request, 422)
    findings.judge(session, actor, finding_id, form.id, form.wish, sent.taken)
    return see_other(f"{actor.frame.base}/works/findings/{finding_id}", said(_("记下了，大家看得到。"), sent))


@router.get("/findings/{finding_id}/photos/{photo_id}/{size}")
def show_finding_photo(
    session: DbSession, visitor: Anyone, request: Request, finding_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(finding_photo_for(session, visitor, finding_id, photo_id, size), size, request.app.state.blobs)


# ---------------------------------------------------------------- the contractor


@router.get("/answer/{token}")
def show_answer(session: DbSession, holder: LinkHolder) -> AnswerPage:
    """Reads only: a chat program that looks at the link has not received anything for anybody."""
    return answer_page(session, holder, empty())


@router.post("/answer/{token}/receipt")
def post_receipt(session: DbSession, holder: LinkHolder, request: Request) -> Response:
    contractor.confirm_receipt(session, holder)
    return see_other(request.url.path.removesuffix("/receipt"), _("收到了，监督员看得见。"))


@router.post("/answer/{token}")
def post_answer(session: DbSession, holder: LinkHolder, request: Request, sent: PhotosOfHolder, form: FilledAnswer) -> Response:
    if form.wish is None:
        return answer_page(session, holder, form).reply(request, 422)
    contractor.answer(session, holder, form.id, form.wish, sent.taken)
    return see_other(request.url.path, said(_("回复交好了，等监督员复查。"), sent))


# ---------------------------------------------------------------- drawing


def plan_page(actor: Actor, form: Filled[ProjectWish]) -> PlanPage:
    typed = [line for line in form.typed.get("phases", []) if line.strip()]
    return PlanPage(actor.frame, form, typed + [""] * max(2, 5 - len(typed)))


def visit_form_page(
    session: Session,
    actor: Actor,
    request: Request,
    project: Project,
    form: Filled[VisitWish],
    supersedes: VisitCard | None,
    *,
    photos_again: bool = False,
) -> VisitFormPage:
    nonce = made_nonce(request.app.state.settings.secret, actor.compound.id, actor.person_id, now())
    return VisitFormPage(
        actor.frame,
        project,
        form,
        form.typed.get("nonce") or nonce,
        places_of(session, project),
        weather_names(),
        supersedes,
        photos_again,
    )


def finding_form_page(
    session: Session, actor: Actor, project: Project, visit: VisitCard | None, form: Filled[FindingWish]
) -> FindingFormPage:
    return FindingFormPage(actor.frame, project, visit, form, severity_names(), places_of(session, project))


def finding_page(session: Session, visitor: Visitor, finding: Finding, form: Filled[RecheckWish]) -> FindingPage:
    card, life = finding_card(session, visitor, finding.id), life_of(session, visitor, finding.id)
    after = [photo for act in life for photo in act.photos]
    link = live_link(session, finding) if policy.can_supervise(visitor) else None
    return FindingPage(
        visitor.frame,
        card,
        project_for(session, visitor, card.project_id),
        severity_names()[card.severity],
        before_photos(session, visitor.compound.id, card.id),
        life,
        after[-1] if after else None,
        form,
        first_index_of(session, finding),
        link.until_at if link else None,
        policy.can_supervise(visitor),
        policy.can_recheck(visitor, finding),
    )


def answer_page(session: Session, holder: Holder, form: Filled[AnswerWish]) -> AnswerPage:
    card = finding_card(session, holder, holder.link.finding_id)
    return AnswerPage(
        holder.frame,
        card,
        project_for(session, holder, card.project_id),
        severity_names()[card.severity],
        before_photos(session, holder.compound.id, card.id),
        life_of(session, holder, card.id),
        form,
    )


def phase_line(phase: Phase) -> PhaseLine:
    done = phase.done_on or today()
    late = 0 if phase.state == PhaseState.PLANNED else max(0, (done - phase.planned_to_on).days)
    return PhaseLine(
        phase.id,
        phase.name,
        phase.note,
        phase.state,
        phase.planned_from_on,
        phase.planned_to_on,
        phase.began_on,
        phase.done_on,
        late,
    )


def said(words: str, sent: Sent) -> str:
    """What happened, and which photos did not come with it."""
    return words + "".join(_("有一张没收下：%(why)s", why=why) for why in sent.refused[:2])


def severity_names() -> dict[str, str]:
    return {severity.value: _(says) for severity, says in SEVERITY_SAYS.items()}


def weather_names() -> dict[str, str]:
    return {weather.value: _(says) for weather, says in WEATHER_SAYS.items()}
