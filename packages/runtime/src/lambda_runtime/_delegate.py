"""Delegation: an async handler hands some of its events on to another handler."""

from __future__ import annotations

import asyncio

from lambda_logging.runtime import is_awaitable, shape_of

from ._json import encode
from ._options import options_of
from ._prepared_handler import with_two_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from ._context import Context


def delegate(handler: Callable[..., Any]) -> Callable[[Any, Context], Awaitable[Any]]:
    """Return an async function that calls another handler as the runtime would.

    It is for handlers that take some events themselves, and leave the others to a handler of the
    function's. That one gets its event decoded to the type that it is annotated with, and its
    middleware is called. A ``def`` runs in a thread, so that it may block, or call `asyncio.run`.

    Args:
        handler: A handler of any kind that takes ``(event)`` or ``(event, context)``.

    Returns:
        A function of an event and a context that returns the handler's result, which the handler
        that calls it returns. It raises what the handler raises, and a `Fault` for an event that is
        not of the annotated type.

    Raises:
        TypeError: The handler takes a stream.
        ValueError: The handler has a lifespan or observers of its own: they belong to the handler
            that the runtime serves.
        Fault: The event's annotation is a type that no event can be decoded to.
    """
    shape, options = shape_of(handler), options_of(handler)
    if shape.arity == 3:
        raise TypeError(f"{handler!r} takes a stream: let it yield what it sends")
    for name in ("lifespan", "observers"):
        if getattr(options, name):
            raise ValueError(f"{handler!r} has {name} of its own: bind them to the outer handler")
    from ._typed import event_reader

    read = event_reader(handler, options)
    call = with_two_arguments(handler, shape.arity)
    if options.middleware:
        from ._middleware import call_through

        call = call_through(options.middleware, call, shape, may_be_async=False)

    async def delegated(event: Any, context: Context) -> Any:
        if read is not None:
            event = read(_Body(encode(event)))
        if shape.is_async:
            value = call(event, context)
        else:
            value = await asyncio.to_thread(call, event, context)
        return await value if is_awaitable(value) else value

    return delegated


class _Body:
    """An event in JSON, for what decodes it."""

    __slots__ = ("body",)

    def __init__(self, body: bytes) -> None:
        self.body = body
