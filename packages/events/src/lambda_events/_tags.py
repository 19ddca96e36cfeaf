"""Classes of a union that literals tell apart, as in ``kind: Literal["cat"]``."""

from __future__ import annotations

from enum import Enum
from itertools import combinations
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args, get_origin

from ._classes import fields_of
from ._containers import base_of
from ._problems import missing, noted
from ._scalars import Mismatch, plain_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SCALARS = frozenset((NoneType, bool, int, str))


class _Tag(NamedTuple):
    """A key whose values are literals.

    Attributes:
        values: The values and their types: True is not 1.
        literals: The same, as the annotation has them.
        required: True if an object must have the key.
    """

    values: frozenset[tuple[type, Any]]
    literals: tuple[Any, ...]
    required: bool


def tag_finder(
    classes: Sequence[Any], *, by_alias: bool, is_alone: bool
) -> Callable[[dict[str, Any]], Any] | None:
    """Return what finds the class whose literals an object has.

    Args:
        classes: The classes.
        by_alias: As `fields_of` takes it.
        is_alone: True if an object must be of one of them, so that another value is an error.

    Returns:
        A function of an object, which returns None if the literals do not decide. None if no
        literals tell the classes apart.
    """
    tags = [_tags_of(kind, by_alias=by_alias) for kind in classes]
    keys = [key for key in tags[0] if all(key in each for each in tags)]
    everywhere: Sequence[int] = range(len(classes))
    for one, other in combinations(tags, 2):
        if not any(one[key].values.isdisjoint(other[key].values) for key in keys):
            return None

    places = [(key, *_places([each[key] for each in tags])) for key in keys]

    def find(value: dict[str, Any]) -> Any:
        left = everywhere
        for key, with_value, without in places:
            matching = with_value.get(_typed(value[key]), ()) if key in value else without
            found = matching if left is everywhere else [at for at in left if at in matching]
            if not found and is_alone:
                literals = [item for at in left for item in tags[at][key].literals]
                annotation: Any = Literal[tuple(literals)]
                if key not in value:
                    raise missing(None, key, annotation)
                raise noted(None, key, Mismatch(), value[key], annotation)
            left = found
        return classes[left[0]] if len(left) == 1 else None

    return find


def _places(
    tags: list[_Tag],
) -> tuple[dict[tuple[type, Any], Sequence[int]], Sequence[int]]:
    """Return which of the tags take each value, and which take an object without the key."""
    with_value: dict[tuple[type, Any], list[int]] = {}
    for place, tag in enumerate(tags):
        for value in tag.values:
            with_value.setdefault(value, []).append(place)
    return {**with_value}, [place for place, tag in enumerate(tags) if not tag.required]


def _tags_of(kind: Any, *, by_alias: bool) -> dict[str, _Tag]:
    found = {}
    for field in fields_of(kind, by_alias=by_alias):
        base = base_of(field.kind)
        if get_origin(base) is Literal:
            literals = get_args(base)
            plain = [item.value if isinstance(item, Enum) else item for item in literals]
            found[field.key] = _Tag(frozenset(map(_typed, plain)), literals, field.required)
    return found


def _typed(value: Any) -> tuple[type, Any]:
    kind = type(value)
    if kind in _SCALARS:
        return kind, value
    value = plain_number(value)  # of an item of DynamoDB
    return type(value), value if type(value) is int else None
