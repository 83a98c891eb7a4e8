"""The demo's door: one tap to be one of the invented people. It exists only where `settings.demo` does, on loopback."""

from ipaddress import ip_address
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import select

from app.access import service
from app.access.addresses import device_of, entered
from app.accounts.models import Account
from app.kit.i18n import _
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction

router = APIRouter(route_class=OneTransaction, include_in_schema=False)

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class DemoPerson(NamedTuple):
    """A line of the sign-in page. `slug`: the compound they are led into."""

    slug: str
    phone: str
    name: str
    line: str


@router.post("/demo/enter")
def post_enter(session: DbSession, request: Request, phone: Annotated[str, Form(max_length=20)]) -> Response:
    """Only the listed people, only from this machine, and only by a name of this machine (a foreign name that points
    here is another site's trick). Everything else finds nothing."""
    if not request.app.state.settings.demo or not _is_loopback(request):
        raise NotFound
    guest = next((person for person in request.app.state.demo_people(session) if person.phone == phone), None)
    if guest is None:
        raise NotFound
    account = session.exec(select(Account).where(Account.phone == guest.phone)).one()
    token = service.enter(session, account.id, device_of(request), second_factor=True)
    return entered(request, f"/c/{guest.slug}/", token, _("您现在是%(name)s。", name=guest.name))


def _is_loopback(request: Request) -> bool:
    if request.client is None or request.url.hostname not in LOOPBACK_NAMES:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
