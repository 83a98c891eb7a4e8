"""The door for a forgotten password: telephone, the code from the counter or from a text message, a new password."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.access import resetting
from app.access.addresses import address_of
from app.access.hashing import hashed_if
from app.access.schemas import NewPassword, Phone
from app.accounts import service as accounts
from app.kit.forms import Filled, Line, Wish, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, bare_frame, see_other

router = APIRouter(route_class=OneTransaction, include_in_schema=False)


class ResetWish(Wish):
    phone: Phone
    code: Line
    password: NewPassword


class CodeWish(Wish):
    """Its field has a name of its own, because both forms stand on one page."""

    mobile: Phone


FilledCode = Annotated[Filled[CodeWish], filled(CodeWish)]
FilledReset = Annotated[Filled[ResetWish], filled(ResetWish)]


@dataclass(frozen=True)
class ResetPage(View):
    template = "access/reset.html"

    form: Filled[ResetWish]
    asking: Filled[CodeWish] | None
    """The form that has a code sent; None where no gateway is plugged in."""
    refusal: str | None = None
    sent: bool = False


def reset_page(request: Request, form: Filled[Any], refusal: str | None = None) -> ResetPage:
    asking = empty({"mobile": form.typed.get("phone", "")}) if request.app.state.settings.sms_url else None
    return ResetPage(bare_frame(request), form, asking, refusal)


async def hashed_if_right(request: Request, form: FilledReset) -> str | None:
    if (wish := form.wish) is None:
        return ""
    return await hashed_if(
        request,
        wish.phone,
        wish.password,
        lambda session: resetting.code_matches(
            resetting.account_of_phone(session, wish.phone), wish.code, request.app.state.settings.secret
        ),
    )


@router.get("/reset")
def show_reset(request: Request) -> ResetPage:
    return reset_page(request, empty())


@router.post("/reset/code")
def post_code(session: DbSession, request: Request, form: FilledCode) -> Response:
    """The same answer whether the telephone is known or not. Raises NotFound where no gateway is plugged in."""
    settings = request.app.state.settings
    if not settings.sms_url:
        raise NotFound
    if form.wish is None:
        return replace(reset_page(request, empty()), asking=form).reply(request, 422)
    try:
        resetting.send_reset_code(session, form.wish.mobile, address_of(request), settings.secret)
    except accounts.TooManyCodes as no:
        return reset_page(request, empty(), f"{no.message}{no.next_step}").reply(request, no.status)
    return replace(reset_page(request, empty({"phone": form.wish.mobile})), sent=True).reply(request)


@router.post("/reset")
def post_reset(
    session: DbSession, request: Request, form: FilledReset, hashed: Annotated[str | None, Depends(hashed_if_right)]
) -> Response:
    if form.wish is None:
        return reset_page(request, form).reply(request, 422)
    try:
        if hashed is None:
            raise accounts.TooManyAttempts
        resetting.reset_password(session, form.wish.phone, form.wish.code, hashed, request.app.state.settings.secret)
    except (resetting.WrongReset, accounts.TooManyAttempts) as no:
        return reset_page(request, form, f"{no.message}{no.next_step}").reply(request, no.status)
    return see_other("/sign-in", _("新密码设好了，请登录。"))
