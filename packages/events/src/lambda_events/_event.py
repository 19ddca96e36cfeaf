"""From a JSON value to a model: is it of that type at all?

The paths that tell it, and the marks by which models and other libraries' classes are known, stand
here too: modules of their own would cost each cold start as much as all that is in them.
"""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

from .errors import EventDecodeError, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT: Any = _Absent()
"""Stands for a key that is not there."""


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


def dotted(path: str) -> str:
    """Return a path as people write it: ``Records[0].eventSource``."""
    words = ""
    for key in path.split("/"):
        words += f"[{key}]" if key.isdecimal() else f".{key}" if words else key
    return words


def is_model(kind: Any) -> bool:
    """Tell whether a type is a model of this package, or one with type arguments."""
    kind = getattr(kind, "__origin__", kind)
    return isinstance(kind, type) and getattr(kind, "__lambda_event__", False) is True


def is_pydantic(kind: Any) -> bool:
    """Tell whether a type is a model or a dataclass of pydantic."""
    return isinstance(kind, type) and (
        hasattr(kind, "__pydantic_validator__") or hasattr(kind, "__pydantic_core_schema__")
    )


def is_msgspec(kind: Any) -> bool:
    """Tell whether a type is a struct of msgspec, or one with type arguments."""
    kind = getattr(kind, "__origin__", kind)
    return (
        isinstance(kind, type)
        and hasattr(kind, "__struct_fields__")
        and hasattr(kind, "__struct_config__")
    )


def is_foreign(kind: Any) -> bool:
    """Tell whether the library that a class is of decodes and encodes it: pydantic, msgspec."""
    return is_pydantic(kind) or is_msgspec(kind)


class Arguments(tuple[object, ...]):  # noqa: SLOT001 (a tuple of any length has none)
    """The types in an event's brackets, with the converter that decodes them.

    An event that is decoded by a converter of the user's own hands these to its parts, where others
    have a plain tuple.
    """

    converter: Any

    def __new__(cls, types: tuple[Any, ...], converter: Any) -> Self:
        """Put types and a converter together."""
        made = super().__new__(cls, types)
        made.converter = converter
        return made

    def __deepcopy__(self, memo: object) -> Arguments:
        return self

    def __reduce__(self) -> Any:
        return tuple, (tuple(self),)  # a converter cannot be pickled


def converter_of(types: tuple[Any, ...] | None) -> Any:
    """Return the converter that came with the types of an event's payloads, or None."""
    return getattr(types, "converter", None)


def rebound(bound: tuple[Any, ...], types: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """Return the types that a subclass has set, with the converter that others came with."""
    converter = converter_of(types)
    return bound if converter is None else Arguments(bound, converter)


def structure_event(value: Any, kind: Any, converter: Any = None) -> Any:
    """Make a model of a JSON value.

    Args:
        value: The value, which the model keeps.
        kind: The model, with the types of its payloads if it has any.
        converter: What payloads are decoded by; ours without one.

    Raises:
        EventDecodeError: What tells the type of an event says otherwise.
    """
    model: Any = getattr(kind, "__origin__", kind)
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
    types = getattr(kind, "__args__", None)
    return model._read(value, types if converter is None else Arguments(types or (), converter))


def decodes_payloads(kind: Any) -> bool:
    """Tell whether a model decodes a payload with the event, not when it is asked for."""
    model: Any = getattr(kind, "__origin__", kind)
    return bool(model._has_types or (model._has_payloads and (model is not kind or model._bound)))


def event_hook(kind: Any, converter: Any) -> Callable[[Any, Any], Any]:
    """Return the hook by which a converter structures a model, payloads included."""
    return lambda value, _: structure_event(value, kind, converter)


def _check(model: Any, path: str, expected: Any, found: Any) -> None:
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
