"""Verbs: submit a visit, and receive its photos one by one. The text exists at once; completeness is a state."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.consents import Purpose, consented
from app.access.permissions import Permission
from app.access.record import on_record
from app.compounds.numbers import next_number
from app.kit import events
from app.kit.clock import now, today
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed, NotFound, SameIdOtherContent
from app.photos.intake import TakenIn
from app.photos.likeness import remember
from app.photos.models import Photo
from app.photos.service import keep
from app.publiclog.canonical import Value
from app.publiclog.service import Attachment, Entry, publish
from app.renovation.check_models import CheckItem, VisitCheck, VisitRecheck
from app.renovation.check_queries import items_asked
from app.renovation.check_schemas import CheckWish
from app.renovation.finding_queries import finding_for
from app.renovation.findings import raise_finding
from app.renovation.freezing import frozen, raised_id
from app.renovation.models import AlreadyCorrected, EmptyVisit, PhotoNotAnnounced, Project, Visit, VisitMaterial, VisitPhoto
from app.renovation.point_models import PhotoPoint
from app.renovation.queries import announced_photos, project_to_change, visit_for
from app.renovation.schemas import FindingWish, VisitWish


@dataclass(frozen=True)
class Arrived:
    """`made`: this call brought it. `complete`: nothing that the visit announced is missing any more."""

    photo: Photo
    made: bool
    complete: bool


def submit_visit(
    session: Session, actor: Actor, id: UUID, wish: VisitWish, not_before_at: datetime | None = None
) -> tuple[Visit, bool]:
    """A visit with the photos it announces; they follow. `not_before_at`: from the nonce, as the server read it.

    Raises NotAllowed (also for another's visit to correct), NotFound, SameIdOtherContent, AlreadyCorrected, EmptyVisit.
    """
    actor.need(Permission.SUPERVISE)
    project = project_to_change(session, actor, wish.project_id)
    sent = digest(wish, actor.person_id)
    if before := already(session, Visit, actor.compound.id, id, sent):
        return before, False
    if wish.says_nothing:
        raise EmptyVisit
    if wish.supersedes_id:
        _check_correctable(session, actor, project.id, wish.supersedes_id)
    _check_points(session, project, {photo.point_id for photo in wish.photos if photo.point_id})
    _check_photo_ids_are_new(session, actor.compound.id, [photo.id for photo in wish.photos])
    skew = int((wish.started_at - not_before_at).total_seconds()) if wish.started_at and not_before_at else None
    visit = Visit(
        compound_id=actor.compound.id,
        id=id,
        project_id=project.id,
        supervisor_id=actor.person_id,
        supersedes_id=wish.supersedes_id,
        year=today().year,
        number=next_number(session, actor.compound.id, "visit"),
        place=wish.place,
        weather=wish.weather,
        progress=wish.progress or "",
        checked=wish.checked or "",
        problems=wish.problems or "",
        others=wish.others or "",
        present=wish.present or "",
        headcount=wish.headcount,
        tests=wish.tests or "",
        complaints=wish.complaints or "",
        safety=wish.safety or "",
        next_on=wish.next_on,
        started_at=wish.started_at,
        device_at=wish.device_at,
        not_before_at=not_before_at,
        skew_seconds=skew,
        frozen=b"",
        sha256=b"",
        sent_sha256=sent,
    )
    checks = _answers(session, visit.compound_id, wish)
    visit.frozen = frozen(visit, wish, checks)
    visit.sha256 = sha256(visit.frozen).digest()
    session.add(visit)
    session.flush()
    _announce(session, actor, visit, wish)
    _write_parts(session, actor, visit, wish, checks)
    announced: list[Value] = [photo.announced_sha256 for photo in wish.photos]
    entry = Entry(
        type="visit.submitted",
        compound_id=visit.compound_id,
        record_id=visit.id,
        attachments=(Attachment(visit.sha256.hex(), len(visit.frozen), "application/json"),),
        facts={"project": str(project.id), "number": visit.number, "photos": announced},
    )
    publish(session, visit.compound_id, lambda _index: entry.values())
    _record(session, actor, visit, "visit.submitted")
    _raise(session, actor, visit, wish)
    if not wish.photos:
        _completed(session, actor, visit)
    return visit, True


def _announce(session: Session, actor: Actor, visit: Visit, wish: VisitWish) -> None:
    """The photos that will follow. Where each was taken is kept only with the supervisor's consent."""
    may_place = consented(session, actor.compound.id, actor.person_id, Purpose.VISIT_POSITION)
    for position, photo in enumerate(wish.photos):
        lat, lon, accuracy = photo.place if may_place else (None, None, None)
        session.add(
            VisitPhoto(
                compound_id=visit.compound_id,
                id=photo.id,
                visit_id=visit.id,
                position=position,
                announced_sha256=photo.announced_sha256,
                source=photo.source,
                role=photo.role,
                item_id=photo.item_id,
                point_id=photo.point_id,
                caption=photo.caption or "",
                device_at=photo.device_at,
                exif_at=photo.exif_at,
                lat=lat,
                lon=lon,
                accuracy=accuracy,
            )
        )


def _write_parts(
    session: Session, actor: Actor, visit: Visit, wish: VisitWish, checks: list[tuple[CheckItem, CheckWish]]
) -> None:
    """What a visit holds several of. Raises NotFound for a finding of another project, or one that was never issued."""
    for position, material in enumerate(wish.materials):
        session.add(
            VisitMaterial(
                compound_id=visit.compound_id,
                visit_id=visit.id,
                position=position,
                name=material.name,
                quantity=material.quantity or "",
            )
        )
    for position, (item, check) in enumerate(checks):
        session.add(
            VisitCheck(
                compound_id=visit.compound_id,
                visit_id=visit.id,
                position=position,
                item_id=item.id,
                found=check.found,
                words=check.words or "",
            )
        )
    for position, recheck in enumerate(wish.rechecks):
        finding = finding_for(session, actor, recheck.finding_id)
        if finding.project_id != visit.project_id or finding.number is None:
            raise NotFound
        session.add(
            VisitRecheck(
                compound_id=visit.compound_id,
                visit_id=visit.id,
                position=position,
                finding_id=recheck.finding_id,
                seen=recheck.seen,
                words=recheck.words or "",
            )
        )


def receive_photo(session: Session, actor: Actor, visit_id: UUID, photo_id: UUID, taken_in: TakenIn | None) -> Arrived:
    """One of the announced photos has arrived; the last one completes the visit. `taken_in` is None for one that was seen to
    be here already, byte for byte.

    Raises NotAllowed, NotFound, PhotoNotAnnounced (also for another supervisor's visit), PhotoDiffers.
    """
    visit, announced = photo_to_receive(session, actor, visit_id, photo_id, lock=True)
    if taken_in is None:
        photo = session.get_one(Photo, (visit.compound_id, photo_id))
        return Arrived(photo, made=False, complete=is_complete(session, visit))
    photo = keep(session, visit.compound_id, photo_id, taken_in, actor.person_id).photo
    made = announced.received_at is None
    if made:
        announced.received_at = now()
        remember(session, photo, taken_in, {one.id for one in announced_photos(session, visit)})
    complete = is_complete(session, visit)
    if made and complete:
        _completed(session, actor, visit)
    return Arrived(photo, made, complete)


def photo_to_receive(
    session: Session, actor: Actor, visit_id: UUID, photo_id: UUID, *, lock: bool = False
) -> tuple[Visit, VisitPhoto]:
    """The announcement of a photo that this supervisor may send. Raises NotAllowed, NotFound, PhotoNotAnnounced."""
    actor.need(Permission.SUPERVISE)
    visit = visit_for(session, actor, visit_id, lock=lock)
    announced = session.get(VisitPhoto, (visit.compound_id, photo_id), populate_existing=True)
    if announced is None or announced.visit_id != visit.id or visit.supervisor_id != actor.person_id:
        raise PhotoNotAnnounced
    return visit, announced


def is_complete(session: Session, visit: Visit) -> bool:
    return all(photo.received_at for photo in announced_photos(session, visit))


def _answers(session: Session, compound_id: UUID, wish: VisitWish) -> list[tuple[CheckItem, CheckWish]]:
    """To every item of the lists that were used: what was not answered was not looked at. Raises NotFound."""
    given = {check.item_id: check for check in wish.checks}
    asked = given.keys() | {photo.item_id for photo in wish.photos if photo.item_id}
    return [(item, given.get(item.id, CheckWish(item_id=item.id))) for item in items_asked(session, compound_id, list(asked))]


def _raise(session: Session, actor: Actor, visit: Visit, wish: VisitWish) -> None:
    """The drafts that were written with it: for supervisors, until one of them issues them."""
    for n, raised in enumerate(wish.raises):
        draft = FindingWish(
            visit_id=visit.id,
            place=raised.place or visit.place,
            what=raised.what,
            demand=raised.demand or _("按图纸和规范改好。"),
            severity=raised.severity,
            draft=True,
        )
        raise_finding(session, actor, visit.project_id, raised_id(visit, n), draft)


def _check_correctable(session: Session, actor: Actor, project_id: UUID, id: UUID) -> None:
    wrong = visit_for(session, actor, id)
    if wrong.supervisor_id != actor.person_id:
        raise NotAllowed
    later = session.exec(select(Visit.id).where(Visit.compound_id == actor.compound.id, Visit.supersedes_id == id)).first()
    if later is not None or wrong.project_id != project_id:
        raise AlreadyCorrected


def _check_points(session: Session, project: Project, ids: set[UUID]) -> None:
    for id in ids:
        point = session.get(PhotoPoint, (project.compound_id, id))
        if point is None or point.project_id != project.id:
            raise NotFound


def _check_photo_ids_are_new(session: Session, compound_id: UUID, ids: list[UUID]) -> None:
    """A photo hangs in the visit that announced it: another one's, or a voucher, cannot be drawn in by its id."""
    for kind in (VisitPhoto, Photo):
        if ids and session.exec(select(kind.id).where(kind.compound_id == compound_id, col(kind.id).in_(ids))).first():
            raise SameIdOtherContent


def _completed(session: Session, actor: Actor, visit: Visit) -> None:
    entry = Entry(type="visit.completed", compound_id=visit.compound_id, record_id=visit.id)
    publish(session, visit.compound_id, lambda _index: entry.values())
    _record(session, actor, visit, "visit.completed")


def _record(session: Session, actor: Actor, visit: Visit, act: str) -> None:
    events.tell(session, visit.compound_id, act, visit_id=visit.id, project_id=visit.project_id)
    on_record(session, actor, act, visit.id)
