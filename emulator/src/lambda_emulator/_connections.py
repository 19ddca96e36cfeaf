"""Ends connections whose client neither sends a whole request nor reads the response.

Each holds memory, and a client that has forgotten it would hold it as long as the server runs.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.web_protocol import RequestHandler

HEAD_SECONDS = 20.0
"""Within which the head of a connection's first request must come."""
IDLE_SECONDS = 75.0
"""Within which the head of the next request must come."""
STALL_SECONDS = 60.0
"""Within which a client must read something of what is sent, or send all of a body."""
_TICK_SECONDS = 1.0
_MANY = 100  # connections that have ended, after which memory is worth collecting
_logger = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class _Connection:
    """A connection, as it was seen last.

    Attributes:
        since: The time of its last change, in seconds of the loop's time.
        requests: The number of requests that are served.
        served: True once a request was served.
        unsent: The number of bytes that the client has not read.
    """

    since: float
    requests: int = 0
    served: bool = False
    unsent: int = 0


class ConnectionWatch:
    """Watches the connections of a server."""

    def __init__(
        self,
        *,
        head: float = HEAD_SECONDS,
        idle: float = IDLE_SECONDS,
        stall: float = STALL_SECONDS,
    ) -> None:
        """Prepare to watch.

        Args:
            head: Seconds for the head of a connection's first request.
            idle: Seconds for the head of the next one.
            stall: Seconds in which a client must read something.
        """
        self._head = head
        self._idle = idle
        self._stall = stall
        self._connections: dict[RequestHandler, _Connection] = {}
        self._ended = 0

    @web.middleware
    async def middleware(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Note that a request is served, and log that its client has left before the end.

        Args:
            request: The request.
            handler: Serves it.
        """
        loop = asyncio.get_running_loop()
        connection = self._connections.get(request.protocol)
        if connection is None:
            connection = self._connections[request.protocol] = _Connection(loop.time())
        connection.requests += 1
        try:
            response = await handler(request)
            left = not response.prepared and (
                request.transport is None or request.transport.is_closing()
            )
        except ConnectionResetError:
            response, left = web.Response(status=499), True  # which nobody sees
        finally:
            connection.requests -= 1
            connection.served, connection.since = True, loop.time()
        if left:
            _logger.debug("The client of %s %s left.", request.method, request.path)
        return response

    async def run(self, server: web.Server) -> None:
        """Watch forever.

        Args:
            server: The server, for its connections.
        """
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now, current = loop.time(), set(server.connections)
            ended = self._connections.keys() - current
            for protocol in ended:
                del self._connections[protocol]
            self._ended += len(ended)
            if self._ended >= _MANY and not ended:  # no more of them end
                self._ended = 0
                _return_memory()
            for protocol in current:
                connection = self._connections.setdefault(protocol, _Connection(now))
                self._look(protocol, connection, now)

    def _look(self, protocol: "RequestHandler", connection: _Connection, now: float) -> None:
        transport = protocol.transport
        if transport is None:
            return
        unsent = transport.get_write_buffer_size()
        if unsent != connection.unsent:
            connection.unsent, connection.since = unsent, now
        for_seconds = now - connection.since
        if unsent and for_seconds > self._stall:
            _logger.debug("A client has read nothing for %.0f seconds: it is left.", for_seconds)
            transport.abort()
        limit = self._idle if connection.served else self._head
        if not unsent and not connection.requests and for_seconds > limit:
            protocol.force_close()


async def read_body(request: web.Request, within: float = STALL_SECONDS) -> bytes:
    """Read the body of a request, and wait no longer than a while for it.

    Args:
        request: The request.
        within: Seconds for all of it.

    Returns:
        The body.

    Raises:
        ConnectionResetError: The client has left within it.
        web.HTTPRequestEntityTooLarge: It is larger than the application allows.
        web.HTTPRequestTimeout: It does not come.
    """
    try:
        async with asyncio.timeout(None if request.content.is_eof() else within):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(headers={"Connection": "close"}) from None
    except web.RequestPayloadError as error:
        raise ConnectionResetError("the client left within the body") from error


def _return_memory() -> None:
    """Give the memory of connections that have ended back to the operating system."""
    import ctypes
    import gc

    gc.collect()  # a connection and its transport refer to each other
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:  # glibc's only
        trim(0)
