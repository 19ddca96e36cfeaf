"""The converter between JSON values and the types of typed handlers: cattrs, made strict.

cattrs by itself takes what it can get: ``"5"`` for an int, the letters of a string for a list. Here
each type takes only what JSON has for it, so that a wrong event is refused, and not guessed at. All
that a type needs is generated with its own hook, at the start: what has no rule fails there.
"""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from collections.abc import (
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
    Set as AbstractSet,
)
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import wraps
from types import GenericAlias, NoneType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from ._annotation import is_literal, is_typed_dict, is_union
from ._events import is_model
from ._scalars import (
    ExactFloat,
    IntegerKey,
    Mismatch,
    base64,
    decimal,
    enum_member,
    from_iso,
    integer_key,
    literal_value,
    only,
    uuid,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cattrs import Converter

    Hook = Callable[[Any, Any], Any]

_COLLECTIONS: dict[Any, Callable[[list[Any]], Any]] = {
    AbstractSet: frozenset,
    MutableSequence: list,
    MutableSet: set,
    Sequence: tuple,
    deque: deque,
    frozenset: frozenset,
    list: list,
    set: set,
    tuple: tuple,
}
_NATIVE = {NoneType, bool, float, int, str}


def make_converter() -> Converter:
    """Return a new converter with the rules of typed handlers.

    Returns:
        A converter to add rules to, for `run`'s ``converter``. It takes strings, integers, floats
        (also from integers), booleans and None as they are and coerces nothing; dates and times
        in ISO 8601; UUIDs; Decimals from numbers and strings, every digit kept; bytes in base64;
        enums and literals by value; attrs classes, dataclasses, TypedDicts and named tuples from
        objects, by their fields' aliases; and lists, tuples, sets and dicts of all these. Keys
        that a class does not know are passed over.

    Raises:
        ModuleNotFoundError: cattrs is not installed.
    """
    from cattrs import Converter
    from cattrs.cols import is_namedtuple

    converter = Converter(use_alias=True, unstruct_collection_overrides={AbstractSet: list})
    converter.register_structure_hook(bool, only(bool))
    converter.register_structure_hook(bytes, base64)
    converter.register_structure_hook(float, only(float, int, ExactFloat))
    converter.register_structure_hook(int, only(int))
    converter.register_structure_hook(str, only(str))
    converter.register_structure_hook(Decimal, decimal)
    converter.register_structure_hook(IntegerKey, integer_key)
    converter.register_structure_hook(NoneType, only(NoneType))
    converter.register_structure_hook(UUID, uuid)
    converter.register_unstructure_hook(bytes, lambda value: b64encode(value).decode())
    converter.register_unstructure_hook(UUID, str)
    for kind in (date, datetime, time):
        converter.register_structure_hook(kind, from_iso)
        converter.register_unstructure_hook(kind, kind.isoformat)
    converter.register_structure_hook_func(_is_enum, enum_member)
    converter.register_structure_hook_func(is_literal, literal_value)
    converter.register_structure_hook_func(_is_object, lambda value, _: value)
    converter.register_unstructure_hook_factory(_is_object, _object)

    # Factories with a second parameter get the converter that asks: a copy keeps to its own rules.
    converter.register_structure_hook_factory(_is_class, _class)
    converter.register_structure_hook_factory(_is_typed_dict, _typed_dict)
    converter.register_structure_hook_factory(is_namedtuple, _named_tuple)
    converter.register_unstructure_hook_factory(is_namedtuple, _named_tuple_fields)
    converter.register_structure_hook_factory(_is_mapping, _mapping)
    converter.register_structure_hook_factory(_is_collection, _collection)
    converter.register_structure_hook_factory(_is_native_union, _union)
    converter.register_structure_hook_func(is_model, _model)
    converter.register_unstructure_hook_func(is_model, _model_fields)
    return converter


def _model(value: Any, model: Any) -> Any:
    from lambda_events import structure

    return structure(value, model)


def _model_fields(model: Any) -> Any:
    from lambda_events import unstructure

    return unstructure(model)


def _given(kind: type, hook: Hook) -> Hook:
    """Return the hook behind a look at what it is given."""

    @wraps(hook)
    def structure(value: Any, target: Any) -> Any:
        if not isinstance(value, kind):
            raise Mismatch
        return hook(value, target)

    return structure


def _class(kind: Any, converter: Converter) -> Hook:
    return _given(dict, converter.gen_structure_attrs_fromdict(kind))


def _typed_dict(kind: Any, converter: Converter) -> Hook:
    return _given(dict, converter.gen_structure_typeddict(kind))


def _named_tuple(kind: Any, converter: Converter) -> Hook:
    from cattrs.cols import namedtuple_dict_structure_factory

    return _given(dict, namedtuple_dict_structure_factory(kind, converter))


def _named_tuple_fields(kind: Any, converter: Converter) -> Callable[[Any], Any]:
    from cattrs.cols import namedtuple_dict_unstructure_factory

    return namedtuple_dict_unstructure_factory(kind, converter)


def _object(_: Any, converter: Converter) -> Callable[[Any], Any]:
    return lambda value: value if type(value) is object else converter.unstructure(value)


def _mapping(annotation: Any, converter: Converter) -> Hook:
    from cattrs.cols import mapping_structure_factory

    key, item = get_args(annotation) or (Any, Any)
    kind: Any = GenericAlias(dict, (IntegerKey if key is int else key, item))
    return mapping_structure_factory(kind, converter)


def _collection(annotation: Any, converter: Converter) -> Hook:
    from cattrs.cols import list_structure_factory

    make, arguments = _COLLECTIONS[_origin(annotation)], get_args(annotation)
    if get_origin(annotation) is tuple and arguments[1:] != (...,):
        return _given(list, _fixed_tuple(arguments, converter))
    items: Any = GenericAlias(list, (arguments[0] if arguments else Any,))
    hook = _given(list, list_structure_factory(items, converter))
    if make is list:
        return hook
    return lambda value, _: make(hook(value, items))


def _fixed_tuple(kinds: tuple[Any, ...], converter: Converter) -> Hook:
    from cattrs.errors import IterableValidationError, IterableValidationNote

    hooks = [(converter.get_structure_hook(kind), kind) for kind in kinds]

    def structure(value: Any, target: Any) -> Any:
        if len(value) != len(hooks):
            raise ValueError(f"{len(value)} items, not {len(hooks)}")
        items: list[Any] = []
        errors: list[Exception] = []
        for index, (hook, kind) in enumerate(hooks):
            try:
                items.append(hook(value[index], kind))
            except Exception as error:  # noqa: BLE001 (it is raised again, with all others)
                error.add_note(IterableValidationNote(f"item {index}", index, kind))
                errors.append(error)
        if errors:
            # pyright takes the signature of ExceptionGroup for this class's.
            group: Any = IterableValidationError
            raise group("While structuring a tuple", errors, target)
        return tuple(items)

    return structure


def _union(annotation: Any, converter: Converter) -> Hook:
    """Return a hook that takes JSON's own types as they are, and has cattrs choose of the others."""
    kinds = annotation.__args__
    native = {_base(kind) for kind in kinds} & _NATIVE
    values = tuple(value for kind in kinds if is_literal(kind) for value in kind.__args__)
    others = tuple(kind for kind in kinds if _base(kind) not in _NATIVE and not is_literal(kind))
    literal: Any = Literal[values] if values else None
    other: Any = Union[others] if others else None  # noqa: UP007 (its members are known now only)
    hook = converter.get_structure_hook(other) if others else None

    def structure(value: Any, _: Any) -> Any:
        kind = type(value)
        if kind in native:
            return value
        if float in native and (kind is int or kind is ExactFloat):
            return float(value)
        if literal is not None:
            try:
                return literal_value(value, literal)
            except Mismatch:
                pass
        if hook is None:
            raise Mismatch
        return hook(value, other)

    return structure


def _is_native_union(annotation: Any) -> bool:
    return is_union(annotation) and any(
        _base(kind) in _NATIVE or is_literal(kind) for kind in annotation.__args__
    )


def _base(kind: Any) -> Any:
    while hasattr(kind, "__supertype__"):  # a NewType
        kind = kind.__supertype__
    return kind


def _origin(kind: Any) -> Any:
    return get_origin(kind) or kind


def _is_class(kind: Any) -> bool:
    origin = _origin(kind)
    return hasattr(origin, "__attrs_attrs__") or hasattr(origin, "__dataclass_fields__")


def _is_typed_dict(kind: Any) -> bool:
    return is_typed_dict(_origin(kind))


def _is_mapping(kind: Any) -> bool:
    return _origin(kind) in (Mapping, MutableMapping, dict)


def _is_collection(kind: Any) -> bool:
    return _origin(kind) in _COLLECTIONS


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _is_object(kind: Any) -> bool:
    return kind is object
