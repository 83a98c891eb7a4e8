"""Everything about me, as one JSON file (PIPL art. 45: to look it up, copy it and take it elsewhere).

It walks the tables themselves, so that a room built tomorrow cannot be forgotten: rows that are *about* the person
(person_id, owner_id) whole, a skill also by its name, rows that they *made* for the compound by id and time. Hashes, secrets
and digests stay out.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Table, or_, select
from sqlmodel import Session, SQLModel

from app.access.actors import Known
from app.kit.clock import now
from app.volunteering.home_visit_queries import at_my_home
from app.volunteering.skill_queries import all_skills

SECRET = ("_hash", "_sha256", "secret", "token")
ABOUT = ("person_id", "owner_id")


def everything_about(session: Session, actor: Known) -> dict[str, Any]:
    """Table name -> rows. Times are RFC 3339."""
    about: dict[str, list[dict[str, Any]]] = {}
    made: dict[str, list[dict[str, Any]]] = {}
    for table in SQLModel.metadata.sorted_tables:
        mine, by_me = _mine(table, actor), _by_me(table, actor)
        if mine is not None:
            about[table.name] = [_row(row, table) for row in session.execute(select(table).where(mine)).mappings()]
        if by_me is not None:
            made[table.name] = [_row(row, table, brief=True) for row in session.execute(select(table).where(by_me)).mappings()]
    skills = all_skills(session, actor.compound.id)
    for held in about.get("held_skill", ()):
        held["skill"] = skills[UUID(held["skill_id"])]
    return {
        "exported_at": now().isoformat(),
        "compound": actor.compound.name,
        "about_me": {name: rows for name, rows in about.items() if rows},
        "made_by_me": {name: rows for name, rows in made.items() if rows},
    }


def _mine(table: Table, actor: Known) -> Any:
    c = table.c
    if table.name == "person":
        return (c.compound_id == actor.compound.id) & (c.id == actor.person_id)
    if table.name == "home_visit":
        return (c.compound_id == actor.compound.id) & at_my_home(actor.person_id)
    if table.name == "account":
        return c.id == actor.account_id
    if (about := [name for name in ABOUT if name in c]) and "compound_id" in c:
        mine = (c.compound_id == actor.compound.id) & or_(*(c[name] == actor.person_id for name in about))
        return or_(mine, (c.account_id == actor.account_id) & c.compound_id.is_(None)) if "account_id" in c else mine
    if "account_id" in c:
        return c.account_id == actor.account_id
    return None


def _by_me(table: Table, actor: Known) -> Any:
    keys = {name for key in table.foreign_key_constraints if key.referred_table.name == "person" for name in key.column_keys}
    hands = [c for c in table.c if c.name in keys - {"compound_id", *ABOUT} or c.name.endswith("_by_id")]
    if not hands:
        return None
    return (table.c.compound_id == actor.compound.id) & or_(*(hand == actor.person_id for hand in hands))


def _row(row: Any, table: Table, *, brief: bool = False) -> dict[str, Any]:
    return {
        column.name: _said(row[column.name])
        for column in table.c
        if not isinstance(column.type, LargeBinary)
        and not column.name.endswith(SECRET)
        and (not brief or column.name == "id" or column.name.endswith("_at"))
        and row[column.name] is not None
    }


def _said(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
