"""What an approver should know before signing, in words."""

from typing import NamedTuple

from sqlalchemy import exists
from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.kit.i18n import _
from app.kit.money import yuan
from app.kit.records import pointing
from app.photos.models import Photo
from app.treasury.budget_queries import Within, within_budget
from app.treasury.draft_queries import photos_of_draft, share_a_home, voucher_needed, vouchers_of
from app.treasury.journal import published_until
from app.treasury.models import (
    Draft,
    DraftKind,
    DraftVoucher,
)


class Check(NamedTuple):
    """`state`: "sent" passed · "kept" look here · "fix" refused (components/check_list.html)."""

    state: str
    words: str


def checks_of(session: Session, actor: Actor, draft: Draft) -> list[Check]:
    """What an approver should know before signing. "fix": the verb would refuse it."""
    photos = photos_of_draft(session, draft)
    checks = []
    if photos:
        checks.append(Check("sent", _("通过：票据 %(n)s 张", n=len(photos))))
    elif draft.kind != DraftKind.REVERSAL:
        needed = voucher_needed(session, draft)
        checks.append(Check("fix", _("不通过：没有票据")) if needed else Check("kept", _("请看：没有票据")))
    if photos:
        elsewhere = session.exec(
            select(
                exists()
                .where(pointing(DraftVoucher, "id", Photo), col(Photo.compound_id) == draft.compound_id)
                .where(col(Photo.sha256).in_([p.sha256 for p in photos.values()]), col(DraftVoucher.draft_id) != draft.id)
            )
        ).one()
        checks.append(Check("kept", _("请看：同一张票据别处用过")) if elsewhere else Check("sent", _("通过：票据没有重复用过")))
        checks.extend(_invoice_checks(session, draft))
    if draft.kind == DraftKind.EXPENSE:
        checks.append(Check("sent", _("通过：有决议")) if draft.decision_id else Check("kept", _("请看：没有写明决议")))
    checks.extend(_budget_check(session, draft))
    closed = published_until(session, draft.compound_id)
    if draft.kind != DraftKind.REVERSAL:
        shut = closed is not None and draft.on_date <= closed
        checks.append(Check("fix", _("不通过：那个月已经公布")) if shut else Check("sent", _("通过：那个月还没有公布")))
    if draft.author_id == actor.person_id:
        checks.append(Check("fix", _("不通过：自己记的账")))
    elif share_a_home(session, draft.compound_id, actor.person_id, draft.author_id):
        checks.append(Check("fix", _("不通过：和记账人是一家人")))
    return checks


def _invoice_checks(session: Session, draft: Draft) -> list[Check]:
    """Whether an invoice number of this draft stands on another entry or draft. Nothing to say where none was typed."""
    numbers = {v.invoice_number for v in vouchers_of(session, draft.compound_id, draft.id) if v.invoice_number}
    if not numbers:
        return []
    rows = session.exec(
        select(DraftVoucher.invoice_number, Draft.purpose)
        .join(Draft, pointing(DraftVoucher, "draft_id", Draft))
        .where(
            DraftVoucher.compound_id == draft.compound_id,
            col(DraftVoucher.invoice_number).in_(numbers),
            DraftVoucher.draft_id != draft.id,
        )
        .distinct()
        .order_by(col(DraftVoucher.invoice_number), col(Draft.purpose))
    )
    seen = [Check("kept", _("请看：发票号 %(no)s 用过，在“%(what)s”", no=number, what=what)) for number, what in rows]
    return seen or [Check("sent", _("通过：发票号没有用过"))]


def _budget_check(session: Session, draft: Draft) -> list[Check]:
    """How the category stands against its budget with this draft. Nothing to say where the period has none."""
    within = within_budget(session, draft)
    if within is None:
        return []
    stands = within.standing
    named = {"what": stands.name, "period": within.term.says}
    if not stands.planned_fen:
        words = (
            _("不通过：%(period)s没有给“%(what)s”定预算")
            if _refused(within, draft)
            else _("请看：%(period)s没有给“%(what)s”定预算")
        )
    elif stands.over_fen:
        words = (
            _("不通过：记入后“%(what)s”超出%(period)s预算 %(amount)s")
            if _refused(within, draft)
            else _("请看：记入后“%(what)s”超出%(period)s预算 %(amount)s")
        )
    else:
        words = _("通过：在%(period)s预算内，记入后“%(what)s”还剩 %(amount)s")
    state = "sent" if not stands.over_fen else "fix" if _refused(within, draft) else "kept"
    return [Check(state, words % (named | {"amount": yuan(abs(stands.left_fen))}))]


def _refused(within: Within, draft: Draft) -> bool:
    """As `need_within_budget` sees it."""
    return within.binds and draft.decision_id is None
