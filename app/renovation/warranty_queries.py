"""What there is to see of a warranty: how long it lasts, when somebody is to look again."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from app.compounds.rules import rule
from app.kit.clock import today
from app.kit.i18n import _
from app.renovation.life_models import ProjectActKind, standing
from app.renovation.life_queries import acts_of
from app.renovation.models import Project, ProjectStage
from app.renovation.warranty_models import WARRANTY_SAYS, Warranty, WarrantyKind
from app.treasury.periods import later


@dataclass(frozen=True, slots=True)
class Clock:
    """`left`: days, today included; 0 once it is over."""

    kind: str
    says: str
    from_on: date
    until_on: date
    source: str
    left: int


@dataclass(frozen=True, slots=True)
class Guarantee:
    """The clocks, what ends first comes first; `visit_on`: when somebody is to look again, None once the warranty is over."""

    clocks: list[Clock]
    visit_on: date | None

    @property
    def visit_late(self) -> int:
        """Days."""
        return max(0, (today() - self.visit_on).days) if self.visit_on else 0


def guarantee_of(session: Session, project: Project) -> Guarantee:
    acts = standing(acts_of(session, project))
    began = next((act for act in reversed(acts) if act.kind == ProjectActKind.WARRANTY), None)
    if began is None:
        return Guarantee([], None)
    looked = [act for act in acts if act.kind in (ProjectActKind.WARRANTY, ProjectActKind.FOLLOWED_UP)]
    months = rule(session, project.compound_id, "warranty_visit_months")
    visit_on = later(looked[-1].happened_on, months) if project.stage == ProjectStage.WARRANTY else None
    return Guarantee([_clock(row) for row in warranties_of(session, project, began.id)], visit_on)


def warranties_of(session: Session, project: Project, act_id: UUID) -> list[Warranty]:
    """Those that a step began."""
    statement = select(Warranty).where(Warranty.compound_id == project.compound_id, Warranty.act_id == act_id)
    return list(session.exec(statement.order_by(col(Warranty.until_on), col(Warranty.kind))))


def warranty_kinds() -> list[tuple[str, str]]:
    return [(kind.value, _(says)) for kind, says in WARRANTY_SAYS.items()]


def _clock(row: Warranty) -> Clock:
    says = _(WARRANTY_SAYS[WarrantyKind(row.kind)])
    left = max(0, (row.until_on - today()).days + 1)
    return Clock(row.kind, says, row.from_on, row.until_on, _(row.source), left)
