"""Verbs of the contractor, who holds a link: say that it arrived, accept it or not, say what was done."""

from uuid import UUID

from sqlmodel import Session

from app.access.holders import holders_of
from app.access.permissions import Permission
from app.inbox.service import send
from app.kit import audit
from app.kit.clock import now
from app.kit.i18n import _, mark
from app.kit.ids import new_id
from app.kit.once import already, digest
from app.renovation.finding_models import MOVES, ActKind, Finding, FindingAct, FindingLink
from app.renovation.finding_queries import finding_to_change
from app.renovation.holders import Holder, LinkEnded
from app.renovation.moving import By, Taken, move
from app.renovation.schemas import AnswerWish

TOLD = {
    ActKind.ACKNOWLEDGED: mark("施工方认了，会改"),
    ActKind.DISPUTED: mark("施工方有异议，请另一位监督员答复"),
    ActKind.ANSWERED: mark("施工方说改好了，请另一位监督员复查"),
}


def confirm_receipt(session: Session, holder: Holder) -> Finding:
    """我已收到, pressed by a person; opening the page proves nothing, chat programs do that by themselves. Once a link.

    Raises NotThisState once it is closed.
    """
    finding, link = _held(session, holder)
    if link.received_at is None:
        move(session, finding, ActKind.RECEIVED, By(link_id=link.id), new_id())
        link.received_at = now()
        _record(session, holder, finding, ActKind.RECEIVED)
    return finding


def answer(session: Session, holder: Holder, id: UUID, wish: AnswerWish, photos: Taken | None = None) -> tuple[FindingAct, bool]:
    """Accepted, disputed, or what was done with photos of after. Also a receipt.

    Raises NotThisState, SameIdOtherContent, PhotoDiffers.
    """
    finding, _link = _held(session, holder)
    sent = digest(wish, finding.id, *sorted((photos or {}).keys()))
    if before := already(session, FindingAct, holder.compound.id, id, sent):
        return before, False
    by, text = By(link_id=holder.link.id, name=wish.answered_by), wish.text or ""
    reply = move(session, finding, wish.kind, by, id, text, photos=photos, awaited=wish.photos, sent=sent)
    _record(session, holder, finding, wish.kind)
    if reply.state == MOVES[wish.kind].to:
        tell_supervisors(session, finding, wish.kind)
    return reply, True


def tell_supervisors(session: Session, finding: Finding, kind: ActKind) -> None:
    """What the contractor has said, once it stands."""
    words = _("整改 %(n)s 号，%(place)s", n=finding.number, place=finding.place)
    for person_id in {finding.raised_by_id, *holders_of(session, finding.compound_id, Permission.SUPERVISE)}:
        send(session, finding.compound_id, person_id, _(TOLD[kind]), words, f"/works/findings/{finding.id}")


def _held(session: Session, holder: Holder) -> tuple[Finding, FindingLink]:
    """Locked, and the link as it is now: it may have been revoked while this waited. Raises LinkEnded."""
    finding = finding_to_change(session, holder, holder.link.finding_id)
    link = session.get_one(FindingLink, (finding.compound_id, holder.link.id), populate_existing=True)
    if not link.opens:
        raise LinkEnded
    return finding, link


def _record(session: Session, holder: Holder, finding: Finding, kind: ActKind) -> None:
    audit.record(
        session,
        act=f"finding.{kind}",
        outcome="done",
        compound_id=holder.compound.id,
        subject=str(finding.id),
        detail={"link": str(holder.link.id)},
    )
