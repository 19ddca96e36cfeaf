"""Keeps a context around what a call returns, where that runs later: awaitables and iterators."""

from __future__ import annotations

import sys

from ._settings import current_request
from .runtime import is_async_iterable, is_awaitable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Any

    from ._protocols import RequestContext

_GENERATOR = type(_ for _ in ())


def run_in(context: AbstractContextManager[None], call: Callable[[], Any]) -> Any:
    """Call within a context, which ends when the call, or what it returns, has come to its end.

    Args:
        context: The context.
        call: The function to call.

    Returns:
        Its result. An awaitable, a generator or an async iterator is one that ends the context.

    Raises:
        BaseException: Whatever the call raises.
    """
    before = current_request.get()
    context.__enter__()
    try:
        value = call()
        later = _ending(value, _Rest(context, current_request.get()))
    except BaseException:
        context.__exit__(*sys.exc_info())
        raise
    if later is None:
        context.__exit__(None, None, None)
        return value
    current_request.set(before)  # it may run in another context, and not at all
    return later


class _Rest:
    """A context that was entered before."""

    def __init__(
        self, context: AbstractContextManager[None], request: RequestContext | None
    ) -> None:
        self._context = context
        self._request = request

    def __enter__(self) -> None:
        current_request.set(self._request)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._context.__exit__(kind, error, traceback)


def _ending(value: Any, rest: _Rest) -> Any:
    """Return what does the same as a value and then ends a context; None if it has no end."""
    kind = type(value)
    if is_awaitable(value):
        if hasattr(kind, "get_loop") and hasattr(kind, "add_done_callback"):
            # A runtime finds the event loop by the future: it has to stay the same object.
            value.add_done_callback(lambda future: _end(future, rest))
            return value
        return _awaited(value, rest)
    if kind is _GENERATOR:
        return _generated(value, rest)
    return _iterated(value, rest) if is_async_iterable(value) else None


def _end(future: Any, rest: _Rest) -> None:
    error = None if future.cancelled() else future.exception()
    rest.__exit__(type(error) if error is not None else None, error, None)


def _generated(value: Any, rest: _Rest) -> Generator[Any, Any, Any]:
    with rest:
        return (yield from value)


async def _awaited(value: Awaitable[Any], rest: _Rest) -> Any:
    with rest:
        return await value


async def _iterated(value: Any, rest: _Rest) -> AsyncIterator[Any]:
    with rest:
        if not hasattr(type(value), "__anext__"):
            value = value.__aiter__()
        while True:
            try:
                part = await value.__anext__()
            except StopAsyncIteration:
                return
            yield part
