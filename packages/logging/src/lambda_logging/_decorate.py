"""Puts a context around a handler, and keeps its shape: runtimes call a handler by its shape."""

from __future__ import annotations

from functools import partial, wraps

from ._later import run_in
from .runtime import shape_of

__lambda_event_unchanged__ = True  # see lambda_logging.runtime.EVENT_UNCHANGED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Any, TypeVar

    Handler = TypeVar("Handler", bound=Callable[..., Any])
    Begin = Callable[[Any, tuple[Any, ...]], AbstractContextManager[None]]


def wrapped(handler: Handler, begin: Begin) -> Handler:
    """Return a handler that makes and enters a context for each call.

    Args:
        handler: A handler of any kind that `shape_of` knows.
        begin: Makes the context, from the event and the other arguments.
    """
    shape = shape_of(handler)
    call: Any = handler
    if shape.arity == 1:
        alone: Any = handler
        call = lambda event, *_, **__: alone(event)  # noqa: E731 (as short as it is)
    takes_stream = shape.arity == 3
    wrapper: Any
    if shape.is_async_generator:
        wrapper = _async_generator(call, begin)
    elif shape.is_generator:
        wrapper = _generator(call, begin)
    elif shape.is_async:
        wrapper = (_coroutine_with_stream if takes_stream else _coroutine)(call, begin)
    else:
        wrapper = (_function_with_stream if takes_stream else _function)(call, begin)
    try:
        wrapper = wraps(handler)(wrapper)
    except Exception:  # noqa: BLE001 (an object may have an odd answer for every name)
        wrapper.__wrapped__ = handler
    result: Handler = wrapper
    return result


def _function(handler: Any, begin: Begin) -> Any:
    def call(event: Any, *rest: Any, **named: Any) -> Any:
        scope = begin(event, (*rest, *named.values()))
        return run_in(scope, partial(handler, event, *rest, **named))

    return call


def _function_with_stream(handler: Any, begin: Begin) -> Any:
    def call(event: Any, stream: Any, context: Any) -> Any:
        return run_in(begin(event, (context,)), partial(handler, event, stream, context))

    return call


def _coroutine(handler: Any, begin: Begin) -> Any:
    async def call(event: Any, *rest: Any, **named: Any) -> Any:
        with begin(event, (*rest, *named.values())):
            return await handler(event, *rest, **named)

    return call


def _coroutine_with_stream(handler: Any, begin: Begin) -> Any:
    async def call(event: Any, stream: Any, context: Any) -> Any:
        with begin(event, (context,)):
            return await handler(event, stream, context)

    return call


def _generator(handler: Any, begin: Begin) -> Any:
    def call(event: Any, *rest: Any, **named: Any) -> Any:
        with begin(event, (*rest, *named.values())):
            return (yield from handler(event, *rest, **named))

    return call


def _async_generator(handler: Any, begin: Begin) -> Any:
    async def call(event: Any, *rest: Any, **named: Any) -> Any:
        with begin(event, (*rest, *named.values())):
            async for part in handler(event, *rest, **named):
                yield part

    return call
