"""Every rule that a compound may set for itself: its meaning, its default, and where the default comes from.

Law and custom vary by city (DOMAIN §4), so the numbers stand in rows with their source, never in the code of a verb.
Residents read the table on the page 本小区的规则.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.compounds.models import Rule
from app.kit.clock import today
from app.kit.i18n import _, mark
from app.kit.money import yuan
from app.kit.records import rows_of


@dataclass(frozen=True)
class RuleKind:
    """A settable rule. `measure` is the unit shown after the number."""

    name: str
    says: str
    default: int
    measure: str
    source: str
    least: int = 0
    most: int = 100_000
    words: tuple[str, ...] = ()
    """What the values 0, 1 … are called, where they choose rather than count."""

    def said(self, value: int) -> str:
        if self.measure == FEN:
            return yuan(value)
        return _(self.words[value]) if self.words else f"{value} {_(self.measure)}"


FEN = mark("分")
"""Money is set in whole fen, and read as yuan."""

DAYS = (mark("自然日"), mark("工作日"))
SEEN = (mark("不能"), mark("能"))

RULES: dict[str, RuleKind] = {
    rule.name: rule
    for rule in (
        RuleKind("offer_hours", mark("候补补上后，几小时内要确认"), 12, mark("小时"), mark("软件默认"), 1, 72),
        RuleKind("withdraw_hours", mark("志愿报名，开始前几小时可以自己取消"), 2, mark("小时"), mark("软件默认"), 0, 168),
        RuleKind("signup_opens_days", mark("志愿报名，开始前几天起（0为随时）"), 0, mark("天"), mark("软件默认"), 0, 180),
        RuleKind("series_weeks", mark("定期的志愿服务，提前几周排好班"), 6, mark("周"), mark("软件默认"), 1, 26),
        RuleKind("signup_closes_hours", mark("志愿报名，开始前几小时截止"), 0, mark("小时"), mark("软件默认"), 0, 168),
        RuleKind("signup_most", mark("一个人最多同时报几班还没做的服务（0为不限）"), 0, mark("班"), mark("软件默认"), 0, 100),
        RuleKind("signup_overlaps", mark("一个人能不能报时间重叠的两班"), 0, "", mark("软件默认"), 0, 1, SEEN),
        RuleKind("no_show_most", mark("报了名没来满几次，暂时不能自己报名（0为不限）"), 3, mark("次"), mark("软件默认"), 0, 50),
        RuleKind("no_show_days", mark("报了名没来，几天内的才算"), 90, mark("天"), mark("软件默认"), 1, 730),
        RuleKind("waiting_most", mark("志愿候补最多排几人"), 1000, mark("人"), mark("软件默认"), 0, 10_000),
        RuleKind("last_resort_hours", mark("“没人才来”的人，开始前几小时起排上"), 24, mark("小时"), mark("软件默认"), 0, 168),
        RuleKind("check_in_minutes", mark("志愿签到，开始前几分钟起"), 60, mark("分钟"), mark("软件默认"), 0, 1440),
        RuleKind("check_in_hours", mark("志愿签到，结束后几小时为止"), 4, mark("小时"), mark("软件默认"), 0, 72),
        RuleKind("request_late_hours", mark("请人帮忙没办好，过几小时提醒队长"), 2, mark("小时"), mark("软件默认"), 0, 168),
        RuleKind("census_days", mark("特长登记几天以后要再确认"), 365, mark("天"), mark("软件默认"), 30, 1095),
        RuleKind("objection_days", mark("收支公示的异议期"), 30, mark("天"), mark("多地规定公示30个工作日"), 3, 90),
        RuleKind("objection_working", mark("收支公示的异议期按哪种日子算"), 1, "", mark("多地规定公示30个工作日"), 0, 1, DAYS),
        RuleKind("plan_objection_days", mark("发放方案的异议期"), 7, mark("天"), mark("软件默认"), 1, 60),
        RuleKind("plan_objection_working", mark("发放方案的异议期按哪种日子算"), 0, "", mark("软件默认"), 0, 1, DAYS),
        RuleKind("gift_units_shown", mark("哪些户领过福利，住户登录后能不能看"), 0, "", mark("个人信息保护法第6条"), 0, 1, SEEN),
        RuleKind("gift_ending_days", mark("福利发放最后一天前几天，提醒还没领的户"), 3, mark("天"), mark("软件默认"), 1, 60),
        RuleKind("notice_days", mark("其他公示的异议期"), 7, mark("天"), mark("软件默认"), 1, 90),
        RuleKind("notice_working", mark("其他公示的异议期按哪种日子算"), 0, "", mark("软件默认"), 0, 1, DAYS),
        RuleKind("statement_every_months", mark("收支每几个月公布一次"), 3, mark("个月"), mark("多地规定每季度公布明细"), 1, 12),
        RuleKind("statement_due_months", mark("一期过后几个月内公布收支"), 1, mark("个月"), mark("多地规定次季首月公布"), 1, 6),
        RuleKind("answer_days", mark("异议几天内要答复"), 7, mark("天"), mark("软件默认"), 1, 60),
        RuleKind("finding_days", mark("整改问题默认几天内改好"), 7, mark("天"), mark("软件默认"), 1, 180),
        RuleKind("acceptance_days", mark("工程验收，居民意见最少收几天"), 7, mark("天"), mark("软件默认"), 1, 60),
        RuleKind("acceptance_quorum", mark("工程验收意见要几位监督委员签名"), 2, mark("位"), mark("软件默认"), 1, 50),
        RuleKind("on_site_metres", mark("照片离工地多少米以内，算在现场"), 200, mark("米"), mark("软件默认"), 10, 5_000),
        RuleKind("voucher_needed_fen", mark("支出满多少钱，要有票据"), 1, FEN, mark("软件默认"), 0, 10_000_000),
        RuleKind("two_approvers_fen", mark("一笔满多少钱，要两个人批准"), 500_000, FEN, mark("软件默认"), 0, 10_000_000),
        RuleKind("decision_needed_fen", mark("支出满多少钱，要写明决议"), 2_000_000, FEN, mark("软件默认"), 0, 10_000_000),
        RuleKind(
            "bank_check_required", mark("公布收支表前，每个账户要先对账"), 0, mark("（1要，0不要）"), mark("软件默认"), 0, 1
        ),
        RuleKind("contract_ending_days", mark("合同到期前几天提醒财务"), 60, mark("天"), mark("软件默认"), 1, 365),
        RuleKind("rent_late_days", mark("租金过了应收日几天提醒财务"), 3, mark("天"), mark("软件默认"), 0, 90),
        RuleKind("budget_binds", mark("超出预算的支出，要写明决议才能批准"), 0, mark("（1要，0不要）"), mark("软件默认"), 0, 1),
        RuleKind("warranty_waterproof", mark("防水工程保修几年"), 5, mark("年"), mark("建设工程质量管理条例第40条"), 5, 50),
        RuleKind(
            "warranty_heating",
            mark("供热、供冷系统保修几个采暖期"),
            2,
            mark("个采暖期"),
            mark("建设工程质量管理条例第40条"),
            2,
            20,
        ),
        RuleKind("warranty_electric", mark("电气管线保修几年"), 2, mark("年"), mark("建设工程质量管理条例第40条"), 2, 50),
        RuleKind("warranty_plumbing", mark("给排水管道保修几年"), 2, mark("年"), mark("建设工程质量管理条例第40条"), 2, 50),
        RuleKind("warranty_fitout", mark("设备安装和装修保修几年"), 2, mark("年"), mark("建设工程质量管理条例第40条"), 2, 50),
        RuleKind("warranty_other", mark("工程的其他部分保修几年"), 1, mark("年"), mark("软件默认，由合同约定"), 1, 50),
        RuleKind("heating_first_month", mark("采暖期从几月开始"), 11, mark("月"), mark("软件默认"), 1, 12),
        RuleKind("heating_last_month", mark("采暖期到几月结束"), 3, mark("月"), mark("软件默认"), 1, 12),
        RuleKind("warranty_ending_days", mark("保修到期前几天提醒"), 60, mark("天"), mark("软件默认"), 1, 365),
        RuleKind("warranty_visit_months", mark("保修期内几个月回访一次"), 6, mark("个月"), mark("软件默认"), 1, 24),
        RuleKind("invite_days", mark("邀请码的有效期"), 60, mark("天"), mark("软件默认"), 1, 365),
    )
}


@dataclass(frozen=True)
class RuleInForce:
    kind: RuleKind
    value: int
    source: str
    decided_by: str
    valid_from: date | None

    @property
    def said(self) -> str:
        return self.kind.said(self.value)


def rules_in_force(session: Session, compound_id: UUID, on: date | None = None) -> list[RuleInForce]:
    """Every rule with the value that holds on a day (default: today)."""
    rows = session.exec(
        select(Rule)
        .where(Rule.compound_id == compound_id, col(Rule.valid_from_on) <= (on or today()))
        .order_by(col(Rule.valid_from_on))
    )
    latest = {row.name: row for row in rows}
    return [
        RuleInForce(kind, int(row.value), row.source, row.decided_by, row.valid_from_on)
        if (row := latest.get(kind.name))
        else RuleInForce(kind, kind.default, kind.source, "", None)
        for kind in RULES.values()
    ]


def rule(session: Session, compound_id: UUID, name: str, on: date | None = None) -> int:
    """The value of one rule on a day (default: today)."""
    value = rows_of(session, _IN_FORCE, {"compound_id": compound_id, "name": name, "on": on or today()}).scalar()
    return RULES[name].default if value is None else int(value)


def rules_of(session: Session, compound_id: UUID, *names: str) -> list[int]:
    """The values of several rules today, in one question."""
    rows = rows_of(session, _ALL_IN_FORCE, {"compound_id": compound_id, "names": names, "on": today()})
    values = {row.name: int(row.value) for row in rows}
    return [values.get(name, RULES[name].default) for name in names]


_ALL_IN_FORCE = (
    select(Rule.name, Rule.value)
    .where(
        Rule.compound_id == bindparam("compound_id"),
        col(Rule.name).in_(bindparam("names", expanding=True)),
        col(Rule.valid_from_on) <= bindparam("on"),
    )
    .order_by(col(Rule.valid_from_on))
)

_IN_FORCE = (
    select(Rule.value)
    .where(
        Rule.compound_id == bindparam("compound_id"),
        Rule.name == bindparam("name"),
        col(Rule.valid_from_on) <= bindparam("on"),
    )
    .order_by(col(Rule.valid_from_on).desc())
    .limit(1)
)
