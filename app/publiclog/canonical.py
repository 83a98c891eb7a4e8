"""RFC 8785: one value, one sequence of bytes. Only what our entries hold: no floats."""

import json
from typing import TypeAlias

Value: TypeAlias = str | int | bool | list["Value"] | dict[str, "Value"] | None

LARGEST = 2**53 - 1
"""Beyond it a JSON reader may lose digits (RFC 8785 §3.2.2.3, RFC 7493 §2.2)."""


class NotCanonical(ValueError):
    """The value has no canonical form. The message names its kind only: a value may be personal."""


def canonical(value: Value) -> bytes:
    """UTF-8 bytes of `value`. Raises NotCanonical for floats, integers beyond ±(2^53 - 1), lone surrogates, other types."""
    try:
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise NotCanonical("a lone surrogate is not a character") from None


def _ordered(value: Value) -> Value:
    match value:
        case None | bool() | str():
            return value
        case int() if abs(value) <= LARGEST:
            return value
        case list():
            return [_ordered(item) for item in value]
        case dict() if all(isinstance(key, str) for key in value):
            # RFC 8785 §3.2.3 sorts by UTF-16 code units, which differs from Python's order beyond U+FFFF.
            return {key: _ordered(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    raise NotCanonical(f"no canonical form for this {type(value).__name__}")
