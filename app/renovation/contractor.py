"""Verbs of the contractor, who holds a link: say that it arrived, say what was done."""

from uuid import UUID

from sqlmodel import Session

from app.inbox.service import send
from app.kit import audit
from app.kit.clock import now
from app.kit.i18n import _
from app.kit.once import already, digest
from app.renovation.finding_models import Finding, FindingLink, PhotoRole, Rectification
from app.renovation.finding_queries import finding_to_change
from app.renovation.findings import Taken, hang_photos, log_finding
from app.renovation.holders import Holder
from app.renovation.schemas import AnswerWish


def confirm_receipt(session: Session, holder: Holder) -> Finding:
    """我已收到, pressed by a person; opening the page proves nothing, chat programs do that by themselves. Once."""
    finding = finding_to_change(session, holder, holder.link.finding_id)
    link = session.get_one(FindingLink, (finding.compound_id, holder.link.id), populate_existing=True)
    link.received_at = link.received_at or now()
    if finding.received_at is None:
        finding.received_at = now()
        log_finding(session, finding, "finding.received", {})
        _record(session, holder, "finding.received", finding)
    return finding


def answer(
    session: Session, holder: Holder, id: UUID, wish: AnswerWish, photos: Taken | None = None
) -> tuple[Rectification, bool]:
    """What was done, with photos of after. Also a receipt. Raises NotThisState, SameIdOtherContent, PhotoDiffers."""
    finding = finding_to_change(session, holder, holder.link.finding_id)
    sent = digest(wish, finding.id, *sorted((photos or {}).keys()))
    if before := already(session, Rectification, holder.compound.id, id, sent):
        return before, False
    finding.answer()
    reply = Rectification(
        compound_id=finding.compound_id,
        id=id,
        finding_id=finding.id,
        link_id=holder.link.id,
        text=wish.text,
        answered_by=wish.answered_by,
        sent_sha256=sent,
    )
    session.add(reply)
    session.flush()
    finding.received_at = finding.received_at or now()
    hang_photos(session, finding, PhotoRole.AFTER, photos, act_id=reply.id)
    log_finding(session, finding, "finding.answered", {"text": reply.text}, photos=len(photos or {}))
    _record(session, holder, "finding.answered", finding)
    send(
        session,
        finding.compound_id,
        finding.raised_by_id,
        _("施工方回复了"),
        _("%(place)s，等另一位监督员复查。", place=finding.place),
        f"/works/findings/{finding.id}",
    )
    return reply, True


def _record(session: Session, holder: Holder, act: str, finding: Finding) -> None:
    audit.record(
        session,
        act=act,
        outcome="done",
        compound_id=holder.compound.id,
        subject=str(finding.id),
        detail={"link": str(holder.link.id)},
    )
