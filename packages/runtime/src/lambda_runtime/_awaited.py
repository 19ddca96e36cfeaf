"""Blocking decorators around an `async def` handler: they are called in a thread that waits."""

from __future__ import annotations

from inspect import iscoroutinefunction
from types import FunctionType

from ._blocking_call import BlockingCall, may_wait, wait_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Awaitable[Any]])

__lambda_event_unchanged__ = True  # see lambda_logging.runtime.EVENT_UNCHANGED

_functions: list[Callable[..., Any]] = []


def awaited(handler: F) -> F:
    """Let decorators that are written for `def` handlers stand around an ``async def`` handler.

    Such a decorator calls the handler, and goes on when that returns. An ``async def`` returns at
    once, before any of its code has run: an agent sees neither its exceptions nor its time. Directly
    above the handler, this decorator makes the call return when the handler is done::

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
        TypeError: It is not an ``async def`` function.
    """
    if not iscoroutinefunction(handler):
        raise TypeError(f"@awaited decorates an `async def` function, and {handler!r} is not one")

    def call(*args: Any, **kwargs: Any) -> Any:
        awaitable = handler(*args, **kwargs)
        return wait_for(awaitable) if may_wait() else awaitable

    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__dict__"):
        value = getattr(handler, name)
        if name == "__dict__":
            call.__dict__.update(value)
        else:
            setattr(call, name, value)
    call.__wrapped__ = handler  # type: ignore[attr-defined] # as functools.wraps does
    _functions.append(call)
    return call  # type: ignore[return-value]


def awaited_if_async(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return a handler for an agent to stand around, whether it is asynchronous or not.

    Args:
        handler: The handler.
    """
    return awaited(handler) if iscoroutinefunction(handler) else handler


def takes_thread(handler: Callable[..., Any]) -> bool:
    """Tell whether a handler stands around a function that waits in its thread.

    Args:
        handler: The handler.
    """
    if not _functions or any(handler is function for function in _functions):
        return False
    # By its type: a proxy around a function says that it is one.
    return type(handler) is not FunctionType or not iscoroutinefunction(handler)


def in_thread(call: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Return an ``async def`` that calls a blocking function in a thread.

    Args:
        call: The function; `awaited` ones block in it.
    """

    async def call_in_thread(*args: Any) -> Any:
        return await BlockingCall(call, *args).result()

    return call_in_thread
