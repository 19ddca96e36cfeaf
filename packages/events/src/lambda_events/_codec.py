"""From JSON to models and back."""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

from ._json import read
from ._model import ModelType
from .errors import EventDecodeError, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    M = TypeVar("M")


def loads(raw: bytes | str, cls: type[M]) -> M:
    """Decode the JSON document of an event.

    Args:
        raw: JSON in UTF-8.
        cls: The model, with the types of its payloads if they have any (``SQSEvent[Order]``); or
            any class that cattrs knows.

    Returns:
        The event.

    Raises:
        EventDecodeError: It is no JSON, or not of that type.
    """
    try:
        value = read(raw)
    except (ValueError, TypeError) as error:
        name = getattr(cls, "__name__", str(cls))
        raise EventDecodeError(name, "", "a JSON document", str(error)) from None
    return structure(value, cls)


def structure(value: Any, cls: type[M]) -> M:
    """Make an event of its JSON value.

    Args:
        value: The value as `json.loads` gives it. A model keeps it rather than copy it: do not
            change it afterwards.
        cls: As `loads` takes it.

    Returns:
        The event.

    Raises:
        EventDecodeError: What tells the type of an event says otherwise; or the value is not of a
            class that is not ours.
    """
    model: Any = getattr(cls, "__origin__", cls)
    if not isinstance(model, ModelType):
        from ._payload import convert, named

        return convert(value, cls, named(cls, None), "")  # type: ignore[no-any-return]
    if "" in model._wires:
        if type(value) is not list:
            raise EventDecodeError(model.__name__, "", "an array", describe(value))
        value = {"": value}
    elif not isinstance(value, dict):
        raise EventDecodeError(model.__name__, "", "an object", describe(value))
    for path, expected in model._expects.items():
        found = look(value, path)
        if path in model._needs or not (found is ABSENT or found is None):
            _check(model, path, expected, found)
    return model._read(value, getattr(cls, "__args__", None))  # type: ignore[no-any-return]


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT: Any = _Absent()
"""What stands for a key that is not there."""


def look(value: Any, path: str) -> Any:
    """Find a part of a JSON value.

    Args:
        value: The JSON value.
        path: Keys with slashes between them; a number stands for an item of an array.

    Returns:
        The part, or `ABSENT`.
    """
    for key in path.split("/"):
        if type(value) is list:
            if not key.isdecimal() or int(key) >= len(value):
                return ABSENT
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value.get(key, ABSENT)
        else:
            return ABSENT
    return value


def _check(model: ModelType, path: str, expected: Any, found: Any) -> None:
    """Raise the error for a value that tells of another type."""
    if isinstance(expected, type):
        right = type(found) is expected
        words = {"list": "an array", "dict": "an object"}.get(expected.__name__, expected.__name__)
    else:
        right = found in expected if isinstance(expected, tuple) else found == expected
        words = " or ".join(map(repr, expected if isinstance(expected, tuple) else (expected,)))
    if not right:
        shown = "nothing" if found is ABSENT else describe(found)
        raise EventDecodeError(model.__name__, dotted(path), words, shown)


def dotted(path: str) -> str:
    """Return a path as people write it: ``Records[0].eventSource``."""
    words = ""
    for key in path.split("/"):
        words += f"[{key}]" if key.isdecimal() else f".{key}" if words else key
    return words


def unstructure(obj: Any) -> Any:
    """Return the JSON value of an event, a response, or anything that holds them.

    Args:
        obj: A model; or containers, attrs classes and what else cattrs knows.

    Returns:
        JSON's own types, a copy. For an event that nobody changed it equals what was decoded, down
        to unknown keys, the order of the keys, and null against absent.
    """
    from ._writer import plain

    return plain(obj)


def dumps(obj: Any) -> bytes:
    """Encode an event, a response, or anything that holds them as a JSON document.

    Args:
        obj: As `unstructure` takes it.

    Returns:
        JSON in UTF-8; a lone surrogate is escaped, because UTF-8 has no bytes for it.
    """
    from ujson import dumps as encode

    value = unstructure(obj)
    text = encode(value, ensure_ascii=False, escape_forward_slashes=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return encode(value, ensure_ascii=True, escape_forward_slashes=False).encode()
