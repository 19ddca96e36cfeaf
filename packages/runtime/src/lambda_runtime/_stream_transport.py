"""The Runtime API over one asyncio connection: what `async def` handlers use by themselves."""

from __future__ import annotations

import asyncio

from ._chunks import ChunkedRequest
from ._http1 import RequestHeads
from ._shutdown import forks
from ._socket_transport import connect
from ._stream_connection import Connection, SharedConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from ._http1 import Request, Response
    from ._in_flight import Arrival

_PARTS_A_TURN = 64


class StreamTransport:
    """One keep-alive connection, opened on first use and again whenever it is lost."""

    def __init__(
        self, address: str, headers: Sequence[tuple[str, str]], arrival: Arrival | None = None
    ) -> None:
        """Name the server; nothing is sent yet.

        Args:
            address: ``host:port``, as in ``AWS_LAMBDA_RUNTIME_API``.
            headers: The header fields of every request.
            arrival: The buffer in which the supervisor of a worker sees the bytes that arrive.
        """
        self._address = address
        self._heads = RequestHeads(address, headers)
        self._arrival = arrival
        self._connection: Connection | None = None
        self._latest: Connection | None = None
        forks.in_child.append(self._leave)

    async def round_trip(self, request: Request) -> Response:
        """Send a request once and wait for its response, without a limit of time.

        Args:
            request: The request.

        Returns:
            The response.

        Raises:
            OSError: There is none: the connection could not be made, or was lost.
        """
        connection, self._connection = self._connection, None
        if connection is None or connection.lost:
            connection = self._connect()
        try:
            response = await connection.exchange(self._heads.of(request), request.body or b"")
        except BaseException:
            connection.close()
            raise
        self._keep(connection, response)
        return response

    async def upload(self, request: Request) -> StreamUpload:
        """Begin a request whose body comes in parts; nothing is sent before its first part.

        Args:
            request: The request, without a body.

        Returns:
            The upload, which takes the parts.

        Raises:
            OSError: The connection could not be made.
        """
        used, self._connection = self._connection, None
        if used is not None and not used.lost and not used.has_news():
            return StreamUpload(used, self._heads.of(request), self._keep, self._connect)
        if used is not None:
            used.close()
        return StreamUpload(self._connect(), self._heads.of(request), self._keep, None)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _keep(self, connection: Connection, response: Response) -> None:
        if response.keep_alive and connection.has_room:
            self._connection = connection
        else:
            connection.close()

    def _connect(self) -> Connection:
        if forks.is_child:
            forks.end()
        loop = asyncio.get_running_loop()
        connection = connect(self._address)  # it blocks: the server is on the same machine
        connection.setblocking(False)
        if self._arrival is None:
            self._latest = Connection(connection, loop)
        else:
            self._latest = SharedConnection(connection, loop, self._arrival)
        return self._latest

    def _leave(self) -> None:
        """Let go of the connection in a forked process, whose parent's event loop has it still."""
        if self._latest is not None:
            self._latest.leave()


class StreamUpload:
    """A request whose body is sent part by part."""

    def __init__(
        self,
        connection: Connection,
        head: bytes,
        keep: Callable[[Connection, Response], None],
        connect: Callable[[], Connection] | None,
    ) -> None:
        """Begin a request; nothing is sent before its first part.

        Args:
            connection: The connection, which carries nothing else until the upload has ended.
            head: The request's head.
            keep: Takes the connection back, with the response.
            connect: Opens another connection, if this one has been used: see `ChunkedRequest`.
        """
        self._connection = connection
        self._pending = connection.expect()
        self._keep = keep
        self._connect = connect
        self._reconnecting = asyncio.Lock()
        self._request = ChunkedRequest(head, is_kept=connect is not None)
        self._parts = 0

    @property
    def response(self) -> Response | None:
        """The bytes that the server sent before the end, if any."""
        return self._pending.response

    def send(self, data: bytes) -> Awaitable[None] | None:
        """Send a part.

        Args:
            data: The bytes, of which there is at least one.

        Returns:
            The awaitable to await before the next part, which raises OSError where nobody takes
            this one; None, mostly: a coroutine for each part would take longer than to send it.
        """
        pieces = self._request.part(data)
        connection = self._connection
        if self._pending.done():
            return self._meet_response(connection)
        has_room = True
        for piece in pieces:
            has_room = connection.write(piece)
        self._parts += 1
        # A handler that waits for nothing would keep the event loop from timers and others.
        if has_room and self._parts % _PARTS_A_TURN:
            return None
        return connection.room()

    async def _meet_response(self, connection: Connection) -> None:
        connection.close()
        try:
            await self._pending  # which raises what broke the connection
        except OSError as lost:
            await self._begin_again(connection, lost)
            return
        raise ConnectionError("the server has responded before the end")

    async def end(self, trailers: Iterable[tuple[str, str]]) -> Response:
        """Send the end, and wait for the response.

        Args:
            trailers: The headers after the body.

        Returns:
            The response.

        Raises:
            OSError: There is none: the connection was lost.
        """
        rest = self._request.end(trailers)
        try:
            self._connection.write(rest)
            try:
                response = await self._pending
            except OSError as lost:
                await self._begin_again(self._connection, lost)
                response = await self._pending
            response = self._request.checked(response)
        except BaseException:
            self._connection.close()
            raise
        self._keep(self._connection, response)
        return response

    async def _begin_again(self, connection: Connection, lost: OSError) -> None:
        """Send all over another connection, or raise the error if it is too late for that."""
        async with self._reconnecting:
            if connection is not self._connection:
                return  # another task has sent all of it meanwhile
            connect, self._connect = self._connect, None
            if connect is None:
                raise lost
            fresh = connect()
            try:
                beginning = self._request.again(lost)
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
