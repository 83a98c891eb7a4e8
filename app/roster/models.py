"""Nouns: an import on its way from the file to the roster, and the refusals of this room."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from app.kit.clock import now
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import Refusal


class NotToBeConfirmed(Refusal):
    says = mark("这次导入已经办过，或者已经放弃。")
    advice = mark("要再导入，请重新上传文件。")


class ImportUnderWay(Refusal):
    says = mark("另一次导入还没有做完。")
    advice = mark("请等它做完，再确认这一次。")


class NothingToImport(Refusal):
    says = mark("这份文件里没有可以导入的户。")
    advice = mark("请照着指出的行和列改好，再上传。")


class WrongOrder(Refusal):
    says = mark("结束的日期不能早于开始的日期。")


class AlreadyEnded(Refusal):
    says = mark("这一条已经结束了。")


class TooManySlips(Refusal):
    says = mark("一次最多印 %(most)s 张，现在选了 %(n)s 户。")
    advice = mark("请按楼栋或单元分几次印。")


class NobodyToInvite(Refusal):
    says = mark("这里没有要发邀请码的户。")


class AccountStays(Refusal):
    says = mark("不能停用这个账号。")
    advice = mark("在任的人先结束任职；在别的小区也有户的，请联系社区。")


class BadRuleValue(Refusal):
    status = 422
    says = mark("这条规则要在 %(least)s 到 %(most)s 之间。")


class RuleInThePast(Refusal):
    status = 422
    says = mark("规则不能从过去开始，以前的事按以前的规则。")


class AlreadyThatDay(Refusal):
    says = mark("这一天已经有一条，不能再写一条。")


class SlugTaken(Refusal):
    says = mark("这个网址名已经有小区用了。")


class ImportState(StrEnum):
    """previewed → running → done;  previewed → discarded."""

    PREVIEWED = "previewed"
    RUNNING = "running"
    DONE = "done"
    DISCARDED = "discarded"


class RosterImport(SentOnce, table=True):
    """导入: a file as it was read, waiting for a yes. `proposal` is compressed JSON (`importing.pack`).

    `made_by_id` is None for the command line. `added`, `changed`, `same` are what the preview counted, in units; `done`
    of `total` units are written. Whoever moves it on holds the compound's row lock, then this row's.
    """

    at = "/roster/imports/{row.id}"

    __tablename__ = "roster_import"
    __table_args__ = (
        points_to("person", "made_by_id"),
        CheckConstraint("done >= 0 AND done <= total", name="done_is_a_part"),
        Index("ix_roster_import_made", "compound_id", "made_at"),
    )

    made_by_id: UUID | None = None
    filename: str = Field(max_length=200)
    file_sha256: bytes
    proposal: bytes
    state: str = Field(default=ImportState.PREVIEWED, max_length=12)
    added: int = 0
    changed: int = 0
    same: int = 0
    total: int = 0
    done: int = 0
    made_at: datetime = Field(default_factory=now)
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
