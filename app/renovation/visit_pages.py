"""Logging a visit, and reading it. The form and the list of what waits may be kept by the phone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from sqlmodel import Session
from starlette.datastructures import FormData

from app.access.actors import Actor, Anyone, Officer, Resident
from app.kit.clock import now, said_day
from app.kit.forms import Filled, empty, fill
from app.kit.i18n import _, mark
from app.kit.refusals import Malformed, NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.sent import read_form
from app.kit.views import View, see_other
from app.photos.arriving import Sent
from app.photos.intake import TakenIn
from app.photos.models import PhotoSize
from app.photos.serving import AN_HOUR, photo_response
from app.publiclog.queries import first_index_of
from app.renovation import policy, visiting
from app.renovation.arriving import PhotosOfSupervisor
from app.renovation.check_queries import ListCard, found_names, lists_in_use, seen_names
from app.renovation.evidence import alike_in
from app.renovation.finding_queries import FindingCard, findings_at, severity_names, unmended
from app.renovation.models import Project, Visit
from app.renovation.nonces import made_nonce, not_before
from app.renovation.point_queries import PointCard, points_of
from app.renovation.queries import VisitCard, places_of, project_for, visit_card, visit_photo_for, weather_names
from app.renovation.schemas import AnnouncedPhoto, VisitWish

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

RAISED = ("what", "demand", "severity")
ITEMS = tuple(f"{name}:" for name in ("found", "words", "seen", "rewords", *RAISED))
"""How a form's fields of check items, findings seen again and drafts begin; which one follows."""


async def filled_visit(request: Request) -> Filled[VisitWish]:
    """With the answers to check items, which have fields of their own."""
    form = await read_form(request)
    asked = {name: value for name, value in form.multi_items() if name.startswith(ITEMS) and isinstance(value, str) and value}

    def items(*names: str) -> Iterator[tuple[str, list[str]]]:
        """Of what has something typed in one of the fields of these names: which it is, and what stands in each."""
        for id in dict.fromkeys(name.partition(":")[2] for name in asked if name.partition(":")[0] in names):
            yield id, [asked.get(f"{name}:{id}", "") for name in names]

    answers = [
        *(("checks", " ".join([id, *typed])) for id, typed in items("found", "words")),
        *(("rechecks", " ".join([id, *typed])) for id, typed in items("seen", "rewords")),
        *(("raises", json.dumps(dict(zip(RAISED, typed, strict=True)))) for _id, typed in items(*RAISED) if typed[0]),
    ]
    filled = fill(VisitWish, FormData([*form.multi_items(), *answers]))
    return replace(filled, typed={**filled.typed, **asked})


FilledVisit = Annotated[Filled[VisitWish], Depends(filled_visit)]

WORDS = ("place", "weather", "progress", "checked", "tests", "present", "headcount", "problems", "complaints", "safety", "others")
"""What a correction begins with."""


@dataclass(frozen=True)
class VisitFormPage(View):
    """`supersedes`: the visit this one corrects, which is done with a signal, by the plain form."""

    template = "renovation/visit_form.html"

    project: Project
    form: Filled[VisitWish]
    nonce: str
    places: list[str]
    weathers: dict[str, str]
    points: list[PointCard]
    lists: list[ListCard]
    found: dict[str, str]
    unmended: list[FindingCard]
    seen: dict[str, str]
    severities: dict[str, str]
    supersedes: VisitCard | None


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
    found: dict[str, str]
    seen: dict[str, str]
    points: dict[UUID, str]
    """The names of the photo points, of which the visit took some."""
    findings: list[FindingCard]
    severities: dict[str, str]
    log_index: int
    can_raise: bool
    can_correct: bool
    changed: list[tuple[str, str, str]]
    """Of a correction: which part, what stood there before, what stands there now."""
    alike: frozenset[UUID]
    """Photos that look like an earlier one."""


@dataclass(frozen=True)
class VisitCardPage(View):
    """The card that takes the place of the outbox's own once a visit has arrived."""

    template = "renovation/_visit_card.html"

    visit: VisitCard


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
    typed = {name: getattr(wrong, name) for name in WORDS} | said_by(wrong) if wrong else {}
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
        return visit_form_page(session, actor, request, project, sent.again(form), None).reply(request, 422)
    wish = form.wish.model_copy(update={"project_id": project.id, "photos": announced_by(sent)})
    moment = not_before(request.app.state.settings.secret, actor.compound.id, actor.person_id, wish.nonce, now())
    visit, _made = visiting.submit_visit(session, actor, form.id, wish, moment)
    for photo_id, taken_in in sent.taken.items():
        visiting.receive_photo(session, actor, visit.id, photo_id, taken_in)
    missing = visit_card(session, actor, visit.id).photos_missing
    words = _("日志交好了。") + (_("有 %(n)s 项要拍照的没有照片。", n=missing) if missing else "")
    return see_other(f"{actor.frame.base}/works/visits/{visit.id}", sent.said(words))


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
    project = project_for(session, visitor, visit.project_id)
    return VisitPage(
        visitor.frame,
        visit,
        project,
        weather_names().get(visit.weather or ""),
        found_names(),
        seen_names(),
        {point.id: point.name for point in points_of(session, project)},
        findings_at(session, visitor, visit.id),
        severity_names(),
        first_index_of(session, row),
        policy.can_supervise(visitor),
        mine and visit.superseded_by_id is None and policy.can_supervise(visitor),
        changes(visit_card(session, visitor, visit.supersedes_id), visit) if visit.supersedes_id else [],
        alike_in(session, visitor, visit.id),
    )


@router.get("/visits/{visit_id}/card")
def show_visit_card(session: DbSession, visitor: Anyone, visit_id: UUID) -> VisitCardPage:
    return VisitCardPage(visitor.frame, visit_card(session, visitor, visit_id))


@router.get("/visits/{visit_id}/photos/{photo_id}/{size}")
def show_visit_photo(
    session: DbSession, visitor: Anyone, request: Request, visit_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(
        visit_photo_for(session, visitor, visit_id, photo_id, size), size, request.app.state.blobs, lasts=AN_HOUR
    )


def said_by(wrong: VisitCard) -> dict[str, Any]:
    """What cannot be read off a card's fields one by one, as it is typed."""
    checks = {f"found:{check.item_id}": check.found for check in wrong.checks}
    checks |= {f"seen:{one.finding_id}": one.seen for one in wrong.rechecks}
    checks |= {f"rewords:{one.finding_id}": one.words for one in wrong.rechecks}
    return {"materials": [one.line for one in wrong.materials]} | checks | {f"words:{c.item_id}": c.words for c in wrong.checks}


def changes(wrong: VisitCard, right: VisitCard) -> list[tuple[str, str, str]]:
    """What a correction says otherwise: which part, before, after."""

    def said(visit: VisitCard) -> dict[str, str]:
        words = {name: str(getattr(visit, name) or "") for name in PARTS}
        found = (f"{c.trade} {c.text} {found_names()[c.found]} {c.words}".strip() for c in visit.checks)
        again = (f"{r.place} {seen_names()[r.seen]} {r.words}".strip() for r in visit.rechecks)
        return words | {
            "weather": weather_names().get(visit.weather or "", ""),
            "headcount": "" if visit.headcount is None else str(visit.headcount),
            "next_on": said_day(visit.next_on) if visit.next_on else "",
            "materials": "\n".join(one.line for one in visit.materials),
            "checks": "\n".join(found),
            "rechecks": "\n".join(again),
            "photos": str(visit.photos_announced),
        }

    before, after = said(wrong), said(right)
    return [(_(says), before[name], after[name]) for name, says in PARTS.items() if before[name] != after[name]]


PARTS = {
    "place": mark("哪个部位"),
    "weather": mark("天气"),
    "progress": mark("进度"),
    "checked": mark("检查"),
    "tests": mark("试验"),
    "problems": mark("问题"),
    "complaints": mark("投诉"),
    "safety": mark("安全"),
    "others": mark("别的事"),
    "present": mark("在场"),
    "headcount": mark("施工人数"),
    "materials": mark("进场材料"),
    "checks": mark("检查表"),
    "rechecks": mark("复查的问题"),
    "next_on": mark("下次来"),
    "photos": mark("照片张数"),
}
"""Of a visit, as people call them."""


def announced_by(sent: Sent) -> tuple[AnnouncedPhoto, ...]:
    """Raises Malformed for an input that no form of ours has."""

    def announced(id: UUID, photo: TakenIn) -> AnnouncedPhoto:
        what, _equals, which = sent.of[id].partition("=")
        known = {"id": id, "announced_sha256": photo.sha256, "source": photo.capture.source}
        return AnnouncedPhoto.model_validate(({what: which} if what else {}) | known)

    try:
        return tuple(announced(id, photo) for id, photo in sent.taken.items())
    except ValidationError as wrong:
        raise Malformed from wrong


def visit_form_page(
    session: Session,
    actor: Actor,
    request: Request,
    project: Project,
    form: Filled[VisitWish],
    supersedes: VisitCard | None,
) -> VisitFormPage:
    form = replace(form, typed={**form.typed, "materials": "\n".join(form.typed.get("materials", []))})
    nonce = made_nonce(request.app.state.settings.secret, actor.compound.id, actor.person_id, now())
    return VisitFormPage(
        actor.frame,
        project,
        form,
        form.typed.get("nonce") or nonce,
        places_of(session, project),
        weather_names(),
        points_of(session, project),
        lists_in_use(session, actor),
        found_names(),
        unmended(session, actor, project, most=20),
        seen_names(),
        severity_names(),
        supersedes,
    )
