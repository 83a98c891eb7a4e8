"""The renovation of the demo: visits with photos, findings, the contractor's answers and the re-checks."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID

from app.access.actors import CompoundFacts
from app.demo.check_lists import CHECK_LISTS
from app.demo.loading_acceptance import happenings_of_acceptance
from app.demo.loading_life import happenings_of_life
from app.demo.shapes import Finding, FindingEvent, Phase, Photo, Project, Visit
from app.demo.telling import Happening, Loader, moment
from app.kit.views import Frame, Place
from app.photos.intake import TakenIn
from app.photos.models import PhotoSource
from app.renovation import checking, contractor, findings, spotting, supervising, visiting, works
from app.renovation.check_models import CheckFound
from app.renovation.check_queries import list_for
from app.renovation.check_schemas import CheckItemWish, CheckListWish, CheckWish
from app.renovation.finding_models import ActKind, FindingLink, Severity
from app.renovation.holders import Holder
from app.renovation.models import PhaseState, ProjectStage, Weather
from app.renovation.point_schemas import PointWish
from app.renovation.queries import phases_of, project_for
from app.renovation.schemas import (
    ActWish,
    AnnouncedPhoto,
    AnswerWish,
    FindingWish,
    PhaseMove,
    PhaseWish,
    ProjectWish,
    VisitWish,
)
from app.renovation.supervision_schemas import DaysWish

WEATHER = {
    "晴": Weather.CLEAR,
    "多云": Weather.CLOUDY,
    "阴": Weather.OVERCAST,
    "小雨": Weather.LIGHT_RAIN,
    "大雨": Weather.HEAVY_RAIN,
    "雪": Weather.SNOW,
}
SEVERITY = {"serious": Severity.HIGH, "ordinary": Severity.MID, "slight": Severity.LOW}
ACTS = {
    "passed": ActKind.MENDED,
    "failed": ActKind.NOT_MENDED,
    "reopened": ActKind.REOPENED,
    "closed_unfixed": ActKind.UNFIXED,
}


def happenings_of_works(loader: Loader) -> Iterator[Happening]:
    for project in loader.story.projects:
        planner = next(s.person for s in loader.story.seats if s.kind in ("secretary", "director"))
        office_began = moment(min(s.from_on for s in loader.story.seats if s.person == planner), 10)
        planned_at = max(moment(project.phases[0].planned_from_on, 8), office_began)
        yield Happening(planned_at, partial(_plan, loader, project, planner))
        yield from happenings_of_life(loader, project, planner, planned_at)
        yield from happenings_of_acceptance(loader, project)
        for phase in project.phases:
            for state, on in ((PhaseState.GOING, phase.began_on), (PhaseState.DONE, phase.done_on)):
                if on:
                    at = max(moment(on, 9 if state == PhaseState.GOING else 18), planned_at)
                    yield Happening(at, partial(_move, loader, project, phase, PhaseMove(state=state, on=on), planner))
        if project.visits:
            yield Happening(project.visits[0].visited_at - timedelta(days=1), partial(_prepare, loader, project, planner))
        for visit in project.visits:
            yield Happening(
                visit.visited_at + timedelta(minutes=visit.minutes_without_signal), partial(_visit, loader, project, visit)
            )
        for finding in project.findings:
            yield Happening(finding.raised_at, partial(_raise, loader, project, finding))
            for number, event in enumerate(finding.events):
                yield Happening(event.happened_at, partial(_go_on, loader, finding, event, number))


def _plan(loader: Loader, told: Project, planner: str) -> None:
    wish = ProjectWish(
        title=told.title,
        what=told.what,
        stage=ProjectStage.PROPOSED if told.life else ProjectStage.BUILDING,
        contractor=None if told.life else told.contractor,
        contractor_phone=told.contractor_phone,
        started_on=min(phase.planned_from_on for phase in told.phases if phase.key != "apply"),
        phases=[
            PhaseWish(name=p.name, planned_from_on=p.planned_from_on, planned_to_on=p.planned_to_on, note=p.note or None)
            for p in told.phases
        ],
    )
    works.plan_project(loader.session, loader.actor(planner), loader.id("project", told.key), wish)


def _prepare(loader: Loader, told: Project, planner: str) -> None:
    """What visits go by: check lists, fixed days, and a photo point for each pair of before and after."""
    actor, session, project = loader.actor(planner), loader.session, loader.id("project", told.key)
    for trade, items in CHECK_LISTS.items():
        wish = CheckListWish(trade=trade, items=[CheckItemWish(text=text, photo_required=owed) for text, owed in items])
        checking.make_list(session, actor, loader.id("check list", f"{told.key}/{trade}"), wish)
    if told.supervised_on:
        days = DaysWish(weekdays=list(told.supervised_on), month_days=[])
        supervising.set_days(session, actor, project, loader.id("days", told.key), days)
    for before, _after in told.before_and_after:
        spotting.make_point(session, actor, project, _point(loader, before), PointWish(name=before.caption[:60]))


def _point(loader: Loader, before: Photo) -> UUID:
    return loader.id("photo point", before.key)


def _checks(loader: Loader, project: Project, told: Visit) -> tuple[CheckWish, ...]:
    if told.checked_by is None:
        return ()
    trade, found = told.checked_by
    list_ = list_for(loader.session, loader.actor(told.supervisors[0]), loader.id("check list", f"{project.key}/{trade}"))
    return tuple(CheckWish(item_id=item.id, found=CheckFound(one)) for item, one in zip(list_.items, found, strict=True))


def _move(loader: Loader, told: Project, phase: Phase, wish: PhaseMove, planner: str) -> None:
    actor = loader.actor(planner)
    project = project_for(loader.session, actor, loader.id("project", told.key))
    moved = next(p for p in phases_of(loader.session, project) if p.name == phase.name)
    works.set_phase(loader.session, actor, moved.id, wish)


def _visit(loader: Loader, project: Project, told: Visit) -> None:
    supervisor, id = loader.actor(told.supervisors[0]), loader.id("visit", told.key)
    points = {photo.key: _point(loader, pair[0]) for pair in project.before_and_after for photo in pair}
    wish = VisitWish(
        project_id=loader.id("project", project.key),
        place=told.place,
        weather=WEATHER[told.weather],
        progress=told.progress or None,
        checked=told.checked or None,
        problems=told.problems or None,
        others=told.others or None,
        present=told.present or None,
        headcount=told.headcount,
        materials=told.materials,
        tests=told.tests or None,
        checks=_checks(loader, project, told),
        started_at=told.visited_at,
        device_at=told.visited_at,
        photos=tuple(
            AnnouncedPhoto(
                id=loader.id("photo", photo.key),
                announced_sha256=loader.prints[photo.key].sha256,
                source=PhotoSource(photo.source),
                device_at=photo.taken_at,
                caption=photo.caption or None,
                point_id=points.get(photo.key),
            )
            for photo in told.photos
        ),
    )
    visiting.submit_visit(loader.session, supervisor, id, wish, told.visited_at - timedelta(minutes=2))
    for photo in told.photos:
        visiting.receive_photo(loader.session, supervisor, id, loader.id("photo", photo.key), loader.prints[photo.key])


def _raise(loader: Loader, project: Project, told: Finding) -> None:
    seen = next((v for v in project.visits if v.key == told.visit), None)
    at_visit = {photo.key for photo in seen.photos} if seen else set[str]()
    supervisor, id = loader.actor(told.issued_by[0]), loader.id("finding", told.key)
    wish = FindingWish(
        visit_id=loader.id("visit", told.visit) if seen else None,
        place=told.part,
        what=told.facts,
        basis=told.basis or None,
        demand=told.demand,
        severity=SEVERITY[told.severity],
        due_on=told.due_on,
        photo_ids=tuple(loader.id("photo", p.key) for p in told.photos if p.key in at_visit),
    )
    own = _taken(loader, tuple(p for p in told.photos if p.key not in at_visit))
    findings.raise_finding(loader.session, supervisor, loader.id("project", project.key), id, wish, own)
    findings.act(
        loader.session,
        loader.actor(told.issued_by[1]),
        id,
        loader.id("act", f"{told.key}/second"),
        ActWish(kind=ActKind.SECONDED),
    )
    link, _token = findings.issue_link(loader.session, supervisor, id)
    loader.links[told.key] = link.id


def _go_on(loader: Loader, finding: Finding, told: FindingEvent, number: int) -> None:
    session, photos = loader.session, _taken(loader, told.photos)
    id = loader.id("act", f"{finding.key}/{number}")
    if told.kind == "received":
        contractor.confirm_receipt(session, _holder(loader, finding))
    elif told.kind == "answered":
        contractor.answer(session, _holder(loader, finding), id, AnswerWish(answered_by=told.by, text=told.says), photos)
    else:
        wish = ActWish(kind=ACTS[told.kind], text=told.says or None)
        findings.act(session, loader.actor(told.by), loader.id("finding", finding.key), id, wish, photos)


def _holder(loader: Loader, finding: Finding) -> Holder:
    compound = loader.compound
    return Holder(
        compound=CompoundFacts(compound.id, compound.slug, compound.name, compound.help_phone),
        frame=Frame("/", compound=Place(compound.slug, compound.name, compound.help_phone)),
        link=loader.session.get_one(FindingLink, (compound.id, loader.links[finding.key])),
    )


def _taken(loader: Loader, photos: tuple[Photo, ...]) -> dict[UUID, TakenIn]:
    return {loader.id("photo", photo.key): loader.prints[photo.key] for photo in photos}
