"""How one unit's part of an item comes about, in one line of figures that its owners can redo, for every rule of sharing."""

from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from app.benefits.models import ROUNDING_SAYS, Item, Rounding, ShareRule
from app.benefits.rolling import Part, Roll
from app.benefits.shares import Working
from app.compounds.models import UnitKind
from app.kit.i18n import _
from app.kit.money import decimal_string, yuan
from app.roster.comparing import KIND_SAYS


@dataclass(frozen=True, slots=True)
class Counted:
    """What a share was counted from: `total` of the item (fen or pieces), `whole` of all units' weights, how many `units`.

    `weight`, `area` (0.01 m²) and `share` are this unit's own.
    """

    total: int
    whole: int
    units: int
    weight: int
    area: int
    share: int


def each(item: Item) -> str:
    """How much of an item there is, for a unit, a person or in all, in words; of a list only that there is one."""
    said = much(item, item.asked)
    match ShareRule(item.rule):
        case ShareRule.FIXED_PER_UNIT:
            return _("每户 %(much)s", much=said)
        case ShareRule.EQUAL:
            return _("一共 %(much)s，每户一样", much=said)
        case ShareRule.BY_AREA:
            return _("一共 %(much)s，按面积分", much=said)
        case ShareRule.PER_SQUARE_METRE:
            return _("每平方米 %(much)s", much=said)
        case ShareRule.PER_RESIDENT:
            return _("每人 %(much)s", much=said)
        case ShareRule.PER_PERSON:
            return _("%(group)s每人 %(much)s", group=item.terms["group"], much=said)
        case ShareRule.BY_UNIT_KIND:
            parts = [
                _("%(kind)s每户 %(much)s", kind=_(KIND_SAYS[UnitKind(kind)]), much=much(item, share))
                for kind, share in item.terms["by_kind"].items()
            ]
            return _("，").join(parts)
        case ShareRule.BY_AREA_STEPS:
            steps = [_("%(step)s起 %(much)s", step=_m2(area), much=much(item, n)) for area, n in item.terms["steps"]]
            return _("，").join(steps)
        case ShareRule.OWN_LIST:
            return ""


def formula(item: Item, c: Counted) -> str:
    """72.35 m² ÷ 20,114.60 m² × ¥30,000.00 = ¥107.91."""
    each = much(item, item.asked)
    match ShareRule(item.rule):
        case ShareRule.BY_AREA:
            said = f"{_m2(c.weight)} ÷ {_m2(c.whole)} × {much(item, c.total)}"
            working = Working(c.weight, c.whole, c.total, c.share)
        case ShareRule.PER_SQUARE_METRE:
            said, working = f"{_m2(c.weight)} × {each}", Working(c.weight, 100, item.asked, c.share)
        case ShareRule.EQUAL:
            units = _("%(n)s 户", n=c.units)
            said, working = f"{much(item, c.total)} ÷ {units}", Working(1, c.units, c.total, c.share)
        case ShareRule.PER_RESIDENT | ShareRule.PER_PERSON:
            said, working = f"{_persons(item, c.weight)} × {each}", Working(c.weight, 1, item.asked, c.share)
        case ShareRule.FIXED_PER_UNIT:
            return _("每户 %(much)s", much=each)
        case ShareRule.BY_UNIT_KIND:
            kinds = [_(KIND_SAYS[UnitKind(kind)]) for kind, share in item.terms["by_kind"].items() if share == c.share]
            return _("%(kind)s每户 %(much)s", kind=_("、").join(kinds), much=much(item, c.share))
        case ShareRule.BY_AREA_STEPS:
            smallest = max((area for area, _pieces in item.terms["steps"] if area <= c.area), default=0)
            return _("%(area)s，%(step)s起：%(much)s", area=_m2(c.area), step=_m2(smallest), much=much(item, c.share))
        case ShareRule.OWN_LIST:
            return _("名单上写的：%(much)s", much=much(item, c.share))
    return f"{said} {_result(item, working)}"


def much(item: Item, share: int) -> str:
    """¥107.91; 2袋."""
    return f"{share}{item.unit or _('份')}" if item.is_goods else yuan(share)


def _result(item: Item, working: Working) -> str:
    """Also what it comes to exactly, where what is given is not the nearest."""
    step = 1 if item.is_goods else Rounding(item.rounding).step
    given = much(item, working.given)
    if working.exact == working.given or (step == 1 and abs(working.exact - working.given) * 2 <= step and not item.is_goods):
        return f"= {given}"
    to = _("取整") if item.is_goods else _("取整%(step)s", step=_(ROUNDING_SAYS[Rounding(item.rounding)]))
    return f"≈ {_exact(item, working.exact)}{_('，')}{to}{_('：')}{given}"


def _exact(item: Item, exact: Fraction) -> str:
    """With four decimals of a yuan, two of a piece."""
    n = round(exact * 100)
    return f"{decimal_string(n)}{item.unit or _('份')}" if item.is_goods else f"¥{n // 10_000:,}.{n % 10_000:04d}"


def _m2(area: int) -> str:
    return f"{area // 100:,}.{area % 100:02d} m²"


def _persons(item: Item, n: int) -> str:
    if item.rule == ShareRule.PER_PERSON:
        return _("%(n)s 人（%(group)s）", n=n, group=item.terms["group"])
    return _("%(n)s 人", n=n)


@dataclass(frozen=True, slots=True)
class Share:
    """One item for one unit, as the roster gives it now. `quantity` is 0 of money."""

    item_id: UUID
    name: str
    amount_fen: int
    quantity: int
    weight: int
    arithmetic: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What one unit would get of a roll that is still to be frozen, line by line."""

    label: str
    area: int
    total_fen: int
    lines: list[Share]


def preview_of(roll: Roll, q: str) -> Preview | None:
    """Of the unit with this address, or with this room where only one of the roll has it."""
    said = "".join(q.split())
    places = [n for n, unit in enumerate(roll.units) if unit.label == said]
    places = places or [n for n, unit in enumerate(roll.units) if unit.label.endswith(f"-{said}")]
    if len(places) != 1:
        return None
    (at,) = places
    unit, lines = roll.units[at], [_share(roll, part, at) for part in roll.parts if part.shares.each[at]]
    return Preview(unit.label, unit.area, roll.worth_fen[at], lines)


def _share(roll: Roll, part: Part, at: int) -> Share:
    item, share, weight = part.item, part.shares.each[at], part.weights[at]
    counted = Counted(part.shares.total, sum(part.weights), len(roll.units), weight, roll.units[at].area, share)
    quantity = share if item.is_goods else 0
    return Share(item.id, item.name, item.worth_fen(share), quantity, weight, formula(item, counted))
