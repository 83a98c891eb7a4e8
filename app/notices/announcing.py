"""Verb: publish a notice in one's own words."""

from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import Malformed
from app.notices.models import MOST_PHOTOS, Announcement, AnnouncementPhoto, Notice, NoticeKind, TooManyPhotos
from app.notices.queries import notice_for
from app.notices.schemas import AnnouncementWish
from app.notices.service import publish_notice
from app.photos.intake import TakenIn
from app.photos.models import Photo
from app.photos.queries import photos_of
from app.photos.service import keep
from app.publiclog.canonical import Value


def announce(session: Session, actor: Actor, id: UUID, wish: AnnouncementWish) -> tuple[Notice, bool]:
    """A general notice, open to objections for as long as the compound's rules say; and whether this call made it.

    `wish.photos` are the actor's own, kept before. Raises NotAllowed, SecondFactorNeeded, SameIdOtherContent, TooManyPhotos,
    Malformed for pictures that are not there or that nobody vouched for.
    """
    actor.need(Permission.PUBLISH_NOTICE)
    actor.need_second_factor()
    sent = digest(wish, actor.person_id)
    if before := already(session, Announcement, actor.compound.id, id, sent):
        return notice_for(session, actor, before.notice_id), False
    photos = _photos(session, actor, wish)
    frozen: dict[str, Value] = {
        "v": 1,
        "type": "general",
        "compound": actor.compound.name,
        "title": wish.title,
        "text": wish.text,
        "photos": [photo.k960 for photo in photos],
    }
    notice = publish_notice(session, actor, NoticeKind.GENERAL, wish.title, "", id, frozen)
    notice.path = f"/notices/{notice.id}"
    session.flush()
    session.add(Announcement(compound_id=actor.compound.id, id=id, notice_id=notice.id, sent_sha256=sent))
    session.flush()
    session.add_all(
        AnnouncementPhoto(compound_id=photo.compound_id, id=photo.id, announcement_id=id, position=position)
        for position, photo in enumerate(photos, 1)
    )
    return notice, True


def keep_photo(session: Session, actor: Actor, photo_id: UUID, taken_in: TakenIn) -> tuple[Photo, bool]:
    """A picture for a notice that is still to be written; and whether this call kept it. Raises NotAllowed, PhotoDiffers."""
    actor.need(Permission.PUBLISH_NOTICE)
    kept = keep(session, actor.compound.id, photo_id, taken_in, actor.person_id)
    return kept.photo, kept.outcome == "created"


def _photos(session: Session, actor: Actor, wish: AnnouncementWish) -> list[Photo]:
    if len(wish.photos) > MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    found = photos_of(session, actor.compound.id, wish.photos)
    mine = [found[id] for id in dict.fromkeys(wish.photos) if id in found and found[id].taken_by_id == actor.person_id]
    hanging = select(AnnouncementPhoto.id).where(
        AnnouncementPhoto.compound_id == actor.compound.id, col(AnnouncementPhoto.id).in_(wish.photos)
    )
    if len(mine) < len(wish.photos) or session.exec(hanging).first():
        raise Malformed((("/body/photos", "absent", _("照片没有存下，请再选一次。")),))
    if mine and not wish.clean:
        raise Malformed((("/body/clean", "not_ticked", _("请先看清楚，再打勾。")),))
    return mine
