"""Unions, from JSON values: which of several types a value is of.

A value's own JSON type decides, then the keys of an object. No member is tried that holds others,
so that unions in unions cost no more than what they hold.
"""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from cattrs.disambiguators import create_default_dis_func

from ._classes import fields_of, has_fields, is_named_tuple, is_typed_dict
from ._containers import base_of, is_collection, is_mapping
from ._detect import best, tables_of
from ._field import REQUIRED, check_type, is_foreign, is_model
from ._scalars import ExactFloat, Mismatch, literal_value
from ._tags import tag_finder
from .errors import EventDecodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cattrs import Converter

    Hook = Callable[[Any, Any], Any]
    Choose = Callable[[dict[str, Any]], Any]

_NATIVE = {NoneType, bool, float, int, str}


def union_hook(annotation: Any, converter: Converter) -> Hook:
    """Return the hook that makes a value of the member of a union that it is of.

    Raises:
        TypeError: Two members cannot be distinguished, such as two lists.
    """
    members = _members(annotation)
    native = {base_of(member) for member in members} & _NATIVE
    values = tuple(value for member in members if _is_literal(member) for value in get_args(member))
    literal: Any = Literal[values] if values else None
    others = [m for m in members if base_of(m) not in _NATIVE and not _is_literal(m)]
    other: Any = annotation
    hook: Hook | None = None
    if len(others) == 1:
        (other,) = others
        hook = converter.get_structure_hook(other)
    elif others:
        hook = _several(others, annotation, converter)

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
            return _number(value, native)
        return hook(value, other)

    return structure


def _number(value: Any, native: set[type]) -> Any:
    """Return a number of DynamoDB, which are of one type there, as the union has it."""
    if type(value).__name__ == "Decimal" and native & {int, float}:
        whole = value == value.to_integral_value()
        if whole and int in native:
            return int(value)
        if float in native:
            return float(value)
    raise Mismatch


def _several(members: list[Any], annotation: Any, converter: Converter) -> Hook:
    """Return a hook for the members that are not of JSON's own scalar types."""
    arrays = [member for member in members if is_collection(member)]
    objects = [member for member in members if _is_object(member)]
    scalars = [member for member in members if member not in arrays and member not in objects]
    if len(arrays) > 1:
        raise TypeError(f"{annotation}: its lists, tuples and sets cannot be distinguished.")
    hooks = [(converter.get_structure_hook(member), member) for member in scalars]
    array = [(converter.get_structure_hook(member), member) for member in arrays]
    choose = _chooser(objects, converter) if objects else None

    def structure(value: Any, _: Any) -> Any:
        if choose is not None and isinstance(value, dict):
            return choose(value)
        if array and type(value) is list:
            ((hook, member),) = array
            return hook(value, member)
        for hook, member in hooks:
            try:
                return hook(value, member)
            except Mismatch:
                continue
        raise Mismatch

    return structure


def _chooser(members: list[Any], converter: Converter) -> Choose:
    """Return the function that makes an object of the member that its keys identify."""
    members = [base_of(member) for member in members]
    models = [member for member in members if is_model(member)]
    foreign = [member for member in members if is_foreign(member)]
    mappings = [member for member in members if is_mapping(member)]
    classes = [m for m in members if m not in models and m not in mappings and m not in foreign]
    hooks = {id(member): converter.get_structure_hook(member) for member in members}
    find_model = _model_finder(models)
    find_class = _class_finder(classes, converter, is_alone=len(classes) == len(members))

    def choose(value: dict[str, Any]) -> Any:
        found = find_model(value)
        if found is None:
            found = find_class(value)
        if found is not None:
            return hooks[id(found)](value, found)
        error: Exception | None = None
        for member in foreign:  # their keys do not decide: the library says which it takes
            try:
                return hooks[id(member)](value, member)
            except Exception as refusal:  # noqa: BLE001 (whatever it is, the next may take it)
                error = refusal
        for member in models:
            if _may_be(value, member):
                return hooks[id(member)](value, member)
        for member in mappings:
            return hooks[id(member)](value, member)
        if error is not None and len(foreign) == 1:
            raise error
        raise ValueError("its keys are those of none of them")

    return choose


def _may_be(value: dict[str, Any], model: Any) -> bool:
    """Return True if nothing in an object says that it is not a model's, without reading it."""
    origin = get_origin(model) or model
    try:
        check_type(value, origin)
    except EventDecodeError:
        return False
    return not value or any(key in origin._wires for key in value)  # noqa: SLF001 (as _fields is)


def _model_finder(models: list[Any]) -> Choose:
    by_name: dict[str, Any] = {}
    for model in models:
        origin = get_origin(model) or model
        name = origin.__name__
        first = by_name.setdefault(name, model)
        if first is not model and (get_origin(first) or first) is origin:
            raise TypeError(
                f"{first} | {model}: the same event twice; write {name}[A | B] instead."
            )
    tables = tables_of(get_origin(model) or model for model in models)
    find_by_keys = _by_keys([(model, *_keys_of_model(model)) for model in models])

    def find(value: dict[str, Any]) -> Any:
        found = best(value, tables) if tables else None
        return by_name[found] if found else find_by_keys(value)

    return find


def _class_finder(classes: list[Any], converter: Converter, *, is_alone: bool) -> Choose:
    if not classes:
        return lambda _: None
    by_alias = getattr(converter, "use_alias", False)
    if len(classes) > 1:
        by_tag = tag_finder(classes, by_alias=by_alias, is_alone=is_alone)
        if by_tag is not None:
            return by_tag
    if len(classes) > 1 and all(map(has_fields, classes)):
        distinguish: Any = create_default_dis_func(converter, *classes)

        def find(value: dict[str, Any]) -> Any:
            try:
                found = distinguish(value)
            except (KeyError, TypeError, ValueError):
                return None
            return found if found in classes else None

        return find
    if is_alone and len(classes) == 1:
        return lambda _: classes[0]
    return _by_keys([(member, *_keys(member, by_alias=by_alias)) for member in classes])


def _by_keys(known: Sequence[tuple[Any, frozenset[str], frozenset[str]]]) -> Choose:
    """Return what finds the class with the most required keys of which a value has all."""
    known = sorted(known, key=lambda item: -len(item[1]))

    def find(value: dict[str, Any]) -> Any:
        for member, required, every in known:
            if required.issubset(value) and (required or not value or every & value.keys()):
                return member
        return None

    return find


def _keys(kind: Any, *, by_alias: bool) -> tuple[frozenset[str], frozenset[str]]:
    fields = fields_of(kind, by_alias=by_alias)
    return (
        frozenset(field.key for field in fields if field.required),
        frozenset(field.key for field in fields),
    )


def _keys_of_model(kind: Any) -> tuple[frozenset[str], frozenset[str]]:
    fields = (get_origin(kind) or kind)._fields.values()
    return (
        frozenset(
            field.wire
            for field in fields
            if field.default is REQUIRED and not field.annotation.endswith("| None")
        ),
        frozenset(field.wire for field in fields),
    )


def is_union(annotation: Any) -> bool:
    """Return True if a type is a union or an optional, in either notation."""
    return get_origin(annotation) is Union or type(annotation).__name__ == "UnionType"


def _members(annotation: Any) -> list[Any]:
    """Return the members of a union, and of the unions that aliases and new types hold."""
    found: list[Any] = []
    for member in annotation.__args__:
        bare = base_of(member)
        found += _members(bare) if is_union(bare) else [member]
    return found


def _is_object(member: Any) -> bool:
    bare = base_of(member)
    return (
        is_model(bare)
        or is_foreign(bare)
        or has_fields(bare)
        or is_typed_dict(bare)
        or is_named_tuple(bare)
        or is_mapping(bare)
    )


def _is_literal(member: Any) -> bool:
    return get_origin(member) is Literal
