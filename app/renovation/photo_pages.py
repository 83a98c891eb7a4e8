"""A photo of a visit or a finding by itself: what it shows, and what is known about when, where and by what it was taken."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident
from app.access.actors import officer as officer_of
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pictures import PictureProblem
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.photos.boxes import RedactForm, rows_to_fill
from app.photos.intake import TakenIn
from app.photos.queries import newest_of
from app.photos.stamping import letters_of
from app.renovation import policy
from app.renovation.covering import Hung, cover_photo, covered_copy, untouched
from app.renovation.evidence import RECEIPT_SAYS, Evidence, FindingEvidence, body_of, evidence_of, finding_evidence_of
from app.renovation.finding_queries import FindingCard, finding_card
from app.renovation.models import Project
from app.renovation.queries import VisitCard, project_for, visit_card
from app.renovation.stamping import StampedCopy, stamped_response

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

OF_VISIT, OF_FINDING = "/visits/{visit_id}/photos/{photo_id}", "/findings/{finding_id}/photos/{photo_id}"

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
    can_stamp: bool


@dataclass(frozen=True)
class FindingPhotoPage(View):
    template = "renovation/finding_photo.html"

    finding: FindingCard
    facts: FindingEvidence
    receipt: str
    can_see_originals: bool


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


@router.get(OF_VISIT)
def show_photo(session: DbSession, visitor: Anyone, request: Request, visit_id: UUID, photo_id: UUID) -> PhotoPage:
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
        visitor.is_resident and letters_of(request.app.state.settings.stamp_font) is not None,
    )


@router.get(OF_VISIT + "/stamped")
def show_stamped(session: DbSession, actor: Resident, visit_id: UUID, photo_id: UUID, copy: StampedCopy) -> Response:
    return stamped_response(session, actor, visit_id, photo_id, copy)


@router.get(OF_FINDING)
def show_finding_photo(session: DbSession, visitor: Anyone, finding_id: UUID, photo_id: UUID) -> FindingPhotoPage:
    finding, known = finding_card(session, visitor, finding_id), finding_evidence_of(session, visitor, finding_id, photo_id)
    return FindingPhotoPage(visitor.frame, finding, known, _(RECEIPT_SAYS[known.receipt]), policy.can_see_originals(visitor))


Copy = TakenIn | PictureProblem | None
"""Painted before the transaction; None while the form asks for none."""


async def visit_copy(request: Request, visit_id: UUID, photo_id: UUID, form: FilledRedact) -> Copy:
    return await _copy(request, Hung("visit", visit_id, photo_id), form)


async def finding_copy(request: Request, finding_id: UUID, photo_id: UUID, form: FilledRedact) -> Copy:
    return await _copy(request, Hung("finding", finding_id, photo_id), form)


@router.get(OF_VISIT + "/cover")
def show_cover(session: DbSession, actor: Officer, visit_id: UUID, photo_id: UUID) -> CoverPage:
    return cover_page(session, actor, Hung("visit", visit_id, photo_id), empty())


@router.get(OF_FINDING + "/cover")
def show_finding_cover(session: DbSession, actor: Officer, finding_id: UUID, photo_id: UUID) -> CoverPage:
    return cover_page(session, actor, Hung("finding", finding_id, photo_id), empty())


@router.post(OF_VISIT + "/cover")
def post_cover(
    session: DbSession,
    actor: Officer,
    request: Request,
    visit_id: UUID,
    photo_id: UUID,
    form: FilledRedact,
    copy: Annotated[Copy, Depends(visit_copy)],
) -> Response:
    return _cover(session, actor, request, Hung("visit", visit_id, photo_id), form, copy)


@router.post(OF_FINDING + "/cover")
def post_finding_cover(
    session: DbSession,
    actor: Officer,
    request: Request,
    finding_id: UUID,
    photo_id: UUID,
    form: FilledRedact,
    copy: Annotated[Copy, Depends(finding_copy)],
) -> Response:
    return _cover(session, actor, request, Hung("finding", finding_id, photo_id), form, copy)


def cover_page(session: Session, actor: Actor, hung: Hung, form: Filled[RedactForm]) -> CoverPage:
    photo = untouched(session, actor, hung)
    boxes = newest_of(session, photo).boxes
    return CoverPage(actor.frame, actor.frame.base + hung.path, photo.width, photo.height, rows_to_fill(form, boxes), form)


async def _copy(request: Request, hung: Hung, form: Filled[RedactForm]) -> Copy:
    if form.wish is None:
        return None
    try:
        return await covered_copy(request, officer_of, hung, form.wish.asked)
    except PictureProblem as no:
        return no


def _cover(session: Session, actor: Actor, request: Request, hung: Hung, form: Filled[RedactForm], copy: Copy) -> Response:
    if isinstance(copy, PictureProblem):
        form = form.with_problem("", f"{copy.message}{copy.next_step}")
    if form.wish is None or not isinstance(copy, TakenIn):
        return cover_page(session, actor, hung, form).reply(request, 422)
    cover_photo(session, actor, hung, form.id, copy, form.wish.asked)
    return see_other(actor.frame.base + hung.path, _("遮好了，大家看到的是遮过的。"))
