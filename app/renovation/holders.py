"""Who holds a link: the contractor, without an account. Gate one of their page, like `access.actors` for everybody else."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from sqlmodel import Session, col, select

from app.access.actors import CompoundFacts, Visitor
from app.accounts.service import hashed_token
from app.compounds.models import Compound
from app.kit.i18n import mark
from app.kit.refusals import NotFound, Refusal
from app.kit.requests import Inside
from app.kit.views import Place, bare_frame
from app.renovation.finding_models import FindingLink


class LinkEnded(Refusal):
    """Who holds it was let in once, and is told so plainly: 410, RFC 9110 section 15.5.11."""

    status = 410
    says = mark("这个链接作废了，或者过期了。")
    advice = mark("请向监督员要新的。写好没送出的回复还在这台手机里，打开新链接就能送出。")


@dataclass(frozen=True, kw_only=True)
class Holder(Visitor):
    """Somebody who was given the link of one finding; they may answer that one and see what anybody sees."""

    link: FindingLink


def link_holder(session: Session, request: Request) -> Holder:
    """Raises NotFound for a token that is unknown or of another compound, LinkEnded for one that was ended or is too old."""
    slug, token = request.path_params.get("slug", ""), request.path_params.get("token", "")
    found = session.exec(
        select(FindingLink, Compound)
        .join(Compound, col(Compound.id) == FindingLink.compound_id)
        .where(
            FindingLink.token_hash == hashed_token(token),
            Compound.slug == slug,
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    link, compound = found
    place = Place(compound.slug, compound.name, compound.help_phone)
    frame = bare_frame(request, compound=place)
    request.state.frame = frame
    if not link.opens:
        raise LinkEnded
    facts = CompoundFacts(compound.id, compound.slug, compound.name, compound.help_phone)
    return Holder(compound=facts, frame=frame, link=link)


LinkHolder = Annotated[Holder, Inside(link_holder)]


def address_of(request: Request, slug: str, token: str) -> str:
    """What the contractor is sent."""
    return f"{request.app.state.settings.public_url.rstrip('/')}/c/{slug}/works/answer/{token}"
