"""The door of the invite slips: choose for whom, print the sheet that is shown once, see which were used."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, officer
from app.access.permissions import Permission
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.roster import inviting
from app.roster.inviting import DrawnCode, Slip
from app.roster.queries import SlipLine, entrances, slips
from app.roster.schemas import InvitesWish

router = APIRouter(route_class=OneTransaction, prefix="/roster", include_in_schema=False)

FilledInvites = Annotated[Filled[InvitesWish], filled(InvitesWish)]


@dataclass(frozen=True)
class InvitesPage(View):
    template = "roster/invites.html"
    tab = "home"

    form: Filled[InvitesWish]
    places: list[tuple[UUID, str]]
    slips: list[SlipLine]
    states: dict[str, str]
    most: int


@dataclass(frozen=True)
class SlipsPage(View):
    template = "roster/slips.html"

    slips: list[Slip]
    address: str
    """The page to type, for telephones that read no QR codes."""


async def drawn_codes(request: Request, form: FilledInvites) -> list[DrawnCode]:
    """The pictures, drawn before the transaction: as many as units are meant at this moment."""
    if form.wish is None:
        return []
    wish = form.wish

    def meant(session: Session) -> int:
        return len(inviting.to_invite(session, officer(session, request), wish))

    n = await request.app.state.db.look(meant)
    return await to_thread.run_sync(inviting.draw, request.app.state.settings.public_url, n, limiter=request.app.state.parsing)


@router.get("/invites")
def show_invites(session: DbSession, actor: Officer) -> InvitesPage:
    actor.need(Permission.INVITE)
    return invites_page(session, actor, empty({"whom": "without_account"}))


@router.post("/invites")
def post_invites(
    session: DbSession,
    actor: Officer,
    request: Request,
    form: FilledInvites,
    drawn: Annotated[list[DrawnCode], Depends(drawn_codes)],
) -> Response:
    actor.need(Permission.INVITE)
    if form.wish is None:
        return invites_page(session, actor, form).reply(request, 422)
    made = inviting.make_invites(session, actor, inviting.to_invite(session, actor, form.wish), drawn)
    return SlipsPage(actor.frame, made, f"{request.app.state.settings.public_url.rstrip('/')}/invite").reply(request)


@router.post("/invites/{invite_id}/revoke")
def post_revoke(session: DbSession, actor: Officer, invite_id: UUID) -> Response:
    inviting.revoke_invite(session, actor, invite_id)
    return see_other(f"{actor.frame.base}/roster/invites", _("作废了，那张纸条不能再用。"))


def invites_page(session: Session, actor: Actor, form: Filled[InvitesWish]) -> InvitesPage:
    states = {"open": _("还没有用"), "used": _("用过了"), "expired": _("过期了"), "revoked": _("已作废")}
    return InvitesPage(actor.frame, form, entrances(session, actor), slips(session, actor), states, inviting.MOST_SLIPS)
