"""Fields: how a model declares them, how a path finds them, and which of them identify its type.

The marks by which models and other libraries' classes are known are here too: modules of their
own would cost each cold start as much as all that is in them.
"""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

from .errors import EventDecodeError, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


class _Missing:
    """The type of `REQUIRED`, `EMPTY` and the like."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


REQUIRED: Any = _Missing("REQUIRED")
"""No default: a caller of the class has to say."""

EMPTY: Any = _Missing("EMPTY")
"""The default of a container or a model that may be left out: an empty one."""

UNREAD: Any = _Missing("UNREAD")
"""The mark of a part that is not decoded yet."""


class Field:
    """A field of a model.

    Attributes:
        name: The attribute's name.
        wire: The key in JSON; ``""`` stands for the whole value, where that is not an object.
        annotation: The annotation's source text.
        owner: The class that declares it, in whose module the annotation's names are looked up.
        default: The default, `REQUIRED` or `EMPTY`.
        secret: True if ``repr`` hides the value.
        also: Another key that AWS uses for the same thing, or None.
        by_case: True if the key follows from the name.
        slot: The slot that holds the value: the name itself, or, for a part that is read when it
            is first asked for, the name after an underscore.
        kind: The type of a value that `lambda_events.typed` decodes, where the annotation says more
            than models know of; else None.
        names: The values of the annotation's names that the module does not define.
        is_read: True if all names of the annotation were defined when the class was created.
    """

    __slots__ = (
        "also",
        "annotation",
        "by_case",
        "default",
        "is_read",
        "kind",
        "name",
        "names",
        "owner",
        "secret",
        "slot",
        "wire",
    )
    name: str
    slot: str
    annotation: str
    owner: type

    def __init__(
        self, wire: str | None, default: Any, secret: bool, also: str | None = None
    ) -> None:
        self.wire: str = "" if wire is None else wire
        self.by_case = wire is None
        self.default = default
        self.secret = secret
        self.also = also
        self.is_read = True
        self.kind: Any = None
        self.names: Mapping[str, Any] = {}

    @property
    def holds_payload(self) -> bool:
        """True if the user chooses the type of the value, and the event decodes it."""
        return self.kind is not None or self.annotation in PAYLOADS


VARIABLES = {"T": 0, "K": 0, "V": 1}
"""The place of a type variable among a model's type arguments."""

PAYLOADS = frozenset(("T", "K", "V", "T | None", "K | None", "V | None"))
"""The annotations of what has the type in the brackets."""


def field(
    wire: str | None = None,
    *,
    default: Any = REQUIRED,
    secret: bool = False,
    also: str | None = None,
) -> Any:
    """Declare what a field's annotation cannot say.

    Args:
        wire: The key in JSON, where the model's ``case`` does not give it.
        default: The value if a caller of the class passes none; `EMPTY` for an empty container or
            model.
        secret: Hide the value in ``repr``: it is a token, a password or a key.
        also: Another key that AWS uses for the same thing: ``SigningCertURL``.

    Returns:
        The declaration, for the right side of the field's annotation.
    """
    return Field(wire, default, secret, also)


ABSENT: Any = _Missing("nothing")
"""Stands for a key that is not there."""


def look(value: Any, path: str) -> Any:
    """Find a part of a JSON value.

    Args:
        value: The JSON value.
        path: Keys with slashes between them; a number stands for an item of an array.

    Returns:
        The part, or `ABSENT`.
    """
    for key, index in _steps.get(path) or _read_path(path):
        if isinstance(value, dict):
            value = value.get(key, ABSENT)
        elif type(value) is list and 0 <= index < len(value):
            value = value[index]
        else:
            return ABSENT
    return value


_steps: dict[str, list[tuple[str, int]]] = {}  # by path: they are few


def _read_path(path: str) -> list[tuple[str, int]]:
    """Return the keys of a path, each as it is and as an index; -1 is none."""
    keys = path.split("/")
    _steps[path] = steps = [(key, int(key) if key.isdecimal() else -1) for key in keys]
    return steps


def dotted(path: str) -> str:
    """Return a path as people write it: ``Records[0].eventSource``."""
    words = ""
    for key in path.split("/"):
        words += f"[{key}]" if key.isdecimal() else f".{key}" if words else key
    return words


def is_model(kind: Any) -> bool:
    """Return True if a type is a model of this package, or one with type arguments."""
    return getattr(kind, "__lambda_event__", False) is True  # of ``Model[T]``, the class is asked


def is_pydantic(kind: Any) -> bool:
    """Return True if a type is a model or a dataclass of pydantic."""
    return isinstance(kind, type) and (
        hasattr(kind, "__pydantic_validator__") or hasattr(kind, "__pydantic_core_schema__")
    )


def is_msgspec(kind: Any) -> bool:
    """Return True if a type is a struct of msgspec, or one with type arguments."""
    kind = getattr(kind, "__origin__", kind)
    return (
        isinstance(kind, type)
        and hasattr(kind, "__struct_fields__")
        and hasattr(kind, "__struct_config__")
    )


def is_foreign(kind: Any) -> bool:
    """Return True if the library that a class is of decodes and encodes it: pydantic, msgspec."""
    return is_pydantic(kind) or is_msgspec(kind)


def converter_of(types: tuple[Any, ...] | None) -> Any:
    """Return the converter that came with the types of an event's payloads, or None."""
    return getattr(types, "converter", None)


def with_converter(types: tuple[Any, ...] | None, converter: Any) -> tuple[Any, ...]:
    """Return the types of an event's payloads, with what decodes them if that is not ours."""
    if converter is None:
        return types or ()
    from ._arguments import Arguments

    return Arguments(types or (), converter)


def rebound(bound: tuple[Any, ...], types: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """Return the types that a subclass has set, with the converter that others came with."""
    converter = converter_of(types)
    return bound if converter is None else with_converter(bound, converter)


def structure_event(value: Any, kind: Any, converter: Any = None) -> Any:
    """Make a model of a JSON value.

    Args:
        value: The value, which the model keeps.
        kind: The model, with the types of its payloads if it has any.
        converter: The converter that decodes payloads; by default this package's.

    Raises:
        EventDecodeError: The fields that identify the event's type say otherwise.
    """
    model: Any = kind
    types = None
    if not isinstance(kind, type):
        model, types = kind.__origin__, kind.__args__
    if "" in model._wires:
        if type(value) is not list:
            raise EventDecodeError(model.__name__, "", "an array", describe(value))
        value = {"": value}
    elif not isinstance(value, dict):
        raise EventDecodeError(model.__name__, "", "an object", describe(value))
    check_type(value, model)
    return model._read(value, types if converter is None else with_converter(types, converter))


def decodes_payloads(kind: Any) -> bool:
    """Return True if a model decodes a payload with the event, not when it is asked for."""
    # Of ``Model[T]``, the class is asked.
    if not kind._has_payloads or kind._has_types:
        return bool(kind._has_types)
    has_brackets = not isinstance(kind, type)
    return has_brackets or bool(kind._bound)


def event_hook(kind: Any, converter: Any) -> Callable[[Any, Any], Any]:
    """Return the hook by which a converter structures a model, payloads included."""
    return lambda value, _: structure_event(value, kind, converter)


def check_type(value: Any, model: Any) -> None:
    """Raise the error for a JSON object of another type than a model's."""
    for path, expected in model._expects.items():
        found = look(value, path)
        if type(found) is expected or found == expected:
            continue
        if isinstance(expected, tuple) and found in expected:
            continue
        if path in model._needs or not (found is ABSENT or found is None):
            raise _other_type(model, path, expected, found)


def _other_type(model: Any, path: str, expected: Any, found: Any) -> EventDecodeError:
    """Return the error for a value that identifies another type."""
    if isinstance(expected, type):
        words = {"list": "an array", "dict": "an object"}.get(expected.__name__, expected.__name__)
    else:
        constants = expected if isinstance(expected, tuple) else (expected,)
        words = " or ".join(map(repr, constants))
    shown = "nothing" if found is ABSENT else describe(found)
    return EventDecodeError(model.__name__, dotted(path), words, shown)
