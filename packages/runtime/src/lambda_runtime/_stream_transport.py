"""The Runtime API over one asyncio connection: what `async def` handlers use by themselves."""

from __future__ import annotations

import asyncio
import os
from _socket import SHUT_WR
from contextvars import copy_context

from ._chunks import Beginning, chunk_head, last_chunk
from ._http1 import JOIN_BYTES, Response, ResponseReader, request_head
from ._shutdown import forks
from ._wakeup import POLLIN, poll

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from contextvars import Context
    from typing import Any, Self

    from ._http1 import Request
    from ._in_flight import Arrival

_READ_BYTES = 256 * 1024
_PARTS_A_TURN = 16


class StreamTransport:
    """One keep-alive connection, opened on first use and again whenever it is lost."""

    def __init__(
        self, address: str, headers: Sequence[tuple[str, str]], arrival: Arrival | None = None
    ) -> None:
        """Name the server; nothing is sent yet.

        Args:
            address: ``host:port``, as in ``AWS_LAMBDA_RUNTIME_API``.
            headers: What every request carries.
            arrival: Where the supervisor of a worker sees what has arrived.
        """
        self._address = address
        self._headers = tuple(headers)
        self._arrival = arrival
        self._connection: _Connection | None = None
        self._latest: _Connection | None = None
        forks.in_child.append(self._leave)

    async def round_trip(self, request: Request) -> Response:
        """Send a request once and wait for its response, without a limit of time.

        Args:
            request: What to send.

        Returns:
            The response.

        Raises:
            OSError: There is none: the connection could not be made, or was lost.
        """
        connection = await self._take()
        try:
            response = await connection.exchange(self._head(request), request.body or b"")
        except BaseException:
            connection.close()
            raise
        self._keep(connection, response)
        return response

    async def upload(self, request: Request) -> StreamUpload:
        """Begin a request whose body comes in parts; nothing is sent before its first part.

        Args:
            request: What to send, without a body.

        Returns:
            What takes the parts.

        Raises:
            OSError: The connection could not be made.
        """
        used, self._connection = self._connection, None
        if used is not None and not used.lost and not used.has_news():
            return StreamUpload(used, self._head(request), self._keep, self._connect)
        if used is not None:
            used.close()
        return StreamUpload(await self._connect(), self._head(request), self._keep, None)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _take(self) -> _Connection:
        connection, self._connection = self._connection, None
        if connection is None or connection.lost:
            connection = await self._connect()
        return connection

    def _keep(self, connection: _Connection, response: Response) -> None:
        if response.keep_alive:
            self._connection = connection
        else:
            connection.close()

    def _head(self, request: Request) -> bytes:
        headers = (*self._headers, *request.headers)
        return request_head(request.method, request.path, self._address, headers, request.body)

    async def _connect(self) -> _Connection:
        if forks.is_child:
            forks.end()
        host, _, port = self._address.rpartition(":")
        loop = asyncio.get_running_loop()
        # A port as text, which may be none, is looked up like the host, and fails like it.
        name: Any = port
        _, connection = await loop.create_connection(self._protocol, host.strip("[]"), name)
        self._latest = connection
        return connection

    def _protocol(self) -> _Connection:
        return _Connection() if self._arrival is None else _SharedConnection(self._arrival)

    def _leave(self) -> None:
        """Let go of the connection in a forked process, whose parent's event loop has it still."""
        if self._latest is not None:
            self._latest.leave()


class StreamUpload:
    """A request whose body is sent part by part."""

    def __init__(
        self,
        connection: _Connection,
        head: bytes,
        keep: Callable[[_Connection, Response], None],
        connect: Callable[[], Awaitable[_Connection]] | None,
    ) -> None:
        """Begin a request; nothing is sent before its first part.

        Args:
            connection: What carries it, and nothing else before it has ended.
            head: The request's head.
            keep: Takes the connection back, with the response.
            connect: Opens another connection, if this one has been used: see `Beginning`.
        """
        self._connection = connection
        self._pending = connection.expect()
        self._unsent = head
        self._keep = keep
        self._connect = connect
        self._reconnecting = asyncio.Lock()
        self._beginning = Beginning(is_kept=connect is not None)
        self._parts = 0

    @property
    def response(self) -> Response | None:
        """What the server said before the end, if it did."""
        return self._pending.response

    async def send(self, data: bytes) -> None:
        """Send a part; it returns when there is room for more.

        Args:
            data: The bytes, of which there is at least one.

        Raises:
            OSError: Nobody takes it.
        """
        head = self._unsent + chunk_head(len(data))
        self._unsent = b""
        self._beginning.add(head, data, b"\r\n")
        connection = self._connection
        if self._pending.done():
            connection.close()
            try:
                await self._pending  # which raises what broke the connection
            except OSError as lost:
                await self._begin_again(connection, lost)
                return
            raise ConnectionError("the server has responded before the end")
        if len(data) < JOIN_BYTES:
            connection.write(b"%b%b\r\n" % (head, data))
        else:
            connection.write(head)
            connection.write(data)
            connection.write(b"\r\n")
        self._parts += 1
        if self._parts % _PARTS_A_TURN == 0:
            # A handler that waits for nothing would keep the event loop from timers and others.
            await asyncio.sleep(0)
        await connection.room()

    async def end(self, trailers: Iterable[tuple[str, str]]) -> Response:
        """Send the end, and wait for the response.

        Args:
            trailers: The headers behind the body.

        Returns:
            The response.

        Raises:
            OSError: There is none: the connection was lost.
        """
        rest = self._unsent + last_chunk(trailers)
        self._beginning.add(rest)
        try:
            self._connection.write(rest)
            try:
                response = await self._pending
            except OSError as lost:
                await self._begin_again(self._connection, lost)
                response = await self._pending
            response = self._beginning.checked(response)
        except BaseException:
            self._connection.close()
            raise
        self._keep(self._connection, response)
        return response

    async def _begin_again(self, connection: _Connection, lost: OSError) -> None:
        """Send all over another connection, or raise the error if it is too late for that."""
        async with self._reconnecting:
            if connection is not self._connection:
                return  # another task has sent all of it meanwhile
            connect, self._connect = self._connect, None
            if connect is None:
                raise lost
            fresh = await connect()
            try:
                beginning = self._beginning.take(lost)
            except OSError:
                fresh.close()
                raise
            self._connection, self._pending = fresh, fresh.expect()
            fresh.write(beginning)
        await fresh.room()

    def close(self) -> None:
        """Break off: the server is to see that the body is not whole."""
        self._pending.cancel()
        self._connection.abort()


class _Connection(asyncio.Protocol):
    """Feeds what arrives to the reader of the response that is waited for."""

    _transport: asyncio.Transport  # set before anything else happens

    def __init__(self) -> None:
        self.lost = False
        self._reader: ResponseReader | None = None
        self._pending: _PendingResponse | None = None
        self._room: asyncio.Future[None] | None = None

    def expect(self) -> _PendingResponse:
        self._reader = ResponseReader()
        self._pending = _PendingResponse()
        return self._pending

    async def exchange(self, head: bytes, body: bytes) -> Response:
        pending = self.expect()
        if len(body) < JOIN_BYTES:
            self._transport.write(head + body)
        else:
            self._transport.writelines((head, body))
        return await pending

    def has_news(self) -> bool:
        """Tell whether the server has closed it, or sent something, unseen by the event loop."""
        look = poll()
        look.register(self._transport.get_extra_info("socket"), POLLIN)
        return bool(look.poll(0))

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    async def room(self) -> None:
        if self._transport.is_closing():
            # That it is lost is told in the event loop's next turn, which no other await may bring.
            await asyncio.sleep(0)
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


class _SharedConnection(_Connection, asyncio.BufferedProtocol):
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

    def expect(self) -> _PendingResponse:
        self._arrival.clear()
        return super().expect()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._arrival.share(transport.get_extra_info("socket"))

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 (asyncio knows no better)
        # What does not fit is the end of a large event, whose head the supervisor can see.
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
        """Tell the server of the end, although the supervisor still has the connection.

        What the server sends until it notices is the supervisor's to read.
        """
        try:
            self._transport.get_extra_info("socket").shutdown(SHUT_WR)
        except OSError:  # it is lost already
            return


class _PendingResponse(asyncio.Future[Response]):
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
