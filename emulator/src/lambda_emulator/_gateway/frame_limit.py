"""A limit to the size of a WebSocket's frames, of which aiohttp gives whole messages only.

https://www.rfc-editor.org/rfc/rfc6455#section-5.2
"""

from typing import Any

from aiohttp import web

MAX_FRAME = 32 * 1024
"""The most bytes of a frame.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""
_EXTENDED = {126: 2, 127: 8}  # bytes of a length that does not fit into the second byte


class FrameLimit:
    """Looks at frames before they are parsed.

    Attributes:
        is_exceeded: True if a frame was too large.
    """

    def __init__(self, parser: Any) -> None:
        """Look at frames.

        Args:
            parser: Parses them.
        """
        self.is_exceeded = False
        self._parser = parser
        self._head = bytearray()
        self._rest = 0  # bytes of a frame after its head

    @classmethod
    def watch(cls, request: web.Request) -> "FrameLimit":
        """Look at the frames of a connection.

        Args:
            request: The request that it began with, which has been answered.
        """
        protocol: Any = request.protocol
        # aiohttp has no public way. Where it has not this one either, large frames are let through.
        limit = cls(getattr(protocol, "_payload_parser", None))
        if limit._parser is not None:
            protocol._payload_parser = limit  # noqa: SLF001
        return limit

    def feed_data(self, data: bytes) -> Any:
        """Take bytes of the connection.

        Args:
            data: The bytes, which may end anywhere.
        """
        position = 0
        while position < len(data):
            if self._rest:
                step = min(self._rest, len(data) - position)
                self._rest -= step
                position += step
            else:
                self._head.append(data[position])
                position += 1
                self._read_head()
        return self._parser.feed_data(data)

    def feed_eof(self) -> None:
        """Note the end of the connection."""
        self._parser.feed_eof()

    def _read_head(self) -> None:
        head = self._head
        if len(head) < 2:
            return
        is_masked, length = head[1] & 0x80, head[1] & 0x7F
        end = 2 + _EXTENDED.get(length, 0)
        if len(head) < end:
            return
        size = int.from_bytes(head[2:end], "big") if end > 2 else length
        self.is_exceeded = self.is_exceeded or size > MAX_FRAME
        self._rest = size + (4 if is_masked else 0)
        head.clear()
