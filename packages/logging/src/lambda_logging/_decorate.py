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
_VARARGS, _GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x04, 0x20, 0x80, 0x200


def wrapped(handler: Handler, begin: Begin) -> Handler:
    """Return a handler within a context that is made for each call.

    Args:
        handler: A function, a method, a partial of them or an object with ``__call__``, (async),
            that may be a generator, and takes an event, an event and a context, or a stream
            between them.
        begin: What makes the context, from the event and the other arguments.
    """
    flags, count = _shape(handler)
    if count == 1:
        alone: Any = handler
        call: Any = lambda event, *_, **__: alone(event)  # noqa: E731 (as short as it is)
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


def _shape(handler: Any) -> tuple[int, int]:
    """Return the flags of a handler's code, and how many arguments runtimes call it with."""
    taken, named = 0, set[str]()
    while hasattr(handler, "func") and hasattr(handler, "keywords"):  # functools.partial
        taken += len(handler.args)
        named.update(handler.keywords)
        handler = handler.func
    if not hasattr(handler, "__code__"):
        taken += 1
        handler = type(handler).__call__
    code = getattr(handler, "__code__", None)
    if code is None or code.co_flags & _VARARGS:
        return code.co_flags if code is not None else 0, 2
    taken += hasattr(handler, "__self__")
    names = code.co_varnames[taken : code.co_argcount]
    needed = names[: len(names) - len(handler.__defaults__ or ())]
    required = [name for name in needed if name not in named]
    return code.co_flags, 1 if len(names) == 1 else 3 if len(required) == 3 else 2


def _function(handler: Any, begin: Begin) -> Any:
    def call(event: Any, *rest: Any, **named: Any) -> Any:
        with begin(event, (*rest, *named.values())):
            return handler(event, *rest, **named)

    return call


def _function_with_stream(handler: Any, begin: Begin) -> Any:
    def call(event: Any, stream: Any, context: Any) -> Any:
        with begin(event, (context,)):
            return handler(event, stream, context)

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
