"""A context around a handler, with the handler's own shape: runtimes call it by what it looks like."""

from __future__ import annotations

from functools import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Any, TypeVar

    Handler = TypeVar("Handler", bound=Callable[..., Any])
    Begin = Callable[[Any, tuple[Any, ...]], AbstractContextManager[None]]

# Flags of code objects; inspect, which has names for them, takes 20 ms to import.
_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200


def wrapped(handler: Handler, begin: Begin) -> Handler:
    """Return a handler within a context that is made for each call.

    Args:
        handler: A function, a method or an object with ``__call__``, (async), that may be a
            generator, and takes an event, an event and a context, or a stream between them.
        begin: What makes the context, from the event and the other arguments.
    """
    target: Any = handler if hasattr(handler, "__code__") else type(handler).__call__
    code = getattr(target, "__code__", None)
    flags = code.co_flags if code is not None else 0
    count = 2
    if code is not None:
        bound = hasattr(target, "__self__") or target is not handler
        count = code.co_argcount - bound
    if count == 1:
        alone: Any = handler
        call: Any = lambda event, *_: alone(event)  # noqa: E731 (as short as it is)
    else:
        call = handler
    wrapper: Any
    if flags & _ASYNC_GENERATOR:
        wrapper = _async_generator(call, begin)
    elif flags & _GENERATOR:
        wrapper = _generator(call, begin)
    elif flags & _COROUTINE:
        wrapper = (_coroutine_with_stream if count == 3 else _coroutine)(call, begin)
    else:
        wrapper = (_function_with_stream if count == 3 else _function)(call, begin)
    decorated: Any = wraps(handler)(wrapper)
    result: Handler = decorated
    return result


def _function(handler: Any, begin: Begin) -> Any:
    def call(event: Any, *rest: Any) -> Any:
        with begin(event, rest):
            return handler(event, *rest)

    return call


def _function_with_stream(handler: Any, begin: Begin) -> Any:
    def call(event: Any, stream: Any, context: Any) -> Any:
        with begin(event, (context,)):
            return handler(event, stream, context)

    return call


def _coroutine(handler: Any, begin: Begin) -> Any:
    async def call(event: Any, *rest: Any) -> Any:
        with begin(event, rest):
            return await handler(event, *rest)

    return call


def _coroutine_with_stream(handler: Any, begin: Begin) -> Any:
    async def call(event: Any, stream: Any, context: Any) -> Any:
        with begin(event, (context,)):
            return await handler(event, stream, context)

    return call


def _generator(handler: Any, begin: Begin) -> Any:
    def call(event: Any, *rest: Any) -> Any:
        with begin(event, rest):
            return (yield from handler(event, *rest))

    return call


def _async_generator(handler: Any, begin: Begin) -> Any:
    async def call(event: Any, *rest: Any) -> Any:
        with begin(event, rest):
            async for part in handler(event, *rest):
                yield part

    return call
