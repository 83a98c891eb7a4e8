"""Who holds a link: the contractor, without an account. Gate one of their page, like `access.actors` for everybody else."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request
from sqlmodel import Session, col, select

from app.access.actors import CompoundFacts, Visitor
from app.accounts.service import hashed_token
from app.compounds.models import Compound
from app.kit.clock import now
from app.kit.refusals import NotFound
from app.kit.requests import Inside
from app.kit.views import Place, bare_frame
from app.renovation.finding_models import FindingLink


@dataclass(frozen=True, kw_only=True)
class Holder(Visitor):
    """Somebody who was given the link of one finding; they may answer that one and see what anybody sees."""

    link: FindingLink


def link_holder(session: Session, request: Request) -> Holder:
    """Raises NotFound for a token that is unknown, of another compound, ended or too old: all the same to whoever asks."""
    slug, token = request.path_params.get("slug", ""), request.path_params.get("token", "")
    found = session.exec(
        select(FindingLink, Compound)
        .join(Compound, col(Compound.id) == FindingLink.compound_id)
        .where(
            FindingLink.token_hash == hashed_token(token),
            Compound.slug == slug,
            col(FindingLink.ended_at).is_(None),
            FindingLink.until_at > now(),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    link, compound = found
    place = Place(compound.slug, compound.name, compound.help_phone)
    frame = bare_frame(request, compound=place)
    request.state.frame = frame
    facts = CompoundFacts(compound.id, compound.slug, compound.name, compound.help_phone)
    return Holder(compound=facts, frame=frame, link=link)


LinkHolder = Annotated[Holder, Inside(link_holder)]


def address_of(request: Request, slug: str, token: str) -> str:
    """What the contractor is sent."""
    return f"{request.app.state.settings.public_url.rstrip('/')}/c/{slug}/works/answer/{token}"
