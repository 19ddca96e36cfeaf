"""Copies of any values, made of what JSON can express. Nothing here raises."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PLAIN = frozenset((str, bool, type(None)))
_SEQUENCES = (list, tuple, set, frozenset)
_MAX_DEPTH = 100
_MAX_BITS = 12_000  # Python writes no integer of more than 4,300 digits


def text(value: object) -> str:
    """Return ``str()`` of a value, or the nearest thing if that raises."""
    if type(value) is str:
        return value
    try:
        return str.__str__(str(value))
    except Exception as error:  # noqa: BLE001 (whatever a user's __str__ raises)
        try:
            return str.__str__(repr(value))
        except Exception:  # noqa: BLE001 (whatever a user's __repr__ raises)
            return f"<{type(value).__name__} whose str() raises {type(error).__name__}>"


def plain(value: Any, around: tuple[int, ...] = ()) -> Any:
    """Return a copy of a value, made of dicts, lists, strings, numbers, booleans and None.

    Data classes, attrs classes, pydantic models and named tuples become dicts, without the fields
    that they leave out of their ``repr``; sets become lists; bytes become text; not-a-number, the
    infinities and all other values become strings.

    Args:
        value: Any value.
        around: The ids of the containers around it.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    try:
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            number = int.__index__(value)
            return number if number.bit_length() <= _MAX_BITS else hex(number)
        if isinstance(value, float):
            return _number(float.__float__(value))
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value).decode("utf-8", "backslashreplace")
        if isinstance(value, BaseException):
            return f"{kind.__name__}: {text(value)}"
        items = _items(value)
        if items is None and not isinstance(value, _SEQUENCES):
            return text(value)
        if id(value) in around:
            return f"<{kind.__name__} that holds itself>"
        if len(around) >= _MAX_DEPTH:
            return f"<{kind.__name__}, nested too deeply>"
        around = (*around, id(value))
        if items is None:
            return [plain(item, around) for item in [*value]]
        return {_key(key): plain(item, around) for key, item in items}
    except Exception:  # noqa: BLE001 (whatever a user's class raises)
        return text(value)


def _number(value: float) -> float | str:
    if value - value == 0:
        return value
    if value > 0:
        return "Infinity"
    return "-Infinity" if value < 0 else "NaN"


def _items(value: Any) -> list[tuple[Any, Any]] | None:
    """Return the keys and values of a value that becomes a dict, or None for other values."""
    if isinstance(value, dict):
        return [*value.items()]
    kind = type(value)
    if isinstance(value, tuple):
        fields = getattr(kind, "_fields", None)  # a named tuple has it
        return None if fields is None else [*zip(fields, value, strict=True)]
    declared = getattr(kind, "__dataclass_fields__", None)
    fields = declared.values() if declared else getattr(kind, "__attrs_attrs__", None)
    if fields is not None:
        return [(field.name, getattr(value, field.name)) for field in fields if field.repr]
    if hasattr(kind, "model_dump"):
        return [pair for pair in value.__repr_args__() if pair[0] is not None]
    if hasattr(kind, "keys") and hasattr(kind, "items") and hasattr(kind, "__getitem__"):
        return [*value.items()]
    return None


def _key(key: object) -> str:
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    return text(plain(key) if isinstance(key, (str, bytes, int)) else key)
