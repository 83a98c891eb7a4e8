"""Verbs: open an account, begin and end a session, count wrong attempts.

Argon2 takes 0.1 s of a core: `password_matches` and `password_hash` are called before a transaction opens, never inside.
"""

import hashlib
import re
import secrets
import unicodedata
from datetime import timedelta
from typing import ClassVar, NamedTuple
from uuid import UUID

import pyotp
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.accounts.models import Account, Attempt, LoginSession
from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.refusals import Refusal

WINDOW = timedelta(minutes=15)
MAX_PER_PHONE = 8
MAX_PER_ADDRESS = 400
"""A whole compound may sit behind one carrier address: 300 residents sign in on the same evening."""

CODES_WINDOW = timedelta(days=1)
MAX_CODES_PER_PHONE = 5
MAX_CODES_PER_ADDRESS = 100

_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))  # OWASP's Argon2id floor
_NOBODY = _hasher.hash("nobody signs in with this")


class TooManyAttempts(Refusal):
    status = 429
    says = mark("试的次数太多了，请 15 分钟后再来。")
    headers: ClassVar[dict[str, str]] = {"Retry-After": "900"}


class TooManyCodes(Refusal):
    status = 429
    says = mark("今天发的验证码太多了。")
    advice = mark("请明天再来，或到居委会当面要一个重设码。")
    headers: ClassVar[dict[str, str]] = {"Retry-After": "86400"}


class WrongSecondFactor(Refusal):
    status = 409
    says = mark("动态码不对，请看清再输一次。")


class SecondFactorSpent(WrongSecondFactor):
    says = mark("这个动态码用过了，请等手机上换了新的再输。")


class Credential(NamedTuple):
    """What a password check needs, read before the slow part. Unknown phones get a hash that nothing matches."""

    account_id: UUID | None
    password_hash: str


def normal_phone(text: str) -> str:
    """Digits only, without the mainland's +86; raises ValueError where it cannot be a telephone number."""
    digits = re.sub(r"[\s\-().]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+|00)86", "", digits)
    if not re.fullmatch(r"\+?\d{5,15}", digits):
        raise ValueError(text)
    return digits


def password_hash(password: str) -> str:
    return _hasher.hash(password)


def password_matches(password: str, credential: Credential) -> bool:
    """Takes as long for a stranger as for a member, so that the time tells nobody who has an account."""
    return _hasher.verify(password, credential.password_hash) and credential.account_id is not None


def credential_for(session: Session, phone: str) -> Credential:
    account = session.exec(select(Account).where(Account.phone == phone)).one_or_none()
    if account is None or not account.usable or account.password_hash is None:
        return Credential(None, _NOBODY)
    return Credential(account.id, account.password_hash)


def open_account(session: Session, phone: str, hashed: str) -> Account:
    """A new account, or the same telephone's account with a new password (its owner proved an invite slip)."""
    account = session.exec(select(Account).where(Account.phone == phone)).one_or_none()
    if account is None:
        account = Account(phone=phone, password_hash=hashed)
        session.add(account)
    else:
        account.password_hash = hashed
    session.flush()
    return account


def hashed_token(token: str) -> bytes:
    """Tokens carry ≥ 128 random bits, so one plain SHA-256 keeps them secret in a stolen database."""
    return hashlib.sha256(token.encode()).digest()


def begin_session(session: Session, account_id: UUID, device: str, lasts: timedelta, *, second_factor: bool = False) -> str:
    """A login session; returns the token, which is shown to the browser once and stored nowhere."""
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=hashed_token(token),
            account_id=account_id,
            device=device[:60],
            ends_at=now() + lasts,
            second_factor_at=now() if second_factor else None,
        )
    )
    session.flush()
    return token


def end_session(session: Session, login: LoginSession) -> None:
    login.ended_at = now()
    session.add(login)


def end_all_sessions(session: Session, account_id: UUID) -> None:
    for login in session.exec(
        select(LoginSession).where(LoginSession.account_id == account_id, col(LoginSession.ended_at).is_(None))
    ):
        end_session(session, login)


def shorten_sessions(session: Session, account_id: UUID, lasts: timedelta) -> None:
    """No open session of the account lasts longer than this from now on.

    Of all rows, not only of those that seem too long: use may be moving another one's end just now, and then this waits for it.
    """
    latest = now() + lasts
    shorter = case((col(LoginSession.ends_at) > latest, latest), else_=col(LoginSession.ends_at))
    session.connection().execute(
        update(LoginSession)
        .where(col(LoginSession.account_id) == account_id, col(LoginSession.ended_at).is_(None))
        .values(ends_at=shorter)
    )


def step_of(secret: str, code: str) -> int:
    """The time step whose code this is, one step of clock drift either way (RFC 6238 §5.2). Raises WrongSecondFactor."""
    totp = pyotp.TOTP(secret)
    here = totp.timecode(now())
    for step in (here + 1, here, here - 1):
        if pyotp.utils.strings_equal(code, totp.generate_otp(step)):
            return step
    raise WrongSecondFactor


def spend_second_factor(session: Session, account: Account, code: str) -> None:
    """A code is taken once: the guard is in the UPDATE, so that of rivals with the same code one passes.

    Raises WrongSecondFactor, SecondFactorSpent.
    """
    if account.totp_secret is None:
        raise WrongSecondFactor
    step = step_of(account.totp_secret, code)
    spending = (
        update(Account)
        .where(
            col(Account.id) == account.id,
            col(Account.totp_secret) == account.totp_secret,
            col(Account.totp_step).is_(None) | (col(Account.totp_step) < step),
        )
        .values(totp_step=step)
        .returning(col(Account.id))
    )
    if session.connection().execute(spending).first() is None:
        raise SecondFactorSpent


def may_attempt(session: Session, phone: str, address: str) -> bool:
    """Cheap, read-only: asked before the slow password check."""
    return not any(
        (row := session.get(Attempt, subject)) and now() - row.window_starts_at < WINDOW and row.count >= limit
        for subject, limit in ((f"phone:{phone}", MAX_PER_PHONE), (f"address:{address}", MAX_PER_ADDRESS))
    )


def count_attempt(session: Session, phone: str, address: str) -> None:
    """One more wrong password. One upsert each: rivals cannot count as one, nor stumble over the row's beginning."""
    for subject in (f"address:{address}", f"phone:{phone}"):
        _count(session, subject, WINDOW)


def count_code(session: Session, phone: str, address: str) -> None:
    """One more code sent to a telephone, whoever's it is: each costs money and rings somewhere. Raises TooManyCodes."""
    for subject, limit in ((f"sms-address:{address}", MAX_CODES_PER_ADDRESS), (f"sms:{phone}", MAX_CODES_PER_PHONE)):
        if _count(session, subject, CODES_WINDOW) > limit:
            raise TooManyCodes


def count_use(session: Session, subject: str) -> int:
    """One more use of something that is lent out; how many it were in the running window."""
    return _count(session, subject, WINDOW)


def _count(session: Session, subject: str, window: timedelta) -> int:
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(Attempt)
    over = col(Attempt.window_starts_at) <= now() - window
    counting = insert.values(subject=subject, window_starts_at=now(), count=1).on_conflict_do_update(
        index_elements=["subject"],
        set_={
            "count": case((over, 1), else_=col(Attempt.count) + 1),
            "window_starts_at": case((over, now()), else_=col(Attempt.window_starts_at)),
        },
    )
    count: int = session.connection().execute(counting.returning(col(Attempt.count))).scalar_one()
    return count


def forget_attempts(session: Session, phone: str) -> None:
    session.connection().execute(delete(Attempt).where(col(Attempt.subject) == f"phone:{phone}"))
