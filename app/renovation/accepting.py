"""Verbs of an acceptance: open a round, check its parts, make a reservation, propose how it ends, sign that, conclude it.

The project's row is locked before the round's where both are needed. Every change raises the round's edition, so that what was
signed before it counts no more.
"""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.access.actors import Actor
from app.access.holders import holders_of
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.people import share_a_home
from app.compounds.rules import rule
from app.inbox.service import send
from app.kit import events
from app.kit.clock import start_of, today
from app.kit.i18n import _
from app.kit.jobs import enqueue
from app.kit.once import already, digest
from app.kit.refusals import Malformed, NotFound, SameIdOtherContent
from app.notices.models import NoticeKind
from app.notices.service import publish_notice
from app.publiclog.canonical import Value, canonical
from app.publiclog.service import Attachment, Entry, commit_to, publish
from app.renovation.acceptance_content import check_fit, content_of, opinions_digest, said
from app.renovation.acceptance_models import (
    ASKED_AT,
    Acceptance,
    AcceptanceChanged,
    AcceptancePart,
    Outcome,
    PartCheck,
    Proposal,
    QuorumMissing,
    Reservation,
    RoundGoesOn,
    Signature,
    SignedAtHome,
)
from app.renovation.acceptance_queries import (
    acceptance_for,
    acceptance_to_change,
    acceptances_of,
    outcome_names,
    parts_of,
    quorum_of,
    reservations_of,
    signed_by,
)
from app.renovation.acceptance_schemas import AcceptanceWish, PartWish, ProposalWish, ReservationWish, SignWish
from app.renovation.check_queries import items_asked
from app.renovation.finding_models import Finding
from app.renovation.findings import raise_finding
from app.renovation.following import tell_followers
from app.renovation.life_models import NotThisStage
from app.renovation.living import note_judgement
from app.renovation.models import Project, VisitPhoto
from app.renovation.queries import project_to_change, visit_for
from app.renovation.schemas import FindingWish

ALL_IN = "renovation.opinions_in"
"""Kind of the job when no more opinions are taken."""


def open_round(session: Session, actor: Actor, project_id: UUID, id: UUID, wish: AcceptanceWish) -> tuple[Acceptance, bool]:
    """Residents are asked from now on; False: an equal request has done it before.

    Raises NotAllowed, NotFound, NotThisStage, RoundGoesOn, Malformed (less time than the rule gives), SameIdOtherContent.
    """
    actor.need(Permission.SUPERVISE)
    project = project_to_change(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id)
    if before := already(session, Acceptance, actor.compound.id, id, sent):
        return before, False
    if project.stage not in ASKED_AT:
        raise NotThisStage
    rounds = acceptances_of(session, project)
    if rounds and rounds[0].concluded_at is None:
        raise RoundGoesOn
    days = rule(session, project.compound_id, "acceptance_days")
    earliest = today() + timedelta(days=days)
    if wish.closes_on and wish.closes_on < earliest:
        raise Malformed((("/body/closes_on", "too_early", _("至少要收 %(n)s 天。", n=days)),))
    acceptance = Acceptance(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        position=len(rounds) + 1,
        text=wish.text or "",
        opened_by_id=actor.person_id,
        closes_at=start_of((wish.closes_on or earliest) + timedelta(days=1)),
        sent_sha256=sent,
    )
    session.add(acceptance)
    session.flush()
    ids = {"compound_id": str(acceptance.compound_id), "acceptance_id": str(acceptance.id)}
    enqueue(session, ALL_IN, ids, run_after=acceptance.closes_at, key=f"{ALL_IN}:{acceptance.compound_id}:{acceptance.id}")
    tell_followers(session, project, _("开始收居民验收意见了"), _page(acceptance), but=actor.person_id)
    _log(session, actor, acceptance, "opened", {"until": acceptance.closes_at.isoformat()}, {"asked": acceptance.text})
    return acceptance, True


def check_part(session: Session, actor: Actor, acceptance_id: UUID, id: UUID, wish: PartWish) -> tuple[AcceptancePart, bool]:
    """Every item of one list, at one part of the works; checked again, it takes the place of the check before.

    Raises NotAllowed, NotFound (round, item, a photo that is not here or not of this project), Malformed (items of two lists,
    or not all of one), AcceptanceConcluded, SameIdOtherContent.
    """
    actor.need(Permission.SUPERVISE)
    acceptance = acceptance_to_change(session, actor, acceptance_id)
    sent = digest(wish, actor.person_id, acceptance_id)
    if before := already(session, AcceptancePart, actor.compound.id, id, sent):
        return before, False
    acceptance.change()
    items = items_asked(session, acceptance.compound_id, [check.item_id for check in wish.checks])
    answered = {check.item_id for check in wish.checks}
    if answered != {item.id for item in items} or len(answered) < len(wish.checks) or len({item.list_id for item in items}) > 1:
        raise Malformed((("/body/checks", "not_whole", _("这张检查表的每一项都要填，各填一次。")),))
    part = AcceptancePart(
        compound_id=acceptance.compound_id,
        id=id,
        acceptance_id=acceptance.id,
        position=_how_many(session, AcceptancePart, acceptance) + 1,
        name=wish.name,
        list_id=items[0].list_id,
        checked_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(part)
    session.flush()
    for check in wish.checks:
        if check.photo_id:
            _check_photo(session, actor, acceptance, check.photo_id)
        told = check.model_dump() | {"words": check.words or ""}
        session.add(PartCheck(compound_id=part.compound_id, part_id=part.id, **told))
    session.flush()
    found: list[Value] = [check.model_dump(mode="json") for check in wish.checks]
    _log(session, actor, acceptance, "part_checked", {"part": str(part.id)}, {"name": part.name, "found": found})
    return part, True


def reserve(session: Session, actor: Actor, acceptance_id: UUID, id: UUID, wish: ReservationWish) -> tuple[Finding, bool]:
    """A reservation is a finding with its day, issued at once; what becomes of it is that finding's life.

    Raises NotAllowed, NotFound, AcceptanceConcluded, DueDayPassed, SameIdOtherContent.
    """
    actor.need(Permission.SUPERVISE)
    project = project_to_change(session, actor, acceptance_for(session, actor, acceptance_id).project_id)
    acceptance = acceptance_to_change(session, actor, acceptance_id)
    raised = FindingWish(**wish.model_dump())
    finding, made = raise_finding(session, actor, project.id, id, raised)
    if not made:
        before = session.get(Reservation, (acceptance.compound_id, id))
        if before is None or before.acceptance_id != acceptance.id:
            raise SameIdOtherContent(at=finding.at.format(row=finding))
        return finding, False
    acceptance.change()
    session.add(Reservation(compound_id=acceptance.compound_id, id=finding.id, acceptance_id=acceptance.id))
    session.flush()
    _log(session, actor, acceptance, "reserved", {"finding": str(finding.id), "number": finding.number})
    return finding, True


def propose(session: Session, actor: Actor, acceptance_id: UUID, id: UUID, wish: ProposalWish) -> tuple[Proposal, bool]:
    """What the supervisors are asked to sign; the one before counts no more.

    Raises NotAllowed, NotFound, StillAsking, AcceptanceConcluded, NothingChecked, OutcomeUnfit, SameIdOtherContent.
    """
    actor.need(Permission.SUPERVISE)
    acceptance = acceptance_to_change(session, actor, acceptance_id)
    sent = digest(wish, actor.person_id, acceptance_id)
    if before := already(session, Proposal, actor.compound.id, id, sent):
        return before, False
    acceptance.check_all_in()
    check_fit(wish.outcome, parts_of(session, actor, acceptance), reservations_of(session, acceptance))
    acceptance.change()
    proposal = Proposal(
        compound_id=acceptance.compound_id,
        id=id,
        acceptance_id=acceptance.id,
        position=_how_many(session, Proposal, acceptance) + 1,
        outcome=wish.outcome,
        text=wish.text or "",
        by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(proposal)
    session.flush()
    _tell_supervisors(session, acceptance, _("拟好了验收结论，请看过再签"), but=actor.person_id)
    _log(session, actor, acceptance, "proposed", {"outcome": proposal.outcome}, {"because": proposal.text})
    return proposal, True


def sign(session: Session, actor: Actor, acceptance_id: UUID, id: UUID, wish: SignWish) -> tuple[Acceptance, bool]:
    """Sign what was seen; a person's second signature under the same counts once.

    Raises NotAllowed, SecondFactorNeeded, NotFound, StillAsking, AcceptanceConcluded, NothingProposed, AcceptanceChanged,
    SignedAtHome, SameIdOtherContent.
    """
    actor.need(Permission.SUPERVISE)
    actor.need_second_factor()
    acceptance = acceptance_to_change(session, actor, acceptance_id)
    sent = digest(wish, actor.person_id, acceptance_id)
    if already(session, Signature, actor.compound.id, id, sent):
        return acceptance, False
    acceptance.check_all_in()
    content = _content_seen(session, actor, acceptance, wish)
    signed = signed_by(session, actor, acceptance, content)
    if any(one.by_id == actor.person_id for one in signed):
        return acceptance, False
    if any(share_a_home(session, acceptance.compound_id, one.by_id, actor.person_id) for one in signed):
        raise SignedAtHome
    signature = Signature(
        compound_id=acceptance.compound_id,
        id=id,
        acceptance_id=acceptance.id,
        by_id=actor.person_id,
        content_hash=content,
        sent_sha256=sent,
    )
    session.add(signature)
    session.flush()
    _log(session, actor, acceptance, "signed", {"content_sha256": content.hex()})
    return acceptance, True


def conclude(session: Session, actor: Actor, acceptance_id: UUID, wish: SignWish) -> Acceptance:
    """Publish what enough supervisors have signed: its notice holds these very bytes. The same again changes nothing.

    Raises NotAllowed, SecondFactorNeeded, NotFound, StillAsking, AcceptanceConcluded, NothingProposed, AcceptanceChanged,
    QuorumMissing, NothingChecked, OutcomeUnfit.
    """
    actor.need(Permission.SUPERVISE)
    actor.need_second_factor()
    project = project_to_change(session, actor, acceptance_for(session, actor, acceptance_id).project_id)
    acceptance = acceptance_to_change(session, actor, acceptance_id)
    if acceptance.concluded_at and wish.content_hash == sha256(content_of(session, actor, acceptance)).hexdigest():
        return acceptance
    acceptance.check_all_in()
    content = _content_seen(session, actor, acceptance, wish)
    signed, needed = signed_by(session, actor, acceptance, content), quorum_of(session, acceptance.compound_id).needed
    if len(signed) < needed:
        raise QuorumMissing(needed=needed, had=len(signed))
    document = said(session, actor, acceptance)
    outcome = Outcome(document["outcome"])
    check_fit(outcome, parts_of(session, actor, acceptance), reservations_of(session, acceptance))
    acceptance.conclude(actor.person_id)
    title = _("%(title)s：居民监督验收意见", title=project.title)
    publish_notice(session, actor, NoticeKind.ACCEPTANCE, title, _page(acceptance), acceptance.id, document)
    note_judgement(session, actor, project, outcome_names()[outcome])
    facts: dict[str, Value] = {"outcome": outcome, "content_sha256": content.hex(), "signatures": len(signed), "needed": needed}
    every = commit_to(session, acceptance.compound_id, opinions_digest(session, acceptance))
    _log(session, actor, acceptance, "concluded", facts, commits={"opinions_sha256": every})
    return acceptance


def tell_all_in(session: Session, payload: dict[str, str]) -> None:
    """The job when no more opinions are taken: the supervisors come to their conclusion."""
    acceptance = session.get_one(Acceptance, (UUID(payload["compound_id"]), UUID(payload["acceptance_id"])))
    if acceptance.concluded_at is None:
        _tell_supervisors(session, acceptance, _("居民验收意见收齐了，请拟结论"))


def _content_seen(session: Session, actor: Actor, acceptance: Acceptance, wish: SignWish) -> bytes:
    """SHA-256 of what is signed. Raises NothingProposed, AcceptanceChanged."""
    content = sha256(content_of(session, actor, acceptance))
    if content.hexdigest() != wish.content_hash:
        raise AcceptanceChanged
    return content.digest()


def _check_photo(session: Session, actor: Actor, acceptance: Acceptance, photo_id: UUID) -> None:
    photo = session.get(VisitPhoto, (acceptance.compound_id, photo_id))
    if photo is None or photo.received_at is None:
        raise NotFound
    if visit_for(session, actor, photo.visit_id).project_id != acceptance.project_id:
        raise NotFound


def _how_many(session: Session, kind: type[AcceptancePart] | type[Proposal], acceptance: Acceptance) -> int:
    counted = select(func.count(col(kind.id)))
    return session.exec(counted.where(kind.compound_id == acceptance.compound_id, kind.acceptance_id == acceptance.id)).one()


def _page(acceptance: Acceptance) -> str:
    return acceptance.at.format(row=acceptance)


def _tell_supervisors(session: Session, acceptance: Acceptance, title: str, *, but: UUID | None = None) -> None:
    project = session.get_one(Project, (acceptance.compound_id, acceptance.project_id))
    for person_id in holders_of(session, acceptance.compound_id, Permission.SUPERVISE):
        if person_id != but:
            send(session, acceptance.compound_id, person_id, title, project.title, _page(acceptance))


def _log(
    session: Session,
    actor: Actor,
    acceptance: Acceptance,
    act: str,
    facts: Mapping[str, Value],
    words: dict[str, Value] | None = None,
    *,
    commits: dict[str, str] | None = None,
) -> None:
    """A line of the public log: what was written as its hash, who did it as a commitment, the rest in the open."""
    attachments: tuple[Attachment, ...] = ()
    if words:
        written = canonical({"v": 1, "acceptance": str(acceptance.id), **words})
        attachments = (Attachment(sha256(written).hexdigest(), len(written), "application/json"),)
    by = commit_to(session, acceptance.compound_id, actor.name, of=actor.person_id)
    entry = Entry(
        type=f"acceptance.{act}",
        compound_id=acceptance.compound_id,
        record_id=acceptance.id,
        record_version=acceptance.edition + 1,
        attachments=attachments,
        commits={"by": by} | (commits or {}),
        facts={"project": str(acceptance.project_id), "round": acceptance.position, **facts},
    )
    publish(session, acceptance.compound_id, lambda _index: entry.values())
    events.tell(session, acceptance.compound_id, entry.type, acceptance_id=acceptance.id, project_id=acceptance.project_id)
    on_record(session, actor, entry.type, acceptance.id)
