"""A photo of a visit by itself: what it shows, and what is known about when, where and by what it was taken."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter

from app.access.actors import Anyone
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View
from app.renovation import policy
from app.renovation.evidence import RECEIPT_SAYS, Evidence, body_of, evidence_of
from app.renovation.models import Project
from app.renovation.queries import VisitCard, project_for, visit_card

router = APIRouter(route_class=OneTransaction, prefix="/works/visits/{visit_id}/photos/{photo_id}", include_in_schema=False)


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
