"""Verb: a compound begins. Who has the machine calls it; there is no door to it."""

import re

from sqlmodel import Session, select

from app.compounds.models import Community, Compound
from app.kit import audit
from app.publiclog.service import start_log
from app.roster.models import SlugTaken


def create_compound(session: Session, community: str, city: str, slug: str, name: str, help_phone: str) -> Compound:
    """A compound of a community (made where it is new) with its empty public log. The caller opens its books.

    Raises ValueError for a slug that is no part of an address, SlugTaken.
    """
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", slug):
        raise ValueError("a slug is 1 to 40 of a-z, 0-9 and -, with no - at its ends")
    if session.exec(select(Compound.id).where(Compound.slug == slug)).first():
        raise SlugTaken
    office = session.exec(select(Community).where(Community.name == community)).one_or_none()
    if office is None:
        office = Community(name=community, city=city)
        session.add(office)
        session.flush()
    compound = Compound(community_id=office.id, slug=slug, name=name, city=city, help_phone=help_phone)
    session.add(compound)
    start_log(session, compound.id)
    audit.record(session, act="compound.created", outcome="done", compound_id=compound.id, subject=slug)
    return compound
