"""Nouns: the account, its sessions, and the throttle that slows a guesser down."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.records import shared_by_all

RESIDENT_IDLE = timedelta(days=180)
OFFICER_IDLE = timedelta(hours=12)
SECOND_FACTOR_LASTS = timedelta(minutes=15)


@shared_by_all
class Account(SQLModel, table=True):
    """One human's way in. `phone` is normalised: digits, with +country only off the mainland."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    phone: str = Field(unique=True, max_length=20)
    password_hash: str | None = None
    totp_secret: str | None = None
    totp_step: int | None = None
    """The time step of the last code that was taken: none of it or before is taken again (RFC 6238 §5.2)."""
    reset_code_hash: str | None = None
    reset_until_at: datetime | None = None
    created_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None
    suspended_at: datetime | None = None

    @property
    def usable(self) -> bool:
        return self.closed_at is None and self.suspended_at is None


@shared_by_all
class LoginSession(SQLModel, table=True):
    """An opaque token, stored only as its SHA-256. Use moves `ends_at` (`access.service.keep_used`): it ends by idleness."""

    __tablename__ = "login_session"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    token_hash: bytes = Field(unique=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    device: str = Field(max_length=60)
    created_at: datetime = Field(default_factory=now)
    ends_at: datetime
    second_factor_at: datetime | None = None
    ended_at: datetime | None = None


@shared_by_all
class Attempt(SQLModel, table=True):
    """Wrong passwords, codes sent and uses of a link, in a running window, by subject ("phone:…", "address:…", "link:…"): rows,
    never a tally.
    """

    subject: str = Field(primary_key=True, max_length=80)
    window_starts_at: datetime
    count: int
