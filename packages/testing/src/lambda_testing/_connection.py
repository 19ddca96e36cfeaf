"""Connections of a server, with the HTTP trailers, which aiohttp drops."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

from ._outcome import NO_HEADERS
from ._trailers import TrailerFilter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp.typedefs import Middleware


class Connection(asyncio.Protocol):
    """A protocol between transport and aiohttp: it keeps the trailers, and passes on the rest."""

    def __init__(self, handler: web.RequestHandler) -> None:
        self._handler = handler
        self._filter = TrailerFilter()
        self._requests = 0
        self._transport: asyncio.BaseTransport | None = None

    def begin(self) -> int:
        """Count a request that is about to be handled; return its place on the connection."""
        self._requests += 1
        return self._requests - 1

    def take_trailers(self, place: int) -> Mapping[str, str]:
        """Take the trailers of the request at a place, whose body is complete."""
        return self._filter.trailers.pop(place, NO_HEADERS)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        self._transport = transport
        self._handler.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if passed := self._filter.feed(data):
            self._handler.data_received(passed)
        if self._filter.broken and self._transport is not None:
            self._transport.close()  # aiohttp would let the request wait for the rest of its body

    def eof_received(self) -> None:
        """See `asyncio.Protocol`."""
        self._handler.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.BaseProtocol`."""
        self._handler.connection_lost(exc)

    def pause_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        self._handler.pause_writing()

    def resume_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        self._handler.resume_writing()


class Runner(web.AppRunner):
    """Runs an application whose requests come over a `Connection` each."""

    def __init__(
        self, app: web.Application, middlewares: Sequence[Middleware], **options: Any
    ) -> None:
        """Prepare to run an application.

        Args:
            app: The application.
            middlewares: Those before the application, and so before aiohttp's router.
            **options: See aiohttp's runner.
        """
        super().__init__(app, **options)
        self._middlewares = middlewares

    async def setup(self) -> None:
        """Prepare the server."""
        await super().setup()
        server: Any = super().server
        for middleware in reversed(self._middlewares):
            server.request_handler = partial(middleware, handler=server.request_handler)

    @property
    def server(self) -> web.Server | None:
        """The function that makes the protocol of a new connection."""
        server = super().server
        return server and cast(web.Server, lambda: Connection(server()))


def connection_of(request: web.Request) -> Connection | None:
    """Return the connection of a request; None if it is gone, or a `Runner` did not make it."""
    protocol = request.transport and request.transport.get_protocol()
    return protocol if isinstance(protocol, Connection) else None
