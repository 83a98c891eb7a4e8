"""The people's door: the list of what is published, one notice with its objections, and its sheet for the board."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Officer, Resident, Visitor
from app.access.permissions import Permission
from app.compounds.models import Person
from app.compounds.names import known_as
from app.kit import sightings
from app.kit.clock import local, now
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage
from app.kit.qr import Qr, qr_path
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.notices import policy, service
from app.notices.models import KIND_SAYS, Notice, NoticeKind
from app.notices.queries import NoticeCard, ObjectionCard, card_of, notice_for, notices, objection_for, objections_to, unanswered
from app.notices.schemas import AnswerWish, ObjectionWish
from app.publiclog.queries import first_index_of, head_of

router = APIRouter(route_class=OneTransaction, prefix="/notices", include_in_schema=False)

FilledObjection = Annotated[Filled[ObjectionWish], filled(ObjectionWish)]
FilledAnswer = Annotated[Filled[AnswerWish], filled(AnswerWish)]


@dataclass(frozen=True)
class NoticesPage(View):
    template = "notices/list.html"
    tab = "notices"

    years: list[tuple[int, list[NoticeCard]]]
    next_cursor: str | None


@dataclass(frozen=True)
class NoticePage(View):
    template = "notices/notice.html"
    tab = "notices"

    notice: NoticeCard
    kind: str
    shows: str
    objections: list[ObjectionCard]
    form: Filled[ObjectionWish]
    answering: tuple[UUID, Filled[AnswerWish]] | None
    """The objection whose answer came back with a mistake, and what was typed."""
    log_index: int
    can_object: bool
    can_answer: bool


@dataclass(frozen=True)
class SheetPage(View):
    template = "notices/sheet.html"

    notice: NoticeCard
    kind: str
    qr: Qr
    published_by: str
    log_index: int
    log_size: int
    log_root: str
    printed_at: datetime


@router.get("")
def show_notices(session: DbSession, visitor: Anyone, asked: AskedPage) -> NoticesPage:
    page = notices(session, visitor, asked)
    years = groupby(page.items, key=lambda notice: local(notice.published_at).year)
    return NoticesPage(visitor.frame, [(year, list(published)) for year, published in years], page.next_cursor)


@router.get("/{notice_id}")
def show_notice(session: DbSession, visitor: Anyone, notice_id: UUID) -> NoticePage:
    notice = notice_for(session, visitor, notice_id)
    sightings.saw("notice.viewed", notice.id)
    return notice_page(session, visitor, notice)


@router.get("/{notice_id}/sheet")
def show_sheet(session: DbSession, visitor: Anyone, request: Request, notice_id: UUID) -> SheetPage:
    """For the notice board: who has no telephone reads it there, and whoever has one checks it by the code."""
    notice = notice_for(session, visitor, notice_id)
    head = head_of(session, notice.compound_id)
    publisher = session.get_one(Person, (notice.compound_id, notice.published_by_id))
    return SheetPage(
        visitor.frame,
        card_of(notice, unanswered(session, notice)),
        _(KIND_SAYS[NoticeKind(notice.kind)]),
        qr_path(f"{request.app.state.settings.public_url}{visitor.frame.base}/notices/{notice.id}"),
        known_as(publisher.name, full=visitor.is_resident),
        first_index_of(session, notice),
        head.size,
        head.root.hex(),
        now(),
    )


@router.post("/{notice_id}/objections")
def post_objection(session: DbSession, actor: Resident, request: Request, notice_id: UUID, form: FilledObjection) -> Response:
    if form.wish is None:
        return notice_page(session, actor, notice_for(session, actor, notice_id), form).reply(request, 422)
    service.object_to(session, actor, notice_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/notices/{notice_id}", _("异议提好了，会有人具名答复。"))


@router.post("/objections/{objection_id}/answer")
def post_answer(session: DbSession, actor: Officer, request: Request, objection_id: UUID, form: FilledAnswer) -> Response:
    actor.need(Permission.ANSWER_OBJECTION)
    notice = notice_for(session, actor, objection_for(session, actor, objection_id).notice_id)
    if form.wish is None:
        return notice_page(session, actor, notice, answering=(objection_id, form)).reply(request, 422)
    service.answer(session, actor, objection_id, form.wish)
    return see_other(f"{actor.frame.base}/notices/{notice.id}", _("答复好了，大家都看得到。"))


def notice_page(
    session: Session,
    visitor: Visitor,
    notice: Notice,
    form: Filled[ObjectionWish] | None = None,
    answering: tuple[UUID, Filled[AnswerWish]] | None = None,
) -> NoticePage:
    card = card_of(notice, unanswered(session, notice))
    return NoticePage(
        visitor.frame,
        card,
        _(KIND_SAYS[NoticeKind(notice.kind)]),
        f"{visitor.frame.base}{notice.path}",
        objections_to(session, visitor, notice),
        form or empty(),
        answering,
        first_index_of(session, notice),
        policy.can_object(visitor) and card.days_left > 0 and notice.withdrawn_at is None,
        policy.can_answer(visitor),
    )
