"""Values that JSON has a word for, or a way to write, as the types of Python.

Each function takes a JSON value and the type that it shall be of, as cattrs calls its hooks, and
takes only values of that type's own form: nothing is coerced. Numbers and bytes also come as
`Decimal` and `bytes`, which JSON does not have and items of DynamoDB do.
"""

from __future__ import annotations

from base64 import b64decode
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self
    from uuid import UUID


class Mismatch(ValueError):
    """A value is not of the type that it should be of; whoever catches it knows both."""


class ExactFloat(float):
    """A number of a JSON document, with the digits that it is written with there."""

    __slots__ = ("digits",)
    digits: str

    def __new__(cls, digits: str) -> Self:
        """Read a number."""
        number = super().__new__(cls, digits)
        number.digits = digits
        return number


def only(*kinds: type) -> Callable[[Any, Any], Any]:
    """Return a hook that takes values of these very types; a boolean is not an integer here."""
    accepted = frozenset(kinds)

    def structure(value: Any, target: Any) -> Any:
        kind = type(value)
        if kind is target and kind in accepted:
            return value
        if kind is Decimal:
            value = _from_decimal(value, accepted)
        elif kind not in accepted:
            raise Mismatch
        if type(value) is target:
            return value
        # A float from an integer, or a class that derives from one of the types.
        return enum_member(value, target) if issubclass(target, Enum) else target(value)

    return structure


def _from_decimal(value: Decimal, accepted: frozenset[type]) -> Any:
    if float in accepted:
        return float(value)
    if int in accepted and value.is_finite() and value == value.to_integral_value():
        return int(value)
    raise Mismatch


def decimal(value: Any, _: Any) -> Decimal:
    """Return the Decimal of a number, or of a string that holds one, with all its digits."""
    kind = type(value)
    if kind is ExactFloat:
        value = value.digits
    elif kind is float:
        value = repr(value)
    elif kind is str:
        if not value.isascii() or "_" in value or value != value.strip():
            raise Mismatch  # Python takes these, and no other language does
    elif kind is not int and kind is not Decimal:
        raise Mismatch
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Mismatch from None
    if not number.is_finite():
        raise Mismatch
    return number


def text(value: Any) -> str:
    """Return a value that is a string."""
    if type(value) is not str:
        raise Mismatch
    return value


def uuid(value: Any, target: Any) -> UUID:
    """Return the UUID that a string holds."""
    try:
        return target(text(value))  # type: ignore[no-any-return]
    except ValueError:
        raise Mismatch from None


def base64(value: Any, _: Any) -> bytes:
    """Return the bytes that a string holds in base64."""
    if type(value) is bytes:
        return value
    try:
        return b64decode(text(value), validate=True)
    except ValueError:
        raise Mismatch from None


def from_iso(value: Any, target: Any) -> Any:
    """Return the date or time that a string holds in ISO 8601."""
    try:
        return target.fromisoformat(text(value))
    except ValueError:
        raise Mismatch from None


def enum_member(value: Any, target: Any) -> Any:
    """Return the member of an enum that has a value."""
    value = plain_number(value)
    try:
        member = target(value)
    except (TypeError, ValueError):
        raise Mismatch from None
    known = member.value
    kind = float if type(value) is ExactFloat else type(value)
    if known == value and type(known) is not kind:
        raise Mismatch  # True == 1 == 1.0
    return member


def literal_value(value: Any, target: Any) -> Any:
    """Return which of a literal type's values a value is; an enum's member goes by its value."""
    value = plain_number(value)
    for literal in target.__args__:
        plain = literal.value if isinstance(literal, Enum) else literal
        if plain == value and type(plain) is type(value):
            return literal
    raise Mismatch


def plain_number(value: Any) -> Any:
    """Return a number of DynamoDB as JSON would have it."""
    if type(value) is not Decimal:
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def integer_key(value: Any, _: Any) -> int:
    """Return the integer that is written as an object's key; JSON has strings there."""
    try:
        number = int(text(value))
    except ValueError:
        raise Mismatch from None
    if str(number) != value:  # "01" and "1_0" would meet "1" and "10"
        raise Mismatch
    return number


def float_key(value: Any, _: Any) -> float:
    """Return the number that is written as an object's key."""
    return float(decimal(text(value), None))
