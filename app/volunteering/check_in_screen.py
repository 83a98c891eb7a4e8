"""What stands on the leader's screen now: made for the page and for programs alike."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.kit.clock import now
from app.settings import Settings
from app.volunteering.attendance import door_of
from app.volunteering.check_in_codes import SECONDS, Shown, Way, digits_of, token_of, window_of
from app.volunteering.models import Shift, ShiftCancelled


@dataclass(frozen=True, slots=True)
class Screen:
    """`url`: what the QR says. `changes_at`: from then on another code stands there."""

    way: Way
    url: str
    digits: str
    changes_at: datetime


def screen_of(session: Session, actor: Actor, request: Request, shift: Shift, way: Way | None) -> Screen:
    """Those who come are shown one code, those who leave another: until half of the time is over the first, if nothing is said.

    Raises NotAllowed, ShiftCancelled, TooEarlyToCheckIn, TooLateToCheckIn.
    """
    actor.need(Permission.CHECK_IN)
    if shift.cancelled_at:
        raise ShiftCancelled
    moment = now()
    door_of(session, shift).check_open(moment)
    settings: Settings = request.app.state.settings
    half = shift.starts_at + (shift.ends_at - shift.starts_at) / 2
    shown = Shown(shift.id, way or (Way.IN if moment < half else Way.OUT), window_of(moment))
    token = token_of(settings.secret, shift.compound_id, shown)
    url = f"{settings.public_url.rstrip('/')}/c/{actor.compound.slug}/volunteering/check-in?t={token}"
    digits = digits_of(settings.secret, shift.compound_id, shown)
    return Screen(shown.way, url, digits, shown.at + timedelta(seconds=SECONDS))
