"""Typed handlers: from an event's JSON to the annotated type, and from a result's type to JSON.

Only functions that use types load this; cattrs and attrs come with it, at the start.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from . import _json
from ._annotation import parts
from ._converter import make_converter
from ._events import is_model
from ._scalars import ExactFloat, decimal
from .errors import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from cattrs import Converter

_INSTALL = "`pip install 'lambda-runtime[typed]'`"


def decoder(annotation: Any, converter: Converter | None = None) -> Callable[[bytes], Any]:
    """Return a function that decodes the JSON of events to a type.

    All that it needs is generated here, so that no event waits for it. Decimals get the digits of
    the document: when there are any, the standard library reads the JSON, else ujson does.

    Args:
        annotation: The type, such as an attrs class or a list of dataclasses.
        converter: A cattrs converter; `make_converter`'s without one.

    Returns:
        A function from a body to a value of the type. It raises a `Fault` named
        ``Runtime.UnmarshalError`` that tells every place where the body is not of the type.

    Raises:
        Fault: cattrs is not installed, or has no rule for the type or for something in it.
    """
    try:
        converter = converter or _default()
    except ModuleNotFoundError as error:
        raise Fault(
            "Runtime.ImportModuleError",
            f"Unable to decode events to {_name(annotation)}: {error}; {_INSTALL}",
        ) from error
    try:
        structure: Callable[[Any, Any], Any] = converter.get_structure_hook(annotation)
    except Exception as error:
        raise Fault(
            "Runtime.InvalidEventType",
            f"Unable to decode events to {_name(annotation)}: {error} "
            "Annotate the event with dict, or give run() a converter that has a rule for it.",
        ) from error
    exact = Decimal in _classes(annotation) and converter.get_structure_hook(Decimal) is decimal
    parse = _decode_exactly if exact else _json.decode

    def decode(body: bytes) -> Any:
        try:
            value = parse(body)
        except ValueError as error:
            message = f"Unable to unmarshal input: {error}"
            raise Fault("Runtime.UnmarshalError", message) from None
        try:
            return structure(value, annotation)
        except Exception as error:  # noqa: BLE001 (a class may raise anything about its fields)
            from ._mismatch import explain

            message = f"Unable to unmarshal input: {explain(error, value, annotation, converter)}"
            raise Fault("Runtime.UnmarshalError", message) from None

    return decode


def prepare(annotation: Any, converter: Converter | None = None) -> None:
    """Generate what `unstructure` needs for a type, so that the first result does not wait for it.

    Args:
        annotation: The type of results; nothing happens for what has no rule.
        converter: As for `decoder`.
    """
    try:
        converter = converter or _default()
    except ModuleNotFoundError:
        return  # the first result tells
    for kind in _classes(annotation):
        if _has_fields(kind):
            converter.get_unstructure_hook(kind)


def unstructure(value: Any, converter: Converter | None = None) -> Any:
    """Return an object as a value that `encode` can write.

    Args:
        value: An instance of an attrs class or a dataclass, or whatever the converter knows.
        converter: As for `decoder`.

    Returns:
        Dicts, lists and scalars; Decimals as they are, bytes in base64, dates in ISO 8601.

    Raises:
        TypeError: cattrs is not installed.
    """
    try:
        converter = converter or _default()
    except ModuleNotFoundError as error:
        raise TypeError(
            f"Object of type {type(value).__name__} is not JSON serializable: {error}; {_INSTALL}"
        ) from error
    return converter.unstructure(value)


@cache
def _default() -> Converter:
    return make_converter()


def _decode_exactly(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=ExactFloat)
    except RecursionError as error:
        raise ValueError(str(error)) from None


def _classes(annotation: Any) -> list[Any]:
    """Return the plain types in an annotation, and in the fields of its classes."""
    found: list[Any] = []
    pending = [annotation]
    for item in pending:
        for part in parts(item):
            if part not in found:
                found.append(part)
                pending.extend(_field_types(part))
    return found


def _field_types(kind: Any) -> list[Any]:
    if not _has_fields(kind) and not hasattr(kind, "_fields"):  # named tuples have these
        return []
    try:
        return list(get_type_hints(kind).values())
    except NameError:
        return []  # cattrs has complained, or has a rule for the class as a whole


def _has_fields(kind: Any) -> bool:
    return not is_model(kind) and (
        hasattr(kind, "__attrs_attrs__") or hasattr(kind, "__dataclass_fields__")
    )


def _name(annotation: Any) -> str:
    return annotation.__qualname__ if isinstance(annotation, type) else repr(annotation)
