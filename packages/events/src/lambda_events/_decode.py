"""How any JSON value becomes a value of any type; `lambda_events.typed` is its public side."""

from __future__ import annotations

from ._event import decodes_payloads, structure_event
from ._kinds import is_foreign, is_model
from .errors import EventDecodeError, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from cattrs import Converter


def decode(
    value: Any, kind: Any, converter: Converter | None = None, model: str = "", path: str = ""
) -> Any:
    """Make a value of a type from a JSON value.

    Args:
        value: The JSON value.
        kind: The type; None for JSON as it is.
        converter: The converter; ours without one.
        model: What the value is a part of, for errors; the type itself without one.
        path: Where the value stands there, for errors.

    Raises:
        EventDecodeError: The value is not of the type.
        TypeError: There is no rule for the type.
    """
    if is_anything(kind):
        return value
    if is_model(kind):
        try:
            return structure_event(value, kind, converter)
        except EventDecodeError as error:
            if not path:
                raise
            raise _moved(error, path) from None
    if converter is None and is_foreign_alone(kind):
        from ._foreign import foreign_hook

        hook: Any = foreign_hook(kind)
    else:
        from ._converter import hook_for

        hook = hook_for(kind, default() if converter is None else converter)
    try:
        return hook(value, kind)
    except Exception as error:  # noqa: BLE001 (a class may raise anything about its fields)
        raise error_of(error, value, kind, model, path) from None


def prepare(kind: Any, converter: Converter | None) -> None:
    """Make what a type needs now.

    Raises:
        TypeError: There is no rule for the type.
    """
    if is_model(kind) or is_anything(kind) or (converter is None and is_foreign_alone(kind)):
        return
    from ._converter import hook_for

    hook_for(kind, default() if converter is None else converter)


def error_of(
    error: Exception, value: Any, kind: Any, model: str = "", path: str = ""
) -> EventDecodeError:
    """Return the error that tells what is wrong with a value; see `decode`."""
    from ._faults import decode_error

    return decode_error(error, value, kind, model or named(kind), path)


def _moved(error: EventDecodeError, path: str) -> EventDecodeError:
    """Return an error of a part as one of the whole."""
    inner = f"{path}.{error.path}".rstrip(".")
    if not error.faults:
        return EventDecodeError(error.model, inner, error.expected, error.found)
    from ._faults import moved

    return moved(error, path)


def keeps_digits(kind: Any, converter: Converter | None) -> bool:
    """Tell whether there is a Decimal in a type, whose digits a float would not keep."""
    if is_anything(kind) or (is_model(kind) and not decodes_payloads(kind)):
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
    """Tell whether a type takes any JSON value as it is."""
    return (
        kind is None
        or kind is object
        or (getattr(kind, "__module__", "") == "typing" and repr(kind) == "typing.Any")
    )


def is_foreign_alone(kind: Any) -> bool:
    """Tell whether pydantic or msgspec decodes a type as a whole."""
    if is_foreign(kind):
        return True
    if len(getattr(kind, "__args__", ())) < 2 and not hasattr(kind, "__metadata__"):
        return False
    from ._foreign import is_union_of_one_library

    return is_union_of_one_library(kind)
