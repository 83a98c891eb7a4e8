"""The people's door to general notices: an officer writes one, everybody sees its pictures."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Actor, Anyone, Officer
from app.access.permissions import Permission
from app.compounds.rules import rule
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.notices import announcing
from app.notices.arriving import PhotosOfAnnouncer
from app.notices.models import MOST_PHOTOS, NoticeKind
from app.notices.queries import announcement_photo_for
from app.notices.schemas import AnnouncementWish
from app.photos.models import PhotoSize
from app.photos.serving import photo_response

router = APIRouter(route_class=OneTransaction, prefix="/notices", include_in_schema=False)

FilledAnnouncement = Annotated[Filled[AnnouncementWish], filled(AnnouncementWish)]


@dataclass(frozen=True)
class AnnouncePage(View):
    template = "notices/announce.html"

    form: Filled[AnnouncementWish]
    days: int
    working: bool
    most_photos: int


@router.get("/announce")
def show_announce(session: DbSession, actor: Officer) -> AnnouncePage:
    actor.need(Permission.PUBLISH_NOTICE)
    actor.need_second_factor()
    return announce_page(session, actor, empty())


@router.post("/announce")
def post_announce(
    session: DbSession, actor: Officer, request: Request, sent: PhotosOfAnnouncer, form: FilledAnnouncement
) -> Response:
    actor.need(Permission.PUBLISH_NOTICE)
    if form.wish is None:
        return announce_page(session, actor, sent.again(form)).reply(request, 422)
    for photo_id, taken in sent.taken.items():
        announcing.keep_photo(session, actor, photo_id, taken)
    wish = form.wish.model_copy(update={"photos": [*form.wish.photos, *sent.taken]})
    try:
        notice, _made = announcing.announce(session, actor, form.id, wish)
    except Malformed as no:
        return announce_page(session, actor, sent.again(form.with_refusal(no))).reply(request, 422)
    return see_other(f"{actor.frame.base}/notices/{notice.id}", sent.said(_("公示发出了，异议期从现在开始。")))


@router.get("/{notice_id}/photos/{photo_id}/{size}")
def show_photo(
    session: DbSession, visitor: Anyone, request: Request, notice_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(announcement_photo_for(session, visitor, notice_id, photo_id, size), size, request.app.state.blobs)


def announce_page(session: DbSession, actor: Actor, form: Filled[AnnouncementWish]) -> AnnouncePage:
    days, working = (rule(session, actor.compound.id, name) for name in NoticeKind.GENERAL.period_rules)
    return AnnouncePage(actor.frame, form, days, bool(working), MOST_PHOTOS)
