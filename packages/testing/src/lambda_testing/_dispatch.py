"""The part that all requests have in common: the journal, faults, and an end with the server."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

from aiohttp import web

from . import _wire as wire
from ._faulty import FaultyResponse, break_connection, changes_reply, delay_reply
from ._incoming import Incoming, Request
from ._reply_response import ReplyResponse
from ._wire import Refused, Reply

if TYPE_CHECKING:
    import asyncio

    from .faults import Fault

Endpoint = Literal[
    "next",
    "response",
    "error",
    "init/error",
    "restore/next",
    "restore/error",
    "extension/register",
    "extension/event/next",
    "extension/init/error",
    "extension/exit/error",
    "telemetry",
]
Respond = Callable[[Incoming], Awaitable[Reply]]
"""Replies to a request, or raises `Refused`."""
WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""A handler for aiohttp's router."""


class Dispatcher:
    """Makes aiohttp's handlers out of functions that reply to a request.

    Attributes:
        faults: The faults of the next requests, by endpoint.
    """

    def __init__(self, record: Callable[[Request], None]) -> None:
        """Begin with no request.

        Args:
            record: Called with each request as it comes in.
        """
        self.faults: defaultdict[Endpoint | None, deque[Fault]] = defaultdict(deque)
        self._record = record
        self._open: set[asyncio.BaseTransport] = set()
        self._closed = False

    def handler(self, endpoint: Endpoint | None, respond: Respond) -> WebHandler:
        """Return the handler of an endpoint, whose name is for faults."""

        async def handle(request: web.Request) -> web.StreamResponse:
            incoming = Incoming(request)
            self._record(incoming.seen)
            transport = request.transport
            if transport is None:  # it hung up before its request was looked at
                return ReplyResponse(wire.DISCONNECT)
            self._open.add(transport)
            fault = self._next_fault(endpoint)
            try:
                reply = await self._reply(respond, incoming, fault)
                if fault is not None:
                    await delay_reply(fault)
            except ConnectionError:  # it hung up in the middle of its request
                reply = wire.DISCONNECT
            finally:
                self._open.discard(transport)
            if reply.disconnect:
                break_connection(transport, reset=fault is not None and fault.reset)
            elif fault is not None and changes_reply(fault):
                return FaultyResponse(reply, fault)
            return ReplyResponse(reply)

        return handle

    def disconnect(self) -> None:
        """Close the connections whose requests are not answered yet."""
        for transport in self._open:
            transport.close()

    def close(self) -> None:
        """Close all connections that a request is on, or yet comes on."""
        self._closed = True
        self.disconnect()

    def _next_fault(self, endpoint: Endpoint | None) -> Fault | None:
        faults = self.faults[endpoint]
        return faults.popleft() if faults else None

    async def _reply(self, respond: Respond, incoming: Incoming, fault: Fault | None) -> Reply:
        if self._closed:
            return wire.DISCONNECT
        if fault is not None and fault.read is not None:
            await incoming.read_some(fault.read)
            return wire.DISCONNECT
        if fault is not None and fault.reply is not None:
            reply = fault.reply
        else:
            try:
                return await respond(incoming)
            except Refused as refused:
                reply = refused.reply
        # Refused or not, the request's body belongs into the journal.
        await incoming.read()
        return reply
