"""Verbs of residents' problems: report one with photos, settle it by a project or by an answer under one's name."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.behalf import for_whom
from app.access.holders import holders_of
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.models import Building
from app.inbox.service import send
from app.kit import events
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import NotFound
from app.photos.intake import TakenIn
from app.photos.models import PhotoDiffers
from app.photos.service import keep
from app.renovation import policy
from app.renovation.moving import Taken
from app.renovation.problem_models import (
    MOST_PHOTOS,
    Problem,
    ProblemAct,
    ProblemPhoto,
    ProblemSettled,
    TooManyProblemPhotos,
)
from app.renovation.problem_queries import became_of, photos_of_problem, problem_for, said_kind
from app.renovation.problem_schemas import ProblemWish, SettleWish
from app.renovation.queries import project_for


def report_problem(
    session: Session, actor: Actor, id: UUID, wish: ProblemWish, photos: Taken | None = None
) -> tuple[Problem, bool]:
    """One's own, or that of a neighbour without a phone, who is told.

    Raises NotAllowed (for somebody else without authority), NotFound (the building, who does not live here),
    SameIdOtherContent, TooManyProblemPhotos, PhotoDiffers.
    """
    person_id, photos = for_whom(session, actor, wish.person_id), photos or {}
    sent = digest(wish, actor.person_id, *sorted(photos))
    if before := already(session, Problem, actor.compound.id, id, sent):
        return before, False
    if wish.building_id and session.get(Building, (actor.compound.id, wish.building_id)) is None:
        raise NotFound
    problem = Problem(
        compound_id=actor.compound.id,
        id=id,
        kind=wish.kind,
        building_id=wish.building_id,
        place=wish.place,
        text=wish.text,
        reported_by_id=person_id,
        entered_by_id=actor.person_id if person_id != actor.person_id else None,
        sent_sha256=sent,
    )
    session.add(problem)
    session.flush()
    for photo_id, taken_in in photos.items():
        _hang(session, actor, problem, photo_id, taken_in)
    for officer_id in holders_of(session, problem.compound_id, Permission.PLAN_WORKS):
        title = _("居民反映：%(kind)s", kind=said_kind(problem.kind))
        send(session, problem.compound_id, officer_id, title, wish.place, _page(problem))
    if problem.entered_by_id:
        words = _("%(place)s，%(name)s替您报的。", place=wish.place, name=actor.name)
        send(session, problem.compound_id, person_id, _("替您报了一个问题"), words, _page(problem))
    events.tell(session, problem.compound_id, "problem.reported", problem_id=problem.id)
    on_record(session, actor, "problem.reported", problem.id)
    return problem, True


def add_photo(session: Session, actor: Actor, problem_id: UUID, photo_id: UUID, taken_in: TakenIn) -> bool:
    """One more picture with a problem of one's own that nobody has settled yet; False: it was there already.

    Raises NotFound, ProblemSettled, TooManyProblemPhotos, PhotoDiffers.
    """
    problem = problem_for(session, actor, problem_id, lock=True)
    if not policy.speaks_for(actor, problem):
        raise NotFound
    if photo_id in photos_of_problem(session, problem):
        keep(session, problem.compound_id, photo_id, taken_in, actor.person_id)
        return False
    if became_of(session, actor, problem):
        raise ProblemSettled
    _hang(session, actor, problem, photo_id, taken_in)
    on_record(session, actor, "problem.photo_added", problem.id)
    return True


def settle_problem(session: Session, actor: Actor, problem_id: UUID, id: UUID, wish: SettleWish) -> tuple[Problem, bool]:
    """What becomes of it, by name; its reporter is told. What was settled may be settled anew: the latest counts.

    Raises NotAllowed, NotFound (the problem, the project), SameIdOtherContent.
    """
    actor.need(Permission.PLAN_WORKS)
    problem = problem_for(session, actor, problem_id, lock=True)
    sent = digest(wish, actor.person_id, problem_id)
    if already(session, ProblemAct, actor.compound.id, id, sent):
        return problem, False
    project = project_for(session, actor, wish.project_id) if wish.project_id else None
    act = ProblemAct(
        compound_id=problem.compound_id,
        id=id,
        problem_id=problem.id,
        position=len(became_of(session, actor, problem)) + 1,
        project_id=wish.project_id,
        text=wish.text or "",
        by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(act)
    if project:
        title, words = _("您反映的问题，列进工程了"), _("%(place)s：%(project)s", place=problem.place, project=project.title)
    else:
        title, words = _("您反映的问题有答复了"), _("%(place)s，%(name)s答复了。", place=problem.place, name=actor.name)
    for person_id in filter(None, (problem.reported_by_id, problem.entered_by_id)):
        send(session, problem.compound_id, person_id, title, words, _page(problem))
    events.tell(session, problem.compound_id, "problem.settled", problem_id=problem.id)
    on_record(session, actor, "problem.settled", problem.id)
    return problem, True


def _hang(session: Session, actor: Actor, problem: Problem, photo_id: UUID, taken_in: TakenIn) -> None:
    position = len(photos_of_problem(session, problem)) + 1
    if position > MOST_PHOTOS:
        raise TooManyProblemPhotos(most=MOST_PHOTOS)
    kept = keep(session, problem.compound_id, photo_id, taken_in, actor.person_id)
    if kept.outcome == "same":  # this id names a picture of another room
        raise PhotoDiffers(stored_sha256=kept.photo.sha256)
    session.add(ProblemPhoto(compound_id=problem.compound_id, id=photo_id, problem_id=problem.id, position=position))
    session.flush()


def _page(problem: Problem) -> str:
    return f"/works/problems/{problem.id}"
