"""Who may do what: one readable table from seats. Residents see the same table on the page 谁能做什么."""

from enum import StrEnum

from app.compounds.models import SeatKind
from app.kit.i18n import mark


class Permission(StrEnum):
    """`room:act`; the room is also the scope of an API key."""

    PLAN_SERVICE = "volunteering:plan"
    CHECK_IN = "volunteering:check-in"
    PLAN_WORKS = "renovation:plan"
    SUPERVISE = "renovation:supervise"
    MEDIATE = "renovation:mediate"
    BOOK_MONEY = "treasury:book"
    APPROVE_MONEY = "treasury:approve"
    PUBLISH_MONEY = "treasury:publish"
    SEE_VOUCHERS = "treasury:see-originals"
    SEE_JOURNAL = "treasury:see-journal"
    ANSWER_OBJECTION = "notices:answer"
    PUBLISH_NOTICE = "notices:publish"
    RECORD_DECISION = "council:record"
    PLAN_BENEFIT = "benefits:plan"
    HAND_OUT = "benefits:hand-out"
    VOID_CLAIM = "benefits:void"
    SEE_ROSTER = "roster:see"
    CHANGE_ROSTER = "roster:change"
    CHANGE_SEATS = "roster:seats"
    CHANGE_RULES = "roster:rules"
    INVITE = "roster:invite"
    ACT_FOR_OTHERS = "roster:on-behalf"
    READ_AUDIT = "roster:audit"
    OVERSEE = "community:oversee"


P = Permission

COMMITTEE = frozenset({P.SEE_ROSTER, P.ACT_FOR_OTHERS, P.ANSWER_OBJECTION, P.HAND_OUT, P.CHECK_IN, P.SEE_VOUCHERS, P.SEE_JOURNAL})

SEAT_PERMISSIONS: dict[SeatKind, frozenset[Permission]] = {
    SeatKind.SECRETARY: COMMITTEE
    | {P.CHANGE_SEATS, P.PUBLISH_NOTICE, P.RECORD_DECISION, P.PLAN_SERVICE, P.PLAN_WORKS, P.PLAN_BENEFIT, P.MEDIATE},
    SeatKind.DIRECTOR: COMMITTEE
    | {
        P.CHANGE_SEATS,
        P.CHANGE_ROSTER,
        P.CHANGE_RULES,
        P.INVITE,
        P.PUBLISH_NOTICE,
        P.RECORD_DECISION,
        P.PLAN_SERVICE,
        P.PLAN_WORKS,
        P.PLAN_BENEFIT,
        P.MEDIATE,
    },
    SeatKind.DEPUTY: COMMITTEE
    | {P.CHANGE_ROSTER, P.INVITE, P.PUBLISH_NOTICE, P.RECORD_DECISION, P.PLAN_SERVICE, P.PLAN_WORKS, P.PLAN_BENEFIT},
    SeatKind.MEMBER: COMMITTEE,
    SeatKind.REGISTRAR: frozenset({P.SEE_ROSTER, P.CHANGE_ROSTER, P.INVITE, P.ACT_FOR_OTHERS}),
    SeatKind.TREASURER: frozenset(
        {P.BOOK_MONEY, P.PUBLISH_MONEY, P.SEE_VOUCHERS, P.SEE_JOURNAL, P.PLAN_BENEFIT, P.ANSWER_OBJECTION, P.SEE_ROSTER}
    ),
    SeatKind.SUPERVISOR: frozenset(
        {
            P.APPROVE_MONEY,
            P.SUPERVISE,
            P.MEDIATE,
            P.SEE_VOUCHERS,
            P.SEE_JOURNAL,
            P.VOID_CLAIM,
            P.READ_AUDIT,
            P.ACT_FOR_OTHERS,
        }
    ),
    SeatKind.AUDITOR: frozenset({P.SEE_VOUCHERS, P.SEE_JOURNAL, P.READ_AUDIT}),
    SeatKind.COORDINATOR: frozenset({P.PLAN_SERVICE, P.CHECK_IN, P.ACT_FOR_OTHERS}),
    SeatKind.VOLUNTEER: frozenset(),
    SeatKind.GROUP_LEADER: frozenset({P.ACT_FOR_OTHERS}),
    SeatKind.MEMBER_HOUSEHOLD: frozenset({P.ACT_FOR_OTHERS}),
    SeatKind.COMMUNITY_OFFICER: frozenset({P.OVERSEE, P.READ_AUDIT, P.SEE_ROSTER}),
}
"""No seat that books money approves it, and no director's or community officer's does either; an auditor writes nothing
(TRUST.md).

One person may hold two seats, a treasurer's and a supervisor's, as in a compound with few hands: then nobody signs what they
wrote themselves or anybody of their home (`treasury.approving.need_independent`, `benefits.approving.approve`). Whoever says
who sits where could seat themselves as supervisor: see `permissions_of`.
"""

LOOKS = frozenset({P.SEE_JOURNAL})
"""Rights that a key has by `room:read`. What shows personal data is not among them: its key is made with the second factor."""

SECOND_FACTOR_SEATS = frozenset(
    {SeatKind.TREASURER, SeatKind.SUPERVISOR, SeatKind.DIRECTOR, SeatKind.DEPUTY, SeatKind.SECRETARY, SeatKind.COMMUNITY_OFFICER}
)

NAMED_SEATS = frozenset(SeatKind) - {SeatKind.VOLUNTEER, SeatKind.GROUP_LEADER, SeatKind.MEMBER_HOUSEHOLD}
"""Whose holders the page names: offices over common affairs. Helpers are many, and who is in the party is told only with
their separate consent (PIPL art. 29)."""

PERMISSION_SAYS: dict[Permission, str] = {
    P.PLAN_SERVICE: mark("安排志愿服务"),
    P.CHECK_IN: mark("给志愿者签到"),
    P.PLAN_WORKS: mark("建立改造工程"),
    P.SUPERVISE: mark("写监督日志、提整改、复查"),
    P.MEDIATE: mark("调解工程上的矛盾，看全部调解"),
    P.BOOK_MONEY: mark("记账"),
    P.APPROVE_MONEY: mark("批准账目"),
    P.PUBLISH_MONEY: mark("公布收支表"),
    P.SEE_VOUCHERS: mark("看票据原件"),
    P.SEE_JOURNAL: mark("看会计分录"),
    P.ANSWER_OBJECTION: mark("答复异议"),
    P.PUBLISH_NOTICE: mark("发一般公示"),
    P.RECORD_DECISION: mark("登记决议"),
    P.PLAN_BENEFIT: mark("拟定福利发放"),
    P.HAND_OUT: mark("发放福利"),
    P.VOID_CLAIM: mark("作废错领"),
    P.SEE_ROSTER: mark("看完整名册"),
    P.CHANGE_ROSTER: mark("改名册"),
    P.CHANGE_SEATS: mark("登记任职"),
    P.CHANGE_RULES: mark("改本小区的规则"),
    P.INVITE: mark("发邀请码、重设密码"),
    P.ACT_FOR_OTHERS: mark("替没有手机的邻居办"),
    P.READ_AUDIT: mark("看操作记录"),
    P.OVERSEE: mark("看各小区总表"),
}

SEAT_SAYS: dict[SeatKind, str] = {
    SeatKind.SECRETARY: mark("书记"),
    SeatKind.DIRECTOR: mark("主任"),
    SeatKind.DEPUTY: mark("副主任"),
    SeatKind.MEMBER: mark("委员"),
    SeatKind.REGISTRAR: mark("名册员"),
    SeatKind.TREASURER: mark("财务"),
    SeatKind.SUPERVISOR: mark("监督委员"),
    SeatKind.AUDITOR: mark("审计"),
    SeatKind.COORDINATOR: mark("志愿服务队长"),
    SeatKind.VOLUNTEER: mark("志愿者"),
    SeatKind.GROUP_LEADER: mark("党小组长"),
    SeatKind.MEMBER_HOUSEHOLD: mark("党员中心户"),
    SeatKind.COMMUNITY_OFFICER: mark("社区干部"),
}


def permissions_of(seats: frozenset[SeatKind]) -> frozenset[Permission]:
    """Of all seats together. Neither an administrator nor who oversees them approves money, whatever other seat they take."""
    may = frozenset[Permission]().union(*(SEAT_PERMISSIONS[seat] for seat in seats))
    return may - {P.APPROVE_MONEY} if may & {P.CHANGE_SEATS, P.OVERSEE} else may
