"""Objects that hold themselves: found before they are written, which would not end.

Python's own limit of recursion does not do: Python 3.13.0 misses it in the code that cattrs makes.
"""

from __future__ import annotations

from functools import cache

from ._field import is_model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LEAVES = (str, int, float, bytes, type(None))
_CONTAINERS = (dict, list, tuple, set, frozenset)


def check_for_cycles(value: Any) -> None:
    """Raise an error if an object, or a container in it, holds itself.

    Args:
        value: An instance of an attrs class or a dataclass, a container of such, or anything else,
            which is not looked into.

    Raises:
        ValueError: It does.
    """
    kind: Any = type(value)
    if not _may_hold_itself(kind):
        return
    above: set[int] = set()  # the containers of the one that is looked at
    done: set[int] = set()
    pending: list[tuple[Any, bool]] = [(value, False)]
    while pending:
        node, is_left = pending.pop()
        if is_left:
            above.discard(id(node))
            done.add(id(node))
        elif id(node) in above:
            name = type(node).__name__
            raise ValueError(f"Circular reference detected: a {name} holds itself")
        elif id(node) not in done:
            above.add(id(node))
            pending.append((node, True))
            pending += [(item, False) for item in _children(node) if not isinstance(item, _LEAVES)]


def _children(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, _CONTAINERS):
        yield from node
    else:
        kind: Any = type(node)
        for name in _fields(kind):
            yield getattr(node, name, None)


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    if is_model(kind):  # it writes itself, and would load attrs to answer
        return ()
    found = getattr(kind, "__attrs_attrs__", None)
    if found is not None:
        return tuple(field.name for field in found)
    return tuple(getattr(kind, "__dataclass_fields__", ()))


@cache
def _may_hold_itself(kind: Any) -> bool:
    """Return True if objects of a class may hold each other; many have no field that could."""
    if issubclass(kind, _CONTAINERS):
        return True
    if not _fields(kind):
        return False
    from typing import Any, get_type_hints

    try:
        hints = get_type_hints(kind)
    except Exception:  # noqa: BLE001 (evaluating an annotation can raise anything)
        return True
    return not all(_is_leaf(hints.get(name, Any)) for name in _fields(kind))


def _is_leaf(annotation: Any) -> bool:
    """Return True if values of a type hold nothing but text, numbers and the like."""
    import enum
    from datetime import date, time, timedelta
    from decimal import Decimal
    from typing import get_args, get_origin
    from uuid import UUID

    if isinstance(annotation, type) and get_origin(annotation) is None:
        values = (date, time, timedelta, Decimal, UUID, enum.Enum)
        return issubclass(annotation, (*_LEAVES, *values))
    arguments = [each for each in get_args(annotation) if each is not ...]
    return bool(arguments) and all(map(_is_leaf, arguments))
