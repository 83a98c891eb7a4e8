"""Verbs of supervisors: raise a finding, send the contractor a link to it, judge what was done.

Every verb here locks the finding's row first, so that two supervisors who judge at once leave one judgement.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.accounts.service import hashed_token
from app.compounds.numbers import next_number
from app.compounds.rules import rule
from app.kit import events
from app.kit.clock import now, today
from app.kit.once import already, digest
from app.kit.refusals import NotFound
from app.photos.intake import TakenIn
from app.photos.service import keep
from app.publiclog.canonical import Value, canonical
from app.publiclog.service import Attachment, Entry, publish
from app.renovation.finding_models import (
    LINK_LASTS,
    LIVE,
    Finding,
    FindingLink,
    FindingPhoto,
    FindingState,
    NotThisState,
    PhotoRole,
    Recheck,
    Verdict,
)
from app.renovation.finding_queries import finding_to_change, has_after_photo, last_rectification
from app.renovation.models import VisitPhoto
from app.renovation.queries import project_to_change, visit_for
from app.renovation.schemas import FindingWish, RecheckWish

Taken = Mapping[UUID, TakenIn]
"""Photos sent along with an act, taken in before its transaction: the client's id → its files."""

ACT_OF = {
    Verdict.MENDED: "finding.closed",
    Verdict.NOT_MENDED: "finding.not_mended",
    Verdict.REOPENED: "finding.reopened",
    Verdict.UNFIXED: "finding.closed_unfixed",
}


def raise_finding(
    session: Session, actor: Actor, project_id: UUID, id: UUID, wish: FindingWish, photos: Taken | None = None
) -> tuple[Finding, bool]:
    """Raises NotAllowed, NotFound (project, visit, a photo that is not that visit's), SameIdOtherContent, PhotoDiffers."""
    actor.need(Permission.SUPERVISE)
    project = project_to_change(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id, *sorted((photos or {}).keys()))
    if before := already(session, Finding, actor.compound.id, id, sent):
        return before, False
    if wish.visit_id and visit_for(session, actor, wish.visit_id).project_id != project.id:
        raise NotFound
    finding = Finding(
        compound_id=actor.compound.id,
        id=id,
        project_id=project.id,
        visit_id=wish.visit_id,
        year=today().year,
        number=next_number(session, actor.compound.id, "finding"),
        place=wish.place,
        what=wish.what,
        basis=wish.basis or "",
        demand=wish.demand,
        severity=wish.severity,
        due_on=wish.due_on or today() + timedelta(days=rule(session, actor.compound.id, "finding_days")),
        raised_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(finding)
    session.flush()
    _hang_visit_photos(session, finding, wish)
    hang_photos(session, finding, PhotoRole.BEFORE, photos, taken_by_id=actor.person_id)
    told = {"place": finding.place, "what": finding.what, "basis": finding.basis, "demand": finding.demand}
    log_finding(session, finding, "finding.raised", told, severity=finding.severity, due_on=finding.due_on.isoformat())
    on_record(session, actor, "finding.raised", finding.id)
    return finding, True


def issue_link(session: Session, actor: Actor, finding_id: UUID) -> tuple[FindingLink, str]:
    """A link for the contractor and its token, which is stored nowhere; the one before ends.

    Raises NotAllowed, NotFound, NotThisState for a finding that is closed.
    """
    actor.need(Permission.SUPERVISE)
    finding = finding_to_change(session, actor, finding_id)
    if finding.state not in LIVE:
        raise NotThisState
    for old in session.exec(
        select(FindingLink).where(
            FindingLink.compound_id == finding.compound_id,
            FindingLink.finding_id == finding.id,
            col(FindingLink.ended_at).is_(None),
        )
    ):
        old.ended_at = now()
    token = secrets.token_urlsafe(24)
    link = FindingLink(
        compound_id=finding.compound_id,
        finding_id=finding.id,
        token_hash=hashed_token(token),
        made_by_id=actor.person_id,
        until_at=now() + LINK_LASTS,
    )
    session.add(link)
    on_record(session, actor, "finding.link_issued", finding.id)
    return link, token


def judge(
    session: Session, actor: Actor, finding_id: UUID, id: UUID, wish: RecheckWish, photos: Taken | None = None
) -> tuple[Finding, bool]:
    """Mended, not mended, open again, or closed unfixed; a yes stands on an after-photo, the re-checker's or the
    contractor's own of this round.

    Raises NotAllowed, NotFound, NotThisState, RecheckByAnother, AfterPhotoNeeded, SameIdOtherContent, PhotoDiffers.
    """
    actor.need(Permission.SUPERVISE)
    finding = finding_to_change(session, actor, finding_id)
    sent = digest(wish, actor.person_id, finding_id, *sorted((photos or {}).keys()))
    if already(session, Recheck, actor.compound.id, id, sent):
        return finding, False
    answer = last_rectification(session, finding) if finding.state == FindingState.ANSWERED else None
    shown = bool(photos) or (answer is not None and has_after_photo(session, answer))
    finding.judge(wish.verdict, actor.person_id, with_after_photo=shown)
    recheck = Recheck(
        compound_id=finding.compound_id,
        id=id,
        finding_id=finding.id,
        rectification_id=answer.id if answer else None,
        verdict=wish.verdict,
        text=wish.text or "",
        checked_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(recheck)
    hang_photos(session, finding, PhotoRole.RECHECK, photos, act_id=recheck.id, taken_by_id=actor.person_id)
    log_finding(session, finding, ACT_OF[wish.verdict], {"text": recheck.text}, reopened=finding.reopened)
    on_record(session, actor, ACT_OF[wish.verdict], finding.id)
    return finding, True


def hang_photos(
    session: Session,
    finding: Finding,
    role: PhotoRole,
    photos: Taken | None,
    *,
    act_id: UUID | None = None,
    taken_by_id: UUID | None = None,
) -> None:
    """Keep photos and show them with the finding. Raises PhotoDiffers."""
    first = _hanging(session, finding)
    for position, (photo_id, taken_in) in enumerate((photos or {}).items(), start=first):
        keep(session, finding.compound_id, photo_id, taken_in, taken_by_id)
        _hang(session, finding, photo_id, role, act_id, position)


def log_finding(session: Session, finding: Finding, type: str, told: Mapping[str, str], **facts: Value) -> None:
    """A line of the public log: what was written as its hash, the rest in the open. No names."""
    words = canonical({"v": 1, "finding": str(finding.id), **told})
    entry = Entry(
        type=type,
        compound_id=finding.compound_id,
        record_id=finding.id,
        attachments=(Attachment(sha256(words).hexdigest(), len(words), "application/json"),),
        facts={"project": str(finding.project_id), "number": finding.number, "state": str(finding.state), **facts},
    )
    publish(session, finding.compound_id, lambda _index: entry.values())
    events.tell(session, finding.compound_id, type, finding_id=finding.id, project_id=finding.project_id)


def _hang_visit_photos(session: Session, finding: Finding, wish: FindingWish) -> None:
    """Only photos of this very visit that are here."""
    for position, photo_id in enumerate(dict.fromkeys(wish.photo_ids)):
        photo = session.get(VisitPhoto, (finding.compound_id, photo_id))
        if photo is None or photo.visit_id != finding.visit_id or photo.received_at is None:
            raise NotFound
        _hang(session, finding, photo_id, PhotoRole.BEFORE, None, position)


def _hang(session: Session, finding: Finding, photo_id: UUID, role: PhotoRole, act_id: UUID | None, position: int) -> None:
    session.add(
        FindingPhoto(
            compound_id=finding.compound_id, finding_id=finding.id, photo_id=photo_id, role=role, act_id=act_id, position=position
        )
    )
    session.flush()


def _hanging(session: Session, finding: Finding) -> int:
    return session.exec(
        select(func.count()).where(FindingPhoto.compound_id == finding.compound_id, FindingPhoto.finding_id == finding.id)
    ).one()
