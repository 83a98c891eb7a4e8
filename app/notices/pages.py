"""The people's door: what is published, one notice with its objections, its sheet for the board, and the feed.

Where a form brings photos, they stand first in the door's signature: who may not send them is told so before it is read.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Known, Officer, Resident, Visitor
from app.access.addresses import address_of
from app.access.permissions import Permission
from app.compounds.models import Compound, Person
from app.compounds.names import known_as
from app.compounds.people import PersonChoice, find_people, name_at_home
from app.kit import sightings
from app.kit.atom import MEDIA_TYPE, MOST
from app.kit.clock import local, now
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import Asked, AskedPage
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.notices import objecting, policy, service
from app.notices.arriving import PhotosOfObjector
from app.notices.board_queries import BoardCard, board_photos, missing_moments, said_moments
from app.notices.feed import feed_of
from app.notices.models import KIND_SAYS, BoardMoment, Notice, NoticeKind
from app.notices.objection_queries import ObjectionCard, objection_for, objection_photo_for, objections_to
from app.notices.queries import (
    VIEWED,
    NoticeCard,
    Tasks,
    announcement_photos,
    card_of,
    notice_for,
    notices,
    overdue_notices,
    standing_of,
    tasks_of,
    text_of,
    views_of,
)
from app.notices.schemas import AnswerWish, ObjectionWish, WithdrawalWish
from app.notices.taking_back import TakeBackPage
from app.photos.models import PhotoSize
from app.photos.serving import photo_response
from app.publiclog.queries import first_index_of, head_of

router = APIRouter(route_class=OneTransaction, prefix="/notices", include_in_schema=False)

FilledObjection = Annotated[Filled[ObjectionWish], filled(ObjectionWish)]
FilledAnswer = Annotated[Filled[AnswerWish], filled(AnswerWish)]
FilledWithdrawal = Annotated[Filled[WithdrawalWish], filled(WithdrawalWish)]


@dataclass(frozen=True)
class NoticesPage(View):
    template = "notices/list.html"
    tab = "notices"

    years: list[tuple[int, list[NoticeCard]]]
    next_cursor: str | None
    overdue: list[NoticeCard]
    """On the first page; what stands here does not stand in `years` besides."""
    tasks: Tasks
    board_says: dict[BoardMoment, str]
    can_publish: bool
    """Statements."""
    can_announce: bool


@dataclass(frozen=True)
class NoticePage(View):
    template = "notices/notice.html"
    tab = "notices"

    notice: NoticeCard
    kind: str
    shows: str
    """Where what was published is read; "" where it is this page."""
    text: str
    photos: list[UUID]
    objections: list[ObjectionCard]
    form: Filled[ObjectionWish]
    answering: tuple[UUID, Filled[AnswerWish]] | None
    """The objection whose answer came back with a mistake, and what was typed."""
    board: list[BoardCard]
    board_says: dict[BoardMoment, str]
    missing: list[BoardMoment]
    """Photos of the board that the officers still owe."""
    views: int
    log_index: int
    can_object: bool
    can_object_for_others: bool
    can_answer: bool
    can_post: bool
    can_withdraw: bool


@dataclass(frozen=True)
class ForOthersPage(View):
    template = "notices/for_others.html"

    notice: NoticeCard
    form: Filled[ObjectionWish]
    q: str
    people: list[PersonChoice]
    chosen: str | None
    """The name of the neighbour whose words these are; None while they are still looked for."""


@dataclass(frozen=True)
class SheetPage(View):
    template = "notices/sheet.html"

    notice: NoticeCard
    kind: str
    qr: Qr
    address: str
    published_by: str
    text: str
    log_index: int
    log_size: int
    log_root: str
    printed_at: datetime


@router.get("")
def show_notices(session: DbSession, visitor: Anyone, asked: AskedPage) -> NoticesPage:
    page, overdue = notices(session, visitor, asked), overdue_notices(session, visitor)
    above = {notice.id for notice in overdue}
    others = [notice for notice in page.items if notice.id not in above]
    years = groupby(others, key=lambda notice: local(notice.published_at).year)
    return NoticesPage(
        visitor.frame,
        [(year, list(published)) for year, published in years],
        page.next_cursor,
        overdue if not asked.cursor else [],
        tasks_of(session, visitor),
        said_moments(),
        visitor.may(Permission.PUBLISH_MONEY),
        policy.can_announce(visitor),
    )


@router.get("/feed")
def show_feed(session: DbSession, visitor: Anyone, request: Request) -> Response:
    settings = request.app.state.settings
    cards = notices(session, visitor, Asked(settings.secret, limit=MOST)).items
    since = session.get_one(Compound, visitor.compound.id).created_at
    feed = feed_of(visitor.compound, f"{settings.public_url}{visitor.frame.base}/notices", cards, since)
    return Response(feed, media_type=MEDIA_TYPE)


@router.get("/{notice_id}")
def show_notice(session: DbSession, visitor: Anyone, request: Request, notice_id: UUID) -> NoticePage:
    notice = notice_for(session, visitor, notice_id)
    by = str(visitor.person_id) if isinstance(visitor, Known) else address_of(request)
    sightings.saw_once_a_day(VIEWED, notice.id, by)
    return notice_page(session, visitor, notice)


@router.get("/{notice_id}/sheet")
def show_sheet(session: DbSession, visitor: Anyone, request: Request, notice_id: UUID) -> SheetPage:
    """For the notice board: who has no telephone reads it there, and whoever has one checks it by the code."""
    notice = notice_for(session, visitor, notice_id)
    head = head_of(session, notice.compound_id)
    publisher = session.get_one(Person, (notice.compound_id, notice.published_by_id))
    address = f"{request.app.state.settings.public_url}{visitor.frame.base}/notices/{notice.id}"
    return SheetPage(
        visitor.frame,
        card_of(notice, standing_of(session, notice)),
        _(KIND_SAYS[NoticeKind(notice.kind)]),
        qr_path(address),
        address,
        known_as(publisher.name, full=visitor.is_resident),
        text_of(notice) or "",
        first_index_of(session, notice),
        head.size,
        head.root.hex(),
        now(),
    )


@router.post("/{notice_id}/objections")
def post_objection(
    session: DbSession, actor: Resident, request: Request, notice_id: UUID, sent: PhotosOfObjector, form: FilledObjection
) -> Response:
    if form.wish is None:
        notice = notice_for(session, actor, notice_id)
        if form.typed.get("person_id"):
            return for_others_page(session, actor, notice, form=form).reply(request, 422)
        return notice_page(session, actor, notice, form).reply(request, 422)
    objecting.object_to(session, actor, notice_id, form.id, form.wish, sent.taken)
    words = [_("异议提好了，会有人具名答复。"), *sent.refused]
    return see_other(f"{actor.frame.base}/notices/{notice_id}", "".join(words))


@router.get("/{notice_id}/for-others")
def show_for_others(
    session: DbSession, actor: Officer, notice_id: UUID, q: str = "", person_id: UUID | None = None
) -> ForOthersPage:
    typed = empty({"person_id": str(person_id)} if person_id else {})
    return for_others_page(session, actor, notice_for(session, actor, notice_id), q[:60], typed)


@router.post("/objections/{objection_id}/answer")
def post_answer(session: DbSession, actor: Officer, request: Request, objection_id: UUID, form: FilledAnswer) -> Response:
    actor.need(Permission.ANSWER_OBJECTION)
    notice = notice_for(session, actor, objection_for(session, actor, objection_id).notice_id)
    if form.wish is None:
        return notice_page(session, actor, notice, answering=(objection_id, form)).reply(request, 422)
    objecting.answer(session, actor, objection_id, form.wish)
    return see_other(f"{actor.frame.base}/notices/{notice.id}", _("答复好了，大家都看得到。"))


@router.post("/objections/{objection_id}/withdraw")
def post_withdraw_objection(session: DbSession, actor: Resident, objection_id: UUID) -> Response:
    objecting.withdraw_objection(session, actor, objection_id)
    notice_id = objection_for(session, actor, objection_id).notice_id
    return see_other(f"{actor.frame.base}/notices/{notice_id}", _("异议撤回了。"))


@router.get("/objections/{objection_id}/photos/{photo_id}/{size}")
def show_objection_photo(
    session: DbSession, actor: Resident, request: Request, objection_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(objection_photo_for(session, actor, objection_id, photo_id), size, request.app.state.blobs)


@router.get("/{notice_id}/withdraw")
def show_withdraw(session: DbSession, actor: Officer, notice_id: UUID) -> TakeBackPage:
    return withdraw_page(session, actor, notice_id, empty())


@router.post("/{notice_id}/withdraw")
def post_withdraw(session: DbSession, actor: Officer, request: Request, notice_id: UUID, form: FilledWithdrawal) -> Response:
    if form.wish is None:
        return withdraw_page(session, actor, notice_id, form).reply(request, 422)
    service.withdraw_notice(session, actor, notice_id, form.wish)
    return see_other(f"{actor.frame.base}/notices/{notice_id}", _("公示撤回了，理由大家都看得到。"))


def notice_page(
    session: Session,
    visitor: Visitor,
    notice: Notice,
    form: Filled[ObjectionWish] | None = None,
    answering: tuple[UUID, Filled[AnswerWish]] | None = None,
) -> NoticePage:
    card = card_of(notice, standing_of(session, notice))
    board = board_photos(session, visitor, notice)
    takes_objections = card.days_left > 0 and notice.stands
    return NoticePage(
        visitor.frame,
        card,
        _(KIND_SAYS[NoticeKind(notice.kind)]),
        f"{visitor.frame.base}{notice.path}" if notice.kind != NoticeKind.GENERAL else "",
        text_of(notice) or "",
        announcement_photos(session, notice),
        objections_to(session, visitor, notice),
        form or empty(),
        answering,
        board,
        said_moments(),
        missing_moments(notice, [photo.moment for photo in board if photo.taken_back_at is None]),
        views_of(session, notice),
        first_index_of(session, notice),
        takes_objections and policy.can_object(visitor),
        takes_objections and policy.can_object_for_others(visitor),
        policy.can_answer(visitor),
        policy.can_post(visitor) and notice.stands,
        policy.can_withdraw(visitor, notice) and notice.withdrawn_at is None,
    )


def for_others_page(
    session: Session, actor: Actor, notice: Notice, q: str = "", form: Filled[ObjectionWish] | None = None
) -> ForOthersPage:
    actor.need(Permission.ACT_FOR_OTHERS)
    form = form or empty()
    people = find_people(session, actor.compound.id, q)
    chosen = None
    if form.typed.get("person_id") and "person_id" not in form.problems:
        chosen = name_at_home(session, actor.compound.id, UUID(form.typed["person_id"]))
    return ForOthersPage(actor.frame, card_of(notice, standing_of(session, notice)), form, q, people, chosen)


def withdraw_page(session: Session, actor: Actor, notice_id: UUID, form: Filled[WithdrawalWish]) -> TakeBackPage:
    actor.need(Permission.ANSWER_OBJECTION)
    notice = notice_for(session, actor, notice_id)
    if not policy.can_withdraw(actor, notice):
        raise NotAllowed
    actor.need_second_factor()
    return TakeBackPage(
        actor.frame,
        card_of(notice, standing_of(session, notice)),
        form,
        _("撤回这份公示？"),
        _("撤回以后不会生效，也不能恢复。公示和理由一直看得到，公开日志里也记一条。"),
        "withdraw",
        _("撤回公示"),
    )
