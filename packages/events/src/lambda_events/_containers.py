"""Containers, from JSON arrays and objects."""

from __future__ import annotations

import typing
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from collections.abc import (
    Collection,
    Container,
    Iterable,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Reversible,
    Sequence,
    Set as AbstractSet,
)
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from ._classes import has_fields, is_typed_dict, substituted, variables_of
from ._field import is_model
from ._problems import Problems, noted, of_key
from ._scalars import Mismatch, float_key, integer_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from cattrs import Converter

    Hook = Callable[[Any, Any], Any]

_COLLECTIONS: dict[Any, Callable[..., Any]] = {
    AbstractSet: frozenset,
    Collection: tuple,
    Container: tuple,
    Iterable: tuple,
    MutableSequence: list,
    MutableSet: set,
    Reversible: tuple,
    Sequence: tuple,
    deque: deque,
    frozenset: frozenset,
    list: list,
    set: set,
    tuple: tuple,
}
_SETS = frozenset((AbstractSet, MutableSet, frozenset, set))
_PLAIN_MAPPINGS = frozenset((Mapping, MutableMapping, dict))
_MAPPINGS = _PLAIN_MAPPINGS | {ChainMap, Counter, OrderedDict, defaultdict}


def base_of(kind: Any) -> Any:
    """Return a type without the names and the metadata that it is given."""
    while True:
        if hasattr(kind, "__supertype__"):  # a NewType
            kind = kind.__supertype__
        elif hasattr(kind, "__metadata__"):  # Annotated
            kind = kind.__origin__
        elif hasattr(kind, "__value__"):  # ``type Name = value``
            kind = kind.__value__
        else:
            return kind


def is_collection(kind: Any) -> bool:
    """Return True if a type is a list, a tuple, a set, or the like."""
    return (get_origin(kind) or kind) in _COLLECTIONS


def is_mapping(kind: Any) -> bool:
    """Return True if a type is a dict, or the like."""
    origin = get_origin(kind) or kind
    if origin in _MAPPINGS:
        return True
    is_other = isinstance(origin, type) and issubclass(origin, Mapping)
    return is_other and not (has_fields(origin) or is_typed_dict(origin) or is_model(origin))


def collection_hook(annotation: Any, converter: Converter) -> Hook:
    """Return the hook that makes a collection of an array, and finds all that is wrong with it."""
    origin, arguments = get_origin(annotation) or annotation, get_args(annotation)
    is_bare = annotation is typing.Tuple  # noqa: UP006 (it is what is looked for)
    if get_origin(annotation) is tuple and arguments[1:] != (...,) and not is_bare:
        return _fixed_tuple(arguments, converter)
    make = _COLLECTIONS[origin]
    kind = arguments[0] if arguments else Any
    if origin in _SETS and is_model(kind):
        raise TypeError(f"{annotation}: models cannot be in a set, because they can be changed.")
    if kind is Any or kind is object:
        return _of_anything(make, is_set=origin in _SETS)
    hook = converter.get_structure_hook(kind)
    accepts_sets = origin in _SETS

    def structure(value: Any, _: Any) -> Any:
        # Items of DynamoDB have sets, which JSON does not.
        if type(value) is not list and not (accepts_sets and isinstance(value, (set, frozenset))):
            raise Mismatch
        items = []
        problems: Problems | None = None
        for index, item in enumerate(value):
            try:
                items.append(hook(item, kind))
            except Exception as error:  # noqa: BLE001 (a hook may raise anything)
                problems = noted(problems, index, error, item, kind)
                if problems.full:
                    break
        if problems is not None:
            raise problems
        return items if make is list else make(items)

    return structure


def _of_anything(make: Callable[..., Any], *, is_set: bool) -> Hook:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not list and not (is_set and isinstance(value, (set, frozenset))):
            raise Mismatch
        return make(value)

    return structure


def _fixed_tuple(kinds: tuple[Any, ...], converter: Converter) -> Hook:
    hooks = [(converter.get_structure_hook(kind), kind) for kind in kinds]

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise Mismatch
        if len(value) != len(hooks):
            raise ValueError(f"{len(value)} items, not {len(hooks)}")
        items = []
        problems: Problems | None = None
        for index, (hook, kind) in enumerate(hooks):
            try:
                items.append(hook(value[index], kind))
            except Exception as error:  # noqa: BLE001 (a hook may raise anything)
                problems = noted(problems, index, error, value[index], kind)
                if problems.full:
                    break
        if problems is not None:
            raise problems
        return tuple(items)

    return structure


def mapping_hook(annotation: Any, converter: Converter) -> Hook:
    """Return the hook that makes a mapping of an object, and finds all that is wrong with it."""
    origin = get_origin(annotation) or annotation
    arguments = _mapping_arguments(annotation)
    key_kind, kind = arguments or (Any, int if origin is Counter else Any)
    key_hook = _key_hook(key_kind, converter)
    hook = converter.get_structure_hook(kind)
    make = _maker(origin, kind)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise Mismatch
        items = {}
        problems: Problems | None = None
        for key, item in value.items():
            try:
                made = hook(item, kind)
                items[key if key_hook is None else key_hook(key)] = made
            except Exception as error:  # noqa: BLE001 (a hook may raise anything)
                problems = noted(problems, key, error, item, kind)
                if problems.full:
                    break
        if problems is not None:
            raise problems
        return items if make is None else make(items)

    return structure


def _mapping_arguments(annotation: Any) -> tuple[Any, ...]:
    """Return the types of a mapping's keys and values; a class has them from its bases."""
    pending = [annotation]
    for item in pending:
        origin = get_origin(item) or item
        if origin in _MAPPINGS:
            variables = variables_of(annotation)
            arguments = tuple([substituted(kind, variables) for kind in get_args(item)])
            return (*arguments, int) if origin is Counter and arguments else arguments
        pending += getattr(origin, "__orig_bases__", ())
    return ()


def _maker(origin: Any, kind: Any) -> Callable[[Any], Any] | None:
    if issubclass(origin, defaultdict):
        made = get_origin(kind) or kind
        factory: Any = _COLLECTIONS.get(made) or (made if callable(made) else None)
        return lambda items: origin(factory, items)
    return None if origin in _PLAIN_MAPPINGS else origin


def _key_hook(kind: Any, converter: Converter) -> Callable[[Any], Any] | None:
    """Return what makes keys, which JSON writes as strings; None for strings as they are."""
    hook = _key_structure(kind, converter)
    if hook is None:
        return None

    def structure(key: Any) -> Any:
        try:
            return hook(key, kind)
        except Exception as error:  # noqa: BLE001 (a hook may raise anything)
            raise of_key(error, key, kind) from None

    return structure


def _key_structure(kind: Any, converter: Converter) -> Hook | None:
    base = base_of(kind)
    if base is Any or base is object or base is str:
        return None
    if base is int:
        return integer_key
    if base is float:
        return float_key
    hook = converter.get_structure_hook(kind)
    if isinstance(base, type) and issubclass(base, Enum):
        values: Iterable[Any] = [member.value for member in base]
    else:
        values = get_args(base) if get_origin(base) is Literal else ()
    if not any(type(getattr(value, "value", value)) is int for value in values):
        return hook

    def structure(key: Any, _: Any) -> Any:
        try:
            return hook(key, kind)
        except Mismatch:
            return hook(integer_key(key, int), kind)

    return structure
