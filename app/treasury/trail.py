"""The trail of one entry: who did what to it and when, from its first draft to its reversal, for whoever audits it.

Everything is read from what is never changed: the lines of the audit, and the journal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import Session, col, or_, select

from app.access.actors import Actor
from app.compounds.models import Person
from app.kit.audit import AuditLine
from app.kit.i18n import _, mark
from app.kit.refusals import NotAllowed
from app.treasury import policy
from app.treasury.draft_models import ReversalProposal
from app.treasury.draft_queries import vouchers_of
from app.treasury.models import JournalEntry
from app.treasury.queries import entry_for

POSTED = "entry.posted"

ACTS = {
    "draft.saved": mark("写了草稿"),
    "draft.edited": mark("改了这一笔"),
    "draft.voucher_added": mark("加了票据"),
    "draft.voucher_described": mark("写明了一张票据"),
    "draft.submitted": mark("提交，等批准"),
    "draft.returned": mark("退回"),
    "draft.approved": mark("批准"),
    POSTED: mark("入账公开"),
    "voucher.covered": mark("遮盖了票据第 %(n)s 张"),
    "voucher.released": mark("公开了票据第 %(n)s 张"),
    "voucher.redacted": mark("换了票据第 %(n)s 张的公开件"),
}
REVERSING = {
    "reversal.proposed": mark("提出冲销"),
    "draft.returned": mark("退回冲销"),
    "draft.approved": mark("批准冲销"),
    POSTED: mark("冲销入账"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """`by`: None where the journal alone knows of it."""

    at: datetime
    act: str
    words: str
    by: str | None = None
    voucher_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What audit lines are about, and how their acts are said of it."""

    says: Mapping[str, str]
    voucher: tuple[UUID, int] | None = None

    def step(self, at: datetime, act: str, by: str | None = None) -> Step:
        voucher_id, number = self.voucher or (None, 0)
        words = _(self.says[act], n=number) if act in self.says else act
        return Step(at, act, words, by, voucher_id)


def trail_of(session: Session, actor: Actor, entry_id: UUID) -> list[Step]:
    """The first act first. Raises NotFound, NotAllowed."""
    if not policy.can_see_originals(actor):
        raise NotAllowed
    entry = entry_for(session, actor, entry_id)
    own = Subject(REVERSING if entry.reverses_id else ACTS)
    subjects = {str(entry.draft_id): own}
    if entry.draft_id:
        papers = enumerate(vouchers_of(session, entry.compound_id, entry.draft_id), 1)
        subjects |= {str(paper.id): Subject(ACTS, (paper.id, number)) for number, paper in papers}
    proposals = select(ReversalProposal.id).where(
        ReversalProposal.compound_id == entry.compound_id, ReversalProposal.entry_id == entry.id
    )
    subjects |= {str(id): Subject(REVERSING) for id in session.exec(proposals)}
    lines = session.exec(
        select(AuditLine, Person.name)
        .outerjoin(Person, and_(col(Person.compound_id) == AuditLine.compound_id, col(Person.id) == AuditLine.person_id))
        .where(AuditLine.compound_id == entry.compound_id, col(AuditLine.subject).in_(subjects), AuditLine.outcome == "done")
        .order_by(col(AuditLine.at), col(AuditLine.id))
    )
    posted = session.exec(
        select(JournalEntry).where(
            JournalEntry.compound_id == entry.compound_id,
            or_(col(JournalEntry.id) == entry.id, col(JournalEntry.reverses_id) == entry.id),
        )
    )
    steps = [subjects[line.subject].step(line.at, line.act, name) for line, name in lines]
    for one in posted:
        steps.append((own if one.id == entry.id else Subject(REVERSING)).step(one.posted_at, POSTED))
    return sorted(steps, key=lambda step: step.at)
