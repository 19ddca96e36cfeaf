"""The Runtime API over one blocking socket, for an event loop that has nothing else to do.

While a function waits for its next invocation, Lambda freezes it: nothing else on its event loop
could run, and to wait there would cost two of the loop's turns for each request. So this transport
blocks, unless there are tasks that could use the time, or signals that the loop has to hear of.
"""

from __future__ import annotations

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._http1 import Request, Response
    from ._socket_transport import SocketTransport
    from ._stream_transport import StreamTransport, StreamUpload


class LoopSocketTransport:
    """A `SocketTransport` that is awaited."""

    def __init__(
        self,
        address: str,
        headers: Sequence[tuple[str, str]],
        idle: Callable[[], bool],
        transport: SocketTransport,
    ) -> None:
        """Name the server; nothing is sent yet.

        Args:
            address: ``host:port``, as in ``AWS_LAMBDA_RUNTIME_API``.
            headers: The header fields of every request.
            idle: Returns True if nothing else needs the event loop.
            transport: The connection to wait for.
        """
        self._address = address
        self._headers = headers
        self._idle = idle
        self._transport = transport
        self._uploads: StreamTransport | None = None

    async def round_trip(self, request: Request) -> Response:
        """Send a request once and wait for its response, without a limit of time.

        Args:
            request: The request.

        Returns:
            The response.

        Raises:
            OSError: There is none: the connection could not be made, or was lost.
        """
        if self._idle():
            return self._transport.round_trip(request)
        descriptor = self._transport.send(request)
        try:
            await _readable(descriptor)
        except BaseException:
            self._transport.close()
            raise
        return self._transport.receive()

    async def upload(self, request: Request) -> StreamUpload:
        """Begin a request whose body comes in parts; nothing is sent before its first part.

        It goes over an asyncio connection: a slow reader holds up the response, not the loop.

        Args:
            request: The request, without a body.

        Returns:
            The upload, which takes the parts.

        Raises:
            OSError: The connection could not be made.
        """
        if self._uploads is None:
            from ._stream_transport import StreamTransport

            self._uploads = StreamTransport(self._address, self._headers)
        return await self._uploads.upload(request)

    async def close(self) -> None:
        """Close the connections."""
        self._transport.close()
        if self._uploads is not None:
            await self._uploads.close()


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    readable = loop.create_future()
    loop.add_reader(descriptor, _settle, readable)
    try:
        await readable
    finally:
        loop.remove_reader(descriptor)


def _settle(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)
