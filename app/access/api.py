"""The programs' door outside any compound: who am I, and the outbox's question whether this is our server."""

from typing import Annotated

from fastapi import APIRouter, Request
from sqlmodel import Session, col, select

from app.access.actors import SECURITY
from app.access.models import ApiKey
from app.access.schemas import MeRead, PingRead
from app.accounts.models import SECOND_FACTOR_LASTS, Account, LoginSession
from app.accounts.service import hashed_token
from app.compounds.models import Compound
from app.kit.clock import now
from app.kit.refusals import SignInNeeded
from app.kit.requests import Inside, OneTransaction
from app.kit.same_origin import form_token, needs_token, sid_name

router = APIRouter(route_class=OneTransaction)


def session_by_cookie(session: Session, request: Request) -> LoginSession | None:
    """The open session of a usable account, whatever compound it goes to."""
    token = None if needs_token(request.scope) else request.cookies.get(sid_name(request))
    if not token:
        return None
    return session.exec(
        select(LoginSession)
        .join(Account, Account.id == LoginSession.account_id)  # type: ignore[arg-type]
        .where(
            LoginSession.token_hash == hashed_token(token),
            col(LoginSession.ended_at).is_(None),
            LoginSession.ends_at > now(),
            col(Account.closed_at).is_(None),
            col(Account.suspended_at).is_(None),
        )
    ).one_or_none()


def me(session: Session, request: Request) -> MeRead:
    """Raises SignInNeeded. A request with Authorization ignores cookies (API.md rule 8)."""
    bearer = request.headers.get("authorization", "")
    if bearer:
        return _by_key(session, bearer)
    login = session_by_cookie(session, request)
    if login is None:
        raise SignInNeeded
    fresh = login.second_factor_at + SECOND_FACTOR_LASTS if login.second_factor_at else None
    return MeRead(
        kind="session",
        account_id=login.account_id,
        name=None,
        compound=None,
        scopes=None,
        until=login.ends_at,
        second_factor_until=fresh if fresh and fresh > now() else None,
    )


def _by_key(session: Session, bearer: str) -> MeRead:
    scheme, _, token = bearer.partition(" ")
    row = session.exec(
        select(ApiKey, Compound.slug)
        .join(Compound, Compound.id == ApiKey.compound_id)  # type: ignore[arg-type]
        .where(
            ApiKey.key_hash == hashed_token(token.strip()),
            col(ApiKey.revoked_at).is_(None),
            ApiKey.until_at > now(),
        )
    ).one_or_none()
    if scheme.lower() != "bearer" or row is None:
        raise SignInNeeded
    key, slug = row
    return MeRead(
        kind="key",
        account_id=None,
        name=key.name,
        compound=slug,
        scopes=sorted(key.scope_set),
        until=key.until_at,
        second_factor_until=None,
    )


Myself = Annotated[MeRead, Inside(me, security=SECURITY)]
MaybeLogin = Annotated[LoginSession | None, Inside(session_by_cookie)]


@router.get("/api/v1/me", tags=["me"], operation_id="get_me", summary="Who the server takes me for")
def get_me(myself: Myself) -> MeRead:
    return myself


@router.get("/ping", include_in_schema=False)
def get_ping(request: Request, login: MaybeLogin) -> PingRead:
    return PingRead(
        user=str(login.account_id) if login else None,
        csrf=form_token(request) or None if login else None,
        now=now(),
    )
