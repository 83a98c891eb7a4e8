"""Files that officers take home: the register of what was signed for, and the list by which a bank transfers money."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import Response
from sqlalchemy import Row, bindparam
from sqlmodel import Session, col

from app.access.actors import Actor
from app.access.permissions import Permission
from app.benefits import policy
from app.benefits.claim_models import WAY_SAYS, Claim, ClaimLine, ClaimWay, said_authority
from app.benefits.gift_queries import HELD
from app.benefits.models import BenefitKind, Distribution, Item
from app.benefits.roll_models import Entitlement, EntitlementLine, Hold
from app.benefits.roll_queries import LIVE, OF_ROLL
from app.benefits.transfer_queries import AT_A_TIME, MoneyLeft, money_left
from app.compounds.models import Ownership, Person
from app.compounds.names import known_as
from app.compounds.terms import holds
from app.kit.clock import local
from app.kit.i18n import _
from app.kit.records import columns, pointing
from app.kit.refusals import NotAllowed
from app.kit.spreadsheets import Cell, Form, cell_of, sheet
from app.treasury.models import JournalEntry

_LINES = (
    columns(
        Entitlement.label,
        Item.kind,
        Item.name,
        Item.unit,
        EntitlementLine.quantity,
        EntitlementLine.amount_fen,
        Hold.basis,
        Claim.made_at,
        Claim.collector,
        Claim.relation,
        Claim.authority,
        Claim.authority_note,
        Claim.way,
        Claim.year,
        Claim.number,
        ClaimLine.conversion_id,
        col(JournalEntry.year).label("entry_year"),
        col(JournalEntry.number).label("entry_number"),
    )
    .select_from(EntitlementLine)
    .join(Entitlement, pointing(EntitlementLine, "entitlement_id", Entitlement))
    .join(Item, pointing(EntitlementLine, "item_id", Item))
    .outerjoin(Hold, HELD)
    .outerjoin(ClaimLine, LIVE)
    .outerjoin(Claim, pointing(ClaimLine, "claim_id", Claim))
    .outerjoin(JournalEntry, pointing(Claim, "entry_id", JournalEntry))
    .where(OF_ROLL)
    .order_by(col(Entitlement.position), col(Entitlement.id), col(Item.position))
    .execution_options(yield_per=AT_A_TIME)
)


def register_file(session: Session, actor: Actor, distribution: Distribution, form: Form) -> Response:
    """Every line of the roll in force and who signed for it. Raises NotAllowed."""
    if not policy.can_see_roll(actor):
        raise NotAllowed
    return sheet(form, _("签领登记"), _register(session, actor, distribution), _name(actor, distribution, "register"))


def _register(session: Session, actor: Actor, distribution: Distribution) -> Iterator[list[Cell]]:
    """Whoever may not see the roster reads surnames, and of a call to the owner that there was one."""
    full = actor.may(Permission.SEE_ROSTER)
    yield [
        *(_("房号"), _("项目"), _("应发数量"), _("单位"), _("价值"), _("状态"), _("签领日期")),
        *(_("签领人"), _("代领关系"), _("代领依据"), _("确认办法"), _("签领编号"), _("凭证号")),
    ]
    for row in session.execute(_LINES, _of_plan(distribution)):
        due: list[Cell] = [row.quantity, row.unit] if row.kind == BenefitKind.GOODS else ["", ""]
        line = [row.label, row.name, *due, cell_of(row.amount_fen)]
        if row.number is None:
            yield [*line, _unsigned(row), *[""] * 7]
        else:
            basis = said_authority(row.authority, row.authority_note if full else "")
            signed = [local(row.made_at).date(), known_as(row.collector, full=full), row.relation, basis]
            numbers = f"{row.year}-{row.number}", f"{row.entry_year}-{row.entry_number}"
            yield [*line, _("已领"), *signed, _(WAY_SAYS[ClaimWay(row.way)]), *numbers]


def _unsigned(row: Row[Any]) -> str:
    if row.conversion_id:
        return _("按决议转为收入")
    return _("先留着：%(basis)s", basis=row.basis) if row.basis else _("没领")


_OWNERS: Any = (
    columns(Ownership.unit_id, Person.name)
    .join(Person, pointing(Ownership, "person_id", Person))
    .where(Ownership.compound_id == bindparam("compound_id"), holds(Ownership))
    .order_by(col(Ownership.share).desc(), col(Person.name))
)


def transfer_file(session: Session, actor: Actor, distribution: Distribution, form: Form) -> Response:
    """The money that nobody collected yet, to be transferred. What is held or may still be objected to is not on it.

    Raises NotAllowed, NotEffective.
    """
    if not policy.can_transfer(actor):
        raise NotAllowed
    left = money_left(session, distribution)
    return sheet(form, _("转账清单"), _transfers(session, distribution, left), _name(actor, distribution, "transfers"))


def _transfers(session: Session, distribution: Distribution, left: Iterable[MoneyLeft]) -> Iterator[list[Cell]]:
    """With every owner of today: whoever transfers asks them for the account. By its number a line is marked as paid."""
    yield [_("房号"), _("业主"), _("项目"), _("金额"), _("用途"), _("编号")]
    owners: dict[Any, list[str]] = {}
    for unit_id, name in session.execute(_OWNERS, {"compound_id": distribution.compound_id}):
        owners.setdefault(unit_id, []).append(name)
    use = f"{distribution.reference} {distribution.title}"
    for line in left:
        names = "、".join(dict.fromkeys(owners.get(line.unit_id, ())))
        yield [line.label, names, line.item, cell_of(line.amount_fen), use, str(line.id)]


def _of_plan(distribution: Distribution) -> dict[str, Any]:
    return {"compound_id": distribution.compound_id, "distribution_id": distribution.id}


def _name(actor: Actor, distribution: Distribution, what: str) -> str:
    return f"{actor.compound.slug}-{what}-{distribution.reference}"
