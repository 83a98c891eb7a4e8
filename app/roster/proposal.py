"""What a roster proposes: the units and people to write, and every doubt about them."""

from dataclasses import dataclass
from fractions import Fraction

from app.kit.tables import Problem, Skipped
from app.roster.addresses import Kind
from app.roster.headings import Meaning
from app.roster.people import Relation


@dataclass(frozen=True)
class RosterPerson:
    """`phone` as dialled; `share` of the ownership, None where the file does not say."""

    name: str
    phone: str | None
    relation: Relation
    share: Fraction | None


@dataclass(frozen=True)
class RosterRow:
    """One unit, canonical (see `addresses`). `line` is the first row it stands in; `area` in 0.01 m²."""

    line: int
    building: str
    entrance: str | None
    room: str
    kind: Kind
    area: int | None
    people: tuple[RosterPerson, ...]


@dataclass(frozen=True)
class Column:
    """What a column was taken for; None where its heading says nothing known. Not `read`: another column was believed."""

    letter: str
    heading: str
    meaning: Meaning | None
    read: bool


@dataclass(frozen=True)
class Reading:
    """`rows` are those that may be written: no blocking problem stands against them."""

    rows: tuple[RosterRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    columns: tuple[Column, ...] = ()
    skipped: tuple[Skipped, ...] = ()
