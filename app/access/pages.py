"""The sign-in doors, the size and language switches, and the page 谁能做什么."""

from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request, Response
from sqlmodel import Session, select

from app.access import service
from app.access.actors import Anyone, Oneself
from app.access.addresses import address_of, device_of, entered
from app.access.demo_door import DemoPerson
from app.access.hashing import hashed_if
from app.access.own_account import count_wrong
from app.access.permissions import NAMED_SEATS, PERMISSION_SAYS, SEAT_PERMISSIONS, SEAT_SAYS
from app.access.schemas import InviteWish, SecondFactorWish, SignInWish
from app.accounts import service as accounts
from app.compounds.models import Compound
from app.compounds.names import known_as
from app.compounds.people import seated
from app.kit.answers import CrossSite
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import LOCALES, _
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.same_origin import needs_token, sid_name
from app.kit.views import View, bare_frame, local, see_other

router = APIRouter(route_class=OneTransaction, include_in_schema=False)


FilledSignIn = Annotated[Filled[SignInWish], filled(SignInWish)]
FilledInvite = Annotated[Filled[InviteWish], filled(InviteWish)]
FilledSecondFactor = Annotated[Filled[SecondFactorWish], filled(SecondFactorWish)]


@dataclass(frozen=True)
class SignInPage(View):
    template = "access/sign_in.html"

    form: Filled[SignInWish]
    refusal: str | None = None
    demo_people: tuple[DemoPerson, ...] = ()
    """The invented people, only in demo mode."""
    signed_out: bool = False
    """Somebody has just left: the phone forgets the pages it kept for them."""


@dataclass(frozen=True)
class InvitePage(View):
    template = "access/invite.html"

    form: Filled[InviteWish]
    refusal: str | None = None


@dataclass(frozen=True)
class SecondFactorPage(View):
    template = "access/second_factor.html"

    form: Filled[SecondFactorWish]
    next: str


@dataclass(frozen=True)
class CompoundsPage(View):
    template = "access/compounds.html"

    compounds: tuple[tuple[str, str, str], ...]
    """(slug, name, city)"""


@dataclass(frozen=True)
class WhoMayPage(View):
    template = "access/who_may.html"

    table: tuple[tuple[str, str, tuple[str, ...]], ...]
    """(seat, who sits in it today, what it may do), in the reader's language; a stranger reads masked names."""


async def checked_password(request: Request, form: FilledSignIn) -> service.PasswordCheck | None:
    """The slow part of signing in, before any transaction: a cheap read, then Argon2 in its own small queue."""
    if form.wish is None:
        return None
    wish, db, address = form.wish, request.app.state.db, address_of(request)

    def known(session: Session) -> tuple[bool, accounts.Credential]:
        may = not request.app.state.settings.throttled or accounts.may_attempt(session, wish.phone, address)
        return may, accounts.credential_for(session, wish.phone)

    may, credential = await db.look(known)
    if not may:
        return service.PasswordCheck(wish.phone, None, throttled=True)
    right = await request.app.state.hashing.run(accounts.password_matches, wish.password, credential)
    if not right:
        await to_thread.run_sync(count_wrong, db, wish.phone, address, limiter=db.writers)
    return service.PasswordCheck(wish.phone, credential.account_id if right else None, throttled=False)


async def hashed_if_open(request: Request, form: FilledInvite) -> str | None:
    if (wish := form.wish) is None:
        return ""
    return await hashed_if(
        request, wish.phone, wish.password, lambda session: service.open_invite(session, wish.code) is not None
    )


def sign_in_page(
    session: Session, request: Request, form: Filled[SignInWish], refusal: str | None = None, *, signed_out: bool = False
) -> SignInPage:
    people = tuple(request.app.state.demo_people(session)) if request.app.state.settings.demo else ()
    return SignInPage(bare_frame(request), form, refusal, people, signed_out)


@router.get("/")
def show_compounds(session: DbSession, request: Request) -> View | Response:
    """With one compound, straight to it."""
    rows = session.exec(select(Compound.slug, Compound.name, Compound.city).order_by(Compound.name)).all()
    if len(rows) == 1:
        return see_other(f"/c/{rows[0][0]}/")
    return CompoundsPage(bare_frame(request), tuple(rows))


@router.get("/sign-in")
def show_sign_in(session: DbSession, request: Request, next: str = "/", signed_out: bool = False) -> SignInPage:
    return sign_in_page(session, request, empty({"next": local(next)}), signed_out=signed_out)


@router.post("/sign-in")
def post_sign_in(
    session: DbSession,
    request: Request,
    form: FilledSignIn,
    check: Annotated[service.PasswordCheck | None, Depends(checked_password)],
) -> Response:
    if form.wish is None or check is None:
        return sign_in_page(session, request, form).reply(request, 422)
    try:
        token = service.sign_in(session, check, device_of(request))
    except (service.WrongPassword, accounts.TooManyAttempts) as no:
        return sign_in_page(session, request, form, f"{no.message}{no.next_step}").reply(request, no.status)
    return entered(request, form.wish.next or "/", token, _("登录成功。"))


@router.post("/sign-out")
def post_sign_out(session: DbSession, request: Request) -> Response:
    name = sid_name(request)
    if needs_token(request.scope):
        raise CrossSite
    service.sign_out(session, request.cookies.get(name, ""))
    reply = see_other("/sign-in?signed_out=true", _("已退出登录。"))
    reply.delete_cookie(name, path="/", secure=request.app.state.settings.https, httponly=True, samesite="lax")
    reply.headers["Clear-Site-Data"] = '"cache"'
    return reply


@router.get("/invite")
def show_invite(request: Request) -> InvitePage:
    """The slip's QR carries the code in the fragment; the same page has a field for the printed code."""
    return InvitePage(bare_frame(request), empty())


@router.post("/invite")
def post_invite(
    session: DbSession, request: Request, form: FilledInvite, hashed: Annotated[str | None, Depends(hashed_if_open)]
) -> Response:
    if form.wish is None:
        return InvitePage(bare_frame(request), form).reply(request, 422)
    wish = form.wish
    try:
        if hashed is None:
            raise accounts.TooManyAttempts
        account_id = service.use_invite(session, wish.code, wish.name, wish.phone, hashed)
    except (service.InviteUnknown, service.NameNotOnSlip, service.AccountTaken, accounts.TooManyAttempts) as no:
        return InvitePage(bare_frame(request), form, f"{no.message}{no.next_step}").reply(request, no.status)
    token = service.enter(session, account_id, device_of(request))
    return entered(request, "/", token, _("账号开好了。"))


@router.get("/c/{slug}/second-factor")
def show_second_factor(actor: Oneself, next: str = "") -> SecondFactorPage:
    return SecondFactorPage(actor.frame, empty(), local(next) if next else actor.frame.base + "/")


@router.post("/c/{slug}/second-factor")
def post_second_factor(session: DbSession, actor: Oneself, request: Request, form: FilledSecondFactor) -> Response:
    """A wrong code is counted and the page drawn again; after eight in a quarter of an hour it is too many."""
    settings, subject, address = request.app.state.settings, f"second-factor:{actor.account_id}", address_of(request)
    target = local(form.wish.next) if form.wish and form.wish.next else actor.frame.base + "/"
    if form.wish is None or actor.login_id is None or (form.wish.code is None and not settings.demo):
        page = SecondFactorPage(actor.frame, form.with_problem("code", _("请填动态码。")), target)
        return page.reply(request, 422)
    if settings.throttled and not accounts.may_attempt(session, subject, address):
        raise accounts.TooManyAttempts
    try:
        service.confirm_second_factor(session, actor.login_id, form.wish.code)
    except accounts.WrongSecondFactor as no:
        accounts.count_attempt(session, subject, address)
        return SecondFactorPage(actor.frame, form.with_problem("code", no.message), target).reply(request, no.status)
    accounts.forget_attempts(session, subject)
    return see_other(target, _("身份已确认，15 分钟内有效。"))


@router.post("/size")
def post_size(size: Annotated[str, Form(pattern="^(normal|large)$")], next: Annotated[str, Form()] = "/") -> Response:
    return _remembered("size", size, next)


@router.post("/locale")
def post_locale(locale: Annotated[str, Form(max_length=5)], next: Annotated[str, Form()] = "/") -> Response:
    if locale not in LOCALES:
        raise Malformed
    return _remembered("locale", locale, next)


def _remembered(name: str, value: str, address: str) -> Response:
    reply = see_other(address)
    reply.set_cookie(name, value, max_age=3600 * 24 * 730, path="/", httponly=True, samesite="lax")
    return reply


@router.get("/c/{slug}/who-may")
def show_who_may(session: DbSession, visitor: Anyone) -> WhoMayPage:
    holders = {
        seat: _("、").join(known_as(name, full=visitor.is_resident) for name in names)
        for seat, names in seated(session, visitor.compound.id).items()
        if seat in NAMED_SEATS
    }
    table = tuple(
        (_(SEAT_SAYS[seat]), holders.get(seat, ""), tuple(_(says) for p, says in PERMISSION_SAYS.items() if p in may))
        for seat, may in SEAT_PERMISSIONS.items()
    )
    return WhoMayPage(visitor.frame, table)
