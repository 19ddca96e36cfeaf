"""The parts of this package that a runtime for AWS Lambda needs.

A runtime calls `lambda_logging.configure` at its start, and sets `current_request` for each
invocation, in the invocation's own context::

    from lambda_logging.runtime import current_request

    current_request.set(context)

From then on, every record has the id of its request. A runtime that serves one invocation at a time
calls `serve_alone` too, for the threads that the function starts. Names that a start does not need
load when they are first used.

`add_record_fields` gives every record fields that are known when it is written, such as the ids of
the current trace.

`shape_of` reads how a handler is called, before the first invocation, and never calls it for that;
`is_awaitable`, `is_async_iterable` and `is_streamed` look at what it returns. `inspect` would do
some of this, and takes 20 ms to import.
"""

from __future__ import annotations

import sys

from ._settings import current_request, serve_alone, settings
from ._small_json import write as write_json

TYPE_CHECKING = False  # importing typing for this name would be felt in every cold start
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType
    from typing import Any

    from ._protocols import RequestContext, Sink
    from ._sink import StandardOutput
    from ._stdlib_handler import root_handler

EVENT_UNCHANGED = "__lambda_event_unchanged__"
"""A global that is True in a module whose decorators pass on the event that they get.

The annotation of a decorated handler's event counts through such decorators, and not through
others: a decorator may pass another event.
"""

__all__ = [
    "EVENT_UNCHANGED",
    "RequestContext",
    "Shape",
    "Sink",
    "StandardOutput",
    "add_record_fields",
    "current_request",
    "is_async_iterable",
    "is_awaitable",
    "is_streamed",
    "root_handler",
    "serve_alone",
    "shape_of",
    "write_json",
]

_HOME = {
    "RequestContext": "_protocols",
    "Sink": "_protocols",
    "StandardOutput": "_sink",
    "root_handler": "_stdlib_handler",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"{__package__}.{home}", fromlist=(name,))
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return __all__


def add_record_fields(fields: Callable[[], Mapping[str, Any]] | None) -> None:
    """Have fields added to every record, as it is written.

    Args:
        fields: Returns the fields by name; a field of the record's own with such a name wins. It
            takes the place of the last one. None adds nothing any more.
    """
    settings.more_fields = fields


# Flags of code objects.
_VARARGS, _GENERATOR, _COROUTINE = 0x04, 0x20, 0x80
_ITERABLE_COROUTINE, _ASYNC_GENERATOR = 0x100, 0x200

_FUNCTION = type(lambda: None)
_GENERATOR_OBJECT = type(_ for _ in ())
_METHOD = type((lambda self: self).__get__(0))
_CODE = type((lambda: None).__code__)
_WRITTEN_IN_C = type(object.__init__)

# Subclasses of these are sent as JSON, or as the bytes that they are, whatever methods they have.
_SENT_AS_THEY_ARE = (dict, str, list, int, float, tuple, bytes)

_MAX_LAYERS = 100  # an object may claim to wrap another one forever


class Shape:
    """The shape of a handler: how it is called, and its kind of function.

    Attributes:
        arity: 1 for a handler that can only take the event, 3 for one that needs a stream between
            the event and the context, and 2 for all others.
        is_async: True if it needs an event loop: it is a coroutine function or an async generator
            function.
        is_generator: True if a call returns a generator, of either kind.
        is_async_generator: True if a call returns an async generator.
        function: The innermost function, or the object itself if that is written in C.
        bound: The number of positional parameters of `function` before the first one that a call
            fills.
    """

    def __init__(
        self,
        function: Any,
        *,
        arity: int = 2,
        bound: int = 0,
        is_async: bool = False,
        is_generator: bool = False,
        is_async_generator: bool = False,
    ) -> None:
        self.function = function
        self.arity = arity
        self.bound = bound
        self.is_async = is_async
        self.is_generator = is_generator
        self.is_async_generator = is_async_generator


def shape_of(handler: Callable[..., Any]) -> Shape:
    """Return the shape of a handler.

    Args:
        handler: A function, a method, a partial of them, an object with ``__call__``, or something
            that stands for one of these: `functools.cache`, a transparent proxy, a mock.
    """
    function, layers, is_marked = _innermost(handler)
    code = _code_of(function)
    if code is None:
        return Shape(function, is_async=is_marked)
    flags = code.co_flags
    if flags & _ITERABLE_COROUTINE:  # a generator function that types.coroutine has made awaitable
        flags = _COROUTINE | flags & _VARARGS
    free, named = _free_places(code.co_argcount, layers)
    # An argument that is given by name leaves no place for the positional ones from there on.
    names = [code.co_varnames[place] for place in free if place < code.co_argcount]
    most = min((names.index(name) for name in named if name in names), default=len(names))
    required = code.co_argcount - len(getattr(function, "__defaults__", None) or ())
    least = sum(place < required for place in free[:most])
    arity = 2
    if least == 3:
        arity = 3
    elif most == 1 and not flags & _VARARGS:
        arity = 1
    return Shape(
        function,
        arity=arity,
        bound=free[0],
        is_async=is_marked or bool(flags & (_COROUTINE | _ASYNC_GENERATOR)),
        is_generator=bool(flags & (_GENERATOR | _ASYNC_GENERATOR)),
        is_async_generator=bool(flags & _ASYNC_GENERATOR),
    )


def is_awaitable(value: Any) -> bool:
    """Return True if a result is awaited: a coroutine, a future, or what has ``__await__``.

    Args:
        value: The result of a handler. A dict, a number and the like are not, nor their subclasses.
    """
    kind = type(value)
    if kind is _GENERATOR_OBJECT:
        return bool(value.gi_code.co_flags & _ITERABLE_COROUTINE)
    return _has_method(kind, "__await__")


def is_async_iterable(value: object) -> bool:
    """Return True if a result is an async iterator, or makes one.

    Args:
        value: As for `is_awaitable`.
    """
    kind = type(value)
    return _has_method(kind, "__anext__") or _has_method(kind, "__aiter__")


def is_streamed(value: object) -> bool:
    """Return True if a result is sent part by part: (async) generators, and other iterators.

    Args:
        value: As for `is_awaitable`.
    """
    return _has_method(type(value), "__next__") or is_async_iterable(value)


def _has_method(kind: type, name: str) -> bool:
    """Return True if results of a class have a method; a mock of `unittest` has all of them."""
    found = False
    for base in kind.__mro__:
        found = found or name in base.__dict__
        if base in _SENT_AS_THEY_ARE or base.__name__ == "NonCallableMock":
            return False
    return found


def _free_places(count: int, layers: list[Any]) -> tuple[list[int], set[str]]:
    """Return the places of the arguments that a call fills, and the names that partials give.

    Args:
        count: The number of positional parameters of the innermost function, at least.
        layers: The layers around it, outermost first: partials, and None for a bound method.
    """
    free = [*range(count + sum(1 if layer is None else len(layer.args) for layer in layers) + 1)]
    named = set[str]()
    blank = getattr(sys.modules.get("functools"), "Placeholder", layers)  # of Python 3.14 and later
    for layer in reversed(layers):
        given = (None,) if layer is None else layer.args
        blanks = [place for place, value in zip(free, given, strict=False) if value is blank]
        free = blanks + free[len(given) :]
        if layer is not None:
            named.update(layer.keywords)
    return free, named


def _innermost(handler: Any) -> tuple[Any, list[Any], bool]:
    """Return the innermost function, the layers around it, and if one of them is marked.

    Attributes are looked up on the type, as Python does for a call: an object may have an answer
    for every name.
    """
    layers: list[Any] = []
    is_marked = False
    for _ in range(_MAX_LAYERS):
        is_marked = is_marked or _is_marked(handler)
        kind = type(handler)
        if kind is _FUNCTION:
            break
        if kind is _METHOD:
            layers.append(None)
            handler = handler.__func__
            continue
        call = _on_type(kind, "__call__")
        if type(call) is _WRITTEN_IN_C:
            inner = _inside_of_c(handler, layers)
        else:
            inner = _proxied(handler)
            if inner is None:
                inner = _bound_to(handler, call)
        if inner is None:
            break
        handler = inner
    return handler, layers, is_marked


def _inside_of_c(handler: Any, layers: list[Any]) -> Any:
    """Return what an object with a ``__call__`` in C calls, or None if that is not known."""
    kind = type(handler)
    if issubclass(kind, staticmethod):
        return handler.__func__
    partial = getattr(sys.modules.get("functools"), "partial", None)
    if partial in kind.__mro__:
        layers.append(handler)
        return handler.func
    if _on_type(kind, "__code__") is not None:  # a function that Cython has compiled
        return None
    return getattr(handler, "__wrapped__", None)  # functools.cache, wrapt


def _proxied(handler: Any) -> Any:
    """Return the object behind a transparent proxy, which claims the class of that object."""
    try:
        claimed = handler.__class__
        if claimed is not type(handler) and claimed is handler.__wrapped__.__class__:
            return handler.__wrapped__
    except BaseException:  # noqa: BLE001, S110 (a user's class may raise anything)
        pass
    return None


def _bound_to(handler: Any, call: Any) -> Any:
    """Return the ``__call__`` of a type as it is called for an object."""
    get = _on_type(type(call), "__get__")
    try:
        return call if get is None else get(call, handler, type(handler))
    except Exception:  # noqa: BLE001 (a user's descriptor may raise anything)
        return None


def _code_of(function: Any) -> CodeType | None:
    """Return the code of a function, if it has some and is not just said to."""
    if _on_type(type(function), "__code__") is None:
        return None
    code = function.__code__
    return code if type(code) is _CODE else None


def _is_marked(handler: Any) -> bool:
    """Return True if a callable is marked as a coroutine function, by `inspect` or by `asyncio`."""
    try:
        own = object.__getattribute__(handler, "__dict__")
    except Exception:  # noqa: BLE001 (it has none, or a user's property raises)
        own = {}
    for name in ("_is_coroutine_marker", "_is_coroutine"):
        mark = own.get(name) if type(own) is dict else None
        if type(mark or _on_type(type(handler), name)) is object:  # a mark of either
            return True
    return False


def _on_type(kind: type, name: str) -> Any:
    """Return an attribute of a type, without the type's own lookup, or None."""
    for base in kind.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return None
