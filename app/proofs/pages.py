"""The people's door: the log, one record with its proof, and the check of a printed sheet."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.access.actors import Anyone
from app.kit.i18n import _, mark
from app.kit.money import signed_yuan, yuan
from app.kit.pager import AskedPage, Page
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View
from app.proofs.queries import Checked, EntryLine, checked, entries, sheet_agrees
from app.publiclog.queries import head_of

router = APIRouter(route_class=OneTransaction, prefix="/proofs", include_in_schema=False)

SHOWN = 10
"""Entries on a page: under them stands what they prove."""

TYPE_SAYS: dict[str, str] = {
    "decision.recorded": mark("登记决议"),
    "rule.set": mark("改了规则"),
    "seat.begun": mark("开始任职"),
    "seat.ended": mark("任职结束"),
    "notice.published": mark("发出公示"),
    "general.published": mark("发出一般公示"),
    "notice.withdrawn": mark("撤回公示"),
    "notice.posted": mark("公示贴上公告栏"),
    "notice.posting_withdrawn": mark("收回张贴照"),
    "objection.made": mark("有人提异议"),
    "objection.answered": mark("答复异议"),
    "entry.posted": mark("入账一笔"),
    "voucher.released": mark("公开票据"),
    "voucher.redacted": mark("换了票据的公开件"),
    "statement.published": mark("公布收支表"),
    "contract.recorded": mark("登记合同"),
    "contract.corrected": mark("改了合同"),
    "contract.ended": mark("合同提前结束"),
    "budget.set": mark("定了预算"),
    "distribution.planned": mark("定了发放方案"),
    "distribution.closed": mark("发放结束"),
    "distribution.converted": mark("没领的福利按决议转为收入"),
    "distribution_report.published": mark("公布发放结果"),
    "distribution.reopened": mark("发放重新开始"),
    "roll.frozen": mark("定了发放名册"),
    "roll.corrected": mark("更正了发放名册"),
    "claim.made": mark("领取一份"),
    "claim.voided": mark("作废一次领取"),
    "certificate.issued": mark("开了志愿服务证明"),
    "certificate.revoked": mark("撤销了志愿服务证明"),
    "project.planned": mark("建立工程"),
    "phase.moved": mark("工程换阶段"),
    "visit.submitted": mark("交了监督日志"),
    "visit.completed": mark("监督日志照片到齐"),
    "finding.raised": mark("提出整改"),
    "finding.seconded": mark("整改会签"),
    "finding.received": mark("施工方收到整改通知"),
    "finding.acknowledged": mark("施工方认了，会改"),
    "finding.disputed": mark("施工方有异议"),
    "finding.upheld": mark("整改要求维持"),
    "finding.answered": mark("整改有了答复"),
    "finding.not_mended": mark("整改没改好，退回"),
    "finding.closed": mark("整改关闭"),
    "finding.closed_unfixed": mark("没改好，关闭"),
    "finding.voided": mark("整改撤销"),
    "finding.reported": mark("居民说又坏了"),
    "finding.dismissed": mark("监督员看过：没有坏"),
    "finding.reopened": mark("整改重新打开"),
    "finding.escalated": mark("过期没改好，报告社区"),
}
"""What an entry is about; a type without words here is shown as it is written."""


@dataclass(frozen=True)
class LogPage(View):
    template = "proofs/log.html"
    tab = "notices"

    size: int
    root: str
    entries: Page[EntryLine]
    types: dict[str, str]
    asked: tuple[str, str]
    """(size, root) of a sheet as typed."""
    answer: str
    """"" (nothing asked), "same", "other", "longer" or "unreadable"."""


@dataclass(frozen=True)
class ProofPage(View):
    template = "proofs/record.html"
    tab = "notices"

    record: Checked
    kind: str
    published_at: datetime | None
    amount: str
    """"" where no money moved."""
    balance: str


@router.get("")
def show_log(
    session: DbSession,
    visitor: Anyone,
    asked: AskedPage,
    size: Annotated[str, Query(max_length=20)] = "",
    root: Annotated[str, Query(max_length=80)] = "",
) -> LogPage:
    head = head_of(session, visitor.compound.id)
    typed_size, typed_root = size.strip(), re.sub(r"[\s…]", "", root).lower()
    answer = ""
    if typed_size or typed_root:
        if re.fullmatch(r"[0-9]{1,15}", typed_size) and re.fullmatch(r"[0-9a-f]{8,64}", typed_root):
            agrees = sheet_agrees(session, visitor.compound.id, int(typed_size), typed_root)
            answer = "longer" if agrees is None else "same" if agrees else "other"
        else:
            answer = "unreadable"
    types = {name: _(says) for name, says in TYPE_SAYS.items()}
    page = entries(session, visitor.compound.id, replace(asked, limit=min(asked.limit, SHOWN)))
    return LogPage(visitor.frame, head.size, head.root.hex(), page, types, (size, root), answer)


@router.get("/{index}")
def show_proof(session: DbSession, visitor: Anyone, index: Annotated[int, Path(ge=0, le=2**53 - 1)]) -> ProofPage:
    record = checked(session, visitor.compound.id, index)
    said = record.said
    type_ = str(said.get("type", ""))
    amount, balance = said.get("amount_fen"), said.get("running_balance_fen")
    return ProofPage(
        visitor.frame,
        record,
        _(TYPE_SAYS[type_]) if type_ in TYPE_SAYS else type_,
        _moment(said.get("published_at")),
        signed_yuan(amount) if isinstance(amount, int) else "",
        yuan(balance) if isinstance(balance, int) else "",
    )


def _moment(said: object) -> datetime | None:
    """A changed entry may say anything."""
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
