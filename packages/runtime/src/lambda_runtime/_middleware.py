"""Middleware: functions around a handler. Loaded for handlers that have some."""

from __future__ import annotations

from lambda_logging.runtime import is_awaitable, shape_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    from lambda_logging.runtime import Shape

    from ._context import Context
    from .types import Middleware

    Call: TypeAlias = Callable[[Any, Context], Any]


def call_through(
    middleware: Sequence[Middleware], call: Call, shape: Shape, *, may_be_async: bool
) -> Call:
    """Return a function that takes an event and a context through middleware to a handler.

    Args:
        middleware: The middleware, outermost first.
        call: Calls the handler with an event and a context.
        shape: The handler's shape.
        may_be_async: True if it wraps a function that is async.

    Raises:
        ValueError: A middleware is asynchronous, and the handler is not.
    """
    if shape.is_async_generator:
        call = _awaitable(call)
    for around in reversed(middleware):
        if not shape.is_async and shape_of(around).is_async:
            if not may_be_async:
                raise ValueError(
                    f"the middleware {getattr(around, '__name__', around)!r} is an `async def`, "
                    "and the handler is not: declare both alike"
                )
            call = _awaited(call)
        call = _around(around, call)
    return call


def _awaitable(call: Call) -> Call:
    """Let middleware await a call that returns an async generator, like any other handler's."""

    async def awaitable(event: Any, context: Context) -> Any:
        return call(event, context)

    return awaitable


def _awaited(call: Call) -> Call:
    """Let middleware await a call that may return an awaitable, or anything else."""

    async def awaited(event: Any, context: Context) -> Any:
        value = call(event, context)
        return await value if is_awaitable(value) else value

    return awaited


def _around(middleware: Middleware, inner: Call) -> Call:
    return lambda event, context: middleware(event, context, inner)
