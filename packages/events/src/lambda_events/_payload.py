"""Payloads: the parts of an event whose type is the user's to say.

A payload that is text in a record (a queue message, a stream's data) is decoded when it is asked
for, and kept: one that is wrong is one failed record. One that is a part of the event's own JSON
(``detail`` of EventBridge) is decoded with the event.
"""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

from ._json import read
from ._model import ModelType
from .errors import EventDecodeError, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._model import Field


def payload(
    record: Any, path: str, data: Any, *, index: int = 0, decode: Callable[[], Any] | None = None
) -> Any:
    """Decode the payload of a record once, and keep it as long as the record's field stays.

    Args:
        record: The record.
        path: Where the payload stands in the record, for errors.
        data: What the field holds: JSON text, unless the type is str or bytes; None gives None.
        index: Which of the record's type arguments is its type.
        decode: Makes text or bytes of what the field holds, where that is neither (base64).

    Returns:
        The payload as the type that was asked for, ``SQSEvent[Order]``; without one, JSON.

    Raises:
        EventDecodeError: It is not of that type, or no JSON.
    """
    cache = getattr(record, "_payload", None)
    if cache is None:
        cache = record._payload = {}
    kept = cache.get(path)
    if kept is not None and kept[0] is data:
        return kept[1]
    args = record._args
    kind = None if args is None or index >= len(args) else args[index]
    text = data if decode is None or data is None else decode()
    value = decode_text(text, kind, named(type(record), args), path)
    cache[path] = data, value
    return value


def decode_text(data: str | bytes | None, kind: Any, model: str, path: str) -> Any:
    """Decode text as a type.

    Args:
        data: JSON text, unless the type is str or bytes; None gives None.
        kind: The type, or None for JSON.
        model: What the text is a part of, for errors.
        path: Where it stands there, for errors.

    Returns:
        The value.

    Raises:
        EventDecodeError: It is not of the type.
    """
    if data is None:
        return None
    if kind is str:
        return data if isinstance(data, str) else _text(data, model, path)
    if kind is bytes:
        return data.encode() if isinstance(data, str) else data
    try:
        value = read(data)
    except (ValueError, TypeError):
        raise EventDecodeError(
            model, path, f"JSON of {named(kind, None)}", describe(data)
        ) from None
    return convert(value, kind, model, path)


def _text(data: bytes, model: str, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise EventDecodeError(model, path, "text in UTF-8", describe(data)) from None


def convert(value: Any, kind: Any, model: str, path: str) -> Any:
    """Convert a JSON value to a type.

    Args:
        value: The JSON value.
        kind: A model, a class that the converter knows, or None for JSON as it is.
        model: What the value is a part of, for errors.
        path: Where it stands there, for errors.

    Returns:
        An instance of the type.

    Raises:
        EventDecodeError: The value is not of that type.
    """
    if kind is None or kind is object or repr(kind) == "typing.Any":
        return value
    cls = getattr(kind, "__origin__", kind)
    if isinstance(cls, ModelType):
        from ._codec import structure

        try:
            return structure(value, kind)
        except EventDecodeError as error:
            inner = f"{path}.{error.path}".rstrip(".")
            raise EventDecodeError(error.model, inner, error.expected, error.found) from None
    from ._converter import structure_payload

    return structure_payload(value, kind, model, path)


def part(value: Any, kind: Any, model: ModelType, item: Field) -> Any:
    """Convert a part of an event's JSON to the type that the user gave.

    Args:
        value: The JSON value.
        kind: The type. A model keeps a value that is no object, as all AWS's parts do.
        model: The event's class.
        item: The field.

    Returns:
        An instance of the type.

    Raises:
        EventDecodeError: The value is not of the user's type.
    """
    cls = getattr(kind, "__origin__", kind)
    if isinstance(cls, ModelType):
        if type(value) is not dict and value is not None:
            return value
        return cls._read({} if value is None else value, getattr(kind, "__args__", None))
    return convert(value, kind, named(model, (kind,)), item.wire)


def named(kind: Any, args: tuple[Any, ...] | None) -> str:
    """Return the name of a class, with type arguments, for errors."""
    if kind is None:
        return "any type"
    if type(kind).__name__ in {"UnionType", "Union", "_UnionGenericAlias"}:  # without typing
        return " or ".join([named(arg, None) for arg in kind.__args__])
    args = args or getattr(kind, "__args__", None)
    name = getattr(getattr(kind, "__origin__", kind), "__name__", None) or repr(kind)
    return f"{name}[{', '.join([named(arg, None) for arg in args])}]" if args else name
