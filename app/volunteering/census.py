"""Verbs of the census: tell, change, say that it is still so, take it back; and what is forgotten with an account."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, delete

from app.access.actors import Actor
from app.access.behalf import for_whom
from app.access.consents import Purpose, give, withdraw
from app.access.record import on_record
from app.compounds.models import Person
from app.compounds.rules import rule
from app.inbox.service import send
from app.kit.clock import now
from app.kit.i18n import _
from app.kit.jobs import enqueue
from app.kit.once import already, digest
from app.kit.versions import Stale
from app.volunteering.census_models import AlreadyInCensus, CensusEntry, CensusTime
from app.volunteering.census_queries import SkillSaid, census_view, entry_of, entry_to_change
from app.volunteering.census_schemas import CensusChange, CensusWish
from app.volunteering.helping import skill_named
from app.volunteering.skill_models import HeldSkill
from app.volunteering.term_models import TermOf
from app.volunteering.term_queries import check_offered

CENSUS_DUE = "volunteering.census_due"
"""Kind of the job a year after an entry was confirmed."""


def enter(session: Session, actor: Actor, id: UUID, wish: CensusWish) -> tuple[CensusEntry, bool]:
    """A person's entry, with their consent; once each.

    Raises NotAllowed, NotFound (who does not live here), Malformed (a skill that is not offered), AlreadyInCensus,
    SameIdOtherContent.
    """
    person_id = for_whom(session, actor, wish.person_id)
    session.get(Person, (actor.compound.id, person_id), with_for_update=True)
    sent = digest(wish, actor.person_id)
    if before := already(session, CensusEntry, actor.compound.id, id, sent):
        return before, False
    if entry_of(session, actor.compound.id, person_id):
        raise AlreadyInCensus
    give(session, actor, Purpose.SKILLS, person_id)
    entry = CensusEntry(
        compound_id=actor.compound.id,
        id=id,
        person_id=person_id,
        entered_by_id=actor.person_id,
        may_call=wish.may_call,
        seen_by=wish.seen_by,
        sent_sha256=sent,
    )
    session.add(entry)
    _say(session, entry, wish, ())
    on_record(session, actor, "census.entered", person_id)
    return entry, True


def change(session: Session, actor: Actor, id: UUID, version: int, wish: CensusChange) -> CensusEntry:
    """Other words, which are also confirmed by being said.

    Raises NotFound, Malformed, Stale (`version` is not what stands there).
    """
    entry = entry_to_change(session, actor, id)
    view = census_view(session, entry)
    if view.version != version:
        raise Stale
    _say(session, entry, wish, view.skills)
    on_record(session, actor, "census.changed", entry.person_id)
    return entry


def confirm(session: Session, actor: Actor, id: UUID) -> CensusEntry:
    """Still so. Raises NotFound."""
    entry = entry_to_change(session, actor, id)
    _hold_for_a_year(session, entry)
    on_record(session, actor, "census.confirmed", entry.person_id)
    return entry


def take_back(session: Session, actor: Actor, id: UUID) -> None:
    """The entry is erased and the consent ends. Raises NotFound."""
    entry = entry_to_change(session, actor, id)
    withdraw(session, actor, Purpose.SKILLS, entry.person_id)
    forget(session, entry.compound_id, entry.person_id)
    on_record(session, actor, "census.taken-back", entry.person_id)


def forget(session: Session, compound_id: UUID, person_id: UUID) -> None:
    """Whatever they told is erased (PIPL art. 47)."""
    for told in (HeldSkill, CensusTime, CensusEntry):
        session.exec(delete(told).where(told.compound_id == compound_id, told.person_id == person_id))  # type: ignore[arg-type]


def remind(session: Session, payload: dict[str, str]) -> None:
    """The job a year later, unless it was confirmed since: the person is asked, or who wrote it down for one without a phone."""
    entry = session.get(CensusEntry, (UUID(payload["compound_id"]), UUID(payload["entry_id"])))
    if entry is None or entry.confirmed_at.isoformat() != payload["confirmed_at"]:
        return
    person = session.get_one(Person, (entry.compound_id, entry.person_id))
    whom, path = entry.person_id, "/volunteering/census"
    if person.account_id is None:
        whom, path = entry.entered_by_id, f"/volunteering/census?person={entry.person_id}"
    words = _("%(name)s的特长登记满一年了。还是这样，点一下确认；变了，就改一改。", name=person.name)
    send(session, entry.compound_id, whom, _("请确认特长登记"), words, path)


def _say(session: Session, entry: CensusEntry, wish: CensusChange, before: Sequence[SkillSaid]) -> None:
    """Raises Malformed for a skill that is not offered and was not said before."""
    kept = {skill.name for skill in before}
    fresh = [skill.name for skill in wish.skills if skill.name not in kept]
    check_offered(session, entry.compound_id, TermOf.SKILL, "/skills", *fresh)
    entry.occupation, entry.interests = wish.occupation or "", wish.interests or ""
    entry.may_call, entry.seen_by = wish.may_call, wish.seen_by
    same = {"compound_id": entry.compound_id, "person_id": entry.person_id}
    for told in (HeldSkill, CensusTime):
        session.exec(delete(told).where(told.compound_id == entry.compound_id, told.person_id == entry.person_id))  # type: ignore[arg-type]
    for skill in wish.skills:
        skill_id = skill_named(session, entry.compound_id, skill.name)
        session.add(HeldSkill(**same, skill_id=skill_id, level=skill.level))
    session.add_all(CensusTime(**same, slot=slot) for slot in dict.fromkeys(wish.times))
    _hold_for_a_year(session, entry)


def _hold_for_a_year(session: Session, entry: CensusEntry) -> None:
    entry.confirmed_at = now()
    session.flush()
    confirmed_at = entry.confirmed_at.isoformat()
    payload = {"compound_id": str(entry.compound_id), "entry_id": str(entry.id), "confirmed_at": confirmed_at}
    due = entry.due_at(rule(session, entry.compound_id, "census_days"))
    enqueue(session, CENSUS_DUE, payload, run_after=due, key=f"{CENSUS_DUE}:{entry.compound_id}:{entry.id}:{confirmed_at}")
