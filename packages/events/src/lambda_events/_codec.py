"""From JSON to models and back."""

from __future__ import annotations

from ._field import decodes_payloads, is_model, structure_event
from ._json import read
from ._payload import decode, keeps_digits
from .errors import EventDecodeError, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from cattrs import Converter

    M = TypeVar("M")


def loads(raw: bytes | str, cls: type[M], *, converter: Converter | None = None) -> M:
    """Decode the JSON document of an event.

    Args:
        raw: JSON in UTF-8.
        cls: As `structure` takes it.
        converter: As `structure` takes it.

    Returns:
        The event.

    Raises:
        EventDecodeError: It is not JSON, or not of that type.
    """
    parse = read
    is_event = is_model(cls)
    if (not is_event or decodes_payloads(cls)) and keeps_digits(cls, converter):
        from ._json import read_exactly as parse
    try:
        value = parse(raw)
    except (ValueError, TypeError) as error:
        raise EventDecodeError(named(cls), "", "a JSON document", str(error)) from None
    if is_event:
        return structure_event(value, cls, converter)  # type: ignore[no-any-return]
    return decode(value, cls, converter)  # type: ignore[no-any-return]


def structure(value: Any, cls: type[M], *, converter: Converter | None = None) -> M:
    """Make an event of its JSON value.

    Args:
        value: The value as `json.loads` gives it. A model keeps it rather than copy it: do not
            change it afterwards.
        cls: The model, with the types of its payloads if they have any (``SQSEvent[Order]``); or
            any type that `lambda_events.typed` decodes.
        converter: A cattrs converter with rules of your own, for payloads too; see
            `lambda_events.typed.make_converter`.

    Returns:
        The event.

    Raises:
        EventDecodeError: The identifying fields say another type; or the value is not of a
            class that is not ours.
    """
    if is_model(cls):
        return structure_event(value, cls, converter)  # type: ignore[no-any-return]
    return decode(value, cls, converter)  # type: ignore[no-any-return]


def unstructure(obj: Any, *, converter: Converter | None = None) -> Any:
    """Return the JSON value of an event, a response, or anything that holds them.

    Args:
        obj: A model; or containers, attrs classes and all that cattrs knows.
        converter: As `structure` takes it; a model knows the one that it was decoded by.

    Returns:
        JSON's own types, a copy. For an event that nobody changed it equals what was decoded, down
        to unknown keys, the order of the keys, and null against absent.

    Raises:
        TypeError: Something in it has no form in JSON.
        ValueError: It holds itself.
    """
    from ._writer import plain

    try:
        return plain(obj, converter)
    except RecursionError:
        raise ValueError("Circular reference detected, or more than 1000 levels") from None


def dumps(obj: Any, *, converter: Converter | None = None) -> bytes:
    """Encode an event, a response, or anything that holds them as a JSON document.

    Args:
        obj: As `unstructure` takes it.
        converter: As `unstructure` takes it.

    Returns:
        JSON in UTF-8; a lone surrogate is escaped, because UTF-8 has no bytes for it.

    Raises:
        TypeError: Something in it has no form in JSON.
        ValueError: It holds itself.
    """
    from ujson import dumps as encode

    value = unstructure(obj, converter=converter)
    text = encode(value, ensure_ascii=False, escape_forward_slashes=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return encode(value, ensure_ascii=True, escape_forward_slashes=False).encode()
