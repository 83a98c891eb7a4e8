"""What every part of the loader needs: the story on its way into the database, and what happens in it when."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from uuid import UUID, uuid5

from sqlmodel import Session

from app.access.actors import Actor, acting
from app.compounds.models import Compound, Person
from app.demo.prints import Prints
from app.demo.shapes import Story
from app.kit.blobs import Blobs
from app.kit.clock import ZONE, now, today

NAMESPACE = UUID("6a1d2c54-3b8e-5f0a-9c7d-4e2b1f6a8d90")
"""Ids of the demo are made from it; they mean nothing elsewhere."""


@dataclass
class Loader:
    """One story on its way into the database. `prints`: its photos, developed, by key; `blobs`: where they lie."""

    session: Session
    story: Story
    compound: Compound
    prints: Prints
    blobs: Blobs
    published: dict[str, UUID] = field(default_factory=dict)
    """Statement key → the statement's id, which the verb made."""
    links: dict[str, UUID] = field(default_factory=dict)
    """Finding key → the id of the contractor's link."""
    actors: dict[tuple[str, date], Actor] = field(default_factory=dict)
    """Who may what changes from day to day, not from act to act."""

    def id(self, kind: str, key: str) -> UUID:
        return uuid5(NAMESPACE, f"{self.story.compound.slug}/{kind}/{key}")

    def actor(self, key: str) -> Actor:
        """The person of the story as an actor of the day that is pretended, who has just confirmed who they are."""
        on = (key, today())
        if on not in self.actors:
            person = self.session.get_one(Person, (self.compound.id, self.id("person", key)))
            self.actors[on] = acting(self.session, self.compound, person)
        return replace(self.actors[on], second_factor_at=now())


@dataclass(frozen=True)
class Happening:
    """Something that happened at a moment, done by a verb when that moment comes."""

    at: datetime
    act: Callable[[], object]


def moment(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), ZONE)
