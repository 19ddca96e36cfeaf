"""A request as it comes in: its body, its trailers, and its entry in the journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from . import _wire as wire
from ._clock import monotonic
from ._connection import connection_of
from ._outcome import NO_HEADERS
from .contract import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from ._invocation import Invocation
    from ._watch import Watch


@dataclass(slots=True)
class Request:
    """One request of the runtime.

    Attributes:
        method: The HTTP method.
        path: The path as it was sent, percent-encoding included.
        headers: The headers, names in any case.
        body: The body; empty until all of it is here, if it is larger than is allowed, and if it
            is not kept.
        trailers: The HTTP trailers, names in any case; known when the body is.
        time: The arrival of its head, in seconds of `time.monotonic`.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    trailers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    time: float = field(default_factory=monotonic)


class Incoming:
    """A request that is being handled.

    Attributes:
        http: The request as aiohttp has it.
        headers: The headers, names in any case.
        seen: The entry in the journal.
    """

    def __init__(self, request: web.Request) -> None:
        """Begin to handle a request; each one exactly once.

        Args:
            request: The request as aiohttp has it.
        """
        self.http = request
        self.headers: Mapping[str, str] = request.headers
        self.seen = Request(request.method, request.raw_path, request.headers)
        self._complete = False
        self._connection = connection_of(request)
        self._place = self._connection.begin() if self._connection else 0

    @property
    def request_id(self) -> str:
        """The id of the invocation that the path names: its last part but one."""
        return unquote(self.http.rel_url.raw_path.rsplit("/", 2)[1])

    @property
    def gone(self) -> bool:
        """True if the client has hung up."""
        return self.http.transport is None or self.http.transport.is_closing()

    async def read(self) -> bytes | None:
        """Read the body.

        Returns:
            The body, the same each time; None if it is larger than a buffered one may be.

        Raises:
            ConnectionError: The connection broke before the end.
        """
        if self._complete:
            return self.seen.body
        parts: list[bytes] = []
        size = 0
        while part := await self.http.content.readany():
            size += len(part)
            if size > MAX_PAYLOAD_BYTES:
                return None
            parts.append(part)
        return self._end(b"".join(parts))

    async def read_some(self, size: int) -> None:
        """Read a part of the body, and leave it.

        Args:
            size: The number of bytes, if there are so many.

        Raises:
            ConnectionError: The connection broke before.
        """
        while size > 0 and (part := await self.http.content.read(size)):
            size -= len(part)

    async def read_stream(self, invocation: Invocation, watch: Watch) -> bytes | None:
        """Read a streamed response, and pass each chunk to its invocation.

        Args:
            invocation: The one that it is for; while it is paused, nothing is read.
            watch: Is notified when that may have changed.

        Returns:
            The body, empty if it is not to be kept; None if it is too large.

        Raises:
            ConnectionError: The connection broke before the end.
        """
        chunked = "Transfer-Encoding" in self.headers
        parts: list[bytes] = []
        total = pending = 0
        end = False
        watch.attach()
        while not end:
            while invocation.paused and not self.gone:
                await watch.change()
            data, complete = await self.http.content.readchunk()
            end = not data and not complete
            total += len(data)
            pending += len(data)
            if total > wire.MAX_STREAM_BYTES:
                return None
            if invocation.keep_body:
                parts.append(data)
            if pending and (complete or not chunked):
                invocation.arrive(b"".join(parts), pending)
                parts.clear()
                pending = 0
        return self._end(b"".join(chunk.data for chunk in invocation.chunks))

    def _end(self, body: bytes) -> bytes:
        self._complete = True
        self.seen.body = body
        if self._connection is not None and "Transfer-Encoding" in self.headers:
            self.seen.trailers = self._connection.take_trailers(self._place)
        return body
