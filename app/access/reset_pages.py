"""The door for a forgotten password: telephone, the code from the counter, a new password."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.access import resetting
from app.access.hashing import hashed_if
from app.access.schemas import NewPassword, Phone
from app.accounts import service as accounts
from app.kit.forms import Filled, Line, Wish, empty, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, bare_frame, see_other

router = APIRouter(route_class=OneTransaction, include_in_schema=False)


class ResetWish(Wish):
    phone: Phone
    code: Line
    password: NewPassword


FilledReset = Annotated[Filled[ResetWish], filled(ResetWish)]


@dataclass(frozen=True)
class ResetPage(View):
    template = "access/reset.html"

    form: Filled[ResetWish]
    refusal: str | None = None


async def hashed_if_right(request: Request, form: FilledReset) -> str | None:
    if (wish := form.wish) is None:
        return ""
    return await hashed_if(
        request,
        wish.phone,
        wish.password,
        lambda session: resetting.code_matches(resetting.account_of_phone(session, wish.phone), wish.code),
    )


@router.get("/reset")
def show_reset(request: Request) -> ResetPage:
    return ResetPage(bare_frame(request), empty())


@router.post("/reset")
def post_reset(
    session: DbSession, request: Request, form: FilledReset, hashed: Annotated[str | None, Depends(hashed_if_right)]
) -> Response:
    if form.wish is None:
        return ResetPage(bare_frame(request), form).reply(request, 422)
    try:
        if hashed is None:
            raise accounts.TooManyAttempts
        resetting.reset_password(session, form.wish.phone, form.wish.code, hashed)
    except (resetting.WrongReset, accounts.TooManyAttempts) as no:
        return ResetPage(bare_frame(request), form, f"{no.message}{no.next_step}").reply(request, no.status)
    return see_other("/sign-in", _("新密码设好了，请登录。"))
