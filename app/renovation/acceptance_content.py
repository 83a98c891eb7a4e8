"""What supervisors sign, as bytes: once the round is concluded, its notice publishes the very same, and their SHA-256 stands in
the public log. Nobody's name is in it, and no unit.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from app.access.actors import Visitor
from app.kit.clock import local
from app.notices.models import Notice
from app.notices.queries import notice_of_record
from app.publiclog.canonical import Value, canonical
from app.renovation.acceptance_models import (
    Acceptance,
    NothingChecked,
    NothingProposed,
    Outcome,
    OutcomeUnfit,
)
from app.renovation.acceptance_queries import (
    PartCard,
    Quorum,
    ReservationCard,
    parts_of,
    proposal_of,
    quorum_of,
    reservations_of,
)
from app.renovation.models import Project
from app.renovation.opinion_queries import Told, opinions_told, standing_opinions

VERSION = 1


def said(session: Session, visitor: Visitor, acceptance: Acceptance) -> dict[str, Any]:
    """What is to be signed as things stand. Raises NothingProposed."""
    proposal = proposal_of(session, visitor, acceptance)
    if proposal is None:
        raise NothingProposed
    project = session.get_one(Project, (acceptance.compound_id, acceptance.project_id))
    quorum = quorum_of(session, acceptance.compound_id)
    return {
        "v": VERSION,
        "acceptance": str(acceptance.id),
        "statutory": False,
        "project": str(project.id),
        "title": project.title,
        "round": acceptance.position,
        "edition": acceptance.edition,
        "asked": acceptance.text,
        "asked_from": local(acceptance.opened_at).isoformat(),
        "asked_until": local(acceptance.closes_at).isoformat(),
        "opinions": _opinions(opinions_told(session, acceptance)),
        "parts": [_part(part) for part in parts_of(session, visitor, acceptance)],
        "reservations": [_reservation(one) for one in reservations_of(session, acceptance) if one.stands],
        "outcome": proposal.outcome,
        "because": proposal.text,
        "quorum": {"needed": quorum.needed, "source": quorum.source},
    }


def content_of(session: Session, visitor: Visitor, acceptance: Acceptance) -> bytes:
    """The bytes that are to be signed, or once it is concluded, that were. Raises NothingProposed."""
    published = notice_of(session, acceptance)
    return published.frozen if published else canonical(said(session, visitor, acceptance))


def notice_of(session: Session, acceptance: Acceptance) -> Notice | None:
    """That published it; None before."""
    found = notice_of_record(session, acceptance.compound_id, acceptance.id) if acceptance.concluded_at else None
    return found[0] if found else None


def outcome_of(notice: Notice) -> Outcome:
    return Outcome(json.loads(notice.frozen)["outcome"])


def quorum_at(notice: Notice) -> Quorum:
    """As the rule was when it was concluded."""
    return Quorum(**json.loads(notice.frozen)["quorum"])


def check_fit(outcome: Outcome, parts: Sequence[PartCard], reservations: Sequence[ReservationCard]) -> None:
    """Whether a conclusion follows from what was found. Raises NothingChecked, OutcomeUnfit."""
    if outcome is Outcome.NOT_ACCEPTED:
        return
    if not parts:
        raise NothingChecked
    stand = any(one.stands for one in reservations)
    whole = not stand and not any(part.not_ok for part in parts)
    if not (whole if outcome is Outcome.ACCEPTED else stand):
        raise OutcomeUnfit


def opinions_digest(session: Session, acceptance: Acceptance) -> str:
    """Of every opinion that counts with its unit: what the log commits to, so that none can be changed unnoticed."""
    every: list[Value] = [
        {"id": str(one.id), "unit": str(one.unit_id), "stars": one.stars, "text": one.text, "paper": one.paper}
        for one in standing_opinions(session, acceptance)
    ]
    return sha256(canonical(every)).hexdigest()


def _opinions(opinions: Told) -> dict[str, Value]:
    return {
        "units": opinions.units,
        "given": opinions.given,
        "paper": opinions.paper,
        "stars": opinions.whole.stars if opinions.whole else None,
        "buildings": [{"building": one.building, "units": one.units, "stars": one.stars} for one in opinions.buildings],
    }


def _part(part: PartCard) -> dict[str, Value]:
    return {
        "name": part.name,
        "trade": part.trade,
        "list": str(part.list_id),
        "checks": [
            {
                "item": str(check.item_id),
                "text": check.text,
                "found": check.found,
                "words": check.words,
                "photo": str(check.photo_id) if check.photo_id else None,
            }
            for check in part.checks
        ],
    }


def _reservation(one: ReservationCard) -> dict[str, Value]:
    return {
        "finding": str(one.finding_id),
        "number": one.number,
        "place": one.place,
        "what": one.what,
        "demand": one.demand,
        "due_on": one.due_on.isoformat(),
    }
