"""What people ask for at the doors of access and of 我的: one model for the form and the JSON."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.access.consents import Purpose
from app.access.scopes import SCOPES
from app.accounts.service import normal_phone
from app.kit.forms import Line, Wish
from app.kit.i18n import mark


def _phone(text: str) -> str:
    try:
        return normal_phone(text)
    except ValueError:
        raise PydanticCustomError("phone", mark("请填手机号，只要数字。")) from None


def _good_password(text: str) -> str:
    if len(set(text)) < 4:
        raise PydanticCustomError("password_simple", mark("密码太简单，请混用数字和字母。"))
    return text


def _known_scope(text: str) -> str:
    if text not in SCOPES:
        raise PydanticCustomError("scope", mark("没有这个范围。"))
    return text


Phone = Annotated[Line, AfterValidator(_phone)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=200)]
NewPassword = Annotated[str, StringConstraints(min_length=8, max_length=200), AfterValidator(_good_password)]
Code = Annotated[Line, StringConstraints(max_length=20)]
Scope = Annotated[str, StringConstraints(max_length=40), AfterValidator(_known_scope)]


class SignInWish(Wish):
    phone: Phone
    password: Password
    next: Line | None = None


class InviteWish(Wish):
    code: Line
    name: Line
    phone: Phone
    password: NewPassword


class SecondFactorWish(Wish):
    code: Code | None = None
    next: Line | None = None


class Proving(Wish):
    """Acts on one's own account ask for the password, unless the second factor was just given."""

    password: Password | None = None


class PhoneWish(Proving):
    """Typed twice: one wrong digit, and its owner could not sign in any more."""

    phone: Phone
    again: Phone

    @field_validator("again")
    @classmethod
    def _is_the_same(cls, again: str, before: ValidationInfo) -> str:
        if again != before.data.get("phone", again):
            raise PydanticCustomError("phone_differs", mark("两次填的号码不一样，请再看看。"))
        return again


class PasswordWish(Proving):
    """Whoever learnt the old password may have made keys with it: they end too, unless `keep_keys` is ticked."""

    new: NewPassword
    keep_keys: Literal["true"] | None = None


class SetUpWish(Proving):
    """`secret` was made for this page and is on it as a picture too; it counts once the code proves it arrived."""

    secret: Annotated[str, StringConstraints(pattern="^[A-Z2-7]{32}$")]
    code: Code


class CloseWish(Proving):
    sure: Literal["true"]


class KeyWish(Wish):
    name: Annotated[Line, StringConstraints(max_length=60)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=len(SCOPES))]
    days: Annotated[int, Field(ge=1, le=365)]


class ConsentWish(Wish):
    purpose: Purpose


class PingRead(BaseModel):
    """What the outbox asks before it sends anything (app/static/js/outbox/wire.js)."""

    gongzhi: Literal[True] = True
    user: str | None = Field(description="Opaque id of who is signed in; null when nobody is.")
    csrf: str | None = Field(description="For the header X-CSRF-Token, where a browser does not say where it comes from.")
    now: datetime


class MeRead(BaseModel):
    """Who the server takes the caller for. A key has name, scopes, compound and expiry; a browser's session its account."""

    kind: Literal["key", "session"]
    account_id: UUID | None
    name: str | None = Field(description="The key's name.")
    compound: str | None = Field(description="The slug of the only compound in which the key opens anything.")
    scopes: list[str] | None = Field(max_length=len(SCOPES))
    until: datetime = Field(description="When the key expires, or the session if it is not used.")
    second_factor_until: datetime | None = Field(description="Until when acts on money and roster are not asked again.")
