"""The contractor's page behind its link: no account, a receipt that is a button, an answer with photos."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _, mark
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.renovation import contractor
from app.renovation.arriving import PhotosOfHolder
from app.renovation.finding_answers import FindingCardPage
from app.renovation.finding_models import ActKind
from app.renovation.finding_queries import Act, FindingCard, before_photos, finding_card, life_of, severity_names
from app.renovation.holders import Holder, LinkHolder, Unhurried
from app.renovation.models import Project
from app.renovation.queries import Shown, project_for
from app.renovation.schemas import AnswerWish

router = APIRouter(route_class=OneTransaction, prefix="/works", dependencies=[Unhurried], include_in_schema=False)

FilledAnswer = Annotated[Filled[AnswerWish], filled(AnswerWish)]


SAID = {
    ActKind.ANSWERED: mark("回复交好了，等监督员复查。"),
    ActKind.ACKNOWLEDGED: mark("记下了，请按期改好，再来回复。"),
    ActKind.DISPUTED: mark("异议交好了，等另一位监督员答复。"),
}


@dataclass(frozen=True)
class AnswerPage(View):
    template = "renovation/answer.html"

    finding: FindingCard
    project: Project
    severity: str
    before: tuple[Shown, ...]
    life: list[Act]
    form: Filled[AnswerWish]


@router.get("/answer/{token}")
def show_answer(session: DbSession, holder: LinkHolder, response: Response) -> AnswerPage:
    """Reads only: a chat program that looks at the link has not received anything for anybody. May be kept by the phone."""
    response.headers["Cache-Control"] = "private, no-cache"
    return answer_page(session, holder, empty({"kind": ActKind.ANSWERED.value}))


@router.get("/answer/{token}/card")
def show_card(session: DbSession, holder: LinkHolder, request: Request) -> FindingCardPage:
    href = request.url.path.removesuffix("/card")
    return FindingCardPage(holder.frame, finding_card(session, holder, holder.link.finding_id), href)


@router.post("/answer/{token}/receipt")
def post_receipt(session: DbSession, holder: LinkHolder, request: Request) -> Response:
    contractor.confirm_receipt(session, holder)
    return see_other(request.url.path.removesuffix("/receipt"), _("收到了，监督员看得见。"))


@router.post("/answer/{token}")
def post_answer(session: DbSession, holder: LinkHolder, request: Request, sent: PhotosOfHolder, form: FilledAnswer) -> Response:
    if form.wish is None:
        return answer_page(session, holder, sent.again(form)).reply(request, 422)
    contractor.answer(session, holder, form.id, form.wish, sent.taken)
    return see_other(request.url.path, sent.said(_(SAID[form.wish.kind])))


def answer_page(session: Session, holder: Holder, form: Filled[AnswerWish]) -> AnswerPage:
    card = finding_card(session, holder, holder.link.finding_id)
    return AnswerPage(
        holder.frame,
        card,
        project_for(session, holder, card.project_id),
        severity_names()[card.severity],
        before_photos(session, holder.compound.id, card.id),
        life_of(session, holder, card.id),
        form,
    )
