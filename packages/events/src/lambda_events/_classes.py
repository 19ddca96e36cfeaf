"""Classes with fields, from JSON objects: attrs classes, dataclasses, TypedDicts, named tuples."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from functools import lru_cache
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NamedTuple,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from ._field import is_model
from ._problems import Path, Problems, missing, noted, refused
from ._scalars import Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cattrs import Converter

    Hook = Callable[[Any, Any], Any]


class ClassField(NamedTuple):
    """A field of a class.

    Attributes:
        name: The name of the parameter that takes the value.
        key: The key in JSON.
        kind: The type of the value.
        required: True if an object must have the key.
        metadata: The other arguments of ``Annotated``.
    """

    name: str
    key: str
    kind: Any
    required: bool
    metadata: tuple[Any, ...] = ()


def has_fields(kind: Any) -> bool:
    """Return True if a type is an attrs class or a dataclass, or one with type arguments."""
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and (
        hasattr(origin, "__attrs_attrs__") or hasattr(origin, "__dataclass_fields__")
    )


def is_typed_dict(kind: Any) -> bool:
    """Return True if a type is a TypedDict, of `typing` or of typing_extensions."""
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, dict) and hasattr(origin, "__total__")


def is_named_tuple(kind: Any) -> bool:
    """Return True if a type is a named tuple."""
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, tuple) and hasattr(origin, "_fields")


def fields_of(kind: Any, *, by_alias: bool = True) -> list[ClassField]:
    """Return the fields of a class that JSON fills.

    Args:
        kind: The class, or one with type arguments, which take the place of its type variables.
        by_alias: True for the aliases of attrs as the keys, False for the attributes' names.

    Raises:
        NameError: An annotation names what does not exist.
    """
    origin: Any = get_origin(kind) or kind
    hints = {
        name: _with_self(hint, kind)
        for name, hint in get_type_hints(origin, include_extras=True).items()
    }
    if is_typed_dict(kind):
        found = [
            ClassField(name, name, hint, _is_required(origin, name, hint))
            for name, hint in hints.items()
        ]
    elif is_named_tuple(kind):
        defaults = origin._field_defaults
        found = [
            ClassField(name, name, hints.get(name, Any), name not in defaults)
            for name in origin._fields
        ]
    elif hasattr(origin, "__attrs_attrs__"):
        import attrs

        found = [
            ClassField(
                item.alias,
                item.alias if by_alias else item.name,
                hints.get(item.name, Any if item.type is None else item.type),
                item.default is attrs.NOTHING,
            )
            for item in origin.__attrs_attrs__
            if item.init
        ]
    else:
        nothing = dataclasses.MISSING
        found = [
            ClassField(
                item.name,
                item.name,
                hints.get(item.name, Any),
                item.default is nothing and item.default_factory is nothing,
            )
            for item in dataclasses.fields(origin)
            if item.init
        ]
        found += [
            ClassField(name, name, hint, not hasattr(origin, name))
            for name, hint in hints.items()
            if isinstance(hint, dataclasses.InitVar)
        ]
    variables = variables_of(kind)
    return [_plain(field._replace(kind=substituted(field.kind, variables))) for field in found]


def _is_required(typed_dict: Any, key: str, hint: Any) -> bool:
    """Return True if a key must be there; `typing` does not see it in annotations that are text."""
    mark = str(get_origin(hint)).rpartition(".")[2]
    if mark in {"NotRequired", "Required"}:
        return mark == "Required"
    return key in typed_dict.__required_keys__


def _plain(field: ClassField) -> ClassField:
    """Return a field without what only says how its type is used."""
    kind: Any = field.kind
    metadata = field.metadata
    while True:
        mark = getattr(get_origin(kind), "__name__", None) or str(get_origin(kind))
        if hasattr(kind, "__metadata__"):
            metadata += kind.__metadata__
            kind = kind.__origin__
        elif mark.rpartition(".")[2] in {"Required", "NotRequired", "ReadOnly", "Final"}:
            (kind,) = kind.__args__
        elif str(kind) in {"typing.Final", "typing_extensions.Final"}:
            kind = Any
        elif isinstance(kind, dataclasses.InitVar):
            kind = kind.type
        else:
            return field._replace(kind=kind, metadata=metadata)


def _with_self(hint: Any, kind: Any) -> Any:
    """Return a type with a class in place of ``Self``."""
    if hint is Self:
        return kind
    arguments = getattr(hint, "__args__", ())
    made = tuple([_with_self(argument, kind) for argument in arguments])
    if made == arguments or get_origin(hint) is Literal:
        return hint
    if hasattr(hint, "copy_with"):
        return hint.copy_with(made)
    if isinstance(hint, UnionType):
        return Union[made]  # noqa: UP007 (there is no other way for a tuple)
    return get_origin(hint)[made]


def variables_of(kind: Any) -> dict[Any, Any]:
    """Return the values of the type variables of a class and of its bases."""
    found: dict[Any, Any] = {}
    pending = [kind]
    for item in pending:
        origin: Any = get_origin(item) or item
        if origin is not item:
            parameters = getattr(origin, "__parameters__", ())
            arguments = [substituted(argument, found) for argument in get_args(item)]
            found.update(zip(parameters, arguments, strict=False))
        pending += getattr(origin, "__orig_bases__", ())
    return found


def substituted(kind: Any, variables: Mapping[Any, Any]) -> Any:
    """Return a type with other types in place of its type variables.

    A variable that nothing stands for is what it is bound to, or anything.
    """
    if isinstance(kind, TypeVar):
        if kind in variables:
            return variables[kind]
        default = getattr(kind, "__default__", None)
        has_default = getattr(kind, "has_default", lambda: default is not None)()
        return default if has_default else kind.__bound__ or Any
    parameters = getattr(kind, "__parameters__", ())
    if not parameters or isinstance(kind, type):  # a class that is not given arguments
        return kind
    return kind[tuple([substituted(parameter, variables) for parameter in parameters])]


def object_hook(kind: Any, converter: Converter) -> Hook:
    """Return the hook that makes an object of a class, and finds all that is wrong with it."""
    make: Any = get_origin(kind) or kind
    keeps_others = is_typed_dict(kind)
    fields = _with_hooks(kind, converter)
    known = frozenset(key for _, key, *_ in fields)
    only_known = bool(getattr(converter, "forbid_extra_keys", False)) and not keeps_others

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise Mismatch
        values = dict(value) if keeps_others else {}
        problems: Problems | None = None
        for name, key, hook, field_kind, required in fields:
            if key in value:
                item = value[key]
                try:
                    values[name] = hook(item, field_kind)
                except Exception as error:  # noqa: BLE001 (a hook may raise anything)
                    problems = noted(problems, key, error, item, field_kind)
            elif required:
                problems = missing(problems, key, field_kind)
            else:
                continue
            if problems is not None and problems.full:
                raise problems
        if only_known and not known.issuperset(value):
            others = ", ".join(map(repr, sorted(value.keys() - known)[:3]))
            unknown = refused(ValueError(f"unknown keys: {others}"))
            problems = noted(problems, Path(), unknown, value, kind)
        if problems is not None:
            raise problems
        if keeps_others:
            return values
        try:
            return make(**values)
        except Exception as error:  # noqa: BLE001 (what a class itself says about its fields)
            raise refused(error) from None

    return structure


def _with_hooks(kind: Any, converter: Converter) -> list[tuple[str, str, Hook, Any, bool]]:
    """Return the fields of a class with their hooks; those of cattrs' ``override`` come first."""
    made = []
    for field in fields_of(kind, by_alias=getattr(converter, "use_alias", False)):
        key, hook = field.key, None
        for given in field.metadata:  # Annotated[int, cattrs.override(rename="n")]
            if hasattr(given, "struct_hook") and hasattr(given, "rename"):
                key = given.rename or key
                hook = given.struct_hook
        hook = hook or converter.get_structure_hook(field.kind)
        made.append((field.name, key, hook, field.kind, field.required))
    return made


def types_in(annotation: Any) -> list[Any]:
    """Return the plain types in an annotation, and in the fields of its classes."""
    found: list[Any] = []
    pending, seen = [annotation], set[int]()
    for item in pending:
        if id(item) in seen:
            continue
        seen.add(id(item))
        if hasattr(item, "__supertype__"):  # a NewType
            pending.append(item.__supertype__)
        elif hasattr(item, "__value__"):  # ``type Name = value``
            pending.append(item.__value__)
        else:
            origin = get_origin(item)
            if origin is not Literal:
                pending += getattr(item, "__args__", ())
            found.append(origin or item)
            if not is_model(item) and (
                has_fields(item) or is_typed_dict(item) or is_named_tuple(item)
            ):
                pending += _field_types(item)
    return found


def _field_types(kind: Any) -> list[Any]:
    try:
        return [field.kind for field in fields_of(kind)]
    except (NameError, TypeError):
        return []  # there is a rule for the class as a whole, or a clear error


@lru_cache(maxsize=256)
def holds_decimals(annotation: Any) -> bool:
    """Return True if there is a Decimal in an annotation, or in the fields of its classes."""
    return Decimal in types_in(annotation)
