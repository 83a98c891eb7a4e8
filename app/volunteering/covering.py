"""Verbs: ask for cover, step in, exchange shifts. One wins; who comes later is told.

The rows of both shifts are locked first, in the order of their ids, and the call is read again under them.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from app.access.actors import Actor
from app.access.record import on_record
from app.compounds.models import Person
from app.compounds.rules import rule, rules_of
from app.inbox.service import send, send_to_many
from app.kit import events
from app.kit.clock import now, said_span
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.once import already, digest
from app.kit.refusals import NotFound, NotThisState
from app.volunteering import policy
from app.volunteering.cover_models import CoverCall, CoverOver, SomebodyWaits
from app.volunteering.cover_queries import could_cover, could_swap, cover_for, cover_of
from app.volunteering.models import Activity, Shift
from app.volunteering.outcomes import no_shows_of, overlapping
from app.volunteering.queries import activity_for, live_signup, shift_to_change, signup_for, signups_in
from app.volunteering.schemas import CoverWish
from app.volunteering.signing_up import enter
from app.volunteering.signup_models import (
    AlreadySignedUp,
    Collides,
    Signup,
    SignupState,
    SkillNeeded,
    Suspended,
)
from app.volunteering.skill_models import Helper
from app.volunteering.skill_queries import all_skills, skills_of


def ask_for_cover(session: Session, actor: Actor, signup_id: UUID, id: UUID, wish: CoverWish) -> tuple[CoverCall, bool]:
    """Who has a place and cannot come asks for another; and whether this call made it (False: an equal request did before).

    Raises NotFound, SameIdOtherContent, NotThisState (no place, or already asking), ShiftOver, ShiftCancelled, SomebodyWaits.
    """
    seen = signup_for(session, actor, signup_id)
    if not policy.can_decide(actor, seen):
        raise NotFound
    shift = _locked(session, actor, seen.shift_id, wish.for_shift_id)[seen.shift_id]
    signup = signup_for(session, actor, signup_id)
    sent = digest(wish, actor.person_id, signup_id)
    if before := already(session, CoverCall, actor.compound.id, id, sent):
        return before, False
    shift.check_open()
    if signup.state != SignupState.CONFIRMED or signup.checked_in_at or cover_of(session, signup):
        raise NotThisState
    in_time = shift.confirm_by(rule(session, shift.compound_id, "offer_hours")) is not None
    if in_time and wish.for_shift_id is None and signups_in(session, shift, SignupState.WAITING):
        raise SomebodyWaits
    cover = CoverCall(compound_id=actor.compound.id, id=id, signup_id=signup.id, for_shift_id=wish.for_shift_id, sent_sha256=sent)
    session.add(cover)
    cover.asked = _ask(session, actor, shift, signup, cover)
    events.tell(session, actor.compound.id, "cover.asked", signup_id=signup.id, cover_id=cover.id)
    on_record(session, actor, "cover.asked", signup.id)
    return cover, True


def take_over(session: Session, actor: Actor, cover_id: UUID) -> Signup:
    """I come in their place; in an exchange they come in mine. One tap, and one wins.

    Raises NotFound, CoverTaken, CoverOver, NotThisState (one's own call, or nothing to exchange), AlreadySignedUp, Collides,
    SkillNeeded, Suspended.
    """
    seen = cover_for(session, actor, cover_id)
    given = session.get_one(Signup, (seen.compound_id, seen.signup_id))
    shifts = _locked(session, actor, given.shift_id, seen.for_shift_id)
    cover = cover_for(session, actor, cover_id)
    given = session.get_one(Signup, (cover.compound_id, cover.signup_id), populate_existing=True)
    shift = shifts[given.shift_id]
    cover.check_open()
    if given.state != SignupState.CONFIRMED or given.checked_in_at or shift.started or shift.cancelled_at:
        raise CoverOver
    if actor.person_id == given.person_id:
        raise NotThisState
    asker_id, other = given.person_id, shifts[cover.for_shift_id] if cover.for_shift_id else None
    _check_record(session, actor)
    _check_free(session, shift, given, actor.person_id, leaving=other)
    if other is not None:
        _hand_over(session, actor, other, _mine_on(session, other, actor.person_id), asker_id, leaving=shift)
    mine = _pass_on(session, actor, shift, given, actor.person_id)
    cover.take(actor.person_id)
    activity = activity_for(session, actor, shift.activity_id)
    at = said_span(shift.starts_at, shift.ends_at)
    words = _("%(title)s，%(at)s，%(name)s替您去。", title=activity.title, at=at, name=actor.name)
    path = f"/volunteering/shifts/{other.id if other else shift.id}"
    send(session, actor.compound.id, asker_id, _("换好班了") if other else _("有人替您了"), words, path)
    events.tell(session, actor.compound.id, "cover.taken", signup_id=mine.id, cover_id=cover.id)
    on_record(session, actor, "cover.taken", cover.id)
    return mine


def take_back(session: Session, actor: Actor, cover_id: UUID) -> CoverCall:
    """They can come after all. Raises NotFound, CoverTaken, CoverOver."""
    seen = cover_for(session, actor, cover_id)
    signup = signup_for(session, actor, seen.signup_id)
    if not policy.can_decide(actor, signup):
        raise NotFound
    shift_to_change(session, actor, signup.shift_id)
    cover = cover_for(session, actor, cover_id)
    cover.check_open()
    cover.close()
    on_record(session, actor, "cover.taken-back", cover.id)
    return cover


def _locked(session: Session, actor: Actor, *ids: UUID | None) -> dict[UUID, Shift]:
    return {id: shift_to_change(session, actor, id) for id in sorted({id for id in ids if id}, key=str)}


def _ask(session: Session, actor: Actor, shift: Shift, signup: Signup, cover: CoverCall) -> int:
    """Tell those who might, and note that they were asked."""
    activity = session.get_one(Activity, (shift.compound_id, shift.activity_id))
    asker = session.get_one(Person, (shift.compound_id, signup.person_id)).name
    at = said_span(shift.starts_at, shift.ends_at)
    if cover.for_shift_id:
        other = shift_to_change(session, actor, cover.for_shift_id)
        people = could_swap(session, other, signup.person_id)
        words = _("%(name)s想用%(title)s（%(at)s）换您的班。", name=asker, title=activity.title, at=at)
        title = _("有邻居想和您换班")
    else:
        people = [id for id in could_cover(session, shift, signup.skill_id) if id != signup.person_id]
        words = _("%(name)s来不了：%(title)s，%(at)s。您能替吗？", name=asker, title=activity.title, at=at)
        title = _("有邻居请人替班")
    send_to_many(session, shift.compound_id, ((id, title, words, f"/volunteering/covers/{cover.id}") for id in people))
    _note_asked(session, shift.compound_id, people)
    return len(people)


def _note_asked(session: Session, compound_id: UUID, people: Sequence[UUID]) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for person_id in sorted(people, key=str):
        row = Helper(compound_id=compound_id, id=new_id(), person_id=person_id, asked_at=now()).model_dump()
        new = insert(Helper).values(**row)
        asked_now = {"asked_at": row["asked_at"]}
        session.connection().execute(new.on_conflict_do_update(index_elements=["compound_id", "person_id"], set_=asked_now))


def _check_record(session: Session, actor: Actor) -> None:
    most, days = rules_of(session, actor.compound.id, "no_show_most", "no_show_days")
    if most and no_shows_of(session, actor.compound.id, actor.person_id, days) >= most:
        raise Suspended


def _check_free(session: Session, shift: Shift, given: Signup, person_id: UUID, leaving: Shift | None) -> None:
    """Whether they could come in the place of `given`. Raises AlreadySignedUp, Collides, SkillNeeded."""
    live = live_signup(session, shift, person_id)
    if live is not None and live.state != SignupState.WAITING:
        raise AlreadySignedUp
    other = overlapping(session, shift, person_id, leaving)
    if other is not None and not rule(session, shift.compound_id, "signup_overlaps"):
        raise Collides(title=other)
    if given.skill_id and given.skill_id not in skills_of(session, shift.compound_id, person_id):
        raise SkillNeeded(skills=all_skills(session, shift.compound_id)[given.skill_id])


def _mine_on(session: Session, shift: Shift, person_id: UUID) -> Signup:
    """What they give for it. Raises NotThisState, CoverOver (it has begun, or was called off)."""
    if shift.started or shift.cancelled_at:
        raise CoverOver
    mine = live_signup(session, shift, person_id)
    if mine is None or mine.state != SignupState.CONFIRMED or mine.checked_in_at:
        raise NotThisState
    return mine


def _hand_over(session: Session, actor: Actor, shift: Shift, given: Signup, person_id: UUID, leaving: Shift) -> None:
    _check_free(session, shift, given, person_id, leaving)
    _pass_on(session, actor, shift, given, person_id)


def _pass_on(session: Session, actor: Actor, shift: Shift, given: Signup, person_id: UUID) -> Signup:
    """The place itself goes from one to the other: nobody in between could have it, and as many are taken as before."""
    waiting = live_signup(session, shift, person_id)
    if waiting is not None:
        waiting.withdraw()
    given.withdraw()
    session.flush()
    return enter(session, actor, shift, person_id, SignupState.CONFIRMED, given.skill_id, entered_by_id=person_id)
