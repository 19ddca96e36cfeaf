"""The converter between JSON values and Python's types: cattrs, made strict.

cattrs by itself takes what it can get: ``"5"`` for an int, the letters of a string for a list. Here
each type takes only what JSON has for it, so that a wrong event is refused, and not guessed at. All
that a type needs is made with its own hook: what has no rule fails before the first event.

Models themselves do not need it, and a function that uses no classes of its own never loads it.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_origin
from uuid import UUID

import attrs
from cattrs import Converter
from cattrs.cols import namedtuple_dict_unstructure_factory
from cattrs.errors import StructureHandlerNotFoundError

from . import _foreign
from ._classes import has_fields, is_named_tuple, is_typed_dict, object_hook, types_in
from ._containers import collection_hook, is_collection, is_mapping, mapping_hook
from ._field import event_hook, is_foreign, is_model
from ._scalars import ExactFloat, base64, decimal, enum_member, from_iso, literal_value, only, uuid
from ._unions import is_union, union_hook

if TYPE_CHECKING:
    from collections.abc import Callable

    Hook = Callable[[Any, Any], Any]

_building = threading.local()


def make_converter() -> Converter:
    """Return a new converter with the rules of typed values.

    Returns:
        A converter to add rules to, for ``converter=``. It takes strings, integers, floats (also
        from integers), booleans and None as they are and coerces nothing; dates and times in
        ISO 8601; UUIDs; Decimals from numbers and strings, every digit kept; bytes in base64;
        enums and literals by value; attrs classes, dataclasses, TypedDicts and named tuples from
        objects, by their fields' aliases; models of events; classes of pydantic and msgspec by
        these libraries' own rules; and lists, tuples, sets and dicts of all these. Keys that a
        class does not know are passed over.
    """
    converter = Converter(use_alias=True, unstruct_collection_overrides={AbstractSet: list})
    for kind in (bool, int, str, NoneType):
        converter.register_structure_hook(kind, only(kind))
    converter.register_structure_hook(float, only(float, int, ExactFloat))
    converter.register_structure_hook_func(_is_anything, lambda value, _: value)
    converter.register_unstructure_hook_factory(_is_object, _object)

    # Factories with a second parameter get the converter that asks: a copy keeps to its own rules.
    converter.register_structure_hook_factory(has_fields, _object_hook)
    converter.register_structure_hook_factory(is_typed_dict, _object_hook)
    converter.register_structure_hook_factory(is_named_tuple, _object_hook)
    converter.register_unstructure_hook_factory(is_named_tuple, _named_tuple_fields)
    converter.register_structure_hook_factory(is_mapping, _mapping_hook)
    converter.register_structure_hook_factory(is_collection, _collection_hook)
    converter.register_structure_hook_factory(is_union, _union_hook)
    _register_values(converter)
    _register_objects(converter)
    return converter


@cache
def converter() -> Converter:
    """Return the converter that payloads go through, to register hooks for classes of one's own.

    It is one of `make_converter` that writes Decimals as text, and times in UTC with a ``Z``.
    """
    made = make_converter()
    _write_as_text(made)
    return made


@cache
def results() -> Converter:
    """Return the converter that results of functions go through: Decimals stay Decimals there."""
    return make_converter()


def register_hooks(converter: Converter) -> None:
    """Teach a converter of one's own the models, and the types that JSON lacks.

    Args:
        converter: It gets hooks for all models, for classes of pydantic and msgspec, and for bytes
            (base64), Decimal (exact, as text), datetime, date and time (ISO 8601), and UUID.
    """
    _register_values(converter)
    _write_as_text(converter)
    _register_objects(converter)
    converter.register_structure_hook_factory(_is_union_of_objects, union_hook)


def _register_values(converter: Converter) -> None:
    converter.register_structure_hook(bytes, base64)
    converter.register_structure_hook(Decimal, decimal)
    converter.register_structure_hook(UUID, uuid)
    converter.register_unstructure_hook(bytes, lambda value: b64encode(value).decode())
    converter.register_unstructure_hook(UUID, str)
    for kind in (date, datetime, time):
        converter.register_structure_hook(kind, from_iso)
        converter.register_unstructure_hook(kind, kind.isoformat)
    converter.register_structure_hook_func(_is_enum, enum_member)
    converter.register_structure_hook_func(_is_literal, literal_value)


def _register_objects(converter: Converter) -> None:
    converter.register_structure_hook(_Known, _know)
    converter.register_structure_hook_factory(is_model, event_hook)
    converter.register_unstructure_hook_factory(is_model, _event_fields)
    converter.register_structure_hook_factory(is_foreign, _foreign.foreign_hook)
    converter.register_unstructure_hook_func(is_foreign, _foreign.unstructure)
    converter.register_structure_hook_factory(
        _foreign.is_union_of_one_library, _foreign.foreign_hook
    )


def _write_as_text(converter: Converter) -> None:
    converter.register_unstructure_hook(Decimal, str)
    for kind in (datetime, date, time):
        converter.register_unstructure_hook(kind, _iso)


def _iso(value: Any) -> str:
    text: str = value.isoformat()
    aware = isinstance(value, datetime) and value.tzinfo is UTC
    return text.removesuffix("+00:00") + "Z" if aware else text


def hook_for(kind: Any, converter: Converter) -> Hook:
    """Return what a converter has for a type, all of it made now.

    Raises:
        TypeError: There is no rule for the type, or for a part of it.
        Exception: Whatever else is wrong with the type, such as a name in it that does not exist.
    """
    try:
        return converter.get_structure_hook(kind)
    except StructureHandlerNotFoundError as error:
        raise TypeError(str(error)) from None


def converter_for(kind: Any, converter: Converter) -> Converter:
    """Return a converter that knows what is in a type: the user's, or a copy that has learnt it.

    Any converter of cattrs may be given, and not all know classes of pydantic and msgspec.
    """
    known = getattr(converter.get_structure_hook(_Known), "__name__", "") == _know.__name__
    if known or not any(map(is_foreign, types_in(kind))):
        return converter
    return _with_objects(converter)


@attrs.define
class _Known:
    """Hooks of the converter that knows models and other libraries' classes."""


def _know(_: Any, __: Any) -> _Known:
    return _Known()


@lru_cache(maxsize=16)
def _with_objects(converter: Converter) -> Converter:
    made = converter.copy()
    _register_objects(made)
    made.register_structure_hook_factory(_is_union_of_objects, union_hook)
    return made


def _once(make: Callable[[Any, Converter], Hook]) -> Callable[[Any, Converter], Hook]:
    """Let a type that holds itself have a hook that refers to itself."""

    def factory(kind: Any, converter: Converter) -> Hook:
        unfinished: dict[Any, list[Hook]] = vars(_building).setdefault("hooks", {})
        place = id(converter), kind
        if place in unfinished:
            made = unfinished[place]
            return lambda value, kind: made[0](value, kind)  # noqa: PLW0108 (it is not there yet)
        made = unfinished[place] = []
        try:
            made.append(make(kind, converter))
        finally:
            del unfinished[place]
        return made[0]

    return factory


_object_hook = _once(object_hook)
_mapping_hook = _once(mapping_hook)
_collection_hook = _once(collection_hook)
_union_hook = _once(union_hook)


def _named_tuple_fields(kind: Any, converter: Converter) -> Callable[[Any], Any]:
    return namedtuple_dict_unstructure_factory(kind, converter)


def _event_fields(_: Any, converter: Converter) -> Callable[[Any], Any]:
    return lambda event: event.__json_value__(converter)


def _object(_: Any, converter: Converter) -> Callable[[Any], Any]:
    return lambda value: value if type(value) is object else converter.unstructure(value)


def _is_anything(kind: Any) -> bool:
    return kind is object or kind is Any


def _is_object(kind: Any) -> bool:
    return kind is object


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _is_literal(kind: Any) -> bool:
    return get_origin(kind) is Literal


def _is_object_of_its_own(kind: Any) -> bool:
    return is_model(kind) or is_foreign(kind)


def _is_union_of_objects(kind: Any) -> bool:
    members = [member for member in getattr(kind, "__args__", ()) if member is not NoneType]
    return is_union(kind) and len(members) > 1 and any(map(_is_object_of_its_own, members))
