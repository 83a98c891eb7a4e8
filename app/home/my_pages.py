"""The people's door to 我的: see, correct, export, close; messages, sessions, second factor, keys, consents."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.access import consents, own_account
from app.access.actors import Actor, Known, Oneself, Resident
from app.access.consents import ConsentLine
from app.access.own_account import KeyLine, SessionLine
from app.access.schemas import CloseWish, ConsentWish, KeyWish, PasswordWish, PhoneWish, Proving, SetUpWish
from app.access.scopes import READ_SCOPES, RESIDENT_SCOPES, SCOPES
from app.access.service import make_key, revoke_key
from app.accounts import service as accounts
from app.compounds.models import Person
from app.compounds.names import masked_phone
from app.home import service
from app.home.exporting import everything_about
from app.home.queries import MySeat, MyUnit, me, my_messages, my_seats, my_units, unread_count
from app.home.schemas import NameWish
from app.inbox.mailing import mailbox_of
from app.inbox.models import MailAddress, Message
from app.kit.clock import today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.qr import Qr, qr_path
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.same_origin import sid_name
from app.kit.views import View, see_other

router = APIRouter(route_class=OneTransaction, prefix="/me", include_in_schema=False)

P = TypeVar("P", bound=Proving)

FilledPhone = Annotated[Filled[PhoneWish], filled(PhoneWish)]
FilledName = Annotated[Filled[NameWish], filled(NameWish)]
FilledPassword = Annotated[Filled[PasswordWish], filled(PasswordWish)]
FilledSetUp = Annotated[Filled[SetUpWish], filled(SetUpWish)]
FilledClose = Annotated[Filled[CloseWish], filled(CloseWish)]
FilledKey = Annotated[Filled[KeyWish], filled(KeyWish)]
FilledConsent = Annotated[Filled[ConsentWish], filled(ConsentWish)]


async def _proved(request: Request, wish: Proving | None) -> bool:
    """A form with mistakes is drawn again anyway."""
    return wish is not None and await own_account.is_really_them(request, wish.password)


async def phone_proved(request: Request, form: FilledPhone) -> bool:
    return await _proved(request, form.wish)


async def password_proved(request: Request, form: FilledPassword) -> str | None:
    """The new password's hash where the old one was right: Argon2 stays outside of the transaction."""
    if form.wish is None or not await _proved(request, form.wish):
        return None
    hashed: str = await request.app.state.hashing.run(accounts.password_hash, form.wish.new)
    return hashed


async def set_up_proved(request: Request, form: FilledSetUp) -> bool:
    return await _proved(request, form.wish)


async def close_proved(request: Request, form: FilledClose) -> bool:
    return await _proved(request, form.wish)


@dataclass(frozen=True)
class MePage(View):
    template = "home/me.html"
    tab = "home"

    person: Person
    units: list[MyUnit]
    seats: list[MySeat]
    unread: int
    has_second_factor: bool
    must_have_second_factor: bool
    is_resident: bool
    mailbox: MailAddress | None
    takes_mail: bool


@dataclass(frozen=True)
class MessagesPage(View):
    template = "home/messages.html"

    messages: list[Message]


@dataclass(frozen=True)
class ProvingPage(View):
    """A form about the account; `ask` is whether it needs the password."""

    form: Filled[Any]
    ask: bool


@dataclass(frozen=True)
class PhonePage(ProvingPage):
    template = "home/phone.html"

    phone: str


@dataclass(frozen=True)
class PasswordPage(ProvingPage):
    template = "home/password.html"

    has_keys: bool


@dataclass(frozen=True)
class SetUpPage(ProvingPage):
    template = "home/second_factor.html"

    qr: Qr
    secret: str
    has_one: bool


@dataclass(frozen=True)
class ClosePage(ProvingPage):
    template = "home/close.html"


@dataclass(frozen=True)
class NamePage(View):
    template = "home/name.html"

    form: Filled[NameWish]
    name: str


@dataclass(frozen=True)
class SessionsPage(View):
    template = "home/sessions.html"

    sessions: list[SessionLine]


@dataclass(frozen=True)
class KeysPage(View):
    template = "home/keys.html"

    keys: list[KeyLine]
    form: Filled[KeyWish]
    scopes: list[tuple[str, str]]
    """What a new one may be for; none for who has left: they make no keys."""
    made: str | None
    """The new key, on this page only."""


@dataclass(frozen=True)
class ConsentsPage(View):
    template = "home/consents.html"

    consents: list[ConsentLine]


@router.get("")
def show_me(session: DbSession, actor: Oneself, request: Request) -> MePage:
    return MePage(
        actor.frame,
        me(session, actor),
        my_units(session, actor),
        my_seats(session, actor),
        unread_count(session, actor),
        own_account.account_of(session, actor).totp_secret is not None,
        isinstance(actor, Actor) and actor.must_have_second_factor,
        actor.is_resident,
        mailbox_of(session, actor.compound.id, actor.person_id),
        bool(request.app.state.settings.mail_url),
    )


@router.get("/export")
def export(session: DbSession, actor: Oneself) -> Response:
    body = json.dumps(everything_about(session, actor), ensure_ascii=False, indent=1)
    name = f"gongzhi-{actor.compound.slug}-{today():%Y%m%d}.json"
    return Response(body, media_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/messages")
def show_messages(session: DbSession, actor: Oneself) -> MessagesPage:
    return MessagesPage(actor.frame, my_messages(session, actor))


@router.post("/messages/read")
def post_read_all(session: DbSession, actor: Oneself) -> Response:
    service.read_all(session, actor)
    return see_other(f"{actor.frame.base}/me/messages", _("都标成已读了。"))


@router.post("/messages/{message_id}/open")
def post_open(session: DbSession, actor: Oneself, message_id: UUID) -> Response:
    return see_other(actor.frame.base + service.open_message(session, actor, message_id))


@router.get("/name")
def show_name(actor: Oneself) -> NamePage:
    return NamePage(actor.frame, empty(), actor.name)


@router.post("/name")
def post_name(session: DbSession, actor: Oneself, request: Request, form: FilledName) -> Response:
    if form.wish is None:
        return NamePage(actor.frame, form, actor.name).reply(request, 422)
    service.ask_for_name(session, actor, form.wish)
    return see_other(f"{actor.frame.base}/me", _("告诉管名册的人了，核对后会改。"))


@router.get("/phone")
def show_phone(session: DbSession, actor: Oneself) -> PhonePage:
    return _phone_page(session, actor, empty())


@router.post("/phone")
def post_phone(
    session: DbSession, actor: Oneself, request: Request, form: FilledPhone, proved: Annotated[bool, Depends(phone_proved)]
) -> Response:
    if form.wish is None or not proved:
        return _phone_page(session, actor, _unproved(form)).reply(request, 422)
    own_account.change_phone(session, actor, form.wish.phone)
    return see_other(f"{actor.frame.base}/me", _("电话改好了，以后用新号码登录。"))


@router.get("/password")
def show_password(session: DbSession, actor: Oneself) -> PasswordPage:
    return _password_page(session, actor, empty())


@router.post("/password")
def post_password(
    session: DbSession,
    actor: Oneself,
    request: Request,
    form: FilledPassword,
    hashed: Annotated[str | None, Depends(password_proved)],
) -> Response:
    if form.wish is None or hashed is None:
        return _password_page(session, actor, _unproved(form)).reply(request, 422)
    own_account.change_password(session, actor, hashed, keep_keys=form.wish.keep_keys is not None)
    return see_other(f"{actor.frame.base}/me", _("密码改好了，别的手机都退出了。"))


@router.get("/second-factor")
def show_set_up(session: DbSession, actor: Oneself) -> SetUpPage:
    return _set_up_page(session, actor, empty({"secret": own_account.new_secret()}))


@router.post("/second-factor")
def post_set_up(
    session: DbSession, actor: Oneself, request: Request, form: FilledSetUp, proved: Annotated[bool, Depends(set_up_proved)]
) -> Response:
    if "secret" in form.problems:
        raise Malformed
    if form.wish is None or not proved:
        return _set_up_page(session, actor, _unproved(form)).reply(request, 422)
    try:
        own_account.set_second_factor(session, actor, form.wish.secret, form.wish.code)
    except accounts.WrongSecondFactor as no:
        return _set_up_page(session, actor, form.with_problem("code", no.message)).reply(request, no.status)
    return see_other(f"{actor.frame.base}/me", _("动态码设好了。"))


@router.get("/sessions")
def show_sessions(session: DbSession, actor: Oneself) -> SessionsPage:
    return SessionsPage(actor.frame, own_account.sessions_of(session, actor))


@router.post("/sessions/end-others")
def post_end_others(session: DbSession, actor: Oneself) -> Response:
    count = own_account.end_other_sessions(session, actor)
    return see_other(f"{actor.frame.base}/me/sessions", _("退出了 %(n)s 处。", n=count))


@router.post("/sessions/{login_id}/end")
def post_end(session: DbSession, actor: Oneself, login_id: UUID) -> Response:
    own_account.end_session(session, actor, login_id)
    return see_other(f"{actor.frame.base}/me/sessions", _("那一处退出了。"))


@router.get("/keys")
def show_keys(session: DbSession, actor: Oneself) -> KeysPage:
    return _keys_page(session, actor, empty({"days": 90}))


@router.post("/keys")
def post_key(session: DbSession, actor: Resident, request: Request, form: FilledKey) -> Response:
    """The one write whose answer is a page: a key that travelled in a cookie over a redirect would be kept there."""
    if form.wish is None:
        return _keys_page(session, actor, form).reply(request, 422)
    made = make_key(session, actor, form.id, form.wish.name, frozenset(form.wish.scopes), form.wish.days)
    return _keys_page(session, actor, empty({"days": 90}), made).reply(request, 201)


@router.post("/keys/{key_id}/revoke")
def post_revoke(session: DbSession, actor: Oneself, key_id: UUID) -> Response:
    revoke_key(session, actor, key_id)
    return see_other(f"{actor.frame.base}/me/keys", _("密钥作废了。"))


@router.get("/consents")
def show_consents(session: DbSession, actor: Oneself, request: Request) -> ConsentsPage:
    """Letters are asked about where somebody carries them; a consent that stands is shown in any case."""
    not_asked = None if request.app.state.settings.mail_url else consents.Purpose.MAIL
    lines = consents.consents_of(session, actor)
    return ConsentsPage(actor.frame, [line for line in lines if line.given_at or line.purpose != not_asked])


@router.post("/consents")
def post_consent(session: DbSession, actor: Oneself, form: FilledConsent) -> Response:
    if form.wish is None:
        raise Malformed
    consents.give(session, actor, form.wish.purpose)
    return see_other(f"{actor.frame.base}/me/consents", _("记下了，随时可以撤回。"))


@router.post("/consents/withdraw")
def post_withdraw(session: DbSession, actor: Oneself, form: FilledConsent) -> Response:
    if form.wish is None:
        raise Malformed
    service.withdraw_consent(session, actor, form.wish.purpose)
    return see_other(f"{actor.frame.base}/me/consents", _("撤回了，从现在起不再用。"))


@router.get("/close")
def show_close(actor: Oneself) -> ClosePage:
    return ClosePage(actor.frame, empty(), _asks(actor))


@router.post("/close")
def post_close(
    session: DbSession, actor: Oneself, request: Request, form: FilledClose, proved: Annotated[bool, Depends(close_proved)]
) -> Response:
    if form.wish is None or not proved:
        return ClosePage(actor.frame, _unproved(form), _asks(actor)).reply(request, 422)
    service.close(session, actor)
    reply = see_other("/sign-in", _("账号注销了。"))
    reply.delete_cookie(sid_name(request), path="/", secure=request.app.state.settings.https, httponly=True, samesite="lax")
    reply.headers["Clear-Site-Data"] = '"cache"'
    return reply


def _asks(actor: Known) -> bool:
    return not actor.has_fresh_second_factor


def _unproved(form: Filled[P]) -> Filled[P]:
    return form if form.wish is None else form.with_problem("password", _("密码不对，请再填一次。"))


def _phone_page(session: Session, actor: Known, form: Filled[PhoneWish]) -> PhonePage:
    return PhonePage(actor.frame, form, _asks(actor), masked_phone(own_account.account_of(session, actor).phone))


def _password_page(session: Session, actor: Known, form: Filled[PasswordWish]) -> PasswordPage:
    return PasswordPage(actor.frame, form, _asks(actor), any(key.works for key in own_account.keys_of(session, actor)))


def _set_up_page(session: Session, actor: Known, form: Filled[SetUpWish]) -> SetUpPage:
    account, secret = own_account.account_of(session, actor), form.typed["secret"]
    address = own_account.secret_address(secret, masked_phone(account.phone), f"{_('共治')} {actor.compound.name}")
    return SetUpPage(actor.frame, form, _asks(actor), qr_path(address), secret, account.totp_secret is not None)


def _keys_page(session: Session, actor: Known, form: Filled[KeyWish], made: str | None = None) -> KeysPage:
    rooms = {permission.partition(":")[0] for permission in actor.permissions}
    mine = READ_SCOPES | RESIDENT_SCOPES | {s for s in SCOPES if s.partition(":")[0] in rooms}
    scopes = [(scope, scope) for scope in sorted(mine)] if actor.is_resident else []
    return KeysPage(actor.frame, own_account.keys_of(session, actor), form, scopes, made)
