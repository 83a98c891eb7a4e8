"""The people's door to whether one may be asked to step in; what one can do stands on the same page, the census."""

from typing import Annotated

from fastapi import APIRouter, Response

from app.access.actors import Resident
from app.kit.forms import Filled, filled
from app.kit.i18n import _
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import see_other
from app.volunteering import helping
from app.volunteering.schemas import HelpingWish

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledHelping = Annotated[Filled[HelpingWish], filled(HelpingWish)]


@router.get("/helping")
def show_helping(actor: Resident) -> Response:
    """Where it stood before: who has kept the address is led on."""
    return see_other(f"{actor.frame.base}/volunteering/census")


@router.post("/helping")
def post_helping(session: DbSession, actor: Resident, form: FilledHelping) -> Response:
    if form.wish is None:
        raise Malformed
    helping.say_whether_asked(session, actor, form.wish)
    return see_other(f"{actor.frame.base}/volunteering/census", _("记好了，谢谢您。"))
