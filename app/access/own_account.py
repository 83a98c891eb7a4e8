"""Verbs on one's own account: sessions, telephone, password, second factor, closing. All are on record."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from anyio import to_thread
from fastapi import Request
from sqlmodel import Session, col, select

from app.access import consents
from app.access.actors import Known, oneself
from app.access.addresses import address_of
from app.access.models import ApiKey
from app.access.record import on_record
from app.access.service import revoke_keys
from app.accounts import service as accounts
from app.accounts.models import Account, LoginSession
from app.compounds.models import Person
from app.kit.clock import now
from app.kit.db import Database, writing
from app.kit.i18n import mark
from app.kit.refusals import NotFound, Refusal
from app.publiclog.service import erase_of


class PhoneNotFree(Refusal):
    says = mark("这个号码不能用来登录。")
    advice = mark("如果号码是您的，请到居委会当面办。")


@dataclass(frozen=True, slots=True)
class SessionLine:
    id: UUID
    device: str
    created_at: datetime
    ends_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class KeyLine:
    id: UUID
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    until_at: datetime
    revoked: bool
    expired: bool

    @property
    def works(self) -> bool:
        return not self.revoked and not self.expired


def account_of(session: Session, actor: Known, *, lock: bool = False) -> Account:
    """Raises NotFound for an actor without an account."""
    account = session.get(Account, actor.account_id, with_for_update=lock) if actor.account_id else None
    if account is None:
        raise NotFound
    return account


async def is_really_them(request: Request, password: str | None) -> bool:
    """A fresh second factor, or the right password: so that a telephone left on a table does not give the account away.

    The slow part of a door, before its transaction; a wrong password is counted like one at the sign-in page.
    Raises SignInNeeded and TooManyAttempts.
    """
    db: Database = request.app.state.db
    settings, address = request.app.state.settings, address_of(request)

    def known(session: Session) -> tuple[bool, str, accounts.Credential]:
        actor = oneself(session, request)
        account = account_of(session, actor)
        fresh = actor.has_fresh_second_factor
        if settings.throttled and not fresh and not accounts.may_attempt(session, account.phone, address):
            raise accounts.TooManyAttempts
        return fresh, account.phone, accounts.credential_for(session, account.phone)

    fresh, phone, credential = await db.look(known)
    if fresh or password is None:
        return fresh
    right: bool = await request.app.state.hashing.run(accounts.password_matches, password, credential)
    if not right:
        await to_thread.run_sync(count_wrong, db, phone, address, limiter=db.writers)
    return right


def count_wrong(db: Database, phone: str, address: str) -> None:
    """In a transaction of its own: a wrong password is on record whatever becomes of the request."""
    with writing(db) as session:
        accounts.count_attempt(session, phone, address)


def sessions_of(session: Session, actor: Known) -> list[SessionLine]:
    """The open ones, this one first, then the newest."""
    rows = session.exec(
        select(LoginSession)
        .where(
            LoginSession.account_id == actor.account_id, col(LoginSession.ended_at).is_(None), col(LoginSession.ends_at) > now()
        )
        .order_by(col(LoginSession.created_at).desc())
    )
    lines = [SessionLine(s.id, s.device, s.created_at, s.ends_at, s.id == actor.login_id) for s in rows]
    return sorted(lines, key=lambda line: not line.current)


def end_session(session: Session, actor: Known, login_id: UUID) -> None:
    """Raises NotFound for another account's session too."""
    login = session.get(LoginSession, login_id)
    if login is None or login.account_id != actor.account_id:
        raise NotFound
    if login.ended_at is None:
        accounts.end_session(session, login)
        on_record(session, actor, "session.ended", login_id)


def end_other_sessions(session: Session, actor: Known) -> int:
    """Everywhere but here; returns how many."""
    others = [line for line in sessions_of(session, actor) if not line.current]
    for line in others:
        accounts.end_session(session, session.get_one(LoginSession, line.id))
    on_record(session, actor, "sessions.ended", f"{len(others)}")
    return len(others)


def change_phone(session: Session, actor: Known, phone: str) -> None:
    """The new telephone signs in from now on, and stands in the roster. Raises PhoneNotFree."""
    account = account_of(session, actor, lock=True)
    if session.exec(select(Account.id).where(Account.phone == phone, Account.id != account.id)).first():
        raise PhoneNotFree
    account.phone = phone
    session.add(account)
    for person in persons_of(session, account.id):
        person.phone = phone
    on_record(session, actor, "account.phone-changed", account.id)


def change_password(session: Session, actor: Known, hashed: str, *, keep_keys: bool = False) -> None:
    """Whoever knew the old one is signed out everywhere, and so are the keys they may have made, unless told otherwise."""
    account = account_of(session, actor, lock=True)
    account.password_hash = hashed
    session.add(account)
    end_other_sessions(session, actor)
    if not keep_keys:
        revoke_keys(session, account.id)
    on_record(session, actor, "account.password-changed", account.id)


def new_secret() -> str:
    return pyotp.random_base32()


def secret_address(secret: str, label: str, issuer: str) -> str:
    """What an authenticator reads from the QR code (otpauth URI)."""
    return pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=issuer)


def set_second_factor(session: Session, actor: Known, secret: str, code: str) -> None:
    """Raises WrongSecondFactor unless the code shows that the secret arrived; SecondFactorNeeded before one is replaced."""
    account = account_of(session, actor, lock=True)
    if account.totp_secret is not None:
        actor.need_second_factor()
    account.totp_secret, account.totp_step = secret, accounts.step_of(secret, code)
    session.add(account)
    login = session.get_one(LoginSession, actor.login_id)
    login.second_factor_at = now()
    session.add(login)
    on_record(session, actor, "account.second-factor-set", account.id)


def keys_of(session: Session, actor: Known) -> list[KeyLine]:
    rows = session.exec(
        select(ApiKey)
        .where(ApiKey.compound_id == actor.compound.id, ApiKey.made_by_id == actor.person_id)
        .order_by(col(ApiKey.made_at).desc())
    )
    return [
        KeyLine(k.id, k.name, tuple(k.scopes.split()), k.made_at, k.until_at, k.revoked_at is not None, k.until_at <= now())
        for k in rows
    ]


def close_account(session: Session, actor: Known) -> None:
    """Nobody signs in with it again, and its telephone and secrets are forgotten.

    What was done stays done: sign-ups, claims and published lines keep the person of the roster, who is the committee's
    record of an owner; their name and words behind the public log's commitments are erased (PIPL art. 47). A new invite slip
    opens a new account for them.
    """
    account = account_of(session, actor, lock=True)
    on_record(session, actor, "account.closed", account.id)
    revoke_keys(session, account.id)
    for person in persons_of(session, account.id):
        consents.withdraw_all(session, person.compound_id, person.id)
        erase_of(session, person.compound_id, person.id)
        person.account_id = None
    accounts.end_all_sessions(session, account.id)
    account.closed_at = now()
    account.phone = f"-{secrets.token_hex(9)}"  # unique, and no telephone number: the real one is free again
    account.password_hash = account.totp_secret = account.reset_code_hash = None
    session.add(account)


def persons_of(session: Session, account_id: UUID) -> list[Person]:
    """The account's person in every compound."""
    return list(session.exec(select(Person).where(Person.account_id == account_id).order_by(col(Person.compound_id))))
