"""Names as a viewer may know them (DOMAIN §4): 张*, 欧阳*, 138****5678."""

_DOUBLE = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒"
    "鲜于司空令狐百里呼延东郭南门西门"
)
DOUBLE = frozenset(_DOUBLE[i : i + 2] for i in range(0, len(_DOUBLE), 2))
"""Surnames of two characters."""


def masked(name: str) -> str:
    """The surname and a star, which does not tell how long the name is."""
    return (name[:2] if name[:2] in DOUBLE and len(name) > 2 else name[:1]) + "*"


def masked_phone(phone: str) -> str:
    """The first three and the last four digits; short numbers show only the last two."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else f"****{phone[-2:]}"


def known_as(name: str, *, full: bool) -> str:
    return name if full else masked(name)
