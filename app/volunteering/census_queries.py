"""What there is to see of the census. Nothing is read without the person's consent of today."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, bindparam, case, or_
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.consents import Purpose, agreed
from app.compounds.models import Person
from app.compounds.rules import rule
from app.compounds.terms import at_home
from app.kit.clock import now
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.kit.versions import version_of
from app.volunteering import policy
from app.volunteering.census_models import SLOTS, CensusEntry, CensusTime
from app.volunteering.skill_models import HeldSkill, Skill, SkillLevel


@dataclass(frozen=True, slots=True)
class SkillSaid:
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class CensusLine:
    """A neighbour whom a coordinator may ask. `phone` only where they may be called."""

    id: UUID
    person_id: UUID
    name: str
    occupation: str
    interests: str
    phone: str | None
    stale: bool
    skills: tuple[SkillSaid, ...] = ()


@dataclass(frozen=True, slots=True)
class CensusView:
    """An entry with all that hangs on it. `version`: of what it says."""

    id: UUID
    person_id: UUID
    entered_by_id: UUID
    occupation: str
    interests: str
    skills: tuple[SkillSaid, ...]
    times: tuple[str, ...]
    may_call: bool
    seen_by: str
    confirmed_at: datetime
    stale: bool
    version: int


def _line(row: Any) -> CensusLine:
    """Its skills come by a second question, for all lines together."""
    return CensusLine(*row[:7])


_skill, _slot = bindparam("skill", type_=String), bindparam("slot", type_=String)
_has_skill = (
    select(HeldSkill.id)
    .join(Skill, pointing(HeldSkill, "skill_id", Skill))
    .where(HeldSkill.compound_id == CensusEntry.compound_id, HeldSkill.person_id == CensusEntry.person_id, Skill.name == _skill)
)
_has_time = select(CensusTime.id).where(
    CensusTime.compound_id == CensusEntry.compound_id, CensusTime.person_id == CensusEntry.person_id, CensusTime.slot == _slot
)

FOUND = Listing(
    "census",
    columns(
        CensusEntry.id,
        CensusEntry.person_id,
        Person.name,
        CensusEntry.occupation,
        CensusEntry.interests,
        case((col(CensusEntry.may_call), col(Person.phone))).label("phone"),
        (col(CensusEntry.confirmed_at) <= bindparam("since")).label("stale"),
    )
    .join(Person, pointing(CensusEntry, "person_id", Person))
    .where(
        CensusEntry.compound_id == bindparam("compound_id"),
        agreed(Purpose.SKILLS, CensusEntry),
        at_home(),
        or_(_skill == "", _has_skill.exists()),
        or_(_slot == "", _has_time.exists()),
    ),
    col(Person.name),
    col(CensusEntry.id),
    _line,
)


def found_in_census(session: Session, actor: Actor, asked: Asked, skill: str = "", slot: str = "") -> Page[CensusLine]:
    """Who has a skill and could come then, by name; for coordinators. Raises BadCursor, NotAllowed."""
    policy.need_to_coordinate(actor)
    since = {"since": now() - timedelta(days=rule(session, actor.compound.id, "census_days"))}
    page = FOUND.page(session, asked, since, compound_id=actor.compound.id, skill=skill, slot=slot)
    skills = skills_by_person(session, actor.compound.id, [line.person_id for line in page.items])
    page.items = [replace(line, skills=skills.get(line.person_id, ())) for line in page.items]
    return page


def skills_by_person(session: Session, compound_id: UUID, people: Collection[UUID]) -> dict[UUID, tuple[SkillSaid, ...]]:
    """With the levels: what they do best first, and then by name."""
    rows = session.exec(
        select(HeldSkill.person_id, Skill.name, HeldSkill.level)
        .join(Skill, pointing(HeldSkill, "skill_id", Skill))
        .where(HeldSkill.compound_id == compound_id, col(HeldSkill.person_id).in_(people))
        .order_by(col(Skill.name))
    ).all()
    found: dict[UUID, tuple[SkillSaid, ...]] = {}
    for person_id, name, level in sorted(rows, key=lambda row: list(SkillLevel).index(SkillLevel(row[2])), reverse=True):
        found[person_id] = (*found.get(person_id, ()), SkillSaid(name, level))
    return found


def entry_for(session: Session, actor: Actor, id: UUID) -> CensusEntry:
    """Raises NotFound unless the actor may see it, or where its person has taken the consent back."""
    entry = session.exec(
        select(CensusEntry).where(
            CensusEntry.compound_id == actor.compound.id, CensusEntry.id == id, agreed(Purpose.SKILLS, CensusEntry)
        )
    ).first()
    if entry is None or not (policy.can_plan(actor) or policy.writes_census_of(actor, entry.person_id)):
        raise NotFound
    return entry


def entry_to_change(session: Session, actor: Actor, id: UUID) -> CensusEntry:
    """With its row locked. Raises NotFound unless the actor may write for this person."""
    entry = session.get(CensusEntry, (actor.compound.id, id), with_for_update=True, populate_existing=True)
    if entry is None or not policy.writes_census_of(actor, entry.person_id):
        raise NotFound
    return entry


def entry_of(session: Session, compound_id: UUID, person_id: UUID) -> CensusEntry | None:
    return session.exec(
        select(CensusEntry).where(CensusEntry.compound_id == compound_id, CensusEntry.person_id == person_id)
    ).first()


def census_view(session: Session, entry: CensusEntry) -> CensusView:
    skills = skills_by_person(session, entry.compound_id, [entry.person_id]).get(entry.person_id, ())
    held = session.exec(
        select(CensusTime.slot).where(CensusTime.compound_id == entry.compound_id, CensusTime.person_id == entry.person_id)
    ).all()
    times = tuple(slot for slot in SLOTS if slot in held)
    content = (entry.occupation, entry.interests, entry.may_call, entry.seen_by, skills, times)
    return CensusView(
        entry.id,
        entry.person_id,
        entry.entered_by_id,
        entry.occupation,
        entry.interests,
        skills,
        times,
        entry.may_call,
        entry.seen_by,
        entry.confirmed_at,
        entry.due_at(rule(session, entry.compound_id, "census_days")) <= now(),
        version_of(*content),
    )
