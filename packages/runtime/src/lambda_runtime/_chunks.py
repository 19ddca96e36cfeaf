"""HTTP/1.1: requests whose body comes in chunks, as bytes. Nothing here does I/O.

Loaded for responses that are streamed.
"""

from __future__ import annotations

from ._http1 import JOIN_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._http1 import Response

# So much of a request that is streamed is kept: by then, the server is known to read it.
_BEGINNING_BYTES = 256 * 1024


def chunk_head(size: int) -> bytes:
    """Return what precedes a chunk of a request's body; a line end follows it.

    Args:
        size: The size of the chunk in bytes; it is not 0, which would end the body.
    """
    return b"%x\r\n" % size


def last_chunk(trailers: Iterable[tuple[str, str]]) -> bytes:
    """Return what ends a body in chunks.

    Args:
        trailers: The headers that come after the body; ASCII without control characters.
    """
    lines = [f"{name}: {value}\r\n" for name, value in trailers]
    return ("0\r\n" + "".join(lines) + "\r\n").encode("ascii")


class ChunkedRequest:
    """A request whose body comes in parts, as bytes; its beginning is kept if nobody may read it.

    A server may close a connection that has been used at any time. If it does so before it reads
    the next request, that request is lost, and may be sent again over a fresh connection, once.
    Over a connection that is fresh itself, nothing is kept.
    """

    def __init__(self, head: bytes, *, is_kept: bool) -> None:
        self._unsent = head
        self._parts: list[bytes] | None = [] if is_kept else None
        self._room = _BEGINNING_BYTES
        self._lost: OSError | None = None

    def part(self, data: bytes) -> tuple[bytes, ...]:
        """Return what is sent for a part of the body: one piece, unless a copy would cost more.

        Args:
            data: The part, of at least one byte.
        """
        head, self._unsent = self._unsent, b""
        pieces: tuple[bytes, ...]
        if len(data) < JOIN_BYTES:
            pieces = (b"%b%x\r\n%b\r\n" % (head, len(data), data),)
        else:
            pieces = (head + chunk_head(len(data)), data, b"\r\n")
        if self._parts is not None:
            self._keep(*pieces)
        return pieces

    def end(self, trailers: Iterable[tuple[str, str]]) -> bytes:
        """Return what is sent in the end.

        Args:
            trailers: The headers after the body.
        """
        rest = self._unsent + last_chunk(trailers)
        self._keep(rest)
        return rest

    def _keep(self, *parts: bytes) -> None:
        """Keep what is sent, or nothing any more when it becomes too much."""
        if self._parts is None:
            return
        self._parts += parts
        self._room -= sum(map(len, parts))
        if self._room < 0:
            self._parts = None

    def again(self, lost: OSError) -> bytes:
        """Return the bytes to send again.

        Args:
            lost: The error that broke the first connection.

        Raises:
            OSError: That very error, if it is too late, or has been done before.
        """
        parts, self._parts = self._parts, None
        if parts is None:
            raise lost
        self._lost = lost
        return b"".join(parts)

    def checked(self, response: Response) -> Response:
        """Return the response, unless it says that the server did read the first beginning.

        Raises:
            OSError: The server has given the first request up.
        """
        if self._lost is not None and response.status in (400, 403):
            raise self._lost
        return response
