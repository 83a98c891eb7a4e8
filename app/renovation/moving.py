"""One step in a finding's life, whoever takes it: its row in `finding_act`, its photos, its line in the public log.

Whoever calls holds the finding's row lock (`finding_queries.finding_to_change`), so that of two who act at once one is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.compounds.numbers import next_number
from app.compounds.rules import rule
from app.kit import events
from app.kit.clock import start_of, today
from app.kit.jobs import enqueue
from app.kit.refusals import SameIdOtherContent
from app.photos.intake import TakenIn
from app.photos.likeness import remember
from app.photos.models import Photo
from app.photos.service import keep
from app.publiclog.canonical import Value, canonical
from app.publiclog.service import Attachment, Entry, publish
from app.renovation.finding_models import (
    ON_EVIDENCE,
    TO_MEND,
    ActKind,
    AwaitedPhoto,
    DueDayPassed,
    Finding,
    FindingAct,
    FindingPhoto,
)
from app.renovation.finding_queries import has_after_photo
from app.renovation.models import VisitPhoto
from app.renovation.schemas import AwaitedWish

Taken = Mapping[UUID, TakenIn]
"""Photos sent along with an act, taken in before its transaction: the client's id → its files."""

OVERDUE = "renovation.overdue"
"""Kind of the job on the day after a finding was due."""

LOGGED_AS = {ActKind.ISSUED: "raised", ActKind.MENDED: "closed", ActKind.UNFIXED: "closed_unfixed"}


@dataclass(frozen=True)
class By:
    """A person of the compound, or the contractor by a link, who says a name; neither for what happens by itself."""

    person_id: UUID | None = None
    link_id: UUID | None = None
    name: str = ""


def move(
    session: Session,
    finding: Finding,
    kind: ActKind,
    by: By,
    id: UUID,
    text: str = "",
    *,
    due_on: date | None = None,
    photos: Taken | None = None,
    awaited: Sequence[AwaitedWish] = (),
    sent: bytes = b"",
) -> FindingAct:
    """`due_on`: by when it is to be mended now, by the compound's rule where it is not said. `photos` come along, those
    `awaited` follow; a step of ON_EVIDENCE waits for them.

    Raises what `Finding.move` raises, DueDayPassed, SameIdOtherContent and PhotoDiffers.
    """
    check_due(due_on)
    waits = bool(awaited) and not photos and kind in ON_EVIDENCE
    if waits:
        finding.check(kind, by.person_id)
    else:
        finding.move(kind, by.person_id, with_after_photo=bool(photos) or has_after_photo(session, finding))
    if kind is ActKind.ISSUED:
        finding.year, finding.number = today().year, next_number(session, finding.compound_id, "finding")
        if finding.raised_at < start_of(today()):  # a draft that lay about: its contractor has the same time as others
            finding.due_on = due_on or max(finding.due_on, due_day(session, finding.compound_id))
    elif finding.state in TO_MEND and kind in (ActKind.UPHELD, ActKind.NOT_MENDED, ActKind.REOPENED):
        finding.due_on = due_on or due_day(session, finding.compound_id)
    act = write(session, finding, kind, by, id, text, sent=sent)
    hang_photos(session, finding, photos, act_id=act.id, taken_by_id=by.person_id)
    announce(session, finding, awaited, act_id=act.id)
    if finding.number:
        type = "announced" if waits else LOGGED_AS.get(kind, kind)
        publish_step(session, finding, type, text, {"photos": len(photos or {}), "awaited": len(awaited)})
    if finding.state in TO_MEND:
        _wait_for(session, finding)
    return act


def write(
    session: Session,
    finding: Finding,
    kind: ActKind,
    by: By,
    id: UUID,
    text: str = "",
    *,
    sent: bytes = b"",
    of_id: UUID | None = None,
) -> FindingAct:
    """The row of a step, with where the finding stands after it."""
    act = FindingAct(
        compound_id=finding.compound_id,
        id=id,
        finding_id=finding.id,
        position=_how_many(session, FindingAct, finding) + 1,
        kind=kind,
        by_id=by.person_id,
        link_id=by.link_id,
        by_name=by.name,
        text=text,
        state=finding.state,
        due_on=finding.due_on,
        of_id=of_id,
        sent_sha256=sent,
    )
    session.add(act)
    session.flush()
    return act


def check_due(day: date | None) -> None:
    """Raises DueDayPassed for a day on which nothing can be mended any more."""
    if day and day < today():
        raise DueDayPassed


def due_day(session: Session, compound_id: UUID) -> date:
    """By the compound's rule, from today."""
    return today() + timedelta(days=rule(session, compound_id, "finding_days"))


def hang_photos(
    session: Session,
    finding: Finding,
    photos: Taken | None,
    *,
    act_id: UUID | None = None,
    taken_by_id: UUID | None = None,
) -> None:
    """Keep photos and show them with the finding. Raises PhotoDiffers."""
    for photo_id, taken_in in (photos or {}).items():
        kept = keep(session, finding.compound_id, photo_id, taken_in, taken_by_id)
        if kept.outcome == "created":
            remember(session, kept.photo, taken_in, photos or ())
        hang(session, finding, photo_id, act_id)


def hang(session: Session, finding: Finding, photo_id: UUID, act_id: UUID | None) -> None:
    position = _how_many(session, FindingPhoto, finding)
    photo = FindingPhoto(
        compound_id=finding.compound_id, finding_id=finding.id, photo_id=photo_id, act_id=act_id, position=position
    )
    session.add(photo)
    session.flush()


def announce(session: Session, finding: Finding, awaited: Sequence[AwaitedWish], *, act_id: UUID | None = None) -> None:
    """Photos that will follow (`awaiting`). Raises SameIdOtherContent for an id that is another photo's already."""
    ids = [photo.id for photo in awaited]
    for kind in (AwaitedPhoto, VisitPhoto, Photo):
        if ids and session.exec(select(kind.id).where(kind.compound_id == finding.compound_id, col(kind.id).in_(ids))).first():
            raise SameIdOtherContent
    for position, photo in enumerate(awaited):
        told = photo.model_dump() | {"caption": photo.caption or ""}
        session.add(
            AwaitedPhoto(compound_id=finding.compound_id, finding_id=finding.id, act_id=act_id, position=position, **told)
        )
    session.flush()


def publish_step(session: Session, finding: Finding, type: str, text: str, more: Mapping[str, Value]) -> None:
    """A line of the public log: what was written as its hash, the rest in the open. No names."""
    told: dict[str, Value] = {"v": 1, "finding": str(finding.id), "text": text}
    facts: dict[str, Value] = {"reopened": finding.reopened, **more}
    if type == LOGGED_AS[ActKind.ISSUED]:
        told |= {"place": finding.place, "what": finding.what, "basis": finding.basis, "demand": finding.demand}
        facts |= {"severity": finding.severity}
    words, type = canonical(told), f"finding.{type}"
    entry = Entry(
        type=type,
        compound_id=finding.compound_id,
        record_id=finding.id,
        attachments=(Attachment(sha256(words).hexdigest(), len(words), "application/json"),),
        facts={
            "project": str(finding.project_id),
            "number": finding.number,
            "state": str(finding.state),
            "due_on": finding.due_on.isoformat(),
            **facts,
        },
    )
    publish(session, finding.compound_id, lambda _index: entry.values())
    events.tell(session, finding.compound_id, type, finding_id=finding.id, project_id=finding.project_id)


def _wait_for(session: Session, finding: Finding) -> None:
    """The key makes it one for each day that the finding was due: nobody is told of the same day twice."""
    day = finding.due_on
    payload = {"compound_id": str(finding.compound_id), "finding_id": str(finding.id), "day": day.isoformat()}
    key = f"{OVERDUE}:{finding.compound_id}:{finding.id}:{day}"
    enqueue(session, OVERDUE, payload, run_after=start_of(day + timedelta(days=1)), key=key)


def _how_many(session: Session, kind: type[FindingAct] | type[FindingPhoto], finding: Finding) -> int:
    count = select(func.count()).where(kind.compound_id == finding.compound_id, kind.finding_id == finding.id)
    return session.exec(count).one()
