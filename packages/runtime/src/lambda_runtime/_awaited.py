"""Blocking decorators around an `async def` handler: they are called in a thread that waits."""

from __future__ import annotations

from functools import update_wrapper
from gc import get_referents
from inspect import iscoroutinefunction
from types import FunctionType, ModuleType

from lambda_logging.runtime import is_awaitable, shape_of

from ._blocking_call import BlockingCall, may_wait, wait_for
from ._prepared_handler import surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, TypeVar

    from ._prepared_handler import Call, PreparedHandler

    F = TypeVar("F", bound=Callable[..., Awaitable[Any]])

__lambda_event_unchanged__ = True  # see lambda_logging.runtime.EVENT_UNCHANGED

_functions: list[Callable[..., Any]] = []
_called_from_anywhere: list[Callable[..., Any]] = []
_MOST_OBJECTS = 1000  # that are looked through for a function


def awaited(handler: F) -> F:
    """Let decorators written for `def` handlers wrap an ``async def`` handler.

    Such a decorator calls the handler, and continues when it returns. An ``async def`` returns at
    once, before any of its code has run: an agent sees neither its exceptions nor its time.
    Directly above the handler, this decorator makes the call return when the handler is done::

        @datadog_lambda_wrapper
        @awaited
        async def handler(event, context): ...

    The runtime calls the outermost decorator in a thread, which waits there; the handler itself
    runs on the event loop. Called from anywhere else, such as from a test, the decorated function
    is the ``async def`` that it was.

    Args:
        handler: An ``async def`` function.

    Returns:
        The function, for other decorators.

    Raises:
        TypeError: It is not an ``async def`` function, or one that takes a stream.
    """
    if not iscoroutinefunction(handler):
        raise TypeError(f"@awaited decorates an `async def` function, and {handler!r} is not one")

    arity = shape_of(handler).arity
    if arity == 3:
        raise TypeError(f"@awaited is for (event) and (event, context), and {handler!r} streams")

    def call(*args: Any, **kwargs: Any) -> Any:
        awaitable = handler(*args[:arity], **kwargs)  # other decorators give the context, too
        return wait_for(awaitable) if may_wait() else awaitable

    update_wrapper(call, handler, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    if not _functions:
        surroundings.insert(0, _in_thread)
    _functions.append(call)
    return call  # type: ignore[return-value]


def awaited_if_async(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return a handler for an agent to wrap, whether it is asynchronous or not.

    Args:
        handler: The handler.
    """
    if not iscoroutinefunction(handler):
        return handler
    function = awaited(handler)
    _called_from_anywhere.append(function)
    return function


def _in_thread(prepared: PreparedHandler, call: Call) -> Call:
    """Have what wraps an awaited function called in a thread, in which that waits."""
    handler = prepared.function
    if any(handler is function for function in _functions):
        prepared.is_async, prepared.may_be_async = True, False
        return call
    # By its type: a proxy around a function says that it is one.
    if type(handler) is FunctionType and iscoroutinefunction(handler):
        return call

    if not _called_from_anywhere and not _stands_around_one(handler):
        return call  # it is another function's, such as another test's, that is awaited

    async def call_in_thread(*args: Any) -> Any:
        value = await BlockingCall(call, *args).result()
        return await value if is_awaitable(value) else value

    prepared.is_async, prepared.may_be_async = True, False
    return call_in_thread


def _stands_around_one(handler: object) -> bool:
    """Return True if an awaited function is to be found in a handler, however it is wrapped."""
    pending, seen = [handler], set[int]()
    for item in pending:  # it becomes longer on the way
        if any(item is function for function in _functions):
            return True
        if id(item) in seen or isinstance(item, type | ModuleType):
            continue
        seen.add(id(item))
        if len(seen) == _MOST_OBJECTS:
            break
        pending += _objects_in(item)
    return False


def _objects_in(item: object) -> list[object]:
    if type(item) is not FunctionType:
        return get_referents(item)
    # Not all that its module has.
    names = item.__code__.co_names
    used = [item.__globals__[name] for name in names if name in item.__globals__]
    return [item.__closure__, *used, *vars(item).values()]
