"""The applications that an application calls, as far as its variables show them.

Middleware has the application that it wraps in an attribute, or in a variable of a closure. A
function of one's own calls others by the names of global variables, or keeps them in a table.
"""

from __future__ import annotations

from itertools import islice
from types import CodeType, FunctionType, MethodType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

# Of middleware, for the application that it wraps: attributes, and variables of a closure.
_NAMES_OF_INNER = ("app", "_app", "application", "_application", "inner", "wrapped", "__wrapped__")
_DEEPEST = 50
_MOST = 200  # objects to look at


def applications_in(app: Any, is_known: Callable[[Any], bool]) -> list[Any]:
    """Return the known applications that requests reach through an application, or itself.

    Args:
        app: The application.
        is_known: Returns True for an application that is looked for.
    """
    chain = [app]
    for _ in range(_DEEPEST):
        if is_known(chain[-1]):
            return chain[-1:]
        inner = _inner(chain[-1])
        if inner is None:
            break
        chain.append(inner)
    found: list[Any] = []
    queue = chain[::-1]  # which keeps the objects, so that no other gets the id of one
    seen: set[int] = set()
    for each in queue:
        if id(each) in seen:
            continue
        seen.add(id(each))
        if is_known(each):
            found.append(each)
        elif len(queue) < _MOST:
            queue += filter(_may_lead_on, islice(_references(each), _MOST))
    return found


def _inner(app: Any) -> Any:
    """Return the application that a middleware wraps, or None if it is not middleware."""
    variables = _closure(app)
    for name in _NAMES_OF_INNER:
        inner = variables.get(name)
        if inner is None:
            inner = _attribute(app, name)
        if callable(inner):
            return inner
    return None


def _may_lead_on(value: Any) -> bool:
    kind = type(value)
    return kind in _CONTAINERS or (callable(value) and not issubclass(kind, type))


def _references(holder: Any) -> Iterator[Any]:
    """Yield what a container, a function or an object with attributes refers to."""
    kind = type(holder)
    if kind is dict:
        yield from holder.values()
    elif kind in _CONTAINERS:
        yield from holder
    elif kind is FunctionType:
        yield from _closure(holder).values()
        yield from holder.__defaults__ or ()
        yield from (holder.__kwdefaults__ or {}).values()
        yield from _named(holder.__code__, holder.__globals__)
    elif kind is MethodType:
        yield holder.__func__
        yield from [*_attributes(holder.__self__).values()]
    else:
        for name in ("func", "args", "keywords"):  # of a partial
            yield _attribute(holder, name)
        yield from [*_attributes(holder).values()]
        yield _attribute(kind, "__call__")


def _named(code: CodeType, variables: dict[str, Any]) -> Iterator[Any]:
    """Yield the global variables that code names, and what it names of each."""
    for name in code.co_names:
        value = variables.get(name)
        if value is not None:
            yield value
            attributes = _attributes(value)
            yield from [attributes[each] for each in code.co_names if each in attributes]
    for constant in code.co_consts:
        if type(constant) is CodeType:  # of a function in it
            yield from _named(constant, variables)


def _closure(function: Any) -> dict[str, Any]:
    """Return the variables of a closure that have a value."""
    code = _attribute(function, "__code__")
    cells = _attribute(function, "__closure__") or ()
    names = code.co_freevars if code is not None else ()
    return {
        name: _attribute(cell, "cell_contents") for name, cell in zip(names, cells, strict=False)
    }


def _attributes(holder: Any) -> dict[str, Any]:
    """Return the attributes that an object, a class or a module has been given."""
    return _attribute(holder, "__dict__") or {}


def _attribute(of: Any, name: str) -> Any:
    """Return an attribute, or None: a variable may have no value yet, and a proxy no object."""
    try:
        return getattr(of, name, None)
    except Exception:  # noqa: BLE001 (a proxy may raise anything)
        return None


_CONTAINERS = frozenset((dict, list, set, tuple))
