"""The slow part of setting a password with a code from paper or counter, before any transaction."""

from collections.abc import Callable

from anyio import to_thread
from fastapi import Request
from sqlmodel import Session

from app.access.addresses import address_of
from app.access.own_account import count_wrong
from app.accounts import service as accounts


async def hashed_if(request: Request, phone: str, password: str, code_is_right: Callable[[Session], bool]) -> str | None:
    """The password's hash, made only for a right code: "" for a wrong one, which is counted; None: too many were wrong.

    Otherwise anybody could keep the hashing busy, and with it everybody who signs in.
    """
    db, address = request.app.state.db, address_of(request)

    def known(session: Session) -> bool | None:
        if request.app.state.settings.throttled and not accounts.may_attempt(session, phone, address):
            return None
        return code_is_right(session)

    right = await db.look(known)
    if right is None:
        return None
    if not right:
        await to_thread.run_sync(count_wrong, db, phone, address, limiter=db.writers)
        return ""
    hashed: str = await request.app.state.hashing.run(accounts.password_hash, password)
    return hashed
