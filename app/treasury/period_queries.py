"""Months of the books: which are open, closed or published, and who closed or opened them."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.compounds.models import Person
from app.kit.records import pointing
from app.notices.periods import last_of_month
from app.treasury.journal import closed_until, published_until
from app.treasury.period_models import PeriodChange, PeriodState
from app.treasury.searching import months

MOST = 12
"""Months that are listed, and changes of them: the latest."""


@dataclass(frozen=True, slots=True)
class MonthCard:
    month: date
    state: PeriodState

    @property
    def key(self) -> str:
        """As it is asked for: "2026-10"."""
        return f"{self.month:%Y-%m}"


def periods(session: Session, visitor: Visitor) -> list[MonthCard]:
    """Months in which there are books, the latest first."""
    published, closed = published_until(session, visitor.compound.id), closed_until(session, visitor.compound.id)

    def state(month: date) -> PeriodState:
        if published and last_of_month(month) <= published:
            return PeriodState.PUBLISHED
        return PeriodState.CLOSED if closed and last_of_month(month) <= closed else PeriodState.OPEN

    return [MonthCard(month, state(month)) for month in months(session, visitor)[:MOST]]


def period_changes(session: Session, actor: Actor) -> list[tuple[PeriodChange, str]]:
    """With who did it, the latest first."""
    rows = session.exec(
        select(PeriodChange, Person.name)
        .join(Person, pointing(PeriodChange, "by_id", Person))
        .where(PeriodChange.compound_id == actor.compound.id)
        .order_by(col(PeriodChange.at).desc(), col(PeriodChange.id).desc())
        .limit(MOST)
    )
    return [(change, name) for change, name in rows]
