"""A photo of a visit by itself: what it shows, and what is known about when, where and by what it was taken."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer
from app.access.actors import officer as officer_of
from app.access.permissions import Permission
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pictures import PictureProblem
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.photos.boxes import RedactForm, rows_to_fill
from app.photos.intake import TakenIn
from app.photos.models import PhotoSize
from app.photos.queries import newest_of
from app.renovation import policy
from app.renovation.covering import cover_photo, covered_copy
from app.renovation.evidence import RECEIPT_SAYS, Evidence, body_of, evidence_of
from app.renovation.models import Project
from app.renovation.queries import VisitCard, project_for, visit_card, visit_photo_for

router = APIRouter(route_class=OneTransaction, prefix="/works/visits/{visit_id}/photos/{photo_id}", include_in_schema=False)

FilledRedact = Annotated[Filled[RedactForm], filled(RedactForm)]


@dataclass(frozen=True)
class PhotoPage(View):
    """`body`: whose stamp stands under the picture."""

    template = "renovation/photo.html"

    project: Project
    visit: VisitCard
    facts: Evidence
    receipt: str
    body: str
    can_see_originals: bool
    can_set_site: bool


@dataclass(frozen=True)
class CoverPage(View):
    """`here`: the photo's page."""

    template = "renovation/cover.html"

    here: str
    width: int
    height: int
    rows: list[tuple[str, str, str, str]]
    """Left, top, width and height, as typed."""
    form: Filled[RedactForm]


@router.get("")
def show_photo(session: DbSession, visitor: Anyone, visit_id: UUID, photo_id: UUID) -> PhotoPage:
    visit, known = visit_card(session, visitor, visit_id), evidence_of(session, visitor, visit_id, photo_id)
    return PhotoPage(
        visitor.frame,
        project_for(session, visitor, visit.project_id),
        visit,
        known,
        _(RECEIPT_SAYS[known.receipt]),
        body_of(session, visitor),
        policy.can_see_originals(visitor),
        policy.can_prepare(visitor) and known.lat is not None,
    )


async def copy_in(request: Request, visit_id: UUID, photo_id: UUID, form: FilledRedact) -> TakenIn | PictureProblem | None:
    """The copy, painted before the transaction; None while the form asks for none."""
    if form.wish is None:
        return None
    try:
        return await covered_copy(request, officer_of, visit_id, photo_id, form.wish.asked)
    except PictureProblem as no:
        return no


@router.get("/cover")
def show_cover(session: DbSession, actor: Officer, visit_id: UUID, photo_id: UUID) -> CoverPage:
    return cover_page(session, actor, visit_id, photo_id, empty())


@router.post("/cover")
def post_cover(
    session: DbSession,
    actor: Officer,
    request: Request,
    visit_id: UUID,
    photo_id: UUID,
    form: FilledRedact,
    copy: Annotated[TakenIn | PictureProblem | None, Depends(copy_in)],
) -> Response:
    if isinstance(copy, PictureProblem):
        form = form.with_problem("", f"{copy.message}{copy.next_step}")
    if form.wish is None or not isinstance(copy, TakenIn):
        return cover_page(session, actor, visit_id, photo_id, form).reply(request, 422)
    cover_photo(session, actor, visit_id, photo_id, form.id, copy, form.wish.asked)
    return see_other(f"{actor.frame.base}/works/visits/{visit_id}/photos/{photo_id}", _("遮好了，大家看到的是遮过的。"))


def cover_page(session: Session, actor: Actor, visit_id: UUID, photo_id: UUID, form: Filled[RedactForm]) -> CoverPage:
    actor.need(Permission.SUPERVISE)
    photo = visit_photo_for(session, actor, visit_id, photo_id, PhotoSize.ORIGINAL)
    here = f"{actor.frame.base}/works/visits/{visit_id}/photos/{photo_id}"
    boxes = newest_of(session, photo).boxes
    return CoverPage(actor.frame, here, photo.width, photo.height, rows_to_fill(form, boxes), form)
