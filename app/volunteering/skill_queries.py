"""What there is to see of skills: which the compound knows, who has which."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.kit.records import pointing, rows_of
from app.volunteering.models import ShiftNeed
from app.volunteering.skill_models import HeldSkill, Helper, Skill


def skills_of(session: Session, compound_id: UUID, person_id: UUID) -> frozenset[UUID]:
    rows = rows_of(session, _HELD, {"compound_id": compound_id, "person_id": person_id})
    return frozenset(row.skill_id for row in rows)


_HELD = select(HeldSkill.skill_id).where(
    HeldSkill.compound_id == bindparam("compound_id"), HeldSkill.person_id == bindparam("person_id")
)


def all_skills(session: Session, compound_id: UUID) -> dict[UUID, str]:
    """By name, as the compound's list."""
    rows = session.exec(select(Skill.id, Skill.name).where(Skill.compound_id == compound_id).order_by(col(Skill.name)))
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class NeedSaid:
    """So many places of a shift wait for people with a skill; `free` of them are left."""

    skill: str
    wanted: int
    free: int


def needs_said(session: Session, compound_id: UUID, shift_ids: Collection[UUID]) -> dict[UUID, list[NeedSaid]]:
    """Of each of these shifts that asks for skills."""
    rows = session.exec(
        select(ShiftNeed.shift_id, Skill.name, ShiftNeed.wanted, ShiftNeed.taken)
        .join(Skill, pointing(ShiftNeed, "skill_id", Skill))
        .where(ShiftNeed.compound_id == compound_id, col(ShiftNeed.shift_id).in_(shift_ids))
        .order_by(col(Skill.name))
    )
    said: dict[UUID, list[NeedSaid]] = {}
    for shift_id, name, wanted, taken in rows:
        said.setdefault(shift_id, []).append(NeedSaid(name, wanted, wanted - taken))
    return said


def helper_of(session: Session, compound_id: UUID, person_id: UUID) -> Helper:
    """As it stands, or as it is for who never said anything: not in the session yet."""
    said = session.exec(select(Helper).where(Helper.compound_id == compound_id, Helper.person_id == person_id)).one_or_none()
    return said or Helper(compound_id=compound_id, person_id=person_id)
