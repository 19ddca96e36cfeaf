"""Payloads: the parts of an event whose type is the user's to say.

A payload that is text in a record (a queue message, a stream's data) is decoded when it is asked
for, and kept: one that is wrong is one failed record. One that is a part of the event's own JSON
(``detail`` of EventBridge) is decoded with the event.
"""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

from ._field import (
    EMPTY,
    REQUIRED,
    converter_of,
    decodes_payloads,
    is_foreign,
    is_model,
    structure_event,
    with_converter,
)
from ._json import read
from .errors import EventDecodeError, describe, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from cattrs import Converter

    from ._field import Field


def payload(
    record: Any,
    path: str,
    data: Any,
    *,
    index: int = 0,
    decode: Callable[[], bytes | None] | None = None,
) -> Any:
    """Decode the payload of a record once, and keep it as long as the record's field stays.

    Args:
        record: The record.
        path: The path of the payload in the record, for errors.
        data: The content of the field: JSON text, unless the type is str or bytes; None gives None.
        index: The position of the payload's type among the record's type arguments.
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
    kind = args[index] if args and index < len(args) else None
    text = data if decode is None or data is None else decode()
    value = decode_text(text, kind, named(type(record), args), path, converter_of(args))
    cache[path] = data, value
    return value


def decode_text(
    data: str | bytes | None, kind: Any, model: str, path: str, converter: Any = None
) -> Any:
    """Decode text as a type.

    Args:
        data: JSON text, unless the type is str or bytes; None gives None.
        kind: The type, or None for JSON.
        model: The model that contains the text, for errors.
        path: The path of the text in the event, for errors.
        converter: The converter; ours without one.

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
    parse = read if kind is None else _parser(kind, converter)
    if parse is None:
        return _read_by_library(data, kind, model, path)
    try:
        value = parse(data)
    except (ValueError, TypeError):
        raise EventDecodeError(model, path, f"JSON of {named(kind)}", describe(data)) from None
    return decode(value, kind, converter, model, path)


_OURS = f"{__package__}."
_parsers: dict[Any, Callable[[Any], Any] | None] = {}  # by type and converter: they are few
_hooks: dict[Any, Callable[[Any], Any]] = {}


def _parser(kind: Any, converter: Any) -> Callable[[Any], Any] | None:
    """Return what reads the text of a payload; None if that is its type's own library."""
    place = kind, converter
    try:
        return _parsers[place]
    except KeyError:
        pass
    parse: Callable[[Any], Any] | None = read
    if converter is None and is_foreign_alone(kind):
        parse = None
    elif keeps_digits(kind, converter):
        from ._json import read_exactly as parse
    _parsers[place] = parse
    return parse


def _read_by_library(data: bytes | str, kind: Any, model: str, path: str) -> Any:
    from ._foreign import document_decoder

    try:
        return document_decoder(kind)(data)
    except (RecursionError, ValueError) as error:
        raise error_of(error, data, kind, model, path) from None


def _text(data: bytes, model: str, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise EventDecodeError(model, path, "text in UTF-8", describe(data)) from None


def part(value: Any, args: tuple[Any, ...], index: int, model: Any, item: Field) -> Any:
    """Convert a part of an event's JSON to the type that the user gave in brackets.

    Args:
        value: The JSON value.
        args: The types in brackets.
        index: The position of the part's type among them.
        model: The event's class. If it is a class of this package and sets the type, a value that
            is not an object is kept, as in all of AWS's parts.
        item: The field.

    Raises:
        EventDecodeError: The value is not of the user's type.
    """
    kind: Any = args[index] if index < len(args) else None
    if is_model(kind) and model._bound and model.__module__.startswith(_OURS):
        return _model_part(value, kind, converter_of(args))
    return decode(value, kind, converter_of(args), named(model, (kind,)), item.wire)


def _model_part(value: Any, kind: Any, converter: Any) -> Any:
    """Convert a part to a model, as all parts of AWS's events are: what is wrong is kept."""
    if type(value) is not dict and value is not None:
        return value
    cls = getattr(kind, "__origin__", kind)
    types = getattr(kind, "__args__", None)
    types = types if converter is None else with_converter(types, converter)
    return cls._read({} if value is None else value, types)


def typed_part(value: Any, args: tuple[Any, ...] | None, model: type, item: Field) -> Any:
    """Convert a part of a user's own model, whose annotation says more than models know of.

    Raises:
        EventDecodeError: The value is not of the annotation's type.
    """
    if value is None:
        if item.annotation.endswith("| None"):
            return None
        if item.default is not REQUIRED and item.default is not EMPTY:
            return item.default
        made = _empty(item.kind)
        if made is not None:
            return made
    kind = item.kind
    if getattr(kind, "__parameters__", ()) or type(kind).__name__ == "TypeVar":
        if not args:
            return value
        from ._classes import substituted

        kind = substituted(kind, dict(zip(item.names["__parameters__"], args, strict=False)))
    if is_model(kind):
        return _model_part(value, kind, converter_of(args))
    return decode(value, kind, converter_of(args), model.__name__, item.wire)


def _empty(kind: Any) -> Any:
    """Return the empty container of a type, or None if it is not one that may be empty."""
    origin: Any = getattr(kind, "__origin__", kind)
    if origin is tuple and kind.__args__[1:] != (...,):
        return None
    return origin() if origin in {dict, frozenset, list, set, tuple} else None


def decode(
    value: Any, kind: Any, converter: Converter | None = None, model: str = "", path: str = ""
) -> Any:
    """Make a value of a type from a JSON value.

    Args:
        value: The JSON value.
        kind: The type; None for JSON as it is.
        converter: The converter; ours without one.
        model: The model that contains the value, for errors; the type itself without one.
        path: The path of the value in the event, for errors.

    Raises:
        EventDecodeError: The value is not of the type.
        TypeError: There is no rule for the type.
    """
    if kind is None:
        return value
    if is_model(kind):
        if not path:
            return structure_event(value, kind, converter)
        try:
            return structure_event(value, kind, converter)
        except EventDecodeError as error:
            raise _moved(error, path) from None
    if is_anything(kind):
        return value
    try:
        hook = _hooks[kind, converter](kind)
    except KeyError:
        hook = _hook(kind, converter)
    try:
        return hook(value, kind)
    except Exception as error:  # noqa: BLE001 (a class may raise anything about its fields)
        raise error_of(error, value, kind, model, path) from None


def _hook(kind: Any, converter: Converter | None) -> Any:
    """Return what makes values of a type, and remember where it comes from."""
    if converter is None and is_foreign_alone(kind):
        from ._foreign import foreign_hook

        _hooks[kind, None] = foreign_hook
        return foreign_hook(kind)
    from ._converter import converter_for, hook_for

    known = default() if converter is None else converter_for(kind, converter)
    hook = hook_for(kind, known)
    # Not the hook: the converter makes another one when the user adds rules.
    _hooks[kind, converter] = lambda kind: hook_for(kind, known)
    return hook


def prepare(kind: Any, converter: Converter | None) -> None:
    """Make what a type needs now.

    Raises:
        TypeError: There is no rule for the type.
    """
    if is_model(kind) or is_anything(kind) or (converter is None and is_foreign_alone(kind)):
        return
    _hook(kind, converter)


def error_of(
    error: Exception, value: Any, kind: Any, model: str = "", path: str = ""
) -> EventDecodeError:
    """Return the error that describes a value's problems; see `decode`."""
    from ._problems import decode_error

    return decode_error(error, value, kind, model or named(kind), path)


def _moved(error: EventDecodeError, path: str) -> EventDecodeError:
    """Return an error of a part as one of the whole."""
    inner = f"{path}.{error.path}".rstrip(".")
    if not error.problems:
        return EventDecodeError(error.model, inner, error.expected, error.found)
    from ._problems import moved

    return moved(error, path)


def keeps_digits(kind: Any, converter: Converter | None) -> bool:
    """Return True if there is a Decimal in a type, whose digits a float would not keep."""
    if is_model(kind):
        if not decodes_payloads(kind):
            return False
    elif is_anything(kind):
        return False
    from ._classes import holds_decimals

    if not holds_decimals(kind):
        return False
    from decimal import Decimal

    from ._scalars import decimal

    known = default() if converter is None else converter
    return known.get_structure_hook(Decimal) is decimal


def default() -> Converter:
    """Return the converter that decodes where the user has given none."""
    from ._converter import converter

    return converter()


def is_anything(kind: Any) -> bool:
    """Return True if a type takes any JSON value as it is."""
    return (
        kind is None
        or kind is object
        or (getattr(kind, "__module__", "") == "typing" and repr(kind) == "typing.Any")
    )


def is_foreign_alone(kind: Any) -> bool:
    """Return True if pydantic or msgspec decodes a type as a whole."""
    if is_foreign(kind):
        return True
    if len(getattr(kind, "__args__", ())) < 2 and not hasattr(kind, "__metadata__"):
        return False
    from ._foreign import is_union_of_one_library

    return is_union_of_one_library(kind)
