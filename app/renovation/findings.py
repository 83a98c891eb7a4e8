"""Verbs of supervisors: raise a finding, send the contractor a link to it, judge what was done; and of whoever sees it broken
again.

Every verb about a finding locks its row first, so that two supervisors who judge at once leave one judgement; to raise one, its
project's.
"""

import secrets
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.holders import holders_of
from app.access.permissions import Permission
from app.access.record import on_record
from app.accounts.service import hashed_token
from app.inbox.service import send
from app.kit.clock import now
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed, NotFound
from app.renovation.finding_models import (
    LINK_LASTS,
    LIVE,
    RUNS_LATE,
    ActKind,
    Finding,
    FindingAct,
    FindingLink,
    NotThisState,
)
from app.renovation.finding_queries import finding_to_change, last_act, link_of
from app.renovation.models import VisitPhoto
from app.renovation.moving import By, Taken, announce, check_due, due_day, hang, hang_photos, move
from app.renovation.queries import project_to_change, visit_for
from app.renovation.schemas import ActWish, FindingWish, ReportWish


def raise_finding(
    session: Session, actor: Actor, project_id: UUID, id: UUID, wish: FindingWish, photos: Taken | None = None
) -> tuple[Finding, bool]:
    """Written down; and issued at once with the next number, unless it is to stay a draft.

    Raises NotAllowed, NotFound (project, visit, a photo that is not that visit's), SameIdOtherContent, DueDayPassed,
    PhotoDiffers.
    """
    actor.need(Permission.SUPERVISE)
    project = project_to_change(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id, *sorted((photos or {}).keys()))
    if before := already(session, Finding, actor.compound.id, id, sent):
        return before, False
    if not wish.draft:
        check_due(wish.due_on)
    if wish.visit_id and visit_for(session, actor, wish.visit_id).project_id != project.id:
        raise NotFound
    finding = Finding(
        compound_id=actor.compound.id,
        id=id,
        project_id=project.id,
        visit_id=wish.visit_id,
        place=wish.place,
        what=wish.what,
        basis=wish.basis or "",
        demand=wish.demand,
        severity=wish.severity,
        due_on=wish.due_on or due_day(session, actor.compound.id),
        raised_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(finding)
    session.flush()
    _hang_visit_photos(session, finding, wish)
    hang_photos(session, finding, photos, taken_by_id=actor.person_id)
    announce(session, finding, wish.photos)
    if not wish.draft:
        move(session, finding, ActKind.ISSUED, By(actor.person_id), new_id())
    on_record(session, actor, "finding.drafted" if wish.draft else "finding.raised", finding.id)
    return finding, True


def issue_link(session: Session, actor: Actor, finding_id: UUID) -> tuple[FindingLink, str]:
    """A link for the contractor and its token, which is stored nowhere; the one before ends.

    Raises NotAllowed, NotFound, NotThisState for a finding that is closed, or not issued yet.
    """
    actor.need(Permission.SUPERVISE)
    finding = finding_to_change(session, actor, finding_id)
    if finding.state not in LIVE:
        raise NotThisState
    if former := link_of(session, finding):
        former.ended_at = now()
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


def revoke_link(session: Session, actor: Actor, finding_id: UUID) -> Finding:
    """Nobody gets in by it any more. Raises NotAllowed, NotFound."""
    actor.need(Permission.SUPERVISE)
    finding = finding_to_change(session, actor, finding_id)
    if link := link_of(session, finding):
        link.ended_at = now()
        on_record(session, actor, "finding.link_revoked", finding.id)
    return finding


def act(
    session: Session, actor: Actor, finding_id: UUID, id: UUID, wish: ActWish, photos: Taken | None = None
) -> tuple[Finding, bool]:
    """What a supervisor does about a finding; mended stands on an after-photo, the re-checker's or the contractor's own of
    this round.

    Raises NotAllowed, NotFound, NotThisState, ByAnother, AfterPhotoNeeded, AlreadySeconded, NothingReported, DueDayPassed,
    SameIdOtherContent, PhotoDiffers.
    """
    actor.need(Permission.SUPERVISE)
    finding = finding_to_change(session, actor, finding_id)
    sent = digest(wish, actor.person_id, finding_id, *sorted((photos or {}).keys()))
    if already(session, FindingAct, actor.compound.id, id, sent):
        return finding, False
    report = last_act(session, finding, ActKind.REPORTED) if finding.reported_at else None
    by, text = By(actor.person_id), wish.text or ""
    move(session, finding, wish.kind, by, id, text, due_on=wish.due_on, photos=photos, awaited=wish.photos, sent=sent)
    if report and report.by_id and wish.kind in (ActKind.REOPENED, ActKind.DISMISSED):
        title = _("您报的又坏了，监督员看过了") if wish.kind is ActKind.DISMISSED else _("您报的又坏了，重新打开整改了")
        send(session, finding.compound_id, report.by_id, title, wish.text or "", _page(finding))
    on_record(session, actor, f"finding.{wish.kind}", finding.id)
    return finding, True


def report(
    session: Session, actor: Actor, finding_id: UUID, id: UUID, wish: ReportWish, photos: Taken | None = None
) -> tuple[Finding, bool]:
    """Whoever lives here says that what was closed is broken again; a supervisor has to look and to answer.

    Raises NotAllowed, NotFound, NotThisState, AlreadyReported, SameIdOtherContent, PhotoDiffers.
    """
    if not actor.is_resident:
        raise NotAllowed
    finding = finding_to_change(session, actor, finding_id)
    sent = digest(wish, actor.person_id, finding_id, *sorted((photos or {}).keys()))
    if already(session, FindingAct, actor.compound.id, id, sent):
        return finding, False
    move(session, finding, ActKind.REPORTED, By(actor.person_id), id, wish.text, photos=photos, sent=sent)
    for person_id in holders_of(session, finding.compound_id, Permission.SUPERVISE):
        send(session, finding.compound_id, person_id, _("有人报：又坏了"), f"{finding.place}：{wish.text}", _page(finding))
    on_record(session, actor, "finding.reported", finding.id)
    return finding, True


def escalate(session: Session, payload: dict[str, str]) -> None:
    """The job on the day after a finding was due: where it still is to be mended, the community officer is told, in public."""
    key = (UUID(payload["compound_id"]), UUID(payload["finding_id"]))
    finding = session.get(Finding, key, with_for_update=True)
    if finding is None or finding.due_on.isoformat() != payload["day"]:
        return
    if finding.state not in RUNS_LATE:
        return
    move(session, finding, ActKind.ESCALATED, By(), new_id())
    words = _("%(place)s：%(what)s", place=finding.place, what=finding.what)
    for person_id in holders_of(session, finding.compound_id, Permission.OVERSEE):
        send(session, finding.compound_id, person_id, _("整改 %(n)s 号过期没改好", n=finding.number), words, _page(finding))


def _page(finding: Finding) -> str:
    return f"/works/findings/{finding.id}"


def _hang_visit_photos(session: Session, finding: Finding, wish: FindingWish) -> None:
    """Only photos of this very visit that are here."""
    for photo_id in dict.fromkeys(wish.photo_ids):
        photo = session.get(VisitPhoto, (finding.compound_id, photo_id))
        if photo is None or photo.visit_id != finding.visit_id or photo.received_at is None:
            raise NotFound
        hang(session, finding, photo_id, None)
