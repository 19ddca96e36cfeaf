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
    for one, other in combinations(tags, 2):
        if not any(one[key].values.isdisjoint(other[key].values) for key in keys):
            return None

    def find(value: dict[str, Any]) -> Any:
        left = [*range(len(classes))]
        for key in keys:
            there = _typed(value[key]) if key in value else None
            matching = [place for place in left if _matches(tags[place][key], there)]
            if not matching and is_alone:
                literals = [item for place in left for item in tags[place][key].literals]
                annotation: Any = Literal[tuple(literals)]
                if there is None:
                    raise missing(None, key, annotation)
                raise noted(None, key, Mismatch(), value[key], annotation)
            left = matching
        return classes[left[0]] if len(left) == 1 else None

    return find


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
    value = plain_number(value)
    kind = type(value)
    return (kind, value) if kind in _SCALARS else (kind, None)


def _matches(tag: _Tag, there: tuple[type, Any] | None) -> bool:
    return there in tag.values if there is not None else not tag.required
