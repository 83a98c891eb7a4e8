"""Verbs within verbs: what changing and calling off a shift means for those on it. The caller has locked its row, and says who
may.
"""

from sqlmodel import Session

from app.inbox.service import send
from app.kit.clock import said_moment, said_span
from app.kit.i18n import _
from app.volunteering.helping import keep_for_skills, wanted_by_skill
from app.volunteering.models import Activity, Shift
from app.volunteering.queries import places_of, signups_in
from app.volunteering.reminding import remind_later
from app.volunteering.schemas import ShiftChange
from app.volunteering.signing_up import lapse, settle
from app.volunteering.signup_models import LIVE, SignupState


def change(session: Session, shift: Shift, activity: Activity, wish: ShiftChange) -> None:
    """Another time or place, more or fewer places. New places are held for those who wait in this same transaction, and another
    time or place is told to everybody on the shift.

    Raises ShiftOver, ShiftCancelled, BelowTaken, BeginsInThePast, and has then changed nothing.
    """
    shift.check_open()
    places = places_of(session, shift)
    lapse(session, places)
    wanted = wanted_by_skill(session, shift.compound_id, wish.needs)
    places.check(wish.capacity, wanted)
    moved = shift.change(wish.starts_at, wish.ends_at, wish.meets_at or "")
    shift.capacity, shift.minimum = wish.capacity, wish.minimum
    places = keep_for_skills(session, places, wanted)
    if moved:
        for signup in signups_in(session, shift, SignupState.OFFERED):
            assert signup.offer_until_at
            signup.offer_until_at = min(signup.offer_until_at, shift.starts_at)
        at, place = said_span(shift.starts_at, shift.ends_at), shift.meets_at or activity.place
        words = _("%(title)s，%(at)s，在%(place)s集合。来不了，请取消报名。", title=activity.title, at=at, place=place)
        tell_everybody_on(session, shift, _("志愿服务改时间或地方了"), words)
        if shift.taken:
            remind_later(session, shift.compound_id, shift.starts_at)
    settle(session, places)


def call_off(session: Session, shift: Shift, activity: Activity) -> None:
    """And tell everybody on it. Raises ShiftOver, ShiftCancelled."""
    shift.check_open()
    shift.cancel()
    words = _("%(title)s，%(at)s，不用来了。", title=activity.title, at=said_moment(shift.starts_at))
    tell_everybody_on(session, shift, _("志愿服务取消了"), words)


def tell_everybody_on(session: Session, shift: Shift, title: str, words: str) -> None:
    for signup in signups_in(session, shift, *LIVE):
        send(session, shift.compound_id, signup.person_id, title, words, f"/volunteering/shifts/{shift.id}")
