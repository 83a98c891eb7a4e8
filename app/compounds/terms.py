"""Who holds what today: one answer for ownerships, residencies, seats and care links, which all run from a day to a day."""

from typing import Any

from sqlalchemy import ColumnElement, Date, and_, bindparam, or_
from sqlmodel import col, select

from app.compounds.models import CareLink, Ownership, Person, Residency, Seat
from app.kit.clock import today
from app.kit.records import pointing

Dated = Ownership | Residency | Seat | CareLink

_TODAY = bindparam("today", callable_=today, type_=Date())
"""The day on which a statement is carried out, not the one on which it was written: statements are made once."""


def not_over(noun: type[Dated], on: Any = _TODAY) -> ColumnElement[bool]:
    """Its last day is not before `on`, today where nothing is said; it may not have begun."""
    return or_(col(noun.to_on).is_(None), col(noun.to_on) >= on)


def holds(noun: type[Dated]) -> ColumnElement[bool]:
    """Today lies in its term: the first day and the last are both part of it."""
    return and_(col(noun.from_on) <= _TODAY, not_over(noun))


def at_home() -> ColumnElement[bool]:
    """A term about `Person`: they own or live in a unit today, a flat, a shop or a garage."""
    return or_(
        *(select(link.id).where(pointing(link, "person_id", Person), holds(link)).exists() for link in (Ownership, Residency))
    )
