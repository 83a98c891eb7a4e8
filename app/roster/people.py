"""Names, phones, shares and areas out of the cells people keep them in. Pure; what is not understood comes back as None."""

import re
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Literal

from app.kit.tables import Broken, Cell, clean, said

Relation = Literal["owner", "tenant"]

LONGEST_PERSON = 60
LARGEST_AREA = 10_000 * 100
"""0.01 m²: 10,000 m². No flat or shop of a residential compound is larger; a larger figure has lost its point."""

_BETWEEN = re.compile(r"[、,/\\;\n|&]+")
_FIRM = re.compile(r"公司|集团|银行|合作社|商行|超市|学校|幼儿园|医院|诊所|中心|委员会|村委|居委|办事处|厂$|店$|馆$|部$")
_NOBODY = re.compile(
    r"[-—/\\.*×xX无空]*|空置|空房|空户|空挡|未售|待售|未知|不详|待定|暂无|没有|无人|未登记|无业主|N/A", re.IGNORECASE
)
_COMPOUND_SURNAMES = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "夏侯",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "司徒",
        "令狐",
        "东方",
        "司空",
        "闻人",
        "轩辕",
        "钟离",
        "宇文",
        "长孙",
        "鲜于",
        "闾丘",
        "独孤",
        "南宫",
        "西门",
        "端木",
        "呼延",
        "澹台",
        "公冶",
        "百里",
    ]
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af·〇]+")
_ORDINAL = re.compile(r"(?:^|(?<=\s))[0-9]{1,2}[.:)]?\s*(?=[^\W\d_])")  # ① is 1 by now
_TENANT = re.compile(r"租|TENANT", re.IGNORECASE)
_OWNER = re.compile(r"业主|户主|产权人|所有权人|所有人|权利人|共有|房主|房东|本人|OWNER", re.IGNORECASE)

_IN_NAME_PHONE = re.compile(r"(?:\+?86[- ]?)?(1[3-9][0-9](?:[- ]?[0-9]){8})(?![0-9])")
_PHONE_RUN = re.compile(r"\+?[0-9(][0-9() .\-—]{4,24}[0-9](?:\s*(?:转|#|EXT\.?)\s*[0-9]{1,5})?", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}|[2-8][0-9]{6,7}|[48]00[0-9]{7}")
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)

_UNIT = re.compile(r"(?:平方米|平方|平米|平|m2|㎡|m²)$", re.IGNORECASE)
_DECIMAL = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,20})?")
_CHINESE_FRACTION = re.compile(r"([一二三四五六七八九十])分之([一二三四五六七八九十])")
_CHINESE = "零一二三四五六七八九十"


@dataclass(frozen=True)
class Named:
    """One person of a cell, with what stood in it beside the name. `remark` is what was left out."""

    name: str
    phone: str | None = None
    share: Fraction | None = None
    relation: Relation | None = None
    remark: str = ""


@dataclass(frozen=True)
class Number:
    """One phone of a cell: as it stood, and as it is dialled (digits, a hyphen before an extension); None if it cannot be."""

    written: str
    dialled: str | None


def names_of(cell: Cell) -> tuple[Named, ...] | None:
    """The people named in a cell, in order; none for "空置" and the like; None where names cannot be told apart."""
    if isinstance(cell, Broken):
        return None
    text = said(cell)
    text = re.sub(r"[•・‧∙●]", "·", text)
    if _NOBODY.fullmatch(text):
        return ()
    if _FIRM.search(text):
        return (_named(text.replace("\n", "")),)
    found: list[Named] = []
    for part in _outside_brackets(text):
        split = _by_spaces(part)
        if split is None:
            return None
        for person in map(_named, split):
            if person.phone and not person.name and found and found[-1].phone is None:
                found[-1] = replace(found[-1], phone=person.phone)
            elif person.name or person.phone:
                found.append(person)
    return tuple(found)


def _outside_brackets(text: str) -> list[str]:
    """Parts between separators, but a separator in brackets or in a fraction separates nobody: "张三(1/2)、李四"."""
    held = re.sub(r"\([^()]*\)|[0-9]{1,6}/[0-9]{1,6}", lambda found: found[0].translate(_HOLD), text)
    return [part.translate(_RELEASE).strip() for part in _BETWEEN.split(held) if part.strip()]


_HOLD = {ord(c): 0xE000 + i for i, c in enumerate("、,/\\;\n|&")}
_RELEASE = {held: c for c, held in _HOLD.items()}


def _by_spaces(part: str) -> list[str] | None:
    """ "张三 李四" are two, "张 三", "欧阳 娜娜" and "John Smith" one, "张 三 李 四" nobody can tell."""
    bare = _IN_NAME_PHONE.sub(lambda found: found[0].replace(" ", ""), part)
    bare = _ORDINAL.sub("", bare)
    words = re.sub(r"\s+(?=[(+]|[0-9]{7})", "", bare).split(" ")
    if len(words) == 1:
        return words
    heads = [re.split(r"[(+0-9]", word)[0] for word in words]
    if not all(_HAN.fullmatch(head) for head in heads):
        return [" ".join(words)]
    if all(len(head) == 1 for head in heads):
        return ["".join(words)] if len(words) <= 3 else None
    if len(words) == 2 and (words[0] in _COMPOUND_SURNAMES or len(heads[0]) == 1):
        return ["".join(words)]
    return words if min(map(len, heads)) > 1 else None


def _named(text: str) -> Named:
    phone = relation = share = None
    remarks: list[str] = []
    if found := _IN_NAME_PHONE.search(text):
        phone = re.sub(r"[- ]", "", found[1])
        text = text.replace(found[0], "")
    if not _FIRM.search(text):
        for inside in re.findall(r"\(([^()]*)\)?", text):
            given = share_of(inside)
            if given is not None:
                share = given
            elif relation_of(inside) is not None:
                relation = relation_of(inside)
            elif inside.strip():
                remarks.append(inside.strip())
        text = re.sub(r"\([^()]*\)?", "", text)
        if found := re.search(r"(?:[0-9.]{1,9}%|[0-9]{1,6}/[0-9]{1,6})$", text.strip()):
            share = share_of(found[0])
            text = text.strip().removesuffix(found[0])
        if found := re.search(r"等[0-9一二两三四五六七八九十]*人?$", text):
            remarks.append(found[0])
            text = text.removesuffix(found[0])
        text = text.strip("()")
    return Named(text.strip(" :-"), phone, share, relation, "、".join(remarks))


def is_name(text: str) -> bool:
    """Something one could call a person or a firm by: it has letters, no sign of a mask, and no address's digits only."""
    return any(c.isalpha() for c in text) and "*" not in text and "＊" not in text


def phones_of(cell: Cell) -> tuple[Number, ...]:
    """The phones of a cell, in order. Excel's floats, dashes, +86, brackets, labels and extensions are understood."""
    text = said(cell)
    if isinstance(cell, Broken):
        return (Number(text, None),)
    found: list[Number] = []
    for part in _BETWEEN.split(text):
        if part.strip():
            found += _numbers(part.strip())
    return tuple(found)


def _numbers(part: str) -> list[Number]:
    whole = phone_of(part)
    if whole:
        return [Number(part, whole)]
    words = part.split(" ")
    if len(words) > 1 and all(phone_of(word) for word in words):
        return [Number(word, phone_of(word)) for word in words]
    digits = re.sub(r"[^0-9]", "", part)
    if len(digits) == 22 and _MOBILE.fullmatch(digits[:11]) and _MOBILE.fullmatch(digits[11:]):
        return [Number(digits[:11], digits[:11]), Number(digits[11:], digits[11:])]
    runs = [run for run in _PHONE_RUN.findall(part) if phone_of(run)]
    if runs and not re.search(r"[*＊]", part):
        return [Number(run.strip(), phone_of(run)) for run in runs]
    return [] if _NOBODY.fullmatch(part) or not digits else [Number(part, None)]


def phone_of(text: str) -> str | None:
    """The digits to dial: a mobile number, a landline with or without its area code, 400, a foreign number with its +."""
    plain = re.sub(r"[\s().\-—–_]", "", clean(text)).upper()
    plain = re.sub(r"^(?:手机|电话|座机|固话|联系电话|TEL|PHONE)?:?", "", plain)
    number, _, extension = re.sub(r"转|EXT|#", "-", plain).partition("-")
    if extension and not re.fullmatch(r"[0-9]{1,5}", extension):
        return None
    for prefix in ("+86", "0086", "86", "0"):
        if number.startswith(prefix) and _MOBILE.fullmatch(number.removeprefix(prefix)):
            number = number.removeprefix(prefix)
    if not (_MOBILE.fullmatch(number) or re.fullmatch(r"\+(?!86)[1-9][0-9]{7,13}", number)):
        number = "0" + number.removeprefix("+86") if number.startswith("+86") else number
        if not _LANDLINE.fullmatch(number):
            return None
    return f"{number}-{extension}" if extension else number


def was_rounded(text: str) -> bool:
    """1.38E+10: Excel has thrown the last digits away."""
    return bool(_ROUNDED.fullmatch(clean(text)))


def relation_of(text: str) -> Relation | None:
    """Owner or tenant; None for a relative and whatever else stands in the column."""
    plain = clean(text)
    if _TENANT.search(plain) and not re.search(r"出租|房东", plain):
        return "tenant"
    return "owner" if _OWNER.search(plain) else None


def share_of(cell: Cell) -> Fraction | None:
    """A part of the ownership in (0, 1]: 50%, 1/2, 0.5, 50, 二分之一, 一半. A bare number above 1 is taken as per cent."""
    if isinstance(cell, Broken):
        return None
    text = said(cell).removeprefix("各").removesuffix("份额").strip()
    if text in ("一半", "半"):
        return Fraction(1, 2)
    if text in ("全部", "单独所有", "独有"):
        return Fraction(1)
    if found := _CHINESE_FRACTION.fullmatch(text):
        return _part(Fraction(_CHINESE.index(found[2]), _CHINESE.index(found[1])))
    if found := re.fullmatch(r"([0-9]{1,6})\s*/\s*([0-9]{1,6})", text):
        return _part(Fraction(int(found[1]), int(found[2]))) if int(found[2]) else None
    if found := re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*(%?)", text):
        value = Fraction(found[1])
        return _part(value / 100 if found[2] or value > 1 else value)
    return None


def _part(value: Fraction) -> Fraction | None:
    return value if 0 < value <= 1 else None


def shares_of(cell: Cell) -> tuple[Fraction | None, ...]:
    """The shares of a cell, in order: "50%、50%"; one for "各50%"."""
    text = said(cell)
    parts = [part for part in re.split(r"[、,;/\s]+" if "%" in text else r"[、,;\s]+", text) if part]
    if len(parts) <= 1 or isinstance(cell, Broken):
        return (share_of(cell),) if parts else ()
    return tuple(share_of(part) for part in parts)


def area_of(cell: Cell) -> tuple[int, bool] | None:
    """0.01 m² (nearest, halves up) and whether a part of it was dropped; None where it is not a number.

    A float is read by its shortest decimal, so that Excel's 89.530000000000001 is 89.53.
    """
    if isinstance(cell, Broken):
        return None
    text = "".join(said(cell).replace("。", ".").split())
    text = _UNIT.sub("", re.sub(r"^(?:约|建筑面积|面积)?:?", "", text))
    if not _DECIMAL.fullmatch(text):
        return None
    try:
        exact = Decimal(text.replace(",", "")) * 100
        area = exact.quantize(Decimal(1), ROUND_HALF_UP)
    except InvalidOperation:
        return None
    return int(area), abs(exact - area) > Decimal("0.0001")
