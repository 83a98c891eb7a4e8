"""A voucher's own pages: what paper it is, painting over it, releasing it; and its pictures, for whoever may see them."""

from dataclasses import dataclass
from datetime import datetime
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
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.photos.boxes import RedactForm, rows_to_fill
from app.photos.intake import TakenIn
from app.photos.models import Photo, PhotoSize
from app.photos.queries import redactions_of
from app.photos.serving import photo_response
from app.treasury import policy, vouchers
from app.treasury.covering import covered_copy, public_file
from app.treasury.draft_queries import draft_for, entry_of_draft, picture_for, released_in, voucher_for, vouchers_of
from app.treasury.voucher_models import PAPER_SAYS, DraftVoucher
from app.treasury.voucher_schemas import PaperWish, ReleaseWish

router = APIRouter(route_class=OneTransaction, prefix="/money/vouchers", include_in_schema=False)

FilledPaper = Annotated[Filled[PaperWish], filled(PaperWish)]
FilledRedact = Annotated[Filled[RedactForm], filled(RedactForm)]
FilledRelease = Annotated[Filled[ReleaseWish], filled(ReleaseWish)]


@dataclass(frozen=True)
class PaperPage(View):
    template = "treasury/paper.html"

    voucher: DraftVoucher
    number: int
    papers: list[tuple[str, str]]
    places: list[tuple[str, str]]
    form: Filled[PaperWish]


@dataclass(frozen=True)
class RedactPage(View):
    template = "treasury/redact.html"

    voucher: DraftVoucher
    number: int
    entry_id: UUID | None
    width: int
    height: int
    rows: list[tuple[str, str, str, str]]
    """Left, top, width and height, as typed."""
    form: Filled[RedactForm]


@dataclass(frozen=True)
class ReleasePage(View):
    template = "treasury/release.html"

    voucher: DraftVoucher
    number: int
    entry_id: UUID | None
    sha256: str
    kilobytes: int
    covered: int
    """How many boxes are painted over in what would be shown."""
    versions: list[tuple[UUID, datetime, int]]
    """Photo, when it was made, how many boxes: the untouched one first."""
    released: list[tuple[int, int]]
    """(Version, index in the log) of everything that was ever public."""
    form: Filled[ReleaseWish]


async def copy_in(request: Request, voucher_id: UUID, form: FilledRedact) -> TakenIn | PictureProblem | None:
    """The copy, painted before the transaction; None while the form asks for none."""
    if form.wish is None:
        return None
    try:
        return await covered_copy(request, officer_of, voucher_id, form.wish.asked)
    except PictureProblem as no:
        return no


@router.get("/{voucher_id}/paper")
def show_paper(session: DbSession, actor: Officer, voucher_id: UUID) -> PaperPage:
    voucher, _photo = editable(session, actor, voucher_id)
    place = number_of(session, voucher)
    typed = {"paper": voucher.paper or "", "invoice_number": voucher.invoice_number or "", "position": str(place)}
    return paper_page(session, actor, voucher, empty(typed))


@router.post("/{voucher_id}/paper")
def post_paper(session: DbSession, actor: Officer, request: Request, voucher_id: UUID, form: FilledPaper) -> Response:
    voucher, _photo = editable(session, actor, voucher_id)
    if form.wish is None:
        return paper_page(session, actor, voucher, form).reply(request, 422)
    vouchers.describe_voucher(session, actor, voucher_id, form.wish)
    return see_other(f"{actor.frame.base}/money/drafts/{voucher.draft_id}", _("记下了。"))


@router.get("/{voucher_id}/redact")
def show_redact(session: DbSession, actor: Officer, voucher_id: UUID) -> RedactPage:
    actor.need(Permission.PUBLISH_MONEY)
    voucher, _photo = voucher_for(session, actor, voucher_id)
    newest = session.get_one(Photo, (voucher.compound_id, voucher.next_id))
    return redact_page(session, actor, voucher_id, empty(), newest.boxes)


@router.post("/{voucher_id}/redact")
def post_redact(
    session: DbSession,
    actor: Officer,
    request: Request,
    voucher_id: UUID,
    form: FilledRedact,
    copy: Annotated[TakenIn | PictureProblem | None, Depends(copy_in)],
) -> Response:
    actor.need(Permission.PUBLISH_MONEY)
    if isinstance(copy, PictureProblem):
        form = form.with_problem("", f"{copy.message}{copy.next_step}")
    if form.wish is None or not isinstance(copy, TakenIn):
        return redact_page(session, actor, voucher_id, form).reply(request, 422)
    vouchers.redact_voucher(session, actor, voucher_id, form.id, copy, form.wish.asked)
    return see_other(f"{actor.frame.base}/money/vouchers/{voucher_id}/release", _("遮好了，原来的还在。请看清楚再公开。"))


@router.get("/{voucher_id}/release")
def show_release(session: DbSession, actor: Officer, request: Request, voucher_id: UUID) -> ReleasePage:
    return release_page(session, actor, request, voucher_id, empty())


@router.post("/{voucher_id}/release")
def post_release(session: DbSession, actor: Officer, request: Request, voucher_id: UUID, form: FilledRelease) -> Response:
    if form.wish is None:
        return release_page(session, actor, request, voucher_id, form).reply(request, 422)
    actor.need(Permission.PUBLISH_MONEY)
    voucher, _photo = voucher_for(session, actor, voucher_id)
    shown = public_file(session, voucher, request.app.state.blobs)
    vouchers.release_voucher(session, actor, voucher_id, shown, form.wish)
    entry = entry_of_draft(session, draft_for(session, actor, voucher.draft_id))
    assert entry, "what is released is posted"
    return see_other(f"{actor.frame.base}/money/entries/{entry.id}", _("票据公开了，大家都看得到。"))


@router.get("/{photo_id}/{size}")
def show_voucher(session: DbSession, visitor: Anyone, request: Request, photo_id: UUID, size: PhotoSize) -> Response:
    """The public copy for everybody; other versions, larger ones and the original for treasurer, approvers and auditor."""
    return photo_response(picture_for(session, visitor, photo_id, size), size, request.app.state.blobs)


def editable(session: Session, actor: Actor, voucher_id: UUID) -> tuple[DraftVoucher, Photo]:
    """Raises NotFound, NotAllowed."""
    found = voucher_for(session, actor, voucher_id)
    if not policy.can_edit(actor, draft_for(session, actor, found[0].draft_id)):
        raise NotAllowed
    return found


def number_of(session: Session, voucher: DraftVoucher) -> int:
    """As people count them."""
    return vouchers_of(session, voucher.compound_id, voucher.draft_id).index(voucher) + 1


def paper_page(session: Session, actor: Actor, voucher: DraftVoucher, form: Filled[PaperWish]) -> PaperPage:
    count = len(vouchers_of(session, voucher.compound_id, voucher.draft_id))
    return PaperPage(
        actor.frame,
        voucher,
        number_of(session, voucher),
        [(paper.value, _(says)) for paper, says in PAPER_SAYS.items()],
        [(str(place), _("第 %(n)s 张", n=place)) for place in range(1, count + 1)],
        form,
    )


def redact_page(session: Session, actor: Actor, voucher_id: UUID, form: Filled[RedactForm], boxes: str = "") -> RedactPage:
    voucher, photo = voucher_for(session, actor, voucher_id)
    entry = entry_of_draft(session, draft_for(session, actor, voucher.draft_id))
    return RedactPage(
        actor.frame,
        voucher,
        number_of(session, voucher),
        entry.id if entry else None,
        photo.width,
        photo.height,
        rows_to_fill(form, boxes),
        form,
    )


def release_page(session: Session, actor: Actor, request: Request, voucher_id: UUID, form: Filled[ReleaseWish]) -> ReleasePage:
    actor.need(Permission.PUBLISH_MONEY)
    voucher, photo = voucher_for(session, actor, voucher_id)
    entry = entry_of_draft(session, draft_for(session, actor, voucher.draft_id))
    shown = public_file(session, voucher, request.app.state.blobs)
    versions = [photo, *redactions_of(session, photo)]
    boxes = {version.id: len(version.boxes.split()) for version in versions}
    return ReleasePage(
        actor.frame,
        voucher,
        number_of(session, voucher),
        entry.id if entry else None,
        shown.sha256,
        -(-shown.size // 1000),
        boxes[voucher.next_id],
        [(version.id, version.received_at, boxes[version.id]) for version in versions],
        released_in(session, voucher),
        form,
    )
