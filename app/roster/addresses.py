"""Where a unit is: "12-3-501", "12栋3单元501室", "三栋二单元402室", "12#3-501" are written by people and mean one thing.

The canonical form is bare: building "12", entrance "3", room "501". 栋, 幢, 座, 号楼 and # are the same word; leading zeros
go, because Excel drops them from some cells and not from others, and a second import must find the same unit. What stands
before the building's number ("二期", "桂花苑") is kept with it, for two gardens may both have a 3栋.
"""

import re
from dataclasses import dataclass
from typing import Literal

from app.kit.tables import clean

Kind = Literal["dwelling", "shop", "garage"]

LONGEST_NAME = 20
"""Characters of a building, an entrance or a room."""

_KIND_WORDS: dict[Kind, str] = {
    "garage": "停车位 停车场 车位 车库 车房 GARAGE",
    "shop": "商铺 门面 门店 店面 铺面 店铺 底商 商业 商用 网点 铺 SHOP",
    "dwelling": "住宅 居住 住房 商品房 公寓 安置房 回迁房 房改房 经适房 别墅 洋房 自住 民宅 住 DWELLING",
}
_KINDS = [(word, kind) for kind, words in _KIND_WORDS.items() for word in words.split()]
_PLACE_WORD = re.compile("|".join(word for word, kind in _KINDS if kind != "dwelling"))

_NUMERAL = "〇零○一二三四五六七八九十百两"
_VALUE = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
# A run of numerals is a number before a word for a building, an entrance or a room; before a weaker word only
# where nothing else can own it ("八一号" might be a name, "三栋二门" is not).
_NUMBER = re.compile(
    f"[{_NUMERAL}]+(?=号楼|栋|幢|座|单元|室)|(?:^|(?<=[^\\u4e00-\\u9fff])|(?<=[栋幢座楼元门层期区苑园村负下]))[{_NUMERAL}]+(?=[号门梯层楼期区组]|[^\\u4e00-\\u9fff]|$)"
)
_SEPARATORS = re.compile(r"[\s_/\\.,:、·~‐‑‒–—―−-]+")

# Each word for a part of an address becomes one small letter; the text itself is in capitals by then.
_BUILDING = re.compile(r"-?(?:号楼|#楼|[栋幢]楼?|座|#|(?<=[A-Z])楼)-?")
_ENTRANCE = re.compile(r"-?(?:单元|(?<=[0-9A-Z])门(?![面牌店市])|(?<=[0-9A-Z])梯)-?")
_FLOOR = re.compile(r"(?<=[0-9])-?(?:层|楼)-?")
_LEVEL = re.compile(r"^负?[0-9]+f-?")

_CODE = re.compile(r"(?P<ground>.*?)-?(?P<code>[0-9]{1,4}[A-Z]{0,2}|[A-Z]{1,2}[0-9]{0,3}|[甲乙丙丁东西南北])")
_WORDS_ONLY = re.compile(r"([\u4e00-\u9fff]{1,6}(?:楼|栋|幢|座))(.*)")
_SHORT = re.compile(r"[0-9]{1,2}[A-Z]?|[A-Z][0-9]?|[甲乙丙丁]")
_ROOM = re.compile(r"负?[A-Z]{0,3}[0-9]{1,6}[A-Z]{0,2}[东西南北中左右上下前后内外]?")
_DIVIDED = re.compile(r"[A-Z]{0,2}[0-9]{3,5}[A-Z]?-[0-9]{1,2}")
_PLACE = re.compile(r"[0-9A-Z\u4e00-\u9fff-]+")
_OUTSIDE = re.compile(r"^.*(?:省|市|县|镇|乡|路|街|道|巷|弄|号)")


@dataclass(frozen=True)
class Address:
    """What an address says; parts it does not name are None.

    `ground` is what stands before the building's number. `unsure`: of two bare parts, the first may name the building or
    the entrance; it stands as the entrance.
    """

    ground: str = ""
    building: str | None = None
    entrance: str | None = None
    room: str | None = None
    kind: Kind | None = None
    unsure: bool = False


def address_of(text: str, *, within: bool = False) -> Address | None:
    """The address, or None where it is not understood. `within`: the building stands in a column of its own."""
    plain = _plain(text)
    if clean(text).startswith("-"):  # a basement; anything longer could be read two ways
        return Address(room=f"负{plain}") if re.fullmatch(r"[0-9]{1,4}", plain) else None
    if found := _PLACE_WORD.search(plain):
        return _place(plain, found)
    marked = _marked(plain, with_room=True)
    ground, building, rest = _take_building(marked)
    entrance = None
    if "e" in rest:
        before, _, rest = rest.partition("e")
        parts = before.split("-")
        if building is None and len(parts) == 2:
            building = parts.pop(0)
        if len(parts) != 1 or not _SHORT.fullmatch(parts[0]):
            return None
        entrance = parts[0]
    elif building is None and (floor := re.fullmatch(r"([0-9]{1,2})f-?([0-9]{3,4})", rest)):
        # "5楼501" is a floor; "3楼501" can only be a building that people call so.
        if within or floor[2].startswith(floor[1]):
            rest = floor[2]
        else:
            building, rest = floor[1], floor[2]
    rest = _LEVEL.sub("", rest).removesuffix("-户").removesuffix("户")
    return _with_room(Address(ground, building, entrance), rest.strip("-"), within)


def _with_room(so_far: Address, rest: str, within: bool) -> Address | None:
    parts = rest.split("-") if rest else []
    building, entrance, unsure = so_far.building, so_far.entrance, False
    if _DIVIDED.fullmatch(rest):
        parts = [rest]
    elif len(parts) == 3 and building is None and entrance is None:
        building, entrance = parts[:2]
    elif len(parts) in (2, 3) and entrance is None and (building or within) and _SHORT.fullmatch(parts[0]):
        entrance, unsure = parts[0], building is None
        parts = ["-".join(parts[1:])]
        if len(parts[0].split("-")) > 1 and not _DIVIDED.fullmatch(parts[0]):
            return None
    elif len(parts) == 2 and building is None and entrance is None:
        building = parts[0]
    elif len(parts) > 1:
        return None
    if (
        building is not None
        and so_far.building is None
        and not re.fullmatch(r"[0-9]{1,4}[A-Z]{0,2}|[A-Z]{1,2}[0-9]{0,3}", building)
    ):
        return None
    if entrance is not None and not _SHORT.fullmatch(entrance):
        return None
    room = parts[-1] if parts else None
    if room is not None and not _ROOM.fullmatch(room) and not _DIVIDED.fullmatch(room):
        return None
    if building is None and entrance is None and room is None:
        return None
    return Address(so_far.ground, _bare(building), _bare(entrance), _bare(room), unsure=unsure)


def building_of(text: str) -> Address | None:
    """A cell of the building column: "12栋", "12#", "十二", "A座", "东区3栋", also "12栋3单元"."""
    marked = _marked(_plain(text), with_room=False)
    ground, building, rest = _take_building(marked)
    if building is None:
        before, is_entrance, after = rest.partition("e")
        parts = before.split("-")
        if is_entrance and (after or len(parts) != 2):
            return None
        found = _CODE.fullmatch(parts[0].removesuffix("f"))
        if not found:
            return Address(building=rest) if re.fullmatch(r"[\u4e00-\u9fff]{1,8}", rest) else None
        ground, building, rest = found["ground"], found["code"], "-".join(parts[1:]) + is_entrance
    entrance = rest.removesuffix("e") or None
    if entrance is not None and not _SHORT.fullmatch(entrance):
        return None
    address = Address(_ground(ground), _bare(building), _bare(entrance))
    return address if len(address.ground) + len(address.building or "") <= LONGEST_NAME else None


def entrance_of(text: str) -> str | None:
    """A cell of the entrance column: "3单元", "三单元", "3", "3门", "A"; None where it is not understood."""
    plain = re.sub(r"(?:单元|门洞|门|梯|号)$", "", _plain(text).strip("-"))
    return _bare(plain) if _SHORT.fullmatch(plain) else None


def kind_of(text: str) -> Kind | None:
    """What a unit is used as, in the words people write."""
    plain = clean(text).upper()
    return next((kind for word, kind in _KINDS if word in plain), None)


def building_in(text: str) -> Address | None:
    """The one building a title or a sheet's name speaks of: "枫树小区3栋业主花名册"."""
    found = re.findall(r"([0-9]{1,4}|(?<![A-Z])[A-Z])(?:栋|幢|座|号楼|#)(?:([0-9]{1,2})单元)?", _plain(text))
    return Address(building=_bare(found[0][0]), entrance=_bare(found[0][1])) if len(found) == 1 else None


def _plain(text: str) -> str:
    """Capitals, Arabic digits, one kind of separator."""
    text = _NUMBER.sub(lambda found: _number(found[0]), clean(text).upper())
    return re.sub(r"第(?=[0-9A-Z])", "", _SEPARATORS.sub("-", text).strip("-"))


def _number(numeral: str) -> str:
    if not set(numeral) & {"十", "百"}:
        return "".join(str(_VALUE[c]) for c in numeral)
    hundreds, _, rest = numeral.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    try:
        total = 100 * _VALUE[hundreds] if hundreds else 0
        total += 10 * _VALUE[tens.lstrip("零〇") or "一"] if ten else 0
        return str(total + (_VALUE[ones.lstrip("零〇")] if ones.lstrip("零〇") else 0))
    except KeyError:
        return numeral


def _marked(plain: str, *, with_room: bool) -> str:
    if with_room:
        plain = re.sub(r"(?<=[0-9A-Z东西南北中左右上下前后内外户])-?(?:室|房间|房|号房|#)$", "", plain)
    if plain.endswith("号"):
        plain = plain[:-1]
    marked = _BUILDING.sub("b", plain)
    marked = _ENTRANCE.sub("e", marked)
    if "b" not in marked:
        marked = re.sub(r"-?号-?(?=[0-9A-Z])", "b", marked, count=1)
    marked = _FLOOR.sub("f", marked)
    return re.sub(r"-?号-?", "", marked) if "b" in marked else marked


def _take_building(marked: str) -> tuple[str, str | None, str]:
    """(what stands before it, the building, what follows), as far as a building is marked as one."""
    if "b" in marked:
        before, _, rest = marked.partition("b")
        if found := _CODE.fullmatch(before):
            return _ground(found["ground"]), found["code"], rest
        if re.fullmatch(r"[\u4e00-\u9fff]{1,8}", before):
            return "", before, rest
        return "", None, marked
    if found := _WORDS_ONLY.fullmatch(marked):
        return "", found[1], found[2].lstrip("-")
    return "", None, marked


def _ground(text: str) -> str:
    """What tells two buildings of one number apart; a town, a street or the word for the compound does not."""
    text = _OUTSIDE.sub("", text).strip("-")
    return "" if text.endswith(("小区", "社区")) else text


def _place(plain: str, found: re.Match[str]) -> Address | None:
    """A shop or a parking space: its room keeps the word, for shop 3 and flat 3 may stand in one building."""
    word = found[0]
    kind = next(kind for known, kind in _KINDS if known == word)
    ground, building, rest = "", None, plain
    before = _marked(plain[: found.start()], with_room=False)
    if "b" in before:
        ground, building, left = _take_building(before)
        if building is None:
            return None
        rest = left.replace("f", "层").replace("e", "单元") + plain[found.start() :]
    rest = rest.replace("号", "").strip("-")
    if turned := re.fullmatch(rf"-?([0-9A-Z][0-9A-Z-]*?)-?{re.escape(word)}", rest):
        rest = word + turned[1]
    rest = re.sub(rf"{re.escape(word)}-?0*(?=[0-9])", word, rest)
    if not _PLACE.fullmatch(rest) or len(rest) > LONGEST_NAME or not re.search(r"[0-9A-Z]", rest.replace(word, "")):
        return None
    return Address(ground, _bare(building), room=rest, kind=kind)


def _bare(code: str | None) -> str | None:
    """Without leading zeros: 0501 and 501, 03 and 3 are one."""
    return re.sub(r"^0+(?=[0-9])", "", code) if code else None
