"""The Runtime API over one asyncio connection: what `async def` handlers use by themselves."""

from __future__ import annotations

import asyncio
from contextvars import copy_context

from ._http1 import JOIN_BYTES, Response, ResponseReader, request_head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextvars import Context
    from typing import Self

    from ._runtime_api import Call


class StreamTransport:
    """One keep-alive connection, opened on first use and again whenever it is lost."""

    def __init__(self, address: str, headers: Sequence[tuple[str, str]]) -> None:
        """Name the server; nothing is sent yet.

        Args:
            address: ``host:port``, as in ``AWS_LAMBDA_RUNTIME_API``.
            headers: What every request carries.
        """
        self._address = address
        self._headers = tuple(headers)
        self._connection: _Connection | None = None

    async def call(self, call: Call) -> Response:
        """Send a call once and wait for its answer, without a limit of time.

        Args:
            call: What to send.

        Returns:
            The answer.

        Raises:
            OSError: There is none: the connection could not be made, or was lost.
        """
        connection, self._connection = self._connection, None
        if connection is None or connection.lost:
            connection = await self._connect()
        head = request_head(
            call.method, call.path, self._address, (*self._headers, *call.headers), call.body
        )
        try:
            response = await connection.exchange(head, call.body or b"")
        except BaseException:
            connection.close()
            raise
        if response.keep_alive:
            self._connection = connection
        else:
            connection.close()
        return response

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _connect(self) -> _Connection:
        host, _, port = self._address.rpartition(":")
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, host.strip("[]"), int(port))
        return connection


class _Connection(asyncio.Protocol):
    """Feeds what arrives to the reader of the response that is waited for."""

    _transport: asyncio.Transport  # set before anything else happens

    def __init__(self) -> None:
        self.lost = False
        self._reader: ResponseReader | None = None
        self._answer: _Answer | None = None

    async def exchange(self, head: bytes, body: bytes) -> Response:
        self._reader = ResponseReader()
        self._answer = _Answer()
        if len(body) < JOIN_BYTES:
            self._transport.write(head + body)
        else:
            self._transport.writelines((head, body))
        return await self._answer

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

    def _settle(self, outcome: Response | Exception) -> None:
        answer, self._answer, self._reader = self._answer, None, None
        if answer is not None and not answer.done():
            answer.settle(outcome)


class _Answer(asyncio.Future[Response]):
    """A future whose one waiter goes on at once.

    A plain future wakes its waiter in the event loop's next turn, which looks for input again
    first: two system calls an invocation that find nothing.
    """

    _wake: Callable[[], object] | None = None

    def settle(self, outcome: Response | Exception) -> None:
        if isinstance(outcome, Response):
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
