"""How the values that JSON has a word for, or a way to write, become those of typed handlers.

Each function here takes a JSON value and the type that it shall be of, as cattrs calls its hooks,
and takes no other value than that type's own: nothing is guessed.
"""

from __future__ import annotations

from base64 import b64decode
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


class Mismatch(ValueError):
    """A value is not of the type that it should be of; who catches it knows both."""


class ExactFloat(float):
    """A number of a JSON document, with the digits that it is written with there."""

    __slots__ = ("digits",)
    digits: str

    def __new__(cls, digits: str) -> Self:
        """Read a number.

        Args:
            digits: The number as it is written.
        """
        number = super().__new__(cls, digits)
        number.digits = digits
        return number


class IntegerKey(int):
    """The key of an object that stands for an integer: JSON writes all keys as strings."""


def decimal(value: Any, _: Any) -> Decimal:
    """Return the Decimal of a JSON value.

    Args:
        value: A number, or a string that holds one.

    Raises:
        Mismatch: It is neither.
    """
    kind = type(value)
    if kind is ExactFloat:
        value = value.digits
    elif kind is float:
        value = repr(value)
    elif kind is not int and kind is not str:
        raise Mismatch
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Mismatch from None
    if not number.is_finite():
        raise Mismatch
    return number


def only(*kinds: type) -> Callable[[Any, Any], Any]:
    """Return a function that takes values of these very types.

    Args:
        kinds: The types; a boolean is no integer here.
    """

    def structure(value: Any, target: Any) -> Any:
        kind = type(value)
        if kind not in kinds:
            raise Mismatch
        if kind is target:
            return value
        # A float from an integer, or a class that derives from one of the types.
        return enum_member(value, target) if issubclass(target, Enum) else target(value)

    return structure


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Mismatch
    return value


def uuid(value: Any, _: Any) -> UUID:
    """Return the UUID that a string holds.

    Args:
        value: The string.

    Raises:
        Mismatch: It holds none.
    """
    text = _text(value)
    try:
        return UUID(text)
    except ValueError:
        raise Mismatch from None


def base64(value: Any, _: Any) -> bytes:
    """Return the bytes that a string holds in base64.

    Args:
        value: The string.

    Raises:
        Mismatch: It holds none.
    """
    text = _text(value)
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise Mismatch from None


def integer_key(value: Any, _: Any) -> int:
    """Return the integer that is written as an object's key.

    Args:
        value: The key.

    Raises:
        Mismatch: It is no integer.
    """
    try:
        return int(_text(value))
    except ValueError:
        raise Mismatch from None


def from_iso(value: Any, target: Any) -> Any:
    """Return the date or time that a string holds in ISO 8601.

    Args:
        value: The string.
        target: `datetime`, `date` or `time`.

    Raises:
        Mismatch: It holds none.
    """
    text = _text(value)
    try:
        return target.fromisoformat(text)
    except ValueError:
        raise Mismatch from None


def enum_member(value: Any, target: Any) -> Any:
    """Return the member of an enum that has a value.

    Args:
        value: The value.
        target: The enum.

    Raises:
        Mismatch: None has.
    """
    try:
        member = target(value)
    except ValueError:
        raise Mismatch from None
    if isinstance(value, bool) is not isinstance(member.value, bool):  # True == 1
        raise Mismatch
    return member


def literal_value(value: Any, target: Any) -> Any:
    """Return which of a literal type's values a value is; an enum's member is known by its value.

    Args:
        value: The value.
        target: The literal type.

    Raises:
        Mismatch: None does.
    """
    for literal in target.__args__:
        plain = literal.value if isinstance(literal, Enum) else literal
        if plain == value and type(plain) is type(value):
            return literal
    raise Mismatch
