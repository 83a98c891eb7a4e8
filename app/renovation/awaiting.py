"""Photos of findings that follow their words, one by one; and what stands once they are here.

The rule and its reason are at `finding_models.ON_EVIDENCE`. Whoever sent the words sends the photos: a supervisor's own, or
those of whoever holds the contractor's link.
"""

from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.kit.ids import new_id
from app.kit.refusals import NotFound
from app.photos.intake import TakenIn
from app.photos.likeness import remember
from app.photos.models import Photo
from app.photos.queries import photos_of
from app.photos.service import keep
from app.renovation.contractor import TOLD, tell_supervisors
from app.renovation.finding_models import (
    ActKind,
    AwaitedPhoto,
    Finding,
    FindingAct,
    FindingPhoto,
    PhotoNotAwaited,
)
from app.renovation.finding_queries import finding_for, finding_to_change, waits
from app.renovation.holders import Holder
from app.renovation.moving import LOGGED_AS, By, hang, publish_step, write
from app.renovation.visiting import Arrived

Sender = Actor | Holder


def photo_to_receive(
    session: Session, sender: Sender, finding_id: UUID, act_id: UUID | None, photo_id: UUID, *, lock: bool = False
) -> tuple[Finding, FindingAct | None, AwaitedPhoto]:
    """The announcement of a photo that this person may send: with a step of theirs, or (`act_id` None) with a finding that they
    raised. Raises NotAllowed, NotFound, PhotoNotAwaited.
    """
    if isinstance(sender, Actor):
        sender.need(Permission.SUPERVISE)
    finding = (finding_to_change if lock else finding_for)(session, sender, finding_id)
    act = session.get(FindingAct, (finding.compound_id, act_id)) if act_id else None
    awaited = session.get(AwaitedPhoto, (finding.compound_id, photo_id))
    if awaited is None or (awaited.finding_id, awaited.act_id) != (finding.id, act_id) or not _is_of(sender, act, finding):
        raise PhotoNotAwaited
    return finding, act, awaited


def receive_photo(
    session: Session, sender: Sender, finding_id: UUID, act_id: UUID | None, photo_id: UUID, taken_in: TakenIn | None
) -> Arrived:
    """One of the announced photos has arrived. `taken_in` is None for one that was seen to be here, byte for byte.

    Raises what `photo_to_receive` raises, and PhotoDiffers.
    """
    finding, act, awaited = photo_to_receive(session, sender, finding_id, act_id, photo_id, lock=True)
    if taken_in is None:
        photo, made = session.get_one(Photo, (finding.compound_id, photo_id)), False
    else:
        by_id = sender.person_id if isinstance(sender, Actor) else None
        photo, made = keep(session, finding.compound_id, photo_id, taken_in, by_id).photo, not hangs(session, awaited)
    if made and taken_in:
        remember(session, photo, taken_in, {one.id for one, _here in awaited_of(session, finding, act_id)})
        hang(session, finding, photo_id, act_id)
        if act and waits(session, act):
            _stand(session, finding, act)
    return Arrived(photo, made, all(here for _photo, here in awaited_of(session, finding, act_id)))


def hangs(session: Session, awaited: AwaitedPhoto) -> bool:
    """Whether it is here, shown with its finding."""
    hanging = select(FindingPhoto.id).where(
        FindingPhoto.compound_id == awaited.compound_id,
        FindingPhoto.finding_id == awaited.finding_id,
        FindingPhoto.photo_id == awaited.id,
    )
    return session.exec(hanging).first() is not None


def awaited_of(session: Session, finding: Finding, act_id: UUID | None) -> list[tuple[AwaitedPhoto, Photo | None]]:
    """What was announced with the finding or with one of its steps, in order; and the photo, where it is here.

    Raises NotFound for a step that is not this finding's.
    """
    if act_id:
        act = session.get(FindingAct, (finding.compound_id, act_id))
        if act is None or act.finding_id != finding.id:
            raise NotFound
    awaited = session.exec(
        select(AwaitedPhoto)
        .where(AwaitedPhoto.compound_id == finding.compound_id, AwaitedPhoto.finding_id == finding.id)
        .where(AwaitedPhoto.act_id == act_id)
        .order_by(col(AwaitedPhoto.position))
    ).all()
    here = photos_of(session, finding.compound_id, [photo.id for photo in awaited if hangs(session, photo)])
    return [(photo, here.get(photo.id)) for photo in awaited]


def _is_of(sender: Sender, act: FindingAct | None, finding: Finding) -> bool:
    if isinstance(sender, Holder):
        return act is not None and act.link_id == sender.link.id
    return sender.person_id == (act.by_id if act else finding.raised_by_id)


def _stand(session: Session, finding: Finding, act: FindingAct) -> None:
    """The step that waited is taken now, where it still can be; that its photo came is on record either way."""
    kind, by = ActKind(act.kind), By(act.by_id, act.link_id, act.by_name)
    possible = finding.why_not(kind, act.by_id) is None
    if possible:
        finding.move(kind, act.by_id, with_after_photo=True)
    write(session, finding, ActKind.ARRIVED, by, new_id(), of_id=act.id)
    type = LOGGED_AS.get(kind, kind) if possible else "arrived_late"
    publish_step(session, finding, type, act.text, {"photos": 1, "announced_in": act.position})
    if possible and kind in TOLD:
        tell_supervisors(session, finding, kind)
