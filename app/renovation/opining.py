"""Verb of a resident's opinion: given by their own phone, or typed by an officer from their paper; corrected; taken back.

The round's row is locked first: of two of one unit at once one stands, and whoever signs afterwards has counted it.
"""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.behalf import for_whom
from app.access.record import on_record
from app.compounds.models import Person, Unit
from app.inbox.service import send
from app.kit import events
from app.kit.i18n import _
from app.kit.once import already, digest
from app.publiclog.canonical import canonical
from app.publiclog.service import Entry, commit_to, publish
from app.renovation.acceptance_models import Acceptance
from app.renovation.acceptance_queries import acceptance_to_change
from app.renovation.models import Project
from app.renovation.opinion_models import (
    NotTheirUnit,
    NotYourOpinion,
    Opinion,
    OpinionGiven,
    OpinionMoved,
    OpinionsClosed,
)
from app.renovation.opinion_queries import latest_of_unit, units_of
from app.renovation.opinion_schemas import OpinionWish


def give_opinion(session: Session, actor: Actor, acceptance_id: UUID, id: UUID, wish: OpinionWish) -> tuple[Opinion, bool]:
    """A unit's opinion, or the correction of the one that stands. False: an equal request has done it before.

    Raises NotAllowed, NotFound, NotTheirUnit, OpinionsClosed, OpinionGiven, OpinionMoved, NotYourOpinion,
    AcceptanceConcluded, SameIdOtherContent.
    """
    person_id = for_whom(session, actor, wish.person_id)
    acceptance = acceptance_to_change(session, actor, acceptance_id)
    sent = digest(wish, actor.person_id, acceptance_id)
    if before := already(session, Opinion, actor.compound.id, id, sent):
        return before, False
    acceptance.check_open()
    if wish.unit_id not in dict(units_of(session, acceptance.compound_id, person_id)):
        raise NotTheirUnit
    latest = latest_of_unit(session, acceptance, wish.unit_id)
    stands = latest if latest and latest.stars is not None else None
    paper = person_id != actor.person_id
    if wish.corrects_id:
        _check_correction(actor, acceptance, stands, wish, paper)
    elif stands:
        raise _given(session, stands)
    elif not acceptance.asks:
        raise OpinionsClosed
    acceptance.change()
    opinion = Opinion(
        compound_id=acceptance.compound_id,
        id=id,
        acceptance_id=acceptance.id,
        unit_id=wish.unit_id,
        position=latest.position + 1 if latest else 1,
        person_id=person_id,
        entered_by_id=actor.person_id,
        paper=paper,
        stars=wish.stars,
        text=wish.text or "" if wish.stars else "",
        shown=wish.shown and bool(wish.stars),
        corrects_id=wish.corrects_id,
        sent_sha256=sent,
    )
    session.add(opinion)
    session.flush()
    _log(session, actor, opinion)
    if paper:
        _tell(session, actor, acceptance, opinion)
    return opinion, True


def _check_correction(actor: Actor, acceptance: Acceptance, stands: Opinion | None, wish: OpinionWish, paper: bool) -> None:
    """What was typed from paper, whoever may type puts right until the conclusion, and the unit itself while opinions are taken;
    what came by phone only its giver, by their phone, while opinions are taken.
    """
    if stands is None or stands.id != wish.corrects_id:
        raise OpinionMoved
    if stands.paper and paper:
        return  # who may not type was refused before
    if not acceptance.asks:
        raise OpinionsClosed
    if not stands.paper and (paper or stands.person_id != actor.person_id):
        raise NotYourOpinion


def _given(session: Session, stands: Opinion) -> OpinionGiven:
    """Who is told has named the unit and is of it, or may type for it: they may know who was first."""
    unit = session.get_one(Unit, (stands.compound_id, stands.unit_id))
    person = session.get_one(Person, (stands.compound_id, stands.person_id))
    return OpinionGiven(unit=unit.label, name=person.name)


def _log(session: Session, actor: Actor, opinion: Opinion) -> None:
    """Its giver's own words, committed to; in the open only that there is one, and whether from paper."""
    own = {"unit": str(opinion.unit_id), "stars": opinion.stars, "text": opinion.text}
    kind = "corrected" if opinion.corrects_id else "given"
    entry = Entry(
        type=f"opinion.{kind}",
        compound_id=opinion.compound_id,
        record_id=opinion.id,
        commits={"opinion": commit_to(session, opinion.compound_id, canonical(dict(own)).decode(), of=opinion.person_id)},
        facts={"acceptance": str(opinion.acceptance_id), "paper": opinion.paper},
    )
    publish(session, opinion.compound_id, lambda _index: entry.values())
    events.tell(session, opinion.compound_id, entry.type, acceptance_id=opinion.acceptance_id, opinion_id=opinion.id)
    on_record(session, actor, entry.type, opinion.id)


def _tell(session: Session, actor: Actor, acceptance: Acceptance, opinion: Opinion) -> None:
    project = session.get_one(Project, (acceptance.compound_id, acceptance.project_id))
    words = _("%(title)s，%(name)s替您录入的。不是您的意思，截止前可以自己改。", title=project.title, name=actor.name)
    path = f"/works/acceptances/{acceptance.id}/opinion"
    send(session, opinion.compound_id, opinion.person_id, _("替您录入了一份验收意见"), words, path)
