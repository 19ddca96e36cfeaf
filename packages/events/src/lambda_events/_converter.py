"""The cattrs converter: for payloads of the user's own classes, which may hold models.

Models themselves do not need it, and a function that uses no classes of its own never loads it.
cattrs' ready-made converter for ujson is not used: it writes bytes as base85, where everything on
Lambda is base64, and lets ujson round Decimals.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin
from uuid import UUID

from cattrs import Converter
from cattrs.cols import list_structure_factory
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    IterableValidationNote,
)

from ._detect import best, tables_of
from ._model import ModelType
from .errors import EventDecodeError, describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from cattrs import BaseConverter


@cache
def converter() -> Converter:
    """Return the converter that payloads go through, to register hooks for classes of one's own.

    Primitives and lists are strict (``"5"`` is no int), attrs aliases are the keys in JSON, unknown keys are
    ignored.
    """
    made = Converter(use_alias=True)
    for kind in (str, bool, int, float):
        made.register_structure_hook(kind, _strict)
    made.register_structure_hook_factory(_is_list, _list)
    register_hooks(made)
    return made


def _is_list(cls: Any) -> bool:
    return getattr(cls, "__origin__", cls) is list


def _list(cls: Any, made: BaseConverter) -> Callable[[Any, Any], Any]:
    """Make a hook for lists: cattrs alone makes them of an object's keys and a text's letters."""
    structure = list_structure_factory(cls, made)

    def hook(value: Any, _: Any) -> Any:
        if isinstance(value, (str, dict)):
            raise TypeError(f"{describe(value)} is no array")
        return structure(value, cls)

    return hook


def register_hooks(converter: Converter) -> None:
    """Teach a converter of one's own the models, and the types that JSON lacks.

    Args:
        converter: It gets hooks for all models, and for bytes (base64), Decimal (exact, as text),
            datetime, date and time (ISO 8601), and UUID.
    """
    from ._codec import structure, unstructure

    converter.register_structure_hook_func(_is_model, structure)
    converter.register_unstructure_hook_func(_is_model, unstructure)
    converter.register_structure_hook_factory(_is_union_of_models, _union)
    converter.register_structure_hook(bytes, _bytes)
    converter.register_unstructure_hook(bytes, lambda value: b64encode(value).decode())
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(UUID, lambda value, _: UUID(value))
    converter.register_unstructure_hook(UUID, str)
    for kind in (datetime, date, time):
        converter.register_structure_hook(kind, lambda value, cls: cls.fromisoformat(value))
        converter.register_unstructure_hook(kind, _iso)


def _is_model(cls: Any) -> bool:
    return isinstance(getattr(cls, "__origin__", cls), ModelType)


def _is_union_of_models(cls: Any) -> bool:
    kinds = [kind for kind in get_args(cls) if kind is not NoneType]
    is_union = get_origin(cls) in {Union, UnionType} and len(kinds) > 1
    return is_union and any(map(_is_model, kinds))


def _union(cls: Any, made: BaseConverter) -> Callable[[Any, Any], Any]:
    """Make a hook for unions: the model that the value looks like, or the first that takes it."""
    kinds = [kind for kind in get_args(cls) if kind is not NoneType]
    optional = len(kinds) < len(get_args(cls))
    models = {getattr(kind, "__origin__", kind).__name__: kind for kind in kinds if _is_model(kind)}
    tables = tables_of(getattr(kind, "__origin__", kind) for kind in models.values())

    def hook(value: Any, _: Any) -> Any:
        if value is None and optional:
            return None
        found = best(value, tables)
        if found is not None:
            return made.structure(value, models[found])
        faults = []
        for kind in kinds:
            try:
                return made.structure(value, kind)
            except Exception as fault:  # noqa: BLE001 - whatever it is, the next may take the value
                faults.append(str(fault))
        raise ValueError("; ".join(faults))

    return hook


def _strict(value: Any, kind: Any) -> Any:
    if type(value) is kind:
        return value
    if kind not in {str, bool, int, float}:
        return kind(value)  # an enum of text or numbers
    if kind is float and type(value) in {int, Decimal}:
        return float(value)
    if kind is int and type(value) is Decimal and value == value.to_integral_value():
        return int(value)  # DynamoDB's numbers are all of one type
    raise TypeError(f"{describe(value)} is no {kind.__name__}")


def _bytes(value: Any, _: type) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{describe(value)} is no base64")
    return b64decode(value, validate=True)


def _decimal(value: Any, _: type) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise TypeError(f"{describe(value)} is no number")
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{describe(value)} is no number") from None


def _iso(value: Any) -> str:
    text: str = value.isoformat()
    aware = isinstance(value, datetime) and value.tzinfo is UTC
    return text.removesuffix("+00:00") + "Z" if aware else text


def structure_payload(value: Any, kind: Any, model: str, path: str) -> Any:
    """Convert a JSON value to a class that is not ours.

    Args:
        value: The JSON value.
        kind: The class.
        model: What the value is a part of, for errors.
        path: Where it stands there, for errors.

    Returns:
        An instance of the class.

    Raises:
        EventDecodeError: The value is not of the class; it names the first fault.
    """
    try:
        return converter().structure(value, kind)
    except Exception as error:
        fault: BaseException = error
        expected = kind
        steps: list[Any] = []
        while isinstance(fault, BaseValidationError):
            fault = fault.exceptions[0]
            for note in getattr(fault, "__notes__", ()):
                if isinstance(note, AttributeValidationNote):
                    steps.append(note.name)
                    expected = note.type
                elif isinstance(note, IterableValidationNote):
                    steps.append(note.index)
                    expected = note.type
        for step in steps:
            value = _step(value, step)
        if isinstance(fault, EventDecodeError):
            steps.append(fault.path)
            raise EventDecodeError(
                fault.model, _joined(path, steps), fault.expected, fault.found
            ) from error
        found = "nothing" if isinstance(fault, KeyError) else f"{describe(value)} ({fault})"
        words = getattr(expected, "__name__", None) or str(expected)
        raise EventDecodeError(model, _joined(path, steps), words, found) from error


def _step(value: Any, step: Any) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return value


def _joined(path: str, steps: list[Any]) -> str:
    for step in steps:
        path += f"[{step!r}]" if isinstance(step, int) else f".{step}"
    return path.strip(".")
