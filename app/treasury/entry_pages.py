"""What officers do with a posted entry besides reading it: release all its vouchers at once, and follow its trail."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.photos.models import Photo
from app.treasury import vouchers
from app.treasury.covering import waiting_files
from app.treasury.draft_queries import vouchers_of
from app.treasury.queries import EntryCard, card_of, entry_for
from app.treasury.trail import Step, trail_of
from app.treasury.voucher_models import DraftVoucher
from app.treasury.voucher_schemas import ReleaseAllWish

router = APIRouter(route_class=OneTransaction, prefix="/money/entries", include_in_schema=False)

FilledRelease = Annotated[Filled[ReleaseAllWish], filled(ReleaseAllWish)]


@dataclass(frozen=True)
class WaitingPaper:
    """`number`: among the entry's vouchers, from 1. `covered`: how many boxes are painted over. `seen`: it was ticked."""

    voucher: DraftVoucher
    number: int
    sha256: str
    covered: int
    seen: bool


@dataclass(frozen=True)
class ReleaseAllPage(View):
    template = "treasury/release_all.html"

    entry: EntryCard
    papers: list[WaitingPaper]
    form: Filled[ReleaseAllWish]


@dataclass(frozen=True)
class TrailPage(View):
    template = "treasury/trail.html"
    tab = "money"

    entry: EntryCard
    steps: list[Step]


@router.get("/{entry_id}/release")
def show_release(session: DbSession, actor: Officer, request: Request, entry_id: UUID) -> ReleaseAllPage:
    return release_page(session, actor, request, entry_id, empty())


@router.post("/{entry_id}/release")
def post_release(session: DbSession, actor: Officer, request: Request, entry_id: UUID, form: FilledRelease) -> Response:
    actor.need(Permission.PUBLISH_MONEY)
    shown = waiting_files(session, actor, entry_id, request.app.state.blobs)
    seen = form.typed.get("seen_sha256", [])
    unseen = sum(file.sha256 not in seen for file in shown.values())
    if unseen:
        form = form.with_problem("seen_sha256", _("还有 %(n)s 张没有打勾，请看清楚再打勾。", n=unseen))
    if form.wish is None or unseen:
        return release_page(session, actor, request, entry_id, form).reply(request, 422)
    vouchers.release_all(session, actor, entry_id, shown, form.wish)
    return see_other(f"{actor.frame.base}/money/entries/{entry_id}", _("票据都公开了，大家都看得到。"))


@router.get("/{entry_id}/trail")
def show_trail(session: DbSession, actor: Officer, entry_id: UUID) -> TrailPage:
    steps = trail_of(session, actor, entry_id)
    return TrailPage(actor.frame, card_of(session, entry_for(session, actor, entry_id)), steps)


def release_page(
    session: Session, actor: Actor, request: Request, entry_id: UUID, form: Filled[ReleaseAllWish]
) -> ReleaseAllPage:
    actor.need(Permission.PUBLISH_MONEY)
    entry = entry_for(session, actor, entry_id)
    shown = waiting_files(session, actor, entry_id, request.app.state.blobs)
    seen = form.typed.get("seen_sha256", [])
    papers = []
    for number, voucher in enumerate(vouchers_of(session, entry.compound_id, entry.draft_id) if shown else [], 1):
        if file := shown.get(voucher.id):
            boxes = session.get_one(Photo, (voucher.compound_id, voucher.next_id)).boxes.split()
            papers.append(WaitingPaper(voucher, number, file.sha256, len(boxes), file.sha256 in seen))
    return ReleaseAllPage(actor.frame, card_of(session, entry), papers, form)
