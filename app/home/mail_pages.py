"""我的邮箱: name a mailbox for one's messages, end it; and the doors behind the links in letters, which need no signing in."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.actors import Anyone, Oneself
from app.access.addresses import address_of
from app.access.consents import PURPOSES, Purpose
from app.home.schemas import MailWish
from app.inbox import mailing
from app.inbox.models import MailAddress
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other

router = APIRouter(route_class=OneTransaction, include_in_schema=False)

FilledMail = Annotated[Filled[MailWish], filled(MailWish)]
Key = Annotated[str, Query(max_length=64)]


@dataclass(frozen=True)
class MailPage(View):
    template = "home/mail.html"

    form: Filled[MailWish]
    mailbox: MailAddress | None
    wording: str
    """What is agreed to by naming one."""


@dataclass(frozen=True)
class LetterLinkPage(View):
    template = "home/letter_link.html"

    mailbox: MailAddress
    key: str
    stop: bool
    """Whether it ends the letters; else it confirms the mailbox."""


@dataclass(frozen=True)
class StoppedPage(View):
    template = "home/letters_stopped.html"


@router.get("/me/mail")
def show_mail(session: DbSession, actor: Oneself, request: Request) -> MailPage:
    """Raises NotFound where no mail server is named."""
    if not request.app.state.settings.mail_url:
        raise NotFound
    mailbox = mailing.mailbox_of(session, actor.compound.id, actor.person_id)
    return MailPage(actor.frame, empty(), mailbox, _(PURPOSES[Purpose.MAIL][1]))


@router.post("/me/mail")
def post_mail(session: DbSession, actor: Oneself, request: Request, form: FilledMail) -> Response:
    if not request.app.state.settings.mail_url:
        raise NotFound
    if form.wish is None:
        mailbox = mailing.mailbox_of(session, actor.compound.id, actor.person_id)
        return MailPage(actor.frame, form, mailbox, _(PURPOSES[Purpose.MAIL][1])).reply(request, 422)
    mailing.name_mailbox(session, actor, form.wish.address, address_of(request))
    return see_other(f"{actor.frame.base}/me/mail", _("记下了。"))


@router.post("/me/mail/end")
def post_end(session: DbSession, actor: Oneself) -> Response:
    mailing.end_mailbox(session, actor)
    return see_other(f"{actor.frame.base}/me", _("不再往邮箱发了，地址也删掉了。"))


@router.get("/mail/{id}/confirm")
def show_confirm(session: DbSession, visitor: Anyone, request: Request, id: UUID, key: Key = "") -> LetterLinkPage:
    mailbox = mailing.mailbox_by(session, visitor, id, key, request.app.state.settings.secret)
    return LetterLinkPage(visitor.frame, mailbox, key, stop=False)


@router.post("/mail/{id}/confirm")
def post_confirm(session: DbSession, visitor: Anyone, request: Request, id: UUID, key: Key = "") -> LetterLinkPage:
    mailbox = mailing.mailbox_by(session, visitor, id, key, request.app.state.settings.secret)
    mailing.confirm_mailbox(mailbox)
    return LetterLinkPage(visitor.frame, mailbox, key, stop=False)


@router.get("/mail/{id}/stop")
def show_stop(session: DbSession, visitor: Anyone, request: Request, id: UUID, key: Key = "") -> LetterLinkPage:
    """Only a page with a button: programs that look behind every link of a letter end nothing."""
    mailbox = mailing.mailbox_by(session, visitor, id, key, request.app.state.settings.secret)
    return LetterLinkPage(visitor.frame, mailbox, key, stop=True)


@router.post("/mail/{id}/stop")
def post_stop(session: DbSession, visitor: Anyone, request: Request, id: UUID, key: Key = "") -> StoppedPage:
    """By the button, or by a mail program's own (RFC 8058)."""
    mailing.stop_letters(session, mailing.mailbox_by(session, visitor, id, key, request.app.state.settings.secret))
    return StoppedPage(visitor.frame)
