"""Who is told of a gift without asking: every owner when it can be collected, and whoever has not before the last day.

A job that comes too early (an objection waits for its answer) comes again in an hour. It goes through the owners in steps, so
that a district's notices do not hold up its claims; the keys of the jobs make each step one for ever.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col

from app.benefits.distribution_queries import state_of, term_of
from app.benefits.gift_queries import HELD
from app.benefits.models import Distribution, DistributionState
from app.benefits.roll_models import Entitlement, Hold
from app.benefits.roll_queries import HAS_OPEN_LINE, OF_ROLL
from app.compounds.models import Ownership
from app.compounds.rules import rule
from app.compounds.terms import holds
from app.inbox.service import send
from app.kit.clock import now, said_day, start_of, today
from app.kit.i18n import _
from app.kit.jobs import enqueue
from app.kit.records import columns, rows_of
from app.notices.queries import notice_of_record

GIFT_OPENS, GIFT_ENDS = "gift.opens", "gift.ends"
AGAIN = timedelta(hours=1)
STEP = 500
"""Owners that are told in one transaction."""


def remind(session: Session, distribution: Distribution) -> None:
    """Have it told, once published. The days before the last are counted by the rule of that day."""
    term = term_of(session, distribution)
    found = notice_of_record(session, distribution.compound_id, distribution.id)
    assert found, "what is frozen was published"
    opens_at = max(start_of(term.from_on), found[0].objections_until_at)
    _come(session, GIFT_OPENS, distribution.compound_id, distribution.id, opens_at)
    ends_at = start_of(term.until_on - timedelta(days=rule(session, distribution.compound_id, "gift_ending_days")))
    if ends_at > opens_at:  # else both would be told together
        _come(session, GIFT_ENDS, distribution.compound_id, distribution.id, ends_at)


def tell_opening(session: Session, payload: dict[str, Any]) -> None:
    """A job."""
    _tell(session, GIFT_OPENS, payload)


def tell_ending(session: Session, payload: dict[str, Any]) -> None:
    """A job."""
    _tell(session, GIFT_ENDS, payload)


def _tell(session: Session, kind: str, payload: dict[str, Any]) -> None:
    compound_id, id = UUID(payload["compound_id"]), UUID(payload["distribution_id"])
    distribution = session.get_one(Distribution, (compound_id, id))
    last_on = term_of(session, distribution).until_on
    state = state_of(session, distribution)
    if state == DistributionState.CLOSED or (kind == GIFT_ENDS and last_on < today()):
        return
    if state != DistributionState.OPEN:
        _come(session, kind, compound_id, id, now() + AGAIN)
        return
    after = UUID(payload["after"]) if "after" in payload else UUID(int=0)
    given = {"compound_id": compound_id, "distribution_id": id, "after": after, "step": STEP}
    people = rows_of(session, _OWED, given).scalars().all()
    if kind == GIFT_OPENS:
        title, words = _("%(title)s可以领了", title=distribution.title), _("带上领取码。来不了，可以代领。")
    else:
        title = _("%(title)s还没领", title=distribution.title)
        words = _("最后一天是%(day)s。过了也不作废，可以补领。", day=said_day(last_on))
    for person_id in people:
        send(session, compound_id, person_id, title, words, f"/benefits/{id}/code")
    if len(people) == STEP:
        _come(session, kind, compound_id, id, now(), people[-1])


_OWED = (
    columns(Ownership.person_id)
    .join(Entitlement, (col(Entitlement.compound_id) == Ownership.compound_id) & (col(Entitlement.unit_id) == Ownership.unit_id))
    .outerjoin(Hold, HELD)
    .where(OF_ROLL, HAS_OPEN_LINE, col(Hold.id).is_(None), holds(Ownership), col(Ownership.person_id) > bindparam("after"))
    .order_by(col(Ownership.person_id))
    .distinct()
    .limit(bindparam("step"))
)
"""Owners of today who can collect something, each once whatever they own."""


def _come(session: Session, kind: str, compound_id: UUID, id: UUID, at: datetime, after: UUID | None = None) -> None:
    payload = {"compound_id": str(compound_id), "distribution_id": str(id)}
    if after:
        payload["after"] = str(after)
    enqueue(session, kind, payload, run_after=at, key=f"{kind}:{id}:{after or at.isoformat()}")
