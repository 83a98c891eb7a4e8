"""Verb: the compound's group chat is reminded of coming shifts, in the words of the public schedule: nobody is named.

To the outside that is at least once: a worker that dies between the robot's yes and its own commit tells the group again.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.compounds.models import Compound
from app.kit.clock import now, said_moment
from app.kit.db import Database, reading
from app.kit.i18n import _
from app.kit.jobs import Payload, TwoSteps
from app.kit.robots import Robot
from app.volunteering.reminding import AHEAD, shifts_beginning


def telling_groups(robots: Mapping[str, Robot], public_url: str) -> TwoSteps:
    """The job `TELL_GROUP`. `robots`: by the slug of their compound."""

    def outside(db: Database, payload: Payload) -> None:
        with reading(db) as session:
            compound = session.get_one(Compound, UUID(payload["compound_id"]))
            starts_at = datetime.fromisoformat(payload["starts_at"])
            shifts = _said(session, compound.id, starts_at)
        robot = robots.get(compound.slug)
        if robot is None or not shifts or starts_at <= now():
            return
        robot.say("\n".join((_(AHEAD[payload["hours"]]), *shifts, f"{public_url}/c/{compound.slug}/volunteering")))

    def inside(_session: Session, _payload: Payload, _result: None) -> None:
        """Nothing of it is kept."""

    return TwoSteps(outside, inside)


def _said(session: Session, compound_id: UUID, starts_at: datetime) -> list[str]:
    """A line for each shift that somebody comes to."""
    at = said_moment(starts_at)
    return [
        _("%(title)s，%(at)s，在%(place)s集合，%(n)s 人来。", title=one.title, at=at, place=one.place, n=one.taken)
        for one in shifts_beginning(session, compound_id, starts_at)
    ]
