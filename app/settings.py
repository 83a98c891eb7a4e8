"""Every knob of the house: its default and its meaning. Each is read from the environment variable of the same name."""

import os
import secrets
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class UnsafeSetting(Exception):
    """The program refuses to start; the message says what to change."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_file=None)

    data_dir: Path = Field(
        default=Path("var"), description="Folder of the embedded database, the photos and the secret; back this up."
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL. Empty: SQLite in DATA_DIR. PostgreSQL: postgresql+psycopg://user:password@host/name.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000",
        description="The address people type. https decides Secure cookies; plain http is refused off loopback.",
    )
    secret_key: str = Field(
        default="", description="Signs cursors, nonces and forms. Empty: a random one kept in DATA_DIR/secret (mode 0600)."
    )
    demo: bool = Field(default=False, description="Lists the demo's people on the sign-in page, one tap each. Loopback only.")
    threads: int = Field(default=8, ge=1, le=64, description="Threads that serve requests, per process.")
    photo_workers: int = Field(default=1, ge=1, le=8, description="Child processes that decode photos, per process.")
    password_workers: int = Field(default=2, ge=1, le=8, description="Passwords hashed at the same time, per process.")
    worker_in_server: bool = Field(
        default=True, description="Run due jobs inside the server; false: `python -m app worker` does."
    )
    trusted_proxies: int = Field(
        default=0, ge=0, le=4, description="Reverse proxies in front whose X-Forwarded-For entry is believed."
    )
    throttled: bool = Field(default=True, description="Limit sign-in attempts and API rates. Off only in load and fuzz tests.")
    stamp_font: str = Field(
        default="",
        description="Font file with Chinese letters for the caption drawn on photos. Empty: one that the system has, if any.",
    )
    sms_url: str = Field(
        default="",
        description="Gateway that gets {phone, text} as JSON and sends it as a text message; https off loopback. Empty: none.",
    )
    sms_key: str = Field(default="", repr=False, description="Sent to the gateway as `Authorization: Bearer …`; empty: nothing.")
    mail_url: str = Field(
        default="",
        description="Server that takes e-mail: smtps://user@host, or smtp:// with STARTTLS. Empty: no e-mail.",
    )
    mail_password: str = Field(default="", repr=False, description="Password for MAIL_URL's user.")
    mail_from: str = Field(default="", description="Address that e-mail comes from; needed with MAIL_URL.")
    group_robots: str = Field(
        default="",
        repr=False,
        description="Robots of WeCom or DingTalk groups, told of coming shifts: `slug=https://… slug=https://…`. Empty: none.",
    )
    font_dir: str = Field(
        default="", description="Folder of fonts with Chinese letters, for PDF files. Empty: those of the machine."
    )
    log_format: str = Field(default="plain", pattern="^(plain|json)$", description="How log lines are written.")

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'gongzhi.db').resolve()}"

    @property
    def https(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"

    @property
    def loopback(self) -> bool:
        return _is_loopback(self.public_url)

    @property
    def robots(self) -> dict[str, str]:
        """Slug of a compound → the address of its group's robot."""
        return {slug: url for word in self.group_robots.split() for slug, _, url in [word.partition("=")]}

    @property
    def mail_on_this_machine(self) -> bool:
        return _is_loopback(self.mail_url)

    @cached_property
    def secret(self) -> bytes:
        """The signing secret; made once with mode 0600 where none was given."""
        if self.secret_key:
            return self.secret_key.encode()
        file = self.data_dir / "secret"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
                new.write(secrets.token_hex(32))
        except FileExistsError:
            pass
        return file.read_bytes()

    def check_safe(self) -> None:
        """Raises UnsafeSetting where people's passwords would travel in the clear, or a demo would face the street."""
        if not self.https and not self.loopback:
            raise UnsafeSetting(
                f"PUBLIC_URL={self.public_url} is plain http off this machine: passwords would be readable on the way. "
                "Put a reverse proxy with TLS in front (compose.yaml has one) and set PUBLIC_URL=https://…"
            )
        if self.demo and not self.loopback:
            raise UnsafeSetting("DEMO signs anyone in with one tap; it is only allowed while PUBLIC_URL is on loopback.")
        if self.sms_url and urlsplit(self.sms_url).scheme != "https" and not _is_loopback(self.sms_url):
            raise UnsafeSetting(f"SMS_URL={self.sms_url} is no https address: codes would be readable on the way.")
        if self.mail_url and urlsplit(self.mail_url).password is not None:
            raise UnsafeSetting("MAIL_URL holds a password, and would show it; put it into MAIL_PASSWORD.")
        if self.mail_url and urlsplit(self.mail_url).scheme not in ("smtps", "smtp"):
            raise UnsafeSetting(f"MAIL_URL={self.mail_url} is neither smtps:// nor smtp://.")
        if self.mail_url and "@" not in self.mail_from:
            raise UnsafeSetting("MAIL_URL needs MAIL_FROM, the address that e-mail comes from.")
        for slug, url in self.robots.items():  # its key stands in the address, which is not shown
            if urlsplit(url).scheme != "https" and not _is_loopback(url):
                raise UnsafeSetting(f"GROUP_ROBOTS: what stands for {slug} is no https address.")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
