"""One connection to the Runtime API on an event loop: whoever waits for a response goes on at once.

It is a socket that the event loop watches, and no transport of asyncio's: that would take more
steps for each request and each response than all else that is done with them.
"""

from __future__ import annotations

import asyncio
import os
from _socket import SHUT_WR
from contextvars import copy_context

from ._http1 import JOIN_BYTES, READ_BYTES, Response, ResponseReader, whole_response
from ._socket_transport import is_closed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable
    from contextvars import Context
    from typing import Self

    from ._in_flight import Arrival

_MOST_READ_BYTES = 256 * 1024


class Connection:
    """Sends requests, and feeds the bytes that arrive to the reader of the awaited response.

    Attributes:
        lost: True if it can carry no more requests.
    """

    def __init__(self, connection: socket, loop: asyncio.AbstractEventLoop) -> None:
        """Watch a connection.

        Args:
            connection: The socket, which is connected and does not block.
            loop: The event loop, which runs.
        """
        self.lost = False
        self._socket = connection
        self._loop = loop
        self._reader: ResponseReader | None = None
        self._pending: PendingResponse | None = None
        self._unsent: list[memoryview] = []
        self._room: asyncio.Future[None] | None = None
        loop.add_reader(connection.fileno(), self._receive)

    def expect(self) -> PendingResponse:
        """Return the response to a request that is about to be sent, to be awaited."""
        self._reader = None
        self._pending = pending = PendingResponse(loop=self._loop)
        return pending

    def exchange(self, head: bytes, body: bytes) -> PendingResponse:
        """Send a request.

        Args:
            head: The head.
            body: The body, which may be empty.

        Returns:
            The response, to be awaited; it raises OSError where there is none.
        """
        pending = self.expect()
        if len(body) < JOIN_BYTES:
            self.write(head + body)
        else:
            self.write(head)
            self.write(body)
        return pending

    def write(self, data: bytes) -> bool:
        """Send bytes now, as far as there is room, and the rest when there is.

        Args:
            data: The bytes. If nobody takes them, whoever waits for the response hears of it.

        Returns:
            True if more can be written at once.
        """
        if self.lost:
            return False
        if self._unsent:
            self._unsent.append(memoryview(data))
            return False
        sent = self._send(data)
        if sent == len(data):
            return True
        self._unsent.append(memoryview(data)[sent:])
        self._loop.add_writer(self._socket.fileno(), self._send_rest)
        return False

    def has_news(self) -> bool:
        """Return True if the server has closed it, or sent something, unseen by the event loop."""
        return is_closed(self._socket)

    @property
    def has_room(self) -> bool:
        """True if more can be written at once."""
        return not self._unsent and not self.lost

    async def room(self) -> None:
        """Wait for a turn of the event loop, and until more can be written."""
        await asyncio.sleep(0)  # in which a loss arrives: no other await may bring it
        if self._unsent:
            if self._room is None:
                self._room = self._loop.create_future()
            await asyncio.shield(self._room)  # others may wait for it too

    def abort(self) -> None:
        """Close it in the middle of a request."""
        self.close()

    def close(self) -> None:
        """Close it; if anybody waits for a response still, there is none."""
        self.lost = True
        descriptor = self._socket.fileno()
        if descriptor < 0:
            return
        self._loop.remove_reader(descriptor)
        self._loop.remove_writer(descriptor)
        self._socket.close()
        self._unsent.clear()
        self._make_room()
        if self._pending is not None and not self._pending.done():
            lost = ConnectionResetError("the connection was closed")
            self._loop.call_soon(self._settle, lost, self._pending)

    def leave(self) -> None:
        """Let go of it in a forked process, whose parent's event loop has it still."""
        self.lost = True
        descriptor = self._socket.fileno()
        if descriptor >= 0:
            # To close it would free its number, which the event loop would still take for its own.
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, descriptor, inheritable=False)
            os.close(null)

    def _send(self, data: bytes | memoryview) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except ConnectionError:  # the server may have said why: that is still to be read
            return len(data)
        except OSError as error:  # not at once: one task cannot run inside another
            self._loop.call_soon(self._lose, error, self._pending)
            return len(data)

    def _send_rest(self) -> None:
        while self._unsent:
            data = self._unsent[0]
            sent = self._send(data)
            if sent < len(data):
                self._unsent[0] = data[sent:]
                return
            del self._unsent[0]
        self._loop.remove_writer(self._socket.fileno())
        self._make_room()

    def _make_room(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def _receive(self) -> None:
        pending, reader = self._pending, self._reader
        try:
            data = self._read(READ_BYTES if reader is None else reader.wanted)
            if pending is None:  # nobody asked: the server has closed it, or has lost its place
                self.close()
                return
            response = whole_response(data) if reader is None else reader.feed(data)
            if response is None and reader is None:
                self._reader = reader = ResponseReader()
                response = reader.feed(data)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(error, pending)
            return
        if response is not None:
            self._settle(response, pending)
        if not data:
            self.close()

    def _lose(self, error: OSError, pending: PendingResponse | None) -> None:
        self.lost = True
        self._settle(error, pending)
        self.close()

    def _read(self, wanted: int) -> bytes:
        return self._socket.recv(min(wanted, _MOST_READ_BYTES))

    def _settle(self, outcome: Response | OSError, pending: PendingResponse | None) -> None:
        if pending is self._pending:
            self._pending = self._reader = None
        if pending is not None and not pending.done():
            pending.settle(outcome)


class SharedConnection(Connection):
    """A worker's connection, of which its supervisor has a duplicate."""

    def __init__(
        self, connection: socket, loop: asyncio.AbstractEventLoop, arrival: Arrival
    ) -> None:
        """Watch a connection, and share it.

        Args:
            connection: The socket, which is connected and does not block.
            loop: The event loop, which runs.
            arrival: The buffer of its responses, visible to the supervisor.
        """
        super().__init__(connection, loop)
        self._arrival = arrival
        self._rest: memoryview | None = None
        self._is_answer = False
        arrival.share(connection)

    def exchange(self, head: bytes, body: bytes) -> PendingResponse:
        """Send a request: see `Connection`."""
        self._is_answer = head.startswith(b"POST")
        return super().exchange(head, body)

    def expect(self) -> PendingResponse:
        """Return the response to a request that is about to be sent: see `Connection`."""
        self._arrival.clear()
        return super().expect()

    def close(self) -> None:
        """Close it: see `Connection`."""
        # The supervisor waits for what the server says to an answer, where this process ends first.
        if self._pending is None or not self._is_answer:
            self._shut()
        super().close()

    def abort(self) -> None:
        """Close it in the middle of a request: see `Connection`."""
        self._shut()
        super().close()

    def _read(self, wanted: int) -> bytes:  # noqa: ARG002 (it reads into what there is)
        # The rest is the end of a large event, whose head the supervisor can see.
        arrival = self._arrival
        room = arrival.memory[arrival.size :]
        if room:
            size = self._socket.recv_into(room)
            arrival.size += size
        else:
            if self._rest is None:
                self._rest = memoryview(bytearray(_MOST_READ_BYTES))
            room = self._rest
            size = self._socket.recv_into(room)
        return bytes(room[:size])

    def _shut(self) -> None:
        """Close the connection for the server, although the supervisor still has it.

        The supervisor reads the bytes that the server sends until it notices.
        """
        try:
            self._socket.shutdown(SHUT_WR)
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
        """Give the waiter its response, or the reason why there is none.

        Args:
            outcome: The one or the other.
        """
        if isinstance(outcome, Response):
            self.response = outcome
            self.set_result(outcome)
        else:
            self.set_exception(outcome)
        wake, self._wake = self._wake, None  # it refers to this: nothing is left to be collected
        if wake is not None:
            wake()

    def add_done_callback(
        self, fn: Callable[[Self], object], /, *, context: Context | None = None
    ) -> None:
        """Have a task, the only one that waits, go on."""
        within = context or copy_context()
        self._wake = lambda: within.run(fn, self)

    def cancel(self, msg: object | None = None) -> bool:
        """Wait no more."""
        cancelled = super().cancel(msg)
        wake = self._wake
        if cancelled and wake is not None:
            self._wake = None
            # Whoever cancels a task does not expect to become it.
            self.get_loop().call_soon(wake)
        return cancelled
