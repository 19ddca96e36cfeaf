"""One asyncio connection to the Runtime API: what arrives goes to whoever waits for a response."""

from __future__ import annotations

import asyncio
import os
from _socket import SHUT_WR
from contextvars import copy_context

from ._http1 import JOIN_BYTES, Response, ResponseReader
from ._wakeup import POLLIN, poll

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context
    from typing import Self

    from ._in_flight import Arrival

_READ_BYTES = 256 * 1024


class Connection(asyncio.Protocol):
    """Feeds what arrives to the reader of the response that is waited for."""

    _transport: asyncio.Transport  # set before anything else happens

    def __init__(self) -> None:
        self.lost = False
        self._reader: ResponseReader | None = None
        self._pending: PendingResponse | None = None
        self._room: asyncio.Future[None] | None = None

    def expect(self) -> PendingResponse:
        self._reader = ResponseReader()
        self._pending = PendingResponse()
        return self._pending

    async def exchange(self, head: bytes, body: bytes) -> Response:
        pending = self.expect()
        if len(body) < JOIN_BYTES:
            self._transport.write(head + body)
        else:
            self._transport.writelines((head, body))
        return await pending

    def has_news(self) -> bool:
        """Return True if the server has closed it, or sent something, unseen by the event loop."""
        look = poll()
        look.register(self._transport.get_extra_info("socket"), POLLIN)
        return bool(look.poll(0))

    @property
    def has_room(self) -> bool:
        """True if more can be written at once."""
        return self._room is None and not self._transport.is_closing()

    async def room(self) -> None:
        """Wait for a turn of the event loop, and until more can be written."""
        await asyncio.sleep(0)  # in which a loss arrives: no other await may bring it
        if self._room is not None:
            await asyncio.shield(self._room)  # others may wait for it too

    def abort(self) -> None:
        self.lost = True
        self._transport.abort()

    def leave(self) -> None:
        descriptor: int = self._transport.get_extra_info("socket").fileno()
        if descriptor >= 0:
            # To close it would free its number, which the event loop would still take for its own.
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, descriptor, inheritable=False)
            os.close(null)

    def pause_writing(self) -> None:
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def close(self) -> None:
        self.lost = True
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # a stream's is one
        self.write = self._transport.write

    def data_received(self, data: bytes) -> None:
        if self._reader is None:  # nobody asked: the server has lost its place
            self.close()
            return
        try:
            response = self._reader.feed(data)
        except OSError as error:
            self._settle(error)
        else:
            if response is not None:
                self._settle(response)

    def eof_received(self) -> None:
        self.lost = True
        if self._reader is not None:
            self.data_received(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if self._reader is not None:
            self._settle(exc or ConnectionResetError("the connection was closed"))
        self.resume_writing()

    def _settle(self, outcome: Response | Exception) -> None:
        pending, self._pending, self._reader = self._pending, None, None
        if pending is not None and not pending.done():
            pending.settle(outcome)


class SharedConnection(Connection, asyncio.BufferedProtocol):
    """A worker's connection, of which its supervisor has a duplicate."""

    def __init__(self, arrival: Arrival) -> None:
        super().__init__()
        self._arrival = arrival
        self._buffer = arrival.memory
        self._rest: memoryview | None = None
        self._is_answer = False

    async def exchange(self, head: bytes, body: bytes) -> Response:
        self._is_answer = head.startswith(b"POST")
        return await super().exchange(head, body)

    def expect(self) -> PendingResponse:
        self._arrival.clear()
        return super().expect()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._arrival.share(transport.get_extra_info("socket"))

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 (asyncio knows no better)
        # A response that does not fit ends with the rest of a large event, whose head the
        # supervisor can see.
        room = self._arrival.memory[self._arrival.size :]
        if not room:
            if self._rest is None:
                self._rest = memoryview(bytearray(_READ_BYTES))
            room = self._rest
        self._buffer = room
        return room

    def buffer_updated(self, nbytes: int) -> None:
        data = bytes(self._buffer[:nbytes])
        if self._buffer is not self._rest:
            self._arrival.size += nbytes
        self.data_received(data)

    def close(self) -> None:
        # The supervisor waits for what the server says to an answer, where this process ends first.
        if self._pending is None or not self._is_answer:
            self._shut()
        super().close()

    def abort(self) -> None:
        self._shut()
        super().abort()

    def _shut(self) -> None:
        """Close the connection for the server, although the supervisor still has it.

        The supervisor reads the bytes that the server sends until it notices.
        """
        try:
            self._transport.get_extra_info("socket").shutdown(SHUT_WR)
        except OSError:  # it is lost already
            return


class PendingResponse(asyncio.Future[Response]):
    """A future whose one waiter goes on at once.

    A plain future wakes its waiter in the event loop's next turn, which looks for input again
    first: two system calls an invocation that find nothing.
    """

    response: Response | None = None
    _wake: Callable[[], object] | None = None

    def settle(self, outcome: Response | Exception) -> None:
        if isinstance(outcome, Response):
            self.response = outcome
            self.set_result(outcome)
        else:
            self.set_exception(outcome)
        if self._wake is not None:
            self._wake()

    def add_done_callback(
        self, fn: Callable[[Self], object], /, *, context: Context | None = None
    ) -> None:
        within = context or copy_context()
        self._wake = lambda: within.run(fn, self)

    def cancel(self, msg: object | None = None) -> bool:
        cancelled = super().cancel(msg)
        if cancelled and self._wake is not None:
            # Whoever cancels a task does not expect to become it.
            self.get_loop().call_soon(self._wake)
        return cancelled
