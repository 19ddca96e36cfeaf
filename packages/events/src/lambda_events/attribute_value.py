"""DynamoDB's typed values, from and to Python's.

A stream's records hold them as JSON objects of one key, such as ``{"N": "3.14"}``, which lose
nothing; these functions are for those who would rather have Python's own types.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def to_python(value: Mapping[str, Any]) -> Any:
    """Return what an attribute value stands for.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_AttributeValue.html

    Args:
        value: An object with one of the keys S, N, B, BOOL, NULL, M, L, SS, NS and BS.

    Returns:
        str, Decimal (every digit kept, whatever their number), bytes, bool, None, dict, list, or a
        set of str, Decimal or bytes.

    Raises:
        EventDecodeError: It is not an attribute value.
    """
    from .errors import EventDecodeError, describe

    try:
        ((kind, inner),) = value.items()
        return _READERS[kind](inner)
    except EventDecodeError:
        raise
    except (AttributeError, ArithmeticError, KeyError, TypeError, ValueError):
        words = "an object with one key that names a type, such as {'S': 'text'}"
        found = f"{describe(value)} with {[*value]}" if isinstance(value, dict) else describe(value)
        raise EventDecodeError("AttributeValue", "", words, found) from None


def item_to_python(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole item, attribute by attribute, as `to_python` does."""
    return {name: to_python(value) for name, value in item.items()}


def _number(text: Any) -> Any:
    from decimal import Decimal

    return Decimal(text)  # of text, this is exact in any context


def _binary(text: str) -> bytes:
    from ._bytes import from_base64

    return from_base64(text, "AttributeValue", "B")


_READERS: dict[str, Any] = {
    "S": str,
    "N": _number,
    "B": _binary,
    "BOOL": bool,
    "NULL": lambda _: None,
    "M": item_to_python,
    "L": lambda values: [to_python(value) for value in values],
    "SS": set,
    "NS": lambda values: {_number(value) for value in values},
    "BS": lambda values: {_binary(value) for value in values},
}


def from_python(value: Any) -> dict[str, Any]:
    """Return the attribute value that stands for a value.

    Args:
        value: str, bytes, bool, None, int, Decimal, float (by its shortest digits), a dict or a
            list of them, or a set of str, numbers or bytes that is not empty.

    Returns:
        An object of one key, as JSON has it: numbers are text, bytes base64.

    Raises:
        TypeError: DynamoDB has no type for the value.
    """
    from decimal import Decimal

    from ._bytes import to_base64

    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, (int, float, Decimal)):
        text = str(value)
        if text.lstrip("-+")[:1].isdigit():  # NaN and the infinities have no place in DynamoDB
            return {"N": text}
    elif isinstance(value, (bytes, bytearray)):
        return {"B": to_base64(bytes(value))}
    elif isinstance(value, dict):
        return {"M": item_from_python(value)}
    elif isinstance(value, (list, tuple)):
        return {"L": [from_python(item) for item in value]}
    elif isinstance(value, (set, frozenset)):
        members = [from_python(item) for item in value]
        kinds = {kind for member in members for kind in member}
        if len(kinds) == 1 and kinds <= {"S", "N", "B"}:
            (kind,) = kinds
            return {f"{kind}S": sorted(member[kind] for member in members)}
    raise TypeError(f"DynamoDB has no type for {value!r}: give it as str, a number or bytes")


def item_from_python(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole item, attribute by attribute, as `from_python` does."""
    return {name: from_python(value) for name, value in item.items()}
