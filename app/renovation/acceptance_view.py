"""An acceptance as a whole, as this reader may see it: the page shows it and the API gives it."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Visitor
from app.renovation.acceptance_content import content_of, notice_of, outcome_of, quorum_at
from app.renovation.acceptance_models import Acceptance, last_on
from app.renovation.acceptance_queries import (
    PartCard,
    Proposed,
    ReservationCard,
    Signed,
    parts_of,
    proposal_of,
    quorum_of,
    reservations_of,
    signed_by,
)
from app.renovation.opinion_queries import Told, opinions_told


@dataclass(frozen=True, slots=True)
class QuorumNow:
    """`signed`: those that count for what stands there now."""

    needed: int
    source: str
    signed: list[Signed]

    @property
    def reached(self) -> bool:
        return len(self.signed) >= self.needed


@dataclass(frozen=True, slots=True)
class AcceptanceView:
    id: UUID
    project_id: UUID
    round: int
    text: str
    opened_at: datetime
    closes_at: datetime
    asks: bool
    opinions: Told
    parts: list[PartCard]
    reservations: list[ReservationCard]
    proposal: Proposed | None
    quorum: QuorumNow
    content_sha256: str | None
    outcome: str | None
    concluded_at: datetime | None
    notice_id: UUID | None

    @property
    def waits_for(self) -> str:
        """What comes next: opinions, proposal, signatures, conclusion; "" once it is concluded."""
        if self.concluded_at:
            return ""
        if self.asks:
            return "opinions"
        if self.proposal is None:
            return "proposal"
        return "conclusion" if self.quorum.reached else "signatures"

    @property
    def closes_on(self) -> date:
        return last_on(self.closes_at)

    @property
    def stand(self) -> int:
        """Reservations that are not settled."""
        return sum(one.stands for one in self.reservations)


def acceptance_view(session: Session, visitor: Visitor, acceptance: Acceptance) -> AcceptanceView:
    """Once it is concluded, what was needed and who signed is what it was then."""
    session.flush()
    proposal, notice = proposal_of(session, visitor, acceptance), notice_of(session, acceptance)
    content = sha256(content_of(session, visitor, acceptance)) if proposal else None
    rule = quorum_at(notice) if notice else quorum_of(session, acceptance.compound_id)
    signed = signed_by(session, visitor, acceptance, content.digest()) if content else []
    return AcceptanceView(
        acceptance.id,
        acceptance.project_id,
        acceptance.position,
        acceptance.text,
        acceptance.opened_at,
        acceptance.closes_at,
        acceptance.asks,
        opinions_told(session, acceptance),
        parts_of(session, visitor, acceptance),
        reservations_of(session, acceptance),
        proposal,
        QuorumNow(rule.needed, rule.source, signed),
        content.hexdigest() if content else None,
        outcome_of(notice) if notice else None,
        acceptance.concluded_at,
        notice.id if notice else None,
    )
