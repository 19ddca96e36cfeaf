"""The console's feed: the history at first, then live what happens, as server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ._bus import Ended
from ._record_events import history_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._bus import Bus, Subscription
    from ._report import BusEvent

_HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
_KEEP_ALIVE = 15.0  # seconds of silence after which it is seen whether the page is still there
_MAX_WRITE = 30.0  # seconds for a page to take what is sent: else it is let go


async def send_feed(request: web.Request, bus: Bus) -> web.StreamResponse:
    """Send events for as long as the page is there, and takes them.

    A page that was let go, or was away, asks again, and begins with the history.

    Args:
        request: The page's request.
        bus: Publishes the events.

    Returns:
        The response, which was sent.
    """
    response = web.StreamResponse(headers=_HEADERS)
    # From the moment at which the page knows that it is connected, it misses nothing.
    with bus.subscribe() as subscription:
        history = list(history_events(bus.history))
        await response.prepare(request)
        try:
            for piece in _history(history):
                await _write(response, piece)
            del history
            while True:
                await _write(response, await _next_messages(subscription))
        except (ConnectionError, Ended):
            return response
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            return response


async def _write(response: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(_MAX_WRITE):
        await response.write(data)


def _history(events: list[BusEvent]) -> Iterator[bytes]:
    """Yield one message with all that has happened, in pieces."""
    yield b"retry: 500\n\nevent: history\ndata: ["
    for index, event in enumerate(events):
        yield b",%b" % _encode(event) if index else _encode(event)
    yield b"]\n\n"


async def _next_messages(subscription: Subscription) -> bytes:
    try:
        async with asyncio.timeout(_KEEP_ALIVE):
            events = await subscription.take()
    except TimeoutError:
        return b":\n\n"
    return b"".join(b"data: %b\n\n" % _encode(event) for event in events)


def _encode(event: BusEvent) -> bytes:
    value: dict[str, Any] = {"type": type(event).__name__}
    for name, item in vars(event).items():
        # The bytes may be any; a piece of text may end within a character.
        value[name] = base64.b64encode(item).decode() if isinstance(item, bytes) else item
    return json.dumps(value).encode()
