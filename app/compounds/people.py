"""Persons of the compound: found by name, telephone or room by whoever acts for them; who sits where; who lives together."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, or_, union
from sqlmodel import Session, col, select

from app.compounds.models import Ownership, Person, Residency, Seat, SeatKind, Unit
from app.compounds.terms import at_home, holds
from app.kit.i18n import _
from app.kit.records import columns, pointing, rows_of


@dataclass(frozen=True, slots=True)
class PersonChoice:
    id: UUID
    name: str
    units: str


def name_at_home(session: Session, compound_id: UUID, person_id: UUID) -> str | None:
    """The name of who owns or lives in a unit of the compound today; None for anybody else."""
    here = select(Person.name).where(Person.compound_id == compound_id, Person.id == person_id, at_home())
    return session.exec(here).first()


def is_at_home(session: Session, compound_id: UUID, person_id: UUID) -> bool:
    """Whether an officer may act for them."""
    return name_at_home(session, compound_id, person_id) is not None


def seated(session: Session, compound_id: UUID) -> dict[SeatKind, list[str]]:
    """Who sits in which seat today, the longest-serving first and each name once."""
    rows = session.exec(
        select(Seat.kind, Person.name)
        .join(Person, pointing(Seat, "person_id", Person))
        .where(Seat.compound_id == compound_id, holds(Seat))
        .order_by(col(Seat.from_on), col(Person.name))
    )
    names: dict[SeatKind, dict[str, None]] = {}
    for kind, name in rows:
        names.setdefault(SeatKind(kind), {})[name] = None
    return {kind: list(found) for kind, found in names.items()}


def find_people(session: Session, compound_id: UUID, q: str, limit: int = 20) -> list[PersonChoice]:
    """At most `limit` people whose name, telephone or room contains `q`; none for an empty question."""
    if not q.strip():
        return []
    like = "%" + q.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    names: dict[UUID, str] = {}
    labels: dict[UUID, dict[str, None]] = {}
    for link in (Ownership, Residency):
        rows = session.exec(
            select(Person.id, Person.name, Unit.label)
            .join(link, pointing(link, "person_id", Person))
            .join(Unit, pointing(link, "unit_id", Unit))
            .where(
                Person.compound_id == compound_id,
                holds(link),
                or_(
                    col(Person.name).like(like, escape="\\"),
                    col(Person.phone).like(like, escape="\\"),
                    col(Unit.label).like(like, escape="\\"),
                ),
            )
            .order_by(col(Person.name))
            .limit(limit)
        )
        for id, name, label in rows:
            names[id] = name
            labels.setdefault(id, {})[label] = None  # once each, in the order in which they came
    people = [PersonChoice(id, name, _("、").join(labels[id])) for id, name in names.items()]
    return sorted(people, key=lambda p: p.name)[:limit]


def share_a_home(session: Session, compound_id: UUID, one: UUID, other: UUID) -> bool:
    """Whether two persons own or live in the same unit today."""
    homes: dict[UUID, set[UUID]] = {one: set(), other: set()}
    for row in rows_of(session, _HOMES, {"compound_id": compound_id, "persons": [one, other]}):
        homes[row.person_id].add(row.unit_id)
    return not homes[one].isdisjoint(homes[other])


_HOMES = union(
    *(
        columns(link.person_id, link.unit_id).where(
            link.compound_id == bindparam("compound_id"),
            col(link.person_id).in_(bindparam("persons", expanding=True)),
            holds(link),
        )
        for link in (Ownership, Residency)
    )
)
