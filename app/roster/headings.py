"""Which row is the header, and what its words mean. Committees call the same column by twenty names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.kit.i18n import mark
from app.kit.tables import Cell, Row, blank, clean
from app.kit.workbook import Sought

Meaning = Literal[
    "building", "entrance", "room", "address", "name", "phone", "tenant", "tenant_phone",
    "area", "kind", "share", "relation", "note", "ignored",
]  # fmt: skip

_SEARCHED_ROWS = 40

CO_OWNERS = ("共有人", "共有人姓名", "共有权人", "产权共有人")
"""Columns of names that stand beside the owner's."""

# In order of preference where a sheet has several columns of one meaning; the first word names the column in messages.
_WORDS: dict[Meaning, str] = {
    "building": "楼栋 楼栋号 栋号 楼号 幢号 栋 幢 座 号楼 楼幢 楼幢号 栋座 楼座 楼宇 栋别 楼 所在楼栋 楼栋名称 楼宇名称 几栋 "
    "栋单元 楼栋单元 BUILDING",
    "entrance": "单元 单元号 单元门 所在单元 门洞 门栋 梯号 梯 门 ENTRANCE",
    "room": "房号 室号 房间号 门牌号 门牌 房间 室 户室 户号 房屋号 房屋编号 房间编号 房产编号 房屋 房产 户 单元房号 楼栋房号 "
    "铺号 铺位号 商铺号 门面号 车库号 车位号 车位编号 ROOM ROOMNO ROOMNUMBER",
    "address": "房屋地址 房屋坐落 坐落 地址 住址 详细地址 具体地址 房产地址 家庭住址 ADDRESS",
    "name": "业主姓名 产权人姓名 权利人姓名 所有权人 产权人 权利人 业主 业主名称 房主姓名 房主 姓名 名字 名称 户主姓名 户主 "
    f"{' '.join(CO_OWNERS)} NAME OWNER",
    "phone": "PHONE MOBILE",
    "tenant": "TENANT",
    "tenant_phone": "TENANTPHONE",
    "area": "建筑面积 产权面积 房屋建筑面积 建面 专有面积 房屋面积 实测面积 面积 AREA FLOORAREA",
    "kind": "类型 用途 房屋类型 房屋用途 物业类型 房产类型 房屋性质 性质 业态 KIND TYPE USE",
    "share": "份额 产权份额 所占份额 共有份额 产权比例 份额比例 占比 比例 SHARE",
    "relation": "身份 人员身份 居住身份 人员类型 人员类别 住户类型 与业主关系 与产权人关系 关系 业主/租户 ROLE STATUS",
    "note": "备注 说明 附注 NOTE NOTES REMARK REMARKS",
    "ignored": "序号 序 编号 NO 楼层 层 层数 所在层 户型 朝向",
}
_EXACT: dict[str, tuple[Meaning, int]] = {
    word: (meaning, rank) for meaning, words in _WORDS.items() for rank, word in enumerate(words.split())
}
_PHONE = re.compile(r"电话|手机|联系方式|联系号码|固话|座机")
_NOT_OURS = re.compile(r"身份证|证件|家属|配偶|子女|紧急|物业|租金|车牌|价|金额|费|日期|时间|年龄|性别|民族|学历|职业|微信|银行")
_OTHER_AREA = re.compile(r"套内|使用|公摊|分摊|花园|阳台|露台|土地|占地|赠送|附属|地下")
_LATE = 1_000

NAMES: dict[Meaning, str] = {
    "room": mark("房号"),
    "building": mark("楼栋"),
    "entrance": mark("单元"),
    "name": mark("姓名"),
    "phone": mark("电话"),
    "area": mark("面积"),
    "kind": mark("类型"),
    "relation": mark("身份"),
    "share": mark("份额"),
    "note": mark("备注"),
    "address": mark("地址"),
    "tenant": mark("租户姓名"),
    "tenant_phone": mark("租户电话"),
    "ignored": mark("不读"),
}
"""What each meaning is called in messages, the preview and the empty form. Pass through `_`."""

_CORE: frozenset[Meaning] = frozenset({"building", "entrance", "room", "address", "name", "phone", "tenant", "area"})


@dataclass(frozen=True)
class Heading:
    """What a column is. `rank` orders columns of one meaning: the lowest is the one to believe."""

    text: str
    plain: str
    meaning: Meaning | None
    rank: int = 0


@dataclass(frozen=True)
class Header:
    """The header found: its lines, and the heading of every column that has one."""

    first: int
    last: int
    headings: dict[int, Heading]

    @property
    def score(self) -> int:
        return len({h.meaning for h in self.headings.values()} - {None, "ignored"})


def find_header(rows: Sequence[Row]) -> Header | None:
    """The best header among the first rows, one or two rows high; None where no row names a room and something about it."""
    best: Header | None = None
    looked_at = rows[:_SEARCHED_ROWS]
    for i, row in enumerate(looked_at):
        for header in (_single(row), _double(row, looked_at[i + 1]) if i + 1 < len(looked_at) else None):
            if header and _is_header(header) and (best is None or _rank(header) > _rank(best)):
                best = header
    return best


def _rank(header: Header) -> tuple[int, int]:
    """Two rows only where they say more than one: the upper might be a title."""
    return header.score, header.first - header.last


def heading(text: str, group: str = "") -> Heading:
    """What a heading means, under the `group` written above it in a header of two rows."""
    plain = _plain(text)
    meaning, rank = _meaning(plain)
    if "租" in _plain(group) and meaning in ("name", "phone"):
        meaning = "tenant" if meaning == "name" else "tenant_phone"
    elif meaning in ("name", "phone") and _NOT_OURS.search(_plain(group)):
        meaning = "ignored"
    elif meaning is None and group:
        meaning, rank = _meaning(_plain(group + text))
    return Heading(clean(text).replace("\n", ""), plain, meaning, rank)


def _plain(text: str) -> str:
    """Without spaces, brackets and what they hold, marks, units, a last number: "建筑面积（㎡）*" is 建筑面积, "业主2" 业主."""
    text = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】", "", clean(text))
    text = "".join(text.split()).strip("*:;、,.").upper()
    return (
        re.sub(r"(?:m2|M2|㎡|平方米|平米)$", "", text)
        if "面积" in text
        else re.sub(r"(?<=[\u4e00-\u9fff])[0-9一二三四]$", "", text)
    )


def _meaning(plain: str) -> tuple[Meaning | None, int]:
    if plain in _EXACT:
        return _EXACT[plain]
    if not plain or len(plain) > 20:
        return None, 0
    if _NOT_OURS.search(plain):
        return "ignored", 0
    found: Meaning | None = None
    if _PHONE.search(plain):
        found = "tenant_phone" if "租" in plain else "phone"
    elif re.search(r"租户|租客|承租|租赁人", plain):
        found = "tenant"
    elif "面积" in plain:
        found = "ignored" if _OTHER_AREA.search(plain) else "area"
    elif plain.endswith("姓名"):
        found = "name"
    return found, _LATE


def _single(row: Row) -> Header:
    return Header(row.line, row.line, {c: heading(text) for c, text in _texts(row).items()})


def _double(upper: Row, lower: Row) -> Header | None:
    """Two rows as one header: groups above (业主信息, 租户信息), columns below; a column named once keeps that name."""
    below = _texts(lower)
    if sum(_meaning(_plain(text))[0] is not None for text in below.values()) < 2 or any(_is_value(cell) for cell in lower.cells):
        return None
    above = _texts(upper)
    headings: dict[int, Heading] = {}
    group = ""
    for column in range(max((*above, *below)) + 1):
        group = above.get(column, group)
        if column in below:
            headings[column] = heading(below[column], group)
        elif column in above:
            headings[column] = heading(above[column])
    return Header(upper.line, lower.line, headings)


def _texts(row: Row) -> dict[int, str]:
    return {c: cell for c, cell in enumerate(row.cells) if isinstance(cell, str) and not blank(cell)}


def _is_value(cell: Cell) -> bool:
    """A number, or text with digits that is not a heading: such a cell never stands in a header's second row."""
    return not blank(cell) and (
        not isinstance(cell, str) or (_meaning(_plain(cell))[0] is None and any(c.isdecimal() for c in cell))
    )


def _is_header(header: Header) -> bool:
    meanings = {h.meaning for h in header.headings.values()}
    return bool(meanings & {"room", "address"}) and len(meanings & _CORE) >= 2


ROSTER = Sought(find_header, tuple(NAMES.values())[:6])
"""What `read_table` reads a roster for."""
